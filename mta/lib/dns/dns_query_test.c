// SPDX-License-Identifier: ISC
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "dns/dns_query.h"
#include "os/os.h"
#include "stream/stream.h"
#include "sys/clock.h"

/* A server of our own on loopback: what it does with a question is the test's choice. */
enum behaviour { ANSWERS, IS_SILENT, SPOILS_ID_FIRST, TRUNCATES, FAILS, KNOWS_NO_NAME };

enum { ROOM = 4096 };

struct server {
    int udp;
    int tcp;
    enum behaviour behaviour;
    int question_count;
    int tcp_count;
    char data[ROOM];
};

static struct sys *test_sys;
static struct sys_group group;
static struct server server;
static struct dns_config config;
static struct buf answer;
static struct dns_message message;

/* The answer to the question in data, into out. */
static void put_answer(struct server *of, size_t size, bool by_udp, struct buf *out)
{
    struct dns_message query;
    struct dns_record record = {.type = DNS_TYPE_A, .ttl_s = 60, .ip = {192, 0, 2, 7}};
    if (dns_message_parse(str_of(of->data, size), &query) != 0) {
        return;
    }
    query.is_response = true;
    query.rcode = of->behaviour == FAILS           ? DNS_RCODE_SERVER_FAILURE
                  : of->behaviour == KNOWS_NO_NAME ? DNS_RCODE_NAME_ERROR
                                                   : DNS_RCODE_OK;
    dns_message_write_response(out, &query);
    if (query.rcode != DNS_RCODE_OK) {
        return;
    }
    (void)snprintf(record.name, sizeof(record.name), "%s", query.question_name);
    (void)!dns_message_add(out, &record);
    if (of->behaviour == TRUNCATES && by_udp) {
        dns_message_truncate(out);
    }
}

static void answer_datagram(struct server *of, size_t size, const struct sys_address *client)
{
    struct buf out;
    of->question_count++;
    if (of->behaviour == IS_SILENT) {
        return;
    }
    buf_init(&out, sys_mem(test_sys), ROOM);
    put_answer(of, size, true, &out);
    if (of->behaviour == SPOILS_ID_FIRST) {
        out.data[0] = (char)(out.data[0] ^ 1);
        (void)!sys_send_to(test_sys, of->udp, out.data, out.size, client, SYS_FOREVER);
        out.data[0] = (char)(out.data[0] ^ 1);
    }
    (void)!sys_send_to(test_sys, of->udp, out.data, out.size, client, SYS_FOREVER);
    buf_done(&out);
}

static void serve_udp(struct sys *sys, void *argument)
{
    struct server *of = argument;
    for (;;) {
        struct sys_address client;
        long size = sys_receive_from(sys, of->udp, of->data, ROOM, &client, SYS_FOREVER);
        if (size < 0) {
            return;
        }
        answer_datagram(of, (size_t)size, &client);
    }
}

static void answer_stream(struct server *of, int fd)
{
    struct stream stream;
    struct buf out;
    uint8_t head[2];
    stream_open(&stream, test_sys, sys_mem(test_sys), fd, ROOM);
    buf_init(&out, sys_mem(test_sys), ROOM);
    if (stream_read(&stream, head, 2) == 0) {
        size_t size = (size_t)head[0] << 8 | head[1];
        if (stream_read(&stream, of->data, size) == 0) {
            put_answer(of, size, false, &out);
            stream_put_char(&stream, (char)(out.size >> 8));
            stream_put_char(&stream, (char)out.size);
            stream_put(&stream, buf_str(&out));
            (void)!stream_flush(&stream);
        }
    }
    buf_done(&out);
    stream_close(&stream);
}

static void serve_tcp(struct sys *sys, void *argument)
{
    struct server *of = argument;
    for (;;) {
        int fd = sys_accept(sys, of->tcp, NULL, SYS_FOREVER);
        if (fd < 0) {
            return;
        }
        of->tcp_count++;
        answer_stream(of, fd);
    }
}

