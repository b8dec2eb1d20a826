// SPDX-License-Identifier: ISC
/* postqueue - list the queue, or have mail tried now
 *
 *     postqueue [-c DIRECTORY] [-v] -p         list for people; `mailq` does the same
 *     postqueue [-c DIRECTORY] [-v] -j         list for programs: one JSON object a message and line
 *     postqueue [-c DIRECTORY] [-v] -f         attempt to deliver all queued mail now
 *     postqueue [-c DIRECTORY] [-v] -s SITE    ... all mail for one of fast_flush_domains
 *     postqueue [-c DIRECTORY] [-v] -i ID      ... one message, even where its destination is dead
 *
 * While the mail system is down, root's postqueue reads the queue itself.
 *
 * Users     authorized_mailq_users may list, authorized_flush_users have mail tried
 * Status    0; 64 for wrong usage, 69 when the mail system is down, when the user may not, when SITE
 *           is none whose mail can be asked for, or ID no id; 78 for a bad configuration
 * Rights    setgid_group, to reach public/
 */
#ifndef POSTQUEUE_POSTQUEUE_H
#define POSTQUEUE_POSTQUEUE_H

#include "sys/sys.h"

int postqueue_main(struct sys *sys, int argc, char **argv);

#endif
