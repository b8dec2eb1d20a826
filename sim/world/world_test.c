// SPDX-License-Identifier: ISC
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "sys/clock.h"
#include "sys/fiber.h"
#include "sys/fs.h"
#include "sys/net.h"
#include "sys/process.h"
#include "sys/random.h"
#include "world/disk.h"
#include "world/disk_image.h"
#include "world/draw.h"
#include "world/fault.h"
#include "world/machine.h"
#include "world/network.h"
#include "world/observer.h"
#include "world/process.h"
#include "world/trace.h"
#include "world/world.h"

/* Simulated programs say what they found by logging it; the tests compare the log. */

enum { LOG_MAX = 3500, PORT = 2525 };

static void say(struct sys *sys, const char *format, ...) PRINTF_LIKE(2, 3);

static void say(struct sys *sys, const char *format, ...)
{
    char line[256];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof(line), format, arguments);
    va_end(arguments);
    sys_log(sys, str_from(line));
}

static struct sys_address address_of(const char *text)
{
    struct sys_address address;
    int error = sys_address_parse(str_from(text), PORT, &address);
    return error == 0 ? address : (struct sys_address){0};
}

/* ---- programs ------------------------------------------------------------------------------ */

static int sleeper_main(struct sys *sys, int argc UNUSED, char **argv UNUSED)
{
    int64_t start_ns = sys_now_ns(sys);
    int error = sys_sleep_until(sys, sys_deadline(sys, 86400 * SYS_SECOND_NS));
    say(sys, "slept %lld s: %d", (long long)((sys_now_ns(sys) - start_ns) / SYS_SECOND_NS), error);
    return 7;
}

static void echo_lines(struct sys *sys, int fd)
{
    char data[100];
    long size = sys_read(sys, fd, data, sizeof(data), SYS_FOREVER);
    while (size > 0) {
        say(sys, "server got %ld bytes", size);
        long written = sys_write(sys, fd, data, (size_t)size, SYS_FOREVER);
        if (written < 0) {
            say(sys, "server write: %s", err_name((int)written));
            return;
        }
        size = sys_read(sys, fd, data, sizeof(data), SYS_FOREVER);
    }
    say(sys, "server read: %s", err_name((int)size));
}

static int server_main(struct sys *sys, int argc UNUSED, char **argv UNUSED)
{
    struct sys_address address = address_of("192.0.2.1");
    struct sys_address peer;
    char text[SYS_ADDRESS_TEXT_MAX];
    int listener = sys_listen(sys, &address, 10);
    int fd = sys_accept(sys, listener, &peer, SYS_FOREVER);
    say(sys, "server accepted %s", sys_address_text(&peer, text));
    echo_lines(sys, fd);
    sys_close(sys, fd);
    return 0;
}

static int client_main(struct sys *sys, int argc, char **argv)
{
    struct sys_address address = address_of(argc > 1 ? argv[1] : "192.0.2.1");
    char data[100];
    int64_t start_ns = sys_now_ns(sys);
    int fd = sys_dial(sys, NULL, &address, sys_deadline(sys, 30 * SYS_SECOND_NS));
    long long took_ms = (sys_now_ns(sys) - start_ns) / SYS_MILLI_NS;
    say(sys, "client dialed in %lld ms: %s", took_ms, fd < 0 ? err_name(fd) : "ok");
    if (fd < 0) {
        return 1;
    }
    long written = sys_write(sys, fd, "hello", 5, SYS_FOREVER);
    long size = sys_read(sys, fd, data, sizeof(data), SYS_FOREVER);
    say(sys, "client wrote %ld, read %ld", written, size);
    return 0;
}

/* Writes until the peer does not take more, and for ever then. */
static int flood_main(struct sys *sys, int argc UNUSED, char **argv UNUSED)
{
    static const char data[1000];
    struct sys_address address = address_of("192.0.2.1");
    int fd = sys_dial(sys, NULL, &address, SYS_FOREVER);
    long written = 1;
    while (written > 0) {
        written = sys_write(sys, fd, data, sizeof(data), SYS_FOREVER);
    }
    say(sys, "flood ended: %s", err_name((int)written));
    return 0;
}

