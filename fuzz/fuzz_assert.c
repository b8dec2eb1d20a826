// SPDX-License-Identifier: ISC
/* Targets that need no backend get their assert_failed() here. */
#include "base/assert.h"
#include "fuzz/fuzz.h"

void assert_failed(const char *condition, const char *file, int line, const char *function)
{
    (void)function;
    fuzz_failed(condition, file, line);
}
