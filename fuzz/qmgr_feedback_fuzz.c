// SPDX-License-Identifier: ISC
/* What is accepted stays between nothing and a whole, and never grows with the concurrency. */
#include "qmgr/qmgr_feedback.h"

#include "fuzz/fuzz.h"

enum { CONCURRENCY_MAX = 30 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct qmgr_feedback feedback;
    if (qmgr_feedback_parse(str_of(data, size), &feedback) != 0) {
        return 0;
    }
    int64_t last = QMGR_ONE;
    for (int concurrency = 1; concurrency <= CONCURRENCY_MAX; concurrency++) {
        int64_t part = qmgr_feedback_at(&feedback, concurrency);
        FUZZ_CHECK(part >= 0 && part <= last);
        last = part;
    }
    return 0;
}
