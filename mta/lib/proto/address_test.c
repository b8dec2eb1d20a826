// SPDX-License-Identifier: ISC
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "proto/address.h"

#include "base/err.h"
#include "proto/test_page.h"

struct address_case {
    const char *written;
    int error;
    const char *internal;
    const char *rewritten;
};

static const struct address_case path_cases[] = {
    {"<>", 0, "", ""},
    {"< >", 0, "", ""},
    {"<a@b.example>", 0, "a@b.example", "a@b.example"},
    {"a@b.example", 0, "a@b.example", "a@b.example"},
    {"<postmaster>", 0, "postmaster", "postmaster"},
    {"<\"a b\"@c>", 0, "a b@c", "\"a b\"@c"},
    {"<\"a\\\"b\\\\c\"@d>", 0, "a\"b\\c@d", "\"a\\\"b\\\\c\"@d"},
    {"<\"ab\"@c>", 0, "ab@c", "ab@c"},
    {"<a.\"b c\".d@e>", 0, "a.b c.d@e", "\"a.b c.d\"@e"},
    {"<\"a@b\"@c>", 0, "a@b@c", "\"a@b\"@c"},
    {"<\"\"@c>", 0, "@c", "\"\"@c"},
    {"<a..b@c>", 0, "a..b@c", "\"a..b\"@c"},
    {"<a\\ b@c>", 0, "a b@c", "\"a b\"@c"},
    {"<@x.example,@y.example:a@b>", 0, "a@b", "a@b"},
    {"<@[IPv6:::1]:a@b>", 0, "a@b", "a@b"},
    {"<a@[192.0.2.1]>", 0, "a@[192.0.2.1]", "a@[192.0.2.1]"},
    {"<a@[IPv6:2001:db8::1]>", 0, "a@[IPv6:2001:db8::1]", "a@[IPv6:2001:db8::1]"},
    {"<a+b=c/d%e!f@g>", 0, "a+b=c/d%e!f@g", "a+b=c/d%e!f@g"},
    {"<\xc3\xa4@b>", 0, "\xc3\xa4@b", "\xc3\xa4@b"},
    {"", -ERR_SYNTAX, NULL, NULL},
    {"<a@b", -ERR_SYNTAX, NULL, NULL},
    {"<", -ERR_SYNTAX, NULL, NULL},
    {"<a@b>>", -ERR_SYNTAX, NULL, NULL},
    {"<@b>", -ERR_SYNTAX, NULL, NULL},
    {"<a@>", -ERR_SYNTAX, NULL, NULL},
    {"<a@b@c>", -ERR_SYNTAX, NULL, NULL},
    {"<a b@c>", -ERR_SYNTAX, NULL, NULL},
    {"<\"a@b\">", -ERR_SYNTAX, NULL, NULL},
    {"<\"a@c>", -ERR_SYNTAX, NULL, NULL},
    {"<a\x01@b>", -ERR_SYNTAX, NULL, NULL},
    {"<\"a\x7f\"@b>", -ERR_SYNTAX, NULL, NULL},
    {"<\"a\\\n\"@b>", -ERR_SYNTAX, NULL, NULL},
    {"<a@[1.2.3.4>", -ERR_SYNTAX, NULL, NULL},
    {"<a@[IP@6:b]>", -ERR_SYNTAX, NULL, NULL},
    {"<a(comment)@b>", -ERR_SYNTAX, NULL, NULL},
    {"<a,b@c>", -ERR_SYNTAX, NULL, NULL},
    {"<a\\>", -ERR_SYNTAX, NULL, NULL},
};

static void test_paths(void **state)
{
    struct mem *mem = mem_create(0, NULL, NULL);
    struct buf internal;
    struct buf external;

    (void)state;
    buf_init(&internal, mem, 4096);
    buf_init(&external, mem, 4096);
    for (size_t i = 0; i < sizeof(path_cases) / sizeof(path_cases[0]); i++) {
        const struct address_case *c = &path_cases[i];
        buf_clear(&internal);
        buf_clear(&external);
        buf_put_text(&internal, "x");
        struct str path = test_page(str_from(c->written));
        assert_int_equal(address_parse_path(path, &internal), c->error);
        assert_string_equal(buf_text(&internal) + 1, c->error == 0 ? c->internal : "");
        if (c->error == 0) {
            address_write(str_skip(buf_str(&internal), 1), &external);
            assert_string_equal(buf_text(&external), c->rewritten);
        }
    }
    mem_destroy(mem);
}

static void test_paths_have_a_limit(void **state)
{
    struct mem *mem = mem_create(0, NULL, NULL);
    struct buf internal;
    struct buf path;

    (void)state;
    buf_init(&internal, mem, 4096);
    buf_init(&path, mem, 4096);
    for (int i = 0; i < ADDRESS_BYTES_MAX; i++) {
        buf_put_char(&path, 'a');
    }
    assert_int_equal(address_parse_path(buf_str(&path), &internal), 0);
    buf_put_char(&path, 'a');
    buf_clear(&internal);
    assert_int_equal(address_parse_path(buf_str(&path), &internal), -ERR_LIMIT);
    assert_int_equal(internal.size, 0);
    mem_destroy(mem);
}

