// SPDX-License-Identifier: ISC
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "sys/clock.h"
#include "sys/fs.h"
#include "sys/net.h"
#include "world/fault.h"
#include "world/machine.h"
#include "world/observer.h"
#include "world/process.h"
#include "world/world.h"

/* Simulated programs log what they found; the tests compare the log. */

enum { LOG_MAX = 2000 };

struct stage {
    struct world *world;
    struct machine *machine;
    struct observer observer;
    char log[LOG_MAX];
};

static void say(struct sys *sys, const char *format, ...) PRINTF_LIKE(2, 3);

static void say(struct sys *sys, const char *format, ...)
{
    char line[200];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof(line), format, arguments);
    va_end(arguments);
    sys_log(sys, str_from(line));
}

/* ---- programs ------------------------------------------------------------------------------ */

static const char *name_of(int result)
{
    return result < 0 ? err_name(result) : "ok";
}

/* Makes a/1, a/2, b/1 and writes to the first. */
static int writer_main(struct sys *sys, int argc UNUSED, char **argv UNUSED)
{
    static const char *const paths[] = {"a/1", "a/2", "b/1"};
    int a = sys_mkdir(sys, SYS_HERE, "a", 0755);
    int b = sys_mkdir(sys, SYS_HERE, "b", 0755);
    say(sys, "mkdir %s %s", name_of(a), name_of(b));
    for (int i = 0; i < 3; i++) {
        int fd = sys_open(sys, SYS_HERE, paths[i], SYS_OPEN_WRITE | SYS_OPEN_CREATE, 0644);
        say(sys, "create %s: %s", paths[i], name_of(fd));
        if (fd >= 0) {
            long size = sys_pwrite(sys, fd, "12345678", 8, 0);
            int error = sys_fsync(sys, fd);
            say(sys, "wrote %ld, sync %s", size, name_of(error));
            sys_close(sys, fd);
        }
    }
    return 0;
}

/* Tells the time every ten seconds, four times. */
static int ticker_main(struct sys *sys, int argc UNUSED, char **argv UNUSED)
{
    int64_t start_ns = sys_now_ns(sys);
    for (int i = 1; i <= 4; i++) {
        int error = sys_sleep_until(sys, start_ns + i * 10 * SYS_SECOND_NS);
        int64_t now_ns = sys_now_ns(sys);
        int64_t wall_ns = sys_wall_ns(sys);
        say(sys, "%s %lld s, wall %lld s", name_of(error),
            (long long)((now_ns - start_ns) / SYS_SECOND_NS),
            (long long)(wall_ns / SYS_SECOND_NS % 86400));
    }
    return 0;
}

static struct str say_late(void *argument UNUSED, int64_t wall_ns UNUSED)
{
    return STR("late");
}

/* A ticker that may stand still for 25 seconds. */
static int watched_main(struct sys *sys, int argc, char **argv)
{
    sys_watch(sys, &(struct sys_watch){.timeout_ns = 25 * SYS_SECOND_NS, .last_line = say_late});
    return ticker_main(sys, argc, argv);
}

static const struct world_program programs[] = {
    {"writer", writer_main}, {"ticker", ticker_main}, {"watched", watched_main}};

/* ---- stage --------------------------------------------------------------------------------- */

static void on_log(void *argument, struct sys *sys UNUSED, struct str line)
{
    struct stage *stage = argument;
    size_t size = strlen(stage->log);
    snprintf(stage->log + size, sizeof(stage->log) - size, "%.*s\n", STR_ARG(line));
}

static void open_stage(struct stage *stage)
{
    struct world_options options;
    world_options_init(&options);
    options.programs = programs;
    options.program_count = sizeof(programs) / sizeof(programs[0]);
    memset(stage, 0, sizeof(*stage));
    stage->world = world_create(&options);
    stage->machine = machine_add(stage->world, "a.test");
    stage->observer = (struct observer){.argument = stage, .log = on_log};
    observer_add(stage->world, &stage->observer);
}

