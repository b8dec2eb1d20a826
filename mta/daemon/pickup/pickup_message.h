// SPDX-License-Identifier: ISC
/* pickup/pickup_message - one file of maildrop/ on its way to cleanup */
#ifndef PICKUP_PICKUP_MESSAGE_H
#define PICKUP_PICKUP_MESSAGE_H

#include "pickup/pickup_state.h"

/* Takes the file, puts it aside or leaves it; what happened is in the log. Waiting. */
void pickup_message_take(struct pickup *pickup, struct str id);

#endif
