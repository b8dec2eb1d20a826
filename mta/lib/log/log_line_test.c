// SPDX-License-Identifier: ISC
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "log/log_line.h"

#include "base/err.h"
#include "log/test_fields.h"

#define SECOND_NS  INT64_C(1000000000)
#define NOW_WALL_S INT64_C(1795491957) /* 2026-11-24 03:45:57 UTC */

enum { OFFSET_S = 3600, MEMORY_BYTES_MAX = 1 << 20 };

static const struct log_head head = {
    .wall_ns = NOW_WALL_S * 1000000000 + 123456789,
    .utc_offset_s = OFFSET_S,
    .host = STR_INIT("mx.test"),
    .tag = STR_INIT("postfix/smtpd"),
    .pid = 123,
};

struct world {
    struct mem *mem;
    struct buf line;
    struct buf again;
    struct arena arena;
};

static int set_up(void **state)
{
    static struct world world;
    world.mem = mem_create(0, NULL, NULL);
    buf_init(&world.line, world.mem, MEMORY_BYTES_MAX);
    buf_init(&world.again, world.mem, MEMORY_BYTES_MAX);
    arena_init(&world.arena, world.mem, MEMORY_BYTES_MAX);
    *state = &world;
    return 0;
}

static int tear_down(void **state)
{
    struct world *world = *state;
    buf_done(&world->line);
    buf_done(&world->again);
    arena_done(&world->arena);
    assert_int_equal(mem_count(world->mem), 0);
    mem_destroy(world->mem);
    return 0;
}

static struct world *clean(void **state)
{
    struct world *world = *state;
    buf_clear(&world->line);
    buf_clear(&world->again);
    arena_reset(&world->arena);
    return world;
}

static int parse(struct world *world, const char *line, struct log_line *parsed)
{
    return log_line_parse(str_from(line), NOW_WALL_S, OFFSET_S, &world->arena, parsed);
}

static void assert_text(struct str text, const char *expected)
{
    assert_true(str_equal(text, str_from(expected)));
}

/* ---- written and read -------------------------------------------------------------------------- */

static void check_round(void **state, enum log_format format, enum log_event event)
{
    struct world *world = clean(state);
    struct log_line parsed;
    log_line_write_event(&world->line, format, &head, event, &test_fields);
    assert_int_equal(parse(world, buf_text(&world->line), &parsed), 0);
    assert_int_equal(parsed.head.wall_ns / SECOND_NS, NOW_WALL_S);
    assert_text(parsed.head.tag, "postfix/smtpd");
    assert_string_equal(log_event_name(parsed.event), log_event_name(event));
    log_line_write(&world->again, format, &parsed);
    assert_string_equal(buf_text(&world->again), buf_text(&world->line));
}

static void test_every_event_is_read_back_from_both_forms(void **state)
{
    for (enum log_event event = 0; event < LOG_EVENT_COUNT; event++) {
        check_round(state, LOG_FORMAT_TEXT, event);
        check_round(state, LOG_FORMAT_JSON, event);
    }
}

static void test_a_message_is_read_back_as_its_text(void **state)
{
    static const enum log_format formats[] = {LOG_FORMAT_TEXT, LOG_FORMAT_JSON};
    for (size_t i = 0; i < 2; i++) {
        struct world *world = clean(state);
        struct log_line parsed;
        log_line_write_message(&world->line, formats[i], &head, LOG_WARNING,
                               STR("cannot open \"x\": no"));
        assert_int_equal(parse(world, buf_text(&world->line), &parsed), 0);
        assert_int_equal(parsed.event, LOG_EVENT_COUNT);
        assert_text(parsed.text, "cannot open \"x\": no");
    }
}

static void test_a_long_text_is_cut_at_a_character(void **state)
{
    struct world *world = clean(state);
    struct buf *reason = &world->again;
    struct log_line parsed;
    buf_put_text(reason, "x");
    while (reason->size < LOG_LINE_MAX) {
        buf_put_text(reason, "\xe2\x82\xac");
    }
    log_line_write_event(&world->line, LOG_FORMAT_TEXT, &head, LOG_delivery,
                         &(struct log_fields){.queue_id = STR("4c"), .reason = buf_str(reason)});
    assert_int_equal(parse(world, buf_text(&world->line), &parsed), 0);
    assert_int_equal(parsed.event, LOG_delivery);
    assert_true(parsed.text.size > LOG_LINE_MAX - 3 && parsed.text.size <= LOG_LINE_MAX);
    assert_true(str_ends_with(parsed.fields.reason, STR("\xe2\x82\xac...")));
}

static void test_the_time_of_a_line_can_be_set(void **state)
{
    static const enum log_format formats[] = {LOG_FORMAT_TEXT, LOG_FORMAT_JSON};
    for (size_t i = 0; i < 2; i++) {
        struct world *world = clean(state);
        struct log_line parsed;
        log_line_write_message(&world->line, formats[i], &head, LOG_FATAL, STR("x"));
        log_line_set_time(world->line.data, formats[i], (NOW_WALL_S - 60) * 1000000000, OFFSET_S);
        assert_int_equal(parse(world, buf_text(&world->line), &parsed), 0);
        assert_int_equal(parsed.head.wall_ns / SECOND_NS, NOW_WALL_S - 60);
        assert_text(parsed.text, "x");
    }
}

