// SPDX-License-Identifier: ISC
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "proto/notice_template.h"

#include "base/err.h"
#include "proto/test_page.h"

static struct notice_template_reader read_text(const char *text)
{
    return (struct notice_template_reader){.rest = test_page(str_from(text))};
}

static void test_templates(void **state)
{
    struct notice_template_reader reader = read_text("# a comment\n"
                                                     "\n"
                                                     "failure_template = <<EOF\n"
                                                     "charset: utf-8\n"
                                                     "FROM: Mail <MAILER-DAEMON>\n"
                                                     "Subject:  two  words \n"
                                                     "Postmaster-Subject: copy\n"
                                                     "\n"
                                                     "  at $myhostname\n"
                                                     "\n"
                                                     "# no comment\n"
                                                     "EOF\n"
                                                     "delay_template=<<END\r\n"
                                                     "no header here\r\n"
                                                     "END\r\n");
    struct notice_template template;
    struct notice_template_problem problem;
    enum notice_kind kind;
    (void)state;
    assert_int_equal(notice_template_next(&reader, &kind, &template, &problem), 1);
    assert_int_equal(kind, NOTICE_FAILURE);
    assert_true(str_equal(template.charset, STR("utf-8")));
    assert_true(str_equal(template.from, STR("Mail <MAILER-DAEMON>")));
    assert_true(str_equal(template.subject, STR("two  words")));
    assert_true(str_equal(template.postmaster_subject, STR("copy")));
    assert_true(str_equal(template.text, STR("  at $myhostname\n\n# no comment\n")));
    assert_int_equal(notice_template_next(&reader, &kind, &template, &problem), 1);
    assert_int_equal(kind, NOTICE_DELAY);
    assert_null(template.subject.data);
    assert_true(str_equal(template.text, STR("no header here\r\n")));
    assert_int_equal(notice_template_next(&reader, &kind, &template, &problem), 0);
}

static void test_problems(void **state)
{
    static const struct {
        const char *text;
        int line;
        const char *problem;
    } cases[] = {
        {"x\n", 1, "a template begins with name = <<EOF"},
        {"failure_template = text\n", 1, "a template begins with name = <<EOF"},
        {"\nodd_template = <<EOF\nEOF\n", 2, "unknown template"},
        {"failure_template = <<EOF\n\ntext\n", 1, "the template does not end: no line is"},
        {"failure_template = <<EOF\nX-Foo: bar\n\nEOF\n", 2, "unknown header"},
        {"failure_template = <<EOF\nFrom: a\nfrom: b\n\nEOF\n", 3, "header given twice"},
        {"failure_template = <<EOF\nFrom:\n\nEOF\n", 2, "bad value of header"},
        {"failure_template = <<EOF\nSubject: \xc3\xa9\n\nEOF\n", 2, "bad value of header"},
        {"failure_template = <<EOF\nCharset: a\"b\n\nEOF\n", 2, "bad value of header"},
        {"failure_template = <<EOF\nFrom: a\n b\n\nEOF\n", 3, "an empty line must end the headers"},
        {"failure_template = <<EOF\n\n\xc3\xa9\nEOF\n", 3,
         "text with other than ASCII characters needs the header Charset"},
        {"failure_template = <<EOF\n\na\x01z\nEOF\n", 3, "control character"},
    };
    struct notice_template template;
    struct notice_template_problem problem;
    enum notice_kind kind;
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct notice_template_reader reader = read_text(cases[i].text);
        assert_int_equal(notice_template_next(&reader, &kind, &template, &problem), -ERR_SYNTAX);
        assert_string_equal(problem.text, cases[i].problem);
        assert_int_equal(problem.line, cases[i].line);
    }
}

static void test_reading_goes_on_behind_a_bad_template(void **state)
{
    struct notice_template_reader reader = read_text("failure_template = <<EOF\n"
                                                     "X-Foo: bar\n"
                                                     "\n"
                                                     "EOF\n"
                                                     "verify_template = <<EOF\n"
                                                     "EOF\n");
    struct notice_template template;
    struct notice_template_problem problem;
    enum notice_kind kind;
    (void)state;
    assert_int_equal(notice_template_next(&reader, &kind, &template, &problem), -ERR_SYNTAX);
    assert_int_equal(notice_template_next(&reader, &kind, &template, &problem), 1);
    assert_int_equal(kind, NOTICE_VERIFY);
}

static void test_written_is_read_again(void **state)
{
    struct mem *mem = mem_create(0, NULL, NULL);
    const struct notice_template template = {
        .charset = STR("us-ascii"),
        .from = STR("MAILER-DAEMON"),
        .subject = STR("hello"),
        .text = STR("EOF\n EOF_\nend\n"),
    };
    struct notice_template again;
    struct notice_template_problem problem;
    enum notice_kind kind;
    struct buf out;
    (void)state;
    buf_init(&out, mem, 1000);
    notice_template_write(NOTICE_SUCCESS, &template, &out);
    struct notice_template_reader reader = {.rest = test_page(buf_str(&out))};
    assert_int_equal(notice_template_next(&reader, &kind, &again, &problem), 1);
    assert_int_equal(kind, NOTICE_SUCCESS);
    assert_true(str_equal(again.text, template.text));
    assert_true(str_equal(again.subject, template.subject));
    assert_null(again.postmaster_subject.data);
    mem_destroy(mem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_templates),
        cmocka_unit_test(test_problems),
        cmocka_unit_test(test_reading_goes_on_behind_a_bad_template),
        cmocka_unit_test(test_written_is_read_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