static void start(struct stage *stage, const char *program)
{
    const char *const argv[] = {program, NULL};
    int pid = process_start(stage->machine, &(struct process_start){.path = program, .argv = argv});
    assert_true(pid > 1);
}

static void play(struct stage *stage, const char *program)
{
    start(stage, program);
    assert_int_equal(world_run_until(stage->world, INT64_MAX), WORLD_IDLE);
    assert_int_equal(stage->machine->process_count, 0);
}

/* ---- failures ------------------------------------------------------------------------------ */

static void test_a_call_fails_so_many_times_behind_those_it_passes(void **state UNUSED)
{
    struct stage stage;
    open_stage(&stage);
    fault_add(stage.machine, &(struct fault){.program = STR("writer"),
                                             .call = STR("fsync"),
                                             .skip = 1,
                                             .count = 1,
                                             .result = -ERR_IO});
    play(&stage, "writer");
    assert_string_equal(stage.log, "mkdir ok ok\n"
                                   "create a/1: ok\nwrote 8, sync ok\n"
                                   "create a/2: ok\nwrote 8, sync IO\n"
                                   "create b/1: ok\nwrote 8, sync ok\n");
    world_destroy(stage.world);
}

static void test_a_pattern_chooses_the_objects(void **state UNUSED)
{
    struct stage stage;
    open_stage(&stage);
    fault_add(stage.machine, &(struct fault){.call = STR("create"),
                                             .object = STR("a/*"),
                                             .count = FAULT_ALWAYS,
                                             .result = -ERR_NO_SPACE});
    fault_add(stage.machine, &(struct fault){.call = STR("pwrite"),
                                             .object = STR("*b/*"),
                                             .count = FAULT_ALWAYS,
                                             .result = FAULT_SHORT_WRITE});
    play(&stage, "writer");
    assert_string_equal(stage.log, "mkdir ok ok\n"
                                   "create a/1: NO_SPACE\n"
                                   "create a/2: NO_SPACE\n"
                                   "create b/1: ok\nwrote 4, sync ok\n");
    world_destroy(stage.world);
}

static void test_a_process_is_killed_at_its_nth_call(void **state UNUSED)
{
    struct stage stage;
    open_stage(&stage);
    fault_add(stage.machine, &(struct fault){.program = STR("writer"),
                                             .call = STR("create"),
                                             .skip = 1,
                                             .count = 1,
                                             .effect = FAULT_KILL});
    play(&stage, "writer");
    assert_string_equal(stage.log, "mkdir ok ok\n"
                                   "create a/1: ok\nwrote 8, sync ok\n");
    play(&stage, "writer"); /* once is enough */
    assert_non_null(strstr(stage.log, "create b/1"));
    world_destroy(stage.world);
}

/* ---- standstill ---------------------------------------------------------------------------- */

static void test_a_process_hangs_for_a_time_while_others_run(void **state UNUSED)
{
    struct stage stage;
    open_stage(&stage);
    fault_add(stage.machine, &(struct fault){.program = STR("ticker"),
                                             .call = STR("sleep_until"),
                                             .skip = 1,
                                             .count = 1,
                                             .effect = FAULT_HANG,
                                             .hang_ns = 25 * SYS_SECOND_NS});
    start(&stage, "ticker");
    world_run_until(stage.world, 20 * SYS_SECOND_NS);
    play(&stage, "writer");
    assert_string_equal(stage.log, "ok 10 s, wall 10 s\n"
                                   "mkdir ok ok\n"
                                   "create a/1: ok\nwrote 8, sync ok\n"
                                   "create a/2: ok\nwrote 8, sync ok\n"
                                   "create b/1: ok\nwrote 8, sync ok\n"
                                   "ok 35 s, wall 35 s\n"
                                   "ok 35 s, wall 35 s\n"
                                   "ok 40 s, wall 40 s\n");
    world_destroy(stage.world);
}

