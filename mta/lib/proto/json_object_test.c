// SPDX-License-Identifier: ISC
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "proto/json_object.h"

#include "base/buf.h"
#include "base/err.h"
#include "proto/test_page.h"

struct memory {
    struct mem *mem;
    struct arena arena;
};

static int set_up(void **state)
{
    static struct memory memory;
    memory.mem = mem_create(0, NULL, NULL);
    arena_init(&memory.arena, memory.mem, 1 << 16);
    *state = &memory;
    return 0;
}

static int tear_down(void **state)
{
    struct memory *memory = *state;
    arena_done(&memory->arena);
    assert_int_equal(mem_count(memory->mem), 0);
    mem_destroy(memory->mem);
    return 0;
}

static int parse(void **state, const char *text, struct json_object *object)
{
    struct memory *memory = *state;
    return json_object_parse(test_page(str_from(text)), &memory->arena, object);
}

static void assert_member(const struct json_object *object, const char *name, struct str value,
                          bool is_string)
{
    const struct json_member *member = json_object_find(object, str_from(name));
    assert_non_null(member);
    assert_true(str_equal(member->value, value));
    assert_int_equal(member->is_string, is_string);
}

static void test_strings_and_numbers(void **state)
{
    struct json_object object;
    assert_int_equal(
        parse(state, " { \"a\" : \"x\" ,\n\"b\":-1.50,\"c\":0,\"\":\"\",\"a\":\"y\"}\r\n", &object),
        0);
    assert_int_equal(object.count, 5);
    assert_member(&object, "a", STR("x"), true);
    assert_member(&object, "b", STR("-1.50"), false);
    assert_member(&object, "c", STR("0"), false);
    assert_member(&object, "", STR(""), true);
    assert_null(json_object_find(&object, STR("d")));
    assert_int_equal(parse(state, "{}", &object), 0);
    assert_int_equal(object.count, 0);
}

static void test_escapes(void **state)
{
    struct json_object object;
    assert_int_equal(parse(state,
                           "{\"\\u0061\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0000\",\"b\":\"\xc3\xbc\","
                           "\"c\":\"-\\u00FC\\u20ac\\ud83d\\uDE00-\"}",
                           &object),
                     0);
    assert_member(&object, "a", STR("\"\\/\b\f\n\r\t\0"), true);
    assert_member(&object, "b", STR("\xc3\xbc"), true);
    assert_member(&object, "c", STR("-\xc3\xbc\xe2\x82\xac\xf0\x9f\x98\x80-"), true);
}

static void test_all_else_is_refused(void **state)
{
    static const char *const texts[] = {
        "",
        "{",
        "[]",
        "{}x",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1",
        "{\"a\":1,}",
        "{,\"a\":1}",
        "{\"a\":1 \"b\":2}",
        "{a:1}",
        "{\"a\":{}}",
        "{\"a\":[]}",
        "{\"a\":null}",
        "{\"a\":+1}",
        "{\"a\":01}",
        "{\"a\":-}",
        "{\"a\":1.}",
        "{\"a\":.5}",
        "{\"a\":1e3}",
        "{\"a\":\"}",
        "{\"a\":\"\\\"}",
        "{\"a\":\"\n\"}",
        "{\"a\":\"\xff\"}",
        "{\"a\":\"\\x\"}",
        "{\"a\":\"\\u12\"}",
        "{\"a\":\"\\u123g\"}",
        "{\"a\":\"\\ud800\"}",
        "{\"a\":\"\\ud800\\u0041\"}",
        "{\"a\":\"\\udc00\"}",
        "{\"a\":\"\\",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct json_object object;
        assert_int_equal(parse(state, texts[i], &object), -ERR_SYNTAX);
    }
}

static void test_limits(void **state)
{
    struct memory *memory = *state;
    struct json_object object;
    struct arena small;
    struct buf text;
    buf_init(&text, memory->mem, 1 << 16);
    buf_put_char(&text, '{');
    for (int i = 0; i < JSON_MEMBERS_MAX; i++) {
        buf_putf(&text, "%s\"%d\":%d", i == 0 ? "" : ",", i, i);
    }
    buf_put_char(&text, '}');
    assert_int_equal(parse(state, buf_text(&text), &object), 0);
    assert_int_equal(object.count, JSON_MEMBERS_MAX);
    buf_truncate(&text, text.size - 1);
    buf_put_text(&text, ",\"x\":1}");
    assert_int_equal(parse(state, buf_text(&text), &object), -ERR_LIMIT);
    buf_done(&text);
    arena_init(&small, memory->mem, 4);
    assert_int_equal(json_object_parse(STR("{\"a\":\"\\nlong\"}"), &small, &object), -ERR_LIMIT);
    arena_done(&small);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_strings_and_numbers),
        cmocka_unit_test(test_escapes),
        cmocka_unit_test(test_all_else_is_refused),
        cmocka_unit_test(test_limits),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