/* Reads one byte every second. */
static int slow_main(struct sys *sys, int argc UNUSED, char **argv UNUSED)
{
    struct sys_address address = address_of("192.0.2.1");
    int listener = sys_listen(sys, &address, 10);
    int fd = sys_accept(sys, listener, NULL, SYS_FOREVER);
    char byte;
    long size = 1;
    while (size > 0) {
        int error = sys_sleep_until(sys, sys_deadline(sys, SYS_SECOND_NS));
        size = error == 0 ? sys_read(sys, fd, &byte, 1, SYS_FOREVER) : error;
    }
    say(sys, "slow ended: %s", err_name((int)size));
    return 0;
}

static int parent_main(struct sys *sys, int argc UNUSED, char **argv UNUSED)
{
    const char *const child_argv[] = {"sleeper", NULL};
    const char *const environment[] = {NULL};
    struct sys_spawn spawn = {
        .path = "/usr/lib/test/sleeper", .argv = child_argv, .environment = environment};
    struct sys_exit_status status;
    int first = sys_spawn(sys, &spawn);
    int second = sys_spawn(sys, &spawn);
    int killed = sys_kill(sys, second, SYS_SIGNAL_KILL);
    int error = sys_wait_child(sys, 0, &status, SYS_FOREVER);
    say(sys, "parent: second %d, kill %d, wait %d, status %d, signal %d", status.pid == second,
        killed, error, status.status, status.signal);
    error = sys_wait_child(sys, first, &status, SYS_FOREVER);
    say(sys, "parent: first %d, wait %d, status %d, signal %d", status.pid == first, error,
        status.status, status.signal);
    error = sys_wait_child(sys, 0, &status, SYS_FOREVER);
    say(sys, "parent: no more: %s", err_name(error));
    return 0;
}

static int busy_main(struct sys *sys, int argc UNUSED, char **argv UNUSED)
{
    for (;;) {
        int error = sys_yield(sys);
        if (error != 0) {
            return 1;
        }
    }
}

static int chatter_main(struct sys *sys, int argc UNUSED, char **argv UNUSED)
{
    for (int i = 0; i < 20; i++) {
        say(sys, "chatter %d %llu", i, (unsigned long long)sys_random_below(sys, 1000));
        int error = sys_sleep_until(sys, sys_deadline(sys, SYS_SECOND_NS));
        if (error != 0) {
            return 1;
        }
    }
    return 0;
}

static const struct world_program test_programs[] = {
    {"sleeper", sleeper_main}, {"server", server_main},   {"client", client_main},
    {"flood", flood_main},     {"slow", slow_main},       {"parent", parent_main},
    {"busy", busy_main},       {"chatter", chatter_main},
};

/* ---- the stage ----------------------------------------------------------------------------- */

struct stage {
    struct world *world;
    struct machine *a;
    struct machine *b;
    struct observer observer;
    char log[LOG_MAX];
    size_t log_size;
    int last_status;
    int last_signal;
    const char *kill_at; /* the call at which the process of that name is killed */
    const char *kill_program;
};

static void on_log(void *argument, struct sys *sys UNUSED, struct str line)
{
    struct stage *stage = argument;
    int size = snprintf(stage->log + stage->log_size, sizeof(stage->log) - stage->log_size,
                        "%.*s\n", STR_ARG(line));
    stage->log_size += (size_t)size;
}

static void on_end(void *argument, struct sys *sys)
{
    struct stage *stage = argument;
    stage->last_status = sys->status;
    stage->last_signal = sys->signal;
}

static void on_call(void *argument, struct sys *sys, const struct fault_call *call,
                    uint64_t index UNUSED)
{
    struct stage *stage = argument;
    if (stage->kill_at != NULL && strcmp(sys->program->file, stage->kill_program) == 0 &&
        strcmp(call->name, stage->kill_at) == 0) {
        stage->kill_at = NULL;
        process_signal(sys, SYS_SIGNAL_KILL);
    }
}

