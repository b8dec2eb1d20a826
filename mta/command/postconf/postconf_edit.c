// SPDX-License-Identifier: ISC
#include <stdio.h>

#include "conf/conf.h"
#include "conf/file.h"
#include "postconf/postconf_run.h"
#include "sys/clock.h"
#include "sys/fs.h"

enum { WAIT_S = 10, TRIES_MAX = 100 };

static void make_path(struct postconf *run, const char *name, char path[SYS_PATH_MAX])
{
    if (snprintf(path, SYS_PATH_MAX, "%s%s", run->directory, name) >= SYS_PATH_MAX) {
        postconf_fail(run, "%s%s: %s", run->directory, name, err_sentence(ERR_NAME_TOO_LONG));
    }
}

/* One change: text becomes what stands in changed afterwards. */
static void change(struct postconf *run, const char *argument, struct str text, struct buf *changed)
{
    struct str name = str_trim_space(str_from(argument));
    struct str value = {0};
    if (run->edit == MAIN_CF_SET) {
        const char *problem = main_cf_split(str_from(argument), &name, &value);
        if (problem != NULL) {
            postconf_fail(run, "%s: \"%s\"", problem, argument);
        }
    }
    if (str_find(str_from(argument), '\n') >= 0) {
        postconf_fail(run, "a line break is not allowed: \"%s\"", argument);
    }
    main_cf_write(text, run->edit, name, value, changed);
    if (buf_error(changed) != 0) {
        postconf_fail(run, "%s/main.cf: %s", run->directory, err_sentence(ERR_FILE_TOO_LARGE));
    }
}

/* A file that another postconf is writing goes away within a moment. */
static int create_exclusively(struct postconf *run, const char *path)
{
    int64_t pause_ns = WAIT_S * SYS_SECOND_NS / TRIES_MAX;
    int fd = -ERR_EXISTS;
    for (int i = 0; i < TRIES_MAX && fd == -ERR_EXISTS; i++) {
        if (i > 0 && sys_sleep_until(run->sys, sys_deadline(run->sys, pause_ns)) != 0) {
            break;
        }
        fd = sys_open(run->sys, SYS_HERE, path,
                      SYS_OPEN_WRITE | SYS_OPEN_CREATE | SYS_OPEN_EXCLUSIVE, 0600);
    }
    if (fd == -ERR_EXISTS) {
        postconf_fail(run,
                      "%s exists: another postconf is at work, or one was interrupted; "
                      "remove the file then",
                      path);
    }
    if (fd < 0) {
        postconf_fail(run, "create %s: %s", path, err_sentence(fd));
    }
    return fd;
}

/* Mode and owner of the old file go over to the new one; the owner only where we may. */
static int fill(struct postconf *run, int fd, const char *old_path, struct str text)
{
    struct sys_stat stat;
    int error = sys_stat(run->sys, SYS_HERE, old_path, &stat);
    if (error == 0) {
        error = sys_chown(run->sys, fd, stat.uid, stat.gid);
        error = error == -ERR_NOT_PERMITTED ? 0 : error;
    }
    if (error == 0) {
        error = sys_chmod(run->sys, fd, stat.mode);
    }
    if (error == 0) {
        long count = sys_pwrite(run->sys, fd, text.data, text.size, 0);
        bool is_short = count >= 0 && (size_t)count < text.size;
        error = is_short ? -ERR_NO_SPACE : count < 0 ? (int)count : 0;
    }
    return error != 0 ? error : sys_fsync(run->sys, fd);
}

static int sync_directory(struct postconf *run)
{
    int fd = sys_open(run->sys, SYS_HERE, run->directory, SYS_OPEN_READ | SYS_OPEN_DIRECTORY, 0);
    if (fd < 0) {
        return fd;
    }
    int error = sys_fsync(run->sys, fd);
    sys_close(run->sys, fd);
    return error;
}

/* The new file is complete and on disk before it takes the old one's name. */
static void replace_file(struct postconf *run, const char *path, struct str text)
{
    char new_path[SYS_PATH_MAX];
    make_path(run, "/main.cf.tmp", new_path);
    int fd = create_exclusively(run, new_path);
    int error = fill(run, fd, path, text);
    sys_close(run->sys, fd);
    if (error == 0) {
        error = sys_rename(run->sys, SYS_HERE, new_path, SYS_HERE, path, false);
    }
    if (error != 0) {
        int unlink_error = sys_unlink(run->sys, SYS_HERE, new_path);
        postconf_fail(run, "write %s: %s%s", new_path, err_sentence(error),
                      unlink_error != 0 ? " (and the file is still there)" : "");
    }
    error = sync_directory(run);
    if (error != 0) {
        postconf_warn(run, "sync %s: %s", run->directory, err_sentence(error));
    }
}

void postconf_edit(struct postconf *run)
{
    if (run->name_count == 0) {
        postconf_fail(run, "-e, -X and -# need the name of a parameter");
    }
    char path[SYS_PATH_MAX];
    make_path(run, "/main.cf", path);
    struct buf text;
    struct buf changed;
    buf_init(&text, run->mem, CONF_FILE_BYTES_MAX);
    buf_init(&changed, run->mem, CONF_FILE_BYTES_MAX);
    int error = file_read(run->sys, path, &text);
    if (error != 0) {
        postconf_fail(run, "open %s: %s", path, err_sentence(error));
    }
    for (int i = 0; i < run->name_count; i++) {
        buf_clear(&changed);
        change(run, run->names[i], buf_str(&text), &changed);
        buf_clear(&text);
        buf_put(&text, buf_str(&changed));
    }
    replace_file(run, path, buf_str(&text));
    buf_done(&changed);
    buf_done(&text);
}
