// SPDX-License-Identifier: ISC
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "log/event.h"

struct output {
    struct mem *mem;
    struct buf buf;
};

static int set_up(void **state)
{
    static struct output output;
    output.mem = mem_create(0, NULL, NULL);
    buf_init(&output.buf, output.mem, 1 << 20);
    *state = &output;
    return 0;
}

static int tear_down(void **state)
{
    struct output *output = *state;
    buf_done(&output->buf);
    assert_int_equal(mem_count(output->mem), 0);
    mem_destroy(output->mem);
    return 0;
}

static struct buf *clean(void **state)
{
    struct output *output = *state;
    buf_clear(&output->buf);
    return &output->buf;
}

#define assert_event(expected, event, ...)                                          \
    do {                                                                            \
        struct buf *out_ = clean(state);                                            \
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
    struct buf *out = clean(state);
    log_put_text(out, STR("\xc0\xaf|\xed\xa0\x80|\xf5|\xc2\x85|\xe2\x80\xa8|\x7f|\xe2\x82\xac"));
    assert_string_equal(buf_text(out), "\?\?|\?\?\?|?|?|?|?|\xe2\x82\xac");
}

static void test_json_shows_what_the_event_shows(void **state)
{
    struct buf *out = clean(state);
    log_event_json(
        out, LOG_queue_active,
        &(const struct log_fields){
            .queue_id = STR("1"), .sender = STR("a\"\\\n\xff"), .size = 7, .dsn = STR("2.0.0")});
    assert_string_equal(buf_text(out),
                        ",\"queue_id\":\"1\",\"sender\":\"a\\\"\\\\\\u000a\\ufffd\",\"size\":7");
}

static void test_delays_have_two_significant_digits(void **state)
{
    static const struct {
        int64_t milli_s;
        const char *text;
    } rows[] = {
        {-5, "0"},     {0, "0"},     {4, "0"},      {5, "0.01"},   {56, "0.06"},
        {100, "0.1"},  {999, "1"},   {1000, "1"},   {1240, "1.2"}, {1250, "1.3"},
        {9949, "9.9"}, {9950, "10"}, {12400, "12"}, {12500, "13"}, {433100000, "433100"},
        {560, "0.56"}, {5000, "5"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct buf *out = clean(state);
        log_put_delay(out, rows[i].milli_s * 1000000);
        assert_string_equal(buf_text(out), rows[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_delivery_has_the_known_shape),
        cmocka_unit_test(test_an_empty_sender_is_shown_and_an_unknown_one_is_not),
        cmocka_unit_test(test_foreign_text_cannot_leave_its_place),
        cmocka_unit_test(test_good_utf8_stays_and_bad_is_replaced),
        cmocka_unit_test(test_json_shows_what_the_event_shows),
        cmocka_unit_test(test_delays_have_two_significant_digits),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
