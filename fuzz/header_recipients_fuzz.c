// SPDX-License-Identifier: ISC
/* Cutting lines into parts changes nothing, and no address can end the list's line. */
#include "proto/header_recipients.h"

#include "fuzz/fuzz.h"

static int read_message(struct header_recipients *recipients, struct str message, size_t part_bytes,
                        struct str *list)
{
    struct str line;
    while (message.size > 0 && str_next(&message, '\n', &line)) {
        while (line.size > part_bytes) {
            header_recipients_line(recipients, str_first(line, part_bytes), false);
            line = str_skip(line, part_bytes);
        }
        header_recipients_line(recipients, line, true);
    }
    return header_recipients_end(recipients, list);
}

enum { PART_BYTES = 64 };

/* A line's first part must show what it is: a field's name with its colon, or a blank. */
static bool may_be_cut(struct str message)
{
    struct str line;
    while (message.size > 0 && str_next(&message, '\n', &line)) {
        bool continues = line.size > 0 && (line.data[0] == ' ' || line.data[0] == '\t');
        if (line.size > PART_BYTES && !continues &&
            str_find(str_first(line, PART_BYTES), ':') < 0) {
            return false;
        }
    }
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mem *mem = fuzz_mem();
    struct header_recipients whole;
    struct header_recipients parts;
    struct str list;
    struct str again;

    header_recipients_init(&whole, mem);
    header_recipients_init(&parts, mem);
    int error = read_message(&whole, str_of(data, size), SIZE_MAX, &list);
    int error_again = read_message(&parts, str_of(data, size), PART_BYTES, &again);
    if (may_be_cut(str_of(data, size))) {
        FUZZ_CHECK(error == error_again);
        FUZZ_CHECK(error != 0 || str_equal(list, again));
    }
    for (size_t i = 0; error == 0 && i < list.size; i++) {
        FUZZ_CHECK(list.data[i] == '\n' || ((uint8_t)list.data[i] >= ' ' && list.data[i] != 0x7f));
    }
    header_recipients_done(&whole);
    header_recipients_done(&parts);
    mem_destroy(mem);
    return 0;
}
