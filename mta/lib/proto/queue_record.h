// SPDX-License-Identifier: ISC
/* proto/queue_record - the records of which a queue file is made
 *
 * Shape     type byte; length in groups of 7 bits, lowest first, the high bit says that another
 *           group follows; data. The length is written in as few groups as it needs.
 *           Segments: envelope, M, content, X, extracted, E
 * Limits    QUEUE_RECORD_DATA_MAX bytes of data
 * Memory    none: records are views into the input
 * Blocks    never
 */
#ifndef PROTO_QUEUE_RECORD_H
#define PROTO_QUEUE_RECORD_H

#include <stdint.h>

#include "base/attribute.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

enum {
    QUEUE_RECORD_DATA_MAX = 131072,
    QUEUE_RECORD_HEAD_MAX = 1 + 3, /* type and length */
};

/*  name, type byte, segments in which it may stand: Envelope Content eXtracted */
#define QUEUE_RECORD_LIST(X)                                                                \
    X(SIZE, 'C', "E")         /* first record: struct queue_record_size */                  \
    X(ARRIVAL_TIME, 'T', "E") /* "seconds microseconds" */                                  \
    X(CREATE_TIME, 'c', "E")  /* "seconds" */                                               \
    X(FULL_NAME, 'F', "E")    /* of the submitting user */                                  \
    X(INSPECTOR, 'I', "E")    /* transport:nexthop */                                       \
    X(FILTER, 'L', "EX")      /* content filter; in the content the byte means LINE_PART */ \
    X(SENDER, 'S', "E")       /* internal form; empty: null sender */                       \
    X(DSN_RET, '<', "EX")                                                                   \
    X(DSN_ENVID, 'i', "EX")                                                                 \
    X(DSN_ORCPT, 'o', "EX")  /* of the next recipient */                                    \
    X(DSN_NOTIFY, 'n', "EX") /* of the next recipient */                                    \
    X(ORIGINAL, 'O', "EX")   /* original form of the next recipient */                      \
    X(RECIPIENT, 'R', "EX")  /* to do */                                                    \
    X(DONE, 'D', "EX")       /* finished: an R overwritten in place */                      \
    X(CANCELED, '/', "EX")   /* recipient taken back */                                     \
    X(REDIRECT, '>', "EX")   /* replaces all recipients */                                  \
    X(WARN_TIME, 'W', "E")   /* delay warning, 15 digits, in place */                       \
    X(ATTRIBUTE, 'A', "EX")  /* name=value */                                               \
    X(KILLED, 'K', "EX")                                                                    \
    X(RETURN_RECEIPT, 'r', "EX")                                                            \
    X(ERRORS_TO, 'e', "EX")                                                                 \
    X(VERP, 'V', "EX")                                                                      \
    X(PRIORITY, 'P', "E")                                                                   \
    X(FLAGS, 'f', "E") /* of cleanup */                                                     \
    X(DELAY, 'd', "E")                                                                      \
    X(MILTER_COUNT, 'm', "E")                                                               \
    X(PADDING, 'w', "ECX")                                                                  \
    X(POINTER, 'p', "ECX") /* 15 digits: reading goes on at that offset */                  \
    X(CONTENT, 'M', "E")   /* the content begins */                                         \
    X(LINE, 'N', "C")      /* content with the end of its line */                           \
    X(EXTRACTED, 'X', "C") /* the content ends */                                           \
    X(END, 'E', "X")

enum queue_record_type {
#define X(name, byte, segments) QUEUE_RECORD_##name = byte,
    QUEUE_RECORD_LIST(X)
#undef X
        QUEUE_RECORD_LINE_PART = 'L', /* content without the end of its line */
};

struct queue_record {
    char type; /* an enum queue_record_type once queue_record_advance() took it */
    struct str data;
};

/* PARSE_OK record and used_bytes are set; PARSE_MORE the input ends inside the record;
 * PARSE_BAD the length is not minimal, or above QUEUE_RECORD_DATA_MAX. */
MUST_USE enum parse queue_record_parse(struct str input, struct queue_record *record,
                                       size_t *used_bytes);
void queue_record_write(struct buf *out, enum queue_record_type type, struct str data);
/* Type and length alone, for callers that put the data elsewhere; returns the head's size. */
size_t queue_record_write_head(enum queue_record_type type, size_t size,
                               char head[QUEUE_RECORD_HEAD_MAX]);
