// SPDX-License-Identifier: ISC
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "qmgr/qmgr_schedule.h"

#define SECOND INT64_C(1000000000)

enum { NAME_SIZE = 32, LETTERS_MAX = 128 };

static const struct qmgr_settings usual = {
    .window = {.initial = 5,
               .limit = 20,
               .positive = {QMGR_FEEDBACK_CONSTANT, QMGR_ONE},
               .negative = {QMGR_FEEDBACK_CONSTANT, QMGR_ONE},
               .failed_cohort_limit = 1},
    .recipient_limit = 50,
    .dead_ns = 300 * SECOND,
    .retry_ns = 60 * SECOND,
    .slot_cost = 5,
    .slot_loan = 3,
    .slot_discount = 50,
    .slots_min = 3,
    .memory_recipients_max = 20000,
    .memory_recipients_extra = 1000,
    .refill_recipients = 100,
    .refill_delay_ns = 5 * SECOND,
};

struct letter { /* a message under test */
    struct qmgr_load load;
};

struct bench {
    struct mem *mem;
    struct qmgr_schedule schedule;
    struct qmgr_transport *smtp;
    struct letter letters[LETTERS_MAX];
    int64_t now_ns;
};

static void exhausted(void *argument)
{
    (void)argument;
    fail_msg("out of memory");
}

static int setup_with(void **state, const struct qmgr_settings *settings)
{
    struct mem *mem = mem_create(0, exhausted, NULL);
    struct bench *bench = mem_alloc(mem, sizeof(*bench));
    bench->mem = mem;
    bench->now_ns = 1000 * SECOND;
    qmgr_schedule_init(&bench->schedule, mem, &usual);
    bench->smtp = qmgr_transport_add(&bench->schedule, STR("smtp"), settings);
    for (int i = 0; i < LETTERS_MAX; i++) {
        qmgr_load_init(&bench->letters[i].load, bench->now_ns + i);
    }
    *state = bench;
    return 0;
}

static int setup(void **state)
{
    return setup_with(state, &usual);
}

static int teardown(void **state)
{
    struct bench *bench = *state;
    struct mem *mem = bench->mem;
    for (int i = 0; i < LETTERS_MAX; i++) {
        qmgr_load_drop(&bench->letters[i].load);
        assert_int_equal(bench->letters[i].load.entry_count, 0);
    }
    qmgr_schedule_done(&bench->schedule);
    assert_int_equal(mem_count(mem), 1); /* the bench itself */
    mem_destroy(mem);
    return 0;
}

static void add_to(struct bench *bench, int letter, struct qmgr_transport *transport,
                   const char *name, int count)
{
    for (int i = 0; i < count; i++) {
        struct qmgr_recipient *recipient = mem_alloc(bench->mem, sizeof(*recipient));
        assert_int_equal(qmgr_schedule_add(&bench->letters[letter].load, transport, str_from(name),
                                           str_from(name), recipient),
                         0);
    }
    qmgr_schedule_check_invariants(&bench->schedule);
}

static void add(struct bench *bench, int letter, const char *name, int count)
{
    add_to(bench, letter, bench->smtp, name, count);
}

/* What an agent of the transport that is next in turn gets; NULL: none is needed. */
static struct qmgr_entry *next(struct bench *bench)
{
    struct qmgr_transport *transport = qmgr_schedule_call(&bench->schedule);
    if (transport == NULL) {
        return NULL;
    }
    struct qmgr_entry *entry = qmgr_schedule_answered(transport, bench->now_ns);
    qmgr_schedule_check_invariants(&bench->schedule);
    return entry;
}

static int letter_of(struct bench *bench, const struct qmgr_entry *entry)
{
    for (int i = 0; i < LETTERS_MAX; i++) {
        if (entry->job->load == &bench->letters[i].load) {
            return i;
        }
    }
    fail_msg("an entry of no letter");
    return -1;
}

static void succeed(struct bench *bench, struct qmgr_entry *entry)
{
    qmgr_schedule_succeeded(entry, bench->now_ns);
    qmgr_entry_free(entry);
    qmgr_schedule_check_invariants(&bench->schedule);
}

