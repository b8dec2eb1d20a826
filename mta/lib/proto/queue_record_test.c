// SPDX-License-Identifier: ISC
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "proto/queue_record.h"

#include "base/err.h"
#include "proto/test_page.h"

static void test_records_round_trip(void **state)
{
    static const size_t sizes[] = {0, 1, 127, 128, 300, 16383, 16384, QUEUE_RECORD_DATA_MAX};
    struct mem *mem = mem_create(0, NULL, NULL);
    char *data = mem_alloc(mem, QUEUE_RECORD_DATA_MAX);
    struct buf out;

    (void)state;
    buf_init(&out, mem, 200000);
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        struct queue_record record;
        size_t used_bytes = 0;
        struct str content = str_of(data, sizes[i]);
        buf_clear(&out);
        queue_record_write(&out, QUEUE_RECORD_LINE, content);
        assert_int_equal(out.size, queue_record_bytes(content));
        assert_int_equal(queue_record_parse(buf_str(&out), &record, &used_bytes), PARSE_OK);
        assert_int_equal(used_bytes, out.size);
        assert_int_equal(record.type, QUEUE_RECORD_LINE);
        assert_true(str_equal(record.data, content));
    }
    mem_destroy(mem);
}

struct record_case {
    struct str input;
    enum parse parse;
};

static const struct record_case cases[] = {
    {STR_INIT("N\0"), PARSE_OK},
    {STR_INIT("N\003abc"), PARSE_OK},
    {STR_INIT(""), PARSE_MORE},
    {STR_INIT("N"), PARSE_MORE},
    {STR_INIT("N\x80"), PARSE_MORE},
    {STR_INIT("N\003ab"), PARSE_MORE},
    {STR_INIT("N\x83\0abc"), PARSE_BAD},    /* not minimal */
    {STR_INIT("N\x81\x80\x08"), PARSE_BAD}, /* too long */
    {STR_INIT("N\xff\xff\xff"), PARSE_BAD}, /* too many groups */
};

static void test_lengths(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct queue_record record;
        size_t used_bytes = 0;
        assert_int_equal(queue_record_parse(test_page(cases[i].input), &record, &used_bytes),
                         cases[i].parse);
    }
}

/* The segment after all types, or -1 when one may not stand where it does. */
static int advance_over(const char *types)
{
    enum queue_segment segment = QUEUE_SEGMENT_ENVELOPE;

    for (; *types != '\0'; types++) {
        if (queue_record_advance(&segment, *types) != 0) {
            return -1;
        }
    }
    return (int)segment;
}

static void test_sequence(void **state)
{
    (void)state;
    assert_int_equal(advance_over("CTSRD"), QUEUE_SEGMENT_ENVELOPE);
    assert_int_equal(advance_over("CTSRDMNNLN"), QUEUE_SEGMENT_CONTENT);
    assert_int_equal(advance_over("CTSRDMNX"), QUEUE_SEGMENT_EXTRACTED);
    assert_int_equal(advance_over("CTSRDMNXARE"), QUEUE_SEGMENT_ENDED);
    assert_int_equal(advance_over("CTSRDMNXEE"), -1);
    assert_int_equal(advance_over("CTSRDE"), -1);
    assert_int_equal(advance_over("N"), -1);
    assert_int_equal(advance_over("MR"), -1);
    assert_int_equal(advance_over("MXN"), -1);
    assert_int_equal(advance_over("?"), -1);
}

static void test_smtputf8_is_needed_where_it_was_requested(void **state)
{
    (void)state;
    assert_false(queue_record_needs_smtputf8(0));
    assert_false(queue_record_needs_smtputf8(QUEUE_SMTPUTF8_REQUESTED));
    assert_false(queue_record_needs_smtputf8(QUEUE_SMTPUTF8_NEEDED));
    assert_true(queue_record_needs_smtputf8(QUEUE_SMTPUTF8_REQUESTED | QUEUE_SMTPUTF8_RECIPIENT));
}

