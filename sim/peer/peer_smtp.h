// SPDX-License-Identifier: ISC
/* sim/peer/peer_smtp - a scripted SMTP server
 *
 * Does what its rules say (peer_script.h) and is an ordinary server otherwise. Each message it
 * takes is kept as a file below messages/ of its working directory, numbered from 1, as it came
 * over the wire, without the dots that were added to lines and without the final one.
 *
 * Usage     peer-smtp NAME -z WALL_NS -a IP... [-p 25] [--] RULE...
 * Reports   opened, reads, says, keeps, ends (peer_report.h)
 * Limits    sessions PEER_SMTP_SESSIONS_MAX; a message PEER_SMTP_MESSAGE_MAX bytes
 */
#ifndef PEER_PEER_SMTP_H
#define PEER_PEER_SMTP_H

#include "sys/sys.h"

enum { PEER_SMTP_SESSIONS_MAX = 1000, PEER_SMTP_MESSAGE_MAX = 64 << 20 };

int peer_smtp_main(struct sys *sys, int argc, char **argv);

#endif
