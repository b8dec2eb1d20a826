// SPDX-License-Identifier: ISC
/* postcat/postcat_input - the records of a queue file, or of one that comes by standard input
 *
 * Errors    -ERR_NOT_SUPPORTED: standard input does not go back; others of sys/fs
 * Memory    a window of the file, on the heap until close
 * Blocks    for the disk or the terminal
 */
#ifndef POSTCAT_POSTCAT_INPUT_H
#define POSTCAT_POSTCAT_INPUT_H

#include "base/buf.h"
#include "proto/queue_record.h"
#include "sys/sys.h"

enum { POSTCAT_STANDARD_INPUT = -1 };

enum postcat_found {
    POSTCAT_FOUND_END, /* of the file */
    POSTCAT_FOUND_RECORD,
    POSTCAT_FOUND_CUT, /* the file ends inside a record */
    POSTCAT_FOUND_BAD, /* there can be no record of that length */
};

struct postcat_input {
    struct sys *sys;
    int fd;            /* or POSTCAT_STANDARD_INPUT */
    int64_t offset;    /* of the next record, and of the window */
    struct buf window; /* what is known of the file from offset on */
    size_t used_bytes; /* of the window, by the record that was given out */
};

void postcat_input_open(struct postcat_input *input, struct sys *sys, int fd); /* takes fd */
void postcat_input_close(struct postcat_input *input);

/* The record at the offset, which then moves behind it: enum postcat_found or an error. The data
 * lives until the next call. */
MUST_USE int postcat_input_record(struct postcat_input *input, struct queue_record *record);

/* Goes to another place. */
MUST_USE int postcat_input_seek(struct postcat_input *input, int64_t offset);

#endif
