// SPDX-License-Identifier: ISC
/* Fields and body together are the whole message; a value that was folded unfolds to itself. */
#include "proto/header.h"

#include "fuzz/fuzz.h"

static bool has_line_end(struct str text)
{
    return str_find(text, '\n') >= 0 || str_find(text, '\r') >= 0;
}

/* Folding at blanks and unfolding again changes no byte but the blanks it folded at. */
static void check_fold(struct mem *mem, struct str name, struct str value)
{
    struct buf written;
    struct buf unfolded;
    struct str rest;
    struct str field;
    struct str again_name;
    struct str again_value;

    buf_init(&written, mem, 1 << 20);
    buf_init(&unfolded, mem, 1 << 20);
    header_write(&written, name, value, 40);
    rest = buf_str(&written);
    FUZZ_CHECK(header_next(&rest, &field) && rest.size == 0);
    FUZZ_CHECK(header_split(field, &again_name, &again_value));
    FUZZ_CHECK(str_equal(name, again_name));
    header_unfold(again_value, &unfolded);
    FUZZ_CHECK(unfolded.size == value.size);
    for (size_t i = 0; i < value.size; i++) {
        char c = value.data[i];
        FUZZ_CHECK(unfolded.data[i] == c || (c == ' ' && unfolded.data[i] == '\t'));
    }
    buf_done(&written);
    buf_done(&unfolded);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mem *mem = fuzz_mem();
    struct str rest = str_of(data, size);
    struct str field;
    struct str name;
    struct str value;
    size_t left = size;

    while (header_next(&rest, &field)) {
        FUZZ_CHECK(rest.size < left && field.size <= left - rest.size);
        left = rest.size;
        FUZZ_CHECK(header_split(field, &name, &value));
        FUZZ_CHECK(header_name_size(field) == name.size);
        if (!has_line_end(value)) {
            check_fold(mem, name, value);
        }
    }
    struct str body = header_body(str_of(data, size));
    FUZZ_CHECK(body.size == rest.size);
    mem_destroy(mem);
    return 0;
}
