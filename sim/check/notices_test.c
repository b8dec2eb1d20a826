// SPDX-License-Identifier: ISC
/* What the sender is told, against what it asked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "check/notices.h"

#include "proto/queue_record.h"

static const char report[] =
    "From: MAILER-DAEMON\n"
    "To: alice@our.test\n"
    "Subject: undelivered\n"
    "Date: Tue, 24 Nov 2026 03:45:57 +0000\n"
    "Message-Id: <4Y@mx.our.test>\n"
    "Auto-Submitted: auto-replied\n"
    "MIME-Version: 1.0\n"
    "Content-Type: multipart/report; report-type=delivery-status; boundary=\"x\"\n"
    "\n"
    "--x\n"
    "Content-Type: text/plain; charset=us-ascii\n"
    "\n"
    "--x\n"
    "Content-Type: message/delivery-status\n"
    "\n"
    "Reporting-MTA: dns; mx.our.test\n"
    "Arrival-Date: Tue, 24 Nov 2026 03:45:57 +0000\n"
    "\n"
    "Final-Recipient: rfc822; bob@far.test\n"
    "Original-Recipient: rfc822;bob@far.test\n"
    "Action: failed\n"
    "Status: 5.1.1\n"
    "Diagnostic-Code: smtp; 550 5.1.1 no\n"
    "\n"
    "Final-Recipient: rfc822; carl@far.test\n"
    "Original-Recipient: rfc822;carl@far.test\n"
    "Action: relayed\n"
    "Status: 2.0.0\n"
    "Diagnostic-Code: smtp; 250 2.0.0 ok\n"
    "\n"
    "--x\n"
    "Content-Type: text/rfc822-headers\n"
    "\n"
    "Return-Path: <alice@our.test>\n"
    "\n"
    "--x--\n";

#define HOUR_NS INT64_C(3600000000000)

struct fixture {
    struct mem *mem;
    struct record record;
    struct failures failures;
    struct notices notices;
    struct trouble trouble;
    struct rules rules;
    struct windows windows;
};

/* Message A has queue id 4X; notice 4Y about it was queued, and, unless text is NULL, read. */
static void set_up(struct fixture *f, const char *text)
{
    struct copies copies = {.first = NULL};
    struct copy copy = {.content = str_from(text), .is_dsn = true};
    f->mem = mem_create(0, NULL, NULL);
    failure_init(&f->failures, f->mem);
    record_init(&f->record, f->mem);
    rules_init(&f->rules);
    trouble_init(&f->trouble, &f->record.arena);
    windows_init(&f->windows, &f->trouble, &f->rules, f->mem, "/q");
    f->notices.windows = &f->windows;
    record_add(&f->record, 0,
               STR("Jan  1 00:00:00 mx postfix/cleanup[3]: 4X: message-id=<A.1@postsim.test>"));
    record_add(
        &f->record, 0,
        STR("Jan  1 00:00:00 mx postfix/bounce[4]: 4X: sender non-delivery notification: 4Y"));
    copies.first = text != NULL ? &copy : NULL;
    notices_find(&f->notices, &f->record, &copies, &f->failures);
}

static void tear_down(struct fixture *f)
{
    windows_done(&f->windows);
    record_done(&f->record);
    failure_done(&f->failures);
    mem_destroy(f->mem);
}

/* A second notice, 4Z, says the same. */
static void repeat_notice(struct fixture *f)
{
    struct copy copies[2] = {{.content = str_from(report), .is_dsn = true}, {.is_dsn = true}};
    struct buf again;
    struct str rest = str_from(report);
    ptrdiff_t id = str_find_str(rest, STR("<4Y@"));
    buf_init(&again, f->mem, 2 * sizeof(report));
    buf_put(&again, str_first(rest, (size_t)id));
    buf_put_text(&again, "<4Z@");
    buf_put(&again, str_skip(rest, (size_t)id + 4));
    copies[0].next = &copies[1];
    copies[1].content = arena_copy(&f->record.arena, buf_str(&again));
    buf_done(&again);
    record_add(
        &f->record, 0,
        STR("Jan  1 00:00:00 mx postfix/bounce[4]: 4X: sender non-delivery notification: 4Z"));
    notices_find(&f->notices, &f->record, &(struct copies){.first = &copies[0]}, &f->failures);
}

