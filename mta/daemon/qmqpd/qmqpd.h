// SPDX-License-Identifier: ISC
/* qmqpd - takes mail by QMQP, from list servers and null clients
 *
 * Protocol  one netstring that holds netstrings: message, sender, recipients; then the answer, one
 *           netstring: K and "Ok: queued as ID", Z and why the client must try again, D and why it
 *           must not. One message a connection
 * Promise   K means that the message is durably queued; nothing else does
 * Rules     only qmqpd_authorized_clients; when that list cannot be asked, Z
 * Answers   K taken, Z try again, D never; with soft_bounce Z for D
 * Limits    qmqpd_timeout, message_size_limit, line_length_limit (longer lines are kept in
 *           parts), QMQPD_RECIPIENTS_MAX; a refusal comes after qmqpd_error_delay
 * Memory    a message waits in memory until its recipients are known, as the protocol wants
 * Rights    mail_owner; no files of its own; public/cleanup, tables, name servers
 */
#ifndef QMQPD_QMQPD_H
#define QMQPD_QMQPD_H

#include "sys/sys.h"

enum { QMQPD_RECIPIENTS_MAX = 50000 };

int qmqpd_main(struct sys *sys, int argc, char **argv);

#endif
