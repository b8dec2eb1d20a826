// SPDX-License-Identifier: ISC
/* postsuper - what the postmaster does to queued messages, and to the queue's directories
 *
 *     postsuper [-c DIRECTORY] [-v] [-d|-r|-h|-H|-e|-f ID]... [-psS] [QUEUE]...
 *
 *     -d ID   delete: the message first, then its records of failures and delays
 *     -r ID   requeue through maildrop/ and pickup: new id, fresh lifetime, recipients rewritten
 *     -h ID   put on hold: nobody delivers it, and it does not expire
 *     -H ID   release from hold into deferred/; the queue manager tries it at once
 *     -e ID   expire: returned to its sender at the next attempt
 *     -f ID   expire, and release if it is on hold
 *     -p      remove what was never finished, a week after it was begun
 *     -s      move each file to the sub-directory of its name, rename short ids that do not match
 *             their file's inode, make short ones of long ids without enable_long_queue_ids, remove
 *             what is no file and empty sub-directories that nobody needs; -S renames long ids that
 *             do not match as well
 *
 * ID is a queue id, ALL, or - for ids on standard input, a line each. Without -d to -S it is -ps.
 * -p -s -S come before the others.
 *
 * Queues     those given, else: -d -r -e -f incoming, active, deferred, hold; -h all of these but
 *            hold; -H hold; -p incoming, maildrop, hold; -s -S all but
 *            corrupt, records included
 * Races      a message that moves on meanwhile is looked for once more. One that is being delivered
 *            is neither held nor requeued, since it would be delivered twice, nor is one requeued
 *            whose failures or successes have not been reported yet: a warning says so
 * Durable    when the summary is said: names and mode bits are synced. A power cut before leaves a
 *            message under its old name, the new one, or both, which counts as one
 * Says       "ID: placed on hold" and so on in the mail log, and here; then a summary
 * Status     0; 1 when something failed; 64 wrong usage; 77 not root nor mail_owner; 69, 78 no queue
 *            directory, no configuration
 * Rights     of mail_owner, which root gives up the rest for
 * See        the queue's facts LC-56 and LC-57
 */
#ifndef POSTSUPER_POSTSUPER_H
#define POSTSUPER_POSTSUPER_H

#include "sys/sys.h"

int postsuper_main(struct sys *sys, int argc, char **argv);

#endif
