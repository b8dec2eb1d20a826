// SPDX-License-Identifier: ISC
/* fuzz/fuzz - what every fuzz target shares
 *
 * A target is one file, fuzz/x_fuzz.c, with one function. It is linked to one of three mains:
 * libFuzzer's (VARIANT=fuzz), afl_main.c (VARIANT=afl), or replay_main.c, which runs given files
 * and is what `make fuzz-replay` uses.
 *
 * A target checks more than the absence of crashes. Each file says what, at its top.
 */
#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/str.h"

/* The input must hold for what the target promises; else the run ends here. */
#define FUZZ_CHECK(condition) ((condition) ? (void)0 : fuzz_failed(#condition, __FILE__, __LINE__))

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline _Noreturn void fuzz_failed(const char *condition, const char *file, int line)
{
    (void)fprintf(stderr, "%s:%d: check failed: %s\n", file, line, condition);
    abort();
}

static inline void fuzz_exhausted(void *argument)
{
    (void)argument;
    fuzz_failed("memory is bounded", __FILE__, __LINE__);
}

/* A heap for one run; what a run of a parser needs is far below the limit. */
static inline struct mem *fuzz_mem(void)
{
    return mem_create(64 << 20, fuzz_exhausted, NULL);
}

/* Takes one byte of the input for a choice; 0 when it is used up. */
static inline unsigned fuzz_byte(struct str *input)
{
    unsigned byte = input->size > 0 ? (uint8_t)input->data[0] : 0;

    *input = str_skip(*input, 1);
    return byte;
}

#endif
