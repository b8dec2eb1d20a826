// SPDX-License-Identifier: ISC
#include "queue/queue_layout.h"

#include "conf/reach.h"
#include "queue/queue.h"
#include "sys/fs.h"
#include "sys/user.h"

enum { FOR_OWNER = 0700, WRITABLE_BY_OTHERS = 0022, FOR_GROUP = 0070, FOR_OTHERS = 0007 };

/* Who may own a directory that is there. */
enum owner {
    OWNER_MAIL, /* mail_owner */
    OWNER_ANY,  /* mail_owner or root */
};

struct place {
    const char *name; /* behind queue_directory */
    uint32_t mode;
    enum owner owner;
};

static const struct place places[] = {
    {"", 0755, OWNER_ANY},
    {"/pid", 0755, OWNER_ANY},
#define X(name, directory, mode) {"/" directory, mode, OWNER_MAIL},
    QUEUE_LIST(X)
#undef X
        {"/flush", 0700, OWNER_MAIL},
    {"/saved", 0700, OWNER_MAIL},
    {"/private", 0700, OWNER_MAIL},
    {"/public", 0710, OWNER_MAIL},
};

/* Without that group, which a private mail system need not have, only mail_owner and root reach
 * what belongs to it. */
static int find_drop_group(struct sys *sys, const struct conf *conf, const struct sys_user *owner,
                           uint32_t *gid)
{
    int error = sys_group_find(sys, conf_text(conf, CONF_setgid_group).data, gid);
    if (error == -ERR_NOT_FOUND) {
        *gid = owner->gid;
        return 0;
    }
    return error;
}

int queue_layout_init(struct queue_layout *layout, struct sys *sys, const struct conf *conf,
                      struct buf *problems)
{
    const char *name = conf_text(conf, CONF_mail_owner).data;
    uint32_t uid = sys_effective_uid(sys);
    struct sys_user owner;
    int error = sys_user_find(sys, name, &owner);

    if (error != 0) {
        buf_putf(problems, "mail_owner = %s: %s\n", name,
                 error == -ERR_NOT_FOUND ? "there is no such user" : err_sentence(error));
        return error;
    }
    if (owner.uid == 0) {
        buf_putf(problems, "mail_owner = %s: daemons must not run as root\n", name);
        return -ERR_INVALID;
    }
    if (uid != 0 && uid != owner.uid) {
        buf_putf(problems, "this mail system belongs to %s: run this as %s or root\n", name, name);
        return -ERR_NOT_PERMITTED;
    }
    *layout = (struct queue_layout){
        .queue_directory = conf_text(conf, CONF_queue_directory).data,
        .data_directory = conf_text(conf, CONF_data_directory).data,
        .uid = owner.uid,
        .gid = owner.gid,
        .change_owner = uid == 0,
    };
    error = find_drop_group(sys, conf, &owner, &layout->drop_gid);
    if (error != 0) {
        buf_putf(problems, "setgid_group = %s: %s\n", conf_text(conf, CONF_setgid_group).data,
                 err_sentence(error));
    }
    return error;
}

static int open_directory(struct sys *sys, const char *path)
{
    return sys_open(sys, SYS_HERE, path, SYS_OPEN_READ | SYS_OPEN_DIRECTORY | SYS_OPEN_NO_FOLLOW,
                    0);
}

static int give_away(struct sys *sys, const struct queue_layout *layout, int fd, uint32_t mode)
{
    bool is_for_group = (mode & FOR_OTHERS) == 0 && (mode & FOR_GROUP) != 0;
    uint32_t gid = is_for_group ? layout->drop_gid : layout->gid;
    return layout->change_owner ? sys_chown(sys, fd, layout->uid, gid) : 0;
}

int queue_layout_make(struct sys *sys, const struct queue_layout *layout, const char *path,
                      uint32_t mode)
{
    int error = sys_mkdir(sys, SYS_HERE, path, mode);

    if (error != 0) {
        return error == -ERR_EXISTS ? 0 : error;
    }
    int fd = open_directory(sys, path);
    if (fd < 0) {
        return fd;
    }
    error = give_away(sys, layout, fd, mode);
    sys_close(sys, fd);
    return error;
}

/* Makes the owner durable, and the entries. */
static int settle_directory(struct sys *sys, const struct queue_layout *layout, const char *path,
                            uint32_t mode)
{
    int fd = open_directory(sys, path);

    if (fd < 0) {
        return fd;
    }
    int error = give_away(sys, layout, fd, mode);
    error = error == 0 ? sys_fsync(sys, fd) : error;
    sys_close(sys, fd);
    return error;
}

