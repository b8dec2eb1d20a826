// SPDX-License-Identifier: ISC
#include "qmgr/qmgr_job.h"

#include "base/assert.h"
#include "qmgr/qmgr_destination.h"

#define LABEL_GAP         (INT64_C(1) << 32)
#define CANDIDATE_KEEP_NS INT64_C(1000000000) /* looking for one goes through the whole line */
#define NS_PER_MS         INT64_C(1000000)

/* ---- the line -------------------------------------------------------------------------------- */

static struct qmgr_job *job_in_line(struct list *node)
{
    return list_entry(node, struct qmgr_job, line);
}

bool qmgr_job_is_before(const struct qmgr_job *a, const struct qmgr_job *b)
{
    return a->ready.key < b->ready.key;
}

/* New labels in the same order, so that heaps stay heaps. */
static void relabel(struct qmgr_transport *transport)
{
    int64_t label = 0;
    list_each(node, &transport->jobs)
    {
        label += LABEL_GAP;
        job_in_line(node)->ready.key = label;
    }
}

static int64_t label_before(struct qmgr_transport *transport, struct list *next)
{
    struct list *jobs = &transport->jobs;
    int64_t low = next->previous == jobs ? 0 : job_in_line(next->previous)->ready.key;
    return next == jobs ? low + LABEL_GAP : low + (job_in_line(next)->ready.key - low) / 2;
}

/* next: a job, or the end of the line. */
static void stand_before(struct qmgr_job *job, struct list *next)
{
    struct qmgr_transport *transport = job->transport;
    int64_t label = label_before(transport, next);
    if (next->previous != &transport->jobs && label == job_in_line(next->previous)->ready.key) {
        relabel(transport);
        label = label_before(transport, next);
    }
    job->ready.key = label;
    list_insert_before(next, &job->line);
}

/* The place that the time of its message gives it. */
static struct list *place_in_line(const struct qmgr_load *load, struct qmgr_transport *transport)
{
    struct list *next = &transport->jobs;
    while (next->previous != &transport->jobs &&
           job_in_line(next->previous)->load->taken_ns > load->taken_ns) {
        next = next->previous;
    }
    return next;
}

struct qmgr_job *qmgr_job_get(struct qmgr_load *load, struct qmgr_transport *transport)
{
    list_each(node, &load->jobs)
    {
        struct qmgr_job *job = list_entry(node, struct qmgr_job, of_load);
        if (job->transport == transport) {
            return job;
        }
    }
    struct qmgr_job *job = mem_alloc(transport->schedule->mem, sizeof(*job));
    *job = (struct qmgr_job){.load = load, .transport = transport};
    list_init(&job->peers);
    list_init(&job->offers);
    list_init(&job->busy);
    list_append(&load->jobs, &job->of_load);
    stand_before(job, place_in_line(load, transport));
    return job;
}

void qmgr_job_release(struct qmgr_job *job)
{
    struct qmgr_transport *transport = job->transport;
    if (job->todo_count > 0 || job->busy_count > 0) {
        return;
    }
    assert(list_is_empty(&job->peers) && list_is_empty(&job->offers));
    if (transport->current == job) {
        transport->current = NULL;
    }
    if (transport->candidate == job) {
        transport->candidate = NULL;
        transport->candidate_until_ns = 0;
    }
    list_remove(&job->of_load);
    list_remove(&job->line);
    mem_free(transport->schedule->mem, job);
}

void qmgr_job_update(struct qmgr_job *job)
{
    bool can_go_on = !list_is_empty(&job->offers);
    if (can_go_on && !qmgr_heap_has(&job->ready)) {
        qmgr_heap_put(&job->transport->ready, &job->ready, job->ready.key);
    } else if (!can_go_on) {
        qmgr_heap_remove(&job->transport->ready, &job->ready);
    }
}

/* ---- slots ----------------------------------------------------------------------------------- */

/* What is not read yet may be one entry for each recipient, or full entries; a job that may let
 * others in is taken to be as short, and one that wants in as long, as it can be. */
static int64_t entries_left_min(const struct qmgr_job *job)
{
    int limit = job->transport->settings.recipient_limit;
    return job->todo_count + (limit > 0 ? job->load->unread_count / limit : 0);
}

