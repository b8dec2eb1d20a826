// SPDX-License-Identifier: ISC
/* host/host_stack - stacks for simulated fibers
 *
 * Shape     HOST_STACK_BYTES above a page that traps
 * Memory    a stack given back is kept for the next taker, up to HOST_STACKS_KEPT_MAX
 * Blocks    never
 */
#ifndef HOST_HOST_STACK_H
#define HOST_HOST_STACK_H

#include <stddef.h>

enum { HOST_STACKS_KEPT_MAX = 4096 };

size_t host_stack_size(void);
void *host_stack_take(void); /* its lowest usable byte; NULL when there is no memory */
void host_stack_give(void *stack);

#endif
