// SPDX-License-Identifier: ISC
/* What is read is written as the same bytes; a cut input asks for more. */
#include "proto/attribute.h"

#include "fuzz/fuzz.h"

static const struct attribute_field fields[] = {
    {"status", 8}, {"reason", 64}, {"queue_id", 16}, {"status", 4}};
enum { FIELD_COUNT = 4 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mem *mem = fuzz_mem();
    struct str input = str_of(data, size);
    struct str values[FIELD_COUNT];
    size_t used_bytes = 0;
    int64_t number = 0;
    struct buf out;

    buf_init(&out, mem, 4096);
    if (attribute_parse(input, fields, FIELD_COUNT, values, &used_bytes) == PARSE_OK) {
        for (int i = 0; i < FIELD_COUNT; i++) {
            FUZZ_CHECK(values[i].size <= fields[i].value_bytes_max);
            attribute_put(&out, fields[i].name, values[i]);
        }
        attribute_put_end(&out);
        FUZZ_CHECK(str_equal(buf_str(&out), str_first(input, used_bytes)));
        FUZZ_CHECK(attribute_parse(str_first(input, used_bytes - 1), fields, FIELD_COUNT, values,
                                   &used_bytes) == PARSE_MORE);
        if (attribute_parse_int(values[0], -100, 100, &number) == 0) {
            FUZZ_CHECK(number >= -100 && number <= 100);
        }
    }
    mem_destroy(mem);
    return 0;
}
