// SPDX-License-Identifier: ISC
/* The readers of mail logs and of notices. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "check/dsn.h"
#include "check/mail_event.h"

enum { VALUE_MAX = 1000 };

static void test_a_result_line(void **state)
{
    (void)state;
    struct mail_event event;
    assert_true(mail_event_parse(
        STR("Jan  1 00:00:30 mx postfix/smtp[12]: 4XID: to=<bob@far.test>, orig_to=<b@x>, "
            "relay=mx.far.test[192.0.2.10]:25, delay=30, delays=0.01/0/30/0.25, dsn=4.4.1, "
            "status=deferred (connect to mx.far.test[192.0.2.10]:25: timed out (really))"),
        &event));
    assert_int_equal(event.kind, MAIL_EVENT_RESULT);
    assert_true(str_equal(event.program, STR("smtp")));
    assert_int_equal(event.pid, 12);
    assert_true(str_equal(event.id, STR("4XID")));
    assert_true(str_equal(event.recipient, STR("bob@far.test")));
    assert_true(str_equal(event.original_recipient, STR("b@x")));
    assert_true(str_equal(event.relay, STR("mx.far.test[192.0.2.10]:25")));
    assert_true(str_equal(event.dsn, STR("4.4.1")));
    assert_true(str_equal(event.status, STR("deferred")));
    assert_true(str_ends_with(event.text, STR("timed out (really)")));
    assert_true(event.delivery_ns == INT64_C(30250000000));
    assert_true(mail_event_names_ip(event.relay, STR("192.0.2.10")));
    assert_false(mail_event_names_ip(event.relay, STR("192.0.2.1")));
}

static void test_other_lines(void **state)
{
    (void)state;
    struct mail_event event;
    assert_true(mail_event_parse(
        STR("Jan  1 00:00:00 mx postfix/qmgr[3]: 4X: from=<>, size=9, nrcpt=1 (queue active)"),
        &event));
    assert_int_equal(event.kind, MAIL_EVENT_ACTIVE);
    assert_int_equal(event.sender.size, 0);
    assert_true(mail_event_parse(STR("Jan  1 00:00:00 mx postfix/bounce[4]: 4X: sender "
                                     "non-delivery notification: 4Y"),
                                 &event));
    assert_int_equal(event.kind, MAIL_EVENT_NOTICE);
    assert_true(str_equal(event.new_id, STR("4Y")));
    assert_true(mail_event_parse(STR("Jan  1 00:00:00 mx postfix/smtp[5]: warning: 4X: something"),
                                 &event));
    assert_int_equal(event.kind, MAIL_EVENT_WARNING);
    assert_true(str_equal(event.id, STR("4X")));
    assert_true(str_equal(event.text, STR("something")));
    assert_true(
        mail_event_parse(STR("Jan  1 00:00:00 mx postfix/smtp[5]: warning: no memory"), &event));
    assert_int_equal(event.kind, MAIL_EVENT_OTHER);
    assert_false(mail_event_parse(STR("report mx connection 1 ends by mta"), &event));
}

static const char notice[] = "From: MAILER-DAEMON\n"
                             "To: alice@our.test\n"
                             "Subject: undelivered\n"
                             "Date: Tue, 24 Nov 2026 03:45:57 +0000\n"
                             "Message-Id: <1@mx.our.test>\n"
                             "Auto-Submitted: auto-replied\n"
                             "MIME-Version: 1.0\n"
                             "Content-Type: multipart/report; report-type=delivery-status;\n"
                             "\tboundary=\"x/y\"\n"
                             "\n"
                             "This is a MIME message.\n"
                             "\n"
                             "--x/y\n"
                             "Content-Type: text/plain; charset=us-ascii\n"
                             "\n"
                             "I'm sorry.\n"
                             "\n"
                             "--x/y\n"
                             "Content-Type: message/delivery-status\n"
                             "\n"
                             "Reporting-MTA: dns; mx.our.test\n"
                             "X-Postfix-Queue-ID: 12345\n"
                             "Arrival-Date: Tue, 24 Nov 2026 03:45:57 +0000\n"
                             "\n"
                             "Final-Recipient: rfc822; bob@far.test\n"
                             "Original-Recipient: rfc822;bob@far.test\n"
                             "Action: failed\n"
                             "Status: 5.1.1\n"
                             "Diagnostic-Code: smtp; 550 5.1.1\n"
                             "    no such user\n"
                             "\n"
                             "--x/y\n"
                             "Content-Type: message/rfc822\n"
                             "\n"
                             "Return-Path: <alice@our.test>\n"
                             "Subject: hello\n"
                             "\n"
                             "--x/y--\n";

static bool field_is(const struct dsn *dsn, const char *name, const char *wanted)
{
    struct mem *mem = mem_create(0, NULL, NULL);
    struct buf value;
    buf_init(&value, mem, VALUE_MAX);
    bool same =
        dsn_field(dsn, 0, str_from(name), &value) && str_equal(buf_str(&value), str_from(wanted));
    mem_destroy(mem);
    return same;
}

static void test_a_notice_is_taken_apart(void **state)
{
    (void)state;
    struct dsn dsn;
    char problem[DSN_PROBLEM_MAX] = "";
    assert_true(dsn_is_one(str_from(notice)));
    assert_true(dsn_parse(str_from(notice), &dsn, problem));
    assert_int_equal(dsn.recipient_count, 1);
    assert_true(field_is(&dsn, "action", "failed"));
    assert_true(field_is(&dsn, "diagnostic-code", "smtp; 550 5.1.1 no such user"));
    assert_true(field_is(&dsn, "reporting-mta", "dns; mx.our.test"));
    assert_true(field_is(&dsn, "returned", "message/rfc822"));
    assert_false(field_is(&dsn, "remote-mta", ""));
}

static void test_a_notice_that_does_not_end_is_malformed(void **state)
{
    (void)state;
    struct dsn dsn;
    char problem[DSN_PROBLEM_MAX] = "";
    struct str cut = str_first(str_from(notice), sizeof(notice) - 10);
    assert_false(dsn_parse(cut, &dsn, problem));
    assert_string_equal(problem, "the last part does not end");
}

/* The notice with the first occurrence of old replaced. */
static void replace(struct buf *out, const char *old, const char *with)
{
    ptrdiff_t at = str_find_str(str_from(notice), str_from(old));
    assert_true(at >= 0);
    buf_clear(out);
    buf_put(out, str_of(notice, (size_t)at));
    buf_put_text(out, with);
    buf_put_text(out, notice + at + strlen(old));
}