/* Bytes that the record takes in a file. */
size_t queue_record_bytes(struct str data);

enum queue_segment {
    QUEUE_SEGMENT_ENVELOPE, /* where a file begins */
    QUEUE_SEGMENT_CONTENT,
    QUEUE_SEGMENT_EXTRACTED,
    QUEUE_SEGMENT_ENDED,
};

/* Moves to the segment that follows the record; -ERR_CORRUPT when a record of that type is
 * unknown or may not stand in the segment, which then stays. */
MUST_USE int queue_record_advance(enum queue_segment *segment, char type);

/* Data of the SIZE record: decimals of a fixed width, so that it can be rewritten in place. */
enum { QUEUE_RECORD_SIZE_BYTES = 6 * 15 + 5 };
struct queue_record_size {
    int64_t file_content_bytes; /* all records between M and X */
    int64_t content_offset;     /* in the file, of the record behind M */
    int64_t recipient_count;
    int64_t hints;         /* of the queue manager */
    int64_t message_bytes; /* of the message itself: lines, each with one byte for its ending */
    int64_t send_options;  /* a sum of enum queue_smtputf8 */
};
/* What of a message needs SMTPUTF8 (RFC 6531). Only where it was requested does any of it count. */
enum queue_smtputf8 {
    QUEUE_SMTPUTF8_REQUESTED = 1, /* by the client, or found out for it */
    QUEUE_SMTPUTF8_HEADER = 2,    /* a field of the header is not ASCII */
    QUEUE_SMTPUTF8_SENDER = 4,    /* ... the sender */
    QUEUE_SMTPUTF8_RECIPIENT = 8, /* ... a recipient; in no file, since it is of one delivery */
    QUEUE_SMTPUTF8_NEEDED =
        QUEUE_SMTPUTF8_HEADER | QUEUE_SMTPUTF8_SENDER | QUEUE_SMTPUTF8_RECIPIENT,
    QUEUE_SMTPUTF8_ALL = QUEUE_SMTPUTF8_REQUESTED | QUEUE_SMTPUTF8_NEEDED,
};
/* Whether a host that does not offer SMTPUTF8 may not have it. */
bool queue_record_needs_smtputf8(int64_t options);
/* Values must be 0 to 10^15 - 1. */
void queue_record_size_write(const struct queue_record_size *size,
                             char text[QUEUE_RECORD_SIZE_BYTES + 1]);
MUST_USE int queue_record_size_parse(struct str data, struct queue_record_size *size);

/* Data of ARRIVAL_TIME. */
enum { QUEUE_RECORD_TIME_SIZE = 40 };
void queue_record_time_write(int64_t wall_ns, char text[QUEUE_RECORD_TIME_SIZE]);
MUST_USE int queue_record_time_parse(struct str data, int64_t *wall_ns);

/* Data of WARN_TIME: wall seconds, of a fixed width, so that it can be rewritten in place. */
enum { QUEUE_RECORD_WARN_BYTES = 15 };
void queue_record_warn_write(int64_t wall_s, char text[QUEUE_RECORD_WARN_BYTES + 1]);

/* Data of DSN_RET, as a decimal. */
enum queue_ret { QUEUE_RET_NONE, QUEUE_RET_FULL, QUEUE_RET_HEADERS };
/* Data of DSN_NOTIFY: the sum, as a decimal; 0: nothing was asked. */
enum queue_notify {
    QUEUE_NOTIFY_NEVER = 1,
    QUEUE_NOTIFY_SUCCESS = 2,
    QUEUE_NOTIFY_FAILURE = 4,
    QUEUE_NOTIFY_DELAY = 8,
    QUEUE_NOTIFY_ALL = 15,
};

/* Divides the data of ATTRIBUTE at its first "="; false when there is none, or no name. */
bool queue_record_attribute(struct str data, struct str *name, struct str *value);
/* The name under which a record is written as an attribute, NULL for those that never are. In
 * queue files all records about notifications are, by Postfix's habit. */
const char *queue_record_attribute_name(enum queue_record_type type);
/* Makes an ATTRIBUTE that stands for another type of record that record. */
void queue_record_resolve(struct queue_record *record);

#endif