static void fail_site(struct bench *bench, struct qmgr_entry *entry)
{
    qmgr_schedule_failed(entry, STR("4.4.1"), STR("connection refused"), bench->now_ns);
    qmgr_entry_free(entry);
    qmgr_schedule_check_invariants(&bench->schedule);
}

/* The letters of the next deliveries, one after the other, each done before the next one. */
static void assert_sequence(struct bench *bench, const char *expected)
{
    for (const char *c = expected; *c != '\0'; c++) {
        struct qmgr_entry *entry = next(bench);
        assert_non_null(entry);
        assert_int_equal('a' + letter_of(bench, entry), *c);
        succeed(bench, entry);
    }
}

static void test_recipients_of_one_destination_share_a_request_up_to_the_limit(void **state)
{
    struct bench *bench = *state;
    add(bench, 0, "far.test", 120);
    const int sizes[] = {50, 50, 20};
    for (size_t i = 0; i < 3; i++) {
        struct qmgr_entry *entry = next(bench);
        assert_int_equal(entry->recipient_count, sizes[i]);
        succeed(bench, entry);
    }
    assert_null(next(bench));
    assert_int_equal(bench->letters[0].load.entry_count, 0);
    assert_int_equal(bench->schedule.recipient_count, 0);
}

static void test_the_window_of_a_destination_bounds_what_runs(void **state)
{
    struct bench *bench = *state;
    struct qmgr_entry *running[5];
    for (int i = 0; i < 10; i++) {
        add(bench, i, "far.test", 1);
    }
    for (int i = 0; i < 5; i++) {
        running[i] = next(bench);
        assert_int_equal(letter_of(bench, running[i]), i);
    }
    assert_null(next(bench));
    succeed(bench, running[0]); /* one place is free, and the window is one wider */
    running[0] = next(bench);
    struct qmgr_entry *seventh = next(bench);
    assert_int_equal(letter_of(bench, seventh), 6);
    assert_null(next(bench));
    for (int i = 0; i < 5; i++) {
        succeed(bench, running[i]);
    }
    succeed(bench, seventh);
}

static void test_destinations_of_a_message_take_turns(void **state)
{
    struct bench *bench = *state;
    struct qmgr_settings settings = usual;
    settings.recipient_limit = 1;
    bench->smtp->settings = settings;
    add(bench, 0, "a.test", 2);
    add(bench, 0, "b.test", 2);
    const char *expected[] = {"a.test", "b.test", "a.test", "b.test"};
    for (size_t i = 0; i < 4; i++) {
        struct qmgr_entry *entry = next(bench);
        assert_true(str_equal(entry->destination->nexthop, str_from(expected[i])));
        succeed(bench, entry);
    }
}

static void test_transports_take_turns(void **state)
{
    struct bench *bench = *state;
    struct qmgr_transport *relay = qmgr_transport_add(&bench->schedule, STR("relay"), &usual);
    add(bench, 0, "a.test", 1);
    add(bench, 1, "b.test", 1);
    add_to(bench, 2, relay, "c.test", 1);
    add_to(bench, 3, relay, "d.test", 1);
    assert_sequence(bench, "acbd");
}

static void test_agents_are_called_only_as_far_as_needed(void **state)
{
    struct bench *bench = *state;
    add(bench, 0, "far.test", 1);
    assert_ptr_equal(qmgr_schedule_call(&bench->schedule), bench->smtp);
    assert_null(qmgr_schedule_call(&bench->schedule)); /* one request, one call */
    add(bench, 1, "far.test", 1);
    add(bench, 2, "far.test", 1);
    assert_ptr_equal(qmgr_schedule_call(&bench->schedule), bench->smtp);
    assert_null(qmgr_schedule_call(&bench->schedule)); /* two calls are enough */
    struct qmgr_entry *first = qmgr_schedule_answered(bench->smtp, bench->now_ns);
    assert_int_equal(letter_of(bench, first), 0);
    qmgr_schedule_hung_up(bench->smtp);
    succeed(bench, first);
}

