// SPDX-License-Identifier: ISC
/* postlogd - writes the log of all other daemons to maillog_file
 *
 * A datagram on public/postlog is finished lines. All that wait are written together. The file is
 * opened once; a reload opens it again, under the name it then has.
 *
 * Limits    POSTLOGD_DATAGRAM_MAX bytes a datagram, the rest is cut
 * Errors    lines that the disk does not take are lost; their number is logged afterwards
 * Rights    opens maillog_file, then mail_owner; nothing else
 * Parameters maillog_file, maillog_file_permissions, maillog_file_prefixes
 */
#ifndef POSTLOGD_POSTLOGD_H
#define POSTLOGD_POSTLOGD_H

#include "sys/sys.h"

enum { POSTLOGD_DATAGRAM_MAX = 16 * 1024 };

int postlogd_main(struct sys *sys, int argc, char **argv);

#endif
