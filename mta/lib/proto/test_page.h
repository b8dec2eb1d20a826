// SPDX-License-Identifier: ISC
/* proto/test_page - for tests: input that ends where memory ends
 *
 * A parser that looks one byte too far dies at once. Only tests include this file.
 */
#ifndef PROTO_TEST_PAGE_H
#define PROTO_TEST_PAGE_H

#include <string.h>
#include <sys/mman.h>

#include "base/str.h"

enum { TEST_PAGE_BYTES = 65536 }; /* a multiple of any page size */

/* Copies text so that its last byte is the last one before memory that may not be read. The copy
 * stays until the test program ends. */
static inline struct str test_page(struct str text)
{
    char *pages = mmap(NULL, 2 * (size_t)TEST_PAGE_BYTES, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    char *end = pages + TEST_PAGE_BYTES;

    if (pages == MAP_FAILED || text.size > TEST_PAGE_BYTES ||
        mprotect(end, TEST_PAGE_BYTES, PROT_NONE) != 0) {
        return str_of(NULL, 0);
    }
    if (text.size > 0) {
        memcpy(end - text.size, text.data, text.size);
    }
    return str_of(end - text.size, text.size);
}

#endif
