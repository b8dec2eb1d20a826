// SPDX-License-Identifier: ISC
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/err.h"
#include "proto/address.h"
#include "proto/maildrop.h"

/* A record as "S a@our.test": its type, a space, its data. */
static int check(struct maildrop *maildrop, const char *text)
{
    const struct queue_record record = {.type = text[0],
                                        .data = text[1] == '\0' ? STR("") : str_from(text + 2)};
    return maildrop_check(maildrop, &record);
}

/* Takes records up to a NULL; the error of the first that is refused. */
static int check_all(struct maildrop *maildrop, const char *const *records)
{
    maildrop_init(maildrop);
    for (int i = 0; records[i] != NULL; i++) {
        int error = check(maildrop, records[i]);
        if (error != 0) {
            assert_null(records[i + 1]);
            assert_non_null(maildrop->why);
            return error;
        }
    }
    return 0;
}

static void test_a_users_message_is_taken(void **state)
{
    static const char *const records[] = {
        "C",
        "F Alice",
        "S alice@our.test",
        "i an id",
        "< 1",
        "n 3",
        "R bob@far.test",
        "A encoding=8bit",
        "V +=",
        "M",
        "N Subject: hi",
        "L half a ",
        "N line",
        "X",
        "R carol@far.test",
        "A encoding=7bit",
        "A smtputf8=1",
        "E",
        NULL,
    };
    struct maildrop maildrop;

    (void)state;
    assert_int_equal(check_all(&maildrop, records), 0);
    assert_int_equal(maildrop.segment, QUEUE_SEGMENT_ENDED);
    assert_int_equal(maildrop.recipient_count, 2);
    assert_int_equal(maildrop.message_bytes, strlen("Subject: hi\nhalf a line\n"));
}

static void test_the_null_sender_is_a_sender(void **state)
{
    static const char *const records[] = {"S", "R bob@far.test", "M", "X", "E", NULL};
    struct maildrop maildrop;

    (void)state;
    assert_int_equal(check_all(&maildrop, records), 0);
}

/* Each in the envelope, behind a sender. */
static void test_what_the_mail_system_says_of_its_own_mail_is_refused(void **state)
{
    static const char *const records[] = {
        "T 1795493388 0",
        "c 1795493388",
        "I smtp:x",
        "L smtp:x",
        "o rfc822;b@far.test",
        "A smtputf8=3",
        "O b@far.test",
        "D bob@far.test",
        "/ b",
        "> b@x",
        "W 000000000000001",
        "K x",
        "r b",
        "e b",
        "P 1",
        "f 1",
        "d 1",
        "m 0",
        "w ",
        "p 000000000000000",
        "A create_time=1",
        "A sasl_username=root",
        "A encoding",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(records) / sizeof(records[0]); i++) {
        const char *const text[] = {"S a@our.test", records[i], NULL};
        struct maildrop maildrop;
        assert_int_equal(check_all(&maildrop, text), -ERR_NOT_PERMITTED);
    }
}

static void test_what_is_no_message_is_refused(void **state)
{
    static const char *const files[][6] = {
        {"? unknown", NULL},
        {"N no content yet", NULL},
        {"S a@our.test", "E", NULL},
        {"R bob@far.test", NULL},
        {"S a@our.test", "S b@our.test", NULL},
        {"S a@our.test\n", NULL},
        {"S a@our.test", "R", NULL},
        {"S a@our.test", "R b\x7f", NULL},
        {"S a@our.test", "n 16", NULL},
        {"S a@our.test", "n never", NULL},
        {"S a@our.test", "< 3", NULL},
        {"S a@our.test", "V +", NULL},
        {"F A\x01", NULL},
        {"S a@our.test", "M", "S a@our.test", NULL},
        {"S a@our.test", "M", "X", "E", NULL},
        {"S a@our.test", "M", "X", "N late", NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        struct maildrop maildrop;
        assert_int_equal(check_all(&maildrop, files[i]), -ERR_CORRUPT);
    }
}

static void test_nothing_follows_the_end(void **state)
{
    static const char *const records[] = {"S", "R b@far.test", "M", "X", "E", "E", NULL};
    struct maildrop maildrop;

    (void)state;
    assert_int_equal(check_all(&maildrop, records), -ERR_CORRUPT);
}

static void test_addresses_have_a_limit(void **state)
{
    char text[2 + ADDRESS_BYTES_MAX + 2];
    struct maildrop maildrop;

    (void)state;
    memset(text, 'a', sizeof(text));
    memcpy(text, "S ", 2);
    text[2 + ADDRESS_BYTES_MAX] = '\0';
    maildrop_init(&maildrop);
    assert_int_equal(check(&maildrop, text), 0);
    text[2 + ADDRESS_BYTES_MAX] = 'a';
    text[2 + ADDRESS_BYTES_MAX + 1] = '\0';
    maildrop_init(&maildrop);
    assert_int_equal(check(&maildrop, text), -ERR_CORRUPT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_users_message_is_taken),
        cmocka_unit_test(test_the_null_sender_is_a_sender),
        cmocka_unit_test(test_what_the_mail_system_says_of_its_own_mail_is_refused),
        cmocka_unit_test(test_what_is_no_message_is_refused),
        cmocka_unit_test(test_nothing_follows_the_end),
        cmocka_unit_test(test_addresses_have_a_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
