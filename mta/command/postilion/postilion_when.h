// SPDX-License-Identifier: ISC
/* postilion/postilion_when - times and spans for people
 *
 * Shape     "12m", "4d23h": the largest unit and, of hours and days, the next one; rounded down
 *           "Tue Nov 24 12:10:00, in 4m", "..., 5m ago", "..., now"
 * Blocks    never; pure
 */
#ifndef POSTILION_POSTILION_WHEN_H
#define POSTILION_POSTILION_WHEN_H

#include <stdint.h>

#include "base/buf.h"

void postilion_when_put_span(struct buf *out, int64_t seconds);
void postilion_when_put(struct buf *out, int64_t wall_s, int64_t now_wall_s, int utc_offset_s);

#endif