/* ---- read -------------------------------------------------------------------------------------- */

static void test_the_text_form(void **state)
{
    struct world *world = clean(state);
    struct log_line parsed;
    assert_int_equal(parse(world, "Nov 24 04:45:57 mx postfix/qmgr[7]: 4Yxyz12: removed", &parsed),
                     0);
    assert_int_equal(parsed.head.wall_ns / SECOND_NS, NOW_WALL_S);
    assert_text(parsed.head.tag, "postfix/qmgr");
    assert_text(parsed.text, "4Yxyz12: removed");
    assert_int_equal(parsed.event, LOG_removed);
    assert_text(parsed.fields.queue_id, "4Yxyz12");
}

static void test_a_warning_is_no_event_that_is_none(void **state)
{
    struct world *world = clean(state);
    struct log_line parsed;
    assert_int_equal(
        parse(world, "Nov 24 04:45:57 mx postfix/qmgr[7]: warning: 4Yxyz12: removed", &parsed), 0);
    assert_int_equal(parsed.event, LOG_EVENT_COUNT);
    assert_int_equal(parsed.fields.queue_id.size, 0);
    assert_text(parsed.text, "4Yxyz12: removed");
}

static void test_the_json_form(void **state)
{
    struct world *world = clean(state);
    struct log_line parsed;
    assert_int_equal(
        parse(world,
              "{\"time\":\"2026-11-24T03:45:57.000001Z\",\"host\":\"mx\",\"program\":\"a/b\","
              "\"pid\":7,\"severity\":\"info\",\"event\":\"delivery\",\"delay\":1.25,\"status\":"
              "\"s\\u0065nt\",\"colour\":\"red\"}",
              &parsed),
        0);
    assert_int_equal(parsed.head.wall_ns / SECOND_NS, NOW_WALL_S);
    assert_text(parsed.head.tag, "a/b");
    assert_int_equal(parsed.event, LOG_delivery);
    assert_int_equal(parsed.fields.delay, 1250000000);
    assert_text(parsed.fields.status, "sent");
    assert_int_equal(parsed.text.size, 0);
}

#define TIME     "\"time\":\"2026-11-24T03:45:57.000001Z\","
#define HOST     "\"host\":\"mx\","
#define PROGRAM  "\"program\":\"a\","
#define PID      "\"pid\":7,"
#define SEVERITY "\"severity\":\"info\","
#define EVENT    "\"event\":\"removed\""

static void test_other_lines_are_refused(void **state)
{
    static const char *const lines[] = {
        "",
        "Nov 24 04:45:57",
        "Nov 24 04:45:57 ",
        "Nov 24 04:45:57 mx",
        "Nov 24 04:45:57 mx kernel: hello",
        "Nov 24 04:45:57  a[1]: no host",
        "Nov 24 04:45:57 mx [1]: no tag",
        "Nov 24 04:45:57 mx a[x]: no pid",
        "Nov 24 04:45:57 mx a[]: no pid",
        "Nov 24 04:45:57 mx a[1]:no blank",
        "Nov 24 24:45:57 mx a[1]: no time",
        "{",
        "{}",
        "{" HOST PROGRAM PID SEVERITY EVENT "}",
        "{" TIME PROGRAM PID SEVERITY EVENT "}",
        "{" TIME HOST PID SEVERITY EVENT "}",
        "{" TIME HOST PROGRAM SEVERITY EVENT "}",
        "{" TIME HOST PROGRAM PID EVENT "}",
        "{" TIME HOST PROGRAM PID "\"severity\":\"info\"}",
        "{\"time\":\"yesterday\"," HOST PROGRAM PID SEVERITY EVENT "}",
        "{" TIME HOST "\"program\":1," PID SEVERITY EVENT "}",
        "{" TIME HOST PROGRAM "\"pid\":\"7\"," SEVERITY EVENT "}",
        "{" TIME HOST PROGRAM PID "\"severity\":\"odd\"," EVENT "}",
        "{" TIME HOST PROGRAM PID SEVERITY EVENT ",\"queue_id\":1}",
    };
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        struct log_line parsed;
        assert_int_equal(parse(clean(state), lines[i], &parsed), -ERR_SYNTAX);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_event_is_read_back_from_both_forms),
        cmocka_unit_test(test_a_message_is_read_back_as_its_text),
        cmocka_unit_test(test_a_long_text_is_cut_at_a_character),
        cmocka_unit_test(test_the_time_of_a_line_can_be_set),
        cmocka_unit_test(test_the_text_form),
        cmocka_unit_test(test_a_warning_is_no_event_that_is_none),
        cmocka_unit_test(test_the_json_form),
        cmocka_unit_test(test_other_lines_are_refused),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
