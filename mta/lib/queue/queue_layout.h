// SPDX-License-Identifier: ISC
/* queue/queue_layout - the directories of a mail system: make what is missing, report
 * what is wrong
 *
 * Blocks    for the disk
 */
#ifndef QUEUE_QUEUE_LAYOUT_H
#define QUEUE_QUEUE_LAYOUT_H

#include "base/attribute.h"
#include "base/buf.h"
#include "conf/conf.h"
#include "sys/sys.h"

struct queue_layout {
    const char *queue_directory; /* absolute */
    const char *data_directory;  /* likewise */
    uint32_t uid;                /* of mail_owner */
    uint32_t gid;
    uint32_t drop_gid; /* setgid_group; whoever may submit and ask has it */
    bool change_owner; /* we are root and may give directories away */
};

/* Fills in the directories and the owner of the configuration, whose texts it borrows. Problems
 * gets a line when mail_owner is nobody, is root, or is somebody else than an ordinary user who
 * runs this. Waiting. */
MUST_USE int queue_layout_init(struct queue_layout *layout, struct sys *sys,
                               const struct conf *conf, struct buf *problems);

/* Makes one directory, owned as the layout says; one that exists is left as it is. Waiting. */
MUST_USE int queue_layout_make(struct sys *sys, const struct queue_layout *layout, const char *path,
                               uint32_t mode);

/* Makes missing directories; problems gets a line for each that cannot be made, is none, belongs
 * to somebody else, may be written by others, or not be used by its owner, and for a path that is
 * not absolute. 0 when there is no problem. Waiting. */
MUST_USE int queue_layout_ensure(struct sys *sys, const struct queue_layout *layout,
                                 struct buf *problems);

#endif