/* One server that behaves, behind `dead_count` ports where nobody listens. */
static void start_server(enum behaviour behaviour, int dead_count)
{
    struct sys_address any;
    struct sys_address bound;
    server = (struct server){.behaviour = behaviour};
    assert_int_equal(sys_address_parse(STR("127.0.0.1"), 0, &any), 0);
    server.udp = sys_datagram_listen(test_sys, &any);
    assert_true(server.udp >= 0);
    assert_int_equal(sys_local_address(test_sys, server.udp, &bound), 0);
    server.tcp = sys_listen(test_sys, &bound, 5);
    assert_true(server.tcp >= 0);
    assert_int_equal(sys_fiber_start(test_sys, &group, serve_udp, &server), 0);
    assert_int_equal(sys_fiber_start(test_sys, &group, serve_tcp, &server), 0);
    config = (struct dns_config){.timeout_ns = 50 * SYS_MILLI_NS, .attempts = 2};
    for (int i = 0; i < dead_count; i++) {
        config.servers[config.server_count] = bound;
        config.servers[config.server_count++].port = 1;
    }
    config.servers[config.server_count++] = bound;
}

static int set_up(void **state)
{
    (void)state;
    sys_group_init(&group);
    buf_init(&answer, sys_mem(test_sys), DNS_MESSAGE_MAX);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    sys_group_cancel(test_sys, &group);
    sys_group_join(test_sys, &group);
    sys_close(test_sys, server.udp);
    sys_close(test_sys, server.tcp);
    buf_done(&answer);
    return 0;
}

static int ask(void)
{
    return dns_query(test_sys, &config, STR("Host.a.test"), DNS_TYPE_A, &answer, &message,
                     sys_deadline(test_sys, SYS_SECOND_NS));
}

static void assert_answered(void)
{
    struct dns_record record;
    assert_int_equal(dns_message_next(&message, &record), 1);
    assert_int_equal(record.type, DNS_TYPE_A);
    assert_int_equal(record.ip[3], 7);
}

static void test_an_answer(void **state)
{
    (void)state;
    start_server(ANSWERS, 0);
    assert_int_equal(ask(), 0);
    assert_answered();
    assert_int_equal(server.question_count, 1);
}

static void test_a_foreign_id_does_not_count(void **state)
{
    (void)state;
    start_server(SPOILS_ID_FIRST, 0);
    assert_int_equal(ask(), 0);
    assert_answered();
    assert_int_equal(server.question_count, 1);
}

static void test_a_truncated_answer_comes_by_tcp(void **state)
{
    (void)state;
    start_server(TRUNCATES, 0);
    assert_int_equal(ask(), 0);
    assert_answered();
    assert_int_equal(server.tcp_count, 1);
}

static void test_dead_servers_are_passed_over(void **state)
{
    (void)state;
    start_server(ANSWERS, 2);
    assert_int_equal(ask(), 0);
    assert_answered();
}

static void test_silence_ends_after_all_attempts(void **state)
{
    (void)state;
    start_server(IS_SILENT, 0);
    assert_int_equal(ask(), -ERR_TIMEOUT);
    assert_int_equal(server.question_count, 2);
}

static void test_a_server_that_fails_is_no_answer(void **state)
{
    (void)state;
    start_server(FAILS, 0);
    assert_int_equal(ask(), -ERR_UNAVAILABLE);
    assert_int_equal(server.question_count, 2);
}

static void test_no_such_name_is_an_answer(void **state)
{
    (void)state;
    start_server(KNOWS_NO_NAME, 0);
    assert_int_equal(ask(), 0);
    assert_int_equal(message.rcode, DNS_RCODE_NAME_ERROR);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

static int query_tests(struct sys *sys, int argc, char **argv)
{
    (void)argc;
    (void)argv;
    test_sys = sys;
    const struct CMUnitTest tests[] = {
        TEST(test_an_answer),
        TEST(test_a_foreign_id_does_not_count),
        TEST(test_a_truncated_answer_comes_by_tcp),
        TEST(test_dead_servers_are_passed_over),
        TEST(test_silence_ends_after_all_attempts),
        TEST(test_a_server_that_fails_is_no_answer),
        TEST(test_no_such_name_is_an_answer),
    };
    return cmocka_run_group_tests_name("dns_query", tests, NULL, NULL);
}

int main(int argc, char **argv)
{
    os_run(query_tests, argc, argv);
}
