// SPDX-License-Identifier: ISC
/* virtual/virtual_maildir - one message into one Maildir
 *
 * Shape     tmp/SECONDS.PPID_COUNT.HOST becomes new/SECONDS.VDEVICEIINODEMMICROSECONDS.HOST
 * Errors    NO_SPACE, QUOTA, FILE_TOO_LARGE, ACCESS and others of sys/fs; nothing is left behind
 *           but for a file in tmp/ after a crash
 * Blocks    for the disk
 */
#ifndef VIRTUAL_VIRTUAL_MAILDIR_H
#define VIRTUAL_VIRTUAL_MAILDIR_H

#include "queue/queue_message.h"
#include "sys/sys.h"

struct virtual_maildir {
    struct sys *sys;
    int base_fd;         /* directory that path starts at */
    struct str path;     /* of the Maildir, "user/"; missing directories are made */
    struct str host;     /* for file names */
    uint32_t file_count; /* makes names unique within the process */
};

/* head: lines put before the message, each with its LF. 0 when it is durably in new/. */
MUST_USE int virtual_maildir_deliver(struct virtual_maildir *maildir, struct str head,
                                     struct queue_message *message);

#endif
