// SPDX-License-Identifier: ISC
/* What is taken as a whole message has a sender, a recipient, one end, and no record that only the
 * mail system may write. */
#include "proto/maildrop.h"

#include "fuzz/fuzz.h"

static void check_taken(const struct queue_record *record, enum queue_segment segment)
{
    struct str allowed = segment == QUEUE_SEGMENT_ENVELOPE  ? STR("CFSRVAin<M")
                         : segment == QUEUE_SEGMENT_CONTENT ? STR("NLX")
                                                            : STR("RnAE");
    FUZZ_CHECK(segment != QUEUE_SEGMENT_ENDED);
    FUZZ_CHECK(str_find(allowed, record->type) >= 0);
    if (record->type == QUEUE_RECORD_SENDER || record->type == QUEUE_RECORD_RECIPIENT) {
        FUZZ_CHECK(str_find(record->data, '\n') < 0 && str_find(record->data, '\0') < 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str rest = str_of(data, size);
    struct queue_record record;
    struct maildrop maildrop;
    size_t used_bytes = 0;

    maildrop_init(&maildrop);
    while (queue_record_parse(rest, &record, &used_bytes) == PARSE_OK) {
        enum queue_segment segment = maildrop.segment;
        maildrop.why = NULL;
        int error = maildrop_check(&maildrop, &record);
        FUZZ_CHECK((error != 0) == (maildrop.why != NULL));
        if (error != 0) {
            return 0;
        }
        check_taken(&record, segment);
        if (maildrop.segment == QUEUE_SEGMENT_ENDED) {
            FUZZ_CHECK(maildrop.has_sender && maildrop.recipient_count > 0);
            FUZZ_CHECK(maildrop.message_bytes <= (int64_t)size);
        }
        rest = str_skip(rest, used_bytes);
    }
    return 0;
}
