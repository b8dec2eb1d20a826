// SPDX-License-Identifier: ISC
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "os/os.h"
#include "stream/stream.h"
#include "sys/clock.h"

/* Both ends of a conversation: ours as a stream, the peer's as a bare descriptor. */
static struct sys *test_sys;
static struct stream stream;
static int peer;

static int set_up(void **state)
{
    (void)state;
    int pair[2];
    assert_int_equal(sys_socket_pair(test_sys, pair), 0);
    stream_open(&stream, test_sys, sys_mem(test_sys), pair[0], 8192);
    stream_set_timeout(&stream, 2 * SYS_SECOND_NS);
    peer = pair[1];
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    stream_close(&stream);
    sys_close(test_sys, peer);
    return 0;
}

static void peer_says(const char *text)
{
    struct str bytes = str_from(text);
    assert_int_equal(sys_write(test_sys, peer, bytes.data, bytes.size, SYS_FOREVER), bytes.size);
}

/* What the peer has received by now, as text. */
static const char *peer_hears(char text[256])
{
    long count = sys_read(test_sys, peer, text, 255, sys_deadline(test_sys, 50 * SYS_MILLI_NS));
    text[count < 0 ? 0 : count] = '\0';
    return text;
}

static void assert_line(const char *expected)
{
    struct str line;
    assert_int_equal(stream_read_line(&stream, 100, &line), 0);
    assert_int_equal(line.size, strlen(expected));
    assert_memory_equal(line.data, expected, line.size);
}

static void test_lines_keep_their_ends(void **state)
{
    (void)state;
    peer_says("one\r\ntwo\n\nthree");
    assert_line("one\r\n");
    assert_line("two\n");
    assert_line("\n");
    peer_says("\r\n");
    assert_line("three\r\n");
}

static void test_long_line_comes_in_pieces(void **state)
{
    (void)state;
    struct str line;
    peer_says("0123456789\n");
    assert_int_equal(stream_read_line(&stream, 4, &line), -ERR_LIMIT);
    assert_memory_equal(line.data, "0123", 4);
    assert_int_equal(stream_error(&stream), 0);
    assert_line("456789\n");
}

static void test_replies_leave_when_input_is_used_up(void **state)
{
    (void)state;
    char text[256];
    struct str line;
    peer_says("a\nb\n");
    assert_line("a\n");
    stream_put_text(&stream, "1\r\n");
    assert_line("b\n");
    stream_printf(&stream, "%d\r\n", 2);
    assert_string_equal(peer_hears(text), "");
    stream_set_timeout(&stream, SYS_MILLI_NS);
    assert_int_equal(stream_read_line(&stream, 100, &line), -ERR_TIMEOUT);
    assert_string_equal(peer_hears(text), "1\r\n2\r\n");
}

static void test_first_error_stays(void **state)
{
    (void)state;
    struct str line;
    sys_close(test_sys, peer);
    peer = -1;
    assert_int_equal(stream_read_line(&stream, 100, &line), -ERR_CLOSED);
    stream_fail(&stream, -ERR_TIMEOUT);
    stream_put_text(&stream, "ignored");
    assert_int_equal(stream_pending(&stream), 0);
    assert_int_equal(stream_flush(&stream), -ERR_CLOSED);
}

static void test_deadline_ends_all_waits(void **state)
{
    (void)state;
    struct str input;
    stream_set_deadline(&stream, sys_deadline(test_sys, 5 * SYS_MILLI_NS));
    assert_int_equal(stream_peek(&stream, 1, &input), -ERR_TIMEOUT);
}

static void test_peek_shows_without_taking(void **state)
{
    (void)state;
    struct str input;
    char data[3];
    peer_says("abcdef");
    assert_int_equal(stream_peek(&stream, 4, &input), 0);
    assert_int_equal(input.size, 6);
    stream_skip(&stream, 2);
    assert_int_equal(stream_read(&stream, data, 3), 0);
    assert_memory_equal(data, "cde", 3);
    assert_memory_equal(stream_input(&stream).data, "f", 1);
}

static void test_full_input_is_a_limit_not_an_error(void **state)
{
    (void)state;
    struct str input;
    char text[1025];
    memset(text, 'x', 1024);
    text[1024] = '\0';
    for (int i = 0; i < 8; i++) {
        peer_says(text);
    }
    assert_int_equal(stream_peek(&stream, 8192, &input), 0);
    assert_int_equal(stream_fill(&stream), -ERR_LIMIT);
    assert_int_equal(stream_error(&stream), 0);
}

static void test_printf_beyond_the_buffer_fails(void **state)
{
    (void)state;
    stream_printf(&stream, "%9000d", 1);
    assert_int_equal(stream_error(&stream), -ERR_LIMIT);
}

/* ---- more than the buffers hold, both ways at once ------------------------------------------- */

enum { BIG_BYTES = 300000 };

static void send_back(struct sys *sys, void *argument)
{
    (void)argument;
    char data[2000];
    long count = sys_read(sys, peer, data, sizeof(data), SYS_FOREVER);
    while (count > 0) {
        long sent = 0;
        while (sent < count) {
            long part = sys_write(sys, peer, data + sent, (size_t)(count - sent), SYS_FOREVER);
            if (part < 0) {
                return;
            }
            sent += part;
        }
        count = sys_read(sys, peer, data, sizeof(data), SYS_FOREVER);
    }
}

static void test_output_larger_than_the_buffer_arrives(void **state)
{
    (void)state;
    char piece[100];
    char back[100];
    struct sys_group group;
    struct mem *mem = sys_mem(test_sys);
    char *big = mem_alloc(mem, 20000);
    sys_group_init(&group);
    assert_int_equal(sys_fiber_start(test_sys, &group, send_back, NULL), 0);
    for (int i = 0; i < BIG_BYTES / 100; i++) {
        (void)snprintf(piece, sizeof(piece), "%099d", i);
        stream_put(&stream, str_of(piece, sizeof(piece)));
        assert_int_equal(stream_read(&stream, back, sizeof(back)), 0);
        assert_memory_equal(back, piece, sizeof(piece));
    }
    memset(big, 'x', 20000);
    stream_put(&stream, str_of(big, 20000));
    for (int i = 0; i < 200; i++) {
        assert_int_equal(stream_read(&stream, back, sizeof(back)), 0);
        assert_int_equal(back[99], 'x');
    }
    stream_close(&stream);
    sys_group_join(test_sys, &group);
    mem_free(mem, big);
}

static int stream_tests(struct sys *sys, int argc, char **argv)
{
    (void)argc;
    (void)argv;
    test_sys = sys;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_lines_keep_their_ends, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_long_line_comes_in_pieces, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_replies_leave_when_input_is_used_up, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_first_error_stays, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_deadline_ends_all_waits, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_peek_shows_without_taking, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_full_input_is_a_limit_not_an_error, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_printf_beyond_the_buffer_fails, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_output_larger_than_the_buffer_arrives, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests_name("stream", tests, NULL, NULL);
}

int main(int argc, char **argv)
{
    os_run(stream_tests, argc, argv);
}
