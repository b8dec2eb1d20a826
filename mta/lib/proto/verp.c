// SPDX-License-Identifier: ISC
#include "proto/verp.h"

#include "base/assert.h"
#include "proto/address.h"

bool verp_delimiters_are_valid(struct str delimiters, struct str allowed)
{
    return delimiters.size == 2 && str_find(allowed, delimiters.data[0]) >= 0 &&
           str_find(allowed, delimiters.data[1]) >= 0;
}

void verp_write(struct str sender, struct str recipient, struct str delimiters, struct buf *out)
{
    assert(delimiters.size == 2);
    struct address from = address_split(sender);
    struct address to = address_split(recipient);
    buf_put(out, from.local_part);
    buf_put_char(out, delimiters.data[0]);
    buf_put(out, to.local_part);
    if (to.domain.data != NULL) {
        buf_put_char(out, delimiters.data[1]);
        buf_put(out, to.domain);
    }
    if (from.domain.data != NULL) {
        buf_put_char(out, '@');
        buf_put(out, from.domain);
    }
}
