// SPDX-License-Identifier: ISC
#include "postilion/postilion_when.h"

#include "proto/date.h"

enum { MINUTE_S = 60, HOUR_S = 60 * MINUTE_S, DAY_S = 24 * HOUR_S };

static void put_units(struct buf *out, int64_t large, char large_unit, int64_t small,
                      char small_unit)
{
    buf_putf(out, "%lld%c", (long long)large, large_unit);
    if (small > 0) {
        buf_putf(out, "%lld%c", (long long)small, small_unit);
    }
}

void postilion_when_put_span(struct buf *out, int64_t seconds)
{
    if (seconds < MINUTE_S) {
        buf_putf(out, "%llds", (long long)seconds);
    } else if (seconds < HOUR_S) {
        buf_putf(out, "%lldm", (long long)(seconds / MINUTE_S));
    } else if (seconds < DAY_S) {
        put_units(out, seconds / HOUR_S, 'h', seconds % HOUR_S / MINUTE_S, 'm');
    } else {
        put_units(out, seconds / DAY_S, 'd', seconds % DAY_S / HOUR_S, 'h');
    }
}

void postilion_when_put(struct buf *out, int64_t wall_s, int64_t now_wall_s, int utc_offset_s)
{
    char date[DATE_TEXT_SIZE];
    buf_put_text(out, date_write_listing(wall_s, utc_offset_s, date));
    if (wall_s > now_wall_s) {
        buf_put_text(out, ", in ");
        postilion_when_put_span(out, wall_s - now_wall_s);
    } else if (wall_s < now_wall_s) {
        buf_put_text(out, ", ");
        postilion_when_put_span(out, now_wall_s - wall_s);
        buf_put_text(out, " ago");
    } else {
        buf_put_text(out, ", now");
    }
}