static struct world_options plain_options(void)
{
    struct world_options options;
    world_options_init(&options);
    options.programs = test_programs;
    options.program_count = sizeof(test_programs) / sizeof(test_programs[0]);
    return options;
}

static void open_stage(struct stage *stage, const struct world_options *options)
{
    memset(stage, 0, sizeof(*stage));
    stage->world = world_create(options);
    stage->a = machine_add(stage->world, "a.test");
    stage->b = machine_add(stage->world, "b.test");
    machine_add_ip(stage->a, "192.0.2.1");
    machine_add_ip(stage->b, "192.0.2.2");
    stage->observer =
        (struct observer){.argument = stage, .log = on_log, .ended = on_end, .call = on_call};
    observer_add(stage->world, &stage->observer);
}

static void start(struct machine *machine, const char *program, const char *argument)
{
    const char *const argv[] = {program, argument, NULL};
    int pid = process_start(machine, &(struct process_start){.path = program, .argv = argv});
    assert_true(pid > 1);
}

static void open_plain(struct stage *stage)
{
    struct world_options options = plain_options();
    open_stage(stage, &options);
}

/* ---- time ---------------------------------------------------------------------------------- */

static void test_time_jumps_to_the_next_event(void **state UNUSED)
{
    struct stage stage;
    open_plain(&stage);
    start(stage.a, "sleeper", NULL);
    assert_int_equal(world_run_until(stage.world, 10 * SYS_SECOND_NS), WORLD_TIME);
    assert_true(world_now_ns(stage.world) == 10 * SYS_SECOND_NS);
    assert_true(world_next_event_ns(stage.world) == 86400 * SYS_SECOND_NS);
    assert_int_equal(world_run_until(stage.world, INT64_MAX), WORLD_IDLE);
    assert_string_equal(stage.log, "slept 86400 s: 0\n");
    assert_int_equal(stage.last_status, 7);
    world_destroy(stage.world);
}

static void test_a_busy_loop_stops_the_world(void **state UNUSED)
{
    struct stage stage;
    open_plain(&stage);
    start(stage.a, "busy", NULL);
    assert_int_equal(world_run_until(stage.world, INT64_MAX), WORLD_STOPPED);
    assert_int_equal(world_stopped(stage.world), WORLD_FAULT_BUSY_LOOP);
    assert_non_null(strstr(world_stop_text(stage.world), "busy"));
    assert_non_null(strstr(world_stop_text(stage.world), "a.test"));
    world_destroy(stage.world);
}

/* ---- network ------------------------------------------------------------------------------- */

static void test_bytes_travel_between_machines(void **state UNUSED)
{
    struct stage stage;
    open_plain(&stage);
    start(stage.a, "server", NULL);
    start(stage.b, "client", NULL);
    assert_int_equal(world_run_until(stage.world, INT64_MAX), WORLD_IDLE);
    assert_string_equal(stage.log, "server accepted 192.0.2.2\n"
                                   "client dialed in 20 ms: ok\n"
                                   "server got 5 bytes\n"
                                   "client wrote 5, read 5\n"
                                   "server read: NONE\n");
    world_destroy(stage.world);
}

static void dial_blocked(enum network_block block, const char *log)
{
    struct stage stage;
    struct sys_address address = address_of("192.0.2.1");
    open_plain(&stage);
    network_block(stage.world, &address, block);
    start(stage.a, "server", NULL);
    start(stage.b, "client", NULL);
    assert_int_equal(world_run_until(stage.world, INT64_MAX), WORLD_IDLE);
    assert_string_equal(stage.log, log);
    world_destroy(stage.world);
}

static void test_blocked_addresses_answer_as_told(void **state UNUSED)
{
    dial_blocked(NETWORK_REFUSE, "client dialed in 20 ms: REFUSED\n");
    dial_blocked(NETWORK_UNREACHABLE, "client dialed in 20 ms: UNREACHABLE\n");
    dial_blocked(NETWORK_NETWORK_UNREACHABLE, "client dialed in 20 ms: NETWORK_UNREACHABLE\n");
    dial_blocked(NETWORK_BLACKHOLE, "client dialed in 30000 ms: TIMEOUT\n");
}