static void test_what_hangs_for_ever_can_be_killed_or_repaired(void **state UNUSED)
{
    struct stage stage;
    open_stage(&stage);
    start(&stage, "ticker");
    start(&stage, "ticker");
    world_run_until(stage.world, 15 * SYS_SECOND_NS);
    struct sys *first = list_entry(stage.machine->processes.next, struct sys, in_machine);
    struct sys *second = list_entry(first->in_machine.next, struct sys, in_machine);
    process_suspend(first, INT64_MAX);
    process_suspend(second, INT64_MAX);
    start(&stage, "ticker");
    world_run_until(stage.world, INT64_MAX);
    assert_string_equal(stage.log, "ok 10 s, wall 10 s\nok 10 s, wall 10 s\n"
                                   "ok 10 s, wall 25 s\nok 20 s, wall 35 s\n"
                                   "ok 30 s, wall 45 s\nok 40 s, wall 55 s\n");
    stage.log[0] = '\0';
    process_signal(first, SYS_SIGNAL_KILL);
    fault_remove_all(stage.machine);
    assert_int_equal(world_run_until(stage.world, INT64_MAX), WORLD_IDLE);
    assert_string_equal(stage.log, "ok 55 s, wall 55 s\n"
                                   "ok 55 s, wall 55 s\n"
                                   "ok 55 s, wall 55 s\n");
    world_destroy(stage.world);
}

/* Hangs when 15 s are over; gain: of its monotonic clock. */
static void hang_watched(struct stage *stage, int64_t hang_ns, int gain_ppm)
{
    open_stage(stage);
    start(stage, "watched");
    world_run_until(stage->world, 15 * SYS_SECOND_NS);
    clock_set_gain(&stage->machine->monotonic, world_now_ns(stage->world), gain_ppm);
    process_suspend(list_entry(stage->machine->processes.next, struct sys, in_machine), hang_ns);
    assert_int_equal(world_run_until(stage->world, INT64_MAX), WORLD_IDLE);
    assert_int_equal(stage->machine->process_count, 0);
}

static void test_a_watchdog_ends_what_hangs_longer_than_it_allows(void **state UNUSED)
{
    struct stage stage;
    hang_watched(&stage, 26 * SYS_SECOND_NS, 0);
    assert_string_equal(stage.log, "ok 10 s, wall 10 s\nlate\n");
    assert_int_equal(world_now_ns(stage.world), 40 * SYS_SECOND_NS);
    world_destroy(stage.world);
    hang_watched(&stage, INT64_MAX, -500 * 1000);
    assert_string_equal(stage.log, "ok 10 s, wall 10 s\nlate\n");
    assert_int_equal(world_now_ns(stage.world), 65 * SYS_SECOND_NS);
    world_destroy(stage.world);
}

static void test_a_standstill_is_no_longer_than_a_watchdog_allows(void **state UNUSED)
{
    struct stage stage;
    open_stage(&stage);
    start(&stage, "watched");
    start(&stage, "ticker");
    world_run_until(stage.world, 15 * SYS_SECOND_NS);
    const struct sys *watched = list_entry(stage.machine->processes.next, struct sys, in_machine);
    const struct sys *free = list_entry(watched->in_machine.next, struct sys, in_machine);
    assert_int_equal(process_standstill_ns(watched, INT64_MAX), 25 * SYS_SECOND_NS);
    assert_int_equal(process_standstill_ns(watched, SYS_SECOND_NS), SYS_SECOND_NS);
    assert_int_equal(process_standstill_ns(free, INT64_MAX), INT64_MAX);
    clock_set_gain(&stage.machine->monotonic, world_now_ns(stage.world), -500 * 1000);
    assert_int_equal(process_standstill_ns(watched, INT64_MAX), 50 * SYS_SECOND_NS);
    world_destroy(stage.world);
}

