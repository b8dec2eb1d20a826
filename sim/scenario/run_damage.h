// SPDX-License-Identifier: ISC
/* sim/scenario/run_damage - files that somebody planted in the queue, and files that went bad there
 *
 * One function for each form below `at` that changes the queue behind the mail system's back;
 * `action` is its line. What is done so is durable at once, and leaves a file's times as they are.
 * A message whose file was damaged need not be delivered any more, but must not vanish either.
 */
#ifndef SCENARIO_RUN_DAMAGE_H
#define SCENARIO_RUN_DAMAGE_H

#include "scenario/run.h"

void run_damage_plant(struct run *run, const struct scenario_statement *action);
void run_damage_plant_directory(struct run *run, const struct scenario_statement *action);
void run_damage_truncate(struct run *run, const struct scenario_statement *action);
void run_damage_zero(struct run *run, const struct scenario_statement *action);
void run_damage_overwrite(struct run *run, const struct scenario_statement *action);
void run_damage_link(struct run *run, const struct scenario_statement *action);
void run_damage_move(struct run *run, const struct scenario_statement *action);
void run_damage_date(struct run *run, const struct scenario_statement *action);
void run_damage_mode(struct run *run, const struct scenario_statement *action);
void run_damage_owner(struct run *run, const struct scenario_statement *action);

#endif
