// SPDX-License-Identifier: ISC
/* Parameters of MAIL and RCPT need an offer on the same connection. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "check/offers.h"

#define PEER STR("mx.far.test")

struct fixture {
    struct mem *mem;
    struct failures failures;
    struct offers offers;
};

static void set_up(struct fixture *f)
{
    f->mem = mem_create(0, NULL, NULL);
    failure_init(&f->failures, f->mem);
    offers_init(&f->offers, f->mem, &f->failures);
}

static void tear_down(struct fixture *f)
{
    offers_done(&f->offers);
    failure_done(&f->failures);
    mem_destroy(f->mem);
}

/* How many parameters of the command were not offered in the reply to EHLO. */
static int count_wrong(const char *reply, const char *command)
{
    struct fixture f;
    set_up(&f);
    offers_command(&f.offers, PEER, 1, STR("EHLO mx.our.test"));
    offers_reply(&f.offers, PEER, 1, str_from(reply));
    offers_reply(&f.offers, PEER, 1, STR("250-2.1.0 Ok\r\n250 DSN"));
    offers_command(&f.offers, PEER, 1, str_from(command));
    int count = f.failures.count;
    tear_down(&f);
    return count;
}

static void test_what_is_offered_may_be_used(void **state)
{
    (void)state;
    assert_int_equal(count_wrong("250-mx.far.test\r\n250-SIZE 1000\r\n250 smtputf8",
                                 "MAIL FROM:<a@our.test> SIZE=9 SMTPUTF8"),
                     0);
    assert_int_equal(count_wrong("250-mx.far.test\r\n250 DSN",
                                 "RCPT TO:<b@far.test> NOTIFY=NEVER ORCPT=rfc822;b@far.test"),
                     0);
    assert_int_equal(count_wrong("250 mx.far.test", "MAIL FROM:<\"> SIZE=9\"@our.test>"), 0);
}

static void test_what_is_not_offered_may_not(void **state)
{
    (void)state;
    assert_int_equal(count_wrong("250-mx.far.test\r\n250 SIZE",
                                 "MAIL FROM:<a@our.test> SIZE=9 SMTPUTF8 RET=HDRS"),
                     2);
    assert_int_equal(count_wrong("550 SIZE", "MAIL FROM:<a@our.test> SIZE=9"), 1);
    assert_int_equal(count_wrong("25", "RCPT TO:<b@far.test> NOTIFY=NEVER"), 1);
}

static void test_an_offer_holds_for_its_connection(void **state)
{
    (void)state;
    struct fixture f;
    set_up(&f);
    offers_command(&f.offers, PEER, 1, STR("EHLO mx.our.test"));
    offers_reply(&f.offers, PEER, 1, STR("250-mx.far.test\r\n250 SIZE"));
    offers_command(&f.offers, PEER, 2, STR("MAIL FROM:<a@our.test> SIZE=9"));
    assert_int_equal(f.failures.count, 1);
    offers_command(&f.offers, PEER, 1, STR("HELO mx.our.test"));
    offers_command(&f.offers, PEER, 1, STR("MAIL FROM:<a@our.test> SIZE=9"));
    assert_int_equal(f.failures.count, 2);
    tear_down(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_offered_may_be_used),
        cmocka_unit_test(test_what_is_not_offered_may_not),
        cmocka_unit_test(test_an_offer_holds_for_its_connection),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
