// SPDX-License-Identifier: ISC
/* Contract parts: clock, random, fibers. */
#include <string.h>

#include "sys/clock.h"
#include "sys/contract_test.h"
#include "sys/fiber.h"
#include "sys/net.h"
#include "sys/random.h"

/* ---- clock ---------------------------------------------------------------------------------- */

void contract_clock(struct contract *contract)
{
    struct sys *sys = contract->sys;
    const int64_t nap_ns = 20 * SYS_MILLI_NS;
    int64_t before_ns = sys_now_ns(sys);
    int64_t deadline_ns = sys_deadline(sys, nap_ns);
    contract_is(contract, sys_sleep_until(sys, deadline_ns), 0, "sleep");
    int64_t after_ns = sys_now_ns(sys);
    contract_true(contract, deadline_ns >= before_ns + nap_ns, "a deadline lies ahead");
    contract_true(contract, after_ns >= deadline_ns, "a sleep is not too short");
    contract_is(contract, sys_sleep_until(sys, CONTRACT_PAST), 0, "sleep until the past");
    contract_true(contract, sys_deadline(sys, SYS_FOREVER) == SYS_FOREVER, "deadlines saturate");
    int64_t wall_ns = sys_wall_ns(sys);
    int offset_s = sys_utc_offset_s(sys, wall_ns);
    contract_true(contract, wall_ns > 0, "wall time is after 1970");
    contract_true(contract, offset_s > -86400 && offset_s < 86400, "local time is near UTC");
}

void contract_random(struct contract *contract)
{
    struct sys *sys = contract->sys;
    uint8_t a[300];
    uint8_t b[300];
    bool below = true;
    unsigned seen = 0;
    sys_random(sys, a, sizeof(a));
    sys_random(sys, b, sizeof(b));
    contract_true(contract, memcmp(a, b, sizeof(a)) != 0, "two draws differ");
    for (int i = 0; i < 1000; i++) {
        uint64_t value = sys_random_below(sys, 10);
        below &= value < 10;
        seen |= 1U << (value % 10);
    }
    contract_true(contract, below, "below 10 is below 10");
    contract_true(contract, seen == 1023, "and everything below it comes");
    contract_true(contract, sys_random_below(sys, 1) == 0, "below 1 is 0");
}

/* ---- fibers: each writes letters, the first fiber prints them ------------------------------- */

struct play {
    struct sys_event event;
    struct sys_group group;
    char letters[128];
    int letter_count;
    int next_name;
    int error;
    int fd;
    int64_t deadline_ns;
};

static void play_init(struct play *play)
{
    memset(play, 0, sizeof(*play));
    sys_event_init(&play->event);
    sys_group_init(&play->group);
    play->deadline_ns = SYS_FOREVER;
}

static void write_letter(struct play *play, char letter)
{
    if (play->letter_count < (int)sizeof(play->letters) - 1) {
        play->letters[play->letter_count++] = letter;
    }
}

static void start(struct contract *contract, struct play *play, int count,
                  void (*run)(struct sys *sys, void *argument))
{
    for (int i = 0; i < count; i++) {
        int error = sys_fiber_start(contract->sys, &play->group, run, play);
        if (error != 0) {
            contract_is(contract, error, 0, "start");
        }
    }
}

static void say_letters(struct contract *contract, struct play *play, const char *what)
{
    contract_say(contract, "%s: %s", what, play->letters);
    play->letter_count = 0;
    memset(play->letters, 0, sizeof(play->letters));
}

static void yield_twice(struct sys *sys, void *argument)
{
    struct play *play = argument;
    char name = (char)('a' + play->next_name++);
    for (int i = 0; i < 3; i++) {
        write_letter(play, name);
        play->error |= sys_yield(sys);
    }
}

static void wait_for_event(struct sys *sys, void *argument)
{
    struct play *play = argument;
    char name = (char)('a' + play->next_name++);
    int error = sys_event_wait(sys, &play->event, play->deadline_ns);
    write_letter(play, name);
    write_letter(play, error == 0 ? '+' : error == -ERR_CANCELED ? '!' : '-');
}

static void test_order(struct contract *contract)
{
    struct play play;
    play_init(&play);
    start(contract, &play, 3, yield_twice);
    say_letters(contract, &play, "a new fiber waits for its turn");
    sys_group_join(contract->sys, &play.group);
    say_letters(contract, &play, "three fibers yield in turn");
    contract_is(contract, play.error, 0, "yield");
}

static void test_events(struct contract *contract)
{
    struct sys *sys = contract->sys;
    struct play play;
    play_init(&play);
    start(contract, &play, 4, wait_for_event);
    contract_is(contract, sys_yield(sys), 0, "yield");
    sys_event_wake_one(sys, &play.event);
    say_letters(contract, &play, "a wake does not run anybody yet");
    contract_is(contract, sys_yield(sys), 0, "yield");
    say_letters(contract, &play, "wake one takes the longest waiter");
    sys_event_wake_all(sys, &play.event);
    sys_group_join(sys, &play.group);
    say_letters(contract, &play, "wake all wakes the rest in order");
    sys_event_wake_all(sys, &play.event);
    contract_is(contract, sys_event_wait(sys, &play.event, CONTRACT_PAST), -ERR_TIMEOUT,
                "wakes are not remembered");
}

