// SPDX-License-Identifier: ISC
/* sim/check/record - everything that was logged during a run, in order, understood once
 *
 * Units     times are those of the scenario
 * Limits    RECORD_ENTRIES_MAX entries
 * Memory    on the heap given at init; record_done() releases it
 * Blocks    never
 */
#ifndef CHECK_RECORD_H
#define CHECK_RECORD_H

#include "base/arena.h"
#include "base/map.h"
#include "check/mail_event.h"
#include "peer/peer_report.h"

enum { RECORD_ENTRIES_MAX = 5 * 1000 * 1000, RECORD_BYTES_MAX = 1 << 30 };

enum record_kind {
    RECORD_MAIL,   /* a line of the mail log */
    RECORD_REPORT, /* of a peer */
    RECORD_OUTPUT, /* of a command */
    RECORD_EXIT,   /* ... ; its line is the program */
    RECORD_OTHER,
};

struct record_entry {
    struct record_entry *next;
    struct record_entry *next_of_message; /* the next about the same message of the scenario */
    enum record_kind kind;
    int64_t at_ns;
    struct str line;
    struct mail_event mail;            /* of RECORD_MAIL */
    const struct syntax_match *report; /* of RECORD_REPORT */
    int status;                        /* of RECORD_EXIT; -1: a signal ended it */
};

/* A message that the scenario submits, or one of its copies. */
struct record_message {
    struct record_message *next;
    struct str label;
    int copy;
    struct str id; /* of its queue file, the last one it had; data NULL: none yet */
    const struct record_entry *accepted; /* NULL: it was not, or nobody knows */
    const struct record_entry *refused;
    const struct record_entry *lost;
    bool is_damaged;            /* the disk, or somebody, spoilt its queue file */
    bool has_damaged_records;   /* ... what bounce/, defer/ or trace/ say of it */
    struct record_entry *first; /* all that was logged and reported about it, in order */
    struct record_entry *last;
};

struct record {
    struct mem *mem;
    struct arena arena;
    struct record_entry *first;
    struct record_entry *last;
    int count;
    struct map ids; /* queue id -> struct record_message: by its Message-Id */
    struct record_message *messages;
};

void record_init(struct record *record, struct mem *mem);
void record_done(struct record *record);

/* The line is copied. */
void record_add(struct record *record, int64_t at_ns, struct str line);

/* The same for what a command wrote, line by line. */
void record_add_output(struct record *record, int64_t at_ns, struct str text);
void record_add_exit(struct record *record, int64_t at_ns, struct str program, int status);

/* The message of that label and copy; made when it is asked for first. */
struct record_message *record_message(struct record *record, struct str label, int copy);
/* The message that lives or lived in the queue file of that id; NULL: none of the scenario's. */
struct record_message *record_message_of(const struct record *record, struct str id);
/* The same for any entry: of the mail log by its id, of a report by its label. */
struct record_message *record_message_of_entry(struct record *record,
                                               const struct record_entry *entry);

/* What stands in a slot of a report. */
struct str record_text(const struct record_entry *entry, enum peer_report_slot slot);
int64_t record_number(const struct record_entry *entry, enum peer_report_slot slot);
bool record_is_report(const struct record_entry *entry, enum peer_report_form form);
bool record_is_mail(const struct record_entry *entry, enum mail_event_kind kind);

#endif
