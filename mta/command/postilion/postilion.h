// SPDX-License-Identifier: ISC
/* postilion - makes, starts, stops and checks a mail system
 *
 *     postilion init DIR [--smtp-port N] [--qmqp-port N] [--domain D] [--mailbox USER]...
 *                        [--user U]
 *     postilion [-c DIR/etc] start | stop | abort | reload | status | check | flush
 *     postilion [-c DIR/etc] drain [TIME]
 *     postilion [-c DIR/etc] why QUEUEID...
 *     postilion help
 *
 * init     writes a private mail system below DIR: DIR/etc, DIR/queue, DIR/data, DIR/log/mail.log
 *          and a Maildir DIR/mail/USER for each mailbox of the domain; refuses where one is
 *          already. It listens on the loopback addresses only and runs as the caller; made by
 *          root, it belongs to and runs as --user (nobody).
 * start    checks, has postsuper put the queue in order, starts master, and returns when all
 *          listeners are open
 * stop     ends it and waits for the end; daemons get two seconds to finish what they do
 * abort    the same, and they get no time: mail in delivery may be delivered twice
 * drain    takes no new mail from the network or from maildrop/, leaves deferred mail alone, waits
 *          until nothing is in delivery or TIME (five minutes) is over, tells what is left, and
 *          stops it. Interrupted, it leaves the mail system so; reload lets mail in again
 * reload   checks, puts the active queue in order, tells master to read its configuration again,
 *          and puts the rest of the queue in order
 * status   tells whether it runs
 * check    tells all that is wrong with the configuration, the directories and their owners;
 *          makes missing queue directories
 * flush    tells the queue manager to try all deferred mail now
 * why      tells of each message, in whatever queue it is, where it lies, why it waits and for what,
 *          when it is tried next, when it expires, and what the mail log remembers of it, also
 *          when it is in no queue any more; needs the rights of root or mail_owner
 *
 * Exit     0, or 1 when it failed; status: when the mail system does not run; why: when a message
 *          is unknown; drain: when something was in delivery still
 */
#ifndef POSTILION_POSTILION_H
#define POSTILION_POSTILION_H

#include "sys/sys.h"

int postilion_main(struct sys *sys, int argc, char **argv);

#endif