static void test_deadlines(struct contract *contract)
{
    struct sys *sys = contract->sys;
    struct play play;
    play_init(&play);
    for (int i = 0; i < 5; i++) {
        static const int order[] = {3, 1, 4, 2, 5};
        play.deadline_ns = sys_deadline(sys, order[i] * 10 * SYS_MILLI_NS);
        start(contract, &play, 1, wait_for_event);
        contract_is(contract, sys_yield(sys), 0, "yield");
    }
    contract_is(contract, sys_group_wait(sys, &play.group, CONTRACT_PAST), -ERR_TIMEOUT,
                "group wait, deadline in the past");
    contract_is(contract, sys_group_wait(sys, &play.group, contract_soon(contract)), 0,
                "group wait");
    say_letters(contract, &play, "deadlines pass in their order");
}

static void write_canceled(struct sys *sys, void *argument)
{
    struct play *play = argument;
    write_letter(play, sys_canceled(sys) ? '!' : '+');
    write_letter(play, sys_yield(sys) == -ERR_CANCELED ? '!' : '+');
    write_letter(play, sys_sleep_until(sys, SYS_FOREVER) == -ERR_CANCELED ? '!' : '+');
    write_letter(play, sys_event_wait(sys, &play->event, 0) == -ERR_CANCELED ? '!' : '+');
}

static void test_cancel(struct contract *contract)
{
    struct sys *sys = contract->sys;
    struct play play;
    play_init(&play);
    start(contract, &play, 3, wait_for_event);
    contract_is(contract, sys_yield(sys), 0, "yield");
    sys_group_cancel(sys, &play.group);
    say_letters(contract, &play, "a cancel does not run anybody yet");
    sys_group_join(sys, &play.group);
    say_letters(contract, &play, "a cancel ends pending waits");
    start(contract, &play, 1, write_canceled);
    sys_group_join(sys, &play.group);
    say_letters(contract, &play, "a fiber of a canceled group");
    contract_true(contract, !sys_canceled(sys), "the first fiber is not canceled");
}

/* A canceled fiber that still has to join its own children, who end when they like. */
static void nap(struct sys *sys, void *argument)
{
    int64_t deadline_ns = sys_deadline(sys, 20 * SYS_MILLI_NS);
    int error = sys_sleep_until(sys, deadline_ns);
    write_letter(argument, error == 0 ? 'n' : '!');
}

static void keep_scope(struct sys *sys, void *argument)
{
    struct play *play = argument;
    struct sys_group inner;
    sys_group_init(&inner);
    play->error = sys_fiber_start(sys, &inner, nap, play);
    int error = sys_sleep_until(sys, SYS_FOREVER);
    write_letter(play, error == -ERR_CANCELED ? '!' : '?');
    error = sys_group_wait(sys, &inner, SYS_FOREVER);
    write_letter(play, error == -ERR_CANCELED ? '!' : '?');
    sys_group_join(sys, &inner);
    write_letter(play, 'j');
}

static void test_join_while_canceled(struct contract *contract)
{
    struct play play;
    play_init(&play);
    start(contract, &play, 1, keep_scope);
    contract_is(contract, sys_yield(contract->sys), 0, "yield");
    sys_group_cancel(contract->sys, &play.group);
    sys_group_join(contract->sys, &play.group);
    say_letters(contract, &play, "a canceled fiber joins all the same");
    contract_is(contract, play.error, 0, "inner start");
}

static void read_forever(struct sys *sys, void *argument)
{
    struct play *play = argument;
    char byte;
    play->error = (int)sys_read(sys, play->fd, &byte, 1, SYS_FOREVER);
}

static void test_cancel_and_close_of_reads(struct contract *contract)
{
    struct sys *sys = contract->sys;
    struct play play;
    int pair[2];
    contract_is(contract, sys_socket_pair(sys, pair), 0, "socket pair");
    play_init(&play);
    play.fd = pair[0];
    start(contract, &play, 1, read_forever);
    contract_is(contract, sys_yield(sys), 0, "yield");
    sys_group_cancel(sys, &play.group);
    sys_group_join(sys, &play.group);
    contract_is(contract, play.error, -ERR_CANCELED, "a canceled read");
    play_init(&play);
    play.fd = pair[0];
    start(contract, &play, 1, read_forever);
    contract_is(contract, sys_yield(sys), 0, "yield");
    sys_close(sys, pair[0]);
    sys_group_join(sys, &play.group);
    contract_is(contract, play.error, -ERR_CLOSED, "a read of what another fiber closed");
    contract_is(contract, sys_read(sys, pair[0], pair, 1, CONTRACT_PAST), -ERR_BAD_DESCRIPTOR,
                "a read of a closed descriptor");
    sys_close(sys, pair[1]);
    sys_close(sys, pair[1]);
    sys_close(sys, -1);
}

static void test_many(struct contract *contract)
{
    struct play play;
    for (int round = 0; round < 3; round++) {
        play_init(&play);
        start(contract, &play, 300, wait_for_event);
        contract_is(contract, sys_yield(contract->sys), 0, "yield");
        contract_is(contract, play.group.count, 300, "300 fibers wait");
        sys_event_wake_all(contract->sys, &play.event);
        sys_group_join(contract->sys, &play.group);
        contract_is(contract, play.group.count, 0, "none is left");
    }
}

void contract_fibers(struct contract *contract)
{
    test_order(contract);
    test_events(contract);
    test_deadlines(contract);
    test_cancel(contract);
    test_join_while_canceled(contract);
    test_cancel_and_close_of_reads(contract);
    test_many(contract);
}
