// SPDX-License-Identifier: ISC
#include "conf/reach.h"

#include "sys/fs.h"

/* True when this process may not pass through the directory. */
static bool is_closed(struct sys *sys, struct str directory)
{
    struct sys_stat stat;
    struct buf inside;

    buf_init(&inside, sys_mem(sys), SYS_PATH_MAX);
    buf_put(&inside, directory);
    buf_put_text(&inside, "/.");
    bool closed = sys_stat(sys, SYS_HERE, buf_text(&inside), &stat) == -ERR_ACCESS;
    buf_done(&inside);
    return closed;
}

static void put_closed(struct sys *sys, struct str path, struct buf *out)
{
    for (size_t i = 1; i < path.size; i++) {
        struct str directory = str_first(path, i);
        if (path.data[i] == '/' && is_closed(sys, directory)) {
            buf_putf(out,
                     "; directory %.*s keeps this user out: open it (chmod o+x %.*s), or run "
                     "this as its owner",
                     STR_ARG(directory), STR_ARG(directory));
            return;
        }
    }
}

void reach_put_problem(struct sys *sys, const char *what, const char *path, int error,
                       struct buf *out)
{
    buf_putf(out, "%s %s: %s", what, path, err_sentence(error));
    if (error == -ERR_ACCESS) {
        put_closed(sys, str_from(path), out);
    }
    buf_put_char(out, '\n');
}
