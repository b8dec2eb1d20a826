// SPDX-License-Identifier: ISC
/* What is written is read as the same bytes; what is read stays the same when written and read
 * again. */
#include "proto/xtext.h"

#include "fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mem *mem = fuzz_mem();
    struct str input = str_of(data, size);
    struct buf bytes;
    struct buf text;
    struct buf again;

    buf_init(&bytes, mem, 8 << 20);
    buf_init(&text, mem, 8 << 20);
    buf_init(&again, mem, 8 << 20);
    if (xtext_parse(input, &bytes) != 0) {
        FUZZ_CHECK(bytes.size == 0);
        buf_put(&bytes, input);
    }
    xtext_write(buf_str(&bytes), &text);
    FUZZ_CHECK(xtext_parse(buf_str(&text), &again) == 0);
    FUZZ_CHECK(str_equal(buf_str(&bytes), buf_str(&again)));
    mem_destroy(mem);
    return 0;
}
