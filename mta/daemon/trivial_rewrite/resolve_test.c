// SPDX-License-Identifier: ISC
/* Expected answers are those of a Postfix 3.7 with the same main.cf, but for domains that cannot
 * exist. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "os/os.h"
#include "sys/fs.h"
#include "sys/process.h"
#include "trivial_rewrite/resolve.h"

#define COMMON                               \
    "myhostname = mx.our.test\n"             \
    "myorigin = origin.test\n"               \
    "compatibility_level = 3.6\n"            \
    "mydestination = local.test\n"           \
    "inet_interfaces = 127.0.0.1\n"          \
    "proxy_interfaces = 198.51.100.7\n"      \
    "virtual_alias_domains = alias.test\n"   \
    "virtual_mailbox_domains = vmail.test\n" \
    "relay_domains = relay.test\n"           \
    "recipient_delimiter = +\n"

struct fixture {
    struct sys *sys;
    char directory[SYS_PATH_MAX];
    struct log log;
    struct conf *conf;
    struct resolver resolver;
    struct arena arena;
};

/* sender, recipient; class, transport, next hop and recipient of the answer */
struct row {
    const char *sender;
    const char *recipient;
    enum ipc_address_class address_class;
    const char *transport;
    const char *nexthop;
    const char *resolved;
};

static void write_main_cf(struct fixture *fixture, const char *text)
{
    char path[2 * SYS_PATH_MAX];
    (void)snprintf(path, sizeof(path), "%s/main.cf", fixture->directory);
    int fd = sys_open(fixture->sys, SYS_HERE, path,
                      SYS_OPEN_WRITE | SYS_OPEN_CREATE | SYS_OPEN_TRUNCATE, 0600);
    assert_true(fd >= 0);
    assert_int_equal(sys_pwrite(fixture->sys, fd, text, strlen(text), 0), strlen(text));
    sys_close(fixture->sys, fd);
}

static void open_resolver(struct fixture *fixture, const char *main_cf)
{
    struct buf problems;
    buf_init(&problems, sys_mem(fixture->sys), CONF_PROBLEMS_BYTES_MAX);
    write_main_cf(fixture, main_cf);
    int error = conf_load(fixture->sys, fixture->directory, NULL, 0, &problems, &fixture->conf);
    assert_string_equal(buf_text(&problems), "");
    assert_int_equal(error, 0);
    buf_done(&problems);
    log_open(&fixture->log, fixture->sys, STR("postfix"), "trivial-rewrite");
    error = resolve_open(&fixture->resolver, fixture->sys, fixture->conf, &fixture->log);
    assert_int_equal(error, 0);
    arena_init(&fixture->arena, sys_mem(fixture->sys), 1 << 20);
}

static void close_resolver(struct fixture *fixture)
{
    resolve_close(&fixture->resolver);
    conf_free(fixture->conf);
    arena_done(&fixture->arena);
}

static void assert_text(struct str text, const char *expected)
{
    char copy[500];
    (void)snprintf(copy, sizeof(copy), "%.*s", STR_ARG(text));
    assert_string_equal(copy, expected);
}

static void assert_rows(struct fixture *fixture, const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct ipc_resolve_reply reply;
        resolve_recipient(&fixture->resolver, &fixture->arena, str_from(rows[i].sender),
                          str_from(rows[i].recipient), &reply);
        assert_int_equal(reply.status, IPC_OK);
        assert_text(reply.recipient, rows[i].resolved);
        assert_text(reply.transport, rows[i].transport);
        assert_text(reply.nexthop, rows[i].nexthop);
        assert_int_equal(reply.address_class, rows[i].address_class);
    }
}

#define ROWS(rows) rows, sizeof(rows) / sizeof((rows)[0])

