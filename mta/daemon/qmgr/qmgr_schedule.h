// SPDX-License-Identifier: ISC
/* qmgr/qmgr_schedule - which delivery request goes next: the scheduler, without a clock or a file
 *
 * Shape     transport    a service of delivery agents
 *           destination  where it delivers to; has a window of requests at once (qmgr_window)
 *           load         a message, as far as it is in memory
 *           job          what one load has for one transport; jobs stand in line there
 *           peer         what one job has to do for one destination
 *           entry        one delivery request: recipients of one peer, at most recipient_limit
 *
 * Choice    transports in turn; in a transport the first job in line that can go on; in a job its
 *           destinations in turn. An agent is called first, and only when it answers is the entry
 *           chosen. A job with few entries may be let in before a long one (qmgr_job)
 * Rest      a destination that died and a transport that cannot be reached give what they have to
 *           the transport "retry", which defers it with the reason; what comes for them later goes
 *           there at once. What "retry" itself cannot take is abandoned: the caller collects it
 * Time      is given, monotonic; what is due later is told by qmgr_schedule_wake_ns() and done by
 *           qmgr_schedule_tick()
 *
 * Memory    all hangs on the heap given at init; recipients belong to the scheduler once added
 * Blocks    never; pure
 * See       reference names LC-33 to LC-43
 */
#ifndef QMGR_QMGR_SCHEDULE_H
#define QMGR_QMGR_SCHEDULE_H

#include "base/list.h"
#include "base/map.h"
#include "qmgr/qmgr_heap.h"
#include "qmgr/qmgr_window.h"

enum {
    QMGR_CALLS_MAX = 2, /* agents called by a transport that have not answered */
    QMGR_REASON_MAX = 1024,
    QMGR_TRANSPORTS_MAX = 100000,
    QMGR_DESTINATIONS_MAX = 1000000,
};

struct qmgr_settings { /* of a transport */
    struct qmgr_window_rules window;
    int recipient_limit;               /* of an entry; 0: none */
    int64_t destination_rate_delay_ns; /* above 0: one delivery at a time */
    int64_t transport_rate_delay_ns;   /* ... over the whole transport */
    int64_t dead_ns;                   /* how long a dead destination rests */
    int64_t retry_ns;                  /* ... and a transport that cannot be reached */
    int slot_cost;                     /* entries that earn a slot; below 2: nobody is let in */
    int slot_loan;
    int slot_discount; /* percent */
    int slots_min;
    int memory_recipients_max; /* of all its jobs together */
    int memory_recipients_extra;
    int refill_recipients;
    int64_t refill_delay_ns;
};

enum qmgr_condition {
    QMGR_WORKS,
    QMGR_RESTS, /* for its rate delay */
    QMGR_DEAD,  /* a destination that failed, a transport that cannot be reached */
};

struct qmgr_schedule {
    struct mem *mem;
    struct map transports;     /* name -> struct qmgr_transport, for good */
    struct list turn;          /* of transports; the next one first */
    struct qmgr_heap resting;  /* transports, by the end of their rest */
    struct qmgr_heap sleeping; /* destinations, likewise */
    struct list abandoned;     /* of entries */
    struct qmgr_transport *retry;
    int recipient_count;   /* in memory */
    int64_t reading_count; /* about to be, at most: of the batches that are being read */
};

struct qmgr_transport {
    struct qmgr_schedule *schedule;
    struct str name;
    struct qmgr_settings settings;
    struct list turn;
    struct map destinations;  /* name -> struct qmgr_destination, while used or dead */
    struct list jobs;         /* in line */
    struct qmgr_heap ready;   /* those of them that can go on, by their label */
    struct qmgr_job *current; /* of the entry chosen last; NULL: it is over */
    struct qmgr_job *candidate;
    int64_t candidate_until_ns;
    enum qmgr_condition condition;
    struct qmgr_heap_node rest_ends;
    char *reason; /* while it is dead: "4.3.0 ..." */
    int calling_count;
    int busy_count;
    int recipient_count;
};

struct qmgr_destination {
    struct qmgr_transport *transport;
    struct str name;
    struct str nexthop;
    struct qmgr_window window;
    struct list peers;         /* those with something to do, in the order of their jobs */
    struct qmgr_peer *offered; /* the first of them, while it may go on */
    enum qmgr_condition condition;
    struct qmgr_heap_node rest_ends;
    char *reason;   /* while it is dead: "4.4.1 delivery temporarily suspended: ..." */
    int todo_count; /* entries */
    int busy_count;
    int64_t last_done_ns;
    bool caches_connections;
    int64_t clog_warned_ns; /* 0: never */
};

struct qmgr_load {
    struct list jobs;
    int64_t taken_ns;
    int64_t unread_count;     /* recipients that are still on disk, at most */
    int64_t waiting_since_ns; /* of the last time recipients were read */
    int entry_count;          /* to do and busy */
    int recipient_count;
};

