// SPDX-License-Identifier: ISC
#include "stream/stream.h"

#include <stdio.h>
#include <string.h>

#include "base/assert.h"
#include "sys/clock.h"
#include "sys/net.h"

enum { STREAM_BYTES_FIRST = 4096 };

void stream_open(struct stream *stream, struct sys *sys, struct mem *mem, int fd, size_t bytes_max)
{
    assert(bytes_max >= 2);
    *stream = (struct stream){
        .sys = sys,
        .mem = mem,
        .fd = fd,
        .error = fd < 0 ? -ERR_CLOSED : 0,
        .timeout_ns = SYS_FOREVER,
        .deadline_ns = SYS_FOREVER,
        .bytes_max = bytes_max,
    };
}

static void buffer_release(struct stream_buffer *buffer, struct mem *mem)
{
    mem_free(mem, buffer->data);
    *buffer = (struct stream_buffer){0};
}

void stream_close(struct stream *stream)
{
    sys_close(stream->sys, stream->fd);
    stream->fd = -1;
    stream_fail(stream, -ERR_CLOSED);
    buffer_release(&stream->input, stream->mem);
    buffer_release(&stream->output, stream->mem);
}

void stream_set_timeout(struct stream *stream, int64_t timeout_ns)
{
    stream->timeout_ns = timeout_ns;
}

void stream_set_deadline(struct stream *stream, int64_t deadline_ns)
{
    stream->deadline_ns = deadline_ns;
}

int stream_error(const struct stream *stream)
{
    return stream->error;
}

void stream_fail(struct stream *stream, int error)
{
    assert(error < 0);
    if (stream->error == 0) {
        stream->error = error;
    }
}

void stream_forgive_timeout(struct stream *stream)
{
    if (stream->error == -ERR_TIMEOUT) {
        stream->error = 0;
    }
}

/* ---- the descriptor: the only two functions that touch it ------------------------------------ */

static int64_t wait_deadline(const struct stream *stream)
{
    int64_t deadline_ns = sys_deadline(stream->sys, stream->timeout_ns);
    return deadline_ns < stream->deadline_ns ? deadline_ns : stream->deadline_ns;
}

/* Bytes read, at least 1; end of file is -ERR_CLOSED. */
static long descriptor_read(struct stream *stream, char *data, size_t size)
{
    long count = sys_read(stream->sys, stream->fd, data, size, wait_deadline(stream));
    return count == 0 ? -ERR_CLOSED : count;
}

static int descriptor_write(struct stream *stream, struct str bytes)
{
    while (bytes.size > 0) {
        long count =
            sys_write(stream->sys, stream->fd, bytes.data, bytes.size, wait_deadline(stream));
        if (count < 0) {
            return (int)count;
        }
        bytes = str_skip(bytes, (size_t)count);
    }
    return 0;
}

/* ---- buffers ------------------------------------------------------------------------------------ */

static size_t buffer_size(const struct stream_buffer *buffer)
{
    return buffer->end - buffer->start;
}

static size_t buffer_room(const struct stream_buffer *buffer)
{
    return buffer->capacity - buffer->end;
}

static void buffer_compact(struct stream_buffer *buffer)
{
    if (buffer->start == 0) {
        return;
    }
    memmove(buffer->data, buffer->data + buffer->start, buffer_size(buffer));
    buffer->end = buffer_size(buffer);
    buffer->start = 0;
}

/* Twice as large as before, as long as the stream's limit allows it. */
static void buffer_grow(struct stream *stream, struct stream_buffer *buffer)
{
    size_t capacity = buffer->capacity == 0 ? STREAM_BYTES_FIRST : buffer->capacity * 2;
    if (capacity > stream->bytes_max) {
        capacity = stream->bytes_max;
    }
    if (capacity > buffer->capacity) {
        buffer->data = mem_resize(stream->mem, buffer->data, capacity);
        buffer->capacity = capacity;
    }
}

/* ---- input ---------------------------------------------------------------------------------------- */

struct str stream_input(const struct stream *stream)
{
    const struct stream_buffer *input = &stream->input;
    return buffer_size(input) == 0 ? STR("")
                                   : str_of(input->data + input->start, buffer_size(input));
}

void stream_skip(struct stream *stream, size_t size)
{
    struct stream_buffer *input = &stream->input;
    assert(size <= buffer_size(input));
    input->start += size;
}

/* Content that reached the end of the buffer shows that the buffer is too small for this peer. */
static void input_make_room(struct stream *stream)
{
    struct stream_buffer *input = &stream->input;
    bool is_small = buffer_room(input) == 0;
    if (is_small || buffer_size(input) == 0) {
        buffer_compact(input);
    }
    if (is_small) {
        buffer_grow(stream, input);
    }
}

