// SPDX-License-Identifier: ISC
#include "postilion/postilion_init.h"

#include <string.h>

#include "base/number.h"
#include "postilion/postilion_config.h"
#include "postilion/postilion_path.h"
#include "postilion/postilion_text.h"
#include "queue/queue_layout.h"
#include "sys/fs.h"
#include "sys/process.h"
#include "sys/user.h"

enum {
    ARENA_BYTES_MAX = 1 << 20,
    FILE_BYTES_MAX = 1 << 16,
    DEFAULT_SMTP = 2525,
    DEFAULT_QMQP = 2628
};

struct init {
    struct sys *sys;
    struct arena arena;
    struct postilion_config config;
    struct queue_layout layout;
    const char *user; /* --user, or NULL */
};

/* ---- arguments --------------------------------------------------------------------------- */

static int parse_port(struct init *init, const char *text, int *port)
{
    uint64_t number = 0;

    if (number_parse_u64(str_from(text), UINT16_MAX, &number) != 0 || number == 0) {
        return postilion_text_fail(init->sys, "\"%s\" is not a port from 1 to 65535", text);
    }
    *port = (int)number;
    return 0;
}

static int add_mailbox(struct init *init, struct str name)
{
    struct postilion_config *config = &init->config;

    if (!postilion_config_mailbox_ok(name)) {
        return postilion_text_fail(init->sys, "\"%.*s\" cannot be the name of a mailbox",
                                   STR_ARG(name));
    }
    if (config->mailbox_count == POSTILION_CONFIG_MAILBOXES_MAX) {
        return postilion_text_fail(init->sys, "at most %d mailboxes",
                                   POSTILION_CONFIG_MAILBOXES_MAX);
    }
    config->mailboxes[config->mailbox_count] = name;
    config->mailbox_count++;
    return 0;
}

static int set_domain(struct init *init, struct str domain)
{
    if (!postilion_config_domain_ok(domain)) {
        return postilion_text_fail(init->sys, "\"%.*s\" is not a domain", STR_ARG(domain));
    }
    init->config.domain = domain;
    return 0;
}

static int set_option(struct init *init, const char *name, const char *value)
{
    if (strcmp(name, "--smtp-port") == 0) {
        return parse_port(init, value, &init->config.smtp_port);
    }
    if (strcmp(name, "--qmqp-port") == 0) {
        return parse_port(init, value, &init->config.qmqp_port);
    }
    if (strcmp(name, "--domain") == 0) {
        return set_domain(init, str_from(value));
    }
    if (strcmp(name, "--mailbox") == 0) {
        return add_mailbox(init, str_from(value));
    }
    if (strcmp(name, "--user") == 0) {
        init->user = value;
        return 0;
    }
    return postilion_text_fail(init->sys, "init does not know the option %s", name);
}

static int set_directory(struct init *init, const char *path)
{
    if (init->config.directory.size > 0) {
        return postilion_text_fail(init->sys, "init wants one directory: %s is a second", path);
    }
    init->config.directory = postilion_path_absolute(init->sys, &init->arena, str_from(path));
    if (init->config.directory.size == 0) {
        return postilion_text_fail(init->sys, "%s: the name is too long", path);
    }
    return 0;
}

static int read_arguments(struct init *init, int argc, char **argv)
{
    for (int i = 0; i < argc; i++) {
        int status;
        if (strncmp(argv[i], "--", 2) != 0) {
            status = set_directory(init, argv[i]);
        } else if (i + 1 == argc) {
            status = postilion_text_fail(init->sys, "%s wants a value", argv[i]);
        } else {
            status = set_option(init, argv[i], argv[i + 1]);
            i++;
        }
        if (status != 0) {
            return status;
        }
    }
    if (init->config.directory.size == 0) {
        return postilion_text_fail(init->sys, "init wants a directory");
    }
    return init->config.mailbox_count == 0 ? add_mailbox(init, STR("user")) : 0;
}

/* ---- who and where ----------------------------------------------------------------------- */