static void test_nobody_listens(void **state UNUSED)
{
    struct stage stage;
    open_plain(&stage);
    start(stage.b, "client", "192.0.2.1");
    start(stage.b, "client", "192.0.2.77");
    assert_int_equal(world_run_until(stage.world, INT64_MAX), WORLD_IDLE);
    assert_string_equal(stage.log, "client dialed in 20 ms: REFUSED\n"
                                   "client dialed in 20 ms: UNREACHABLE\n");
    world_destroy(stage.world);
}

static void test_a_slow_reader_holds_its_writer_back_until_its_power_fails(void **state UNUSED)
{
    struct stage stage;
    open_plain(&stage);
    start(stage.a, "slow", NULL);
    start(stage.b, "flood", NULL);
    assert_int_equal(world_run_until(stage.world, 60 * SYS_SECOND_NS), WORLD_TIME);
    assert_string_equal(stage.log, "");
    machine_power_cut(stage.a, DISK_IMAGE_NOTHING);
    assert_int_equal(world_run_until(stage.world, INT64_MAX), WORLD_IDLE);
    assert_string_equal(stage.log, "flood ended: RESET\n");
    world_destroy(stage.world);
}

/* ---- processes ----------------------------------------------------------------------------- */

static void test_a_parent_learns_how_its_children_ended(void **state UNUSED)
{
    struct stage stage;
    open_plain(&stage);
    start(stage.a, "parent", NULL);
    assert_int_equal(world_run_until(stage.world, INT64_MAX), WORLD_IDLE);
    assert_string_equal(stage.log, "parent: second 1, kill 0, wait 0, status -1, signal 9\n"
                                   "slept 86400 s: 0\n"
                                   "parent: first 1, wait 0, status 7, signal 0\n"
                                   "parent: no more: NO_PROCESS\n");
    world_destroy(stage.world);
}

static void test_a_process_killed_at_a_write_is_seen_by_its_peer(void **state UNUSED)
{
    struct stage stage;
    open_plain(&stage);
    stage.kill_at = "write";
    stage.kill_program = "server";
    start(stage.a, "server", NULL);
    start(stage.b, "client", NULL);
    assert_int_equal(world_run_until(stage.world, INT64_MAX), WORLD_IDLE);
    assert_string_equal(stage.log, "server accepted 192.0.2.2\n"
                                   "client dialed in 20 ms: ok\n"
                                   "server got 5 bytes\n"
                                   "client wrote 5, read 0\n");
    assert_true(list_is_empty(&stage.a->processes));
    world_destroy(stage.world);
}

static void test_a_flooded_reader_that_dies_resets_its_writer(void **state UNUSED)
{
    struct stage stage;
    open_plain(&stage);
    start(stage.a, "slow", NULL);
    start(stage.b, "flood", NULL);
    world_run_until(stage.world, 60 * SYS_SECOND_NS);
    process_signal(list_entry(stage.a->processes.next, struct sys, in_machine), SYS_SIGNAL_KILL);
    assert_int_equal(world_run_until(stage.world, INT64_MAX), WORLD_IDLE);
    assert_string_equal(stage.log, "flood ended: RESET\n");
    world_destroy(stage.world);
}

/* ---- draws and identity -------------------------------------------------------------------- */

static uint64_t run_hash(const struct world_options *options, char *draws, size_t draws_size)
{
    struct stage stage;
    open_stage(&stage, options);
    for (int i = 0; i < 5; i++) {
        start(stage.a, "chatter", NULL);
    }
    start(stage.a, "server", NULL);
    start(stage.b, "client", NULL);
    assert_int_equal(world_run_until(stage.world, INT64_MAX), WORLD_IDLE);
    uint64_t hash = world_hash(stage.world);
    if (draws != NULL) {
        struct buf out;
        buf_init(&out, world_mem(stage.world), draws_size - 1);
        draw_write(stage.world, &out);
        assert_int_equal(buf_error(&out), 0);
        memcpy(draws, buf_text(&out), out.size + 1);
    }
    world_destroy(stage.world);
    return hash;
}

