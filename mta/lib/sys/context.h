// SPDX-License-Identifier: ISC
/* sys/context - the switch between stacks that fibers are made of
 *
 * Both backends build their fibers from it; nothing else includes it. Stacks are the backend's.
 * One file per machine implements the two context_machine functions (context_x86_64.S,
 * context_aarch64.S; context_ucontext.c for any other), the Makefile takes the one that fits, and
 * context.c tells AddressSanitizer and valgrind about every switch.
 *
 * Memory    struct context is the caller's and must not move
 * Blocks    never; a switch is no system call
 */
#ifndef SYS_CONTEXT_H
#define SYS_CONTEXT_H

#include <stddef.h>

#include "base/attribute.h"

struct context {
    void *stack_pointer; /* where it stopped; machine's */
    void *stack;         /* lowest byte */
    size_t stack_size;
    void (*run)(void *argument);
    void *argument;
    struct context *came_from; /* who switched here last */
    void *fake_stack;          /* AddressSanitizer's */
    unsigned stack_id;         /* valgrind's */
};

/* The context of the thread that calls: needs no stack, is filled by the first switch away. */
void context_init_thread(struct context *context);

/* A context that will call run(argument) on this stack when first switched to. run() must leave
 * by context_end(). */
void context_init(struct context *context, void *stack, size_t stack_size,
                  void (*run)(void *argument), void *argument);

/* Stops `from`, the context that is running, and continues `to`. Returns when somebody switches
 * back. */
void context_switch(struct context *from, struct context *to);

/* The same for good: the stack of `from` may be used again once `to` runs. */
NORETURN void context_end(struct context *from, struct context *to);

/* Forgets a context that does not run, ended or not. Its stack is free afterwards. */
void context_done(struct context *context);

/* ---- between context.c and the machine's file ------------------------------------------- */

/* Prepares a new stack, so that the first switch to the stack pointer it returns calls
 * entry(to). */
void *context_machine_start(void *stack, size_t stack_size, void (*entry)(struct context *context));

/* Saves what a called function must preserve, stores the stack pointer, loads the other one and
 * restores from it. */
void context_machine_switch(void **from_stack_pointer, void *to_stack_pointer, struct context *to);

#endif
