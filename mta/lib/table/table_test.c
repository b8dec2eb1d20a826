// SPDX-License-Identifier: ISC
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "os/os.h"
#include "sys/clock.h"
#include "sys/fs.h"
#include "sys/process.h"
#include "table/match_list.h"
#include "table/table_build.h"
#include "table/table_maps.h"

static struct sys *test_sys;
static struct buf value;
static char why[TABLE_WHY_MAX];
static char name[64]; /* of this run's files, in the working directory */

static int set_up(void **state)
{
    (void)state;
    buf_init(&value, sys_mem(test_sys), TABLE_VALUE_MAX);
    (void)snprintf(name, sizeof(name), "table_test.%d", sys_pid(test_sys));
    why[0] = '\0';
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    static const char *const suffixes[] = {"", ".db", ".lmdb", ".cdb"};
    for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
        char path[80];
        (void)snprintf(path, sizeof(path), "%s%s", name, suffixes[i]);
        (void)!sys_unlink(test_sys, SYS_HERE, path);
    }
    buf_done(&value);
    return 0;
}

static void write_file(const char *text)
{
    int fd = sys_open(test_sys, SYS_HERE, name,
                      SYS_OPEN_WRITE | SYS_OPEN_CREATE | SYS_OPEN_TRUNCATE, 0600);
    assert_true(fd >= 0);
    assert_int_equal(sys_pwrite(test_sys, fd, text, strlen(text), 0), strlen(text));
    sys_close(test_sys, fd);
}

static struct table *open_table(const char *type, const char *table_name)
{
    char spec[512];
    struct table *table;
    (void)snprintf(spec, sizeof(spec), "%s:%s", type, table_name);
    assert_int_equal(table_open(test_sys, NULL, str_from(spec), &table, why), 0);
    return table;
}

static void assert_value(struct table *table, const char *key, const char *expected)
{
    assert_int_equal(table_lookup(table, str_from(key), &value), 0);
    assert_string_equal(buf_text(&value), expected);
}

static void assert_absent(struct table *table, const char *key)
{
    assert_int_equal(table_lookup(table, str_from(key), &value), -ERR_NOT_FOUND);
    assert_string_equal(table_why(table), "");
}

static void test_inline_folds_keys(void **state)
{
    (void)state;
    struct table *table = open_table("inline", "{ {Key = a value}, other=x }");
    assert_value(table, "KEY", "a value");
    assert_value(table, "other", "x");
    assert_absent(table, "a value");
    table_close(table);
}

static void test_static_answers_everything(void **state)
{
    (void)state;
    struct table *table = open_table("static", "{ one value }");
    assert_value(table, "any", "one value");
    assert_value(table, "", "one value");
    table_close(table);
}

static void test_cidr_takes_the_first_match(void **state)
{
    (void)state;
    struct table *table = open_table("cidr", "{ {if 10.0.0.0/8}, {10.1.0.0/16 inner}, {endif}, "
                                             "{!10.0.0.0/8 outside}, {10.0.0.0/8 rest} }");
    assert_value(table, "10.1.2.3", "inner");
    assert_value(table, "10.2.2.3", "rest");
    assert_value(table, "192.0.2.1", "outside");
    assert_absent(table, "host.test");
    table_close(table);
}

static void test_a_texthash_that_changes_is_read_again(void **state)
{
    (void)state;
    write_file("a first\na second\n");
    struct table *table = open_table("texthash", name);
    assert_value(table, "a", "first");
    write_file("a third, longer\n");
    assert_int_equal(sys_sleep_until(test_sys, sys_deadline(test_sys, 1100 * SYS_MILLI_NS)), 0);
    assert_value(table, "a", "third, longer");
    table_close(table);
}

static void test_a_missing_file_is_an_error_not_an_absence(void **state)
{
    (void)state;
    static const char *const types[] = {"texthash", "cidr", "hash", "btree", "lmdb", "cdb"};
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        struct table *table = open_table(types[i], name);
        assert_int_equal(table_lookup(table, STR("a"), &value), -ERR_UNAVAILABLE);
        assert_non_null(strstr(table_why(table), "No such file or directory"));
        table_close(table);
    }
}