struct qmgr_job {
    struct qmgr_load *load;
    struct qmgr_transport *transport;
    struct list of_load;
    struct list line;            /* in transport->jobs */
    struct qmgr_heap_node ready; /* key: its label, which grows along the line */
    struct list peers;           /* those with something to do */
    struct list offers;          /* those of them that may go on, in turn */
    struct list busy;            /* entries under way */
    int todo_count;              /* entries */
    int busy_count;
    int64_t chosen_count; /* entries, ever */
    int64_t earned;       /* slots, in entries: slot_cost of them are a slot. May be a debt */
    bool was_let_in;      /* before another one */
};

struct qmgr_peer {
    struct qmgr_job *job;
    struct qmgr_destination *destination;
    struct list of_job;
    struct list of_destination;
    struct list offer; /* in job->offers */
    struct list todo;  /* of entries */
};

struct qmgr_recipient {
    struct list node;
    struct str address; /* these lie behind the struct */
    struct str original;
    struct str dsn_orig_rcpt;
    int notify_flags;
    int64_t offset;
};

struct qmgr_entry {
    struct qmgr_job *job;
    struct qmgr_destination *destination; /* NULL: it is abandoned */
    struct qmgr_peer *peer;               /* NULL: it is busy, or abandoned */
    struct list node;  /* in the peer's todo, job->busy, or schedule->abandoned */
    int64_t chosen_ns; /* when it became busy */
    struct list recipients;
    int recipient_count;
    bool loads_connection; /* hints for the agent */
    bool stores_connection;
};

/* Settings are those of the transport "retry". */
void qmgr_schedule_init(struct qmgr_schedule *schedule, struct mem *mem,
                        const struct qmgr_settings *retry);
void qmgr_schedule_done(struct qmgr_schedule *schedule);

/* NULL when there is none yet. */
struct qmgr_transport *qmgr_transport_find(struct qmgr_schedule *schedule, struct str name);
/* NULL when there are too many. */
struct qmgr_transport *qmgr_transport_add(struct qmgr_schedule *schedule, struct str name,
                                          const struct qmgr_settings *settings);

void qmgr_load_init(struct qmgr_load *load, int64_t taken_ns);
/* Frees what it has to do. Busy entries stay. */
void qmgr_load_drop(struct qmgr_load *load);

/* Puts a recipient into an entry. name tells destinations of the transport apart, nexthop is what
 * agents are told. -ERR_LIMIT when there are too many destinations: the recipient is still the
 * caller's. */
MUST_USE int qmgr_schedule_add(struct qmgr_load *load, struct qmgr_transport *transport,
                               struct str name, struct str nexthop,
                               struct qmgr_recipient *recipient);

/* The next transport that needs an agent, which is counted as called; NULL: none. */
struct qmgr_transport *qmgr_schedule_call(struct qmgr_schedule *schedule);
/* The agent answers: what it gets, or NULL when it is not needed any more. */
struct qmgr_entry *qmgr_schedule_answered(struct qmgr_transport *transport, int64_t now_ns);
/* It could not be reached: the transport rests, and all it has to do is retried later. */
void qmgr_schedule_unreachable(struct qmgr_transport *transport, int64_t now_ns);
/* The call was given up: nothing is known. */
void qmgr_schedule_hung_up(struct qmgr_transport *transport);

/* What a delivery has shown of its destination. */
void qmgr_schedule_succeeded(struct qmgr_entry *entry, int64_t now_ns);
void qmgr_schedule_failed(struct qmgr_entry *entry, struct str status, struct str reason,
                          int64_t now_ns);
/* The agent was lost: its transport rests, and the entry is retried with all the others. */
void qmgr_schedule_lost(struct qmgr_entry *entry, int64_t now_ns);
/* One of its recipients is over. */
void qmgr_entry_drop(struct qmgr_entry *entry, struct qmgr_recipient *recipient);
/* The entry and its recipients are over, wherever they are. */
void qmgr_entry_free(struct qmgr_entry *entry);

/* The next entry that nobody can take, which goes with qmgr_entry_free(); NULL: none. */
struct qmgr_entry *qmgr_schedule_abandoned(struct qmgr_schedule *schedule);

/* When the next rest ends, INT64_MAX when none does; and ending those that do. */
int64_t qmgr_schedule_wake_ns(const struct qmgr_schedule *schedule);
void qmgr_schedule_tick(struct qmgr_schedule *schedule, int64_t now_ns);
/* All that is dead lives again; rate delays go on. */
void qmgr_schedule_forget_dead(struct qmgr_schedule *schedule);
/* ... of one name. */
void qmgr_transport_revive(struct qmgr_transport *transport);
void qmgr_destination_revive(struct qmgr_destination *destination);

/* Recipients that may be read for the load beyond those in memory or about to be, at least minimum
 * less what it has there; and whether it is time to read. total_max: of all recipients in memory. */
int64_t qmgr_load_room(const struct qmgr_load *load, const struct qmgr_schedule *schedule,
                       int total_max, int minimum);
bool qmgr_load_wants_more(const struct qmgr_load *load, int64_t room, int64_t now_ns);

/* Asserts what must hold of the entry, its job and its destination, in constant time: whenever an
 * agent comes back with it. */
void qmgr_entry_check_invariants(const struct qmgr_entry *entry);
/* ... of all that hangs on the schedule, in the time of its size: at each queue run. */
void qmgr_schedule_check_invariants(const struct qmgr_schedule *schedule);

#endif
