// SPDX-License-Identifier: ISC
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "proto/smtp_reply.h"

#include "base/err.h"
#include "proto/test_page.h"

/* Feeds the lines of text, which a newline separates; how the last one ended. */
static enum parse feed(struct smtp_reply *reply, const char *text)
{
    struct str rest = str_from(text);
    struct str line;
    enum parse parse = PARSE_MORE;

    while (parse == PARSE_MORE && str_next(&rest, '\n', &line)) {
        parse = smtp_reply_feed(reply, test_page(line));
    }
    assert_null(rest.data);
    return parse;
}

struct reply_case {
    const char *text;
    enum parse parse;
    int code;
    const char *status;
};

static const struct reply_case cases[] = {
    {"250 2.1.5 Ok", PARSE_OK, 250, "2.1.5"},
    {"250", PARSE_OK, 250, ""},
    {"220-first\n220 last", PARSE_OK, 220, ""},
    {"550-5.1.1 no\n550 5.1.2 such user", PARSE_OK, 550, "5.1.2"},
    {"450-a\n550 b", PARSE_OK, 550, ""},
    {"250-a", PARSE_MORE, 0, ""},
    {"", PARSE_BAD, 0, ""},
    {"25", PARSE_BAD, 0, ""},
    {"2500 ok", PARSE_BAD, 0, ""},
    {"250:ok", PARSE_BAD, 0, ""},
    {"199 ok", PARSE_BAD, 0, ""},
    {"600 ok", PARSE_BAD, 0, ""},
    {"250-ok\nhello", PARSE_BAD, 0, ""},
};

static void test_replies(void **state)
{
    struct mem *mem = mem_create(0, NULL, NULL);
    struct smtp_reply reply;
    char status[ENHANCED_STATUS_TEXT_SIZE];

    (void)state;
    smtp_reply_init(&reply, mem);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        smtp_reply_clear(&reply);
        assert_int_equal(feed(&reply, cases[i].text), cases[i].parse);
        assert_int_equal(reply.code, cases[i].code);
        assert_string_equal(enhanced_status_text(reply.status, status), cases[i].status);
    }
    smtp_reply_done(&reply);
    mem_destroy(mem);
}

static void test_text_keeps_all_lines_and_no_control_bytes(void **state)
{
    struct mem *mem = mem_create(0, NULL, NULL);
    struct smtp_reply reply;

    (void)state;
    smtp_reply_init(&reply, mem);
    assert_int_equal(feed(&reply, "250-a\rb\x01\n250 c\x7f\xc3\xa4"), PARSE_OK);
    assert_string_equal(buf_text(&reply.text), "250-a?b?\n250 c?\xc3\xa4");
    struct str rest = buf_str(&reply.text);
    struct str line;
    assert_true(smtp_reply_next_line(&rest, &line));
    assert_true(str_equal(line, STR("a?b?")));
    assert_true(smtp_reply_next_line(&rest, &line));
    assert_true(str_equal(line, STR("c?\xc3\xa4")));
    assert_false(smtp_reply_next_line(&rest, &line));
    smtp_reply_done(&reply);
    mem_destroy(mem);
}

static void test_long_replies_are_cut_and_endless_ones_end(void **state)
{
    struct mem *mem = mem_create(0, NULL, NULL);
    struct smtp_reply reply;
    enum parse parse = PARSE_MORE;
    int line_count = 0;

    (void)state;
    smtp_reply_init(&reply, mem);
    for (; parse == PARSE_MORE; line_count++) {
        parse = smtp_reply_feed(&reply,
                                STR("250-a line that is repeated again and again without any end"));
    }
    assert_int_equal(parse, PARSE_BAD);
    assert_int_equal(line_count, SMTP_REPLY_LINES_MAX + 1);
    assert_int_equal(reply.text.size, SMTP_REPLY_TEXT_MAX);
    assert_int_equal(buf_error(&reply.text), 0);
    smtp_reply_done(&reply);
    mem_destroy(mem);
}

static void test_write_repeats_code_and_status(void **state)
{
    struct mem *mem = mem_create(0, NULL, NULL);
    struct buf out;

    (void)state;
    buf_init(&out, mem, 1000);
    smtp_reply_write(&out, 250, NULL, STR("host\nPIPELINING\nSIZE 100"));
    smtp_reply_write(&out, 550, "5.1.1", STR("no\nno"));
    smtp_reply_write(&out, 354, NULL, str_of(NULL, 0));
    assert_string_equal(buf_text(&out), "250-host\r\n250-PIPELINING\r\n250 SIZE 100\r\n"
                                        "550-5.1.1 no\r\n550 5.1.1 no\r\n354 \r\n");
    buf_done(&out);
    mem_destroy(mem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_replies),
        cmocka_unit_test(test_text_keeps_all_lines_and_no_control_bytes),
        cmocka_unit_test(test_long_replies_are_cut_and_endless_ones_end),
        cmocka_unit_test(test_write_repeats_code_and_status),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
