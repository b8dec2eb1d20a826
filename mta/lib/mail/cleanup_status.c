// SPDX-License-Identifier: ISC
#include "mail/cleanup_status.h"

#include <stdint.h>

#include "base/assert.h"

struct cleanup_outcome cleanup_status_outcome(int64_t status)
{
    static const struct row {
        int64_t bit;
        struct cleanup_outcome outcome;
    } rows[] = {
#define X(name, bit, code, dsn, text) {bit, {code, STR_INIT(dsn), STR_INIT(text)}},
        CLEANUP_STATUS_LIST(X)
#undef X
    };
    assert(status != CLEANUP_OK);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if ((status & rows[i].bit) != 0) {
            return rows[i].outcome;
        }
    }
    return rows[1].outcome; /* a bit that we do not know */
}
