// SPDX-License-Identifier: ISC
#include "qmqpd/qmqpd_packet.h"

#include "base/err.h"
#include "proto/netstring.h"

/* More than any message can have, so that a limit can be told from nonsense. */
#define LENGTH_MAX ((size_t)1 << 40)

/* Reads length and colon. */
static int read_head(struct stream *stream, size_t *content_bytes, size_t *head_bytes)
{
    for (;;) {
        switch (netstring_parse_head(stream_input(stream), LENGTH_MAX, content_bytes, head_bytes)) {
        case PARSE_OK:
            stream_skip(stream, *head_bytes);
            return 0;
        case PARSE_BAD:
            return -ERR_SYNTAX;
        case PARSE_MORE:
            break;
        }
        int error = stream_fill(stream);
        if (error != 0) {
            return error;
        }
    }
}

static int read_comma(struct stream *stream)
{
    struct str input;
    int error = stream_peek(stream, 1, &input);

    if (error != 0) {
        return error;
    }
    if (input.data[0] != ',') {
        return -ERR_SYNTAX;
    }
    stream_skip(stream, 1);
    return 0;
}

static int read_content(struct stream *stream, size_t size, struct buf *out)
{
    while (size > 0) {
        struct str input;
        int error = stream_peek(stream, 1, &input);
        if (error != 0) {
            return error;
        }
        struct str piece = str_first(input, size);
        buf_put(out, piece);
        stream_skip(stream, piece.size);
        size -= piece.size;
    }
    return buf_error(out);
}

int qmqpd_packet_begin(struct qmqpd_packet *packet, struct stream *stream)
{
    size_t head_bytes = 0;

    packet->stream = stream;
    return read_head(stream, &packet->bytes_left, &head_bytes);
}

int qmqpd_packet_next(struct qmqpd_packet *packet, size_t bytes_max, struct buf *out)
{
    size_t content_bytes = 0;
    size_t head_bytes = 0;
    int error = read_head(packet->stream, &content_bytes, &head_bytes);

    if (error != 0) {
        return error;
    }
    if (content_bytes > bytes_max) {
        return -ERR_LIMIT;
    }
    size_t whole_bytes = head_bytes + content_bytes + 1;
    if (whole_bytes > packet->bytes_left) {
        return -ERR_SYNTAX;
    }
    packet->bytes_left -= whole_bytes;
    error = read_content(packet->stream, content_bytes, out);
    return error != 0 ? error : read_comma(packet->stream);
}

int qmqpd_packet_end(struct qmqpd_packet *packet)
{
    return packet->bytes_left == 0 ? read_comma(packet->stream) : -ERR_SYNTAX;
}
