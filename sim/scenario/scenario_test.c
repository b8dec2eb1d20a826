// SPDX-License-Identifier: ISC
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scenario/scenario.h"

enum { ARENA_MAX = 8 << 20 };

struct fixture {
    struct mem *mem;
    struct arena arena;
    struct buf report;
    struct syntax_problems problems;
};

static void exhausted(void *argument)
{
    (void)argument;
    fail();
}

static struct scenario *parse(struct fixture *f, const char *text, int instance)
{
    f->mem = mem_create(0, exhausted, NULL);
    arena_init(&f->arena, f->mem, ARENA_MAX);
    buf_init(&f->report, f->mem, ARENA_MAX);
    f->problems = (struct syntax_problems){"x.scn", str_from(text), &f->report, 0};
    return scenario_parse(&f->arena, str_from(text), instance, &f->problems);
}

static void done(struct fixture *f)
{
    mem_destroy(f->mem);
}

static const char greylisting[] =
    "scenario \"Greylisting: refused with 450 for five minutes, then accepted\"\n"
    "tags     greylisting 4xx\n"
    "worlds   sim live\n"
    "\n"
    "mta mx.our.test 198.51.100.1\n"
    "  started -300s\n"
    "  mailbox alice@our.test\n"
    "\n"
    "zone far.test\n"
    "  @    MX 10 mx\n"
    "  mx   A  192.0.2.10   ttl 60s   until 200s\n"
    "\n"
    "# `first` is the first time\n"
    "peer mx.far.test 192.0.2.10\n"
    "  rcpt <bob@far.test> => 450 4.2.0 \"come back\"   until first + 299s\n"
    "  end-of-data => accept then reset   connection 1\n"
    "\n"
    "at 10s\n"
    "  flush\n"
    "at 0s\n"
    "  submit A from <alice@our.test> to <bob@far.test> <carl@far.test> notify never verp \"+=\"\n"
    "    to <carl@far.test> notify success,delay orcpt \"rfc822;c+2B@far.test\"\n"
    "  submit B from <alice@our.test> to <r0@far.test> .. <r119@far.test>\n"
    "    to <r7@far.test> .. <r9@far.test> notify never\n"
    "\n"
    "expect A attempts at 0s 500s then every 4200s\n"
    "when accepted A\n"
    "  expect A to <bob@far.test> delivered count 1.. because power-cut\n"
    "  expect dsn to <alice@our.test> count 1\n"
    "    action failed\n"
    "expect queue empty at end\n";

static void test_a_file_becomes_world_script_and_expectations(void **state)
{
    (void)state;
    struct fixture f;
    struct scenario *s = parse(&f, greylisting, 0);
    assert_string_equal(buf_text(&f.report), "");
    assert_non_null(s);
    assert_true(
        str_equal(s->title, STR("Greylisting: refused with 450 for five minutes, then accepted")));
    assert_int_equal(s->worlds, SCENARIO_WORLD_SIM | SCENARIO_WORLD_LIVE);
    assert_int_equal(s->mta_started_ns, -300 * INT64_C(1000000000));
    assert_int_equal(s->actions->form, SCENARIO_FORM_SUBMIT); /* by time */
    assert_int_equal(s->actions->children->form, SCENARIO_FORM_SUBMIT_TO);
    assert_int_equal(s->actions->next->form, SCENARIO_FORM_SUBMIT);
    assert_int_equal(s->actions->next->next->form, SCENARIO_FORM_FLUSH);
    assert_int_equal(s->expectations->form, SCENARIO_FORM_EXPECT_ATTEMPTS_AT);
    assert_null(s->expectations->when);
    const struct scenario_statement *delivered = s->expectations->next;
    assert_non_null(delivered->when);
    assert_int_equal(scenario_value(delivered, SCENARIO_SLOT_COUNT)->low, 1);
    assert_int_equal(delivered->next->children->form, SCENARIO_FORM_DSN_FIELD);
    assert_null(delivered->next->next->when);
    done(&f);
}

static void test_what_is_written_parses_to_the_same(void **state)
{
    (void)state;
    struct fixture first;
    struct fixture second;
    struct buf once;
    struct buf twice;
    struct scenario *s = parse(&first, greylisting, 0);
    buf_init(&once, first.mem, ARENA_MAX);
    scenario_write(s, &once);
    s = parse(&second, buf_text(&once), 0);
    assert_string_equal(buf_text(&second.report), "");
    assert_non_null(s);
    buf_init(&twice, second.mem, ARENA_MAX);
    scenario_write(s, &twice);
    assert_string_equal(buf_text(&once), buf_text(&twice));
    done(&first);
    done(&second);
}

