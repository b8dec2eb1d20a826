// SPDX-License-Identifier: ISC
/* A date that is read is written, read again and the same instant; any second has a calendar date
 * that leads back to it. Stamps and instants are read exactly as they are written. */
#include "proto/date.h"

#include <string.h>

#include "fuzz/fuzz.h"

static void check_second(struct str input)
{
    int64_t wall_s = 0;

    if (input.size >= sizeof(wall_s)) {
        memcpy(&wall_s, input.data, sizeof(wall_s));
        wall_s %= DATE_WALL_S_MAX;
        struct date date = date_from_wall(wall_s, 0);
        FUZZ_CHECK(date.month >= 1 && date.month <= 12 && date.day >= 1 && date.day <= 31);
        FUZZ_CHECK(date.weekday >= 0 && date.weekday <= 6);
        FUZZ_CHECK(date_to_wall_s(&date, 0) == wall_s);
    }
}

/* The first bytes are now, the rest is the stamp. */
static void check_stamp(struct str input)
{
    char text[DATE_TEXT_SIZE];
    int64_t now_wall_s = 0;
    int64_t wall_s = 0;
    const int utc_offset_s = 19800;

    if (input.size < sizeof(now_wall_s)) {
        return;
    }
    memcpy(&now_wall_s, input.data, sizeof(now_wall_s));
    now_wall_s %= DATE_WALL_S_MAX / 2;
    const char *written = date_write_stamp(now_wall_s, utc_offset_s, text);
    FUZZ_CHECK(date_parse_stamp(str_from(written), now_wall_s, utc_offset_s, &wall_s) == 0);
    FUZZ_CHECK(wall_s == now_wall_s);
    struct str stamp = str_skip(input, sizeof(now_wall_s));
    if (date_parse_stamp(stamp, now_wall_s, utc_offset_s, &wall_s) == 0) {
        FUZZ_CHECK(wall_s <= now_wall_s + 86400);
        FUZZ_CHECK(str_equal(str_from(date_write_stamp(wall_s, utc_offset_s, text)), stamp));
    }
}

static void check_instant(struct str input)
{
    char text[DATE_TEXT_SIZE];
    int64_t wall_ns = 0;

    if (date_parse_instant(input, &wall_ns) == 0) {
        FUZZ_CHECK(str_equal(str_from(date_write_instant(wall_ns, text)), input));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char text[DATE_TEXT_SIZE];
    int64_t wall_s = 0;
    int64_t again_s = 0;
    int utc_offset_s = 0;
    int again_offset_s = 0;

    check_second(str_of(data, size));
    check_stamp(str_of(data, size));
    check_instant(str_of(data, size));
    if (date_parse(str_of(data, size), &wall_s, &utc_offset_s) == 0 &&
        date_from_wall(wall_s, utc_offset_s).year <= 9999) {
        const char *written = date_write(wall_s, utc_offset_s, text);
        FUZZ_CHECK(date_parse(str_from(written), &again_s, &again_offset_s) == 0);
        FUZZ_CHECK(wall_s == again_s && utc_offset_s == again_offset_s);
    }
    return 0;
}
