// SPDX-License-Identifier: ISC
/* postilion/postilion_why_text - the screen that tells why a message waits
 *
 * Shape     one line that answers, then lines "what   value" about what stands behind it
 * Blocks    never; pure but for the zone of local time
 */
#ifndef POSTILION_POSTILION_WHY_TEXT_H
#define POSTILION_POSTILION_WHY_TEXT_H

#include "postilion/postilion_why_history.h"
#include "postilion/postilion_why_message.h"
#include "postilion/postilion_why_qmgr.h"

struct postilion_why {
    struct sys *sys;
    const struct conf *conf;
    int64_t now_wall_s;
    struct postilion_why_message message;
    struct postilion_why_history history;
    bool runs;      /* the mail system does */
    int qmgr_error; /* when it runs: 0, or why the queue manager has not answered */
    struct postilion_why_state state;
    /* Where each recipient shown goes: none when held_by is empty. */
    struct ipc_qmgr_hold routes[POSTILION_WHY_RECIPIENTS];
    int transport_process_limit; /* of the transport whose agent is waited for; 0: unknown or none */
};

void postilion_why_text_put(struct buf *out, const struct postilion_why *why);
/* Of a message that no queue has any more, but the log knows. */
void postilion_why_text_put_gone(struct buf *out, const struct postilion_why *why);

#endif