static void test_three_failures_of_a_new_destination_kill_it(void **state)
{
    struct bench *bench = *state;
    struct qmgr_entry *running[5];
    for (int i = 0; i < 10; i++) {
        add(bench, i, "far.test", 1);
    }
    for (int i = 0; i < 5; i++) {
        running[i] = next(bench);
    }
    struct qmgr_destination *destination = running[0]->destination;
    fail_site(bench, running[0]);
    assert_int_equal(destination->window.size, 3);
    fail_site(bench, running[1]);
    assert_int_equal(destination->window.size, 2);
    assert_int_equal(destination->condition, QMGR_WORKS);
    fail_site(bench, running[2]);
    assert_int_equal(destination->condition, QMGR_DEAD);
    /* What waited is now deferred, with the reason, and so is what comes. */
    add(bench, 10, "far.test", 1);
    for (int i = 5; i <= 10; i++) {
        struct qmgr_entry *entry = next(bench);
        assert_int_equal(letter_of(bench, entry), i);
        assert_ptr_equal(entry->job->transport, bench->schedule.retry);
        assert_string_equal(entry->destination->nexthop.data,
                            "4.4.1 delivery temporarily suspended: connection refused");
        succeed(bench, entry);
    }
    assert_null(next(bench));
    assert_int_equal(qmgr_schedule_wake_ns(&bench->schedule), bench->now_ns + 300 * SECOND);
    fail_site(bench, running[3]);
    fail_site(bench, running[4]);
    bench->now_ns += 300 * SECOND;
    qmgr_schedule_tick(&bench->schedule, bench->now_ns);
    assert_int_equal(bench->smtp->destinations.count, 0); /* forgotten: begins afresh */
}

static void test_a_success_that_comes_late_revives_the_destination(void **state)
{
    struct bench *bench = *state;
    struct qmgr_entry *running[5];
    for (int i = 0; i < 5; i++) {
        add(bench, i, "far.test", 1);
        running[i] = next(bench);
    }
    struct qmgr_destination *destination = running[4]->destination;
    for (int i = 0; i < 3; i++) {
        fail_site(bench, running[i]);
    }
    assert_int_equal(destination->condition, QMGR_DEAD);
    qmgr_schedule_succeeded(running[4], bench->now_ns);
    assert_int_equal(destination->condition, QMGR_WORKS);
    assert_int_equal(destination->window.size, 6);
    qmgr_entry_free(running[4]);
    fail_site(bench, running[3]);
}

static void test_what_is_dead_can_be_forgotten(void **state)
{
    struct bench *bench = *state;
    for (int i = 0; i < 3; i++) {
        add(bench, i, "far.test", 1);
    }
    struct qmgr_entry *running[3] = {next(bench), next(bench), next(bench)};
    for (int i = 0; i < 3; i++) {
        fail_site(bench, running[i]);
    }
    add(bench, 3, "far.test", 1);
    qmgr_schedule_forget_dead(&bench->schedule);
    add(bench, 4, "far.test", 1);
    struct qmgr_entry *deferred = next(bench);
    struct qmgr_entry *delivered = next(bench);
    if (deferred->job->transport == bench->smtp) {
        struct qmgr_entry *swapped = deferred;
        deferred = delivered;
        delivered = swapped;
    }
    assert_int_equal(letter_of(bench, deferred), 3);
    assert_int_equal(letter_of(bench, delivered), 4);
    succeed(bench, deferred);
    succeed(bench, delivered);
}

static void test_an_unreachable_transport_rests_and_its_mail_is_deferred(void **state)
{
    struct bench *bench = *state;
    add(bench, 0, "a.test", 1);
    add(bench, 1, "b.test", 1);
    assert_ptr_equal(qmgr_schedule_call(&bench->schedule), bench->smtp);
    qmgr_schedule_unreachable(bench->smtp, bench->now_ns);
    qmgr_schedule_check_invariants(&bench->schedule);
    for (int i = 0; i < 2; i++) {
        struct qmgr_entry *entry = next(bench);
        assert_string_equal(entry->destination->nexthop.data, "4.3.0 mail transport unavailable");
        succeed(bench, entry);
    }
    bench->now_ns += 60 * SECOND;
    qmgr_schedule_tick(&bench->schedule, bench->now_ns);
    add(bench, 2, "a.test", 1);
    struct qmgr_entry *entry = next(bench);
    assert_ptr_equal(entry->job->transport, bench->smtp);
    succeed(bench, entry);
}