/* How many failures it is that a recipient ended so. */
static int count(struct fixture *f, const char *recipient, const char *given, int notify, bool sent)
{
    const struct notices_case c = {
        .message = record_message(&f->record, STR("A"), 1),
        .recipient = str_from(recipient),
        .given = str_from(given),
        .notify = notify,
        .to_sender = true,
        .sent = sent,
        .bounced = !sent,
    };
    int before = f->failures.count;
    notices_check(&f->notices, &c);
    return f->failures.count - before;
}

static void test_failures(void **state)
{
    struct fixture f;
    (void)state;
    set_up(&f, report);
    assert_int_equal(count(&f, "bob@far.test", "bob@far.test", 0, false), 0);
    assert_int_equal(count(&f, "bob@far.test", "bob@far.test", QUEUE_NOTIFY_FAILURE, false), 0);
    assert_int_equal(count(&f, "bob@far.test", "bob@far.test", QUEUE_NOTIFY_NEVER, false), 1);
    assert_int_equal(count(&f, "dave@far.test", "dave@far.test", 0, false), 1);
    assert_int_equal(count(&f, "dave@far.test", "dave@far.test", QUEUE_NOTIFY_DELAY, false), 0);
    tear_down(&f);
}

static void test_successes(void **state)
{
    struct fixture f;
    (void)state;
    set_up(&f, report);
    assert_int_equal(count(&f, "carl@far.test", "carl@far.test", QUEUE_NOTIFY_SUCCESS, true), 0);
    assert_int_equal(count(&f, "carl@far.test", "carl@far.test", 0, true), 1);
    assert_int_equal(count(&f, "dave@far.test", "dave@far.test", QUEUE_NOTIFY_SUCCESS, true), 1);
    record_add(
        &f.record, 0,
        STR("report mx.far.test connection 1 reads \"RCPT TO:<dave@far.test> NOTIFY=SUCCESS\""));
    assert_int_equal(count(&f, "dave@far.test", "dave@far.test", QUEUE_NOTIFY_SUCCESS, true), 0);
    tear_down(&f);
}

static void test_an_alias_ends_what_was_asked_about_success(void **state)
{
    struct fixture f;
    (void)state;
    set_up(&f, report);
    assert_int_equal(count(&f, "carl@far.test", "team@our.test", QUEUE_NOTIFY_SUCCESS, true), 2);
    assert_int_equal(count(&f, "dave@far.test", "team@our.test", QUEUE_NOTIFY_SUCCESS, true), 1);
    assert_int_equal(count(&f, "dave@far.test", "team@our.test", QUEUE_NOTIFY_FAILURE, true), 0);
    tear_down(&f);
}

static void test_a_notice_under_way_may_say_what_is_asked_for(void **state)
{
    struct fixture f;
    (void)state;
    set_up(&f, NULL);
    assert_int_equal(count(&f, "bob@far.test", "bob@far.test", 0, false), 0);
    assert_int_equal(count(&f, "bob@far.test", "bob@far.test", QUEUE_NOTIFY_SUCCESS, true), 1);
    tear_down(&f);
}

static void test_nothing_is_told_twice(void **state)
{
    struct fixture f;
    (void)state;
    set_up(&f, report);
    assert_int_equal(count(&f, "bob@far.test", "bob@far.test", 0, false), 0);
    repeat_notice(&f);
    assert_int_equal(count(&f, "bob@far.test", "bob@far.test", 0, false), 1);
    trouble_add(&f.trouble, HOUR_NS, 0);
    assert_int_equal(count(&f, "bob@far.test", "bob@far.test", 0, false), 1);
    tear_down(&f);
}

static void test_a_crash_behind_the_notice_excuses_the_next(void **state)
{
    struct fixture f;
    (void)state;
    set_up(&f, report);
    repeat_notice(&f);
    trouble_add(&f.trouble, 0, 0);
    assert_int_equal(count(&f, "bob@far.test", "bob@far.test", 0, false), 0);
    tear_down(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_failures),
        cmocka_unit_test(test_successes),
        cmocka_unit_test(test_an_alias_ends_what_was_asked_about_success),
        cmocka_unit_test(test_a_notice_under_way_may_say_what_is_asked_for),
        cmocka_unit_test(test_nothing_is_told_twice),
        cmocka_unit_test(test_a_crash_behind_the_notice_excuses_the_next),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