static void test_for_multiplies_a_file(void **state)
{
    (void)state;
    static const char text[] = "scenario \"A 421 at {stage} and {code}\"\n"
                               "for stage in banner ehlo mail\n"
                               "for code in 421 450\n"
                               "mta mx.our.test 198.51.100.1\n"
                               "peer mx1.far.test 192.0.2.10\n"
                               "  {stage} => {code} \"no ${stage}\"\n";
    struct fixture f;
    struct scenario *s = parse(&f, text, 4);
    assert_int_equal(scenario_instance_count(&f.arena, str_from(text), &f.problems), 6);
    assert_string_equal(buf_text(&f.report), "");
    assert_true(str_equal(s->title, STR("A 421 at ehlo and 450")));
    assert_true(str_equal(s->instance, STR("stage=ehlo code=450")));
    assert_true(str_equal(s->peers->children->text, STR("ehlo => 450 \"no ${stage}\"")));
    done(&f);
}

#define TOP            \
    "scenario \"x\"\n" \
    "mta mx.our.test 198.51.100.1\n"

static void assert_recipients(const char *text, const char *const *recipients, int count)
{
    struct fixture f;
    const struct scenario *s = parse(&f, text, 0);
    assert_string_equal(buf_text(&f.report), "");
    assert_non_null(s);
    const struct syntax_value *value = scenario_value(s->actions, SCENARIO_SLOT_RECIPIENTS);
    for (int i = 0; i < count; i++, value = value->next) {
        assert_non_null(value);
        assert_true(str_equal(value->text, str_from(recipients[i])));
    }
    assert_null(value);
    done(&f);
}

static void test_a_range_is_every_number_from_the_first_to_the_last(void **state)
{
    (void)state;
    static const char *const tens[] = {"r9@far.test", "r10@far.test", "r11@far.test"};
    static const char *const zeros[] = {"098@far.test", "099@far.test", "100@far.test"};
    static const char *const mixed[] = {"a@far.test", "x1y15@h2.test", "x1y16@h2.test", "b2"};
    assert_recipients(TOP "at 0s\n  submit A from <> to <r9@far.test> .. <r11@far.test>\n", tens,
                      3);
    assert_recipients(TOP "at 0s\n  submit A from <> to <098@far.test> .. <100@far.test>\n", zeros,
                      3);
    assert_recipients(TOP "at 0s\n  submit A from <> to <a@far.test> <x1y15@h2.test> .. "
                          "<x1y16@h2.test> <b2> size 500\n",
                      mixed, 4);
}