static void test_a_lost_agent_takes_its_request_to_retry(void **state)
{
    struct bench *bench = *state;
    add(bench, 0, "a.test", 2);
    struct qmgr_entry *entry = next(bench);
    qmgr_schedule_lost(entry, bench->now_ns);
    qmgr_schedule_check_invariants(&bench->schedule);
    struct qmgr_entry *again = next(bench);
    assert_ptr_equal(again, entry);
    assert_int_equal(again->recipient_count, 2);
    assert_string_equal(again->destination->nexthop.data, "4.3.0 unknown mail transport error");
    succeed(bench, again);
}

static void test_without_retry_service_entries_are_abandoned(void **state)
{
    struct bench *bench = *state;
    add(bench, 0, "a.test", 1);
    add(bench, 0, "b.test", 1);
    qmgr_schedule_call(&bench->schedule);
    qmgr_schedule_unreachable(bench->smtp, bench->now_ns);
    assert_ptr_equal(qmgr_schedule_call(&bench->schedule), bench->schedule.retry);
    qmgr_schedule_unreachable(bench->schedule.retry, bench->now_ns);
    add(bench, 1, "c.test", 1);
    const int expected[] = {0, 0, 1};
    for (size_t i = 0; i < 3; i++) {
        struct qmgr_entry *entry = qmgr_schedule_abandoned(&bench->schedule);
        assert_int_equal(letter_of(bench, entry), expected[i]);
        qmgr_entry_free(entry);
        qmgr_schedule_check_invariants(&bench->schedule);
    }
    assert_null(qmgr_schedule_abandoned(&bench->schedule));
    assert_int_equal(bench->letters[0].load.entry_count, 0);
}

static void test_a_rate_delay_means_one_at_a_time_with_pauses(void **state)
{
    struct bench *bench = *state;
    struct qmgr_settings settings = usual;
    settings.destination_rate_delay_ns = 2 * SECOND;
    struct qmgr_transport *slow = qmgr_transport_add(&bench->schedule, STR("slow"), &settings);
    add_to(bench, 0, slow, "a.test", 1);
    add_to(bench, 1, slow, "a.test", 1);
    struct qmgr_entry *entry = next(bench);
    assert_null(next(bench));
    succeed(bench, entry);
    assert_null(next(bench));
    assert_int_equal(qmgr_schedule_wake_ns(&bench->schedule), bench->now_ns + 2 * SECOND);
    qmgr_schedule_forget_dead(&bench->schedule); /* is no way around it */
    assert_null(next(bench));
    bench->now_ns += 2 * SECOND;
    qmgr_schedule_tick(&bench->schedule, bench->now_ns);
    succeed(bench, next(bench));
}

static void test_a_transport_rate_delay_holds_for_all_destinations(void **state)
{
    struct bench *bench = *state;
    struct qmgr_settings settings = usual;
    settings.transport_rate_delay_ns = SECOND;
    struct qmgr_transport *slow = qmgr_transport_add(&bench->schedule, STR("slow"), &settings);
    add_to(bench, 0, slow, "a.test", 1);
    add_to(bench, 1, slow, "b.test", 1);
    struct qmgr_entry *entry = next(bench);
    assert_null(next(bench));
    succeed(bench, entry);
    assert_null(next(bench));
    bench->now_ns += SECOND;
    qmgr_schedule_tick(&bench->schedule, bench->now_ns);
    succeed(bench, next(bench));
}

/* A message of many requests, one recipient each, and small ones behind it. */
static void fill(struct bench *bench, int big_count, int small_letters)
{
    bench->smtp->settings.recipient_limit = 1;
    add(bench, 0, "far.test", big_count);
    for (int i = 1; i <= small_letters; i++) {
        add(bench, i, "far.test", 1);
    }
    bench->now_ns += SECOND;
}

