// SPDX-License-Identifier: ISC
#include "peer/peer_dns.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "peer/dns_answer.h"
#include "peer/peer_arguments.h"
#include "peer/peer_report.h"
#include "peer/zone.h"
#include "stream/stream.h"
#include "sys/clock.h"
#include "sys/fiber.h"
#include "sys/net.h"

enum {
    ARENA_MAX = 16 << 20,
    BACKLOG = 100,
    TCP_LENGTH_BYTES = 2,
    TCP_IDLE_S = 10,
};

struct server {
    struct sys *sys;
    struct peer_arguments arguments;
    struct arena arena;
    struct zone *zones;
    struct sys_group fibers;
};

/* A fiber's own: one address, or one TCP connection. */
struct endpoint {
    struct server *server;
    struct sys_address address;
    int fd;
};

NORETURN static void refuse_line(struct server *server, struct str report)
{
    int error = sys_error_output(server->sys, report);
    sys_exit(server->sys, error == 0 ? 2 : 1);
}

static void parse_lines(struct server *server)
{
    struct buf report;
    struct zone *zone = NULL;
    buf_init(&report, sys_mem(server->sys), PEER_REPORT_MAX);
    for (int i = 0; i < server->arguments.line_count; i++) {
        struct str text = str_from(server->arguments.lines[i]);
        struct syntax_problems problems = {"zone", text, &report, 0};
        struct syntax_line line;
        if (str_starts_with(text, STR("zone "))) {
            zone = zone_add(&server->zones, str_skip(text, 5), &server->arena);
        } else if (zone == NULL ||
                   !syntax_line_parse(&server->arena, text, 1, NULL, &problems, &line) ||
                   !zone_add_record(zone, &line, &server->arena, &problems)) {
            refuse_line(server, buf_str(&report));
        }
    }
    buf_done(&report);
}

/* The answer to a query, or false when there is none. */
static bool answer(struct server *server, struct str query, bool by_tcp, struct buf *out)
{
    char line[PEER_REPORT_TEXT_MAX];
    char quoted[PEER_QUOTED_MAX];
    buf_clear(out);
    bool answered = dns_answer(server->zones, query, by_tcp,
                               peer_now_ns(server->sys, &server->arguments), out, line);
    peer_report(server->sys, "%.*s answers %s", STR_ARG(server->arguments.name),
                peer_quoted(str_from(line), quoted));
    return answered;
}

static void serve_udp(struct sys *sys, void *argument)
{
    struct endpoint *endpoint = argument;
    char *query = mem_alloc(sys_mem(sys), DNS_MESSAGE_MAX);
    struct buf out;
    buf_init(&out, sys_mem(sys), DNS_MESSAGE_MAX);
    int fd = sys_datagram_listen(sys, &endpoint->address);
    long size = fd < 0 ? fd : 0;
    while (size >= 0) {
        struct sys_address client;
        size = sys_receive_from(sys, fd, query, DNS_MESSAGE_MAX, &client, SYS_FOREVER);
        if (size > 0 && answer(endpoint->server, str_of(query, (size_t)size), false, &out)) {
            long sent = sys_send_to(sys, fd, out.data, out.size, &client, SYS_FOREVER);
            (void)sent; /* datagrams may be lost */
        }
    }
    sys_close(sys, fd);
}

/* One query of a connection; false at its end. */
static bool serve_query(struct server *server, struct stream *stream, struct buf *out)
{
    uint8_t length[TCP_LENGTH_BYTES];
    if (stream_read(stream, length, sizeof(length)) != 0) {
        return false;
    }
    struct str query;
    size_t size = (size_t)length[0] << 8 | length[1];
    if (size == 0 || stream_peek(stream, size, &query) != 0) {
        return false;
    }
    bool answered = answer(server, str_first(query, size), true, out);
    stream_skip(stream, size);
    if (answered) {
        stream_put_char(stream, (char)(out->size >> 8));
        stream_put_char(stream, (char)(out->size & 0xff));
        stream_put(stream, buf_str(out));
    }
    return stream_flush(stream) == 0;
}

static void serve_connection(struct sys *sys, void *argument)
{
    struct endpoint *endpoint = argument;
    struct stream stream;
    struct buf out;
    buf_init(&out, sys_mem(sys), DNS_MESSAGE_MAX);
    stream_open(&stream, sys, sys_mem(sys), endpoint->fd, DNS_MESSAGE_MAX + TCP_LENGTH_BYTES);
    stream_set_timeout(&stream, TCP_IDLE_S * SYS_SECOND_NS);
    while (serve_query(endpoint->server, &stream, &out)) {}
    stream_close(&stream);
    buf_done(&out);
    mem_free(sys_mem(sys), endpoint);
}

static struct endpoint *new_endpoint(struct server *server, const struct sys_address *address,
                                     int fd)
{
    struct endpoint *endpoint = mem_alloc(sys_mem(server->sys), sizeof(*endpoint));
    *endpoint = (struct endpoint){server, *address, fd};
    return endpoint;
}

static void serve_tcp(struct sys *sys, void *argument)
{
    struct endpoint *endpoint = argument;
    int fd = sys_listen(sys, &endpoint->address, BACKLOG);
    int accepted = fd;
    while (accepted >= 0) {
        struct sys_address client;
        accepted = sys_accept(sys, fd, &client, SYS_FOREVER);
        if (accepted >= 0) {
            struct endpoint *connection = new_endpoint(endpoint->server, &client, accepted);
            if (sys_fiber_start(sys, &endpoint->server->fibers, serve_connection, connection) !=
                0) {
                sys_close(sys, accepted);
            }
        }
    }
    sys_close(sys, fd);
}

int peer_dns_main(struct sys *sys, int argc, char **argv)
{
    struct server *server = mem_alloc(sys_mem(sys), sizeof(*server));
    server->sys = sys;
    peer_arguments_parse(sys, argc, argv, 53, &server->arguments);
    arena_init(&server->arena, sys_mem(sys), ARENA_MAX);
    parse_lines(server);
    sys_group_init(&server->fibers);
    for (int i = 0; i < server->arguments.address_count; i++) {
        struct endpoint *endpoint = new_endpoint(server, &server->arguments.addresses[i], -1);
        int error = sys_fiber_start(sys, &server->fibers, serve_udp, endpoint);
        if (error != 0 || sys_fiber_start(sys, &server->fibers, serve_tcp, endpoint) != 0) {
            return 1;
        }
    }
    sys_group_join(sys, &server->fibers);
    return 0;
}
