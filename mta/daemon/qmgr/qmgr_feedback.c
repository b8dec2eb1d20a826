// SPDX-License-Identifier: ISC
#include "qmgr/qmgr_feedback.h"

#include "base/assert.h"
#include "base/err.h"

enum { WHOLE_MAX = 1000000 };

/* A number at the front of *rest, which it is taken from. */
static int take_number(struct str *rest, int64_t *number)
{
    int64_t value = 0;
    int64_t unit = QMGR_ONE;
    size_t digits = 0;
    bool behind_point = false;
    *rest = str_trim_space(*rest);
    for (; rest->size > 0; *rest = str_skip(*rest, 1)) {
        char c = rest->data[0];
        if (c == '.' && !behind_point) {
            behind_point = true;
            continue;
        }
        if (!char_is_digit(c)) {
            break;
        }
        digits++;
        if (behind_point) {
            unit /= 10;
            value += (c - '0') * unit;
        } else {
            value = value * 10 + (c - '0') * QMGR_ONE;
        }
        if (value > WHOLE_MAX * QMGR_ONE) {
            return -ERR_SYNTAX;
        }
    }
    *number = value;
    return digits > 0 ? 0 : -ERR_SYNTAX;
}

static int divide(struct str divisor_text, struct qmgr_feedback *feedback)
{
    int64_t divisor;
    int error = take_number(&divisor_text, &divisor);
    if (error != 0 || divisor_text.size > 0 || divisor == 0) {
        return -ERR_SYNTAX;
    }
    /* Both are in parts of QMGR_ONE; whole numbers, which are usual, divide exactly. */
    if (divisor % QMGR_ONE == 0) {
        feedback->base /= divisor / QMGR_ONE;
    } else if (feedback->base <= INT64_MAX / QMGR_ONE) {
        feedback->base = feedback->base * QMGR_ONE / divisor;
    } else {
        return -ERR_SYNTAX;
    }
    return 0;
}

static int parse_divisor(struct str text, struct qmgr_feedback *feedback)
{
    text = str_trim_space(text);
    if (str_equal(text, STR("concurrency"))) {
        feedback->kind = QMGR_FEEDBACK_PER_CONCURRENCY;
        return 0;
    }
    return divide(text, feedback);
}

int qmgr_feedback_parse(struct str text, struct qmgr_feedback *feedback)
{
    *feedback = (struct qmgr_feedback){.kind = QMGR_FEEDBACK_CONSTANT};
    struct str rest = str_trim_space(text);
    int error = take_number(&rest, &feedback->base);
    rest = str_trim_space(rest);
    if (error == 0 && rest.size > 0) {
        error = rest.data[0] == '/' ? parse_divisor(str_skip(rest, 1), feedback) : -ERR_SYNTAX;
    }
    return error != 0 || feedback->base > QMGR_ONE ? -ERR_SYNTAX : 0;
}

int64_t qmgr_feedback_at(const struct qmgr_feedback *feedback, int concurrency)
{
    assert(concurrency > 0);
    switch (feedback->kind) {
    case QMGR_FEEDBACK_CONSTANT:
        return feedback->base;
    case QMGR_FEEDBACK_PER_CONCURRENCY:
        return (feedback->base + concurrency - 1) / concurrency;
    }
    unreachable();
}
