// SPDX-License-Identifier: ISC
/* base/hash - SipHash-2-4 of a stream of bytes
 *
 * The same bytes give the same hash however they are cut into pieces.
 *
 * Shape     64 bits; integers go in as little-endian bytes, never structs (padding)
 * Blocks    never
 */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct hash {
    uint64_t v[4];
    uint64_t tail; /* bytes that do not fill a word yet, lowest first */
    uint64_t size;
};

void hash_init(struct hash *hash, uint64_t key0, uint64_t key1);
void hash_put(struct hash *hash, const void *data, size_t size);
void hash_put_u64(struct hash *hash, uint64_t value);
void hash_put_str(struct hash *hash, struct str text); /* its size first, so that pieces differ */
uint64_t hash_value(const struct hash *hash);          /* may be asked in between */

uint64_t hash_str(struct str text, uint64_t key);

#endif
