// SPDX-License-Identifier: ISC
/* postilion/postilion_layout - the directories of a mail system: make what is missing, report
 * what is wrong
 *
 * Blocks    for the disk
 */
#ifndef POSTILION_POSTILION_LAYOUT_H
#define POSTILION_POSTILION_LAYOUT_H

#include "base/attribute.h"
#include "base/buf.h"
#include "sys/sys.h"

struct postilion_layout {
    const char *queue_directory; /* absolute */
    const char *data_directory;
    uint32_t uid; /* of mail_owner */
    uint32_t gid;
    bool change_owner; /* we are root and may give directories away */
};

/* Makes one directory, owned as the layout says; one that exists is left as it is. Waiting. */
MUST_USE int postilion_layout_make(struct sys *sys, const struct postilion_layout *layout,
                                   const char *path, uint32_t mode);

/* Makes missing directories; problems gets a line for each that cannot be made, is none, belongs
 * to somebody else, or may be written by others. 0 when there is no problem. Waiting. */
MUST_USE int postilion_layout_ensure(struct sys *sys, const struct postilion_layout *layout,
                                     struct buf *problems);

#endif
