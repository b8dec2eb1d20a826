// SPDX-License-Identifier: ISC
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "ipc/ipc.h"
#include "os/os.h"
#include "sys/clock.h"
#include "sys/fs.h"
#include "sys/process.h"

/* A rewrite service of our own: one fiber, one connection after another. */
static struct sys *test_sys;
static struct sys_group group;
static struct ipc_pool pool;
static struct arena arena;
static char path[64];
static const char *protocol; /* in its greeting */
static int requests_per_connection;
static int connection_count;
static int64_t start_delay_ns; /* before it listens */

static void serve_connection(struct sys *sys, int fd)
{
    struct stream stream;
    struct ipc_rewrite_request request;
    stream_open(&stream, sys, sys_mem(sys), fd, IPC_MESSAGE_MAX);
    ipc_greeting_send(&stream, &(struct ipc_greeting){.protocol = str_from(protocol)});
    for (int i = 0; i < requests_per_connection; i++) {
        if (ipc_rewrite_request_receive(&stream, &arena, &request) != 0) {
            break;
        }
        ipc_rewrite_reply_send(&stream, &(struct ipc_rewrite_reply){.address = request.address});
    }
    (void)!stream_flush(&stream);
    stream_close(&stream);
}

static void serve(struct sys *sys, void *argument)
{
    (void)argument;
    struct sys_address address;
    if (sys_sleep_until(sys, sys_deadline(sys, start_delay_ns)) != 0 ||
        sys_address_unix(str_from(path), &address) != 0) {
        return;
    }
    int listener = sys_listen(sys, &address, 10);
    for (;;) {
        int fd = sys_accept(sys, listener, NULL, SYS_FOREVER);
        if (fd < 0) {
            break;
        }
        connection_count++;
        serve_connection(sys, fd);
    }
    sys_close(sys, listener);
}

static int set_up(void **state)
{
    (void)state;
    (void)snprintf(path, sizeof(path), "ipc_test.%d", sys_pid(test_sys));
    arena_init(&arena, sys_mem(test_sys), 1 << 20);
    ipc_pool_init(&pool, test_sys,
                  &(struct ipc_service){.path = path,
                                        .protocol = IPC_PROTOCOL_REWRITE,
                                        .timeout_ns = 500 * SYS_MILLI_NS,
                                        .idle_max = 2});
    protocol = IPC_PROTOCOL_REWRITE;
    requests_per_connection = 100;
    connection_count = 0;
    start_delay_ns = 0;
    sys_group_init(&group);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    ipc_pool_done(&pool);
    sys_group_cancel(test_sys, &group);
    sys_group_join(test_sys, &group);
    (void)!sys_unlink(test_sys, SYS_HERE, path);
    arena_done(&arena);
    return 0;
}

static void start_service(void)
{
    assert_int_equal(sys_fiber_start(test_sys, &group, serve, NULL), 0);
}

static int ask(const char *address)
{
    struct ipc_rewrite_reply reply;
    const struct ipc_rewrite_request request = {.rule = STR("local"), .address = str_from(address)};
    int error = ipc_rewrite(&pool, &arena, &request, &reply);
    if (error == 0) {
        assert_true(str_equal(reply.address, request.address));
    }
    return error;
}

static void test_a_connection_serves_many_requests(void **state)
{
    (void)state;
    start_service();
    for (int i = 0; i < 10; i++) {
        assert_int_equal(ask("a@b.test"), 0);
    }
    assert_int_equal(connection_count, 1);
    assert_int_equal(pool.idle_count, 1);
}

static void test_a_service_that_starts_late_is_waited_for(void **state)
{
    (void)state;
    start_delay_ns = 100 * SYS_MILLI_NS;
    start_service();
    assert_int_equal(ask("a@b.test"), 0);
}

static void test_a_service_that_never_starts_is_given_up(void **state)
{
    (void)state;
    int64_t begin_ns = sys_now_ns(test_sys);
    assert_true(ask("a@b.test") < 0);
    assert_true(sys_now_ns(test_sys) - begin_ns >= 400 * SYS_MILLI_NS);
}

static void test_a_dead_kept_connection_is_replaced(void **state)
{
    (void)state;
    requests_per_connection = 1;
    start_service();
    assert_int_equal(ask("a@b.test"), 0);
    assert_int_equal(ask("c@d.test"), 0);
    assert_int_equal(connection_count, 2);
}

static void test_a_dead_fresh_connection_is_an_error(void **state)
{
    (void)state;
    requests_per_connection = 0;
    start_service();
    assert_int_equal(ask("a@b.test"), -ERR_CLOSED);
    assert_int_equal(connection_count, 1);
}

static void test_another_service_is_refused(void **state)
{
    (void)state;
    protocol = IPC_PROTOCOL_CLEANUP;
    start_service();
    assert_int_equal(ask("a@b.test"), -ERR_PROTOCOL);
}

static void test_idle_connections_are_not_kept_for_ever(void **state)
{
    (void)state;
    pool.service.idle_ns = 10 * SYS_MILLI_NS;
    requests_per_connection = 1;
    start_service();
    assert_int_equal(ask("a@b.test"), 0);
    assert_int_equal(sys_sleep_until(test_sys, sys_deadline(test_sys, 20 * SYS_MILLI_NS)), 0);
    assert_int_equal(ask("a@b.test"), 0);
    assert_int_equal(pool.idle_count, 1);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

static int ipc_tests(struct sys *sys, int argc, char **argv)
{
    (void)argc;
    (void)argv;
    test_sys = sys;
    const struct CMUnitTest tests[] = {
        TEST(test_a_connection_serves_many_requests),
        TEST(test_a_service_that_starts_late_is_waited_for),
        TEST(test_a_service_that_never_starts_is_given_up),
        TEST(test_a_dead_kept_connection_is_replaced),
        TEST(test_a_dead_fresh_connection_is_an_error),
        TEST(test_another_service_is_refused),
        TEST(test_idle_connections_are_not_kept_for_ever),
    };
    return cmocka_run_group_tests_name("ipc", tests, NULL, NULL);
}

int main(int argc, char **argv)
{
    os_run(ipc_tests, argc, argv);
}
