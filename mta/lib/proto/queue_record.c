// SPDX-License-Identifier: ISC
#include "proto/queue_record.h"

#include <stdio.h>

#include "base/assert.h"
#include "base/number.h"

enum { GROUP_BITS = 7, GROUP_MASK = 0x7f, GROUP_MORE = 0x80 };

/* ---- records ------------------------------------------------------------------------------- */

/* Length in groups of 7 bits; used_bytes counts from the start of input, which is the type. */
static enum parse parse_head(struct str input, size_t *size, size_t *used_bytes)
{
    size_t sum = 0;

    for (size_t i = 1; i < QUEUE_RECORD_HEAD_MAX; i++) {
        if (i >= input.size) {
            return PARSE_MORE;
        }
        size_t group = (uint8_t)input.data[i];
        sum |= (group & GROUP_MASK) << (GROUP_BITS * (i - 1));
        if ((group & GROUP_MORE) == 0) {
            *size = sum;
            *used_bytes = i + 1;
            bool is_minimal = group != 0 || i == 1;
            return is_minimal && sum <= QUEUE_RECORD_DATA_MAX ? PARSE_OK : PARSE_BAD;
        }
    }
    return PARSE_BAD;
}

enum parse queue_record_parse(struct str input, struct queue_record *record, size_t *used_bytes)
{
    size_t size = 0;
    size_t head_bytes = 0;
    enum parse parse = parse_head(input, &size, &head_bytes);

    if (parse != PARSE_OK) {
        return parse;
    }
    if (input.size - head_bytes < size) {
        return PARSE_MORE;
    }
    record->type = input.data[0];
    record->data = str_first(str_skip(input, head_bytes), size);
    *used_bytes = head_bytes + size;
    return PARSE_OK;
}

static size_t head_bytes_of(size_t size)
{
    size_t bytes = 2;

    while (size > GROUP_MASK) {
        size >>= GROUP_BITS;
        bytes++;
    }
    return bytes;
}

size_t queue_record_bytes(struct str data)
{
    return head_bytes_of(data.size) + data.size;
}

size_t queue_record_write_head(enum queue_record_type type, size_t size,
                               char head[QUEUE_RECORD_HEAD_MAX])
{
    size_t head_bytes = 0;

    assert(size <= QUEUE_RECORD_DATA_MAX);
    head[head_bytes++] = (char)type;
    while (size > GROUP_MASK) {
        head[head_bytes++] = (char)(GROUP_MORE | (size & GROUP_MASK));
        size >>= GROUP_BITS;
    }
    head[head_bytes++] = (char)size;
    return head_bytes;
}

void queue_record_write(struct buf *out, enum queue_record_type type, struct str data)
{
    char head[QUEUE_RECORD_HEAD_MAX];
    size_t head_bytes = queue_record_write_head(type, data.size, head);

    buf_put(out, str_of(head, head_bytes));
    buf_put(out, data);
}

/* ---- sequence ------------------------------------------------------------------------------ */

struct record_rule {
    char type;
    struct str segments;
};

static const struct record_rule record_rules[] = {
#define X(name, byte, segments) {byte, STR_INIT(segments)},
    QUEUE_RECORD_LIST(X)
#undef X
        {QUEUE_RECORD_LINE_PART, STR_INIT("C")},
};

static bool may_stand(char type, enum queue_segment segment)
{
    static const char letters[] = {
        [QUEUE_SEGMENT_ENVELOPE] = 'E',
        [QUEUE_SEGMENT_CONTENT] = 'C',
        [QUEUE_SEGMENT_EXTRACTED] = 'X',
        [QUEUE_SEGMENT_ENDED] = '-',
    };

    for (size_t i = 0; i < sizeof(record_rules) / sizeof(record_rules[0]); i++) {
        const struct record_rule *rule = &record_rules[i];
        if (rule->type == type && str_find(rule->segments, letters[segment]) >= 0) {
            return true;
        }
    }
    return false;
}

int queue_record_advance(enum queue_segment *segment, char type)
{
    if (*segment == QUEUE_SEGMENT_CONTENT && type == QUEUE_RECORD_LINE) {
        return 0; /* nearly all records of a file: no need to look them up */
    }
    if (!may_stand(type, *segment)) {
        return -ERR_CORRUPT;
    }
    switch (type) {
    case QUEUE_RECORD_CONTENT:
        *segment = QUEUE_SEGMENT_CONTENT;
        break;
    case QUEUE_RECORD_EXTRACTED:
        *segment = QUEUE_SEGMENT_EXTRACTED;
        break;
    case QUEUE_RECORD_END:
        *segment = QUEUE_SEGMENT_ENDED;
        break;
    default:
        break;
    }
    return 0;
}

/* ---- data of some records ------------------------------------------------------------------ */

#define DECIMAL_MAX INT64_C(999999999999999)

