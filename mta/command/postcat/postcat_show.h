// SPDX-License-Identifier: ISC
/* postcat/postcat_show - one queue file as text, record by record
 *
 *     postcat_show_begin(&show, &out);
 *     while (... a record ...) problem = postcat_show_record(&show, offset, &record, &out);
 *
 * Shape     a line for each record, but one for all records of a line of the content
 * Memory    the name is borrowed
 * Blocks    never
 */
#ifndef POSTCAT_POSTCAT_SHOW_H
#define POSTCAT_POSTCAT_SHOW_H

#include "base/buf.h"
#include "proto/queue_record.h"
#include "sys/sys.h"

enum postcat_flag {
    POSTCAT_ENVELOPE = 1,
    POSTCAT_HEADER = 2,
    POSTCAT_BODY = 4,
    POSTCAT_OFFSETS = 8,
    POSTCAT_TYPES = 16,
    POSTCAT_VERBOSE = 32,
    POSTCAT_ALL = POSTCAT_ENVELOPE | POSTCAT_HEADER | POSTCAT_BODY,
};

struct postcat_show {
    struct sys *sys; /* for local time */
    const char *name;
    unsigned flags;   /* enum postcat_flag */
    bool is_fragment; /* it begins somewhere in the file: what belongs where is unknown */
    enum queue_segment segment;
    bool in_body;
    bool in_line;       /* the last record of the content had no end of line */
    bool is_unfinished; /* ... and was shown */
};

void postcat_show_begin(struct postcat_show *show, struct buf *out);

/* Returns NULL, or what is wrong with the record, as a sentence; it is shown all the same. */
const char *postcat_show_record(struct postcat_show *show, int64_t offset,
                                const struct queue_record *record, struct buf *out);

#endif
