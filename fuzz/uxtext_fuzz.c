// SPDX-License-Identifier: ISC
/* What is read is valid UTF-8; what is written is ASCII without blanks, and is read as the same. */
#include "proto/uxtext.h"

#include "fuzz/fuzz.h"
#include "proto/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mem *mem = fuzz_mem();
    struct str input = str_of(data, size);
    struct buf utf8;
    struct buf text;
    struct buf again;

    buf_init(&utf8, mem, 8 << 20);
    buf_init(&text, mem, 16 << 20);
    buf_init(&again, mem, 8 << 20);
    if (uxtext_parse(input, &utf8) != 0) {
        FUZZ_CHECK(utf8.size == 0);
        buf_put(&utf8, utf8_is_valid(input) ? input : STR(""));
    }
    FUZZ_CHECK(utf8_is_valid(buf_str(&utf8)));
    uxtext_write(buf_str(&utf8), &text);
    FUZZ_CHECK(str_is_ascii(buf_str(&text)) && str_find(buf_str(&text), ' ') < 0);
    FUZZ_CHECK(uxtext_parse(buf_str(&text), &again) == 0);
    FUZZ_CHECK(str_equal(buf_str(&utf8), buf_str(&again)));
    mem_destroy(mem);
    return 0;
}
