// SPDX-License-Identifier: ISC
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/err.h"
#include "conf/expand.h"

static int find(void *context, struct str name, struct str *value)
{
    static const struct {
        struct str name;
        struct str value;
    } names[] = {
        {STR_INIT("mydomain"), STR_INIT("localdomain")},
        {STR_INIT("empty"), STR_INIT("")},
        {STR_INIT("level"), STR_INIT("3.10")},
    };
    (void)context;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (str_equal(names[i].name, name)) {
            *value = names[i].value;
            return 1;
        }
    }
    return str_equal(name, STR("broken")) ? -ERR_IO : 0;
}

static int expand(const char *text, struct buf *out, struct expand_problem *problem)
{
    static const struct expand_source source = {find, NULL};
    return expand_text(str_from(text), &source, out, problem);
}

static void test_every_form_gives_what_postfix_gives(void **state)
{
    static const struct {
        const char *text;
        const char *expected;
    } rows[] = {
        {"plain", "plain"},
        {"$mydomain$mydomain", "localdomainlocaldomain"},
        {"$(mydomain) $mydomain.x ${mydomain}y", "localdomain localdomain.x localdomainy"},
        {"$$x$$", "$x$"},
        {"$nosuch|${nosuch}|$1x", "||"},
        {"$mydomain_x|$my-x", "|-x"},
        {"${ mydomain }", "localdomain"},
        {"x${mydomain? { yes text } }y", "x yes text y"},
        {"${mydomain?{a b}:{c}}|${empty?{a b}:{c}}|${nosuch?{a}:{c}}", "a b|c|c"},
        {"${mydomain ? {a} : {b}}|${nosuch? {a} : {b} }z", "a|bz"},
        {"${mydomain:text}|${empty:text}|${nosuch:{ d }}", "|text| d "},
        {"${mydomain?plain $mydomain text}", "plain localdomain text"},
        {"${mydomain?a:b}|${nosuch?a:b}", "a:b|"},
        {"${mydomain? x }z|${mydomain?a{}b}z|${mydomain?}z", "x z|a{}bz|z"},
        {"${mydomain?{{x} }}z", "{x} z"},
        {"${nosuch?{a}:b c}", "b c"},
        {"$(mydomain?{a})z", "az"},
        {"${{x} == {x}}|${{x} == {y}}|", "true||"},
        {"${{x}=={x}?{a}}|${{}=={}?{a}}|${{ x } == {x}?a}", "a|a|"},
        {"${{10} > {9} ? {number} : {text}} ${{10} > {9a} ? {number} : {text}}", "number text"},
        {"${{$level} <level {3.9}?{less}:{not less}}", "not less"},
        {"${{$level} <level {3.10.1}?{less}:{not less}}", "less"},
        {"${{a} != {b}?1}${{a} <= {b}?2}${{b} >= {b}?3}${{a} < {b}?4}", "1234"},
        {"${mydomain?{${nosuch:{$mydomain}}}:{no}}", "localdomain"},
        {"{ braces } {{ x }}", "{ braces } {{ x }}"},
        {"${nosuch?{$broken}:{fine}}", "fine"},
    };
    struct mem *mem = mem_create(0, NULL, NULL);
    struct buf out;
    struct expand_problem problem;
    (void)state;
    buf_init(&out, mem, 1000);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        buf_clear(&out);
        assert_int_equal(expand(rows[i].text, &out, &problem), 0);
        assert_string_equal(buf_text(&out), rows[i].expected);
    }
    buf_done(&out);
    assert_int_equal(mem_count(mem), 0);
    mem_destroy(mem);
}

static void test_problems_tell_what_and_where(void **state)
{
    static const struct {
        const char *text;
        size_t offset;
        const char *problem;
    } rows[] = {
        {"a$", 2, "a name expected after \"$\" (write $$ for one $)"},
        {"x $ y", 3, "a name expected after \"$\" (write $$ for one $)"},
        {"x ${mydomain", 3, "\"}\" is missing"},
        {"$(mydomain}", 1, "\")\" is missing"},
        {"${}", 2, "a name expected"},
        {"${my.domain}", 4, "\"?\" or \":\" expected"},
        {"${mydomain?{a}b}", 14, "\":\" or the end expected"},
        {"${mydomain:{a}:{b}}", 14, "end expected"},
        {"${mydomain?{a}:{b}c}", 18, "end expected"},
        {"${{a} = {b}}", 6, "one of == != < <= > >= expected"},
        {"${{a} == b}", 9, "\"{\" expected"},
        {"${{x} <level {3}?a}", 3, "levels such as 3.6 expected on both sides"},
    };
    struct mem *mem = mem_create(0, NULL, NULL);
    struct buf out;
    (void)state;
    buf_init(&out, mem, 1000);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct expand_problem problem = {NULL, 0};
        assert_int_equal(expand(rows[i].text, &out, &problem), -ERR_SYNTAX);
        assert_string_equal(problem.text, rows[i].problem);
        assert_int_equal(problem.offset, rows[i].offset);
    }
    buf_done(&out);
    assert_int_equal(mem_count(mem), 0);
    mem_destroy(mem);
}

static void test_size_and_depth_are_bounded_and_errors_pass_through(void **state)
{
    static const char deep[] = "${a:${a:${a:${a:${a:${a:${a:${a:${a:${a:${a:${a:${a:${a:${a:${a:x"
                               "}}}}}}}}}}}}}}}}";
    struct mem *mem = mem_create(0, NULL, NULL);
    struct buf out;
    struct expand_problem problem = {NULL, 0};
    (void)state;
    buf_init(&out, mem, 20);
    assert_int_equal(expand("$mydomain$mydomain", &out, &problem), -ERR_LIMIT);
    assert_null(problem.text);
    buf_clear(&out);
    assert_int_equal(expand("$broken", &out, &problem), -ERR_IO);
    assert_int_equal(expand(deep, &out, &problem), -ERR_SYNTAX);
    assert_string_equal(problem.text, "too many braces inside each other");
    buf_done(&out);
    mem_destroy(mem);
}

static void put_name(void *context, struct str name)
{
    buf_putf(context, "%.*s,", STR_ARG(name));
}

static void test_all_names_are_found_in_every_branch(void **state)
{
    struct mem *mem = mem_create(0, NULL, NULL);
    struct buf out;
    (void)state;
    buf_init(&out, mem, 200);
    expand_names(STR("$a $$b ${c?{$d}:$e} ${{$f} == {x}?$(g)} $"), put_name, &out);
    assert_string_equal(buf_text(&out), "a,c,d,e,f,g,");
    buf_done(&out);
    mem_destroy(mem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_form_gives_what_postfix_gives),
        cmocka_unit_test(test_problems_tell_what_and_where),
        cmocka_unit_test(test_size_and_depth_are_bounded_and_errors_pass_through),
        cmocka_unit_test(test_all_names_are_found_in_every_branch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
