// SPDX-License-Identifier: ISC
/* cleanup - takes a message from a receiving daemon and makes it a queue file
 *
 * The only writer of new files in incoming/. A client that connects is told the queue id of its
 * message, sends the records of it, and is answered when the file is durable under its name; then
 * the next id follows on the same connection.
 *
 * Does      expands virtual aliases and drops repeated recipients; reports an expansion to a
 *           sender who asked about success; notes when a delay is to be reported
 *           (delay_warning_time); drops the header fields of message_drop_headers; adds
 *           Message-Id, Date and From where a local client left them out; counts Received fields;
 *           enforces the limits of size; logs the Message-Id
 * Answers   the bits of mail/cleanup_status.h; 0 means durably queued
 * Limits    message_size_limit, header_size_limit, hopcount_limit, queue_minfree,
 *           virtual_alias_expansion_limit, virtual_alias_recursion_limit,
 *           duplicate_filter_limit
 * Rights    mail_owner; writes below incoming/; public/qmgr,
 *           private/rewrite, private/trace
 * See       queue/queue_file.h for what makes a file durable
 */
#ifndef CLEANUP_CLEANUP_H
#define CLEANUP_CLEANUP_H

#include "sys/sys.h"

int cleanup_main(struct sys *sys, int argc, char **argv);

#endif
