// SPDX-License-Identifier: ISC
/* What is read is written as the same bytes; cutting the input anywhere asks for more and never
 * gives another record. */
#include "proto/queue_record.h"

#include "fuzz/fuzz.h"

static void check_data(const struct queue_record *record)
{
    struct queue_record_size size;
    struct queue_record_size again;
    char text[QUEUE_RECORD_SIZE_BYTES + 1];
    int64_t wall_ns = 0;
    struct str name;
    struct str value;

    if (queue_record_size_parse(record->data, &size) == 0) {
        queue_record_size_write(&size, text);
        FUZZ_CHECK(queue_record_size_parse(str_from(text), &again) == 0);
        FUZZ_CHECK(again.content_offset == size.content_offset &&
                   again.send_options == size.send_options);
    }
    if (queue_record_time_parse(record->data, &wall_ns) == 0) {
        FUZZ_CHECK(wall_ns >= 0);
    }
    if (queue_record_attribute(record->data, &name, &value)) {
        FUZZ_CHECK(name.size + 1 + value.size == record->data.size);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mem *mem = fuzz_mem();
    struct str rest = str_of(data, size);
    enum queue_segment segment = QUEUE_SEGMENT_ENVELOPE;
    struct queue_record record;
    size_t used_bytes = 0;
    struct buf out;

    buf_init(&out, mem, 2 * QUEUE_RECORD_DATA_MAX);
    while (queue_record_parse(rest, &record, &used_bytes) == PARSE_OK) {
        struct queue_record cut;
        size_t cut_bytes = 0;
        FUZZ_CHECK(used_bytes == queue_record_bytes(record.data) && used_bytes <= rest.size);
        FUZZ_CHECK(queue_record_parse(str_first(rest, used_bytes - 1), &cut, &cut_bytes) ==
                   PARSE_MORE);
        buf_clear(&out);
        queue_record_write(&out, (enum queue_record_type)record.type, record.data);
        FUZZ_CHECK(str_equal(buf_str(&out), str_first(rest, used_bytes)));
        check_data(&record);
        if (queue_record_advance(&segment, record.type) == 0) {
            FUZZ_CHECK(segment <= QUEUE_SEGMENT_ENDED);
        }
        rest = str_skip(rest, used_bytes);
    }
    mem_destroy(mem);
    return 0;
}
