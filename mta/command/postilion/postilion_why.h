// SPDX-License-Identifier: ISC
/* postilion/postilion_why - tells where messages are, and why they wait
 *
 * Status    0; 1 when one of the messages is unknown or cannot be looked at
 * Rights    root's or mail_owner's: reads the queue, asks private/rewrite and public/qmgr
 * Blocks    for the disk, the queue manager and the resolver
 */
#ifndef POSTILION_POSTILION_WHY_H
#define POSTILION_POSTILION_WHY_H

#include "postilion/postilion_control.h"

/* The arguments are queue ids, as mailq or the mail log show them. */
int postilion_why(struct postilion_control *control);

#endif
