// SPDX-License-Identifier: ISC
/* base/assert - a failed assertion is a bug in this program, never bad input or bad luck
 *
 * Always compiled in; NDEBUG has no say. A broken world (no disk, bad configuration) is not a
 * bug: log it and call sys_exit() instead.
 */
#ifndef BASE_ASSERT_H
#define BASE_ASSERT_H

#include "base/attribute.h"

#define assert(condition) \
    ((condition) ? (void)0 : assert_failed(#condition, __FILE__, __LINE__, __func__))
#define unreachable() assert_failed("unreachable", __FILE__, __LINE__, __func__)

/* Defined by each backend: production logs and aborts; the simulator stops the world and prints
 * the command that reproduces the run. */
NORETURN void assert_failed(const char *condition, const char *file, int line,
                            const char *function);

#endif
