// SPDX-License-Identifier: ISC
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "service/service_status.h"

static struct str bytes_of(const uint8_t *bytes, size_t size)
{
    return (struct str){(const char *)bytes, size};
}

static void test_a_report_survives_the_channel(void **state)
{
    struct service_status sent = {
        .generation = 0x89abcdef, .free_count = 0, .busy_count = 250, .retiring = true};
    struct service_status received = {0};
    uint8_t bytes[SERVICE_STATUS_BYTES];

    (void)state;
    service_status_write(&sent, bytes);
    assert_int_equal(service_status_parse(bytes_of(bytes, sizeof(bytes)), &received), PARSE_OK);
    assert_int_equal(received.generation, sent.generation);
    assert_int_equal(received.free_count, sent.free_count);
    assert_int_equal(received.busy_count, sent.busy_count);
    assert_true(received.retiring);
}

static void test_a_cut_report_waits_for_its_rest(void **state)
{
    struct service_status sent = {.generation = 1};
    struct service_status received;
    uint8_t bytes[SERVICE_STATUS_BYTES];

    (void)state;
    service_status_write(&sent, bytes);
    for (size_t size = 0; size < sizeof(bytes); size++) {
        assert_int_equal(service_status_parse(bytes_of(bytes, size), &received), PARSE_MORE);
    }
}

static void test_garbage_is_no_report(void **state)
{
    struct service_status received;
    uint8_t bytes[SERVICE_STATUS_BYTES];

    (void)state;
    for (size_t i = 0; i < sizeof(bytes); i++) {
        bytes[i] = 'x';
    }
    assert_int_equal(service_status_parse(bytes_of(bytes, sizeof(bytes)), &received), PARSE_BAD);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_report_survives_the_channel),
        cmocka_unit_test(test_a_cut_report_waits_for_its_rest),
        cmocka_unit_test(test_garbage_is_no_report),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
