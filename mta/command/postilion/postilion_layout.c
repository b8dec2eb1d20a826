// SPDX-License-Identifier: ISC
#include "postilion/postilion_layout.h"

#include "conf/reach.h"
#include "sys/fs.h"

enum { PATH_BYTES_MAX = SYS_PATH_MAX, WRITABLE_BY_OTHERS = 0022 };

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
    {"", 0755, OWNER_ANY},           {"/pid", 0755, OWNER_ANY},       {"/active", 0700, OWNER_MAIL},
    {"/bounce", 0700, OWNER_MAIL},   {"/corrupt", 0700, OWNER_MAIL},  {"/defer", 0700, OWNER_MAIL},
    {"/deferred", 0700, OWNER_MAIL}, {"/flush", 0700, OWNER_MAIL},    {"/hold", 0700, OWNER_MAIL},
    {"/incoming", 0700, OWNER_MAIL}, {"/maildrop", 0700, OWNER_MAIL}, {"/saved", 0700, OWNER_MAIL},
    {"/trace", 0700, OWNER_MAIL},    {"/private", 0700, OWNER_MAIL},  {"/public", 0710, OWNER_MAIL},
};

static int give_away(struct sys *sys, const struct postilion_layout *layout, const char *path)
{
    int fd =
        sys_open(sys, SYS_HERE, path, SYS_OPEN_READ | SYS_OPEN_DIRECTORY | SYS_OPEN_NO_FOLLOW, 0);

    if (fd < 0) {
        return fd;
    }
    int error = sys_chown(sys, fd, layout->uid, layout->gid);
    sys_close(sys, fd);
    return error;
}

int postilion_layout_make(struct sys *sys, const struct postilion_layout *layout, const char *path,
                          uint32_t mode)
{
    int error = sys_mkdir(sys, SYS_HERE, path, mode);

    if (error == -ERR_EXISTS) {
        return 0;
    }
    return error == 0 && layout->change_owner ? give_away(sys, layout, path) : error;
}

/* What is wrong with a directory that is there. */
static int check(const struct postilion_layout *layout, const char *path, enum owner owner,
                 const struct sys_stat *stat, struct buf *problems)
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
    if ((stat->mode & WRITABLE_BY_OTHERS) != 0) {
        buf_putf(problems, "%s may be written by others (mode %04o)\n", path, stat->mode);
        return -ERR_NOT_PERMITTED;
    }
    return 0;
}

static int ensure(struct sys *sys, const struct postilion_layout *layout, const char *path,
                  uint32_t mode, enum owner owner, struct buf *problems)
{
    struct sys_stat stat;
    int error = sys_stat(sys, SYS_HERE, path, &stat);

    if (error == -ERR_NOT_FOUND) {
        error = postilion_layout_make(sys, layout, path, mode);
        error = error == 0 ? sys_stat(sys, SYS_HERE, path, &stat) : error;
    }
    if (error == 0) {
        return check(layout, path, owner, &stat, problems);
    }
    reach_put_problem(sys, "directory", path, error, problems);
    return error;
}

int postilion_layout_ensure(struct sys *sys, const struct postilion_layout *layout,
                            struct buf *problems)
{
    struct buf path;
    int result = 0;

    buf_init(&path, sys_mem(sys), PATH_BYTES_MAX);
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
