// SPDX-License-Identifier: ISC
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "proto/dns_message.h"

#include "base/err.h"
#include "proto/test_page.h"

#define HEADER(answers) "\x12\x34\x81\x80\0\1\0" answers "\0\0\0\0"
#define QUESTION        "\1a\7example\0\0\17\0\1"
#define ANSWER_MX       "\xc0\x0c\0\17\0\1\0\0\0\74\0\7\0\12\2mx\xc0\x0c"

static void test_query_and_its_parts(void **state)
{
    struct mem *mem = mem_create(0, NULL, NULL);
    struct buf out;
    struct dns_message message;
    struct dns_record record;

    (void)state;
    buf_init(&out, mem, DNS_UDP_PLAIN_MAX);
    assert_int_equal(
        dns_message_write_query(&out, 77, STR("_25._tcp.a.example"), DNS_TYPE_TLSA, true), 0);
    assert_int_equal(dns_message_parse(test_page(buf_str(&out)), &message), 0);
    assert_int_equal(message.id, 77);
    assert_false(message.is_response);
    assert_true(message.recursion_desired && message.is_authentic);
    assert_string_equal(message.question_name, "_25._tcp.a.example");
    assert_int_equal(message.question_type, DNS_TYPE_TLSA);
    assert_int_equal(dns_message_next(&message, &record), 1);
    assert_int_equal(record.type, DNS_TYPE_OPT);
    assert_int_equal(record.opt_udp_bytes_max, DNS_UDP_OFFERED_MAX);
    assert_true(record.opt_dnssec_ok);
    assert_int_equal(dns_message_next(&message, &record), 0);
    mem_destroy(mem);
}

static void test_compressed_answer(void **state)
{
    struct dns_message message;
    struct dns_record record;

    (void)state;
    assert_int_equal(dns_message_parse(test_page(STR(HEADER("\1") QUESTION ANSWER_MX)), &message),
                     0);
    assert_true(message.is_response && message.recursion_available);
    assert_int_equal(message.rcode, DNS_RCODE_OK);
    assert_int_equal(dns_message_next(&message, &record), 1);
    assert_int_equal(record.section, DNS_SECTION_ANSWER);
    assert_string_equal(record.name, "a.example");
    assert_int_equal(record.ttl_s, 60);
    assert_int_equal(record.preference, 10);
    assert_string_equal(record.target, "mx.a.example");
    assert_false(dns_message_record_is_null_mx(&record));
    assert_int_equal(dns_message_next(&message, &record), 0);
}

struct bad_case {
    const char *what;
    struct str bytes;
};

static const struct bad_case bad_cases[] = {
    {"pointer to itself", STR_INIT(HEADER("\1") QUESTION "\xc0\x1b\0\1\0\1\0\0\0\0\0\4abcd")},
    {"pointer forward", STR_INIT(HEADER("\1") QUESTION "\xc0\xff\0\1\0\1\0\0\0\0\0\4abcd")},
    {"pointer into the header", STR_INIT(HEADER("\1") QUESTION "\xc0\0\0\1\0\1\0\0\0\0\0\4abcd")},
    {"label of unknown kind", STR_INIT(HEADER("\1") QUESTION "\x40\0\1\0\1\0\0\0\0\0\4abcd")},
    {"record cut off", STR_INIT(HEADER("\1") QUESTION "\xc0\x0c\0\1\0\1\0\0\0\0\0\4abc")},
    {"record missing", STR_INIT(HEADER("\1") QUESTION)},
    {"A of three bytes", STR_INIT(HEADER("\1") QUESTION "\xc0\x0c\0\1\0\1\0\0\0\0\0\3abc")},
    {"A of five bytes", STR_INIT(HEADER("\1") QUESTION "\xc0\x0c\0\1\0\1\0\0\0\0\0\5abcde")},
    {"name longer than its data",
     STR_INIT(HEADER("\1") QUESTION "\xc0\x0c\0\5\0\1\0\0\0\0\0\3\2bcd\0")},
    {"string longer than its data",
     STR_INIT(HEADER("\1") QUESTION "\xc0\x0c\0\20\0\1\0\0\0\0\0\2\2bcd")},
    {"TLSA without its head", STR_INIT(HEADER("\1") QUESTION "\xc0\x0c\0\64\0\1\0\0\0\0\0\2ab")},
};