/* Root gives the directory to a user that is not root; anybody else keeps it. */
static int choose_user(struct init *init)
{
    struct sys *sys = init->sys;
    uint32_t uid = sys_effective_uid(sys);
    struct sys_user user;
    int error;

    if (uid == 0) {
        const char *name = init->user == NULL ? "nobody" : init->user;
        error = sys_user_find(sys, name, &user);
        if (error != 0 || user.uid == 0) {
            return postilion_text_fail(sys, "--user %s: %s", name,
                                       error != 0 ? "there is no such user"
                                                  : "daemons must not run as root");
        }
        init->layout.change_owner = true;
    } else {
        error = sys_user_find_uid(sys, uid, &user);
        if (error != 0) {
            return postilion_text_fail(sys, "user %u has no name on this system", uid);
        }
        if (init->user != NULL && strcmp(init->user, user.name) != 0) {
            return postilion_text_fail(sys, "only root can give the directory to another user");
        }
    }
    init->config.user = arena_copy(&init->arena, str_from(user.name));
    init->config.uid = init->layout.uid = user.uid;
    init->config.gid = init->layout.gid = init->layout.drop_gid = user.gid;
    return 0;
}

/* In a build, daemons are in libexec beside bin; an installed command uses the built-in paths. */
static void find_programs(struct init *init)
{
    struct str bin = postilion_path_parent(str_from(sys_program_path(init->sys)));
    struct str above = postilion_path_parent(bin);
    struct sys_stat stat;
    struct str libexec = arena_printf(&init->arena, "%.*s/libexec", STR_ARG(above));
    struct str master = arena_printf(&init->arena, "%s/master", libexec.data);

    if (sys_stat(init->sys, SYS_HERE, master.data, &stat) == 0) {
        init->config.daemon_directory = libexec;
        init->config.command_directory = bin;
    }
}

/* ---- files ------------------------------------------------------------------------------- */

static struct str below(struct init *init, const char *name)
{
    return arena_printf(&init->arena, "%.*s/%s", STR_ARG(init->config.directory), name);
}

static int make_directory(struct init *init, struct str path, uint32_t mode)
{
    int error = queue_layout_make(init->sys, &init->layout, path.data, mode);

    if (error != 0) {
        return postilion_text_fail_path(init->sys, "cannot make directory", path.data, error);
    }
    return 0;
}

static int write_content(struct sys *sys, int fd, struct str text)
{
    long size = sys_pwrite(sys, fd, text.data, text.size, 0);

    if (size < 0) {
        return (int)size;
    }
    return (size_t)size < text.size ? -ERR_NO_SPACE : sys_fsync(sys, fd);
}

/* Never over a file that is there. */
static int write_file(struct init *init, const char *name, struct str text)
{
    struct sys *sys = init->sys;
    struct str path = below(init, name);
    int fd = sys_open(sys, SYS_HERE, path.data,
                      SYS_OPEN_WRITE | SYS_OPEN_CREATE | SYS_OPEN_EXCLUSIVE, 0644);

    if (fd < 0) {
        return postilion_text_fail_path(sys, "cannot write", path.data, fd);
    }
    int error = write_content(sys, fd, text);
    if (error == 0 && init->layout.change_owner) {
        error = sys_chown(sys, fd, init->layout.uid, init->layout.gid);
    }
    sys_close(sys, fd);
    return error == 0 ? 0 : postilion_text_fail_path(sys, "cannot write", path.data, error);
}

static int write_configuration(struct init *init)
{
    struct buf text;

    buf_init(&text, sys_mem(init->sys), FILE_BYTES_MAX);
    postilion_config_main(&text, &init->config);
    int status = write_file(init, "etc/main.cf", buf_str(&text));
    buf_clear(&text);
    postilion_config_master(&text, &init->config);
    status = status == 0 ? write_file(init, "etc/master.cf", buf_str(&text)) : status;
    buf_done(&text);
    return status;
}

static int make_mailbox(struct init *init, struct str mailbox)
{
    static const char *const parts[] = {"", "/cur", "/new", "/tmp"};

    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        struct str path = arena_printf(&init->arena, "%.*s/mail/%.*s%s",
                                       STR_ARG(init->config.directory), STR_ARG(mailbox), parts[i]);
        int status = make_directory(init, path, 0700);
        if (status != 0) {
            return status;
        }
    }
    return 0;
}

