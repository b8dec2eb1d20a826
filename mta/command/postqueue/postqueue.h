// SPDX-License-Identifier: ISC
/* postqueue - list the queue, or have it tried again
 *
 *     postqueue [-c DIRECTORY] -p    list for people; `mailq` does the same
 *     postqueue [-c DIRECTORY] -j    list for programs: one JSON object a message and line
 *     postqueue [-c DIRECTORY] -f    attempt to deliver all queued mail now
 *
 * Status    0; 64 for wrong usage, 69 when the mail system is down, 78 for a bad configuration
 * Rights    of the caller: public/showq and public/qmgr must be within reach
 */
#ifndef POSTQUEUE_POSTQUEUE_H
#define POSTQUEUE_POSTQUEUE_H

#include "sys/sys.h"

int postqueue_main(struct sys *sys, int argc, char **argv);

#endif
