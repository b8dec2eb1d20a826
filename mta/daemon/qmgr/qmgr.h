// SPDX-License-Identifier: ISC
/* qmgr - queue manager: decides which message is tried when, and over which agents
 *
 * New mail is found in incoming/, mail to retry in deferred/. A message that is worked on lies in
 * active/: its recipients are resolved, handed to delivery agents in groups that share transport
 * and destination, and when all groups are back the message is removed, returned to its sender,
 * or deferred again.
 *
 * Requests  one byte each on public/qmgr, no reply: I and W look into incoming/, D into deferred/,
 *           A ignore the times of next attempts, F forget dead transports and destinations
 * Time      the next attempt follows in the age of the message, between minimal_backoff_time and
 *           maximal_backoff_time; the deferred queue is looked at each queue_run_delay from the
 *           start on, with 0 exactly when something is due
 * Crash     the directories are the truth. At start what was active is new again; of two names of
 *           one file one is dropped; what was never acknowledged is removed, what was and is
 *           damaged goes to corrupt/. Marks of finished recipients are on disk within
 *           delivery_mark_sync_time and before their file loses a name
 * Trouble   a message that cannot be moved or removed stays in active/ and is tried again later
 * Limits    qmgr_message_active_limit messages at once
 * Rights    mail_owner; all queue directories; private/rewrite, private/bounce, private/defer and
 *           the transports
 * See       docs/QUEUE.md
 */
#ifndef QMGR_QMGR_H
#define QMGR_QMGR_H

#include "sys/sys.h"

int qmgr_main(struct sys *sys, int argc, char **argv);

#endif
