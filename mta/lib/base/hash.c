// SPDX-License-Identifier: ISC
#include "base/hash.h"

static uint64_t rotate(uint64_t value, unsigned bits)
{
    return (value << bits) | (value >> (64 - bits));
}

static inline void round_once(uint64_t v[4])
{
    v[0] += v[1];
    v[2] += v[3];
    v[1] = rotate(v[1], 13) ^ v[0];
    v[3] = rotate(v[3], 16) ^ v[2];
    v[0] = rotate(v[0], 32);
    v[2] += v[1];
    v[0] += v[3];
    v[1] = rotate(v[1], 17) ^ v[2];
    v[3] = rotate(v[3], 21) ^ v[0];
    v[2] = rotate(v[2], 32);
}

static inline void put_word(uint64_t v[4], uint64_t word)
{
    v[3] ^= word;
    round_once(v);
    round_once(v);
    v[0] ^= word;
}

void hash_init(struct hash *hash, uint64_t key0, uint64_t key1)
{
    *hash = (struct hash){
        .v = {key0 ^ UINT64_C(0x736f6d6570736575), key1 ^ UINT64_C(0x646f72616e646f6d),
              key0 ^ UINT64_C(0x6c7967656e657261), key1 ^ UINT64_C(0x7465646279746573)},
    };
}

static void put_byte(struct hash *hash, unsigned char byte)
{
    unsigned used = (unsigned)(hash->size % 8);

    hash->tail |= (uint64_t)byte << (8 * used);
    hash->size++;
    if (used == 7) {
        put_word(hash->v, hash->tail);
        hash->tail = 0;
    }
}

/* Eight bytes at once: those that the tail has no room for are the next tail. */
void hash_put_u64(struct hash *hash, uint64_t value)
{
    unsigned used_bits = (unsigned)(hash->size % 8) * 8;

    put_word(hash->v, hash->tail | value << used_bits);
    hash->tail = used_bits == 0 ? 0 : value >> (64 - used_bits);
    hash->size += 8;
}

static uint64_t read_word(const unsigned char *bytes)
{
    uint64_t word = 0;

    for (int i = 7; i >= 0; i--) {
        word = word << 8 | bytes[i];
    }
    return word;
}

void hash_put(struct hash *hash, const void *data, size_t size)
{
    const unsigned char *bytes = data;
    size_t i = 0;

    for (; size - i >= 8; i += 8) {
        hash_put_u64(hash, read_word(bytes + i));
    }
    for (; i < size; i++) {
        put_byte(hash, bytes[i]);
    }
}

void hash_put_str(struct hash *hash, struct str text)
{
    hash_put_u64(hash, text.size);
    hash_put(hash, text.data, text.size);
}

uint64_t hash_value(const struct hash *hash)
{
    uint64_t v[4] = {hash->v[0], hash->v[1], hash->v[2], hash->v[3]};

    put_word(v, hash->tail | (hash->size & 0xff) << 56);
    v[2] ^= 0xff;
    for (int i = 0; i < 4; i++) {
        round_once(v);
    }
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

uint64_t hash_str(struct str text, uint64_t key)
{
    struct hash hash;

    hash_init(&hash, key, 0);
    hash_put(&hash, text.data, text.size);
    return hash_value(&hash);
}