static void test_the_domain_decides_the_class(void **state)
{
    static const struct row rows[] = {
        {"", "u@far.test", IPC_CLASS_DEFAULT, "smtp", "far.test", "u@far.test"},
        {"", "u@LOCAL.test", IPC_CLASS_LOCAL, "local", "mx.our.test", "u@LOCAL.test"},
        {"", "u@local.test.", IPC_CLASS_LOCAL, "local", "mx.our.test", "u@local.test"},
        {"", "u@sub.local.test", IPC_CLASS_DEFAULT, "smtp", "sub.local.test", "u@sub.local.test"},
        {"", "u@alias.test", IPC_CLASS_VIRTUAL_ALIAS, "error",
         "5.1.1 User unknown in virtual alias table", "u@alias.test"},
        {"", "u@vmail.test", IPC_CLASS_VIRTUAL_MAILBOX, "virtual", "vmail.test", "u@vmail.test"},
        {"", "u@relay.test", IPC_CLASS_RELAY, "relay", "relay.test", "u@relay.test"},
        {"", "u@sub.relay.test", IPC_CLASS_RELAY, "relay", "sub.relay.test", "u@sub.relay.test"},
        {"", "u@[127.0.0.1]", IPC_CLASS_LOCAL, "local", "mx.our.test", "u@[127.0.0.1]"},
        {"", "u@[198.51.100.7]", IPC_CLASS_LOCAL, "local", "mx.our.test", "u@[198.51.100.7]"},
        {"", "u@[192.0.2.9]", IPC_CLASS_DEFAULT, "smtp", "[192.0.2.9]", "u@[192.0.2.9]"},
        {"", "u", IPC_CLASS_DEFAULT, "smtp", "mx.our.test", "u@mx.our.test"},
        {"", "", IPC_CLASS_DEFAULT, "smtp", "mx.our.test", "MAILER-DAEMON@mx.our.test"},
        {"", "@local.test", IPC_CLASS_LOCAL, "local", "mx.our.test", "MAILER-DAEMON@local.test"},
    };
    struct fixture *fixture = *state;
    open_resolver(fixture, COMMON);
    assert_rows(fixture, ROWS(rows));
    close_resolver(fixture);
}

static void test_a_route_through_us_is_followed_and_through_others_is_told(void **state)
{
    static const struct row rows[] = {
        {"", "u%far.test", IPC_CLASS_DEFAULT, "smtp", "far.test", "u@far.test"},
        {"", "u%far.test@local.test", IPC_CLASS_DEFAULT, "smtp", "far.test", "u@far.test"},
        {"", "far.test!u@local.test", IPC_CLASS_DEFAULT, "smtp", "far.test", "u@far.test"},
        {"", "a@b@local.test", IPC_CLASS_DEFAULT, "smtp", "b", "a@b"},
        {"", "u%x@relay.test", IPC_CLASS_RELAY, "relay", "relay.test", "u%x@relay.test"},
    };
    struct fixture *fixture = *state;
    struct ipc_resolve_reply reply;
    open_resolver(fixture, COMMON);
    assert_rows(fixture, ROWS(rows));
    resolve_recipient(&fixture->resolver, &fixture->arena, STR(""), STR("u%x@relay.test"), &reply);
    assert_int_equal(reply.flags, IPC_RESOLVE_ROUTED);
    resolve_recipient(&fixture->resolver, &fixture->arena, STR(""), STR("u@a..b"), &reply);
    assert_int_equal(reply.flags, IPC_RESOLVE_ERROR);
    assert_text(reply.transport, "error");
    close_resolver(fixture);
}

static void test_relayhost_and_default_transport_may_depend_on_the_sender(void **state)
{
    static const struct row rows[] = {
        {"x@s.test", "u@far.test", IPC_CLASS_DEFAULT, "smtp", "[gw.test]:587", "u@far.test"},
        {"x@s.test", "u@relay.test", IPC_CLASS_RELAY, "relay", "[gw.test]:587", "u@relay.test"},
        {"x@s.test", "u@vmail.test", IPC_CLASS_VIRTUAL_MAILBOX, "virtual", "vmail.test",
         "u@vmail.test"},
        {"One+x@S.test", "u@far.test", IPC_CLASS_DEFAULT, "slow", "[one.test]", "u@far.test"},
        {"x@two.test", "u@far.test", IPC_CLASS_DEFAULT, "slow", "nh.test", "u@far.test"},
        {"x@none.test", "u@far.test", IPC_CLASS_DEFAULT, "smtp", "[gw.test]:587", "u@far.test"},
        {"", "u@far.test", IPC_CLASS_DEFAULT, "smtp", "null.test", "u@far.test"},
    };
    struct fixture *fixture = *state;
    open_resolver(fixture, COMMON "relayhost = [gw.test]:587\n"
                                  "sender_dependent_relayhost_maps = inline:{\n"
                                  "  one@s.test=[one.test], @none.test=DUNNO, <>=null.test }\n"
                                  "sender_dependent_default_transport_maps = inline:{\n"
                                  "  one@s.test=slow:, @two.test=slow:nh.test }\n");
    assert_rows(fixture, ROWS(rows));
    close_resolver(fixture);
}

