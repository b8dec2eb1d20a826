// SPDX-License-Identifier: ISC
#include "mail/bounce_index.h"

#include <stdio.h>

enum { KEY_SIZE = 24 };

static struct str write_offset(int64_t offset, char key[KEY_SIZE])
{
    int size = snprintf(key, KEY_SIZE, "%lld", (long long)offset);
    return str_of(key, (size_t)size);
}

static struct str key_of(const struct bounce_record *record, char key[KEY_SIZE])
{
    return record->offset > 0 ? write_offset(record->offset, key) : record->recipient;
}

int bounce_index_init(struct bounce_index *index, struct mem *mem, struct str log)
{
    char key[KEY_SIZE];
    struct bounce_record record;
    struct str rest = log;
    *index = (struct bounce_index){.log = log};
    map_init(&index->last, mem, BOUNCE_INDEX_MAX);
    for (const char *begin = rest.data; bounce_log_next(&rest, &record); begin = rest.data) {
        int error = map_put(&index->last, key_of(&record, key), (void *)(uintptr_t)begin);
        if (error != 0) {
            return error;
        }
    }
    return 0;
}

void bounce_index_done(struct bounce_index *index)
{
    map_done(&index->last);
}

bool bounce_index_find(const struct bounce_index *index, int64_t offset,
                       struct bounce_record *record)
{
    char key[KEY_SIZE];
    const char *begin = map_get(&index->last, write_offset(offset, key));
    if (begin == NULL) {
        return false;
    }
    struct str rest = str_skip(index->log, (size_t)(begin - index->log.data));
    return bounce_log_next(&rest, record);
}

bool bounce_index_next(const struct bounce_index *index, struct str *rest,
                       struct bounce_record *record)
{
    char key[KEY_SIZE];
    for (const char *begin = rest->data; bounce_log_next(rest, record); begin = rest->data) {
        if (map_get(&index->last, key_of(record, key)) == begin) {
            return true;
        }
    }
    return false;
}