static void test_a_small_message_is_let_in_before_a_big_one_that_has_earned_it(void **state)
{
    struct bench *bench = *state;
    fill(bench, 40, 1);
    /* The loan of three slots pays for it at once. */
    assert_sequence(bench, "baaaa");
}

static void test_without_loan_and_discount_each_slot_is_earned_first(void **state)
{
    struct bench *bench = *state;
    bench->smtp->settings.slot_loan = 0;
    bench->smtp->settings.slot_discount = 0;
    fill(bench, 40, 3);
    assert_sequence(bench, "aaaaabaaaaacaaaaadaaaaa");
}

static void test_a_discount_lets_in_after_half_of_the_slots(void **state)
{
    struct bench *bench = *state;
    bench->smtp->settings.slot_loan = 0;
    bench->smtp->settings.slot_cost = 2;
    bench->now_ns += SECOND;
    fill(bench, 10, 0);
    add(bench, 1, "far.test", 2);
    add(bench, 2, "far.test", 2);
    bench->now_ns += SECOND;
    assert_sequence(bench, "aabbaaaaccaaaa");
}

static void test_a_short_message_is_not_held_up(void **state)
{
    struct bench *bench = *state;
    fill(bench, 14, 1); /* can earn two slots, and three are asked for */
    assert_sequence(bench, "aaaaaaaaaaaaaab");
}

static void test_a_cost_below_two_lets_nobody_in(void **state)
{
    struct bench *bench = *state;
    bench->smtp->settings.slot_cost = 1;
    fill(bench, 40, 1);
    assert_sequence(bench, "aaaaaaaaaa");
}

static void test_who_was_let_in_may_let_in_others(void **state)
{
    struct bench *bench = *state;
    bench->smtp->settings.slot_loan = 0;
    bench->smtp->settings.slot_discount = 0;
    bench->smtp->settings.slot_cost = 2;
    bench->smtp->settings.recipient_limit = 1;
    bench->smtp->settings.slots_min = 1;
    add(bench, 0, "far.test", 40);
    add(bench, 1, "far.test", 4);
    bench->now_ns += SECOND;
    assert_sequence(bench, "aaaaaaaabb");
    add(bench, 2, "far.test", 1);
    bench->now_ns += SECOND;
    assert_sequence(bench, "cbba");
}

static void test_a_blocked_message_is_passed_by_and_lets_nobody_in(void **state)
{
    struct bench *bench = *state;
    bench->smtp->settings.recipient_limit = 1;
    bench->smtp->settings.window.initial = 1;
    add(bench, 0, "slow.test", 10);
    struct qmgr_entry *blocking = next(bench);
    assert_int_equal(letter_of(bench, blocking), 0);
    add(bench, 1, "b.test", 1);
    add(bench, 2, "c.test", 1);
    assert_sequence(bench, "bc");
    assert_null(next(bench));
    succeed(bench, blocking);
    assert_sequence(bench, "aaa");
}

static void test_many_preemptions_keep_the_line_in_order(void **state)
{
    struct bench *bench = *state;
    bench->smtp->settings.recipient_limit = 1;
    bench->smtp->settings.slot_cost = 2;
    add(bench, 0, "far.test", 2000);
    for (int i = 1; i < LETTERS_MAX; i++) {
        add(bench, i, "far.test", 1);
    }
    bench->now_ns += SECOND;
    int small_count = 0;
    for (int i = 0; i < 2 * LETTERS_MAX; i++) {
        struct qmgr_entry *entry = next(bench);
        small_count += letter_of(bench, entry) != 0;
        succeed(bench, entry);
    }
    /* One of three, and the loan. */
    assert_in_range(small_count, 2 * LETTERS_MAX / 3 - 3, LETTERS_MAX);
}

