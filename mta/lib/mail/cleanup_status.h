// SPDX-License-Identifier: ISC
/* mail/cleanup_status - how the cleanup service answers, and what that means to a client
 *
 * Shape     bits of cleanup_reply.status; 0 means durably queued
 * Blocks    never; pure
 */
#ifndef MAIL_CLEANUP_STATUS_H
#define MAIL_CLEANUP_STATUS_H

#include "base/str.h"

/*  name, bit, SMTP code, enhanced status, text; the first that is set counts */
#define CLEANUP_STATUS_LIST(X)                                  \
    X(SPACE, 1, 452, "4.3.1", "Insufficient system storage")    \
    X(BAD, 2, 451, "4.3.0", "internal protocol error")          \
    X(WRITE, 4, 451, "4.3.0", "queue file write error")         \
    X(DEFER, 8, 451, "4.7.1", "service unavailable")            \
    X(SIZE, 16, 552, "5.3.4", "message file too big")           \
    X(HOPS, 32, 554, "5.4.0", "too many hops")                  \
    X(CONTENT, 64, 550, "5.7.1", "message content rejected")    \
    X(RECIPIENTS, 128, 550, "5.1.0", "no recipients specified") \
    X(ALIAS, 256, 451, "4.6.0", "Alias expansion error")

enum cleanup_status {
    CLEANUP_OK = 0,
#define X(name, bit, code, dsn, text) CLEANUP_##name = bit,
    CLEANUP_STATUS_LIST(X)
#undef X
};

/* cleanup_request.flags */
enum cleanup_flag {
    CLEANUP_FLAG_LOCAL = 1,     /* of a local client: missing Date and Message-Id are added */
    CLEANUP_FLAG_INTERNAL = 2,  /* made by this system: notices */
    CLEANUP_FLAG_AUTO_UTF8 = 4, /* SMTPUTF8 counts as requested where it is needed */
};

struct cleanup_outcome {
    int code; /* SMTP reply */
    struct str dsn;
    struct str text;
};

/* status must not be 0. */
struct cleanup_outcome cleanup_status_outcome(int64_t status);

#endif
