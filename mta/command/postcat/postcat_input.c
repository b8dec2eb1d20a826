// SPDX-License-Identifier: ISC
#include "postcat/postcat_input.h"

#include "sys/fs.h"

enum {
    READ_BYTES = 16 * 1024,
    WINDOW_MAX = QUEUE_RECORD_HEAD_MAX + QUEUE_RECORD_DATA_MAX + READ_BYTES
};

void postcat_input_open(struct postcat_input *input, struct sys *sys, int fd)
{
    *input = (struct postcat_input){.sys = sys, .fd = fd};
    buf_init(&input->window, sys_mem(sys), WINDOW_MAX);
}

void postcat_input_close(struct postcat_input *input)
{
    sys_close(input->sys, input->fd);
    buf_done(&input->window);
}

/* What was given out is not needed any more. */
static void drop_used(struct postcat_input *input)
{
    input->offset += (int64_t)input->used_bytes;
    buf_drop_first(&input->window, input->used_bytes);
    input->used_bytes = 0;
}

/* 1, 0 when the file has no more, or an error. */
static int read_on(struct postcat_input *input)
{
    char *space = buf_reserve(&input->window, READ_BYTES);
    if (space == NULL) {
        return -ERR_LIMIT;
    }
    int64_t end = input->offset + (int64_t)input->window.size;
    long count = input->fd == POSTCAT_STANDARD_INPUT
                     ? sys_input(input->sys, space, READ_BYTES)
                     : sys_pread(input->sys, input->fd, space, READ_BYTES, end);
    if (count <= 0) {
        return (int)count;
    }
    buf_grew(&input->window, (size_t)count);
    return 1;
}

int postcat_input_record(struct postcat_input *input, struct queue_record *record)
{
    drop_used(input);
    for (;;) {
        switch (queue_record_parse(buf_str(&input->window), record, &input->used_bytes)) {
        case PARSE_OK:
            return POSTCAT_FOUND_RECORD;
        case PARSE_BAD:
            return POSTCAT_FOUND_BAD;
        case PARSE_MORE:
            break;
        }
        int more = read_on(input);
        if (more < 0) {
            return more;
        }
        if (more == 0) {
            return input->window.size == 0 ? POSTCAT_FOUND_END : POSTCAT_FOUND_CUT;
        }
    }
}

/* Reads up to that place, or to the end of the input. */
static int skip_to(struct postcat_input *input, int64_t offset)
{
    int more = 1;
    while (more == 1) {
        int64_t left = offset - input->offset;
        input->used_bytes = left < (int64_t)input->window.size ? (size_t)left : input->window.size;
        drop_used(input);
        if (input->offset == offset) {
            return 0;
        }
        more = read_on(input);
    }
    return more;
}

int postcat_input_seek(struct postcat_input *input, int64_t offset)
{
    drop_used(input);
    if (offset >= input->offset && input->fd == POSTCAT_STANDARD_INPUT) {
        return skip_to(input, offset);
    }
    if (input->fd == POSTCAT_STANDARD_INPUT) {
        return -ERR_NOT_SUPPORTED;
    }
    buf_clear(&input->window);
    input->offset = offset;
    return 0;
}
