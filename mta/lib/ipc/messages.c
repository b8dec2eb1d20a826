// SPDX-License-Identifier: ISC
#include "ipc/messages.h"

#include "proto/attribute.h"

enum { INT_DIGITS_MAX = 20 };

/* What is particular to one message; the functions behind the tables are common to all. */
struct message_type {
    const struct attribute_field *fields;
    size_t field_count;
    bool is_part;
    bool (*from_values)(const struct str *value, void *message);
    bool (*put)(struct buf *out, const void *message);
    bool (*keep)(struct arena *arena, void *message);
};

enum { FIELDS_MAX = 32 };

/* messages.def is read once for each member of struct message_type, then for the types and for the
 * functions of messages.h. */
// clang-format off
#define PART     MESSAGE
#define PART_END END

/* ---- x_fields: what attribute_parse() has to find ---------------------------------------------- */

#define MESSAGE(name)          static const struct attribute_field name##_fields[] = {
#define REQUEST(kind)              {"request", IPC_NAME_MAX},
#define TEXT(name, max)            {#name, max},
#define REASON(name)               {#name, IPC_REASON_MAX},
#define INT(name, least, most)     {#name, INT_DIGITS_MAX},
#define END(name)              };
#include "ipc/messages.def"
#undef MESSAGE
#undef REQUEST
#undef TEXT
#undef REASON
#undef INT
#undef END

/* ---- x_from_values(): false when a value is none of its field --------------------------------- */

#define MESSAGE(name)                                                                              \
    static bool name##_from_values(const struct str *value, void *to)                              \
    {                                                                                              \
        struct ipc_##name *message = to;                                                           \
        bool is_right = true;
#define REQUEST(kind)              is_right = is_right && str_equal(*value++, STR(#kind));
#define TEXT(name, max)            message->name = *value++;
#define REASON(name)               message->name = *value++;
#define INT(name, least, most)                                                                     \
        is_right = is_right &&                                                                     \
                   attribute_parse_int(*value++, (least), (most), &message->name) == 0;
#define END(name)                                                                                  \
        return is_right;                                                                           \
    }
#include "ipc/messages.def"
#undef MESSAGE
#undef REQUEST
#undef TEXT
#undef REASON
#undef INT
#undef END

/* ---- x_put(): false when a field is beyond its limits ----------------------------------------- */

