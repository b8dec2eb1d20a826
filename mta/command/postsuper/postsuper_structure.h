// SPDX-License-Identifier: ISC
/* postsuper/postsuper_structure - the queue's directories as they should be
 *
 * Blocks    for the disk
 */
#ifndef POSTSUPER_POSTSUPER_STRUCTURE_H
#define POSTSUPER_POSTSUPER_STRUCTURE_H

#include "postsuper/postsuper_state.h"

enum postsuper_structure_flag {
    POSTSUPER_PURGE = 1,     /* what was never finished goes */
    POSTSUPER_STRUCTURE = 2, /* files to their sub-directories, short ids to their inodes */
    POSTSUPER_LONG_IDS = 4,  /* with STRUCTURE: long ids too */
};

/* flags: enum postsuper_structure_flag */
void postsuper_structure(struct postsuper *postsuper, unsigned flags);

#endif
