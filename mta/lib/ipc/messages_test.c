// SPDX-License-Identifier: ISC
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "ipc/messages.h"

static struct mem *mem;
static struct buf wire;

static int set_up(void **state)
{
    (void)state;
    mem = mem_create(0, NULL, NULL);
    buf_init(&wire, mem, IPC_MESSAGE_MAX);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    buf_done(&wire);
    assert_int_equal(mem_count(mem), 0);
    mem_destroy(mem);
    return 0;
}

static const struct ipc_rewrite_reply reply = {.status = 1, .address = STR_INIT("a@b.test")};
static const char reply_wire[] = "status\0001\0address\0a@b.test\0";

static enum parse parse_reply(struct str bytes)
{
    struct ipc_rewrite_reply parsed;
    size_t used_bytes;
    return ipc_rewrite_reply_parse(bytes, &parsed, &used_bytes);
}

static void test_a_message_is_names_and_values_in_order(void **state)
{
    (void)state;
    assert_int_equal(ipc_rewrite_reply_write(&wire, &reply), 0);
    assert_int_equal(wire.size, sizeof(reply_wire));
    assert_memory_equal(wire.data, reply_wire, sizeof(reply_wire));
}

static void test_parse_gives_back_what_was_written(void **state)
{
    (void)state;
    struct ipc_rewrite_reply parsed;
    size_t used_bytes;
    assert_int_equal(ipc_rewrite_reply_write(&wire, &reply), 0);
    buf_put_text(&wire, "next");
    assert_int_equal(ipc_rewrite_reply_parse(buf_str(&wire), &parsed, &used_bytes), PARSE_OK);
    assert_int_equal(used_bytes, wire.size - 4);
    assert_int_equal(parsed.status, 1);
    assert_true(str_equal(parsed.address, reply.address));
}

static void test_every_beginning_asks_for_more(void **state)
{
    (void)state;
    for (size_t size = 0; size < sizeof(reply_wire); size++) {
        assert_int_equal(parse_reply(str_of(reply_wire, size)), PARSE_MORE);
    }
    assert_int_equal(parse_reply(str_of(reply_wire, sizeof(reply_wire))), PARSE_OK);
}

static void test_anything_undeclared_is_bad(void **state)
{
    (void)state;
    static const struct str bad[] = {
        STR_INIT("address\0a@b.test\0\0"),                            /* status is missing */
        STR_INIT("status\0001\0status\0001\0address\0a\0\0"),         /* repeated */
        STR_INIT("status\0001\0address\0a\0more\0x\0\0"),             /* unknown */
        STR_INIT("address\0a\0status\0001\0\0"),                      /* misplaced */
        STR_INIT("status\0002\0address\0a\0\0"),                      /* out of range */
        STR_INIT("status\0one\0address\0a\0\0"),                      /* no number */
        STR_INIT("status\0000000000000000000000001\0address\0a\0\0"), /* over-long */
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(parse_reply(bad[i]), PARSE_BAD);
    }
}

static void test_fields_beyond_their_limits_are_not_written(void **state)
{
    (void)state;
    char *long_text = mem_alloc(mem, IPC_REASON_MAX + 10);
    memset(long_text, 'x', IPC_REASON_MAX + 10);
    struct ipc_rewrite_reply bad = {.status = 2};
    assert_int_equal(ipc_rewrite_reply_write(&wire, &bad), -ERR_INVALID);
    bad.status = 0;
    bad.address = str_of(long_text, IPC_ADDRESS_MAX + 1);
    assert_int_equal(ipc_rewrite_reply_write(&wire, &bad), -ERR_INVALID);
    assert_int_equal(wire.size, 0);
    mem_free(mem, long_text);
}

static void test_reasons_are_cut(void **state)
{
    (void)state;
    char *long_text = mem_alloc(mem, IPC_REASON_MAX + 10);
    memset(long_text, 'x', IPC_REASON_MAX + 10);
    struct ipc_cleanup_reply cleanup = {.reason = str_of(long_text, IPC_REASON_MAX + 10)};
    size_t used_bytes;
    assert_int_equal(ipc_cleanup_reply_write(&wire, &cleanup), 0);
    assert_int_equal(ipc_cleanup_reply_parse(buf_str(&wire), &cleanup, &used_bytes), PARSE_OK);
    assert_int_equal(cleanup.reason.size, IPC_REASON_MAX);
    mem_free(mem, long_text);
}

static void test_request_kinds_differ(void **state)
{
    (void)state;
    struct ipc_rewrite_request rewrite = {.rule = STR("local"), .address = STR("a")};
    struct ipc_resolve_request resolve;
    size_t used_bytes;
    assert_int_equal(ipc_rewrite_request_write(&wire, &rewrite), 0);
    assert_int_equal(ipc_resolve_request_parse(buf_str(&wire), &resolve, &used_bytes), PARSE_BAD);
    assert_int_equal(ipc_rewrite_request_parse(buf_str(&wire), &rewrite, &used_bytes), PARSE_OK);
}

static void test_parts_have_no_end_of_their_own(void **state)
{
    (void)state;
    struct ipc_showq_recipient recipient = {
        .original_recipient = STR("a"),
        .recipient = STR("b"),
        .log_class = STR("defer"),
        .reason = STR("why"),
    };
    static const char expected[] = "original_recipient\0a\0recipient\0b\0log_class\0defer\0"
                                   "reason\0why";
    size_t used_bytes;
    assert_int_equal(ipc_showq_recipient_write(&wire, &recipient), 0);
    assert_int_equal(wire.size, sizeof(expected));
    assert_memory_equal(wire.data, expected, sizeof(expected));
    assert_int_equal(ipc_showq_recipient_parse(buf_str(&wire), &recipient, &used_bytes), PARSE_OK);
    assert_int_equal(used_bytes, wire.size);
}

static void test_the_largest_message_fits(void **state)
{
    (void)state;
    char *text = mem_alloc(mem, IPC_REASON_MAX);
    memset(text, 'x', IPC_REASON_MAX);
    struct str name = str_of(text, IPC_NAME_MAX);
    struct str address = str_of(text, IPC_ADDRESS_MAX);
    struct str reason = str_of(text, IPC_REASON_MAX);
    struct ipc_bounce_append_request request = {
        .queue_id = name,
        .original_recipient = address,
        .recipient = address,
        .offset = INT64_MAX,
        .dsn_orig_rcpt = address,
        .dsn_status = name,
        .dsn_action = name,
        .diag_type = name,
        .diag_text = reason,
        .mta_type = name,
        .mta_mname = address,
        .reason = reason,
    };
    assert_int_equal(ipc_bounce_append_request_write(&wire, &request), 0);
    struct ipc_deliver_request deliver = {
        .queue_name = name,
        .queue_id = name,
        .nexthop = reason,
        .encoding = name,
        .sender = address,
        .envelope_id = address,
        .log_client_name = address,
        .log_client_address = name,
        .log_protocol_name = name,
        .log_helo_name = address,
        .recipient_count = 1,
    };
    buf_clear(&wire);
    assert_int_equal(ipc_deliver_request_write(&wire, &deliver), 0);
    mem_free(mem, text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_message_is_names_and_values_in_order, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_parse_gives_back_what_was_written, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_every_beginning_asks_for_more, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_anything_undeclared_is_bad, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_fields_beyond_their_limits_are_not_written, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_reasons_are_cut, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_request_kinds_differ, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_parts_have_no_end_of_their_own, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_the_largest_message_fits, set_up, tear_down),
    };
    return cmocka_run_group_tests_name("messages", tests, NULL, NULL);
}
