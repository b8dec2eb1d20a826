// SPDX-License-Identifier: ISC
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/err.h"
#include "proto/header_recipients.h"

struct header_case {
    const char *message;
    const char *list;
    int error;
};

static const struct header_case cases[] = {
    {"To: bob@far.test\nSubject: x\n\nTo: body@far.test\n", "bob@far.test\n", 0},
    {"to: Bob <bob@far.test>,\n  \"C D\" <cd@far.test>\nCC: e@f\nbcc: g\n",
     "bob@far.test\ncd@far.test\ne@f\ng\n", 0},
    {"To: a@b\nResent-To: c@d\nCc: e@f\nResent-Bcc: g@h\n", "c@d\ng@h\n", 0},
    {"To: a@b\nResent-From: c@d\n", "a@b\n", 0},
    {"To: undisclosed-recipients:;\nBcc: a@b\n", "a@b\n", 0},
    {"To:\nCc: a@b", "a@b\n", 0},
    {"no header\nTo: a@b\n", "", 0},
    {"", "", 0},
    {"To: a b <c@d, e@f\nCc: \"g\" h@i\n", "a b <c@d\ne@f\n\"g\" h@i\n", 0},
    {"To: (((((((((((((((((((((((((((((((((((((((((((((((((((a@b\n", "", -ERR_LIMIT},
};

/* In lines, or with each line cut in two. */
static void read_message(struct header_recipients *recipients, struct str message, bool in_parts)
{
    struct str line;
    while (message.size > 0 && str_next(&message, '\n', &line)) {
        size_t cut = in_parts ? line.size / 2 : 0;
        if (cut > 0) {
            header_recipients_line(recipients, str_first(line, cut), false);
        }
        header_recipients_line(recipients, str_skip(line, cut), true);
    }
}

static void assert_case(const struct header_case *c, bool in_parts)
{
    struct mem *mem = mem_create(0, NULL, NULL);
    struct header_recipients recipients;
    struct str list;
    header_recipients_init(&recipients, mem);
    read_message(&recipients, str_from(c->message), in_parts);
    assert_int_equal(header_recipients_end(&recipients, &list), c->error);
    if (c->error == 0) {
        assert_true(str_equal(list, str_from(c->list)));
    }
    header_recipients_done(&recipients);
    mem_destroy(mem);
}

static void test_recipients_of_the_header(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_case(&cases[i], false);
    }
}

static void test_lines_may_come_in_parts(void **state)
{
    static const struct header_case c = {"To: bob@far.test,\n carl@far.test\n\nTo: x@y\n",
                                         "bob@far.test\ncarl@far.test\n", 0};
    (void)state;
    assert_case(&c, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_recipients_of_the_header),
        cmocka_unit_test(test_lines_may_come_in_parts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