static const struct {
    const char *text;
    const char *report;
} mistakes[] = {
    {TOP "expcet queue empty at end\n",
     "x.scn:3:1: expected `scenario`, `tags`, `worlds`, `for`, `latency`, `limit`, `disk`, `sync`, "
     "`draw`, `sweep`, `mta`, `zone`, `peer`, `at`, `when` or `expect`, found `expcet`\n"
     "expcet queue empty at end\n"
     "^\n"
     "  did you mean `expect`?\n"},
    {TOP "at 5 minutes\n", "x.scn:3:4: expected a time such as 300s, 2h30m or 5d, found `5`\n"
                           "at 5 minutes\n"
                           "   ^\n"},
    {TOP "peer mx.far.test 192.0.2.10\n"
         "  rcpt <bob@far.test> => 450 4.2.0 \"later\" untill 3h\n",
     "x.scn:4:44: expected a \"quoted text\", `after`, `a`, `from`, `until`, `connection`, `open`, "
     "`keep-open` or the end of the line, found `untill`\n"
     "  rcpt <bob@far.test> => 450 4.2.0 \"later\" untill 3h\n"
     "                                           ^\n"
     "  did you mean `until`?\n"},
    {TOP "zone far.test\n"
         "  mx A 2001:db8::1\n",
     "x.scn:4:8: expected an IPv4 address\n"
     "  mx A 2001:db8::1\n"
     "       ^\n"},
    {TOP "at 0s\n"
         "  submit A from <a@our.test> to <b@far.test>\n"
         "expect A to <c@far.test> sent\n",
     "x.scn:5:13: the message was not submitted to `c@far.test`\n"
     "expect A to <c@far.test> sent\n"
     "            ^\n"},
    {TOP "at 0s\n"
         "  submit A from <a@our.test> to <b@far.test>\n"
         "    to <c@far.test> notify never\n",
     "x.scn:5:8: the message was not submitted to `c@far.test`\n"
     "    to <c@far.test> notify never\n"
     "       ^\n"},
    {TOP "at 0s\n"
         "  submit A from <a@our.test> to <r5@far.test> .. <s9@far.test>\n",
     "x.scn:4:50: expected <r5@far.test> with another number, found `s9@far.test`\n"
     "  submit A from <a@our.test> to <r5@far.test> .. <s9@far.test>\n"
     "                                                 ^\n"},
    {TOP "at 0s\n"
         "  submit A from <a@our.test> to <r5@1.test> .. <r9@2.test>\n",
     "x.scn:4:48: expected <r5@1.test> with another number, found `r9@2.test`\n"
     "  submit A from <a@our.test> to <r5@1.test> .. <r9@2.test>\n"
     "                                               ^\n"},
    {TOP "at 0s\n"
         "  submit A from <a@our.test> to <r05@far.test> .. <r6@far.test>\n",
     "x.scn:4:51: expected <r05@far.test> with another number, found `r6@far.test`\n"
     "  submit A from <a@our.test> to <r05@far.test> .. <r6@far.test>\n"
     "                                                  ^\n"},
    {TOP "at 0s\n"
         "  submit A from <a@our.test> to <r5@far.test> .. <r3@far.test>\n",
     "x.scn:4:50: expected a number from 5 on, found `r3@far.test`\n"
     "  submit A from <a@our.test> to <r5@far.test> .. <r3@far.test>\n"
     "                                                 ^\n"},
    {TOP "at 0s\n"
         "  submit A from <a@our.test> to <r5@far.test> .. <r100005@far.test>\n",
     "x.scn:4:50: expected a range of at most 100000 addresses, found `r100005@far.test`\n"
     "  submit A from <a@our.test> to <r5@far.test> .. <r100005@far.test>\n"
     "                                                 ^\n"},
    {TOP "at 0s\n"
         "  submit A from <a@our.test> to <r5@far.test> .. size 500\n",
     "x.scn:4:50: expected the last <address> of a range, found `size`\n"
     "  submit A from <a@our.test> to <r5@far.test> .. size 500\n"
     "                                                 ^\n"},
    {TOP "at 0s\n"
         "  submit A from <a@our.test> to <r5@far.test> ..\n",
     "x.scn:4:50: expected the last <address> of a range, but the line ends here\n"
     "  submit A from <a@our.test> to <r5@far.test> ..\n"
     "                                                 ^\n"},
    {TOP "expect B attempts count 1\n", "x.scn:3:8: no `submit` makes message `B`\n"
                                        "expect B attempts count 1\n"
                                        "       ^\n"
                                        "  defined are: none\n"},
    {TOP "at 0s\n"
         "  submit A from <a@our.test> to <b@far.test>\n"
         "  command postqueue -i $B.2\n",
     "x.scn:5:24: no `submit` makes message `$B.2`\n"
     "  command postqueue -i $B.2\n"
     "                       ^\n"
     "  defined are: A\n"},
    {TOP "peer mx.far.test 192.0.2.10\n"
         "expect dialogue mx.fra.test connection 1 ends by mta\n",
     "x.scn:4:17: no peer block is named `mx.fra.test`\n"
     "expect dialogue mx.fra.test connection 1 ends by mta\n"
     "                ^\n"
     "  did you mean `mx.far.test`?\n"},
    {TOP "  mailbox alice@our.test\n"
         "   started -300s\n",
     "x.scn:4:4: nothing may stand below the line above\n"
     "   started -300s\n"
     "   ^\n"
     "  what belongs to a statement is indented below it, all lines alike\n"},
    {TOP "expect log \"Connection refused count 1\n",
     "x.scn:3:12: expected a closing \" on this line\n"
     "expect log \"Connection refused count 1\n"
     "           ^\n"},
    {TOP "disk {contract}\n", "x.scn:3:6: no variable {contract}\n"
                              "disk {contract}\n"
                              "     ^\n"
                              "  a line `for NAME in VALUE...` gives {NAME} its values\n"},
    {TOP "disk ext4\n"
         "disk ext4\n",
     "x.scn:4:1: expected only one `disk`\n"
     "disk ext4\n"
     "^\n"},
    {"scenario \"x\"\n", "x.scn:1:1: expected an `mta` block in the file\n"
                         "scenario \"x\"\n"
                         "^\n"
                         "  for example: mta mx.our.test 198.51.100.1\n"},
};

static void test_a_mistake_is_shown_with_what_was_expected(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
        struct fixture f;
        assert_null(parse(&f, mistakes[i].text, 0));
        assert_string_equal(buf_text(&f.report), mistakes[i].report);
        done(&f);
    }
}

static void test_one_mistake_does_not_hide_the_next(void **state)
{
    (void)state;
    struct fixture f;
    assert_null(parse(&f,
                      TOP "pear mx.far.test 192.0.2.10\n"
                          "  rcpt => 450\n"
                          "latency fast\n",
                      0));
    assert_int_equal(f.problems.count, 2);
    done(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_file_becomes_world_script_and_expectations),
        cmocka_unit_test(test_what_is_written_parses_to_the_same),
        cmocka_unit_test(test_for_multiplies_a_file),
        cmocka_unit_test(test_a_range_is_every_number_from_the_first_to_the_last),
        cmocka_unit_test(test_a_mistake_is_shown_with_what_was_expected),
        cmocka_unit_test(test_one_mistake_does_not_hide_the_next),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
