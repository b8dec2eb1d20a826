// SPDX-License-Identifier: ISC
#include "check/mail_event.h"

#include "base/number.h"

#define SECOND_NS INT64_C(1000000000)

/* The text between the first `before` and the next `after`; data NULL when there is none. */
static struct str between(struct str text, struct str before, struct str after)
{
    ptrdiff_t start = str_find_str(text, before);
    if (start < 0) {
        return (struct str){NULL, 0};
    }
    struct str rest = str_skip(text, (size_t)start + before.size);
    ptrdiff_t end = str_find_str(rest, after);
    return end < 0 ? (struct str){NULL, 0} : str_first(rest, (size_t)end);
}

/* "1.25" seconds; anything else is 0. */
static int64_t seconds_ns(struct str text)
{
    struct str whole;
    uint64_t seconds = 0;
    uint64_t digits = 0;
    if (!str_next(&text, '.', &whole) || number_parse_u64(whole, INT32_MAX, &seconds) != 0) {
        return 0;
    }
    int64_t part_ns = 0;
    if (text.size > 0 && text.size <= 9 && number_parse_u64(text, INT32_MAX, &digits) == 0) {
        part_ns = (int64_t)digits;
        for (size_t i = text.size; i < 9; i++) {
            part_ns *= 10;
        }
    }
    return (int64_t)seconds * SECOND_NS + part_ns;
}

/* delays=a/b/c/d */
static void parse_delays(struct str delays, struct mail_event *event)
{
    int64_t parts_ns[4] = {0};
    struct str part;
    for (int i = 0; i < 4 && str_next(&delays, '/', &part); i++) {
        parts_ns[i] = seconds_ns(part);
    }
    event->waited_ns = parts_ns[1];
    event->delivery_ns = parts_ns[2] + parts_ns[3];
}

/* The text in the parentheses at the end: they may hold others. */
static struct str reason(struct str text)
{
    ptrdiff_t start = str_find_str(text, STR(" ("));
    if (start < 0 || !str_ends_with(text, STR(")"))) {
        return STR("");
    }
    struct str inside = str_skip(text, (size_t)start + 2);
    return str_first(inside, inside.size - 1);
}

static void parse_result(struct str text, struct mail_event *event)
{
    event->kind = MAIL_EVENT_RESULT;
    event->recipient = between(text, STR("to=<"), STR(">, "));
    event->original_recipient = between(text, STR(", orig_to=<"), STR(">, "));
    event->relay = between(text, STR(", relay="), STR(", "));
    event->dsn = between(text, STR(", dsn="), STR(", "));
    event->status = between(text, STR(", status="), STR(" "));
    parse_delays(between(text, STR(", delays="), STR(", ")), event);
    event->text = reason(text);
}

static void parse_of_queue_file(struct str text, struct mail_event *event)
{
    if (str_starts_with(text, STR("to=<")) && str_find_str(text, STR(", status=")) >= 0) {
        parse_result(text, event);
    } else if (str_starts_with(text, STR("message-id="))) {
        event->kind = MAIL_EVENT_MESSAGE_ID;
        event->text = str_skip(text, 11);
    } else if (str_starts_with(text, STR("from=<"))) {
        event->sender = between(text, STR("from=<"), STR(">, "));
        if (str_ends_with(text, STR("(queue active)"))) {
            event->kind = MAIL_EVENT_ACTIVE;
        } else if (str_ends_with(text, STR("expired, returned to sender"))) {
            event->kind = MAIL_EVENT_EXPIRED;
            event->status = between(text, STR(", status="), STR(","));
        }
    } else if (str_equal(text, STR("removed"))) {
        event->kind = MAIL_EVENT_REMOVED;
    } else if (str_find_str(text, STR(" notification: ")) >= 0) {
        event->kind = MAIL_EVENT_NOTICE;
        ptrdiff_t colon = str_find_last(text, ':');
        event->text = str_first(text, (size_t)colon);
        event->new_id = str_trim(str_skip(text, (size_t)colon + 1));
    }
}

static bool is_queue_id(struct str text)
{
    for (size_t i = 0; i < text.size; i++) {
        if (!char_is_alnum(text.data[i]) && text.data[i] != '_') {
            return false;
        }
    }
    return text.size > 0;
}

static void parse_warning(struct str text, struct mail_event *event)
{
    ptrdiff_t colon = str_find(text, ':');
    struct str id = str_first(text, colon < 0 ? 0 : (size_t)colon);
    if (is_queue_id(id)) {
        event->kind = MAIL_EVENT_WARNING;
        event->id = id;
        event->text = str_trim(str_skip(text, (size_t)colon + 1));
    }
}

bool mail_event_parse(struct str line, struct mail_event *event)
{
    *event = (struct mail_event){.kind = MAIL_EVENT_OTHER};
    ptrdiff_t end = str_find_str(line, STR("]: "));
    struct str tag = str_first(line, end < 0 ? 0 : (size_t)end);
    ptrdiff_t bracket = str_find_last(tag, '[');
    uint64_t pid = 0;
    if (bracket < 0 || number_parse_u64(str_skip(tag, (size_t)bracket + 1), INT32_MAX, &pid) != 0) {
        return false;
    }
    tag = str_first(tag, (size_t)bracket);
    event->program = str_skip(tag, (size_t)(str_find_last(tag, '/') + 1));
    event->pid = (int)pid;
    event->message = str_skip(line, (size_t)end + 3);
    event->text = event->message;
    ptrdiff_t colon = str_find(event->message, ':');
    struct str id = str_first(event->message, colon < 0 ? 0 : (size_t)colon);
    if (str_starts_with(event->message, STR("connect to "))) {
        event->kind = MAIL_EVENT_CONNECT_FAILED;
    } else if (str_equal(id, STR("warning"))) {
        parse_warning(str_trim(str_skip(event->message, (size_t)colon + 1)), event);
    } else if (is_queue_id(id)) {
        event->id = id;
        parse_of_queue_file(str_trim(str_skip(event->message, (size_t)colon + 1)), event);
    }
    return true;
}

bool mail_event_is_deferred(const struct mail_event *event)
{
    return event->kind == MAIL_EVENT_RESULT && (str_equal(event->status, STR("deferred")) ||
                                                str_equal(event->status, STR("SOFTBOUNCE")));
}

bool mail_event_names_ip(struct str text, struct str ip)
{
    ptrdiff_t start = str_find_str(text, ip);
    return start > 0 && text.data[start - 1] == '[' && (size_t)start + ip.size < text.size &&
           text.data[(size_t)start + ip.size] == ']';
}
