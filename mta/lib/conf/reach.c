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

void reach_put_reason(struct sys *sys, const char *path, int error, struct buf *out)
{
    struct str whole = str_from(path);

    buf_put_text(out, err_sentence(error));
    if (error != -ERR_ACCESS) {
        return;
    }
    for (size_t i = 1; i < whole.size; i++) {
        struct str directory = str_first(whole, i);
        if (whole.data[i] == '/' && is_closed(sys, directory)) {
            buf_putf(out,
                     "; directory %.*s keeps this user out: open it (chmod o+x %.*s), or run "
                     "this as its owner",
                     STR_ARG(directory), STR_ARG(directory));
            return;
        }
    }
}