static void test_bad_specifications_say_why(void **state)
{
    (void)state;
    static const struct {
        const char *spec;
        int error;
    } rows[] = {
        {"nosuch:x", -ERR_NOT_SUPPORTED},
        {"pcre:/x", -ERR_NOT_SUPPORTED},
        {"hash:", -ERR_SYNTAX},
        {"inline:{novalue}", -ERR_SYNTAX},
        {"cidr:{ {10.0.0.1/8 x} }", -ERR_SYNTAX},
        {"cidr:{ {if 10.0.0.0/8} }", -ERR_SYNTAX},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct table *table;
        why[0] = '\0';
        assert_int_equal(table_open(test_sys, NULL, str_from(rows[i].spec), &table, why),
                         rows[i].error);
        assert_null(table);
        assert_true(strlen(why) > 0);
    }
}

/* ---- databases ----------------------------------------------------------------------------------- */

static struct table_build *open_build(const char *type, bool from_old)
{
    struct table_build *build;
    const struct table_build_options options = {
        .type = table_database_find(str_from(type)),
        .name = str_from(name),
        .from_old = from_old,
        .mode_bits = 0600,
    };
    assert_int_equal(table_build_open(test_sys, &options, &build, why), 0);
    return build;
}

static void test_databases_are_built_and_changed(void **state)
{
    (void)state;
    static const char *const types[] = {"hash", "btree", "lmdb", "cdb"};
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        struct table_build *build = open_build(types[i], false);
        assert_int_equal(table_build_put(build, STR("a"), STR("1"), false), 0);
        assert_int_equal(table_build_put(build, STR("a"), STR("2"), false), -ERR_EXISTS);
        assert_int_equal(table_build_put(build, STR("b"), STR("3"), false), 0);
        assert_int_equal(table_build_commit(build, why), 0);
        build = open_build(types[i], true);
        assert_int_equal(table_build_put(build, STR("a"), STR("4"), true), 0);
        assert_int_equal(table_build_remove(build, STR("b")), 0);
        assert_int_equal(table_build_remove(build, STR("b")), -ERR_NOT_FOUND);
        assert_int_equal(table_build_commit(build, why), 0);
        struct table *table = open_table(types[i], name);
        assert_value(table, "A", "4");
        assert_absent(table, "b");
        table_close(table);
    }
}

static void test_an_aborted_build_leaves_the_old_table(void **state)
{
    (void)state;
    struct table_build *build = open_build("hash", false);
    assert_int_equal(table_build_put(build, STR("a"), STR("1"), false), 0);
    assert_int_equal(table_build_commit(build, why), 0);
    build = open_build("hash", true);
    assert_int_equal(table_build_remove(build, STR("a")), 0);
    table_build_abort(build);
    struct table *table = open_table("hash", name);
    assert_value(table, "a", "1");
    table_close(table);
}

/* ---- maps ---------------------------------------------------------------------------------------- */

static struct table_maps *open_maps(const char *text)
{
    struct table_maps *maps;
    assert_int_equal(table_maps_open(test_sys, NULL, str_from(text), &maps, why), 0);
    return maps;
}

static void test_the_first_table_that_knows_answers(void **state)
{
    (void)state;
    struct table_maps *maps = open_maps("inline:{a=1}, inline:{a=2, b=3}");
    assert_int_equal(table_maps_find(maps, STR("a"), &value), 0);
    assert_string_equal(buf_text(&value), "1");
    assert_int_equal(table_maps_find(maps, STR("b"), &value), 0);
    assert_string_equal(buf_text(&value), "3");
    assert_int_equal(table_maps_find(maps, STR("c"), &value), -ERR_NOT_FOUND);
    table_maps_close(maps);
}