static int sync_parent(struct sys *sys, const char *path)
{
    struct str whole = str_from(path);
    ptrdiff_t slash = str_find_last(whole, '/');
    struct buf parent;

    buf_init(&parent, sys_mem(sys), SYS_PATH_MAX);
    buf_put(&parent, slash <= 0 ? STR("/") : str_first(whole, (size_t)slash));
    int fd = sys_open(sys, SYS_HERE, buf_text(&parent), SYS_OPEN_READ | SYS_OPEN_DIRECTORY, 0);
    buf_done(&parent);
    if (fd < 0) {
        return fd;
    }
    int error = sys_fsync(sys, fd);
    sys_close(sys, fd);
    return error;
}

/* A message must not vanish together with the directory it is in; and no crash may leave a
 * directory that has its name but not its owner yet. */
static int make_durably(struct sys *sys, const struct queue_layout *layout, const char *path,
                        uint32_t mode)
{
    struct buf unfinished;

    buf_init(&unfinished, sys_mem(sys), SYS_PATH_MAX);
    buf_putf(&unfinished, "%s.new", path);
    int error = sys_mkdir(sys, SYS_HERE, buf_text(&unfinished), mode);
    if (error == 0 || error == -ERR_EXISTS) {
        error = settle_directory(sys, layout, buf_text(&unfinished), mode);
    }
    error =
        error == 0 ? sys_rename(sys, SYS_HERE, buf_text(&unfinished), SYS_HERE, path, true) : error;
    buf_done(&unfinished);
    return error == 0 ? sync_parent(sys, path) : error;
}

/* What is wrong with a directory that is there. */
static int check(const struct queue_layout *layout, const char *path, uint32_t mode,
                 enum owner owner, const struct sys_stat *stat, struct buf *problems)
{
    bool owned = stat->uid == layout->uid || (owner == OWNER_ANY && stat->uid == 0);

    if (stat->kind != SYS_FILE_DIRECTORY) {
        buf_putf(problems, "%s is not a directory\n", path);
        return -ERR_NOT_DIRECTORY;
    }
    if (!owned) {
        buf_putf(problems, "%s belongs to uid %u, not to mail_owner (uid %u)\n", path, stat->uid,
                 layout->uid);
        return -ERR_NOT_PERMITTED;
    }
    if ((stat->mode & WRITABLE_BY_OTHERS & ~mode) != 0) {
        buf_putf(problems, "%s may be written by others (mode %04o)\n", path, stat->mode);
        return -ERR_NOT_PERMITTED;
    }
    if ((stat->mode & FOR_OWNER) != FOR_OWNER) {
        buf_putf(problems, "%s cannot be used by its owner (mode %04o): chmod u+rwx\n", path,
                 stat->mode);
        return -ERR_ACCESS;
    }
    return 0;
}

static int ensure(struct sys *sys, const struct queue_layout *layout, const char *path,
                  uint32_t mode, enum owner owner, struct buf *problems)
{
    struct sys_stat stat;
    int error = sys_stat(sys, SYS_HERE, path, &stat);

    if (error == -ERR_NOT_FOUND) {
        error = make_durably(sys, layout, path, mode);
        error = error == 0 ? sys_stat(sys, SYS_HERE, path, &stat) : error;
    }
    if (error == 0) {
        return check(layout, path, mode, owner, &stat, problems);
    }
    reach_put_problem(sys, "directory", path, error, problems);
    return error;
}

/* Each program starts in another directory. */
static int check_absolute(const char *name, const char *path, struct buf *problems)
{
    if (path[0] == '/') {
        return 0;
    }
    buf_putf(problems, "%s = %s: the path must begin with /\n", name, path);
    return -ERR_INVALID;
}

int queue_layout_ensure(struct sys *sys, const struct queue_layout *layout, struct buf *problems)
{
    struct buf path;
    int result = check_absolute("queue_directory", layout->queue_directory, problems);

    if (result == 0) {
        result = check_absolute("data_directory", layout->data_directory, problems);
    }
    if (result != 0) {
        return result;
    }
    buf_init(&path, sys_mem(sys), SYS_PATH_MAX);
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        buf_clear(&path);
        buf_putf(&path, "%s%s", layout->queue_directory, places[i].name);
        int error = ensure(sys, layout, buf_text(&path), places[i].mode, places[i].owner, problems);
        result = result == 0 ? error : result;
    }
    buf_done(&path);
    int error = ensure(sys, layout, layout->data_directory, 0700, OWNER_MAIL, problems);
    return result == 0 ? error : result;
}
