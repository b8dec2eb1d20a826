// SPDX-License-Identifier: ISC
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "sys/context.h"

enum { STACK_SIZE = 64 * 1024, ROUNDS = 1000 };

struct pair {
    struct context thread;
    struct context fiber;
    int count;
    int misaligned;
    bool endless;
};

/* Aligned stack variables show whether entry gets the alignment that compilers rely on. */
static void count_rounds(void *argument)
{
    struct pair *pair = argument;
    _Alignas(16) volatile char aligned[16] = {0};
    pair->misaligned = ((uintptr_t)aligned & 15) != 0;
    while (pair->endless || pair->count < ROUNDS) {
        pair->count++;
        context_switch(&pair->fiber, &pair->thread);
    }
    context_end(&pair->fiber, &pair->thread);
}

static void run_pair(struct pair *pair, void *stack, int rounds)
{
    context_init_thread(&pair->thread);
    context_init(&pair->fiber, stack, STACK_SIZE, count_rounds, pair);
    for (int i = 0; i < rounds; i++) {
        context_switch(&pair->thread, &pair->fiber);
    }
    context_done(&pair->fiber);
}

static void test_every_switch_continues_where_it_stopped(void **state UNUSED)
{
    void *stack = malloc(STACK_SIZE);
    struct pair pair = {0};
    run_pair(&pair, stack, ROUNDS + 1);
    free(stack);
    assert_int_equal(pair.count, ROUNDS);
    assert_int_equal(pair.misaligned, 0);
}

static void test_a_stack_serves_again_after_its_fiber_ended_or_was_dropped(void **state UNUSED)
{
    void *stack = malloc(STACK_SIZE);
    struct pair ended = {0};
    struct pair dropped = {.endless = true};
    struct pair last = {0};
    run_pair(&ended, stack, ROUNDS + 1);
    run_pair(&dropped, stack, 3);
    run_pair(&last, stack, ROUNDS + 1);
    free(stack);
    assert_int_equal(dropped.count, 3);
    assert_int_equal(last.count, ROUNDS);
}

/* A ring of fibers in which each switches to the next: the thread is left only once. */
enum { RING_SIZE = 5 };

struct ring {
    struct context thread;
    struct context fibers[RING_SIZE];
    char order[3 * RING_SIZE + 1];
    int current;
    int steps;
};

static void pass_on(void *argument)
{
    struct ring *ring = argument;
    for (;;) {
        int here = ring->current;
        if (ring->steps == 3 * RING_SIZE) {
            context_switch(&ring->fibers[here], &ring->thread);
        }
        ring->order[ring->steps++] = (char)('a' + here);
        ring->current = (here + 1) % RING_SIZE;
        context_switch(&ring->fibers[here], &ring->fibers[ring->current]);
    }
}

static void test_fibers_switch_to_each_other(void **state UNUSED)
{
    char *stacks = malloc((size_t)RING_SIZE * STACK_SIZE);
    struct ring ring = {0};
    context_init_thread(&ring.thread);
    for (int i = 0; i < RING_SIZE; i++) {
        context_init(&ring.fibers[i], stacks + (size_t)i * STACK_SIZE, STACK_SIZE, pass_on, &ring);
    }
    context_switch(&ring.thread, &ring.fibers[0]);
    for (int i = 0; i < RING_SIZE; i++) {
        context_done(&ring.fibers[i]);
    }
    free(stacks);
    assert_string_equal(ring.order, "abcdeabcdeabcde");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_switch_continues_where_it_stopped),
        cmocka_unit_test(test_a_stack_serves_again_after_its_fiber_ended_or_was_dropped),
        cmocka_unit_test(test_fibers_switch_to_each_other),
    };
    return cmocka_run_group_tests_name("context", tests, NULL, NULL);
}
