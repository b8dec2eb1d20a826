// SPDX-License-Identifier: ISC
/* Reading is the exact inverse of writing, both ways. */
#include "proto/base64.h"

#include "fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mem *mem = fuzz_mem();
    struct str input = str_of(data, size);
    struct buf once;
    struct buf twice;

    buf_init(&once, mem, 8 << 20);
    buf_init(&twice, mem, 8 << 20);
    if (base64_parse(input, &once) == 0) {
        base64_write(buf_str(&once), &twice);
        FUZZ_CHECK(str_equal(buf_str(&twice), input));
    }
    buf_clear(&once);
    buf_clear(&twice);
    base64_write(input, &once);
    FUZZ_CHECK(base64_parse(buf_str(&once), &twice) == 0);
    FUZZ_CHECK(str_equal(buf_str(&twice), input));
    mem_destroy(mem);
    return 0;
}
