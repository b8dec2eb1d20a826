// SPDX-License-Identifier: ISC
/* showq - lists the queue to whoever connects
 *
 * For each message its queue, id, arrival time, size and sender, and its recipients that are not
 * done, with the reason for the last failure as the bounce or defer log has it. Only what can be
 * read now is listed: messages come and go meanwhile.
 *
 * Shape     the attribute lists of PART(showq_entry) and PART(showq_recipient) in ipc/messages.def,
 *           which queue exporters read
 * Rights    mail_owner; reads all queues
 */
#ifndef SHOWQ_SHOWQ_H
#define SHOWQ_SHOWQ_H

#include "sys/sys.h"

int showq_main(struct sys *sys, int argc, char **argv);

#endif
