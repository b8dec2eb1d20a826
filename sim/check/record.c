// SPDX-License-Identifier: ISC
#include "check/record.h"

#include "base/assert.h"
#include "log/log_line.h"
#include "peer/peer_message.h"

enum { IDS_MAX = 5 * 1000 * 1000 };

void record_init(struct record *record, struct mem *mem)
{
    *record = (struct record){.mem = mem};
    arena_init(&record->arena, mem, RECORD_BYTES_MAX);
    map_init(&record->ids, mem, IDS_MAX);
}

void record_done(struct record *record)
{
    map_done(&record->ids);
    arena_done(&record->arena);
}

struct record_message *record_message(struct record *record, struct str label, int copy)
{
    struct record_message **end = &record->messages;
    while (*end != NULL) {
        if ((*end)->copy == copy && str_equal((*end)->label, label)) {
            return *end;
        }
        end = &(*end)->next;
    }
    struct record_message *message = arena_alloc(&record->arena, sizeof(*message));
    assert(message != NULL);
    message->label = arena_copy(&record->arena, label);
    message->copy = copy;
    *end = message;
    return message;
}

struct record_message *record_message_of(const struct record *record, struct str id)
{
    return map_get(&record->ids, id);
}

struct record_message *record_message_of_entry(struct record *record,
                                               const struct record_entry *entry)
{
    if (entry->kind == RECORD_MAIL) {
        return record_message_of(record, entry->mail.id);
    }
    if (entry->kind == RECORD_REPORT && entry->report->values[PEER_REPORT_SLOT_COPY] != NULL) {
        return record_message(record, record_text(entry, PEER_REPORT_SLOT_MESSAGE),
                              (int)record_number(entry, PEER_REPORT_SLOT_COPY));
    }
    return NULL;
}

/* The first Message-Id that a queue file has is the one it came with. */
static void note_id(struct record *record, const struct record_entry *entry)
{
    struct str label;
    int copy = 0;
    if (peer_message_id_parse(entry->mail.text, &label, &copy) &&
        record_message_of(record, entry->mail.id) == NULL) {
        struct record_message *message = record_message(record, label, copy);
        int error = map_put(&record->ids, entry->mail.id, message);
        assert(error == 0);
        message->id = entry->mail.id;
    }
}

static void note_report(struct record_message *message, const struct record_entry *entry)
{
    if (entry->report->form == PEER_REPORT_ACCEPTED) {
        message->accepted = entry;
    } else if (entry->report->form == PEER_REPORT_REFUSED) {
        message->refused = entry;
    } else if (entry->report->form == PEER_REPORT_LOST) {
        message->lost = entry;
    }
}

static void note_message(struct record *record, struct record_entry *entry)
{
    struct record_message *message = record_message_of_entry(record, entry);
    if (message == NULL) {
        return;
    }
    if (message->last == NULL) {
        message->first = entry;
    } else {
        message->last->next_of_message = entry;
    }
    message->last = entry;
    if (entry->kind == RECORD_REPORT) {
        note_report(message, entry);
    }
}

static struct record_entry *add_entry(struct record *record, int64_t at_ns, struct str line)
{
    struct record_entry *entry = arena_alloc(&record->arena, sizeof(*entry));
    assert(entry != NULL && record->count < RECORD_ENTRIES_MAX);
    entry->at_ns = at_ns;
    entry->line = arena_copy(&record->arena, line);
    entry->kind = RECORD_OTHER;
    if (record->last == NULL) {
        record->first = entry;
    } else {
        record->last->next = entry;
    }
    record->last = entry;
    record->count++;
    return entry;
}

/* NULL when the line is no report. */
static const struct syntax_match *read_report(struct record *record, struct str line)
{
    struct syntax_match report;
    if (!peer_report_parse(&record->arena, line, &report)) {
        return NULL;
    }
    struct syntax_match *kept = arena_alloc(&record->arena, sizeof(*kept));
    assert(kept != NULL);
    *kept = report;
    return kept;
}

/* With log_format = json the line is kept as it would have been in text. */
static struct str as_text(struct record *record, struct str line, struct buf *text)
{
    struct log_line parsed;
    if (!str_starts_with(line, STR("{")) ||
        log_line_parse(line, 0, 0, &record->arena, &parsed) != 0) {
        return line;
    }
    log_line_write(text, LOG_FORMAT_TEXT, &parsed);
    return buf_str(text);
}

void record_add(struct record *record, int64_t at_ns, struct str line)
{
    struct buf text;
    buf_init(&text, record->mem, LOG_LINE_BYTES_MAX);
    struct record_entry *entry = add_entry(record, at_ns, as_text(record, line, &text));
    buf_done(&text);
    entry->report = read_report(record, entry->line);
    if (entry->report != NULL) {
        entry->kind = RECORD_REPORT;
    } else if (mail_event_parse(entry->line, &entry->mail)) {
        entry->kind = RECORD_MAIL;
        if (entry->mail.kind == MAIL_EVENT_MESSAGE_ID) {
            note_id(record, entry);
        }
    }
    note_message(record, entry);
}

void record_add_output(struct record *record, int64_t at_ns, struct str text)
{
    struct str line;
    while (text.size > 0 && str_next(&text, '\n', &line)) {
        add_entry(record, at_ns, line)->kind = RECORD_OUTPUT;
    }
}

void record_add_exit(struct record *record, int64_t at_ns, struct str program, int status)
{
    struct record_entry *entry = add_entry(record, at_ns, program);
    entry->kind = RECORD_EXIT;
    entry->status = status;
}

struct str record_text(const struct record_entry *entry, enum peer_report_slot slot)
{
    const struct syntax_value *value = entry->report->values[slot];
    return value == NULL ? STR("") : value->text;
}

int64_t record_number(const struct record_entry *entry, enum peer_report_slot slot)
{
    const struct syntax_value *value = entry->report->values[slot];
    return value == NULL ? 0 : value->low;
}

bool record_is_report(const struct record_entry *entry, enum peer_report_form form)
{
    return entry->kind == RECORD_REPORT && entry->report->form == (int)form;
}

bool record_is_mail(const struct record_entry *entry, enum mail_event_kind kind)
{
    return entry->kind == RECORD_MAIL && entry->mail.kind == kind;
}