static void test_the_same_seed_gives_the_same_run(void **state UNUSED)
{
    struct world_options options = plain_options();
    uint64_t boring = run_hash(&options, NULL, 0);
    assert_true(run_hash(&options, NULL, 0) == boring);
    options.seeded = true;
    options.seed = 1;
    uint64_t first = run_hash(&options, NULL, 0);
    assert_true(run_hash(&options, NULL, 0) == first);
    print_message("hash %016llx %016llx\n", (unsigned long long)boring, (unsigned long long)first);
    options.seed = 2;
    assert_true(run_hash(&options, NULL, 0) != first);
    assert_true(first != boring);
}

static void test_overrides_repeat_a_run_without_its_seed(void **state UNUSED)
{
    static char overrides[100 * 1000];
    struct world_options options = plain_options();
    options.seeded = true;
    options.seed = 3;
    uint64_t seeded = run_hash(&options, overrides, sizeof(overrides));
    options.seeded = false;
    options.overrides = str_from(overrides);
    assert_true(run_hash(&options, NULL, 0) == seeded);
}

static void test_draws_are_0_without_a_seed_unless_overridden(void **state UNUSED)
{
    struct world_options options = plain_options();
    options.overrides = STR("# comment\n\ncolour a.test 1 3\ncolour a.test 3 11\nother - 0 1\n");
    struct world *world = world_create(&options);
    uint64_t values[5];
    for (int i = 0; i < 5; i++) {
        values[i] = draw(world, "colour", "a.test", 10);
    }
    assert_true(values[0] == 0 && values[1] == 3 && values[2] == 0 && values[3] == 1);
    assert_true(values[4] == 0);
    assert_true(draw(world, "other", NULL, 2) == 1);
    assert_true(draw(world, "other", "b.test", 2) == 0);
    world_destroy(world);
}

static void test_malformed_overrides_are_found(void **state UNUSED)
{
    int line;
    assert_int_equal(draw_check(STR("a b 0 1\n# x\n\nc - 2 3"), &line), 0);
    assert_int_equal(draw_check(STR("a b 0 1\na b 1\n"), &line), -ERR_SYNTAX);
    assert_int_equal(line, 2);
    assert_int_equal(draw_check(STR("a b 0 x"), &line), -ERR_SYNTAX);
    assert_int_equal(draw_check(STR("a b 0 1 2"), &line), -ERR_SYNTAX);
}

static void test_the_last_records_can_be_read(void **state UNUSED)
{
    struct stage stage;
    open_plain(&stage);
    start(stage.a, "server", NULL);
    start(stage.b, "client", NULL);
    world_run_until(stage.world, INT64_MAX);
    struct buf out;
    buf_init(&out, world_mem(stage.world), 100 * 1000);
    trace_recent(stage.world, 1000, &out);
    assert_non_null(strstr(buf_text(&out), " b.test client[101] dial 2525 \"192.0.2.1\" = 3\n"));
    assert_non_null(strstr(buf_text(&out), " b.test client[101] write 3 \"hello\" = 5\n"));
    world_destroy(stage.world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_time_jumps_to_the_next_event),
        cmocka_unit_test(test_a_busy_loop_stops_the_world),
        cmocka_unit_test(test_bytes_travel_between_machines),
        cmocka_unit_test(test_blocked_addresses_answer_as_told),
        cmocka_unit_test(test_nobody_listens),
        cmocka_unit_test(test_a_slow_reader_holds_its_writer_back_until_its_power_fails),
        cmocka_unit_test(test_a_parent_learns_how_its_children_ended),
        cmocka_unit_test(test_a_process_killed_at_a_write_is_seen_by_its_peer),
        cmocka_unit_test(test_a_flooded_reader_that_dies_resets_its_writer),
        cmocka_unit_test(test_the_same_seed_gives_the_same_run),
        cmocka_unit_test(test_overrides_repeat_a_run_without_its_seed),
        cmocka_unit_test(test_draws_are_0_without_a_seed_unless_overridden),
        cmocka_unit_test(test_malformed_overrides_are_found),
        cmocka_unit_test(test_the_last_records_can_be_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