int stream_fill(struct stream *stream)
{
    int error = stream_flush(stream);
    if (error != 0) {
        return error;
    }
    struct stream_buffer *input = &stream->input;
    input_make_room(stream);
    if (buffer_room(input) == 0) {
        return -ERR_LIMIT;
    }
    long count = descriptor_read(stream, input->data + input->end, buffer_room(input));
    if (count < 0) {
        stream_fail(stream, (int)count);
        return stream->error;
    }
    input->end += (size_t)count;
    return 0;
}

int stream_peek(struct stream *stream, size_t size, struct str *input)
{
    assert(size <= stream->bytes_max);
    while (buffer_size(&stream->input) < size) {
        int error = stream_fill(stream);
        if (error != 0) {
            return error;
        }
    }
    *input = stream_input(stream);
    return 0;
}

/* Takes size bytes of the input out as *line. */
static void input_take(struct stream *stream, size_t size, struct str *line)
{
    *line = str_first(stream_input(stream), size);
    stream_skip(stream, size);
}

int stream_read_line(struct stream *stream, size_t bytes_max, struct str *line)
{
    assert(bytes_max > 0 && bytes_max <= stream->bytes_max);
    size_t searched = 0;
    for (;;) {
        struct str input = str_first(stream_input(stream), bytes_max);
        ptrdiff_t lf = str_find(str_skip(input, searched), '\n');
        if (lf >= 0) {
            input_take(stream, searched + (size_t)lf + 1, line);
            return 0;
        }
        if (input.size == bytes_max) {
            input_take(stream, bytes_max, line);
            return -ERR_LIMIT;
        }
        searched = input.size;
        int error = stream_fill(stream);
        if (error != 0) {
            return error;
        }
    }
}

int stream_read(struct stream *stream, void *data, size_t size)
{
    char *to = data;
    while (size > 0) {
        struct str input = str_first(stream_input(stream), size);
        if (input.size == 0) {
            int error = stream_fill(stream);
            if (error != 0) {
                return error;
            }
            continue;
        }
        memcpy(to, input.data, input.size);
        stream_skip(stream, input.size);
        to += input.size;
        size -= input.size;
    }
    return 0;
}

/* ---- output --------------------------------------------------------------------------------------- */

size_t stream_pending(const struct stream *stream)
{
    return buffer_size(&stream->output);
}

int stream_flush(struct stream *stream)
{
    struct stream_buffer *output = &stream->output;
    if (stream->error != 0 || buffer_size(output) == 0) {
        return stream->error;
    }
    int error = descriptor_write(stream, str_of(output->data, output->end));
    output->end = 0;
    if (error != 0) {
        stream_fail(stream, error);
    }
    return stream->error;
}

/* True when size bytes fit behind the output, after growing or sending if need be. */
static bool output_make_room(struct stream *stream, size_t size)
{
    struct stream_buffer *output = &stream->output;
    while (buffer_room(output) < size && output->capacity < stream->bytes_max) {
        buffer_grow(stream, output);
    }
    return buffer_room(output) >= size ||
           (stream_flush(stream) == 0 && buffer_room(output) >= size);
}

void stream_put(struct stream *stream, struct str bytes)
{
    if (stream->error != 0) {
        return;
    }
    if (output_make_room(stream, bytes.size)) {
        if (bytes.size > 0) {
            memcpy(stream->output.data + stream->output.end, bytes.data, bytes.size);
        }
        stream->output.end += bytes.size;
        return;
    }
    if (stream->error != 0) {
        return; /* sending made no room: it failed */
    }
    int error = descriptor_write(stream, bytes); /* larger than the whole buffer, now empty */
    if (error != 0) {
        stream_fail(stream, error);
    }
}

void stream_put_text(struct stream *stream, const char *text)
{
    stream_put(stream, str_from(text));
}

void stream_put_char(struct stream *stream, char byte)
{
    stream_put(stream, str_of(&byte, 1));
}

/* Bytes that the text needs; it is in the buffer when they are fewer than the room. */
static size_t print_into_room(struct stream *stream, const char *format, va_list arguments)
{
    struct stream_buffer *output = &stream->output;
    va_list copy;
    va_copy(copy, arguments);
    int size = vsnprintf(output->data + output->end, buffer_room(output), format, copy);
    va_end(copy);
    assert(size >= 0);
    return (size_t)size;
}

void stream_vprintf(struct stream *stream, const char *format, va_list arguments)
{
    if (stream->error != 0 || !output_make_room(stream, 1)) {
        return;
    }
    size_t size = print_into_room(stream, format, arguments);
    if (size >= buffer_room(&stream->output)) {
        if (!output_make_room(stream, size + 1)) {
            stream_fail(stream, -ERR_LIMIT);
            return;
        }
        size = print_into_room(stream, format, arguments);
    }
    stream->output.end += size;
}

void stream_printf(struct stream *stream, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    stream_vprintf(stream, format, arguments);
    va_end(arguments);
}
