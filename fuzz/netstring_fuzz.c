// SPDX-License-Identifier: ISC
/* What is read is written as the same bytes; a cut input asks for more; a head agrees with the
 * whole. */
#include "proto/netstring.h"

#include "fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mem *mem = fuzz_mem();
    struct str input = str_of(data, size);
    struct str content;
    size_t content_bytes = 0;
    size_t head_bytes = 0;
    size_t used_bytes = 0;
    struct buf out;

    buf_init(&out, mem, 2 << 20);
    enum parse head = netstring_parse_head(input, 1 << 20, &content_bytes, &head_bytes);
    enum parse whole = netstring_parse(input, 1 << 20, &content, &used_bytes);
    FUZZ_CHECK(head == PARSE_OK || head == whole);
    if (whole == PARSE_OK) {
        FUZZ_CHECK(content.size == content_bytes && used_bytes == head_bytes + content_bytes + 1);
        netstring_write(&out, content);
        FUZZ_CHECK(str_equal(buf_str(&out), str_first(input, used_bytes)));
        FUZZ_CHECK(netstring_parse(str_first(input, used_bytes - 1), 1 << 20, &content,
                                   &used_bytes) == PARSE_MORE);
    }
    mem_destroy(mem);
    return 0;
}
