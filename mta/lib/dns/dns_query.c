// SPDX-License-Identifier: ISC
#include "dns/dns_query.h"

#include <string.h>

#include "stream/stream.h"
#include "sys/clock.h"
#include "sys/net.h"
#include "sys/random.h"

enum { DNS_DATAGRAM_ROOM = 4096 };

struct query {
    struct sys *sys;
    struct str name;
    enum dns_type type;
    uint16_t id;
    struct buf bytes;
    struct buf *answer;
    struct dns_message *message;
};

/* True for a response to our very question; sets query->message. */
static bool is_our_answer(struct query *query)
{
    struct dns_message *message = query->message;
    return dns_message_parse(buf_str(query->answer), message) == 0 && message->is_response &&
           message->id == query->id && message->question_type == query->type &&
           dns_message_names_equal(str_from(message->question_name), query->name);
}

/* ---- UDP -------------------------------------------------------------------------------------------- */

static int receive_datagram(struct query *query, int fd, int64_t deadline_ns)
{
    for (int i = 0; i < DNS_STRAY_MAX; i++) {
        buf_clear(query->answer);
        char *room = buf_reserve(query->answer, DNS_DATAGRAM_ROOM);
        long count = sys_read(query->sys, fd, room, DNS_DATAGRAM_ROOM, deadline_ns);
        if (count < 0) {
            return (int)count;
        }
        buf_grew(query->answer, (size_t)count);
        if (is_our_answer(query)) {
            return 0;
        }
    }
    return -ERR_PROTOCOL;
}

static int ask_by_udp(struct query *query, const struct sys_address *server, int64_t deadline_ns)
{
    int fd = sys_datagram_dial(query->sys, server);
    if (fd < 0) {
        return fd;
    }
    long count = sys_write(query->sys, fd, query->bytes.data, query->bytes.size, deadline_ns);
    int error = count < 0 ? (int)count : receive_datagram(query, fd, deadline_ns);
    sys_close(query->sys, fd);
    return error;
}

/* ---- TCP: RFC 1035 4.2.2, two bytes of length before each message ------------------------------ */

static int receive_message(struct query *query, struct stream *stream)
{
    uint8_t head[2];
    int error = stream_read(stream, head, sizeof(head));
    if (error != 0) {
        return error;
    }
    size_t size = (size_t)head[0] << 8 | head[1];
    buf_clear(query->answer);
    char *room = buf_reserve(query->answer, size);
    error = stream_read(stream, room, size);
    if (error != 0) {
        return error;
    }
    buf_grew(query->answer, size);
    return is_our_answer(query) ? 0 : -ERR_PROTOCOL;
}

static int ask_by_tcp(struct query *query, const struct sys_address *server, int64_t deadline_ns)
{
    int fd = sys_dial(query->sys, NULL, server, deadline_ns);
    if (fd < 0) {
        return fd;
    }
    struct stream stream;
    stream_open(&stream, query->sys, sys_mem(query->sys), fd, DNS_MESSAGE_MAX);
    stream_set_deadline(&stream, deadline_ns);
    stream_put_char(&stream, (char)(query->bytes.size >> 8));
    stream_put_char(&stream, (char)(query->bytes.size & 0xff));
    stream_put(&stream, buf_str(&query->bytes));
    int error = receive_message(query, &stream);
    stream_close(&stream);
    return error;
}

/* ---- servers ---------------------------------------------------------------------------------------- */

static int ask_server(struct query *query, const struct sys_address *server, int64_t deadline_ns)
{
    int error = ask_by_udp(query, server, deadline_ns);
    if (error == 0 && query->message->is_truncated) {
        error = ask_by_tcp(query, server, deadline_ns);
    }
    if (error != 0) {
        return error;
    }
    uint8_t rcode = query->message->rcode;
    return rcode == DNS_RCODE_OK || rcode == DNS_RCODE_NAME_ERROR ? 0 : -ERR_UNAVAILABLE;
}

static int64_t earlier(int64_t a_ns, int64_t b_ns)
{
    return a_ns < b_ns ? a_ns : b_ns;
}

static int ask_servers(struct query *query, const struct dns_config *config, int64_t deadline_ns)
{
    int error = -ERR_TIMEOUT;
    int tries = config->attempts * config->server_count;
    for (int i = 0; i < tries && sys_now_ns(query->sys) < deadline_ns; i++) {
        int64_t try_ns = sys_deadline(query->sys, config->timeout_ns);
        const struct sys_address *server = &config->servers[i % config->server_count];
        error = ask_server(query, server, earlier(try_ns, deadline_ns));
        if (error == 0 || error == -ERR_CANCELED) {
            break;
        }
    }
    return error;
}

int dns_query(struct sys *sys, const struct dns_config *config, struct str name, enum dns_type type,
              struct buf *answer, struct dns_message *message, int64_t deadline_ns)
{
    struct query query = {
        .sys = sys,
        .name = name,
        .type = type,
        .answer = answer,
        .message = message,
    };
    sys_random(sys, &query.id, sizeof(query.id));
    buf_init(&query.bytes, sys_mem(sys), DNS_UDP_PLAIN_MAX);
    int error = dns_message_write_query(&query.bytes, query.id, name, (uint16_t)type, false);
    if (error == 0) {
        error = ask_servers(&query, config, deadline_ns);
    }
    buf_done(&query.bytes);
    return error;
}
