// SPDX-License-Identifier: ISC
#include "peer/peer_talk.h"

#include "peer/peer_arguments.h"
#include "stream/stream.h"
#include "sys/clock.h"
#include "sys/process.h"

enum { SMTP_PORT = 25, STREAM_MAX = 65536, REPLY_TIMEOUT_S = 600, LAST_LINE_MARK = 3 };

/* Shows the lines of one reply: the last one has no "-" behind its code. */
static int show_reply(struct sys *sys, struct stream *stream)
{
    bool is_last = false;
    int error = 0;
    while (error == 0 && !is_last) {
        struct str line;
        error = stream_read_line(stream, STREAM_MAX, &line);
        if (error == 0) {
            is_last = line.size <= LAST_LINE_MARK || line.data[LAST_LINE_MARK] != '-';
            error = sys_output(sys, line);
        }
    }
    return error;
}

static int talk(struct sys *sys, struct stream *stream, const struct peer_arguments *arguments)
{
    int error = show_reply(sys, stream);
    for (int i = 0; error == 0 && i < arguments->line_count; i++) {
        stream_printf(stream, "%s\r\n", arguments->lines[i]);
        error = show_reply(sys, stream);
    }
    return error;
}

int peer_talk_main(struct sys *sys, int argc, char **argv)
{
    struct peer_arguments *arguments = mem_alloc(sys_mem(sys), sizeof(*arguments));
    struct stream stream;
    peer_arguments_parse(sys, argc, argv, SMTP_PORT, arguments);
    int64_t deadline_ns = sys_deadline(sys, REPLY_TIMEOUT_S * SYS_SECOND_NS);
    int fd = arguments->address_count == 0
                 ? -ERR_INVALID
                 : sys_dial(sys, NULL, &arguments->addresses[0], deadline_ns);
    stream_open(&stream, sys, sys_mem(sys), fd, STREAM_MAX);
    stream_set_timeout(&stream, REPLY_TIMEOUT_S * SYS_SECOND_NS);
    int error = fd < 0 ? fd : talk(sys, &stream, arguments);
    if (error != 0) {
        int written = sys_output(sys, str_from(err_sentence(error)));
        (void)written; /* a world without output has nobody who looks at it */
    }
    stream_close(&stream);
    mem_free(sys_mem(sys), arguments);
    return error != 0;
}