static void test_connections_are_kept_while_more_is_foreseen(void **state)
{
    struct bench *bench = *state;
    add(bench, 0, "far.test", 1);
    struct qmgr_entry *lonely = next(bench);
    assert_false(lonely->loads_connection || lonely->stores_connection);
    for (int i = 1; i < 4; i++) {
        add(bench, i, "far.test", 1);
    }
    struct qmgr_entry *second = next(bench);
    assert_true(second->loads_connection && second->stores_connection);
    struct qmgr_entry *third = next(bench);
    struct qmgr_entry *last = next(bench);
    assert_true(third->stores_connection);
    assert_true(last->loads_connection); /* one may still be kept */
    assert_false(last->stores_connection);
    succeed(bench, lonely);
    succeed(bench, second);
    succeed(bench, third);
    succeed(bench, last);
}

static void test_room_for_recipients_is_the_least_of_all_limits(void **state)
{
    struct bench *bench = *state;
    struct qmgr_load *load = &bench->letters[0].load;
    assert_int_equal(qmgr_load_room(load, &bench->schedule, 20000, 10), 20000);
    assert_int_equal(qmgr_load_room(load, &bench->schedule, 0, 10), 10);
    bench->smtp->settings.memory_recipients_max = 30;
    add(bench, 0, "far.test", 20);
    assert_int_equal(qmgr_load_room(load, &bench->schedule, 20000, 10), 10);
    bench->schedule.reading_count = 15; /* others may be about to read that many */
    assert_int_equal(qmgr_load_room(load, &bench->schedule, 20000, 10), -5);
    assert_int_equal(qmgr_load_room(load, &bench->schedule, 20000, 30), 10);
    bench->schedule.reading_count = 0;
    add(bench, 1, "far.test", 20);
    assert_int_equal(qmgr_load_room(load, &bench->schedule, 20000, 10), -10);
}

static void test_more_recipients_are_read_in_portions_or_after_a_while(void **state)
{
    struct bench *bench = *state;
    struct qmgr_load *load = &bench->letters[0].load;
    add(bench, 0, "far.test", 20);
    assert_false(qmgr_load_wants_more(load, 100, bench->now_ns)); /* all are read */
    load->unread_count = 500;
    assert_true(qmgr_load_wants_more(load, 100, bench->now_ns));
    assert_false(qmgr_load_wants_more(load, 99, bench->now_ns));
    assert_true(qmgr_load_wants_more(load, 99, bench->now_ns + 5 * SECOND));
    assert_false(qmgr_load_wants_more(load, 0, bench->now_ns + 5 * SECOND));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_recipients_of_one_destination_share_a_request_up_to_the_limit),
        TEST(test_the_window_of_a_destination_bounds_what_runs),
        TEST(test_destinations_of_a_message_take_turns),
        TEST(test_transports_take_turns),
        TEST(test_agents_are_called_only_as_far_as_needed),
        TEST(test_three_failures_of_a_new_destination_kill_it),
        TEST(test_a_success_that_comes_late_revives_the_destination),
        TEST(test_what_is_dead_can_be_forgotten),
        TEST(test_an_unreachable_transport_rests_and_its_mail_is_deferred),
        TEST(test_a_lost_agent_takes_its_request_to_retry),
        TEST(test_without_retry_service_entries_are_abandoned),
        TEST(test_a_rate_delay_means_one_at_a_time_with_pauses),
        TEST(test_a_transport_rate_delay_holds_for_all_destinations),
        TEST(test_a_small_message_is_let_in_before_a_big_one_that_has_earned_it),
        TEST(test_without_loan_and_discount_each_slot_is_earned_first),
        TEST(test_a_discount_lets_in_after_half_of_the_slots),
        TEST(test_a_short_message_is_not_held_up),
        TEST(test_a_cost_below_two_lets_nobody_in),
        TEST(test_who_was_let_in_may_let_in_others),
        TEST(test_a_blocked_message_is_passed_by_and_lets_nobody_in),
        TEST(test_many_preemptions_keep_the_line_in_order),
        TEST(test_connections_are_kept_while_more_is_foreseen),
        TEST(test_room_for_recipients_is_the_least_of_all_limits),
        TEST(test_more_recipients_are_read_in_portions_or_after_a_while),
    };
    return cmocka_run_group_tests_name("qmgr_schedule", tests, NULL, NULL);
}
