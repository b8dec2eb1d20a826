// SPDX-License-Identifier: ISC
/* bounce - delivery status service: keeps records of what failed, and sends the notices
 *
 * One program, three services by the name in master.cf: `bounce` (failures), `defer` (delays) and
 * `trace`. Delivery agents append a record for each recipient that failed or was delayed; the
 * queue manager has the records of a message sent to its sender, as one RFC 3464 report, at the
 * end of a delivery round (bounce) or when the message has expired (defer).
 *
 * Requests  append: the record is durable when the answer says so.
 *           flush: sends the notice, then deletes the records. A notice that cannot be queued
 *           leaves the records where they are, and the answer says so.
 * Notices   none for recipients that asked for none (RFC 3461 4.1), none for a message that is
 *           itself a notice: that goes to the postmaster where notify_classes has bounce or
 *           2bounce, and what cannot be delivered there is dropped with a warning
 * Rights    mail_owner; files below bounce/, defer/, trace/; reads the message; public/cleanup
 * See       mail/bounce_log.h for the records, docs/QUEUE.md
 */
#ifndef BOUNCE_BOUNCE_H
#define BOUNCE_BOUNCE_H

#include "sys/sys.h"

int bounce_main(struct sys *sys, int argc, char **argv);

#endif
