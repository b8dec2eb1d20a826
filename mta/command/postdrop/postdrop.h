// SPDX-License-Identifier: ISC
/* postdrop - puts one message into maildrop/, whether or not the mail system runs
 *
 *     postdrop [-c DIRECTORY] [-rv]    reads queue records on standard input; -r and -v change nothing
 *
 * The one way for local users to submit mail; sendmail is made of it. Only records that
 * proto/maildrop takes are accepted. On success it writes "queued as ID" to standard output: file
 * and name are durable then, and pickup has been told.
 *
 * Limits    message_size_limit; authorized_submit_users
 * Status    0 durably in maildrop/; 1 the records are refused; 75 try again; 77 this user may not
 *           submit; 64 wrong usage; 69, 78 no queue directory, no configuration. Except for 0
 *           nothing is left behind
 * Rights    of the caller and of setgid_group, which the program has when it is installed set-gid:
 *           writes and syncs maildrop/, reaches public/pickup. In a private mail system, and in the
 *           simulator, the caller is mail_owner or root and needs no group
 */
#ifndef POSTDROP_POSTDROP_H
#define POSTDROP_POSTDROP_H

#include "sys/sys.h"

int postdrop_main(struct sys *sys, int argc, char **argv);

#endif