static void test_a_table_behind_a_broken_one_is_not_asked(void **state)
{
    (void)state;
    char text[256];
    (void)snprintf(text, sizeof(text), "hash:%s inline:{a=1}", name);
    struct table_maps *maps = open_maps(text);
    assert_int_equal(table_maps_find(maps, STR("a"), &value), -ERR_UNAVAILABLE);
    assert_true(strlen(table_maps_why(maps)) > 0);
    table_maps_close(maps);
}

static void test_parts_of_an_address(void **state)
{
    (void)state;
    static const struct {
        const char *maps;
        const char *found; /* NULL: nothing */
        const char *extension;
    } rows[] = {
        {"inline:{u+e@a.test=1, u@a.test=2}", "1", ""},
        {"inline:{u@a.test=2, @a.test=3}", "2", "+e"},
        {"inline:{u+e=4, @a.test=3}", "4", ""},
        {"inline:{u=5}", "5", "+e"},
        {"inline:{@a.test=3, a.test=6}", "3", ""},
        {"inline:{a.test=6}", "6", ""},
        {"inline:{.test=7}", "7", ""},
        {"inline:{test=8}", NULL, ""},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct table_maps *maps = open_maps(rows[i].maps);
        struct str extension;
        int error =
            table_maps_find_address(maps, STR("u+e@a.test"), STR("+"), 31, &value, &extension);
        assert_int_equal(error, rows[i].found != NULL ? 0 : -ERR_NOT_FOUND);
        if (rows[i].found != NULL) {
            assert_string_equal(buf_text(&value), rows[i].found);
        }
        assert_true(str_equal(extension, str_from(rows[i].extension)));
        table_maps_close(maps);
    }
}

static void test_some_local_parts_have_no_extension(void **state)
{
    (void)state;
    struct table_maps *maps = open_maps("inline:{owner=1, mailer=2, list=3, +x=4}");
    static const char *const addresses[] = {"owner-list@a.test", "mailer-daemon@a.test",
                                            "list-request@a.test"};
    for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
        assert_int_equal(table_maps_find_address(maps, str_from(addresses[i]), STR("-"),
                                                 TABLE_ADDRESS_LOCAL_PART, &value, NULL),
                         -ERR_NOT_FOUND);
    }
    table_maps_close(maps);
}

/* ---- match lists --------------------------------------------------------------------------------- */

static int list_has_name(const char *patterns, unsigned flags, const char *asked)
{
    struct match_list *list;
    assert_int_equal(match_list_open(test_sys, NULL, str_from(patterns), flags, &list, why), 0);
    int result = match_list_has_name(list, str_from(asked));
    match_list_close(list);
    return result;
}

static int list_has_address(const char *patterns, const char *asked)
{
    struct match_list *list;
    struct sys_address address;
    assert_int_equal(sys_address_parse(str_from(asked), 0, &address), 0);
    assert_int_equal(match_list_open(test_sys, NULL, str_from(patterns),
                                     MATCH_LIST_ADDRESS | MATCH_LIST_DOMAINS, &list, why),
                     0);
    int result = match_list_has_address(list, &address);
    match_list_close(list);
    return result;
}

static void test_names_in_lists(void **state)
{
    (void)state;
    unsigned domains = MATCH_LIST_DOMAINS;
    unsigned parents = MATCH_LIST_DOMAINS | MATCH_LIST_PARENTS;
    assert_int_equal(list_has_name("a.test, b.test", 0, "B.TEST"), 1);
    assert_int_equal(list_has_name("a.test", 0, "x.a.test"), 0);
    assert_int_equal(list_has_name("a.test", domains, "x.a.test"), 0);
    assert_int_equal(list_has_name(".a.test", domains, "x.a.test"), 1);
    assert_int_equal(list_has_name(".a.test", domains, "a.test"), 0);
    assert_int_equal(list_has_name("a.test", parents, "x.a.test"), 1);
    assert_int_equal(list_has_name("a.test", parents, "xa.test"), 0);
    assert_int_equal(list_has_name("!x.a.test .a.test", domains, "x.a.test"), 0);
    assert_int_equal(list_has_name("!x.a.test .a.test", domains, "y.a.test"), 1);
    assert_int_equal(list_has_name("", domains, "a.test"), 0);
}