static int make_queue(struct init *init)
{
    struct buf problems;

    init->layout.queue_directory = below(init, "queue").data;
    init->layout.data_directory = below(init, "data").data;
    buf_init(&problems, sys_mem(init->sys), FILE_BYTES_MAX);
    int error = queue_layout_ensure(init->sys, &init->layout, &problems);
    int status = error == 0 ? 0 : postilion_text_fail_lines(init->sys, buf_str(&problems));
    buf_done(&problems);
    return status;
}

/* The directory itself may be there, but is given away only when it is empty. */
static int make_top(struct init *init)
{
    struct sys *sys = init->sys;
    const char *path = init->config.directory.data;
    char name[SYS_NAME_MAX + 1];
    int status = make_directory(init, init->config.directory, 0755);

    if (status != 0 || !init->layout.change_owner) {
        return status;
    }
    int fd = sys_open(sys, SYS_HERE, path, SYS_OPEN_READ | SYS_OPEN_DIRECTORY, 0);
    if (fd < 0) {
        return postilion_text_fail_path(sys, "cannot open directory", path, fd);
    }
    int error = sys_read_dir(sys, fd, name);
    if (error == 0) {
        error = sys_chown(sys, fd, init->layout.uid, init->layout.gid);
    }
    sys_close(sys, fd);
    return error >= 0 ? 0 : postilion_text_fail_path(sys, "cannot give away", path, error);
}

static int make_all(struct init *init)
{
    static const char *const directories[] = {"etc", "log", "mail"};
    int status = make_top(init);

    for (size_t i = 0; i < sizeof(directories) / sizeof(directories[0]) && status == 0; i++) {
        status = make_directory(init, below(init, directories[i]), 0755);
    }
    status = status == 0 ? make_queue(init) : status;
    status = status == 0 ? write_file(init, "log/mail.log", STR("")) : status;
    for (int i = 0; i < init->config.mailbox_count && status == 0; i++) {
        status = make_mailbox(init, init->config.mailboxes[i]);
    }
    return status == 0 ? write_configuration(init) : status;
}

/* What must not be there: the parts of an instance. An empty directory may. */
static int refuse_existing(struct init *init)
{
    static const char *const parts[] = {"etc", "queue", "data", "log", "mail"};
    struct sys_stat stat;

    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        struct str path = below(init, parts[i]);
        int error = sys_stat(init->sys, SYS_HERE, path.data, &stat);
        if (error == 0) {
            return postilion_text_fail(init->sys, "%s is there already: nothing was changed",
                                       path.data);
        }
        if (error != -ERR_NOT_FOUND) {
            return postilion_text_fail_path(init->sys, "cannot look for", path.data, error);
        }
    }
    return 0;
}

static int run(struct init *init, int argc, char **argv)
{
    const struct postilion_config *config = &init->config;
    int status = read_arguments(init, argc, argv);

    status = status == 0 ? choose_user(init) : status;
    status = status == 0 ? refuse_existing(init) : status;
    if (status != 0) {
        return status;
    }
    find_programs(init);
    status = make_all(init);
    if (status != 0) {
        return status;
    }
    postilion_text_say(init->sys, "%s: a mail system for %.*s, SMTP on port %d, QMQP on port %d",
                       config->directory.data, STR_ARG(config->domain), config->smtp_port,
                       config->qmqp_port);
    postilion_text_say(init->sys, "start it with: %s -c %s/etc start", sys_program_path(init->sys),
                       config->directory.data);
    return 0;
}

int postilion_init(struct sys *sys, int argc, char **argv)
{
    struct init *init = mem_alloc(sys_mem(sys), sizeof(*init));

    init->sys = sys;
    init->config.domain = STR("postilion.test");
    init->config.smtp_port = DEFAULT_SMTP;
    init->config.qmqp_port = DEFAULT_QMQP;
    arena_init(&init->arena, sys_mem(sys), ARENA_BYTES_MAX);
    int status = run(init, argc, argv);
    arena_done(&init->arena);
    mem_free(sys_mem(sys), init);
    return status;
}
