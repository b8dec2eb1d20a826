// SPDX-License-Identifier: ISC
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "master/master_lifecycle.h"

static struct master_step run(const enum master_event *events, int count)
{
    struct master_step step = {.next = MASTER_STATE_STARTED};

    for (int i = 0; i < count; i++) {
        step = master_lifecycle_step(step.next, events[i]);
    }
    return step;
}

#define RUN(...)                                  \
    run((const enum master_event[]){__VA_ARGS__}, \
        sizeof((const enum master_event[]){__VA_ARGS__}) / sizeof(enum master_event))

static void test_only_a_child_that_failed_before_its_first_client_throttles(void **state)
{
    (void)state;
    assert_true(RUN(MASTER_EVENT_NO_START).throttle);
    assert_true(RUN(MASTER_EVENT_CLOSED, MASTER_EVENT_EXIT_BAD).throttle);
    assert_false(RUN(MASTER_EVENT_CLOSED, MASTER_EVENT_EXIT_GOOD).throttle);
    assert_false(
        RUN(MASTER_EVENT_REPORT_FREE, MASTER_EVENT_CLOSED, MASTER_EVENT_EXIT_BAD).throttle);
    assert_false(RUN(MASTER_EVENT_TOLD, MASTER_EVENT_CLOSED, MASTER_EVENT_EXIT_BAD).throttle);
}

static void test_every_life_can_end(void **state)
{
    (void)state;
    for (int event = 0; event <= MASTER_EVENT_TOLD; event++) {
        struct master_step step =
            RUN((enum master_event)event, MASTER_EVENT_CLOSED, MASTER_EVENT_EXIT_BAD);
        assert_int_equal(step.next, MASTER_STATE_GONE);
    }
}

static void test_reports_become_events(void **state)
{
    struct service_status full = {.busy_count = 1};
    struct service_status free_places = {.free_count = 1, .busy_count = 1};
    struct service_status retiring = {.retiring = true};

    (void)state;
    assert_int_equal(master_lifecycle_event(&full), MASTER_EVENT_REPORT_FULL);
    assert_int_equal(master_lifecycle_event(&free_places), MASTER_EVENT_REPORT_FREE);
    assert_int_equal(master_lifecycle_event(&retiring), MASTER_EVENT_REPORT_RETIRING);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_only_a_child_that_failed_before_its_first_client_throttles),
        cmocka_unit_test(test_every_life_can_end),
        cmocka_unit_test(test_reports_become_events),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
