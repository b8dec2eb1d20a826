// SPDX-License-Identifier: ISC
/* The switch for every machine without a file of its own: slow, since the C library saves the
 * signal mask by a system call. */
#include <stdint.h>
#include <ucontext.h>

#include "sys/context.h"

/* What a stack pointer points to: the top of a new stack, later the frame that switched away. */
struct stopped {
    ucontext_t machine;
    void (*entry)(struct context *context);
    struct context *context;
};

static void enter_first(unsigned high, unsigned low)
{
    struct stopped *first = (void *)(((uintptr_t)high << 16 << 16) | low);
    first->entry(first->context);
}

void *context_machine_start(void *stack, size_t stack_size, void (*entry)(struct context *context))
{
    uintptr_t top = ((uintptr_t)stack + stack_size - sizeof(struct stopped)) & ~(uintptr_t)63;
    struct stopped *first = (void *)top;
    first->entry = entry;
    (void)getcontext(&first->machine);
    first->machine.uc_stack.ss_sp = stack;
    first->machine.uc_stack.ss_size = top - (uintptr_t)stack;
    first->machine.uc_link = NULL;
    makecontext(&first->machine, (void (*)(void))enter_first, 2, (unsigned)(top >> 16 >> 16),
                (unsigned)top);
    return first;
}

void context_machine_switch(void **from_stack_pointer, void *to_stack_pointer, struct context *to)
{
    struct stopped here;
    struct stopped *there = to_stack_pointer;
    *from_stack_pointer = &here;
    there->context = to;
    (void)swapcontext(&here.machine, &there->machine);
}
