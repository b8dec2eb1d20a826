// SPDX-License-Identifier: ISC
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/hash.h"

/* The first vectors of the SipHash paper: key 00..0f, input 00, 01, ... of growing size. */
static void test_published_vectors(void **state)
{
    static const uint64_t expected[] = {
        UINT64_C(0x726fdb47dd0e0e31), UINT64_C(0x74f839c593dc67fd), UINT64_C(0x0d6c8009d9a94f5a),
        UINT64_C(0x85676696d7fb7e2d), UINT64_C(0xcf2794e0277187b7), UINT64_C(0x18765564cd99a68d),
        UINT64_C(0xcbc9466e58fee3ce), UINT64_C(0xab0200f58b01d137), UINT64_C(0x93f5f5799a932462),
    };
    unsigned char input[16];

    (void)state;
    for (size_t size = 0; size < sizeof(expected) / sizeof(expected[0]); size++) {
        struct hash hash;
        hash_init(&hash, UINT64_C(0x0706050403020100), UINT64_C(0x0f0e0d0c0b0a0908));
        input[size] = (unsigned char)size;
        hash_put(&hash, input, size);
        assert_true(hash_value(&hash) == expected[size]);
    }
}

static void test_pieces_do_not_matter(void **state)
{
    struct hash whole;
    struct hash pieces;
    const char text[] = "the same bytes, however they are cut";

    (void)state;
    hash_init(&whole, 1, 2);
    hash_init(&pieces, 1, 2);
    hash_put(&whole, text, sizeof(text));
    for (size_t i = 0; i < sizeof(text); i++) {
        hash_put(&pieces, text + i, 1);
        (void)hash_value(&pieces);
    }
    assert_true(hash_value(&whole) == hash_value(&pieces));
}

static void test_sizes_of_texts_count(void **state)
{
    struct hash a;
    struct hash b;

    (void)state;
    hash_init(&a, 0, 0);
    hash_init(&b, 0, 0);
    hash_put_str(&a, STR("ab"));
    hash_put_str(&a, STR("c"));
    hash_put_str(&b, STR("a"));
    hash_put_str(&b, STR("bc"));
    assert_true(hash_value(&a) != hash_value(&b));
    assert_true(hash_str(STR("x"), 1) != hash_str(STR("x"), 2));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_published_vectors),
        cmocka_unit_test(test_pieces_do_not_matter),
        cmocka_unit_test(test_sizes_of_texts_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
