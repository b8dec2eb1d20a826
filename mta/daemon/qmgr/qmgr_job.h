// SPDX-License-Identifier: ISC
/* qmgr/qmgr_job - the line in which jobs of one transport stand, and who is let in
 *
 * Jobs stand in the order in which their messages were taken up. Each entry of the current job
 * that is chosen earns it 1/slot_cost of a slot; a slot pays for one entry of another job. The
 * candidate is the job that has waited longest for each entry it needs, among those that can go
 * on, were not let in before, and need no more slots than the current job can ever earn. It is let
 * in right before the current job when the slots are there, with slot_discount percent less and
 * slot_loan of them in advance. So a message to thousands does not hold up one to a few, and is
 * itself slowed down by slot_cost / (slot_cost - 1) at most.
 *
 * Blocks    never; pure
 */
#ifndef QMGR_QMGR_JOB_H
#define QMGR_QMGR_JOB_H

#include "qmgr/qmgr_schedule.h"

/* The load's job for that transport; made and placed in line when there is none. */
struct qmgr_job *qmgr_job_get(struct qmgr_load *load, struct qmgr_transport *transport);
/* Frees it when it has nothing to do. */
void qmgr_job_release(struct qmgr_job *job);

/* Puts it into the heap of those that can go on, or takes it out, as its offers say. */
void qmgr_job_update(struct qmgr_job *job);

/* The job to choose the next entry from, or NULL; another one may have been let in. */
struct qmgr_job *qmgr_job_choose(struct qmgr_transport *transport, int64_t now_ns);

/* True when a stands before b. */
bool qmgr_job_is_before(const struct qmgr_job *a, const struct qmgr_job *b);

#endif
