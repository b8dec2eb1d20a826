// SPDX-License-Identifier: ISC
/* daemon/trivial_rewrite - where does an address lead? and what is its full form?
 *
 * Two kinds of requests on one socket:
 *
 *   rewrite   completes an address: user -> user@$myorigin, host!user and user%host -> user@host
 *             (trivial_rewrite/rewrite.h)
 *   resolve   finds the address class, transport and next hop of a recipient
 *             (trivial_rewrite/resolve.h)
 *
 * Addresses are in internal form (proto/address). A table that does not answer gives IPC_TRY_AGAIN
 * with the reason: nobody knows then, and nothing is decided.
 *
 * Rights    mail_owner; reads its tables; private/rewrite; any number of clients per process
 */
#ifndef TRIVIAL_REWRITE_TRIVIAL_REWRITE_H
#define TRIVIAL_REWRITE_TRIVIAL_REWRITE_H

#include "sys/sys.h"

int trivial_rewrite_main(struct sys *sys, int argc, char **argv);

#endif
