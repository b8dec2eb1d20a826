// SPDX-License-Identifier: ISC
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "proto/enhanced_status.h"

#include "base/err.h"
#include "proto/test_page.h"

struct status_case {
    const char *text;
    size_t used_bytes;
};

static const struct status_case cases[] = {
    {"5.1.1", 5}, {"2.0.0 Ok", 5}, {"4.123.999\ttext", 9}, {"5.1.1x", 0}, {"5.1", 0},
    {"5.1.", 0},  {"3.1.1", 0},    {"5.1234.1", 0},        {"", 0},       {" 5.1.1", 0},
    {"5..1", 0},  {"52.1.1", 0},   {"250 2.0.0", 0},
};

static void test_prefixes(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct enhanced_status status = {7, 7, 7};
        struct str text = test_page(str_from(cases[i].text));
        assert_int_equal(enhanced_status_parse_prefix(text, &status), cases[i].used_bytes);
        assert_int_equal(status.class == 7, cases[i].used_bytes == 0);
    }
}

static void test_whole_texts_round_trip(void **state)
{
    static const char *const texts[] = {"2.0.0", "4.4.3", "5.999.999"};
    char text[ENHANCED_STATUS_TEXT_SIZE];
    struct enhanced_status status;

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(enhanced_status_parse(str_from(texts[i]), &status), 0);
        assert_string_equal(enhanced_status_text(status, text), texts[i]);
    }
    assert_int_equal(enhanced_status_parse(STR("2.0.0 "), &status), -ERR_SYNTAX);
    assert_int_equal(enhanced_status_parse(STR(""), &status), -ERR_SYNTAX);
    assert_string_equal(enhanced_status_text((struct enhanced_status){0}, text), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_prefixes),
        cmocka_unit_test(test_whole_texts_round_trip),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
