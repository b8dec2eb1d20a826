// SPDX-License-Identifier: ISC
/* A client and a scripted server talk to each other in a simulated world. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "peer/peer_message.h"
#include "peer/peer_report.h"
#include "peer/peer_smtp.h"
#include "peer/peer_submit.h"
#include "world/disk.h"
#include "world/event.h"
#include "world/machine.h"
#include "world/observer.h"
#include "world/process.h"
#include "world/world.h"

#define SECOND_NS INT64_C(1000000000)

enum { REPORTS_MAX = 1 << 20, RULES_MAX = 8, ARGUMENTS_MAX = 32 };

static const struct world_program peer_programs[] = {
    {"peer-smtp", peer_smtp_main},
    {"peer-submit", peer_submit_main},
};

struct fixture {
    struct world *world;
    struct machine *server;
    struct machine *client;
    struct observer observer;
    struct buf reports; /* "TIME report..." lines */
    struct event alarm; /* keeps time moving */
    char zero[32];
};

static void observe_log(void *argument, struct sys *sys, struct str line)
{
    struct fixture *f = argument;
    (void)sys;
    buf_putf(&f->reports, "%llds %.*s\n", (long long)(world_now_ns(f->world) / SECOND_NS),
             STR_ARG(line));
}

static struct machine *add_machine(struct fixture *f, const char *name, const char *ip)
{
    struct machine *machine = machine_add(f->world, name);
    machine_add_ip(machine, ip);
    disk_put_directory(machine->disk, "/peer", 0755, 0, 0);
    return machine;
}

static void start(struct machine *machine, const char *const *argv)
{
    char path[100];
    snprintf(path, sizeof(path), "/bin/%s", argv[0]);
    struct process_start start = {.path = path, .argv = argv, .directory = "/peer"};
    assert_true(process_start(machine, &start) > 0);
}

static void begin(struct fixture *f, const char *const *rules)
{
    struct world_options options;
    world_options_init(&options);
    options.programs = peer_programs;
    options.program_count = 2;
    *f = (struct fixture){.world = world_create(&options)};
    buf_init(&f->reports, world_mem(f->world), REPORTS_MAX);
    f->observer = (struct observer){.argument = f, .log = observe_log};
    observer_add(f->world, &f->observer);
    f->server = add_machine(f, "mx.far.test", "192.0.2.10");
    f->client = add_machine(f, "client", "10.0.0.25");
    snprintf(f->zero, sizeof(f->zero), "%lld", (long long)machine_wall_ns(f->server));
    const char *argv[ARGUMENTS_MAX] = {"peer-smtp", "mx", "-z", f->zero, "-a", "192.0.2.10", "--"};
    for (int i = 0; rules[i] != NULL; i++) {
        argv[7 + i] = rules[i];
    }
    start(f->server, argv);
    world_run_until(f->world, 0);
}

static void ignore(struct event *event)
{
    (void)event;
}

static void submit(struct fixture *f, int64_t at_ns)
{
    static const char *const argv[] = {
        "peer-submit",     "A", "-a", "192.0.2.10", "-o", "from=a@our.test", "--", "<bob@far.test>",
        "<carl@far.test>", NULL};
    event_add(f->world, &f->alarm, at_ns, ignore);
    world_run_until(f->world, at_ns);
    start(f->client, argv);
    world_run_until(f->world, at_ns + 30 * SECOND_NS);
}

static bool reported(const struct fixture *f, const char *text)
{
    if (str_find_str(buf_str(&f->reports), str_from(text)) < 0) {
        print_message("no \"%s\" in:\n%s", text, buf_text(&f->reports));
        return false;
    }
    return true;
}

