// SPDX-License-Identifier: ISC
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mail/cleanup_status.h"
#include "mail/received.h"

static const struct received sample = {
    .helo = STR_INIT("client.example"),
    .client_name = STR_INIT("host.example"),
    .client_address = STR_INIT("192.0.2.7"),
    .host_name = STR_INIT("mx.our.example"),
    .mail_name = STR_INIT("Postilion"),
    .protocol = STR_INIT("ESMTP"),
    .queue_id = STR_INIT("4jYTq02Vy6z1bY8l"),
    .recipient = STR_INIT("bob@far.example"),
    .wall_s = 1795493388,
};

static void assert_written(const struct received *received, const char *expected)
{
    struct mem *mem = mem_create(0, NULL, NULL);
    struct buf text;
    buf_init(&text, mem, 4096);
    received_write(&text, received);
    assert_string_equal(buf_text(&text), expected);
    mem_destroy(mem);
}

static void test_one_recipient_is_shown(void **state)
{
    (void)state;
    assert_written(&sample, "Received: from client.example (host.example [192.0.2.7])\n"
                            "\tby mx.our.example (Postilion) with ESMTP id 4jYTq02Vy6z1bY8l\n"
                            "\tfor <bob@far.example>; Tue, 24 Nov 2026 04:09:48 +0000 (UTC)\n");
}

static void test_several_recipients_are_not_shown(void **state)
{
    (void)state;
    struct received several = sample;
    several.recipient = STR("");
    several.utc_offset_s = 3600;
    assert_written(&several, "Received: from client.example (host.example [192.0.2.7])\n"
                             "\tby mx.our.example (Postilion) with ESMTP id 4jYTq02Vy6z1bY8l;\n"
                             "\tTue, 24 Nov 2026 05:09:48 +0100\n");
}

static void test_mail_made_here_has_no_from_clause(void **state)
{
    (void)state;
    struct received made_here = sample;
    made_here.client_address = STR("");
    made_here.protocol = STR("");
    made_here.recipient = STR("");
    assert_written(&made_here, "Received: by mx.our.example (Postilion) id 4jYTq02Vy6z1bY8l;\n"
                               "\tTue, 24 Nov 2026 04:09:48 +0000 (UTC)\n");
}

static void test_submitted_mail_names_the_user(void **state)
{
    (void)state;
    struct received submitted = sample;
    submitted.client_address = STR("");
    submitted.protocol = STR("");
    submitted.recipient = STR("");
    submitted.is_submitted = true;
    submitted.uid = 1000;
    assert_written(
        &submitted,
        "Received: by mx.our.example (Postilion, from userid 1000) id 4jYTq02Vy6z1bY8l;\n"
        "\tTue, 24 Nov 2026 04:09:48 +0000 (UTC)\n");
}

static void test_foreign_text_stays_in_its_place(void **state)
{
    (void)state;
    struct received hostile = sample;
    hostile.helo = STR("x\nEvil: (1)");
    assert_written(&hostile, "Received: from x?Evil: ?1? (host.example [192.0.2.7])\n"
                             "\tby mx.our.example (Postilion) with ESMTP id 4jYTq02Vy6z1bY8l\n"
                             "\tfor <bob@far.example>; Tue, 24 Nov 2026 04:09:48 +0000 (UTC)\n");
}

static void test_first_problem_decides_the_reply(void **state)
{
    (void)state;
    assert_int_equal(cleanup_status_outcome(CLEANUP_SPACE | CLEANUP_SIZE).code, 452);
    assert_int_equal(cleanup_status_outcome(CLEANUP_SIZE | CLEANUP_HOPS).code, 552);
    assert_int_equal(cleanup_status_outcome(CLEANUP_HOPS).code, 554);
    assert_int_equal(cleanup_status_outcome(1 << 30).code, 451);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_recipient_is_shown),
        cmocka_unit_test(test_several_recipients_are_not_shown),
        cmocka_unit_test(test_mail_made_here_has_no_from_clause),
        cmocka_unit_test(test_submitted_mail_names_the_user),
        cmocka_unit_test(test_foreign_text_stays_in_its_place),
        cmocka_unit_test(test_first_problem_decides_the_reply),
    };
    return cmocka_run_group_tests_name("received", tests, NULL, NULL);
}