static void test_transport_maps_change_what_they_name(void **state)
{
    static const struct row rows[] = {
        {"", "u@far.test", IPC_CLASS_DEFAULT, "slow", "far.test", "u@far.test"},
        {"", "v@far.test", IPC_CLASS_DEFAULT, "slow", "nh.test", "v@far.test"},
        {"", "v+e@far.test", IPC_CLASS_DEFAULT, "ext", "far.test", "v+e@far.test"},
        {"", "w@far.test", IPC_CLASS_DEFAULT, "smtp", "nh.test", "w@far.test"},
        {"", "x@far.test", IPC_CLASS_DEFAULT, "smtp", "[gw.test]:587", "x@far.test"},
        {"", "y@far.test", IPC_CLASS_DEFAULT, "dom", "far.test", "y@far.test"},
        {"", "y@a.b.far.test", IPC_CLASS_DEFAULT, "sub", "a.b.far.test", "y@a.b.far.test"},
        {"", "y@relay.test", IPC_CLASS_RELAY, "relay", "[rt]", "y@relay.test"},
        {"", "u@local.test", IPC_CLASS_LOCAL, "pipe", "local.test", "u@local.test"},
        {"", "z@vmail.test", IPC_CLASS_VIRTUAL_MAILBOX, "star", "vmail.test", "z@vmail.test"},
        {"", "z@err.test", IPC_CLASS_DEFAULT, "error", "5.7.1 no: really", "z@err.test"},
        {"", "z@ret.test", IPC_CLASS_DEFAULT, "retry", "Address is undeliverable", "z@ret.test"},
        {"", "c@alias.test", IPC_CLASS_VIRTUAL_ALIAS, "error",
         "5.1.1 User unknown in virtual alias table", "c@alias.test"},
    };
    struct fixture *fixture = *state;
    open_resolver(fixture,
                  COMMON "relayhost = [gw.test]:587\n"
                         "transport_maps = inline:{\n"
                         "  u@far.test=slow:, v@far.test=slow:nh.test, v+e@far.test=ext:,\n"
                         "  w@far.test=:nh.test, x@far.test=:, far.test=dom:,\n"
                         "  .far.test=sub:, relay.test=:[rt], u@local.test=pipe:,\n"
                         "  {err.test=error:5.7.1 no: really}, ret.test=retry:, *=star: }\n");
    assert_rows(fixture, ROWS(rows));
    close_resolver(fixture);
}

static void test_a_user_who_moved_is_an_error_with_the_new_address(void **state)
{
    static const struct row rows[] = {
        {"", "r+x@far.test", IPC_CLASS_DEFAULT, "error", "5.1.6 User has moved to new@new.test",
         "r+x@far.test"},
        {"", "lu@local.test", IPC_CLASS_LOCAL, "error", "5.1.6 User has moved to who@w",
         "lu@local.test"},
        {"", "lu@origin.test", IPC_CLASS_DEFAULT, "error", "5.1.6 User has moved to who@w",
         "lu@origin.test"},
        {"", "lu@far.test", IPC_CLASS_DEFAULT, "smtp", "far.test", "lu@far.test"},
    };
    struct fixture *fixture = *state;
    open_resolver(fixture,
                  COMMON "relocated_maps = inline:{ r@far.test=new@new.test, lu=who@w }\n");
    assert_rows(fixture, ROWS(rows));
    close_resolver(fixture);
}

static void test_a_table_without_answer_decides_nothing(void **state)
{
    struct fixture *fixture = *state;
    struct ipc_resolve_reply reply;
    open_resolver(fixture, COMMON "transport_maps = texthash:/nosuch/file\n");
    resolve_recipient(&fixture->resolver, &fixture->arena, STR(""), STR("u@far.test"), &reply);
    assert_int_equal(reply.status, IPC_TRY_AGAIN);
    assert_true(str_starts_with(reply.reason, STR("transport_maps: ")));
    assert_int_equal(reply.transport.size, 0);
    close_resolver(fixture);
}

static int resolve_tests(struct sys *sys, int argc, char **argv)
{
    struct fixture fixture = {.sys = sys};
    void *state = &fixture;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate(test_the_domain_decides_the_class, state),
        cmocka_unit_test_prestate(test_a_route_through_us_is_followed_and_through_others_is_told,
                                  state),
        cmocka_unit_test_prestate(test_relayhost_and_default_transport_may_depend_on_the_sender,
                                  state),
        cmocka_unit_test_prestate(test_transport_maps_change_what_they_name, state),
        cmocka_unit_test_prestate(test_a_user_who_moved_is_an_error_with_the_new_address, state),
        cmocka_unit_test_prestate(test_a_table_without_answer_decides_nothing, state),
    };
    (void)argc;
    (void)argv;
    (void)snprintf(fixture.directory, sizeof(fixture.directory), "/tmp/resolve_test.%d",
                   sys_pid(sys));
    if (sys_mkdir(sys, SYS_HERE, fixture.directory, 0700) != 0) {
        return 1;
    }
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    char path[2 * SYS_PATH_MAX];
    (void)snprintf(path, sizeof(path), "%s/main.cf", fixture.directory);
    int error = sys_unlink(sys, SYS_HERE, path);
    if (error == 0) {
        error = sys_rmdir(sys, SYS_HERE, fixture.directory);
    }
    return failed != 0 || error != 0;
}

int main(int argc, char **argv)
{
    os_run(resolve_tests, argc, argv);
}
