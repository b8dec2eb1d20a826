// SPDX-License-Identifier: ISC
/* Runs a fuzz target below AFL++: persistent, inputs through shared memory. */
#include <string.h>
#include <unistd.h>

#include "fuzz/fuzz.h"

/* AFL++'s own macros mix types. */
#pragma clang diagnostic ignored "-Wsign-compare"
#pragma clang diagnostic ignored "-Wshorten-64-to-32"

enum { RUNS_PER_PROCESS = 100000 };

__AFL_FUZZ_INIT();

int main(void)
{
    __AFL_INIT();
    const uint8_t *input = __AFL_FUZZ_TESTCASE_BUF;
    while (__AFL_LOOP(RUNS_PER_PROCESS)) {
        size_t size = (size_t)__AFL_FUZZ_TESTCASE_LEN;
        uint8_t *exact = malloc(size); /* so that a sanitizer sees each byte too many */
        if (exact == NULL) {
            return 1;
        }
        memcpy(exact, input, size);
        (void)LLVMFuzzerTestOneInput(exact, size);
        free(exact);
    }
    return 0;
}