static void test_a_peer_without_rules_takes_everything(void **state)
{
    (void)state;
    static const char *const rules[] = {NULL};
    struct fixture f;
    begin(&f, rules);
    submit(&f, 0);
    assert_true(reported(&f, "keeps \"messages/1\" from <a@our.test> to <bob@far.test> "
                             "<carl@far.test>\n"));
    assert_true(reported(&f, "client A copy 1 accepted \"250 2.0.0 Ok: kept\"\n"));
    assert_true(reported(&f, "connection 1 ends by mta\n"));
    struct buf kept;
    struct buf sent;
    buf_init(&kept, world_mem(f.world), REPORTS_MAX);
    buf_init(&sent, world_mem(f.world), REPORTS_MAX);
    assert_int_equal(disk_read(f.server->disk, "/peer/messages/1", &kept), 0);
    struct peer_message message = {.label = STR("A"),
                                   .copy = 1,
                                   .sender = STR("a@our.test"),
                                   .recipient = STR("bob@far.test")};
    peer_message_write(&message, &sent);
    assert_string_equal(buf_text(&kept), buf_text(&sent));
    world_destroy(f.world);
}

static void test_until_first_counts_from_the_first_command(void **state)
{
    (void)state;
    static const char *const rules[] = {"rcpt <bob@*> => 450 4.2.0 \"later\" until first + 299s",
                                        NULL};
    struct fixture f;
    begin(&f, rules);
    submit(&f, 100 * SECOND_NS);
    assert_true(reported(&f, "client A copy 1 to <bob@far.test> refused \"450 4.2.0 later\""));
    assert_true(reported(&f, "to <carl@far.test>\n"));
    submit(&f, 400 * SECOND_NS);
    assert_true(reported(&f, "400s report mx connection 2 keeps \"messages/2\" from <a@our.test> "
                             "to <bob@far.test> <carl@far.test>\n"));
    world_destroy(f.world);
}

static void test_a_message_may_be_taken_without_a_word(void **state)
{
    (void)state;
    static const char *const rules[] = {"end-of-data => accept then reset connection 1", NULL};
    struct fixture f;
    begin(&f, rules);
    submit(&f, 0);
    assert_true(reported(&f, "connection 1 keeps \"messages/1\""));
    assert_true(reported(&f, "connection 1 ends by peer\n"));
    assert_true(reported(&f, "client A copy 1 lost \"Connection reset by peer\"\n"));
    world_destroy(f.world);
}

static void test_a_421_closes_unless_told_otherwise(void **state)
{
    (void)state;
    static const char *const rules[] = {"banner => 421 4.3.2 \"no\" connection 1",
                                        "banner => 421 4.3.2 \"no\" keep-open", NULL};
    struct fixture f;
    begin(&f, rules);
    submit(&f, 0);
    assert_true(reported(&f, "connection 1 ends by peer\n"));
    submit(&f, 100 * SECOND_NS);
    assert_true(reported(&f, "connection 2 ends by mta\n"));
    world_destroy(f.world);
}

static void test_nobody_listens_while_connect_is_refused(void **state)
{
    (void)state;
    static const char *const rules[] = {"connect => refuse from 100s until 200s", NULL};
    struct fixture f;
    begin(&f, rules);
    submit(&f, 150 * SECOND_NS);
    assert_true(reported(&f, "150s report client A copy 1 lost \"Connection refused\"\n"));
    submit(&f, 200 * SECOND_NS);
    assert_true(reported(&f, "200s report client A copy 1 accepted"));
    world_destroy(f.world);
}

static void test_replies_can_be_late_and_slow(void **state)
{
    (void)state;
    static const char *const rules[] = {"end-of-data => 250 2.0.0 after 10s a byte every 1s", NULL};
    struct fixture f;
    begin(&f, rules);
    submit(&f, 0);
    assert_true(reported(&f, "21s report client A copy 1 accepted \"250 2.0.0\"\n"));
    world_destroy(f.world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_peer_without_rules_takes_everything),
        cmocka_unit_test(test_until_first_counts_from_the_first_command),
        cmocka_unit_test(test_a_message_may_be_taken_without_a_word),
        cmocka_unit_test(test_a_421_closes_unless_told_otherwise),
        cmocka_unit_test(test_nobody_listens_while_connect_is_refused),
        cmocka_unit_test(test_replies_can_be_late_and_slow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
