// SPDX-License-Identifier: ISC
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "proto/utf8.h"

#include "base/err.h"
#include "proto/test_page.h"

static void test_characters_have_their_size(void **state)
{
    static const char *const characters[] = {"a",
                                             "\x7f",
                                             "\xc2\x80",
                                             "\xdf\xbf",
                                             "\xe0\xa0\x80",
                                             "\xed\x9f\xbf",
                                             "\xee\x80\x80",
                                             "\xef\xbf\xbf",
                                             "\xf0\x90\x80\x80",
                                             "\xf4\x8f\xbf\xbf"};
    (void)state;
    for (size_t i = 0; i < sizeof(characters) / sizeof(characters[0]); i++) {
        struct str text = test_page(str_from(characters[i]));
        assert_int_equal(utf8_character_size(text), text.size);
        assert_true(utf8_is_valid(text));
        assert_int_equal(utf8_character_size(str_first(text, text.size - 1)), 0);
    }
    assert_int_equal(utf8_character_size(STR("\0a")), 1);
    assert_int_equal(utf8_character_size(STR("")), 0);
}

static void test_bad_texts(void **state)
{
    static const char *const bad[] = {
        "\x80",             /* goes on with nothing */
        "\xc0\xaf",         /* overlong */
        "\xc1\xbf",         /* ... */
        "\xe0\x9f\xbf",     /* ... */
        "\xf0\x8f\xbf\xbf", /* ... */
        "\xed\xa0\x80",     /* surrogates */
        "\xed\xbf\xbf",     /* ... */
        "\xf4\x90\x80\x80", /* above U+10FFFF */
        "\xf5\x80\x80\x80", /* ... */
        "\xff",             /* never */
        "\xfc",             /* Latin-1 */
        "ab\xc3",           /* cut off */
        "ab\xc3(",          /* broken off */
    };
    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_false(utf8_is_valid(test_page(str_from(bad[i]))));
    }
}

static void test_code_points(void **state)
{
    static const struct {
        uint32_t code;
        const char *character;
    } rows[] = {
        {'a', "a"},
        {0xfc, "\xc3\xbc"},
        {0x7ff, "\xdf\xbf"},
        {0x800, "\xe0\xa0\x80"},
        {0xffff, "\xef\xbf\xbf"},
        {0x1f600, "\xf0\x9f\x98\x80"},
    };
    struct mem *mem = mem_create(0, NULL, NULL);
    struct buf out;
    (void)state;
    buf_init(&out, mem, 100);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        buf_clear(&out);
        assert_int_equal(utf8_encode(rows[i].code, &out), 0);
        assert_string_equal(buf_text(&out), rows[i].character);
        assert_int_equal(utf8_decode(buf_str(&out)), rows[i].code);
    }
    buf_clear(&out);
    assert_int_equal(utf8_encode(0xd800, &out), -ERR_SYNTAX);
    assert_int_equal(utf8_encode(UTF8_CODE_MAX + 1, &out), -ERR_SYNTAX);
    assert_int_equal(out.size, 0);
    mem_destroy(mem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_characters_have_their_size),
        cmocka_unit_test(test_bad_texts),
        cmocka_unit_test(test_code_points),
    };
    return cmocka_run_group_tests_name("proto/utf8", tests, NULL, NULL);
}
