// SPDX-License-Identifier: ISC
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "proto/smtp_command.h"

#include "base/buf.h"
#include "base/err.h"
#include "proto/test_page.h"

struct command_case {
    const char *line;
    enum smtp_verb verb;
    const char *name;
    const char *argument;
};

static const struct command_case command_cases[] = {
    {"EHLO host.example", SMTP_VERB_EHLO, "EHLO", "host.example"},
    {"ehlo\thost", SMTP_VERB_EHLO, "ehlo", "host"},
    {"DATA", SMTP_VERB_DATA, "DATA", ""},
    {"  NOOP   a  b  ", SMTP_VERB_NOOP, "NOOP", "a  b"},
    {"MAIL FROM:<a@b>", SMTP_VERB_MAIL, "MAIL", "FROM:<a@b>"},
    {"MAILFROM:<a@b>", SMTP_VERB_UNKNOWN, "MAILFROM:<a@b>", ""},
    {"GET / HTTP/1.1", SMTP_VERB_UNKNOWN, "GET", "/ HTTP/1.1"},
    {"", SMTP_VERB_UNKNOWN, "", ""},
    {" ", SMTP_VERB_UNKNOWN, "", ""},
    {"UNKNOWN", SMTP_VERB_UNKNOWN, "UNKNOWN", ""},
};

static void test_verb_and_argument(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(command_cases) / sizeof(command_cases[0]); i++) {
        const struct command_case *c = &command_cases[i];
        struct smtp_command command;
        smtp_command_parse(test_page(str_from(c->line)), &command);
        assert_int_equal(command.verb, c->verb);
        assert_true(str_equal(command.name, str_from(c->name)));
        assert_true(str_equal(command.argument, str_from(c->argument)));
    }
}

struct path_case {
    const char *argument;
    int error;
    const char *address;
    const char *parameters; /* name=value, joined by spaces */
};

static const struct path_case path_cases[] = {
    {"FROM:<a@b.example>", 0, "<a@b.example>", ""},
    {"FROM:<>", 0, "<>", ""},
    {"from: <a@b> SIZE=1000  body=8BITMIME", 0, "<a@b>", "SIZE=1000 body=8BITMIME"},
    {"FROM:<\xc3\xbc@b> X=\xc3\xbc", 0, "<\xc3\xbc@b>", "X=\xc3\xbc"},
    {"FROM:<a@b> \xc3\xbc=1", -ERR_INVALID, NULL, NULL},
    {"FROM:a@b SMTPUTF8", 0, "a@b", "SMTPUTF8"},
    {"FROM:<\"a> b\"@c>", 0, "<\"a> b\"@c>", ""},
    {"FROM:<\"a\\\"> b\"@c> X=1", 0, "<\"a\\\"> b\"@c>", "X=1"},
    {"FROM:<a@b>SIZE=1", -ERR_SYNTAX, NULL, NULL},
    {"FROM:", -ERR_SYNTAX, NULL, NULL},
    {"FROM", -ERR_SYNTAX, NULL, NULL},
    {"TO:<a@b>", -ERR_SYNTAX, NULL, NULL},
    {"FROM <a@b>", -ERR_SYNTAX, NULL, NULL},
    {"FROM:<a@b", -ERR_SYNTAX, NULL, NULL},
    {"FROM:\"a@b", -ERR_SYNTAX, NULL, NULL},
    {"FROM:a\\", -ERR_SYNTAX, NULL, NULL},
    {"FROM:<a@b> SIZE=", -ERR_INVALID, NULL, NULL},
    {"FROM:<a@b> =1", -ERR_INVALID, NULL, NULL},
    {"FROM:<a@b> XVERP=+=", 0, "<a@b>", "XVERP=+="},
    {"FROM:<a@b> -a=b", -ERR_INVALID, NULL, NULL},
};

static void join_parameters(const struct smtp_path *path, struct buf *out)
{
    for (int i = 0; i < path->parameter_count; i++) {
        const struct smtp_parameter *parameter = &path->parameters[i];
        buf_put_text(out, i > 0 ? " " : "");
        buf_put(out, parameter->name);
        buf_put_text(out, parameter->value.data != NULL ? "=" : "");
        buf_put(out, parameter->value);
    }
}

static void test_path_and_parameters(void **state)
{
    struct mem *mem = mem_create(0, NULL, NULL);

    (void)state;
    for (size_t i = 0; i < sizeof(path_cases) / sizeof(path_cases[0]); i++) {
        const struct path_case *c = &path_cases[i];
        struct smtp_path path;
        struct buf text;
        buf_init(&text, mem, 1000);
        struct str argument = test_page(str_from(c->argument));
        assert_int_equal(smtp_command_parse_path(argument, STR("FROM"), &path), c->error);
        if (c->error == 0) {
            join_parameters(&path, &text);
            assert_true(str_equal(path.address, str_from(c->address)));
            assert_string_equal(buf_text(&text), c->parameters);
        }
        buf_done(&text);
    }
    mem_destroy(mem);
}

static void test_too_many_parameters_are_refused(void **state)
{
    struct mem *mem = mem_create(0, NULL, NULL);
    struct buf line;
    struct smtp_path path;

    (void)state;
    buf_init(&line, mem, 1000);
    buf_put_text(&line, "TO:<a@b>");
    for (int i = 0; i < SMTP_PARAMETERS_MAX; i++) {
        buf_putf(&line, " P%d=%d", i, i);
    }
    assert_int_equal(smtp_command_parse_path(buf_str(&line), STR("TO"), &path), 0);
    assert_int_equal(path.parameter_count, SMTP_PARAMETERS_MAX);
    buf_put_text(&line, " X=1");
    assert_int_equal(smtp_command_parse_path(buf_str(&line), STR("TO"), &path), -ERR_LIMIT);
    mem_destroy(mem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_verb_and_argument),
        cmocka_unit_test(test_path_and_parameters),
        cmocka_unit_test(test_too_many_parameters_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
