// SPDX-License-Identifier: ISC
/* postsuper/postsuper_message - the actions on one message
 *
 * Blocks    for the disk
 */
#ifndef POSTSUPER_POSTSUPER_MESSAGE_H
#define POSTSUPER_POSTSUPER_MESSAGE_H

#include "postsuper/postsuper_state.h"

struct postsuper_action {
    char letter;
    bool queues[QUEUE_COUNT]; /* where it looks when none is given */
    /* 0 done; -ERR_NOT_FOUND: there is no message of that id in that queue; anything else has been
     * warned about. */
    int (*act)(struct postsuper *postsuper, enum queue_name name, struct str id);
    enum postsuper_count counts[2]; /* that a summary is given of; POSTSUPER_COUNTS: none */
};

/* The action of that letter, or NULL. */
const struct postsuper_action *postsuper_action(char letter);

void postsuper_message(struct postsuper *postsuper, const struct postsuper_action *action,
                       struct str id);
void postsuper_all(struct postsuper *postsuper, const struct postsuper_action *action);

#endif
