// SPDX-License-Identifier: ISC
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "proto/smtp_data.h"

#include "proto/test_page.h"

enum { LINE_BYTES_MAX = 8 };

struct data_case {
    const char *input;
    const char *pieces; /* "N:" or "L:" and the text, with "|" behind each; "E" at the end */
    const char *left;   /* bytes behind what was taken */
};

static const struct data_case cases[] = {
    {".\r\n", "E", ""},
    {"a\r\n.\r\nQUIT\r\n", "N:a|E", "QUIT\r\n"},
    {"\r\n.\r\n", "N:|E", ""},
    {"..\r\n.\r\n", "N:.|E", ""},
    {".a\r\n.\r\n", "N:a|E", ""},
    {"a.\r\n.\r\n", "N:a.|E", ""},
    {"12345678\r\n.\r\n", "N:12345678|E", ""},
    {".12345678\r\n.\r\n", "N:12345678|E", ""},
    {"123456789\r\n.\r\n", "L:12345678|N:9|E", ""},
    {"123456789\n.\r\n", "L:12345678|N:9|N:|", ""},
    {"1234567812345678\r\n.\r\n", "L:12345678|N:12345678|E", ""},
    {"12345678.\r\n.\r\n", "L:12345678|N:.|E", ""},
    /* a bare LF ends a line, but is no part of the end */
    {"a\n.\n", "N:a|N:|", ""},
    {"a\n.\r\n", "N:a|N:|", ""},
    {"a\r\n.\n", "N:a|N:|", ""},
    {"a\n.\r\nb\r\n.\r\n", "N:a|N:|N:b|E", ""},
    {".\n.\r\n.\r\n", "N:|N:|E", ""},
    /* a bare CR is data */
    {"a\r.\r\n.\r\n", "N:a\r.|E", ""},
    {"a\r\n.\r\r\n.\r\n", "N:a|N:\r|E", ""},
    {"a\r\r\n.\r\n", "N:a\r|E", ""},
    {"\r", "", "\r"},
    {"a\r\n.\r", "N:a|", ".\r"},
    {".", "", "."},
};

static struct str read_pieces(struct str input, struct buf *pieces)
{
    struct smtp_data_reader reader;
    enum smtp_data_result result = SMTP_DATA_LINE;

    smtp_data_reader_init(&reader, LINE_BYTES_MAX);
    while (result == SMTP_DATA_LINE || result == SMTP_DATA_PART) {
        struct str text;
        size_t used_bytes = 0;
        result = smtp_data_read(&reader, input, &text, &used_bytes);
        if (result == SMTP_DATA_LINE || result == SMTP_DATA_PART) {
            buf_putf(pieces, "%s%.*s|", result == SMTP_DATA_LINE ? "N:" : "L:", STR_ARG(text));
        }
        input = str_skip(input, used_bytes);
    }
    buf_put_text(pieces, result == SMTP_DATA_END ? "E" : "");
    return input;
}

static void test_end_dots_and_lines(void **state)
{
    struct mem *mem = mem_create(0, NULL, NULL);
    struct buf pieces;

    (void)state;
    buf_init(&pieces, mem, 1000);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        buf_clear(&pieces);
        struct str left = read_pieces(test_page(str_from(cases[i].input)), &pieces);
        assert_string_equal(buf_text(&pieces), cases[i].pieces);
        assert_true(str_equal(left, str_from(cases[i].left)));
    }
    mem_destroy(mem);
}

static void test_bare_line_feeds_are_noticed(void **state)
{
    struct smtp_data_reader reader;
    struct str text;
    size_t used_bytes = 0;

    (void)state;
    smtp_data_reader_init(&reader, LINE_BYTES_MAX);
    assert_int_equal(smtp_data_read(&reader, STR("a\r\n"), &text, &used_bytes), SMTP_DATA_LINE);
    assert_false(reader.saw_bare_lf);
    assert_int_equal(smtp_data_read(&reader, STR("a\n"), &text, &used_bytes), SMTP_DATA_LINE);
    assert_true(reader.saw_bare_lf);
}

static void test_writing_stuffs_and_cuts(void **state)
{
    struct mem *mem = mem_create(0, NULL, NULL);
    struct smtp_data_writer writer;
    struct buf out;

    (void)state;
    buf_init(&out, mem, 1000);
    smtp_data_writer_init(&writer, 0);
    smtp_data_write(&writer, &out, STR(".a"), true);
    smtp_data_write(&writer, &out, STR(""), true);
    smtp_data_write(&writer, &out, STR("."), false);
    smtp_data_write(&writer, &out, STR(".b"), false);
    smtp_data_write_end(&writer, &out);
    assert_string_equal(buf_text(&out), "..a\r\n\r\n...b\r\n.\r\n");
    buf_clear(&out);
    smtp_data_writer_init(&writer, 4);
    smtp_data_write(&writer, &out, STR("12345678"), true);
    smtp_data_write(&writer, &out, STR("1234"), true);
    smtp_data_write_end(&writer, &out);
    assert_string_equal(buf_text(&out), "1234\r\n 567\r\n 8\r\n1234\r\n.\r\n");
    mem_destroy(mem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_end_dots_and_lines),
        cmocka_unit_test(test_bare_line_feeds_are_noticed),
        cmocka_unit_test(test_writing_stuffs_and_cuts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
