// SPDX-License-Identifier: ISC
#include "scenario/run_fault.h"

#include "base/assert.h"
#include "scenario/run_watch.h"
#include "world/disk.h"
#include "world/disk_image.h"
#include "world/draw.h"
#include "world/fault.h"
#include "world/machine.h"
#include "world/process.h"

enum { PPM = 1000 * 1000 };
#define DISK_BYTES (INT64_C(1) << 40) /* plenty */
#define DISK_FILES (INT64_C(1) << 30)

/* ---- at calls ------------------------------------------------------------------------------ */

static struct str program_of(const struct scenario_statement *action)
{
    const struct syntax_value *program = scenario_value(action, SCENARIO_SLOT_PROGRAM);
    return program == NULL || str_equal(program->text, STR("any")) ? STR("") : program->text;
}

/* The calls that the line speaks of. */
static struct fault fault_of(const struct scenario_statement *action)
{
    const struct syntax_value *object = scenario_value(action, SCENARIO_SLOT_TEXT);
    return (struct fault){
        .program = program_of(action),
        .call = fault_call_name((int)scenario_number(action, SCENARIO_SLOT_CALL, 0)),
        .object = object != NULL ? object->text : STR(""),
        .skip = (uint64_t)scenario_number(action, SCENARIO_SLOT_NUMBER, 1) - 1,
        .count = 1,
    };
}

void run_fault_fail(struct run *run, const struct scenario_statement *action)
{
    struct fault fault = fault_of(action);
    fault.effect = FAULT_FAIL;
    fault.result = fault_result_of((int)scenario_number(action, SCENARIO_SLOT_FAILURE, 0));
    fault.count = (uint64_t)scenario_number(action, SCENARIO_SLOT_COUNT, INT64_MAX);
    fault_add(run->mta, &fault);
}

void run_fault_fail_next(struct run *run, int result)
{
    run_watch_hindered(run);
    fault_add(run->mta, &(struct fault){.count = 1, .effect = FAULT_FAIL, .result = result});
}

void run_fault_hang_next(struct run *run, int64_t time_ns)
{
    run_watch_hindered(run);
    fault_add(run->mta, &(struct fault){.count = 1, .effect = FAULT_HANG, .hang_ns = time_ns});
}

static void each_process(struct run *run, const struct scenario_statement *action,
                         void (*visit)(struct run *run, struct sys *sys,
                                       const struct scenario_statement *action))
{
    struct str program = program_of(action);
    list_each(node, &run->mta->processes)
    {
        struct sys *sys = list_entry(node, struct sys, in_machine);
        if (program.size == 0 || str_equal(str_from(sys->program->file), program)) {
            visit(run, sys, action);
        }
    }
}

/* Without a word, as kill -9 does. */
static void kill_process(struct run *run UNUSED, struct sys *sys,
                         const struct scenario_statement *action UNUSED)
{
    process_signal(sys, SYS_SIGNAL_KILL);
}

void run_fault_kill(struct run *run, const struct scenario_statement *action)
{
    if (scenario_value(action, SCENARIO_SLOT_CALL) == NULL) {
        trouble_add(&run->trouble, world_now_ns(run->world), 0);
        each_process(run, action, kill_process);
        return;
    }
    struct fault fault = fault_of(action);
    fault.effect = FAULT_KILL;
    fault_add(run->mta, &fault);
}

static void hang_process(struct run *run, struct sys *sys, const struct scenario_statement *action)
{
    int64_t time_ns = scenario_number(action, SCENARIO_SLOT_PERIOD, INT64_MAX);
    trouble_add(&run->trouble, world_now_ns(run->world), process_standstill_ns(sys, time_ns));
    process_suspend(sys, time_ns);
}

void run_fault_hang(struct run *run, const struct scenario_statement *action)
{
    if (scenario_value(action, SCENARIO_SLOT_CALL) == NULL) {
        each_process(run, action, hang_process);
        return;
    }
    struct fault fault = fault_of(action);
    fault.effect = FAULT_HANG;
    fault.hang_ns = scenario_number(action, SCENARIO_SLOT_PERIOD, INT64_MAX);
    fault_add(run->mta, &fault);
}

/* ---- power --------------------------------------------------------------------------------- */

/* The first image whose description begins with the text; count: none. */
static int find_image(struct run *run, int count, struct str text)
{
    struct buf description;
    int image = 0;
    buf_init(&description, run->mem, SYS_PATH_MAX * 2);
    for (; image < count; image++) {
        buf_clear(&description);
        disk_image_describe(run->mta->disk, image, &description);
        if (str_starts_with(buf_str(&description), text)) {
            break;
        }
    }
    buf_done(&description);
    return image;
}

struct power_cut {
    struct run *run;
    const struct scenario_statement *action;
};

