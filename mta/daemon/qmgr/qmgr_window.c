// SPDX-License-Identifier: ISC
#include "qmgr/qmgr_window.h"

void qmgr_window_reset(struct qmgr_window *window, const struct qmgr_window_rules *rules)
{
    int size = rules->initial > 0 ? rules->initial : 1;
    if (rules->limit > 0 && size > rules->limit) {
        size = rules->limit;
    }
    *window = (struct qmgr_window){.size = size};
}

void qmgr_window_succeeded(struct qmgr_window *window, const struct qmgr_window_rules *rules,
                           int busy_count)
{
    window->failed_cohorts = 0;
    bool may_grow = rules->limit <= 0 || window->size < rules->limit;
    if (!may_grow || window->size >= busy_count + rules->initial) {
        return;
    }
    window->success += qmgr_feedback_at(&rules->positive, window->size);
    while (window->success >= QMGR_ONE) {
        window->size++;
        window->success -= QMGR_ONE;
        window->failure = 0;
    }
    if (rules->limit > 0 && window->size > rules->limit) {
        window->size = rules->limit;
    }
}

bool qmgr_window_failed(struct qmgr_window *window, const struct qmgr_window_rules *rules)
{
    static const struct qmgr_feedback part = {QMGR_FEEDBACK_PER_CONCURRENCY, QMGR_ONE};
    window->failed_cohorts += qmgr_feedback_at(&part, window->size);
    if (rules->failed_cohort_limit > 0 &&
        window->failed_cohorts >= rules->failed_cohort_limit * QMGR_ONE) {
        return true;
    }
    int64_t feedback = qmgr_feedback_at(&rules->negative, window->size);
    window->failure -= feedback;
    while (2 * window->failure < feedback) {
        window->size--;
        window->failure += QMGR_ONE;
        window->success = 0;
    }
    if (window->size < 1) {
        window->size = 1;
    }
    return false;
}
