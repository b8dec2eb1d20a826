// SPDX-License-Identifier: ISC
/* sim/scenario/run_fault - what the script lets go wrong on the mail system's machine
 *
 * One function for each form below `at` that injects or ends a fault; `action` is its line.
 */
#ifndef SCENARIO_RUN_FAULT_H
#define SCENARIO_RUN_FAULT_H

#include "scenario/run.h"

/* The next call of any process fails with this result of world/fault.h. */
void run_fault_fail_next(struct run *run, int result);
/* The process that makes the next call stands still there for so long. */
void run_fault_hang_next(struct run *run, int64_t time_ns);

void run_fault_fail(struct run *run, const struct scenario_statement *action);
void run_fault_kill(struct run *run, const struct scenario_statement *action);
void run_fault_hang(struct run *run, const struct scenario_statement *action);
void run_fault_power_cut(struct run *run, const struct scenario_statement *action);
void run_fault_disk_full(struct run *run, const struct scenario_statement *action);
void run_fault_disk_free(struct run *run, const struct scenario_statement *action);
void run_fault_disk_quota(struct run *run, const struct scenario_statement *action);
void run_fault_disk_read_only(struct run *run, const struct scenario_statement *action);
void run_fault_disk_slow(struct run *run, const struct scenario_statement *action);
void run_fault_descriptors(struct run *run, const struct scenario_statement *action);
void run_fault_memory(struct run *run, const struct scenario_statement *action);
void run_fault_clock_step(struct run *run, const struct scenario_statement *action);
void run_fault_clock_gain(struct run *run, const struct scenario_statement *action);
void run_fault_timer_gain(struct run *run, const struct scenario_statement *action);
void run_fault_time_zone(struct run *run, const struct scenario_statement *action);
void run_fault_repair(struct run *run, const struct scenario_statement *action);

#endif