static void test_a_notice_of_another_form_is_refused(void **state)
{
    static const struct {
        const char *old;
        const char *with;
        const char *problem;
    } cases[] = {
        {"Auto-Submitted: auto-replied\n", "", "missing or repeated header: Auto-Submitted"},
        {"Subject: undelivered", "Subject: undelivered\nSubject: x",
         "missing or repeated header: Subject"},
        {"I'm sorry", "caf\xc3\xa9", "the label 8bit does not fit the bytes of: the notice"},
        {"I'm sorry", "I'm \rsorry", "a line holds NUL or CR: I'm \rsorry."},
        {"Status: 5.1.1", "Status: 2.1.1", "action and status do not agree: 2.1.1"},
        {"Status: 5.1.1", "Status: 5.1", "no status: 5.1"},
        {"Action: failed", "Action: lost", "unknown action: lost"},
        {"Action: failed", "Action: delayed", "Will-Retry-Until belongs to what is delayed"},
        {"Action: failed\nStatus: 5.1.1\n", "Status: 5.1.1\nAction: failed\n",
         "a field of the report is missing or misplaced: Action"},
        {"Status: 5.1.1\n", "Status: 5.1.1\nStatus: 5.1.1\n",
         "a field of the report is missing or misplaced: Diagnostic-Code"},
        {"Final-Recipient: rfc822; bob", "Final-Recipient: bob",
         "a field has no type: Final-Recipient"},
        {"    no such user", "no such user", "a line of the report is no field: no such user"},
        {"Return-Path: <alice@our.test>\n", "", "the third part does not begin with Return-Path"},
        {"message/rfc822", "text/html", "the third part is no message and no header"},
        {"--x/y--\n", "--x/y--\nmore\n", "text behind the last part"},
    };
    struct mem *mem = mem_create(0, NULL, NULL);
    struct buf text;
    struct dsn dsn;
    char problem[DSN_PROBLEM_MAX];
    (void)state;
    buf_init(&text, mem, VALUE_MAX);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        replace(&text, cases[i].old, cases[i].with);
        assert_false(dsn_parse(buf_str(&text), &dsn, problem));
        assert_string_equal(problem, cases[i].problem);
    }
    mem_destroy(mem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_notice_of_another_form_is_refused),
        cmocka_unit_test(test_a_result_line),
        cmocka_unit_test(test_other_lines),
        cmocka_unit_test(test_a_notice_is_taken_apart),
        cmocka_unit_test(test_a_notice_that_does_not_end_is_malformed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
