// SPDX-License-Identifier: ISC
/* smtp - SMTP client: delivers to other mail systems
 *
 * For each request of the queue manager: finds the hosts of the nexthop, tries them in turn until
 * every recipient has its outcome, and reports. A recipient refused for good (5xx) bounces at
 * once; one refused for now (4xx), or whose host cannot be talked to, goes to the next host, and
 * is deferred with the last reason when there is none left.
 *
 * Files     smtp.c request and hosts in turn; smtp_nexthop.c destinations; smtp_hosts.c DNS, order,
 *           loops; smtp_session.c connection, greeting, replies; smtp_transfer.c one message;
 *           smtp_failure.c reasons
 * Grammar   RFC 5321, RFC 2920 (PIPELINING), RFC 1870 (SIZE), RFC 6152 (8BITMIME). A message with
 *           8-bit text goes to a host without 8BITMIME as it is: nearly every host takes it, and a
 *           changed text breaks signatures
 * Rights    mail_owner, outbound TCP and UDP, active/ for reading and marks, private/bounce and
 *           private/defer; public/cleanup for transcripts
 */
#ifndef SMTP_SMTP_H
#define SMTP_SMTP_H

#include "sys/sys.h"

int smtp_main(struct sys *sys, int argc, char **argv);

#endif
