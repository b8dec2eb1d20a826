// SPDX-License-Identifier: ISC
/* Sender NUL recipient: what is written is the sender with the recipient in it, and nothing else
 * changes; the sender's domain stays what follows the last "@". */
#include "proto/verp.h"

#include "fuzz/fuzz.h"
#include "proto/address.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mem *mem = fuzz_mem();
    struct str rest = str_of(data, size);
    struct str sender = STR("");
    struct str recipient = STR("");
    struct buf out;

    (void)str_next(&rest, '\0', &sender);
    (void)str_next(&rest, '\0', &recipient);
    buf_init(&out, mem, 8 << 20);
    verp_write(sender, recipient, STR("+="), &out);
    struct address from = address_split(sender);
    struct address both = address_split(buf_str(&out));
    if (from.domain.data != NULL) {
        FUZZ_CHECK(str_equal(both.domain, from.domain));
    }
    FUZZ_CHECK(str_starts_with(buf_str(&out), from.local_part));
    FUZZ_CHECK(out.size == sender.size + 1 + recipient.size);
    mem_destroy(mem);
    return 0;
}
