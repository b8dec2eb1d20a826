// SPDX-License-Identifier: ISC
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "log/event.h"
#include "log/test_fields.h"
#include "log/test_output.h"

#define assert_event(expected, event, ...)                                          \
    do {                                                                            \
        struct buf *out_ = test_output_clean(state);                                \
        log_event_text(out_, LOG_##event, &(const struct log_fields){__VA_ARGS__}); \
        assert_string_equal(buf_text(out_), expected);                              \
    } while (0)

static void test_a_delivery_has_the_known_shape(void **state)
{
    assert_event("4c: to=<r@x.test>, relay=mx.x.test[192.0.2.1]:25, delay=1.2, "
                 "delays=0.1/0/0.5/0.6, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as X)",
                 delivery, .queue_id = STR("4c"), .recipient = STR("r@x.test"),
                 .relay = STR("mx.x.test[192.0.2.1]:25"), .delay = 1200000000,
                 .delay_before_queue = 100000000, .delay_in_queue = 1000000,
                 .delay_connection = 500000000, .delay_transmission = 600000000,
                 .dsn = STR("2.0.0"), .status = STR("sent"),
                 .reason = STR("250 2.0.0 Ok: queued as X"));
    assert_event("4c: to=<r@x.test>, orig_to=<o@y.test>, relay=none, conn_use=2, delay=0, "
                 "delays=0/0/0/0, dsn=4.4.3, status=deferred (no)",
                 delivery, .queue_id = STR("4c"), .recipient = STR("r@x.test"),
                 .original_recipient = STR("o@y.test"), .relay = STR("none"), .connection_use = 2,
                 .dsn = STR("4.4.3"), .status = STR("deferred"), .reason = STR("no"));
}

static void test_an_empty_sender_is_shown_and_an_unknown_one_is_not(void **state)
{
    assert_event("NOQUEUE: reject: RCPT from unknown[192.0.2.1]: 554 5.7.1 no; from=<> to=<r@x> "
                 "proto=ESMTP helo=<h>",
                 reject, .stage = STR("RCPT"), .client_name = STR("unknown"),
                 .client_address = STR("192.0.2.1"), .reply = STR("554 5.7.1 no"),
                 .sender = STR(""), .recipient = STR("r@x"), .protocol = STR("ESMTP"),
                 .helo = STR("h"));
    assert_event("NOQUEUE: reject: CONNECT from unknown[192.0.2.1]: 554 5.7.1 no; proto=SMTP",
                 reject, .stage = STR("CONNECT"), .client_name = STR("unknown"),
                 .client_address = STR("192.0.2.1"), .reply = STR("554 5.7.1 no"),
                 .protocol = STR("SMTP"));
}

static void test_foreign_text_cannot_leave_its_place(void **state)
{
    assert_event("1: from=<a?, status=sent (?b@x>, size=0, nrcpt=0 (queue active)", queue_active,
                 .queue_id = STR("1"), .sender = STR("a>, status=sent (\nb@x"));
    assert_event("1: message-id=<a?warning: b>", message_id, .queue_id = STR("1"),
                 .message_id = STR("<a\nwarning: b>"));
    assert_event("connect from a?b?c[1]", connect, .client_name = STR("a b,c"),
                 .client_address = STR("1"));
}

static void test_good_utf8_stays_and_bad_is_replaced(void **state)
{
    assert_event("1: from=<b\xc3\xbc@x?>, size=1, nrcpt=2 (queue active)", queue_active,
                 .queue_id = STR("1"), .sender = STR("b\xc3\xbc@x\xc3"), .size = 1,
                 .recipient_count = 2);
}

static void test_json_shows_what_the_event_shows(void **state)
{
    struct buf *out = test_output_clean(state);
    log_event_json(
        out, LOG_queue_active,
        &(const struct log_fields){
            .queue_id = STR("1"), .sender = STR("a\"\\\n\xff"), .size = 7, .dsn = STR("2.0.0")});
    assert_string_equal(buf_text(out),
                        ",\"queue_id\":\"1\",\"sender\":\"a\\\"\\\\\\u000a\\ufffd\",\"size\":7");
}

/* ---- reading ----------------------------------------------------------------------------------- */

static const struct log_fields no_fields = {.sender = {"", 0}, .recipient = {"", 0}};

/* The text of the event is read as this event with the same fields. */
static void check_reading(void **state, enum log_event event, const struct log_fields *fields)
{
    struct test_output *output = *state;
    struct log_fields parsed = {0};
    enum log_event found = LOG_EVENT_COUNT;
    struct buf again;
    struct buf *out = test_output_clean(state);
    buf_init(&again, output->mem, 1 << 20);
    log_event_text(out, event, fields);
    assert_int_equal(log_event_parse(buf_str(out), &found, &parsed), 0);
    assert_string_equal(log_event_name(found), log_event_name(event));
    log_event_text(&again, event, &parsed);
    assert_string_equal(buf_text(&again), buf_text(out));
    buf_clear(&again);
    log_event_json(&again, event, &parsed);
    buf_clear(out);
    log_event_json(out, event, fields);
    assert_string_equal(buf_text(&again), buf_text(out));
    buf_done(&again);
}

static void test_every_event_is_read_back(void **state)
{
    for (enum log_event event = 0; event < LOG_EVENT_COUNT; event++) {
        check_reading(state, event, &test_fields);
        check_reading(state, event, &no_fields);
    }
}

static void test_the_event_that_explains_most_is_it(void **state)
{
    static const struct {
        const char *text;
        enum log_event event;
    } rows[] = {
        {"4c: removed", LOG_removed},
        {"4c: removed (canceled)", LOG_removed_canceled},
        {"4c: host mx.test[192.0.2.1] said: 450 4.2.0 later (in reply to RCPT TO)", LOG_host_said},
        {"4c: host mx.test[192.0.2.1] said: 450 4.2.0 see: 4d", LOG_host_said},
        {"4c: sender non-delivery notification: 4d", LOG_notification},
        {"NOQUEUE: timeout after RCPT from unknown[2001:db8::1]", LOG_timeout},
        {"connect to mx.test[2001:db8::1]:25: Connection refused", LOG_connect_failed},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct log_fields fields;
        enum log_event event = LOG_EVENT_COUNT;
        assert_int_equal(log_event_parse(str_from(rows[i].text), &event, &fields), 0);
        assert_string_equal(log_event_name(event), log_event_name(rows[i].event));
    }
}

static void assert_text(struct str text, const char *expected)
{
    assert_true(str_equal(text, str_from(expected)));
}

static void test_a_reply_may_look_like_what_stands_behind_it(void **state)
{
    struct log_fields fields;
    enum log_event event = LOG_EVENT_COUNT;
    (void)state;
    assert_int_equal(
        log_event_parse(STR("NOQUEUE: reject: RCPT from a[::1]: 554 no; from=<x> to=<y>; from=<> "
                            "to=<\"a;b\"@z> proto=SMTP"),
                        &event, &fields),
        0);
    assert_int_equal(event, LOG_reject);
    assert_int_equal(fields.queue_id.size, 0);
    assert_text(fields.client_address, "::1");
    assert_text(fields.reply, "554 no; from=<x> to=<y>");
    assert_text(fields.sender, "");
    assert_non_null(fields.sender.data);
    assert_text(fields.recipient, "\"a;b\"@z");
    assert_text(fields.protocol, "SMTP");
    assert_null(fields.helo.data);
}

static void test_what_no_event_writes_is_not_read(void **state)
{
    static const char *const texts[] = {
        "",
        "starting",
        "no queue id: removed",
        "4c: uid=007 from=<a>",
        "4c: from=<a>b>, size=1, nrcpt=1 (queue active)",
        "connect from a[1] ",
        "connect from a b[1]",
        "connect from a[1\n]",
        "connect from a[\xff]",
        "disconnect from a[1] ",
        "disconnect from a[1], sasl_method=",
    };
    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct log_fields fields;
        enum log_event event = LOG_EVENT_COUNT;
        if (log_event_parse(str_from(texts[i]), &event, &fields) == 0) {
            assert_int_equal(event, LOG_host_said); /* which says anything */
        }
    }
}

