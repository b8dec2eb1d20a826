// SPDX-License-Identifier: ISC
/* sim/scenario/run - one run of one scenario in the simulated world
 *
 *     struct run *run = run_new(&options, mem);
 *     run_play(run);
 *     run_judge(run);
 *     ... run->failures, run->record ...
 *     run_free(run);
 *
 * The world has the mail system's machine, one machine for each peer, one for clients (10.0.0.25)
 * and one with the name server (10.0.0.53).
 *
 * Units     times are those of the scenario, which are the world's
 * Memory    everything hangs on the heap given; the scenario must stay
 * Blocks    never, but run_play() takes real time
 */
#ifndef SCENARIO_RUN_H
#define SCENARIO_RUN_H

#include "check/copies.h"
#include "check/durability.h"
#include "check/failure.h"
#include "check/ledger.h"
#include "check/limits.h"
#include "check/marks.h"
#include "check/offers.h"
#include "check/record.h"
#include "check/retry.h"
#include "check/rules.h"
#include "check/trouble.h"
#include "check/windows.h"
#include "peer/peer_script.h"
#include "scenario/scenario.h"
#include "world/event.h"
#include "world/fault.h"
#include "world/observer.h"
#include "world/world.h"

#define RUN_CONFIG_DIRECTORY "/etc/postilion"
#define RUN_QUEUE_DIRECTORY  "/var/spool/postilion"
#define RUN_MAIL_DIRECTORY   "/srv/mail"
#define RUN_PEER_DIRECTORY   "/peer"

enum {
    RUN_OWNER_UID = 200, /* mail_owner, and the owner of mailboxes */
    RUN_USER_UID = 1000, /* somebody with an account */
};

/* Directories of the queue that scenarios speak of, in the order of the slot QUEUE. */
enum run_queue {
    RUN_QUEUE_MAILDROP,
    RUN_QUEUE_INCOMING,
    RUN_QUEUE_ACTIVE,
    RUN_QUEUE_DEFERRED,
    RUN_QUEUE_HOLD,
    RUN_QUEUE_CORRUPT,
    RUN_QUEUE_BOUNCE,
    RUN_QUEUE_DEFER,
    RUN_QUEUE_TRACE,
    RUN_QUEUE_COUNT,
};

/* Messages in each, and files: those of an unfinished reception are no messages. */
struct run_queues {
    int counts[RUN_QUEUE_COUNT];
    int files[RUN_QUEUE_COUNT];
};

/* The state of the queue at the time that an expectation asks for. */
struct run_sample {
    struct run_sample *next;
    int64_t at_ns;
    const struct scenario_statement *expectation;
    struct run_queues queues;
    bool taken;
};

struct run_peer {
    struct run_peer *next;
    const struct scenario_statement *block;
    struct machine *machine;
    struct peer_script script; /* for what the network does in its place */
};

struct run_options {
    const struct scenario *scenario;
    bool seeded;
    uint64_t seed;
    struct str overrides;  /* of draws, as draw_write() writes them; they outdo the scenario's */
    const char *reproduce; /* the command that repeats this run; borrowed */
};

struct run {
    const struct scenario *scenario;
    struct run_options options;
    struct mem *mem;
    struct arena arena;
    struct world *world;
    struct machine *mta;
    struct machine *client;
    struct machine *dns;
    struct run_peer *peers;
    struct event network_change; /* the next time a peer turns into a black hole, or back */
    struct event alarm;          /* for the next step of the script */
    struct event master_start;
    int master_death_count; /* of a supervised one */
    struct observer observer;
    struct record record;
    struct rules rules;
    struct durability durability;
    struct marks marks;
    struct retry retry;
    struct limits limits;
    struct offers offers;
    struct windows windows;
    struct ledger_submission *submissions;
    struct copies copies;
    struct run_sample *samples; /* by time */
    bool mta_was_started;
    const struct scenario_statement *next_action;
    struct run_sample *next_sample;
    struct failures failures;
    int master_pid;             /* 0: the mail system is not running */
    bool supervised;            /* a master that died is started again */
    struct trouble trouble;     /* crashes and the like, which make duplicates legal */
    struct trouble failing;     /* system calls failed: no reason to refuse mail for good */
    struct trouble successions; /* of queue managers: the next one does not know what agents do */
    bool names_changed;         /* on the mail system's disk, since mail was counted */
    int mail_count;             /* in the queue then */
    const struct sys *caller;   /* of the system call that is being made */
    struct map unsaid;          /* queue ids: run_unsaid.h */
    bool master_is_due;         /* after a power cut, or when it died */
    int64_t settled_ns;         /* since when nothing is to be done; INT64_MAX: there is */
    int64_t start_ns;           /* of the world */
    int64_t end_ns;             /* `end` of the scenario */
    bool ran_at_end;            /* there was a master then */
    struct run_queues end_queues;
    void (*at_call)(struct run *run, struct sys *sys,
                    const struct fault_call *call); /* of a sweep; NULL: none */
    void *sweep;
};

struct run *run_new(const struct run_options *options, struct mem *mem);
void run_free(struct run *run); /* accepts NULL */

/* From the start of the world to its end and the orderly stop of the mail system. */
void run_play(struct run *run);
/* Whether what was expected happened, and the checks that are always on. */
void run_judge(struct run *run);
void run_judge_checks(struct run *run); /* only the checks */

/* ---- between the parts of a run -------------------------------------------------------------- */

/* Machines, files, programs; nothing runs yet. */
void run_setup(struct run *run);
/* NULL while the mail system is not running. */
struct sys *run_master(const struct run *run);
void run_start_mta(struct run *run);
/* It is started again; dying too often means that it does not recover, and stops the world. */
void run_master_died(struct run *run);
/* Time moves up to there even when nothing happens in between. */
enum world_end run_until(struct run *run, int64_t until_ns);
/* The power fails: what the disk keeps is its image of that index. It comes back a second later. */
void run_power_cut(struct run *run, int image);
/* A word of the script: for $A the queue id that message A has now, for $A.3 that of its third
 * copy, and nothing, after a failure, when it has none. */
struct str run_word(struct run *run, const struct scenario_statement *action, struct str word);

/* What the scenario sets a parameter of main.cf to, or else its default. */
struct str run_parameter(const struct run *run, struct str name, struct str otherwise);
/* All words that it says; NULL: none, or nothing is said. */
const struct syntax_value *run_parameter_words(const struct run *run, struct str name);

/* Adds a failure of an expectation: its place, the statement, then what the format says. */
void run_fail(struct run *run, const struct scenario_statement *expectation, const char *format,
              ...) PRINTF_LIKE(3, 4);

#endif
