// SPDX-License-Identifier: ISC
/* Runs a fuzz target below AFL++: persistent, inputs through shared memory. */
#include <unistd.h>

#include "fuzz/fuzz.h"

enum { RUNS_PER_PROCESS = 100000 };

__AFL_FUZZ_INIT();

int main(void)
{
    __AFL_INIT();
    const uint8_t *input = __AFL_FUZZ_TESTCASE_BUF;
    while (__AFL_LOOP(RUNS_PER_PROCESS)) {
        size_t size = (size_t)__AFL_FUZZ_TESTCASE_LEN;
        uint8_t *exact = malloc(size);
        for (size_t i = 0; i < size; i++) {
            exact[i] = input[i];
        }
        (void)LLVMFuzzerTestOneInput(exact, size);
        free(exact);
    }
    return 0;
}
