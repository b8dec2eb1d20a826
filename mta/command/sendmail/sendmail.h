// SPDX-License-Identifier: ISC
/* sendmail - submit a message, as programs have always done it; look at the queue
 *
 *     sendmail [OPTION]... [RECIPIENT]...    reads a message and hands it to postdrop
 *     sendmail -bp | -q | -qI ID | -qR SITE  postqueue -p | -f | -i ID | -s SITE
 *
 *     -t           recipients of To, Cc and Bcc too; Bcc does not stay in the message
 *     -i, -oi      a line of a single dot does not end the message
 *     -f, -r ADDRESS   sender; without it the user's name
 *     -F NAME      full name of the sender
 *     -N never | success,failure,delay   -R full | hdrs   -V ENVID   what notices are wanted
 *     -XV[xy]      each recipient gets its own sender address (VERP)
 *     -B 7BIT | 8BITMIME   of the body
 *     -O SMTPUTF8=yes   requested, whether smtputf8_autodetect_classes finds that it is needed or not
 *     -C DIR       configuration directory
 *     -bm, and -A -G -L -U -b? -d -e -h -m -n -o? -p -v -x, other -O   nothing, for old programs
 *
 * What is no recipient's address is queued all the same, and returned to the sender. Without -F the
 * full name is that of the environment's NAME, or the user's. CR at the end of lines goes as
 * sendmail_fix_line_endings says. Lines before the header that begin with "From " belong to a
 * mailbox and go. Longer lines than line_length_limit are cut by records only.
 *
 * Missing   -bs, -bv, -bd, -bl, -bi, -I: SMTP on standard input, probes, a daemon's start and alias
 *           databases are refused in words
 * Status    0 durably queued in maildrop/; 64 wrong usage; 75 everything else that failed
 * Rights    of the caller; runs postdrop and postqueue from command_directory
 */
#ifndef SENDMAIL_SENDMAIL_H
#define SENDMAIL_SENDMAIL_H

#include "sys/sys.h"

int sendmail_main(struct sys *sys, int argc, char **argv);

#endif
