// SPDX-License-Identifier: ISC
/* showq - lists the queue to whoever connects
 *
 * Shape     mail/queue_listing.h, which queue exporters read
 * Rights    mail_owner; reads all queues
 */
#ifndef SHOWQ_SHOWQ_H
#define SHOWQ_SHOWQ_H

#include "sys/sys.h"

int showq_main(struct sys *sys, int argc, char **argv);

#endif
