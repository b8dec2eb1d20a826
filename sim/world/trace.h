// SPDX-License-Identifier: ISC
/* world/trace - what happened, in order: its hash, its last events, its text
 *
 * Every system call with its arguments and its result, and every log line, is one record. The
 * hash over all records is the identity of a run; the most recent ones are kept for the timeline
 * of a failure; with a sink every record is written out as a line of text.
 *
 * Shape     text line: TIME MACHINE PROGRAM[PID] CALL NUMBERS "TEXT" = RESULT
 * State     nothing that differs between builds goes in: no address, no padding, no time of
 *           the real machine. Of an encrypted stream only lengths count (network.h); who knows
 *           its plaintext adds that with trace_note()
 * Limits    TRACE_RECENT_MAX records kept, TRACE_TEXT_MAX bytes of each text shown
 * Blocks    never
 */
#ifndef WORLD_TRACE_H
#define WORLD_TRACE_H

#include <stdint.h>

#include "base/buf.h"
#include "base/hash.h"
#include "base/str.h"

struct machine;
struct sys;
struct world;

enum { TRACE_RECENT_MAX = 4096, TRACE_TEXT_MAX = 96, TRACE_NUMBERS_MAX = 3 };

struct trace_record {
    const char *call; /* a literal: "read"; "log" for a line of the log, "note" for a note */
    int64_t numbers[TRACE_NUMBERS_MAX];
    struct str text; /* path or data; hashed whole */
    bool opaque;     /* of the text only its size counts */
    int64_t result;
};

/* sys is the process that called; NULL for what the world itself did. */
void trace_add(struct world *world, const struct sys *sys, const struct trace_record *record);

/* Adds a line that is part of the run's identity, from a simulated process or from outside. */
void trace_note(struct world *world, const struct sys *sys, const char *format, ...)
    PRINTF_LIKE(3, 4);

/* The last count records as text lines, oldest first. */
void trace_recent(const struct world *world, int count, struct buf *out);

/* From now on each record's text line, with its newline, also goes there; NULL ends that. */
void trace_sink(struct world *world, void (*write)(void *argument, struct str line),
                void *argument);

/* ---- the world's -------------------------------------------------------------------------- */

/* A record as it is remembered: texts are cut, the process is named. */
struct trace_event {
    int64_t at_ns;
    const char *call;
    int64_t numbers[TRACE_NUMBERS_MAX];
    int64_t result;
    const struct machine *machine;
    int pid;
    char program[24];
    uint32_t text_size; /* of the whole text */
    char text[TRACE_TEXT_MAX];
};

struct trace {
    struct hash hash;
    struct trace_event *recent; /* a ring of TRACE_RECENT_MAX */
    uint64_t count;             /* of all records so far */
    void (*write)(void *argument, struct str line);
    void *argument;
};

void trace_init(struct trace *trace, struct mem *mem);

#endif
