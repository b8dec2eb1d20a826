// SPDX-License-Identifier: ISC
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "peer/dns_answer.h"

#define SECOND_NS INT64_C(1000000000)

enum { ARENA_MAX = 1 << 20, QUERY_ID = 4711 };

static const char *const records[] = {
    "@ MX 10 mx",
    "@ MX 20 mx.near.test.",
    "mx A 192.0.2.10 until 200s",
    "mx A 192.0.2.99 from 200s",
    "alias CNAME mx",
    "loop CNAME pool",
    "pool CNAME loop",
    "none MX 0 .",
    "sick any servfail until 3h",
    "mute A timeout",
    "big A truncate",
    "big A 192.0.2.1",
    "text TXT \"v=spf1 -all\"",
};

struct fixture {
    struct mem *mem;
    struct arena arena;
    struct zone *zones;
    struct buf query;
    struct buf answer;
    struct dns_message message;
    char line[DNS_ANSWER_LINE_MAX];
};

static void exhausted(void *argument)
{
    (void)argument;
    fail();
}

static void begin(struct fixture *f)
{
    *f = (struct fixture){.mem = mem_create(0, exhausted, NULL)};
    arena_init(&f->arena, f->mem, ARENA_MAX);
    buf_init(&f->query, f->mem, ARENA_MAX);
    buf_init(&f->answer, f->mem, ARENA_MAX);
    struct zone *zone = zone_add(&f->zones, STR("Far.Test"), &f->arena);
    assert_non_null(zone);
    for (size_t i = 0; i < sizeof(records) / sizeof(records[0]); i++) {
        struct buf report;
        struct syntax_line line;
        buf_init(&report, f->mem, ARENA_MAX);
        struct syntax_problems problems = {"zone", str_from(records[i]), &report, 0};
        assert_true(syntax_line_parse(&f->arena, str_from(records[i]), 1, NULL, &problems, &line));
        assert_true(zone_add_record(zone, &line, &f->arena, &problems));
    }
}

/* How many records answer; -1: no answer at all. */
static int ask(struct fixture *f, const char *name, uint16_t type, bool by_tcp, int64_t second)
{
    buf_clear(&f->query);
    buf_clear(&f->answer);
    assert_int_equal(dns_message_write_query(&f->query, QUERY_ID, str_from(name), type, false), 0);
    if (!dns_answer(f->zones, buf_str(&f->query), by_tcp, second * SECOND_NS, &f->answer,
                    f->line)) {
        return -1;
    }
    assert_int_equal(dns_message_parse(buf_str(&f->answer), &f->message), 0);
    assert_int_equal(f->message.id, QUERY_ID);
    assert_true(f->message.is_response);
    return f->message.record_counts[DNS_SECTION_ANSWER];
}

static void test_records_change_with_time(void **state)
{
    (void)state;
    struct fixture f;
    struct dns_record record;
    begin(&f);
    assert_int_equal(ask(&f, "MX.far.test", DNS_TYPE_A, false, 199), 1);
    assert_int_equal(dns_message_next(&f.message, &record), 1);
    assert_int_equal(record.ip[3], 10);
    assert_int_equal(ask(&f, "mx.far.test", DNS_TYPE_A, false, 200), 1);
    assert_int_equal(dns_message_next(&f.message, &record), 1);
    assert_int_equal(record.ip[3], 99);
    assert_string_equal(f.line, "mx.far.test A: 1 record");
    mem_destroy(f.mem);
}

static void test_mx_targets_are_full_names(void **state)
{
    (void)state;
    struct fixture f;
    struct dns_record record;
    begin(&f);
    assert_int_equal(ask(&f, "far.test", DNS_TYPE_MX, false, 0), 2);
    assert_int_equal(dns_message_next(&f.message, &record), 1);
    assert_string_equal(record.target, "mx.far.test");
    assert_int_equal(dns_message_next(&f.message, &record), 1);
    assert_string_equal(record.target, "mx.near.test");
    assert_int_equal(record.preference, 20);
    assert_int_equal(ask(&f, "none.far.test", DNS_TYPE_MX, false, 0), 1);
    assert_int_equal(dns_message_next(&f.message, &record), 1);
    assert_true(dns_message_record_is_null_mx(&record));
    mem_destroy(f.mem);
}

static void test_cname_is_followed_and_loops_end(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    assert_int_equal(ask(&f, "alias.far.test", DNS_TYPE_A, false, 0), 2);
    assert_int_equal(ask(&f, "alias.far.test", DNS_TYPE_CNAME, false, 0), 1);
    assert_int_equal(ask(&f, "loop.far.test", DNS_TYPE_A, true, 0), ZONE_CHAIN_MAX);
    mem_destroy(f.mem);
}

static void test_names_that_are_not_there_and_failures(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    assert_int_equal(ask(&f, "mx.far.test", DNS_TYPE_AAAA, false, 0), 0);
    assert_int_equal(f.message.rcode, DNS_RCODE_OK);
    assert_int_equal(ask(&f, "nobody.far.test", DNS_TYPE_A, false, 0), 0);
    assert_int_equal(f.message.rcode, DNS_RCODE_NAME_ERROR);
    assert_int_equal(ask(&f, "elsewhere.test", DNS_TYPE_A, false, 0), 0);
    assert_int_equal(f.message.rcode, DNS_RCODE_NAME_ERROR);
    assert_int_equal(ask(&f, "sick.far.test", DNS_TYPE_MX, false, 0), 0);
    assert_int_equal(f.message.rcode, DNS_RCODE_SERVER_FAILURE);
    assert_int_equal(ask(&f, "mute.far.test", DNS_TYPE_A, false, 0), -1);
    mem_destroy(f.mem);
}

static void test_a_truncated_answer_is_whole_by_tcp(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    assert_int_equal(ask(&f, "big.far.test", DNS_TYPE_A, false, 0), 0);
    assert_true(f.message.is_truncated);
    assert_int_equal(ask(&f, "big.far.test", DNS_TYPE_A, true, 0), 1);
    assert_false(f.message.is_truncated);
    mem_destroy(f.mem);
}

static void test_text_records(void **state)
{
    (void)state;
    struct fixture f;
    struct dns_record record;
    char text[100] = "";
    begin(&f);
    assert_int_equal(ask(&f, "text.far.test", DNS_TYPE_TXT, false, 0), 1);
    assert_int_equal(dns_message_next(&f.message, &record), 1);
    assert_int_equal(dns_message_record_text(&record, text, sizeof(text)), 11);
    assert_memory_equal(text, "v=spf1 -all", 11);
    mem_destroy(f.mem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_records_change_with_time),
        cmocka_unit_test(test_mx_targets_are_full_names),
        cmocka_unit_test(test_cname_is_followed_and_loops_end),
        cmocka_unit_test(test_names_that_are_not_there_and_failures),
        cmocka_unit_test(test_a_truncated_answer_is_whole_by_tcp),
        cmocka_unit_test(test_text_records),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