static void test_bad_records_are_corrupt(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(bad_cases) / sizeof(bad_cases[0]); i++) {
        struct dns_message message;
        struct dns_record record;
        assert_int_equal(dns_message_parse(test_page(bad_cases[i].bytes), &message), 0);
        if (dns_message_next(&message, &record) != -ERR_CORRUPT) {
            fail_msg("%s", bad_cases[i].what);
        }
        assert_int_equal(dns_message_next(&message, &record), 0);
    }
}

static void test_every_shorter_message_is_corrupt(void **state)
{
    struct str whole = STR(HEADER("\1") QUESTION ANSWER_MX);

    (void)state;
    for (size_t size = 0; size < whole.size; size++) {
        struct dns_message message;
        struct dns_record record;
        struct str part = test_page(str_first(whole, size));
        int error = dns_message_parse(part, &message);
        if (error == 0) {
            error = dns_message_next(&message, &record);
        }
        assert_int_equal(error, -ERR_CORRUPT);
    }
}

static void test_questions_must_be_one(void **state)
{
    struct dns_message message;

    (void)state;
    assert_int_equal(dns_message_parse(STR("\0\0\0\0\0\0\0\0\0\0\0\0"), &message), -ERR_CORRUPT);
    assert_int_equal(dns_message_parse(STR("\0\0\0\0\0\2\0\0\0\0\0\0\0\0\1\0\1"), &message),
                     -ERR_CORRUPT);
    assert_int_equal(dns_message_parse(STR("\0\0\0\0\0\1\0\0\0\0\0\0\0\0\1\0\3"), &message),
                     -ERR_CORRUPT);
}

static const struct dns_record records[] = {
    {.type = DNS_TYPE_A, .name = "a.example", .ttl_s = 5, .ip = {192, 0, 2, 1}},
    {.type = DNS_TYPE_AAAA, .name = "other.example", .ip = {0x20, 1, 0xd, 0xb8}},
    {.type = DNS_TYPE_MX, .name = "a.example", .preference = 0, .target = ""},
    {.type = DNS_TYPE_CNAME, .name = "a.example", .target = "b.example"},
    {.type = DNS_TYPE_TXT, .name = "a.example", .data = STR_INIT("\3one\0\2tw")},
    {.type = DNS_TYPE_SRV,
     .name = "a.example",
     .preference = 1,
     .weight = 2,
     .port = 3,
     .target = "s.example"},
    {.type = DNS_TYPE_TLSA,
     .name = "a.example",
     .tlsa_usage = 3,
     .tlsa_selector = 1,
     .tlsa_matching_type = 1,
     .tlsa_data = STR_INIT("digest")},
    {.section = DNS_SECTION_AUTHORITY,
     .type = DNS_TYPE_SOA,
     .name = "example",
     .target = "ns.example",
     .soa_mailbox = "root.example",
     .soa_serial = 1,
     .soa_refresh_s = 2,
     .soa_retry_s = 3,
     .soa_expire_s = 4,
     .soa_minimum_s = 5},
    {.section = DNS_SECTION_ADDITIONAL, .type = DNS_TYPE_OPT, .opt_udp_bytes_max = 1232},
};
enum { RECORD_COUNT = sizeof(records) / sizeof(records[0]) };

static void write_response(struct buf *out)
{
    struct dns_message message = {.id = 1,
                                  .is_authoritative = true,
                                  .rcode = DNS_RCODE_OK,
                                  .question_type = DNS_TYPE_A,
                                  .question_name = "A.example"};

    dns_message_write_response(out, &message);
    for (size_t i = 0; i < RECORD_COUNT; i++) {
        assert_int_equal(dns_message_add(out, &records[i]), 0);
    }
}

