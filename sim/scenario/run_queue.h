// SPDX-License-Identifier: ISC
/* sim/scenario/run_queue - the queue directories of the mail system's machine, from outside
 *
 * Blocks    never
 */
#ifndef SCENARIO_RUN_QUEUE_H
#define SCENARIO_RUN_QUEUE_H

#include "scenario/run.h"
#include "sys/fs.h"

const char *run_queue_directory(enum run_queue queue); /* "incoming" */

/* Where a file of that name belongs: in a queue with sub-directories an id has its own. */
void run_queue_path(const struct run *run, enum run_queue queue, struct str name,
                    char path[SYS_PATH_MAX]);
/* Where there is one; RUN_QUEUE_COUNT: in any queue that may hold a message. False: nowhere. */
bool run_queue_find(const struct run *run, enum run_queue queue, struct str name,
                    char path[SYS_PATH_MAX]);

void run_queue_count(const struct run *run, struct run_queues *queues);
int run_queue_mail_count(
    const struct run_queues *queues); /* in all that hold mail to be delivered */

/* Whether there is a queue file of that id; of an empty one, whether anything waits in maildrop/.
 * What the script damaged may have been put aside into corrupt/. */
bool run_queue_has(void *run, struct str id);
bool run_queue_is_put_aside(const struct run *run, struct str id);
/* Whether a file of that path lies in a queue that holds mail to be delivered, or records. */
bool run_queue_is_of_mail(struct str path);
bool run_queue_is_of_records(struct str path);

#endif
