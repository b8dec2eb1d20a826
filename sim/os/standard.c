// SPDX-License-Identifier: ISC
/* Standard input and outputs: what the process was started with, or sockets that its parent put
 * in their place. */
#include <string.h>

#include "os/call.h"
#include "sys/net.h"
#include "world/descriptor.h"
#include "world/process.h"

static int write_terminal(struct sys *sys, const char *call, struct buf *out, struct str text)
{
    int result = call_enter_name(sys, call, STR(""));
    if (result == 0) {
        buf_put(out, text);
    }
    return (int)call_leave(sys,
                           &(struct trace_record){.call = call, .text = text, .result = result});
}

static int write_all(struct sys *sys, int fd, struct str text)
{
    while (text.size > 0) {
        long count = sys_write(sys, fd, text.data, text.size, SYS_FOREVER);
        if (count < 0) {
            return (int)count;
        }
        text = str_skip(text, (size_t)count);
    }
    return 0;
}

static bool is_terminal(const struct sys *sys, int fd)
{
    const struct open_file *file = descriptor_get(sys, fd);
    return file != NULL && file->kind == OPEN_FILE_TERMINAL;
}

int sys_output(struct sys *sys, struct str text)
{
    return is_terminal(sys, 1) ? write_terminal(sys, "output", &sys->output, text)
                               : write_all(sys, 1, text);
}

int sys_error_output(struct sys *sys, struct str text)
{
    return is_terminal(sys, 2) ? write_terminal(sys, "error_output", &sys->error_output, text)
                               : write_all(sys, 2, text);
}

long sys_input(struct sys *sys, void *data, size_t size)
{
    if (!is_terminal(sys, 0)) {
        return sys_read(sys, 0, data, size, SYS_FOREVER);
    }
    int error = call_enter_name(sys, "input", STR(""));
    struct str taken = str_first(sys->input, error == 0 ? size : 0);
    if (taken.size > 0) {
        memcpy(data, taken.data, taken.size);
    }
    sys->input = str_skip(sys->input, taken.size);
    return call_leave(sys, &(struct trace_record){
                               .call = "input",
                               .text = taken,
                               .result = error != 0 ? error : (long)taken.size,
                           });
}