struct list_case {
    const char *written;
    const char *internal; /* one address a line; "!" where there is an error */
};

static const struct list_case list_cases[] = {
    {"", ""},
    {"a@b", "a@b\n"},
    {"a@b, c@d", "a@b\nc@d\n"},
    {",, a@b ,", "a@b\n"},
    {"A B <a@b>, \"C, D\" <c@d>", "a@b\nc@d\n"},
    {"a@b (a comment (in a comment \\) ) )", "a@b\n"},
    {"a . b @ c . d", "a.b@c.d\n"},
    {"A B <\r\n a@b>,\r\n\tc@d", "a@b\nc@d\n"},
    {"undisclosed-recipients:;", ""},
    {"group: a@b, B <b@b>;, c@d", "a@b\nb@b\nc@d\n"},
    {"<@x,@y:a@b>", "a@b\n"},
    {"\"a b\"@c, <d>", "a b@c\nd\n"},
    {"<>, a@b", "\na@b\n"},
    {"a b, c@d", "!c@d\n"},
    {"a@b c@d, e@f", "!e@f\n"},
    {"<a@b, c@d", "!c@d\n"},
    {"(never closed, c@d", "!"},
    {"\"open, c@d", "!"},
    {"a@, c@d", "!c@d\n"},
    {"x <a@b> y, c@d", "!c@d\n"},
};

static void read_list(struct str list, struct buf *out)
{
    int result = 1;

    while (result != 0) {
        result = address_list_next(&list, out);
        if (result != 0) {
            buf_put_char(out, result < 0 ? '!' : '\n');
        }
    }
}

static void test_header_lists(void **state)
{
    struct mem *mem = mem_create(0, NULL, NULL);
    struct buf out;

    (void)state;
    buf_init(&out, mem, 4096);
    for (size_t i = 0; i < sizeof(list_cases) / sizeof(list_cases[0]); i++) {
        buf_clear(&out);
        read_list(test_page(str_from(list_cases[i].written)), &out);
        assert_string_equal(buf_text(&out), list_cases[i].internal);
    }
    mem_destroy(mem);
}

static void test_comments_have_a_depth(void **state)
{
    struct mem *mem = mem_create(0, NULL, NULL);
    struct buf list;
    struct buf out;

    (void)state;
    buf_init(&list, mem, 4096);
    buf_init(&out, mem, 4096);
    for (int i = 0; i < 1000; i++) {
        buf_put_char(&list, '(');
    }
    struct str rest = buf_str(&list);
    assert_int_equal(address_list_next(&rest, &out), -ERR_LIMIT);
    mem_destroy(mem);
}

static void test_the_last_at_divides(void **state)
{
    struct address address = address_split(STR("a@b@c"));

    (void)state;
    assert_true(str_equal(address.local_part, STR("a@b")));
    assert_true(str_equal(address.domain, STR("c")));
    address = address_split(STR("postmaster"));
    assert_true(str_equal(address.local_part, STR("postmaster")));
    assert_null(address.domain.data);
}

static void test_hosts_and_literals(void **state)
{
    static const char *const good[] = {"a",
                                       "a.b-c.example",
                                       "_x.y",
                                       "1.example",
                                       "[192.0.2.1]",
                                       "[IPv6:::]",
                                       "[ipv6:1:2:3:4:5:6:7:8]",
                                       "[IPv6:::1.2.3.4]",
                                       "[IPv6:1::8]"};
    static const char *const bad[] = {"",
                                      ".",
                                      "a.",
                                      ".a",
                                      "a..b",
                                      "-a",
                                      "a-",
                                      "a b",
                                      "192.0.2.1",
                                      "[",
                                      "[]",
                                      "[1.2.3]",
                                      "[1.2.3.256]",
                                      "[1.2.3.4",
                                      "[IPv6:1]",
                                      "[IPv6::1:2:3:4:5:6:7]",
                                      "[IPv6:1::2::3]",
                                      "[IPv6:1:2:3:4:5:6:7:8:9]",
                                      "[IPv6:12345::]",
                                      "[IPv6:g::]",
                                      "[IPv6:1:::2]"};

    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        assert_true(address_domain_is_valid(test_page(str_from(good[i]))));
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_false(address_domain_is_valid(test_page(str_from(bad[i]))));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_paths),
        cmocka_unit_test(test_paths_have_a_limit),
        cmocka_unit_test(test_header_lists),
        cmocka_unit_test(test_comments_have_a_depth),
        cmocka_unit_test(test_the_last_at_divides),
        cmocka_unit_test(test_hosts_and_literals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