#define MESSAGE(name)                                                                              \
    static bool name##_put(struct buf *out, const void *from)                                      \
    {                                                                                              \
        const struct ipc_##name *message = from;                                                   \
        bool is_right = true;
#define REQUEST(kind)              attribute_put(out, "request", STR(#kind));
#define TEXT(name, max)                                                                            \
        is_right = is_right && message->name.size <= (max);                                        \
        attribute_put(out, #name, message->name);
#define REASON(name)               attribute_put(out, #name, str_first(message->name, IPC_REASON_MAX));
#define INT(name, least, most)                                                                     \
        is_right = is_right && message->name >= (least) && message->name <= (most);                \
        attribute_put_int(out, #name, message->name);
#define END(name)                                                                                  \
        return is_right;                                                                           \
    }
#include "ipc/messages.def"
#undef MESSAGE
#undef REQUEST
#undef TEXT
#undef REASON
#undef INT
#undef END

/* ---- x_keep(): text moves to the arena; false when it does not fit ---------------------------- */

static bool keep_text(struct arena *arena, struct str *text)
{
    *text = arena_copy(arena, *text);
    return text->data != NULL;
}

#define MESSAGE(name)                                                                              \
    static bool name##_keep(struct arena *arena UNUSED, void *of)                                  \
    {                                                                                              \
        struct ipc_##name *message UNUSED = of;                                                    \
        bool is_kept = true;
#define REQUEST(kind)
#define TEXT(name, max)            is_kept = is_kept && keep_text(arena, &message->name);
#define REASON(name)               is_kept = is_kept && keep_text(arena, &message->name);
#define INT(name, least, most)
#define END(name)                                                                                  \
        return is_kept;                                                                            \
    }
#include "ipc/messages.def"
#undef MESSAGE
#undef REQUEST
#undef TEXT
#undef REASON
#undef INT
#undef END
#undef PART
#undef PART_END
// clang-format on

/* ---- what is common to all messages ------------------------------------------------------------ */

static int message_write(const struct message_type *type, struct buf *out, const void *message)
{
    size_t size_before = out->size;
    bool is_right = type->put(out, message);
    if (!type->is_part) {
        attribute_put_end(out);
    }
    if (!is_right) {
        buf_truncate(out, size_before);
        return -ERR_INVALID;
    }
    return buf_error(out);
}

static enum parse message_parse(const struct message_type *type, struct str input, void *message,
                                size_t *used_bytes)
{
    struct str values[FIELDS_MAX];
    enum parse parse =
        type->is_part
            ? attribute_parse_part(input, type->fields, type->field_count, values, used_bytes)
            : attribute_parse(input, type->fields, type->field_count, values, used_bytes);
    if (parse == PARSE_OK && !type->from_values(values, message)) {
        return PARSE_BAD;
    }
    return parse;
}

static void message_send(const struct message_type *type, struct stream *stream,
                         const void *message)
{
    struct buf out;
    buf_init(&out, stream->mem, IPC_MESSAGE_MAX);
    int error = message_write(type, &out, message);
    if (error == 0) {
        stream_put(stream, buf_str(&out));
    } else {
        stream_fail(stream, error);
    }
    buf_done(&out);
}

/* After PARSE_MORE or PARSE_BAD: 0 to try again, else the stream's error. */
static int wait_for_more(struct stream *stream, enum parse parse)
{
    int error = parse == PARSE_MORE ? stream_fill(stream) : -ERR_PROTOCOL;
    if (error == -ERR_LIMIT) {
        error = -ERR_PROTOCOL; /* no message is that long */
    }
    if (error != 0) {
        stream_fail(stream, error);
    }
    return error;
}

static int message_receive(const struct message_type *type, struct stream *stream,
                           struct arena *arena, void *message)
{
    size_t used_bytes = 0;
    for (;;) {
        enum parse parse = message_parse(type, stream_input(stream), message, &used_bytes);
        if (parse == PARSE_OK) {
            break;
        }
        int error = wait_for_more(stream, parse);
        if (error != 0) {
            return error;
        }
    }
    if (!type->keep(arena, message)) {
        stream_fail(stream, -ERR_LIMIT);
        return -ERR_LIMIT;
    }
    stream_skip(stream, used_bytes);
    return 0;
}

/* ---- the types, and the functions of messages.h ------------------------------------------------ */

// clang-format off
#define DEFINE(name, part)                                                                         \
    static const struct message_type name##_type = {                                               \
        .fields = name##_fields,                                                                   \
        .field_count = sizeof(name##_fields) / sizeof(name##_fields[0]),                           \
        .is_part = (part),                                                                         \
        .from_values = name##_from_values,                                                         \
        .put = name##_put,                                                                         \
        .keep = name##_keep,                                                                       \
    };                                                                                             \
    _Static_assert(sizeof(name##_fields) / sizeof(name##_fields[0]) <= FIELDS_MAX, "FIELDS_MAX");  \
    int ipc_##name##_write(struct buf *out, const struct ipc_##name *message)                      \
    {                                                                                              \
        return message_write(&name##_type, out, message);                                          \
    }                                                                                              \
    enum parse ipc_##name##_parse(struct str input, struct ipc_##name *message,                    \
                                  size_t *used_bytes)                                              \
    {                                                                                              \
        return message_parse(&name##_type, input, message, used_bytes);                            \
    }                                                                                              \
    void ipc_##name##_send(struct stream *stream, const struct ipc_##name *message)                \
    {                                                                                              \
        message_send(&name##_type, stream, message);                                               \
    }                                                                                              \
    int ipc_##name##_receive(struct stream *stream, struct arena *arena,                           \
                             struct ipc_##name *message)                                           \
    {                                                                                              \
        return message_receive(&name##_type, stream, arena, message);                              \
    }

#define MESSAGE(name) DEFINE(name, false)
#define PART(name)    DEFINE(name, true)
#define REQUEST(kind)
#define TEXT(name, max)
#define REASON(name)
#define INT(name, least, most)
#define END(name)
#define PART_END(name)
#include "ipc/messages.def"
// clang-format on

void ipc_list_end_send(struct stream *stream)
{
    stream_put_char(stream, '\0');
}

int ipc_list_more(struct stream *stream)
{
    struct str input;
    int error = stream_peek(stream, 1, &input);
    if (error != 0) {
        return error;
    }
    if (input.data[0] != '\0') {
        return 1;
    }
    stream_skip(stream, 1);
    return 0;
}

int ipc_request_wait(struct stream *stream, struct str *kind)
{
    static const struct attribute_field field = {"request", IPC_NAME_MAX};
    for (;;) {
        size_t used_bytes;
        enum parse parse = attribute_parse_part(stream_input(stream), &field, 1, kind, &used_bytes);
        if (parse == PARSE_OK) {
            return 0;
        }
        int error = wait_for_more(stream, parse);
        if (error != 0) {
            return error;
        }
    }
}