static void test_a_watchdog_leaves_alone_what_goes_on_in_time(void **state UNUSED)
{
    struct stage stage;
    hang_watched(&stage, 25 * SYS_SECOND_NS, 0);
    assert_string_equal(stage.log, "ok 10 s, wall 10 s\n"
                                   "ok 40 s, wall 40 s\n"
                                   "ok 40 s, wall 40 s\n"
                                   "ok 40 s, wall 40 s\n");
    world_destroy(stage.world);
}

/* ---- clocks -------------------------------------------------------------------------------- */

static void test_a_wall_clock_jumps_and_drifts_alone(void **state UNUSED)
{
    struct stage stage;
    open_stage(&stage);
    start(&stage, "ticker");
    world_run_until(stage.world, 15 * SYS_SECOND_NS);
    int64_t now_ns = world_now_ns(stage.world);
    clock_set(&stage.machine->wall, now_ns, machine_wall_ns(stage.machine) + 1000 * SYS_SECOND_NS);
    world_run_until(stage.world, 25 * SYS_SECOND_NS);
    clock_set_gain(&stage.machine->wall, world_now_ns(stage.world), 200 * 1000);
    assert_int_equal(world_run_until(stage.world, INT64_MAX), WORLD_IDLE);
    assert_string_equal(stage.log, "ok 10 s, wall 10 s\n"
                                   "ok 20 s, wall 1020 s\n"
                                   "ok 30 s, wall 1031 s\n"
                                   "ok 40 s, wall 1043 s\n");
    world_destroy(stage.world);
}

static void test_waits_follow_a_slow_monotonic_clock(void **state UNUSED)
{
    struct stage stage;
    open_stage(&stage);
    start(&stage, "ticker");
    world_run_until(stage.world, 10 * SYS_SECOND_NS);
    clock_set_gain(&stage.machine->monotonic, world_now_ns(stage.world), -500 * 1000);
    assert_int_equal(world_run_until(stage.world, INT64_MAX), WORLD_IDLE);
    assert_string_equal(stage.log, "ok 10 s, wall 10 s\n"
                                   "ok 20 s, wall 30 s\n"
                                   "ok 30 s, wall 50 s\n"
                                   "ok 40 s, wall 70 s\n");
    world_destroy(stage.world);
}

/* ---- the table ----------------------------------------------------------------------------- */

static void test_every_result_of_every_call_has_a_value(void **state UNUSED)
{
    struct str names = str_from(fault_call_names);
    struct str name;
    int index = 0;
    int pairs = 0;
    while (str_next_token(&names, " ", &name)) {
        struct str call = fault_call_name(index);
        assert_true(index == 0 ? call.size == 0 : str_equal(call, name));
        struct str results = index == 0 ? STR("") : fault_results_for(call);
        struct str word;
        while (str_next_token(&results, " ", &word)) {
            assert_int_not_equal(fault_result_find(word), 0);
            pairs++;
        }
        index++;
    }
    assert_true(pairs > 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_call_fails_so_many_times_behind_those_it_passes),
        cmocka_unit_test(test_a_pattern_chooses_the_objects),
        cmocka_unit_test(test_a_process_is_killed_at_its_nth_call),
        cmocka_unit_test(test_a_process_hangs_for_a_time_while_others_run),
        cmocka_unit_test(test_what_hangs_for_ever_can_be_killed_or_repaired),
        cmocka_unit_test(test_a_watchdog_ends_what_hangs_longer_than_it_allows),
        cmocka_unit_test(test_a_standstill_is_no_longer_than_a_watchdog_allows),
        cmocka_unit_test(test_a_watchdog_leaves_alone_what_goes_on_in_time),
        cmocka_unit_test(test_a_wall_clock_jumps_and_drifts_alone),
        cmocka_unit_test(test_waits_follow_a_slow_monotonic_clock),
        cmocka_unit_test(test_every_result_of_every_call_has_a_value),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
