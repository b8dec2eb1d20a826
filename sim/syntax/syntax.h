// SPDX-License-Identifier: ISC
/* sim/syntax - the line-oriented notation that scenario files, peer scripts and zones share
 *
 * A language is a table of forms. A form is one kind of line, written as its documentation shows
 * it; parser, diagnostics and docs/SCENARIOS.md all come from that one text:
 *
 *     "MESSAGE attempts at TIME... [then every PERIOD]"
 *
 *     UPPER_CASE    a slot, when the language's slot table has it: says what fits there
 *     UPPER_CASE... one or more of them
 *     other words   must stand there as they are
 *     [ ... ]       may be left out, as a whole
 *
 * Grammar   a line is words between spaces: bare, "quoted" or <address>. In quotes,
 *           \" \\ \r \n \t \0 and \xHH (two hex digits) stand for a byte.
 *           {x} in any word but ${x} stands for the value of the variable x. A line whose first
 *           byte is # is a comment, and so is one that is # after spaces.
 * Limits    SYNTAX_WORDS_MAX words in a line, SYNTAX_SLOTS_MAX slots in a language,
 *           SYNTAX_RANGE_MAX addresses in a range
 * Memory    everything that is parsed lives in the caller's arena and looks into the source text
 * Blocks    never
 */
#ifndef SYNTAX_SYNTAX_H
#define SYNTAX_SYNTAX_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/attribute.h"
#include "base/buf.h"
#include "base/str.h"

enum {
    SYNTAX_WORDS_MAX = 256,
    SYNTAX_SLOTS_MAX = 64,
    SYNTAX_PROBLEMS_MAX = 20,
    SYNTAX_RANGE_MAX = 100000,
};

/* ---- problems ------------------------------------------------------------------------------ */

/* Collects what is wrong with a source, as finished text: place, sentence, the line, a caret. */
struct syntax_problems {
    const char *file;
    struct str source;  /* the whole text, to show lines from it */
    struct buf *report; /* the caller's */
    int count;          /* also counts those beyond SYNTAX_PROBLEMS_MAX, which are not shown */
};

/* line and column count from 1; hint (NULL: none) is a further line that says what to do. */
void syntax_problem(struct syntax_problems *problems, int line, int column, const char *hint,
                    const char *format, ...) PRINTF_LIKE(5, 6);

/* ---- words --------------------------------------------------------------------------------- */

enum syntax_quote {
    SYNTAX_BARE,
    SYNTAX_QUOTED,    /* "..." */
    SYNTAX_BRACKETED, /* <...> */
};

struct syntax_word {
    enum syntax_quote quote;
    struct str text; /* without quotes or brackets, escapes and variables replaced */
    int column;      /* of its first byte, from 1 */
};

struct syntax_line {
    int number; /* from 1 */
    int indent; /* spaces before the first word */
    int word_count;
    struct syntax_word *words;
};

/* What {name} stands for. */
struct syntax_variable {
    struct str name;
    struct str value;
    struct syntax_variable *next;
};

/* Cuts one line into words; a blank line or a comment has none. False after a problem. */
MUST_USE bool syntax_line_parse(struct arena *arena, struct str text, int number,
                                const struct syntax_variable *variables,
                                struct syntax_problems *problems, struct syntax_line *line);

/* Writes the words with single spaces between, quoted as they must be to parse again. */
void syntax_line_write(const struct syntax_line *line, struct buf *out);

/* ---- forms --------------------------------------------------------------------------------- */

enum syntax_kind {
    SYNTAX_WORD,        /* a bare word */
    SYNTAX_LABEL,       /* a bare word that starts with a capital */
    SYNTAX_TEXT,        /* "quoted" */
    SYNTAX_PATH,        /* <address> */
    SYNTAX_PATHS,       /* the same, or <r0@a.test> .. <r9@a.test>: a value for each */
    SYNTAX_VALUE,       /* bare or quoted */
    SYNTAX_TIME,        /* 300s, 2h30m, 5d, -100s, 20ms: low is nanoseconds */
    SYNTAX_TOLERANCE,   /* +60s: low is nanoseconds */
    SYNTAX_MOMENT,      /* 300s, or first + 299s: low is nanoseconds, relative tells which */
    SYNTAX_COUNT,       /* 3, 1..2, 2..: low and high */
    SYNTAX_NUMBER,      /* low */
    SYNTAX_MODE,        /* of a file, in octal: low */
    SYNTAX_IP,          /* IPv4 or IPv6 address */
    SYNTAX_REPLY_CODE,  /* 250: low */
    SYNTAX_STATUS_CODE, /* 4.2.0 */
    SYNTAX_CHOICE,      /* one of the choices: low is its index */
};

struct syntax_slot {
    const char *name;
    enum syntax_kind kind;
    const char *choices; /* of SYNTAX_CHOICE: words between spaces */
};

struct syntax_form {
    unsigned contexts; /* where it may stand: a set of the language's own bits */
    const char *pattern;
};

struct syntax_language {
    const struct syntax_slot *slots;
    int slot_count;
    const struct syntax_form *forms;
    int form_count;
};

struct syntax_value {
    struct syntax_value *next; /* of a SLOT..., or of a range */
    struct str text;
    int64_t low;
    int64_t high;
    bool relative;
    int column;
};

struct syntax_match {
    int form; /* index into the forms */
    const struct syntax_line *line;
    struct syntax_value *values[SYNTAX_SLOTS_MAX]; /* by slot; NULL when left out */
};

/* Finds the form of the context (one bit) that the line follows. False after a problem, which says what was
 * expected at the place where the best form stopped fitting. */
MUST_USE bool syntax_match(const struct syntax_language *language, unsigned context,
                           const struct syntax_line *line, struct arena *arena,
                           struct syntax_problems *problems, struct syntax_match *match);

/* Puts behind the value, which is the first address of a range, one for each further address up to
 * the last. Empty, or what should have stood in place of the last. */
struct str syntax_range_expand(struct arena *arena, struct str last, struct syntax_value *value);

/* Nanoseconds of 300s, 2h30m, 5d, 20ms, -100s. -ERR_SYNTAX, -ERR_LIMIT. */
MUST_USE int syntax_time_parse(struct str text, int64_t *time_ns);
/* Such a text of the time: 0s, 300s, 9000s; whole days as 5d, parts of a second as 1500000us. */
enum { SYNTAX_TIME_TEXT_MAX = 32 };
const char *syntax_time_text(int64_t time_ns, char text[SYNTAX_TIME_TEXT_MAX]);

/* The word of the list (words between spaces) that was probably meant; size 0: none is near. */
struct str syntax_nearest(struct str word, const char *list);

#endif