void queue_record_size_write(const struct queue_record_size *size,
                             char text[QUEUE_RECORD_SIZE_BYTES + 1])
{
    const int64_t values[] = {size->file_content_bytes, size->content_offset,
                              size->recipient_count,    size->hints,
                              size->message_bytes,      size->send_options};

    size_t used = 0;
    for (size_t i = 0; i < 6; i++) {
        assert(values[i] >= 0 && values[i] <= DECIMAL_MAX);
        used += (size_t)snprintf(text + used, QUEUE_RECORD_SIZE_BYTES + 1 - used, "%s%15lld",
                                 i == 0 ? "" : " ", (long long)values[i]);
    }
    assert(used == QUEUE_RECORD_SIZE_BYTES);
}

int queue_record_size_parse(struct str data, struct queue_record_size *size)
{
    int64_t *const values[] = {&size->file_content_bytes, &size->content_offset,
                               &size->recipient_count,    &size->hints,
                               &size->message_bytes,      &size->send_options};
    struct str rest = data;
    struct str word;

    for (size_t i = 0; i < 6; i++) {
        *values[i] = 0;
        if (!str_next_token(&rest, " ", &word)) {
            return i >= 4 ? 0 : -ERR_CORRUPT; /* older files end earlier */
        }
        if (number_parse_i64(word, 0, DECIMAL_MAX, values[i]) != 0) {
            return -ERR_CORRUPT;
        }
    }
    return str_next_token(&rest, " ", &word) ? -ERR_CORRUPT : 0;
}

bool queue_record_needs_smtputf8(int64_t options)
{
    return (options & QUEUE_SMTPUTF8_REQUESTED) != 0 && (options & QUEUE_SMTPUTF8_NEEDED) != 0;
}

void queue_record_time_write(int64_t wall_ns, char text[QUEUE_RECORD_TIME_SIZE])
{
    int64_t microseconds = wall_ns / 1000;

    (void)snprintf(text, QUEUE_RECORD_TIME_SIZE, "%lld %lld", (long long)(microseconds / 1000000),
                   (long long)(microseconds % 1000000));
}

int queue_record_time_parse(struct str data, int64_t *wall_ns)
{
    struct str rest = data;
    struct str word;
    int64_t seconds = 0;
    int64_t microseconds = 0;

    if (!str_next_token(&rest, " ", &word) ||
        number_parse_i64(word, 0, INT64_MAX / 1000000000 - 1, &seconds) != 0) {
        return -ERR_CORRUPT;
    }
    if (str_next_token(&rest, " ", &word) &&
        number_parse_i64(word, 0, 999999, &microseconds) != 0) {
        return -ERR_CORRUPT;
    }
    *wall_ns = seconds * 1000000000 + microseconds * 1000;
    return 0;
}

void queue_record_warn_write(int64_t wall_s, char text[QUEUE_RECORD_WARN_BYTES + 1])
{
    assert(wall_s >= -1 && wall_s <= DECIMAL_MAX);
    (void)snprintf(text, QUEUE_RECORD_WARN_BYTES + 1, "%15lld", (long long)wall_s);
}

/* ---- attributes ---------------------------------------------------------------------------- */

bool queue_record_attribute(struct str data, struct str *name, struct str *value)
{
    ptrdiff_t equals = str_find(data, '=');

    if (equals <= 0) {
        return false;
    }
    *name = str_first(data, (size_t)equals);
    *value = str_skip(data, (size_t)equals + 1);
    return true;
}

static const struct named_record {
    enum queue_record_type type;
    const char *name;
} named_records[] = {
    {QUEUE_RECORD_CREATE_TIME, "create_time"}, {QUEUE_RECORD_DSN_RET, "ret_flags"},
    {QUEUE_RECORD_DSN_ENVID, "envelope_id"},   {QUEUE_RECORD_DSN_ORCPT, "dsn_orig_rcpt"},
    {QUEUE_RECORD_DSN_NOTIFY, "notify_flags"},
};
enum { NAMED_RECORDS = sizeof(named_records) / sizeof(named_records[0]) };

const char *queue_record_attribute_name(enum queue_record_type type)
{
    for (int i = 0; i < NAMED_RECORDS; i++) {
        if (named_records[i].type == type) {
            return named_records[i].name;
        }
    }
    return NULL;
}

void queue_record_resolve(struct queue_record *record)
{
    struct str name;
    struct str value;
    if (record->type != QUEUE_RECORD_ATTRIBUTE ||
        !queue_record_attribute(record->data, &name, &value)) {
        return;
    }
    for (int i = 0; i < NAMED_RECORDS; i++) {
        if (str_equal(name, str_from(named_records[i].name))) {
            *record = (struct queue_record){.type = (char)named_records[i].type, .data = value};
            return;
        }
    }
}
