// SPDX-License-Identifier: ISC
/* qmgr/qmgr_feedback - by how much one delivery changes a window: the value of a parameter
 *
 * Grammar   number | number "/" number | number "/" "concurrency"
 *           a number has digits and may have a point; space is allowed around each word.
 *           Documentation of Postfix also knows "sqrt_concurrency", which Postfix 3.7 refuses
 * Units     parts of QMGR_ONE, so that no floating point number ever decides. It is the least
 *           common multiple of 1 to 20: a fraction of a default window is exact
 * Limits    the constant, and the number before "concurrency", are 0 to 1
 * Blocks    never; pure
 */
#ifndef QMGR_QMGR_FEEDBACK_H
#define QMGR_QMGR_FEEDBACK_H

#include <stdint.h>

#include "base/attribute.h"
#include "base/str.h"

#define QMGR_ONE INT64_C(232792560)

enum qmgr_feedback_kind {
    QMGR_FEEDBACK_CONSTANT,
    QMGR_FEEDBACK_PER_CONCURRENCY,
};

struct qmgr_feedback {
    enum qmgr_feedback_kind kind;
    int64_t base; /* 0 to QMGR_ONE */
};

/* 0, or -ERR_SYNTAX. */
MUST_USE int qmgr_feedback_parse(struct str text, struct qmgr_feedback *feedback);

/* At this concurrency, which is 1 or more. Rounded up: as many parts as a window has places are a
 * whole. */
int64_t qmgr_feedback_at(const struct qmgr_feedback *feedback, int concurrency);

#endif
