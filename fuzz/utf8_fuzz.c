// SPDX-License-Identifier: ISC
/* What is valid is the same again when it is decoded and encoded, and ASCII is valid. */
#include "proto/utf8.h"

#include "fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mem *mem = fuzz_mem();
    struct str text = str_of(data, size);
    struct str rest = text;
    struct buf again;
    buf_init(&again, mem, 8 << 20);
    bool is_valid = utf8_is_valid(text);
    FUZZ_CHECK(is_valid || !str_is_ascii(text));
    while (is_valid && rest.size > 0) {
        struct str character = str_first(rest, utf8_character_size(rest));
        FUZZ_CHECK(utf8_encode(utf8_decode(character), &again) == 0);
        rest = str_skip(rest, character.size);
    }
    FUZZ_CHECK(!is_valid || str_equal(buf_str(&again), text));
    mem_destroy(mem);
    return 0;
}
