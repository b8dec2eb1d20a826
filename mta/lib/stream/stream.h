// SPDX-License-Identifier: ISC
/* stream/stream - buffered two-way conversation over a connected descriptor
 *
 * Puts go to a buffer and never report; the first failure of either direction is remembered, and
 * from then on the stream is inert: puts do nothing, reads and stream_flush() return that error.
 * So a conversation needs one check per turn.
 *
 * Output leaves when its buffer is full, at stream_flush(), and before any wait for input. While
 * input that has already arrived suffices, nothing is sent: the replies to a group of pipelined
 * commands leave in one write.
 *
 * Only two functions of stream.c touch the descriptor; TLS will stand between them and it.
 *
 * Limits    input and output buffers grow on demand up to bytes_max each
 * Errors    CLOSED at end of file; TIMEOUT; RESET and others of sys/net; CANCELED; all sticky.
 *           LIMIT is not, except after a stream_printf() that does not fit the buffer
 * Memory    the stream owns the descriptor and its buffers until stream_close(); every view of
 *           input is valid until the next read or fill of this stream
 * Blocks    puts, reads and flush may wait for the peer, each single wait for at most timeout_ns
 *           and never past deadline_ns
 */
#ifndef STREAM_STREAM_H
#define STREAM_STREAM_H

#include <stdarg.h>

#include "base/attribute.h"
#include "base/mem.h"
#include "base/str.h"
#include "sys/sys.h"

struct stream_buffer {
    char *data;
    size_t start; /* content is data[start..end) */
    size_t end;
    size_t capacity;
};

struct stream {
    struct sys *sys;
    struct mem *mem;
    int fd;
    int error; /* 0 or the first -ERR_* */
    int64_t timeout_ns;
    int64_t deadline_ns;
    size_t bytes_max; /* of each buffer */
    struct stream_buffer input;
    struct stream_buffer output;
};

/* Takes the descriptor over; a descriptor below 0 gives a stream that failed with -ERR_CLOSED.
 * timeout_ns is SYS_FOREVER until it is set. Instant. */
void stream_open(struct stream *stream, struct sys *sys, struct mem *mem, int fd, size_t bytes_max);
/* Pending output is lost: flush first. May be called twice. Instant. */
void stream_close(struct stream *stream);

void stream_set_timeout(struct stream *stream, int64_t timeout_ns);   /* for each wait */
void stream_set_deadline(struct stream *stream, int64_t deadline_ns); /* SYS_FOREVER: none */
int stream_error(const struct stream *stream);
/* Makes the stream inert, as if the descriptor had failed with this error; the first error
 * stays. */
void stream_fail(struct stream *stream, int error);
/* After a timeout of a read: the stream works again, for a last word to the peer. */
void stream_forgive_timeout(struct stream *stream);

/* What has arrived and was not read yet. Instant. */
struct str stream_input(const struct stream *stream);
/* Waits for more input, at least one byte; -ERR_LIMIT when the input buffer is full. */
MUST_USE int stream_fill(struct stream *stream);
/* Waits until size bytes are there and shows all there is; size <= bytes_max. */
MUST_USE int stream_peek(struct stream *stream, size_t size, struct str *input);
/* Drops size bytes of what stream_input() shows. Instant. */
void stream_skip(struct stream *stream, size_t size);

/* The next line with its LF, whatever stands before it; bytes_max includes the LF. When the first
 * bytes_max bytes hold none, they are the line, the result is -ERR_LIMIT, and the next call goes
 * on behind them. A last line without LF is lost: the result is -ERR_CLOSED. */
MUST_USE int stream_read_line(struct stream *stream, size_t bytes_max, struct str *line);
/* Exactly size bytes. */
MUST_USE int stream_read(struct stream *stream, void *data, size_t size);

void stream_put(struct stream *stream, struct str bytes);
void stream_put_text(struct stream *stream, const char *text);
void stream_put_char(struct stream *stream, char byte);
void stream_printf(struct stream *stream, const char *format, ...) PRINTF_LIKE(2, 3);
void stream_vprintf(struct stream *stream, const char *format, va_list arguments);
size_t stream_pending(const struct stream *stream); /* bytes put and not sent yet. Instant. */
MUST_USE int stream_flush(struct stream *stream);

#endif