static int64_t entries_left_max(const struct qmgr_job *job)
{
    return job->todo_count + job->load->unread_count;
}

/* What it will have earned in the end and not spent yet. */
static int64_t slots_ever(const struct qmgr_job *job)
{
    return (job->earned + entries_left_min(job)) / job->transport->settings.slot_cost;
}

/* Only a long job lets others in. */
static bool is_long(const struct qmgr_job *job)
{
    const struct qmgr_settings *settings = &job->transport->settings;
    return settings->slot_cost >= 2 &&
           (job->chosen_count + entries_left_min(job)) / settings->slot_cost >= settings->slots_min;
}

static bool has_earned(const struct qmgr_job *current, int64_t slots_needed)
{
    const struct qmgr_settings *settings = &current->transport->settings;
    int64_t due = slots_needed * settings->slot_cost * (100 - settings->slot_discount) / 100;
    return current->earned + (int64_t)settings->slot_loan * settings->slot_cost >= due;
}

/* ---- candidates ------------------------------------------------------------------------------ */

/* It has something to do for a destination that takes more. */
static bool can_go_on(const struct qmgr_job *job)
{
    list_each(node, &job->peers)
    {
        if (qmgr_destination_is_open(list_entry(node, struct qmgr_peer, of_job)->destination)) {
            return true;
        }
    }
    return false;
}

static bool may_be_let_in(const struct qmgr_job *job, const struct qmgr_job *current, int64_t slots)
{
    return job != current && !job->was_let_in && job->todo_count > 0 &&
           entries_left_max(job) <= slots && can_go_on(job);
}

/* Waiting time for each entry: more is better. */
static bool is_better(const struct qmgr_job *a, const struct qmgr_job *b, int64_t now_ns)
{
    int64_t a_ms = (now_ns - a->load->taken_ns) / NS_PER_MS;
    int64_t b_ms = (now_ns - b->load->taken_ns) / NS_PER_MS;
    return a_ms * entries_left_max(b) > b_ms * entries_left_max(a);
}

static struct qmgr_job *find_candidate(const struct qmgr_job *current, int64_t slots,
                                       int64_t now_ns)
{
    struct qmgr_job *best = NULL;
    list_each(node, &current->transport->jobs)
    {
        struct qmgr_job *job = job_in_line(node);
        if (may_be_let_in(job, current, slots) && (best == NULL || is_better(job, best, now_ns))) {
            best = job;
        }
    }
    return best;
}

static struct qmgr_job *candidate_for(const struct qmgr_job *current, int64_t slots, int64_t now_ns)
{
    struct qmgr_transport *transport = current->transport;
    bool is_known = transport->current == current && now_ns < transport->candidate_until_ns;
    if (is_known && transport->candidate != NULL &&
        !may_be_let_in(transport->candidate, current, slots)) {
        is_known = false;
    }
    if (!is_known) {
        transport->candidate = find_candidate(current, slots, now_ns);
        transport->candidate_until_ns = now_ns + CANDIDATE_KEEP_NS;
    }
    return transport->candidate;
}

static void let_in(struct qmgr_job *job, struct qmgr_job *current)
{
    struct qmgr_transport *transport = job->transport;
    current->earned -= entries_left_max(job) * transport->settings.slot_cost;
    job->was_let_in = true;
    qmgr_heap_remove(&transport->ready, &job->ready);
    list_remove(&job->line);
    stand_before(job, &current->line);
    list_each(node, &job->peers)
    {
        qmgr_destination_move_peer(list_entry(node, struct qmgr_peer, of_job));
    }
    qmgr_job_update(job);
    transport->candidate = NULL;
    transport->candidate_until_ns = 0;
}

struct qmgr_job *qmgr_job_choose(struct qmgr_transport *transport, int64_t now_ns)
{
    struct qmgr_heap_node *first = qmgr_heap_first(&transport->ready);
    if (first == NULL) {
        return NULL;
    }
    struct qmgr_job *job = heap_entry(first, struct qmgr_job, ready);
    if (is_long(job)) {
        struct qmgr_job *candidate = candidate_for(job, slots_ever(job), now_ns);
        if (candidate != NULL && has_earned(job, entries_left_max(candidate))) {
            let_in(candidate, job);
            job = candidate;
        }
    }
    transport->current = job;
    return job;
}
