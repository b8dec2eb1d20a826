// SPDX-License-Identifier: ISC
/* sim/peer/peer_submit - a client that submits a scenario's message by SMTP, QMQP, or
 * sendmail on its own machine
 *
 * Waits for each reply and tells what became of the message: accepted, refused, or lost when no
 * reply came. It never submits twice.
 *
 * Usage     peer-submit LABEL -z WALL_NS -a SERVER [-p PORT] [-o from=PATH]
 *                       [-o protocol=smtp|qmqp|sendmail] [-o first=N] [-o copies=N]
 *                       [-o size=BYTES] [-o body=LINE]... [-o mail=TEXT] [--] RECIPIENT...
 *           the copies are numbered from the first; TEXT goes behind the path of MAIL; a RECIPIENT is all that goes behind "RCPT TO:"
 * Reports   accepted, refused, lost, recipient refused (peer_report.h)
 */
#ifndef PEER_PEER_SUBMIT_H
#define PEER_PEER_SUBMIT_H

#include "sys/sys.h"

int peer_submit_main(struct sys *sys, int argc, char **argv);

#endif