static void test_of_a_text_that_was_cut_the_rest_is_read(void **state)
{
    struct log_fields fields;
    enum log_event event = LOG_EVENT_COUNT;
    struct buf *out = test_output_clean(state);
    log_event_text(out, LOG_delivery, &test_fields);
    buf_truncate(out, out->size - 1);
    while (out->size < LOG_LINE_MAX - 3) {
        buf_put_char(out, 'x');
    }
    buf_put_text(out, "...");
    assert_int_equal(log_event_parse(buf_str(out), &event, &fields), 0);
    assert_int_equal(event, LOG_delivery);
    assert_text(fields.status, "status.test");
    assert_true(str_starts_with(fields.reason, VALUE_TEXT(reason)));
    assert_true(str_ends_with(fields.reason, STR("xxx...")));
    buf_put_char(out, '.');
    assert_int_not_equal(log_event_parse(buf_str(out), &event, &fields), 0);
}

static void test_a_member_sets_its_field(void **state)
{
    struct log_fields fields = {0};
    (void)state;
    assert_int_equal(
        log_event_parse_member(&(struct json_member){STR("sender"), STR("a"), true}, &fields), 0);
    assert_int_equal(
        log_event_parse_member(&(struct json_member){STR("size"), STR("7"), false}, &fields), 0);
    assert_int_equal(log_event_parse_member(
                         &(struct json_member){STR("delay"), STR("1.234567"), false}, &fields),
                     0);
    assert_int_equal(
        log_event_parse_member(&(struct json_member){STR("colour"), STR("red"), true}, &fields), 0);
    assert_text(fields.sender, "a");
    assert_int_equal(fields.size, 7);
    assert_int_equal(fields.delay, 1234567000);
    assert_int_not_equal(
        log_event_parse_member(&(struct json_member){STR("sender"), STR("1"), false}, &fields), 0);
    assert_int_not_equal(
        log_event_parse_member(&(struct json_member){STR("size"), STR("7"), true}, &fields), 0);
    assert_int_not_equal(
        log_event_parse_member(&(struct json_member){STR("size"), STR("7.5"), false}, &fields), 0);
}

static void test_events_are_found_by_name(void **state)
{
    (void)state;
    assert_int_equal(log_event_find(STR("removed")), LOG_removed);
    assert_int_equal(log_event_find(STR("message")), LOG_EVENT_COUNT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_delivery_has_the_known_shape),
        cmocka_unit_test(test_an_empty_sender_is_shown_and_an_unknown_one_is_not),
        cmocka_unit_test(test_foreign_text_cannot_leave_its_place),
        cmocka_unit_test(test_good_utf8_stays_and_bad_is_replaced),
        cmocka_unit_test(test_json_shows_what_the_event_shows),
        cmocka_unit_test(test_every_event_is_read_back),
        cmocka_unit_test(test_the_event_that_explains_most_is_it),
        cmocka_unit_test(test_a_reply_may_look_like_what_stands_behind_it),
        cmocka_unit_test(test_what_no_event_writes_is_not_read),
        cmocka_unit_test(test_of_a_text_that_was_cut_the_rest_is_read),
        cmocka_unit_test(test_a_member_sets_its_field),
        cmocka_unit_test(test_events_are_found_by_name),
    };
    return cmocka_run_group_tests(tests, test_output_set_up, test_output_tear_down);
}
