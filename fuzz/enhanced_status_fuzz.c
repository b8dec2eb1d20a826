// SPDX-License-Identifier: ISC
/* What is read is written as the same status. */
#include "proto/enhanced_status.h"

#include "fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char text[ENHANCED_STATUS_TEXT_SIZE];
    struct enhanced_status status = {0};
    struct enhanced_status again = {0};
    size_t used_bytes = enhanced_status_parse_prefix(str_of(data, size), &status);

    FUZZ_CHECK(used_bytes <= size);
    if (used_bytes > 0) {
        struct str written = str_from(enhanced_status_text(status, text));
        FUZZ_CHECK(enhanced_status_parse(written, &again) == 0);
        FUZZ_CHECK(again.class == status.class && again.subject == status.subject &&
                   again.detail == status.detail);
    }
    return 0;
}
