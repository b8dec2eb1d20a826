// SPDX-License-Identifier: ISC
/* An id that is read can be made again from its parts, leading zeros apart; no path of a hashed
 * queue leaves it. */
#include "proto/queue_id.h"

#include <string.h>

#include "fuzz/fuzz.h"

static void check_again(bool is_long, int64_t wall_s, uint32_t microseconds, uint64_t inode)
{
    char id[QUEUE_ID_SIZE];
    int64_t wall_ns = (is_long ? wall_s : 0) * 1000000000 + microseconds * INT64_C(1000);
    int64_t again_s = 0;
    uint32_t again_microseconds = 0;
    uint64_t again_inode = 0;

    if (is_long) {
        queue_id_write_long(wall_ns, inode, id);
    } else {
        queue_id_write_short(wall_ns, inode, id);
    }
    FUZZ_CHECK(queue_id_is_valid(str_from(id)));
    FUZZ_CHECK(queue_id_parse(str_from(id), &again_s, &again_microseconds, &again_inode) == 0);
    FUZZ_CHECK(again_s == wall_s && again_microseconds == microseconds && again_inode == inode);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str id = str_of(data, size);
    char path[QUEUE_ID_PATH_SIZE];
    int64_t wall_s = 0;
    uint32_t microseconds = 0;
    uint64_t inode = 0;

    if (!queue_id_is_valid(id)) {
        return 0;
    }
    FUZZ_CHECK(strlen(queue_id_directory(id, QUEUE_ID_DEPTH_MAX, path)) == 2 * QUEUE_ID_DEPTH_MAX);
    FUZZ_CHECK(strchr(path, '.') == NULL && path[0] != '/');
    if (queue_id_parse(id, &wall_s, &microseconds, &inode) == 0 && wall_s < 9000000000) {
        check_again(queue_id_is_long(id), wall_s, microseconds, inode);
    }
    return 0;
}