static void test_tables_in_lists(void **state)
{
    (void)state;
    char patterns[128];
    assert_int_equal(list_has_name("inline:{a.test=x}", 0, "a.test"), 1);
    assert_int_equal(list_has_name("inline:{a.test=x}", 0, "b.a.test"), 0);
    assert_int_equal(list_has_name("inline:{.a.test=x}", MATCH_LIST_DOMAINS, "b.a.test"), 1);
    (void)snprintf(patterns, sizeof(patterns), "b.test hash:%s", name);
    assert_int_equal(list_has_name(patterns, 0, "b.test"), 1);
    assert_int_equal(list_has_name(patterns, 0, "a.test"), -ERR_UNAVAILABLE);
}

static void test_addresses_in_lists(void **state)
{
    (void)state;
    assert_int_equal(list_has_address("127.0.0.0/8 [::1]/128", "127.0.0.5"), 1);
    assert_int_equal(list_has_address("127.0.0.0/8 [::1]/128", "::1"), 1);
    assert_int_equal(list_has_address("127.0.0.0/8 [::1]/128", "192.0.2.1"), 0);
    assert_int_equal(list_has_address("!192.0.2.7, 192.0.2.0/24", "192.0.2.7"), 0);
    assert_int_equal(list_has_address("!192.0.2.7, 192.0.2.0/24", "192.0.2.8"), 1);
    assert_int_equal(list_has_address("cidr:{ {192.0.2.0/24 ok} }", "192.0.2.8"), 1);
}

static void test_a_bad_network_does_not_open(void **state)
{
    (void)state;
    struct match_list *list;
    assert_int_equal(
        match_list_open(test_sys, NULL, STR("10.0.0.1/8"), MATCH_LIST_ADDRESS, &list, why),
        -ERR_SYNTAX);
    assert_null(list);
}

static void test_a_list_may_stand_in_a_file(void **state)
{
    (void)state;
    char directory[SYS_PATH_MAX];
    char patterns[SYS_PATH_MAX + 100];
    if (getcwd(directory, sizeof(directory)) == NULL) {
        skip();
    }
    write_file("# comment\na.test\n!b.test, c.test\n");
    (void)snprintf(patterns, sizeof(patterns), "%s/%s", directory, name);
    assert_int_equal(list_has_name(patterns, 0, "a.test"), 1);
    assert_int_equal(list_has_name(patterns, 0, "b.test"), 0);
    assert_int_equal(list_has_name(patterns, 0, "c.test"), 1);
    assert_int_equal(list_has_name("/no/such/file", 0, "c.test"), -ERR_UNAVAILABLE);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

static int table_tests(struct sys *sys, int argc, char **argv)
{
    (void)argc;
    (void)argv;
    test_sys = sys;
    const struct CMUnitTest tests[] = {
        TEST(test_inline_folds_keys),
        TEST(test_static_answers_everything),
        TEST(test_cidr_takes_the_first_match),
        TEST(test_a_texthash_that_changes_is_read_again),
        TEST(test_a_missing_file_is_an_error_not_an_absence),
        TEST(test_bad_specifications_say_why),
        TEST(test_databases_are_built_and_changed),
        TEST(test_an_aborted_build_leaves_the_old_table),
        TEST(test_the_first_table_that_knows_answers),
        TEST(test_a_table_behind_a_broken_one_is_not_asked),
        TEST(test_parts_of_an_address),
        TEST(test_some_local_parts_have_no_extension),
        TEST(test_names_in_lists),
        TEST(test_tables_in_lists),
        TEST(test_addresses_in_lists),
        TEST(test_a_bad_network_does_not_open),
        TEST(test_a_list_may_stand_in_a_file),
    };
    return cmocka_run_group_tests_name("table", tests, NULL, NULL);
}

int main(int argc, char **argv)
{
    os_run(table_tests, argc, argv);
}
