// SPDX-License-Identifier: ISC
/* flush - finds the deferred mail of one site without a look at all of it
 *
 * For each site in fast_flush_domains it keeps a log of queue ids: delivery agents add those they
 * defer. When the site asks (ETRN, postqueue -s), its messages move to incoming/, due now, and the
 * queue manager is told to forget what it holds against destinations. The logs are only a help: a
 * message that none of them names is tried at its time.
 *
 * Requests  add, send_site, send_file (ipc/messages.def); a wake-up of master has logs that nobody
 *           asked for within fast_flush_refresh_time sent as if their sites had asked, and empty
 *           ones older than fast_flush_purge_time removed
 * Files     flush/, see flush_log.h
 * Rights    mail_owner; writes flush/, moves deferred mail to incoming/
 */
#ifndef FLUSH_FLUSH_H
#define FLUSH_FLUSH_H

#include "sys/sys.h"

int flush_main(struct sys *sys, int argc, char **argv);

#endif