static void cut_power(void *argument)
{
    const struct power_cut *cut = argument;
    struct run *run = cut->run;
    const struct syntax_value *wanted = scenario_value(cut->action, SCENARIO_SLOT_STATE);
    int count = disk_image_count(run->mta->disk);
    int image = wanted != NULL
                    ? find_image(run, count, wanted->text)
                    : (int)draw(run->world, "power-cut", run->mta->name, (uint64_t)count);
    if (image == count) {
        run_fail(run, cut->action, "seen: the disk has nothing pending that could be left so");
    } else {
        run_power_cut(run, image);
    }
}

void run_fault_power_cut(struct run *run, const struct scenario_statement *action)
{
    struct power_cut *cut = arena_alloc(&run->arena, sizeof(*cut));
    assert(cut != NULL);
    *cut = (struct power_cut){run, action};
    if (scenario_value(action, SCENARIO_SLOT_CALL) == NULL) {
        cut_power(cut);
        return;
    }
    struct fault fault = fault_of(action);
    fault.effect = FAULT_STRIKE;
    fault.strike = cut_power;
    fault.argument = cut;
    fault_add(run->mta, &fault);
}

/* ---- limits -------------------------------------------------------------------------------- */

/* Until it is repaired. */
static void fails_from_now(struct run *run)
{
    trouble_add(&run->failing, world_now_ns(run->world), INT64_MAX);
}

static void leave_free(struct run *run, int64_t bytes)
{
    struct sys_space space;
    disk_space(run->mta->disk, &space);
    disk_set_capacity(run->mta->disk, space.bytes_total - space.bytes_free + bytes, DISK_FILES);
}

void run_fault_disk_full(struct run *run, const struct scenario_statement *action UNUSED)
{
    fails_from_now(run);
    leave_free(run, 0);
}

void run_fault_disk_free(struct run *run, const struct scenario_statement *action)
{
    fails_from_now(run);
    leave_free(run, scenario_number(action, SCENARIO_SLOT_SIZE, 0));
}

void run_fault_disk_quota(struct run *run, const struct scenario_statement *action)
{
    struct sys_space space;
    fails_from_now(run);
    disk_space(run->mta->disk, &space);
    disk_set_quota(run->mta->disk, space.bytes_total - space.bytes_free +
                                       scenario_number(action, SCENARIO_SLOT_SIZE, 0));
}

void run_fault_disk_read_only(struct run *run, const struct scenario_statement *action UNUSED)
{
    fails_from_now(run);
    disk_set_read_only(run->mta->disk, true);
}

void run_fault_disk_slow(struct run *run, const struct scenario_statement *action)
{
    disk_set_sync_time(run->mta->disk, scenario_number(action, SCENARIO_SLOT_PERIOD, 0));
}

void run_fault_descriptors(struct run *run, const struct scenario_statement *action)
{
    fails_from_now(run);
    machine_limit_descriptors(run->mta, program_of(action),
                              (int)scenario_number(action, SCENARIO_SLOT_NUMBER, 0));
}

void run_fault_memory(struct run *run, const struct scenario_statement *action)
{
    trouble_add(&run->trouble, world_now_ns(run->world), INT64_MAX); /* what needs more is killed */
    machine_limit_memory(run->mta, program_of(action),
                         (size_t)scenario_number(action, SCENARIO_SLOT_SIZE, 0));
}

/* ---- clocks -------------------------------------------------------------------------------- */

void run_fault_clock_step(struct run *run, const struct scenario_statement *action)
{
    int64_t step_ns = scenario_number(action, SCENARIO_SLOT_TIME, 0);
    clock_set(&run->mta->wall, world_now_ns(run->world), machine_wall_ns(run->mta) + step_ns);
}

static void set_gain(struct run *run, struct clock *clock, const struct scenario_statement *action)
{
    __int128 gain_ns = scenario_number(action, SCENARIO_SLOT_TIME, 0);
    int64_t period_ns = scenario_number(action, SCENARIO_SLOT_PERIOD, 1);
    clock_set_gain(clock, world_now_ns(run->world), (int64_t)(gain_ns * PPM / period_ns));
}

void run_fault_clock_gain(struct run *run, const struct scenario_statement *action)
{
    set_gain(run, &run->mta->wall, action);
}

void run_fault_timer_gain(struct run *run, const struct scenario_statement *action)
{
    set_gain(run, &run->mta->monotonic, action);
}

void run_fault_time_zone(struct run *run, const struct scenario_statement *action)
{
    run->mta->utc_offset_s =
        (int)(scenario_number(action, SCENARIO_SLOT_TIME, 0) / INT64_C(1000000000));
}

/* ---- repair -------------------------------------------------------------------------------- */

void run_fault_repair(struct run *run, const struct scenario_statement *action UNUSED)
{
    fault_remove_all(run->mta);
    machine_limit_nothing(run->mta);
    disk_set_capacity(run->mta->disk, DISK_BYTES, DISK_FILES);
    disk_set_quota(run->mta->disk, DISK_NO_QUOTA);
    disk_set_read_only(run->mta->disk, false);
    disk_set_sync_time(run->mta->disk, run->scenario->sync_ns);
    clock_set_gain(&run->mta->wall, world_now_ns(run->world), 0);
    clock_set_gain(&run->mta->monotonic, world_now_ns(run->world), 0);
}