static void test_size_data(void **state)
{
    const struct queue_record_size size = {1, 22, 3, 0, 999999999999999, 6};
    struct queue_record_size again = {0};
    char text[QUEUE_RECORD_SIZE_BYTES + 1];

    (void)state;
    queue_record_size_write(&size, text);
    assert_string_equal(text, "              1              22               3"
                              "               0 999999999999999               6");
    assert_int_equal(queue_record_size_parse(test_page(str_from(text)), &again), 0);
    assert_int_equal(again.content_offset, 22);
    assert_int_equal(again.message_bytes, 999999999999999);
    assert_int_equal(again.send_options, 6);
    assert_int_equal(queue_record_size_parse(STR("1 2 3 4"), &again), 0);
    assert_int_equal(queue_record_size_parse(STR("1 2 3"), &again), -ERR_CORRUPT);
    assert_int_equal(queue_record_size_parse(STR("1 2 3 4 5 6 7"), &again), -ERR_CORRUPT);
    assert_int_equal(queue_record_size_parse(STR("1 2 -3 4"), &again), -ERR_CORRUPT);
    assert_int_equal(queue_record_size_parse(STR("1 2 1000000000000000 4"), &again), -ERR_CORRUPT);
}

static void test_time_data(void **state)
{
    char text[QUEUE_RECORD_TIME_SIZE];
    int64_t wall_ns = 0;

    (void)state;
    queue_record_time_write(1700000000012345678, text);
    assert_string_equal(text, "1700000000 12345");
    assert_int_equal(queue_record_time_parse(test_page(str_from(text)), &wall_ns), 0);
    assert_true(wall_ns == 1700000000012345000);
    assert_int_equal(queue_record_time_parse(STR("1700000000"), &wall_ns), 0);
    assert_true(wall_ns == 1700000000000000000);
    assert_int_equal(queue_record_time_parse(STR(""), &wall_ns), -ERR_CORRUPT);
    assert_int_equal(queue_record_time_parse(STR("1 1000000"), &wall_ns), -ERR_CORRUPT);
    assert_int_equal(queue_record_time_parse(STR("99999999999"), &wall_ns), -ERR_CORRUPT);
}

static void test_attribute_data(void **state)
{
    struct str name;
    struct str value;

    (void)state;
    assert_true(queue_record_attribute(test_page(STR("name=a=b")), &name, &value));
    assert_true(str_equal(name, STR("name")));
    assert_true(str_equal(value, STR("a=b")));
    assert_false(queue_record_attribute(STR("=b"), &name, &value));
    assert_false(queue_record_attribute(STR("name"), &name, &value));
}

static void test_warn_time_has_a_fixed_width(void **state)
{
    char text[QUEUE_RECORD_WARN_BYTES + 1];

    (void)state;
    queue_record_warn_write(1700000000, text);
    assert_string_equal(text, "     1700000000");
    queue_record_warn_write(-1, text);
    assert_string_equal(text, "             -1");
}

static void test_attributes_that_stand_for_records(void **state)
{
    struct queue_record named = {QUEUE_RECORD_ATTRIBUTE, STR_INIT("notify_flags=12")};
    struct queue_record other = {QUEUE_RECORD_ATTRIBUTE, STR_INIT("log_helo_name=x")};

    (void)state;
    assert_string_equal(queue_record_attribute_name(QUEUE_RECORD_DSN_NOTIFY), "notify_flags");
    assert_null(queue_record_attribute_name(QUEUE_RECORD_SENDER));
    queue_record_resolve(&named);
    assert_int_equal(named.type, QUEUE_RECORD_DSN_NOTIFY);
    assert_true(str_equal(named.data, STR("12")));
    queue_record_resolve(&other);
    assert_int_equal(other.type, QUEUE_RECORD_ATTRIBUTE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_records_round_trip),
        cmocka_unit_test(test_lengths),
        cmocka_unit_test(test_sequence),
        cmocka_unit_test(test_smtputf8_is_needed_where_it_was_requested),
        cmocka_unit_test(test_size_data),
        cmocka_unit_test(test_time_data),
        cmocka_unit_test(test_attribute_data),
        cmocka_unit_test(test_warn_time_has_a_fixed_width),
        cmocka_unit_test(test_attributes_that_stand_for_records),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
