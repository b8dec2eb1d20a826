// SPDX-License-Identifier: ISC
/* qmgr/qmgr_answer - where a message is and what holds it, for people who ask (postilion why)
 *
 * Limits    the first 40 of what holds a message
 * Blocks    never; the answer goes out behind it
 * See       qmgr_place, qmgr_route and qmgr_hold in ipc/messages.def
 */
#ifndef QMGR_QMGR_ANSWER_H
#define QMGR_QMGR_ANSWER_H

#include "service/service.h"

/* The question is a queue id, nothing, or a qmgr_route. */
void qmgr_answer(struct service_session *session, struct str question);

#endif
