// SPDX-License-Identifier: ISC
/* sim/report - what a run is told as: to people, to CI systems, to programs
 *
 * Formats   human  one line a scenario, failures below it, totals at the end, of sweeps for each way
 *           tap    Test Anything Protocol 13
 *           junit  one XML document
 *           json   one object a line: name file world seed result hash virtual_seconds wall_ms
 *                  failures, of a sweep also sweep points images, the last one for
 *                  kills and failures as well
 * Memory    a result's texts are the caller's
 * Blocks    never; output is appended to a buffer
 */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include "base/buf.h"
#include "base/str.h"

enum report_outcome {
    REPORT_PASS,
    REPORT_FAIL,
    REPORT_SKIP,
    REPORT_ERROR, /* the file is wrong, or the simulator itself failed */
    REPORT_OUTCOME_COUNT,
};

enum report_format { REPORT_HUMAN, REPORT_TAP, REPORT_JUNIT, REPORT_JSON, REPORT_FORMAT_COUNT };

struct report_result {
    struct str name; /* title, of an instance with its values */
    struct str file;
    const char *world; /* sim, live, postfix */
    bool seeded;
    uint64_t seed;
    enum report_outcome outcome;
    bool internal; /* of an error: the simulator's own, not the file's */
    uint64_t hash;
    int64_t virtual_ns;
    int64_t wall_ns;
    const char *sweep;    /* of a sweep: power-cut, kill, fail, hang; else NULL */
    int points;           /* of a sweep: the calls tried */
    int variants;         /* and all that was let happen at them ... */
    const char *unit;     /* ... which are these: "disk images", "kills", "failures", "hangs" */
    struct str failures;  /* each ends with a NUL (check/failure.h); of a skip: the reason */
    struct str timeline;  /* of a failure */
    struct str reproduce; /* the command that repeats it */
};

/* Of all sweeps of one way. */
struct report_sweeps {
    const char *way; /* NULL: none yet */
    const char *unit;
    int count;
    int64_t points;
    int64_t variants;
};

enum { REPORT_WAYS_MAX = 8 };

struct report {
    enum report_format format;
    struct buf *out;
    int counts[REPORT_OUTCOME_COUNT];
    struct report_sweeps sweeps[REPORT_WAYS_MAX]; /* in the order of the first of each way */
    int64_t virtual_ns;
    int number;    /* of results so far */
    bool internal; /* the simulator itself failed */
};

/* 0, or -ERR_NOT_FOUND: there is no such format. */
MUST_USE int report_format_find(struct str name, enum report_format *format);
const char *report_outcome_name(enum report_outcome outcome);

void report_begin(struct report *report, enum report_format format, struct buf *out);
void report_add(struct report *report, const struct report_result *result);
/* wall_ns is how long all of it took. */
void report_end(struct report *report, int64_t wall_ns);

/* 0 all held; 1 a failure; 2 a scenario file is wrong; 3 the simulator itself failed. */
int report_exit_status(const struct report *report);

#endif
