// SPDX-License-Identifier: ISC
/* Which trouble excuses an outcome too many. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "check/windows.h"

#define SECOND_NS INT64_C(1000000000)

struct fixture {
    struct mem *mem;
    struct record record;
    struct trouble trouble;
    struct rules rules;
    struct copies copies;
    struct windows windows;
    struct copy copy[2];
};

/* Bob has two copies of message A, which arrived at 1000 s and at 9000 s. */
static void set_up(struct fixture *f)
{
    f->mem = mem_create(0, NULL, NULL);
    record_init(&f->record, f->mem);
    trouble_init(&f->trouble, &f->record.arena);
    rules_init(&f->rules);
    windows_init(&f->windows, &f->trouble, &f->rules, f->mem, "/q");
    for (int i = 0; i < 2; i++) {
        f->copy[i] =
            (struct copy){.label = STR("A"), .number = 1, .recipient = STR("bob@far.test")};
        f->copy[i].at_ns = (i == 0 ? 1000 : 9000) * SECOND_NS;
    }
    f->copy[0].next = &f->copy[1];
    f->copies = (struct copies){.first = &f->copy[0]};
}

static void tear_down(struct fixture *f)
{
    windows_done(&f->windows);
    record_done(&f->record);
    mem_destroy(f->mem);
}

static int count(struct fixture *f)
{
    return windows_count(&f->windows, &f->copies, record_message(&f->record, STR("A"), 1),
                         STR("bob@far.test"), 1);
}

/* How many are excused when something goes wrong then, for so long. */
static int count_after(int64_t at_s, int64_t time_ns)
{
    struct fixture f;
    set_up(&f);
    trouble_add(&f.trouble, at_s * SECOND_NS, time_ns);
    int excused = count(&f);
    tear_down(&f);
    return excused;
}

static void test_trouble_behind_the_first_copy(void **state)
{
    (void)state;
    assert_int_equal(count_after(1001, 0), 1);
    assert_int_equal(count_after(500, 600 * SECOND_NS), 1);
    assert_int_equal(count_after(500, INT64_MAX), 1);
}

static void test_trouble_at_another_time(void **state)
{
    (void)state;
    assert_int_equal(count_after(900, 0), 0);
    assert_int_equal(count_after(5000, 0), 0);
    assert_int_equal(count_after(9001, 0), 0);
}

static void test_what_was_repaired_before(void **state)
{
    struct fixture f;
    (void)state;
    set_up(&f);
    trouble_add(&f.trouble, 500 * SECOND_NS, INT64_MAX);
    trouble_end(&f.trouble, 800 * SECOND_NS);
    assert_int_equal(count(&f), 0);
    assert_true(trouble_was(&f.trouble));
    tear_down(&f);
}

/* pickup was killed before it removed what cleanup had queued. */
static void test_a_message_that_was_queued_twice(void **state)
{
    struct fixture f;
    (void)state;
    set_up(&f);
    record_add(&f.record, 10 * SECOND_NS,
               STR("Jan  1 00:00:10 mx postfix/cleanup[3]: 4X: message-id=<A.1@postsim.test>"));
    trouble_add(&f.trouble, 10 * SECOND_NS, 0);
    assert_int_equal(count(&f), 0);
    record_add(&f.record, 20 * SECOND_NS,
               STR("Jan  1 00:00:20 mx postfix/cleanup[3]: 4Y: message-id=<A.1@postsim.test>"));
    assert_int_equal(count(&f), 1);
    tear_down(&f);
}

/* Of a message with a record of a failure since 1000 s. */
static void test_a_notice_that_is_queued_again(void **state)
{
    static const struct {
        int64_t trouble_s;
        bool failure;
        bool success;
    } cases[] = {
        {900, false, false}, {1001, true, false}, {4999, true, true}, {5100, false, false}};
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct fixture f;
        set_up(&f);
        windows_named(&f.windows, STR("/q/bounce/4/4X"), 1000 * SECOND_NS);
        windows_named(&f.windows, STR("/q/bounce/4/4X"), 2000 * SECOND_NS);
        trouble_add(&f.trouble, cases[i].trouble_s * SECOND_NS, 0);
        assert_int_equal(windows_excuse_failure(&f.windows, STR("4X"), 5000 * SECOND_NS),
                         cases[i].failure);
        assert_int_equal(windows_excuse_success(&f.windows, STR("4X"), 5000 * SECOND_NS),
                         cases[i].success);
        tear_down(&f);
    }
}

/* The client was told at 20 s that the message is not taken. */
static bool refused_is_excused(int64_t trouble_s)
{
    struct fixture f;
    set_up(&f);
    record_add(&f.record, 20 * SECOND_NS,
               STR("report client A copy 1 refused \"451 4.3.0 Error\""));
    trouble_add(&f.trouble, trouble_s * SECOND_NS, 0);
    bool excused = windows_excuse_refused(&f.windows, record_message(&f.record, STR("A"), 1));
    tear_down(&f);
    return excused;
}

static void test_what_was_refused(void **state)
{
    (void)state;
    assert_true(refused_is_excused(20));
    assert_false(refused_is_excused(1000));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_trouble_behind_the_first_copy),
        cmocka_unit_test(test_trouble_at_another_time),
        cmocka_unit_test(test_what_was_repaired_before),
        cmocka_unit_test(test_a_message_that_was_queued_twice),
        cmocka_unit_test(test_a_notice_that_is_queued_again),
        cmocka_unit_test(test_what_was_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
