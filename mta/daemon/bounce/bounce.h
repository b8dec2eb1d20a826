// SPDX-License-Identifier: ISC
/* bounce - delivery status service: keeps records of what failed, and sends the notices
 *
 * One program, three services by the name in master.cf: `bounce` (failures), `defer` (delays) and
 * `trace` (successes). Delivery agents append a record for each recipient that failed, was delayed,
 * or whose delivery is to be reported; the queue manager has the records of a message sent to its
 * sender, as one RFC 3464 report: at the end of a delivery round (bounce, trace), when the message
 * has waited for delay_warning_time, and when it has expired (defer).
 *
 * Requests  append: the record is durable when the answer says so.
 *           flush: reports the records, then deletes them.
 *           warn: to defer: says that delivery is delayed, and keeps the records.
 *           A notice that cannot be queued leaves the records where they are, and the answer says
 *           so.
 * Notices   see bounce/bounce_report.h; their texts mail/notice_text.h
 * Rights    mail_owner; files below bounce/, defer/, trace/; reads the message; public/cleanup
 * See       mail/bounce_log.h for the records, docs/QUEUE.md
 */
#ifndef BOUNCE_BOUNCE_H
#define BOUNCE_BOUNCE_H

#include "sys/sys.h"

int bounce_main(struct sys *sys, int argc, char **argv);

#endif
