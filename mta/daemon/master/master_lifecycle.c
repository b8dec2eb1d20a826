// SPDX-License-Identifier: ISC
#include "master/master_lifecycle.h"

#include "base/assert.h"

/* A cell is never empty: to(X) goes on in state X, throttle() ends with the service throttled,
 * never() cannot happen. */
struct cell {
    bool possible;
    struct master_step step;
};

#define to(state)                       \
    {                                   \
        true,                           \
        {                               \
            MASTER_STATE_##state, false \
        }                               \
    }
#define throttle()                  \
    {                               \
        true,                       \
        {                           \
            MASTER_STATE_GONE, true \
        }                           \
    }
#define never()                      \
    {                                \
        false,                       \
        {                            \
            MASTER_STATE_GONE, false \
        }                            \
    }

/* clang-format off */
static const struct cell cells[MASTER_STATE_COUNT][MASTER_EVENT_COUNT] = {
/*             report free   report full   retiring      told          closed        no start    exit good  exit bad */
/* started  */ {to(FREE),     to(FULL),     to(RETIRING), to(RETIRING), to(UNPROVEN), throttle(), never(),   never()},
/* free     */ {to(FREE),     to(FULL),     to(RETIRING), to(RETIRING), to(RETIRING), never(),    never(),   never()},
/* full     */ {to(FREE),     to(FULL),     to(RETIRING), to(RETIRING), to(RETIRING), never(),    never(),   never()},
/* retiring */ {to(RETIRING), to(RETIRING), to(RETIRING), to(RETIRING), to(RETIRING), to(GONE),   to(GONE),  to(GONE)},
/* unproven */ {never(),      never(),      never(),      to(UNPROVEN), never(),      never(),    to(GONE),  throttle()},
/* gone     */ {never(),      never(),      never(),      never(),      never(),      never(),    never(),   never()},
};
/* clang-format on */

struct master_step master_lifecycle_step(enum master_state state, enum master_event event)
{
    const struct cell *cell = &cells[state][event];

    assert(cell->possible);
    return cell->step;
}

enum master_event master_lifecycle_event(const struct service_status *report)
{
    if (report->retiring) {
        return MASTER_EVENT_REPORT_RETIRING;
    }
    return report->free_count > 0 ? MASTER_EVENT_REPORT_FREE : MASTER_EVENT_REPORT_FULL;
}

const char *master_lifecycle_state_name(enum master_state state)
{
    static const char *const names[] = {"started", "free", "full", "retiring", "unproven", "gone"};

    return names[state];
}

const char *master_lifecycle_event_name(enum master_event event)
{
    static const char *const names[] = {"report_free", "report_full", "report_retiring",
                                        "told",        "closed",      "no_start",
                                        "exit_good",   "exit_bad"};

    return names[event];
}