static void test_what_is_written_is_read(void **state)
{
    struct mem *mem = mem_create(0, NULL, NULL);
    struct dns_message message;
    struct dns_record record;
    struct buf out;
    char text[8];

    (void)state;
    buf_init(&out, mem, DNS_MESSAGE_MAX);
    write_response(&out);
    assert_int_equal(dns_message_parse(test_page(buf_str(&out)), &message), 0);
    for (size_t i = 0; i < RECORD_COUNT; i++) {
        assert_int_equal(dns_message_next(&message, &record), 1);
        assert_int_equal(record.section, records[i].section);
        assert_int_equal(record.type, records[i].type);
        assert_true(dns_message_names_equal(str_from(record.name), str_from(records[i].name)));
        assert_string_equal(record.target, records[i].target);
        assert_string_equal(record.soa_mailbox, records[i].soa_mailbox);
        assert_memory_equal(record.ip, records[i].ip, 16);
        assert_int_equal(record.port, records[i].port);
        assert_int_equal(record.soa_minimum_s, records[i].soa_minimum_s);
        assert_true(str_equal(record.tlsa_data, records[i].tlsa_data));
        assert_int_equal(dns_message_record_is_null_mx(&record), record.type == DNS_TYPE_MX);
        if (record.type == DNS_TYPE_TXT) {
            assert_int_equal(dns_message_record_text(&record, text, sizeof(text)), 5);
            assert_memory_equal(text, "onetw", 5);
            assert_int_equal(dns_message_record_text(&record, text, 4), 4);
        }
    }
    assert_int_equal(dns_message_next(&message, &record), 0);
    mem_destroy(mem);
}

static void test_truncation_keeps_the_question(void **state)
{
    struct mem *mem = mem_create(0, NULL, NULL);
    struct dns_message message;
    struct dns_record record;
    struct buf out;

    (void)state;
    buf_init(&out, mem, DNS_MESSAGE_MAX);
    write_response(&out);
    dns_message_truncate(&out);
    assert_int_equal(dns_message_parse(test_page(buf_str(&out)), &message), 0);
    assert_true(message.is_truncated);
    assert_string_equal(message.question_name, "A.example");
    assert_int_equal(dns_message_next(&message, &record), 0);
    mem_destroy(mem);
}

static void test_strange_labels_are_shown_as_question_marks(void **state)
{
    struct dns_message message;

    (void)state;
    assert_int_equal(
        dns_message_parse(STR("\0\0\0\0\0\1\0\0\0\0\0\0\5a.b\\ \1\xff\0\0\1\0\1"), &message), 0);
    assert_string_equal(message.question_name, "a?b??.?");
}

static void test_names_have_limits(void **state)
{
    char label[65];
    char name[300];

    (void)state;
    memset(label, 'a', 64);
    memset(name, 'a', sizeof(name));
    for (size_t i = 49; i < sizeof(name); i += 50) {
        name[i] = '.';
    }
    assert_int_equal(dns_message_check_name(STR("")), 0);
    assert_int_equal(dns_message_check_name(STR("a.b")), 0);
    assert_int_equal(dns_message_check_name(str_of(label, 63)), 0);
    assert_int_equal(dns_message_check_name(str_of(label, 64)), -ERR_SYNTAX);
    assert_int_equal(dns_message_check_name(str_of(name, 253)), 0);
    assert_int_equal(dns_message_check_name(str_of(name, 254)), -ERR_SYNTAX);
    assert_int_equal(dns_message_check_name(STR("a..b")), -ERR_SYNTAX);
    assert_int_equal(dns_message_check_name(STR("a.")), -ERR_SYNTAX);
    assert_int_equal(dns_message_check_name(STR(".")), -ERR_SYNTAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_query_and_its_parts),
        cmocka_unit_test(test_compressed_answer),
        cmocka_unit_test(test_bad_records_are_corrupt),
        cmocka_unit_test(test_every_shorter_message_is_corrupt),
        cmocka_unit_test(test_questions_must_be_one),
        cmocka_unit_test(test_what_is_written_is_read),
        cmocka_unit_test(test_truncation_keeps_the_question),
        cmocka_unit_test(test_strange_labels_are_shown_as_question_marks),
        cmocka_unit_test(test_names_have_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
