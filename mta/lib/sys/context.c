// SPDX-License-Identifier: ISC
#include "sys/context.h"

#include <stdint.h>
#include <string.h>

#include "base/assert.h"

/* ---- tools that must know the stacks -------------------------------------------------------- */

#ifdef __has_feature
#if __has_feature(address_sanitizer)
#define __SANITIZE_ADDRESS__ 1
#endif
#endif

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>

static void asan_clean(const struct context *context)
{
    __asan_unpoison_memory_region(context->stack, context->stack_size);
}

static void asan_leave(void **fake_stack, const struct context *to)
{
    __sanitizer_start_switch_fiber(fake_stack, to->stack, to->stack_size);
}

/* The bounds of the thread's own stack become known when it is first left. */
static void asan_arrive(struct context *here)
{
    const void *stack;
    size_t stack_size;
    __sanitizer_finish_switch_fiber(here->fake_stack, &stack, &stack_size);
    if (here->came_from->stack == NULL) {
        here->came_from->stack = (void *)(uintptr_t)stack;
        here->came_from->stack_size = stack_size;
    }
}
#else
static void asan_clean(const struct context *context UNUSED)
{
}

static void asan_leave(void **fake_stack UNUSED, const struct context *to UNUSED)
{
}

static void asan_arrive(struct context *here UNUSED)
{
}
#endif

#if __has_include(<valgrind/valgrind.h>)
#include <valgrind/valgrind.h>
#else
#define VALGRIND_STACK_REGISTER(start, end) 0
#define VALGRIND_STACK_DEREGISTER(id)       (void)(id)
#endif

/* ---- contexts ------------------------------------------------------------------------------- */

static void enter(struct context *context)
{
    asan_arrive(context);
    context->run(context->argument);
    unreachable();
}

void context_init_thread(struct context *context)
{
    memset(context, 0, sizeof(*context));
}

void context_init(struct context *context, void *stack, size_t stack_size,
                  void (*run)(void *argument), void *argument)
{
    memset(context, 0, sizeof(*context));
    context->stack = stack;
    context->stack_size = stack_size;
    context->run = run;
    context->argument = argument;
    context->stack_id = VALGRIND_STACK_REGISTER(stack, (char *)stack + stack_size);
    asan_clean(context);
    context->stack_pointer = context_machine_start(stack, stack_size, enter);
}

void context_switch(struct context *from, struct context *to)
{
    to->came_from = from;
    asan_leave(&from->fake_stack, to);
    context_machine_switch(&from->stack_pointer, to->stack_pointer, to);
    asan_arrive(from);
}

void context_end(struct context *from, struct context *to)
{
    to->came_from = from;
    asan_leave(NULL, to);
    context_machine_switch(&from->stack_pointer, to->stack_pointer, to);
    unreachable();
}

void context_done(struct context *context)
{
    if (context->run != NULL) {
        VALGRIND_STACK_DEREGISTER(context->stack_id);
        asan_clean(context);
    }
}
