// SPDX-License-Identifier: ISC
/* sim/scenario/run_process - starts a program on a machine of a run, argument by argument
 *
 * Memory    arguments live in the run's arena
 * Blocks    never
 */
#ifndef SCENARIO_RUN_PROCESS_H
#define SCENARIO_RUN_PROCESS_H

#include "base/attribute.h"
#include "scenario/run.h"

struct run_process {
    struct run *run;
    struct machine *machine;
    const char *program; /* its file name */
    const char **argv;
    int argc;
    int argv_size;               /* there is room for so many */
    const struct sys_user *user; /* who starts it; NULL: root */
    struct str input;            /* what it reads */
};

void run_process_init(struct run_process *process, struct run *run, struct machine *machine,
                      const char *program);
void run_process_argument(struct run_process *process, const char *format, ...) PRINTF_LIKE(2, 3);
/* An option letter and its value; the text is then extended by run_process_append(). */
void run_process_option(struct run_process *process, const char *letter, struct str value);
void run_process_append(struct run_process *process, struct str text);
void run_process_zero(struct run_process *process);       /* "-z" and the wall time of time 0 */
int run_process_start(const struct run_process *process); /* its pid */

#endif
