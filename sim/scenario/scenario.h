// SPDX-License-Identifier: ISC
/* sim/scenario - one scenario file: the world, the timed script, what is expected
 *
 * A file with `for` lines is several scenarios: one instance for each combination of values.
 * scenario_parse() gives one of them, checked: every name it uses is defined, every peer rule and
 * zone record is well formed.
 *
 * Grammar   docs/SCENARIOS.md; the forms below are its text
 * Limits    SCENARIO_INSTANCES_MAX, SCENARIO_BYTES_MAX
 * Memory    everything lives in the caller's arena and looks into the text, which must stay
 * Blocks    never
 */
#ifndef SCENARIO_SCENARIO_H
#define SCENARIO_SCENARIO_H

#include "scenario/forms.h"
#include "syntax/syntax.h"

enum { SCENARIO_INSTANCES_MAX = 1000, SCENARIO_BYTES_MAX = 1 << 20 };

/* What holds when a file does not say. */
#define SCENARIO_STARTED_NS INT64_C(-100000000000)    /* time 0 is 100 s after a queue run */
#define SCENARIO_LIMIT_NS   INT64_C(2592000000000000) /* 30 days */

/* A line with what is indented below it. */
struct scenario_statement {
    struct scenario_statement *next; /* the next of its kind below the same parent */
    enum scenario_form form;
    struct syntax_line line;
    struct syntax_match match;
    struct str text;                       /* the line's words, variables replaced */
    struct scenario_statement *children;   /* in order of the file */
    const struct scenario_statement *when; /* `when accepted A` above an expectation, or NULL */
    int64_t at_ns;                         /* of an action: of the `at` above it */
};

enum scenario_world { SCENARIO_WORLD_SIM = 1, SCENARIO_WORLD_LIVE = 2, SCENARIO_WORLD_POSTFIX = 4 };

/* In the order of the choices of the slot CONTRACT. */
enum scenario_disk { SCENARIO_DISK_POSIX_MIN, SCENARIO_DISK_EXT4, SCENARIO_DISK_POSTFIX };

/* In the order of the choices of the slot WAY. */
enum scenario_sweep {
    SCENARIO_SWEEP_POWER_CUT,
    SCENARIO_SWEEP_KILL,
    SCENARIO_SWEEP_FAIL,
    SCENARIO_SWEEP_HANG,
};

struct scenario {
    const char *file;
    struct str title;
    struct str instance; /* "stage=banner" or empty */
    const struct syntax_value *tags;
    unsigned worlds;    /* bits of enum scenario_world */
    int64_t latency_ns; /* of the network; -1: the world's own */
    int64_t limit_ns;   /* no run goes on beyond this time */
    enum scenario_disk disk;
    int64_t sync_ns;                        /* how long each sync takes */
    const struct scenario_statement *sweep; /* NULL: none */
    const struct scenario_statement *draws; /* overrides of choices of the world */
    const struct scenario_statement *mta;
    int64_t mta_started_ns;
    const struct scenario_statement *zones;
    const struct scenario_statement *peers;
    const struct scenario_statement *actions;      /* by time, then in order of the file */
    const struct scenario_statement *expectations; /* in order of the file */
};

/* How many scenarios the text is; 0 after a problem. */
int scenario_instance_count(struct arena *arena, struct str text, struct syntax_problems *problems);

/* Whether the text asks for a sweep; it need not be well formed. */
bool scenario_has_sweep(struct str text);

/* The instance of that index; NULL after a problem. */
MUST_USE struct scenario *scenario_parse(struct arena *arena, struct str text, int instance,
                                         struct syntax_problems *problems);

/* Writes the scenario in its canonical layout; it parses to the same scenario again. */
void scenario_write(const struct scenario *scenario, struct buf *out);

/* ---- reading a statement ------------------------------------------------------------------- */

/* What stands in the slot, or NULL when the line leaves it out. */
const struct syntax_value *scenario_value(const struct scenario_statement *statement,
                                          enum scenario_slot slot);
/* The same for slots that are always there, or with what to take when it is not. */
struct str scenario_text(const struct scenario_statement *statement, enum scenario_slot slot);
int64_t scenario_number(const struct scenario_statement *statement, enum scenario_slot slot,
                        int64_t otherwise);

/* A word that stands for a queue id: $A, or $A.3 for that of the third copy; with a ? behind it the
 * line is left out when no queue has the message. */
struct scenario_id {
    struct str label;
    int copy;
    bool may_be_missing;
};
/* False for any other word. */
bool scenario_names_id(struct str word, struct scenario_id *id);

/* False for an address of the mail system's own domain that has neither mailbox nor alias. */
bool scenario_is_known(const struct scenario *scenario, struct str address);

/* The values of what the address is an alias for, or NULL. */
const struct syntax_value *scenario_alias_members(const struct scenario *scenario,
                                                  struct str address);
/* Calls visit for every address that mail to this one is to reach, through all aliases; not for
 * aliases that only lead to each other. */
void scenario_alias_expand(const struct scenario *scenario, struct str address,
                           void (*visit)(void *argument, struct str address), void *argument);

/* The peer block of that name, or NULL. */
const struct scenario_statement *scenario_find_peer(const struct scenario *scenario,
                                                    struct str name);

#endif
