// SPDX-License-Identifier: ISC
#include "proto/header_recipients.h"

#include "base/err.h"
#include "proto/address.h"
#include "proto/header.h"

void header_recipients_init(struct header_recipients *recipients, struct mem *mem)
{
    *recipients = (struct header_recipients){.ended = false};
    buf_init(&recipients->field, mem, HEADER_RECIPIENTS_FIELD_MAX);
    buf_init(&recipients->plain, mem, HEADER_RECIPIENTS_BYTES_MAX);
    buf_init(&recipients->resent, mem, HEADER_RECIPIENTS_BYTES_MAX);
}

void header_recipients_done(struct header_recipients *recipients)
{
    buf_done(&recipients->field);
    buf_done(&recipients->plain);
    buf_done(&recipients->resent);
}

static bool names_recipients(struct str name)
{
    return str_equal_fold(name, STR("To")) || str_equal_fold(name, STR("Cc")) ||
           str_equal_fold(name, STR("Bcc"));
}

/* Where the addresses of a field of that name go; NULL: it names no recipients. */
static struct buf *list_of(struct header_recipients *recipients, struct str name)
{
    static const struct str resent = STR_INIT("Resent-");
    if (names_recipients(name)) {
        return &recipients->plain;
    }
    bool is_resent =
        str_starts_with_fold(name, resent) && names_recipients(str_skip(name, resent.size));
    recipients->is_resent |= is_resent;
    return is_resent ? &recipients->resent : NULL;
}

static void note_error(struct header_recipients *recipients, int error)
{
    if (recipients->error == 0) {
        recipients->error = error;
    }
}

static void add_addresses(struct header_recipients *recipients, struct str value, struct buf *list)
{
    int found;
    do {
        size_t before = list->size;
        found = address_list_next_lenient(&value, list);
        if (found < 0) {
            note_error(recipients, found);
        } else if (list->size > before) {
            buf_put_char(list, '\n');
        }
    } while (found == 1);
    note_error(recipients, buf_error(list));
}

static void end_field(struct header_recipients *recipients)
{
    struct str name;
    struct str value;
    note_error(recipients, buf_error(&recipients->field));
    if (header_split(buf_str(&recipients->field), &name, &value)) {
        struct buf *list = list_of(recipients, name);
        if (list != NULL) {
            add_addresses(recipients, value, list);
        }
    }
    buf_clear(&recipients->field);
}

static void begin_line(struct header_recipients *recipients, struct str text)
{
    bool continues = recipients->field.size > 0 && header_line_continues(text);
    if (continues) {
        buf_put_char(&recipients->field, '\n');
        return;
    }
    end_field(recipients);
    recipients->ended = header_name_size(text) == 0;
}

void header_recipients_line(struct header_recipients *recipients, struct str text, bool ends_line)
{
    if (!recipients->inside_line && !recipients->ended) {
        begin_line(recipients, text);
    }
    recipients->inside_line = !ends_line;
    if (!recipients->ended) {
        buf_put(&recipients->field, text);
    }
}

int header_recipients_end(struct header_recipients *recipients, struct str *list)
{
    end_field(recipients);
    recipients->ended = true;
    *list = buf_str(recipients->is_resent ? &recipients->resent : &recipients->plain);
    return recipients->error;
}
