// SPDX-License-Identifier: ISC
/* qmgr - queue manager: decides which message is tried when, and over which agents
 *
 * New mail is found in incoming/, mail to retry in deferred/. A message that is worked on lies in
 * active/: its recipients are resolved, handed to delivery agents in groups that share transport
 * and destination, and when all groups are back the message is removed, returned to its sender,
 * or deferred again.
 *
 * Requests  one byte each on public/qmgr, no reply: I and W look into incoming/, D into deferred/,
 *           A ignore the times of next attempts, F forget dead transports and destinations and use
 *           defer_transports, E leave in deferred/ what is there, from now on: the end is near.
 *           "?ID" and a newline asks where a message is (qmgr_answer)
 * Parts     qmgr_scan finds mail, qmgr_message is its life at work, qmgr_work the fibers that read
 *           (qmgr_read, qmgr_route) and end rounds (qmgr_round); qmgr_schedule decides what goes
 *           next (qmgr_job, qmgr_destination, qmgr_window), qmgr_agent carries it out
 * Fibers    one scans, QMGR_WORKERS_MAX work, and one for each agent that is called or delivers; a
 *           message costs none
 * Time      the next attempt follows in the age of the message, between minimal_backoff_time and
 *           maximal_backoff_time, and backoff_jitter_percent of chance; the deferred queue is
 *           looked at each queue_run_delay from the start on, with 0 exactly when something is due
 * Crash     the directories are the truth; what a crash may leave is put right at start
 *           (qmgr_recover). Marks of finished recipients are on disk within
 *           delivery_mark_sync_time and before their file loses a name
 * Trouble   a message that cannot be moved or removed stays in active/ and is tried again later
 * Limits    qmgr_message_active_limit messages at once; qmgr_message_recipient_limit recipients in
 *           memory, with those that are being read, and those of each transport; of any message
 *           qmgr_message_recipient_minimum beyond that
 * Rights    mail_owner; all queue directories; private/rewrite, private/bounce, private/defer,
 *           private/trace and the transports
 * See       docs/QUEUE.md
 */
#ifndef QMGR_QMGR_H
#define QMGR_QMGR_H

#include "sys/sys.h"

int qmgr_main(struct sys *sys, int argc, char **argv);

#endif
