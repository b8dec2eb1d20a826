// SPDX-License-Identifier: ISC
/* master/master_lifecycle - the life of a child as a table: state x event
 *
 * Reports come from the child over its status channel, in order and before the end of the
 * channel; the end of the channel comes before the exit is looked at.
 *
 * State     a child takes clients in STARTED and FREE, and only then does master leave the
 *           listeners of its service alone
 * Blocks    never; pure
 */
#ifndef MASTER_MASTER_LIFECYCLE_H
#define MASTER_MASTER_LIFECYCLE_H

#include <stdbool.h>

#include "service/service_status.h"

enum master_state {
    MASTER_STATE_STARTED,  /* has not served anybody yet */
    MASTER_STATE_FREE,     /* has places for more clients */
    MASTER_STATE_FULL,     /* holds as many as it may */
    MASTER_STATE_RETIRING, /* takes no more and ends after its sessions */
    MASTER_STATE_UNPROVEN, /* left its channel before it served anybody; will have exited */
    MASTER_STATE_GONE,
    MASTER_STATE_COUNT
};

enum master_event {
    MASTER_EVENT_REPORT_FREE,
    MASTER_EVENT_REPORT_FULL,
    MASTER_EVENT_REPORT_RETIRING,
    MASTER_EVENT_TOLD,      /* by master to retire */
    MASTER_EVENT_CLOSED,    /* end of the status channel */
    MASTER_EVENT_NO_START,  /* the system could not start it */
    MASTER_EVENT_EXIT_GOOD, /* status 0 */
    MASTER_EVENT_EXIT_BAD,  /* any other status, or a signal */
    MASTER_EVENT_COUNT
};

struct master_step {
    enum master_state next;
    bool throttle; /* its service: the program is broken, do not start it again at once */
};

/* Asserts that the event is possible in this state. */
struct master_step master_lifecycle_step(enum master_state state, enum master_event event);

enum master_event master_lifecycle_event(const struct service_status *report);

/* For traces and diagrams: "started", "report_free". */
const char *master_lifecycle_state_name(enum master_state state);
const char *master_lifecycle_event_name(enum master_event event);

#endif
