// SPDX-License-Identifier: ISC
/* postilion/postilion_why_history - what the mail log remembers of a message
 *
 * The lines of maillog_file that name the message, told as steps: how it came in, what happened to
 * it, how it left the queue. Deliveries with the same outcome are one step, which counts them. When
 * an id was given again, the steps are those of its last message.
 *
 * Limits    the last POSTILION_WHY_LOG_BYTES of the file; POSTILION_WHY_STEPS steps: of more, the
 *           first one and the last ones
 * Memory    none but the struct; file belongs to the configuration
 * Blocks    for the disk
 * See       log/log_line
 */
#ifndef POSTILION_POSTILION_WHY_HISTORY_H
#define POSTILION_POSTILION_WHY_HISTORY_H

#include "conf/conf.h"
#include "sys/sys.h"

enum {
    POSTILION_WHY_STEPS = 8, /* so that all fits on one screen */
    POSTILION_WHY_STEP_SIZE = 200,
    POSTILION_WHY_LOG_BYTES = 64 << 20
};

struct postilion_why_step {
    int64_t first_wall_s;
    int64_t last_wall_s;
    int64_t count;
    char text[POSTILION_WHY_STEP_SIZE];
};

struct postilion_why_history {
    struct str file;           /* empty: there is no log that could be read back */
    int error;                 /* 0, or why it could not be read */
    bool is_known;             /* an event tells of the message, not only some text */
    bool has_beginning;        /* the log tells of the arrival */
    bool has_end;              /* and that the message left the queue */
    int64_t log_begins_wall_s; /* its first line; -1: it has none */
    struct postilion_why_step steps[POSTILION_WHY_STEPS];
    int step_count;
    int64_t left_out_count; /* steps behind the first one */
};

void postilion_why_history_read(struct sys *sys, const struct conf *conf, struct str id,
                                struct postilion_why_history *history);

#endif
