// SPDX-License-Identifier: ISC
#include "proto/maildrop.h"

#include "base/number.h"
#include "proto/address.h"

enum { NOTIFY_MAX = 15, RET_MAX = 2, VERP_BYTES = 2 };

void maildrop_init(struct maildrop *maildrop)
{
    *maildrop = (struct maildrop){.segment = QUEUE_SEGMENT_ENVELOPE};
}

static int refuse(struct maildrop *maildrop, int error, const char *why)
{
    maildrop->why = why;
    return error;
}

/* ---- data of each record ----------------------------------------------------------------------- */

static bool has_control(struct str text)
{
    for (size_t i = 0; i < text.size; i++) {
        if ((uint8_t)text.data[i] < ' ' || text.data[i] == 0x7f) {
            return true;
        }
    }
    return false;
}

static bool is_text(struct str text, size_t bytes_max)
{
    return text.size <= bytes_max && !has_control(text);
}

static bool is_number(struct str text, uint64_t max)
{
    uint64_t value;
    return number_parse_u64(text, max, &value) == 0;
}

static int check_sender(struct maildrop *maildrop, struct str address)
{
    if (maildrop->has_sender) {
        return refuse(maildrop, -ERR_CORRUPT, "a second sender");
    }
    maildrop->has_sender = true;
    return is_text(address, ADDRESS_BYTES_MAX) ? 0
                                               : refuse(maildrop, -ERR_CORRUPT, "no fit sender");
}

static int check_recipient(struct maildrop *maildrop, struct str address)
{
    if (!maildrop->has_sender) {
        return refuse(maildrop, -ERR_CORRUPT, "a recipient before the sender");
    }
    maildrop->recipient_count++;
    return address.size > 0 && is_text(address, ADDRESS_BYTES_MAX)
               ? 0
               : refuse(maildrop, -ERR_CORRUPT, "no fit recipient");
}

static int check_attribute(struct maildrop *maildrop, struct str data)
{
    if (str_equal(data, STR("encoding=7bit")) || str_equal(data, STR("encoding=8bit")) ||
        str_equal(data, STR("smtputf8=1"))) {
        return 0;
    }
    return refuse(maildrop, -ERR_NOT_PERMITTED, "an attribute that is not for users");
}

static int check_text(struct maildrop *maildrop, bool is_good)
{
    return is_good ? 0 : refuse(maildrop, -ERR_CORRUPT, "a value that means nothing");
}

static int check_end(struct maildrop *maildrop)
{
    return maildrop->recipient_count > 0 ? 0 : refuse(maildrop, -ERR_CORRUPT, "no recipient");
}

/* ---- records --------------------------------------------------------------------------------- */

/* Types for users, in the segments where they may stand. */
static bool is_for_users(char type, enum queue_segment segment)
{
    static const struct str types[] = {
        [QUEUE_SEGMENT_ENVELOPE] = STR_INIT("CFSRVAin<M"),
        [QUEUE_SEGMENT_CONTENT] = STR_INIT("NLX"),
        [QUEUE_SEGMENT_EXTRACTED] = STR_INIT("RnAE"),
        [QUEUE_SEGMENT_ENDED] = STR_INIT(""),
    };
    return str_find(types[segment], type) >= 0;
}

static int check_envelope(struct maildrop *maildrop, const struct queue_record *record)
{
    switch (record->type) {
    case QUEUE_RECORD_SENDER:
        return check_sender(maildrop, record->data);
    case QUEUE_RECORD_RECIPIENT:
        return check_recipient(maildrop, record->data);
    case QUEUE_RECORD_ATTRIBUTE:
        return check_attribute(maildrop, record->data);
    case QUEUE_RECORD_FULL_NAME:
    case QUEUE_RECORD_DSN_ENVID:
        return check_text(maildrop, is_text(record->data, MAILDROP_TEXT_MAX));
    case QUEUE_RECORD_DSN_NOTIFY:
        return check_text(maildrop, is_number(record->data, NOTIFY_MAX));
    case QUEUE_RECORD_DSN_RET:
        return check_text(maildrop, is_number(record->data, RET_MAX));
    case QUEUE_RECORD_VERP:
        return check_text(maildrop, record->data.size == VERP_BYTES && !has_control(record->data));
    case QUEUE_RECORD_END:
        return check_end(maildrop);
    default:
        return 0; /* SIZE, which nobody reads here, and what begins a segment */
    }
}

int maildrop_check(struct maildrop *maildrop, const struct queue_record *record)
{
    enum queue_segment segment = maildrop->segment;
    if (queue_record_advance(&maildrop->segment, record->type) != 0) {
        return refuse(maildrop, -ERR_CORRUPT, "a record that cannot stand there");
    }
    if (!is_for_users(record->type, segment)) {
        return refuse(maildrop, -ERR_NOT_PERMITTED, "a record that is not for users");
    }
    if (segment == QUEUE_SEGMENT_CONTENT) {
        maildrop->message_bytes += (int64_t)record->data.size + (record->type == QUEUE_RECORD_LINE);
        return 0;
    }
    return check_envelope(maildrop, record);
}
