// SPDX-License-Identifier: ISC
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/test_instance.h"
#include "mail/cleanup_client.h"
#include "os/os.h"
#include "sys/clock.h"
#include "sys/fiber.h"
#include "sys/fs.h"
#include "sys/net.h"

/* A cleanup service of few words, in a fiber of this process: it greets, takes one message as far
 * as its END record, and does with the connection what the test wants. */
enum after { GREET_AGAIN, CLOSE, VANISH_BEFORE_REPLY };

static struct sys *test_sys;
static const struct conf *conf;
static struct cleanup_client client;
static struct arena arena;
static struct sys_group servers;
static int listener;
static enum after after;
static int connection_count;
static const char *queue_id;
static int greeting_error;

static void greet(struct stream *stream)
{
    ipc_cleanup_greeting_send(stream,
                              &(struct ipc_cleanup_greeting){.protocol = STR(IPC_PROTOCOL_CLEANUP),
                                                             .queue_id = str_from(queue_id),
                                                             .error = -greeting_error});
}

static int take_message(struct stream *stream)
{
    struct arena scratch;
    struct ipc_cleanup_request request;
    arena_init(&scratch, stream->mem, IPC_MESSAGE_MAX);
    int error = ipc_cleanup_request_receive(stream, &scratch, &request);
    arena_done(&scratch);
    while (error == 0) {
        struct queue_record record;
        size_t used_bytes;
        if (queue_record_parse(stream_input(stream), &record, &used_bytes) != PARSE_OK) {
            error = stream_fill(stream);
            continue;
        }
        stream_skip(stream, used_bytes);
        if (record.type == QUEUE_RECORD_END) {
            return 0;
        }
    }
    return error;
}

static void serve(struct stream *stream)
{
    greet(stream);
    while (take_message(stream) == 0 && after != VANISH_BEFORE_REPLY) {
        const struct ipc_cleanup_reply reply = {.status = CLEANUP_OK, .reason = STR("")};
        ipc_cleanup_reply_send(stream, &reply);
        if (after == CLOSE) {
            break;
        }
        greet(stream);
    }
    int error = stream_flush(stream);
    (void)error;
}

static void serve_clients(struct sys *sys, void *argument)
{
    (void)argument;
    for (;;) {
        struct stream stream;
        int fd = sys_accept(sys, listener, NULL, SYS_FOREVER);
        if (fd < 0) {
            return;
        }
        connection_count++;
        stream_open(&stream, sys, sys_mem(sys), fd, IPC_MESSAGE_MAX);
        serve(&stream);
        stream_close(&stream);
    }
}

static int set_up(void **state)
{
    (void)state;
    struct sys_address address;
    assert_int_equal(sys_address_unix(STR("public/cleanup"), &address), 0);
    listener = sys_listen(test_sys, &address, 5);
    assert_true(listener >= 0);
    after = GREET_AGAIN;
    connection_count = 0;
    greeting_error = 0;
    queue_id = "4jYTq02Vy6z1bY8l";
    sys_group_init(&servers);
    assert_int_equal(sys_fiber_start(test_sys, &servers, serve_clients, NULL), 0);
    cleanup_client_init(&client, test_sys, conf);
    arena_init(&arena, sys_mem(test_sys), 1 << 20);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    cleanup_client_done(&client);
    arena_done(&arena);
    sys_group_cancel(test_sys, &servers);
    sys_group_join(test_sys, &servers);
    sys_close(test_sys, listener);
    return 0;
}

static int64_t send_message(void)
{
    struct cleanup_message message;
    struct str reason;
    assert_int_equal(cleanup_client_begin(&client, 0, &message), 0);
    assert_string_equal(message.queue_id, queue_id);
    cleanup_client_put(&message, QUEUE_RECORD_SENDER, STR("a@our.example"));
    cleanup_client_put(&message, QUEUE_RECORD_END, STR(""));
    return cleanup_client_end(&message, &arena, &reason);
}

static void test_one_connection_carries_many_messages(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        assert_int_equal(send_message(), CLEANUP_OK);
    }
    assert_int_equal(connection_count, 1);
}

static void test_connection_that_ended_meanwhile_is_replaced(void **state)
{
    (void)state;
    after = CLOSE;
    assert_int_equal(send_message(), CLEANUP_OK);
    assert_int_equal(send_message(), CLEANUP_OK);
    assert_int_equal(connection_count, 2);
}

static void test_lost_service_is_no_acknowledgement(void **state)
{
    (void)state;
    after = VANISH_BEFORE_REPLY;
    assert_int_equal(send_message(), CLEANUP_WRITE);
}

static void test_service_without_room_says_so_at_once(void **state)
{
    (void)state;
    struct cleanup_message message;
    queue_id = "";
    greeting_error = -ERR_NO_SPACE;
    assert_int_equal(cleanup_client_begin(&client, 0, &message), -ERR_NO_SPACE);
}

static int cleanup_client_tests(struct sys *sys, int argc, char **argv)
{
    (void)argc;
    (void)argv;
    struct test_instance instance;
    test_sys = sys;
    test_instance_make(&instance, sys);
    conf = instance.conf;
    assert_int_equal(sys_mkdir(sys, SYS_HERE, "public", 0700), 0);
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_one_connection_carries_many_messages),
        TEST(test_connection_that_ended_meanwhile_is_replaced),
        TEST(test_lost_service_is_no_acknowledgement),
        TEST(test_service_without_room_says_so_at_once),
    };
#undef TEST
    int failed = cmocka_run_group_tests_name("cleanup_client", tests, NULL, NULL);
    return test_instance_remove(&instance, failed);
}

int main(int argc, char **argv)
{
    os_run(cleanup_client_tests, argc, argv);
}
