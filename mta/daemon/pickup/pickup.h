// SPDX-License-Identifier: ISC
/* pickup - takes what local users submitted, and what postsuper requeued, into the queue
 *
 * Looks through maildrop/ when it is triggered, which postdrop does for each message and master
 * each minute, and hands what it finds to cleanup. A file that is not ready (mode without u+x) or
 * that somebody has locked is left for the next time.
 *
 * Submitted  only what proto/maildrop takes; the file's time is the time of arrival
 * Requeued   a file of the queue itself: it belongs to mail_owner and others cannot read it. It
 *            keeps arrival time, sender, DSN parameters and the recipients that are not done, gets
 *            a new id and a lifetime that begins now, and loses filters and redirection
 * Durable    the file goes only after cleanup's answer that the message is durably queued; a crash
 *            in between leaves it, and it is taken once more: a duplicate, never a loss
 * Refused    what is no message, or may not be from a user, goes to corrupt/ with a warning; what
 *            ends early or is zeros was never finished nor acknowledged and goes
 * Rights     mail_owner; all queue directories; public/cleanup
 * See        postdrop/postdrop.h, postsuper/postsuper.h; the queue's facts LC-11, LC-12, LC-57
 */
#ifndef PICKUP_PICKUP_H
#define PICKUP_PICKUP_H

#include "sys/sys.h"

int pickup_main(struct sys *sys, int argc, char **argv);

#endif
