// SPDX-License-Identifier: ISC
#include "qmgr/qmgr_schedule.h"

#include "base/assert.h"
#include "base/err.h"
#include "qmgr/qmgr_destination.h"
#include "qmgr/qmgr_job.h"

#define BACK_TO_BACK_NS INT64_C(1000000000)

static const char unavailable[] = "4.3.0 mail transport unavailable";
static const char agent_lost[] = "4.3.0 unknown mail transport error";

/* ---- the schedule ---------------------------------------------------------------------------- */

void qmgr_schedule_init(struct qmgr_schedule *schedule, struct mem *mem,
                        const struct qmgr_settings *retry)
{
    *schedule = (struct qmgr_schedule){.mem = mem};
    map_init(&schedule->transports, mem, QMGR_TRANSPORTS_MAX);
    list_init(&schedule->turn);
    qmgr_heap_init(&schedule->resting, mem);
    qmgr_heap_init(&schedule->sleeping, mem);
    list_init(&schedule->abandoned);
    schedule->retry = qmgr_transport_add(schedule, STR("retry"), retry);
}

struct qmgr_transport *qmgr_transport_find(struct qmgr_schedule *schedule, struct str name)
{
    return map_get(&schedule->transports, name);
}

struct qmgr_transport *qmgr_transport_add(struct qmgr_schedule *schedule, struct str name,
                                          const struct qmgr_settings *settings)
{
    struct mem *mem = schedule->mem;
    struct qmgr_transport *transport = mem_alloc(mem, sizeof(*transport));
    if (map_put(&schedule->transports, name, transport) != 0) {
        mem_free(mem, transport);
        return NULL;
    }
    *transport = (struct qmgr_transport){
        .schedule = schedule,
        .name = str_of(mem_copy_str(mem, name), name.size),
        .settings = *settings,
    };
    if (settings->destination_rate_delay_ns > 0) {
        transport->settings.window.limit = 1;
    }
    map_init(&transport->destinations, mem, QMGR_DESTINATIONS_MAX);
    list_init(&transport->jobs);
    qmgr_heap_init(&transport->ready, mem);
    list_append(&schedule->turn, &transport->turn);
    return transport;
}

static void transport_free(struct qmgr_transport *transport)
{
    struct mem *mem = transport->schedule->mem;
    assert(list_is_empty(&transport->jobs) && transport->destinations.count == 0);
    map_done(&transport->destinations);
    qmgr_heap_done(&transport->ready);
    mem_free(mem, transport->reason);
    mem_free(mem, (char *)(uintptr_t)transport->name.data);
    mem_free(mem, transport);
}

void qmgr_schedule_done(struct qmgr_schedule *schedule)
{
    qmgr_schedule_tick(schedule, INT64_MAX);
    list_each(node, &schedule->turn)
    {
        transport_free(list_entry(node, struct qmgr_transport, turn));
    }
    qmgr_heap_done(&schedule->resting);
    qmgr_heap_done(&schedule->sleeping);
    map_done(&schedule->transports);
}

void qmgr_load_init(struct qmgr_load *load, int64_t taken_ns)
{
    *load = (struct qmgr_load){.taken_ns = taken_ns, .waiting_since_ns = taken_ns};
    list_init(&load->jobs);
}

/* ---- entries --------------------------------------------------------------------------------- */

static struct qmgr_entry *entry_new(struct qmgr_job *job, struct qmgr_destination *destination)
{
    struct qmgr_entry *entry = mem_alloc(job->transport->schedule->mem, sizeof(*entry));
    *entry = (struct qmgr_entry){.job = job, .destination = destination};
    list_init(&entry->recipients);
    job->load->entry_count++;
    return entry;
}

/* Its first recipients come with it. */
static void queue_up(struct qmgr_entry *entry)
{
    entry->peer = qmgr_peer_get(entry->job, entry->destination);
    list_append(&entry->peer->todo, &entry->node);
    entry->job->todo_count++;
    entry->destination->todo_count++;
    entry->job->transport->recipient_count += entry->recipient_count;
    qmgr_destination_update(entry->destination);
}

/* Leaves its place, but not yet what it belongs to. */
static void take_off(struct qmgr_entry *entry)
{
    entry->job->transport->recipient_count -= entry->recipient_count;
    struct qmgr_peer *peer = entry->peer;
    list_remove(&entry->node);
    if (peer == NULL) {
        entry->job->busy_count--;
        entry->destination->busy_count--;
        entry->job->transport->busy_count--;
        return;
    }
    entry->peer = NULL;
    entry->job->todo_count--;
    entry->destination->todo_count--;
    qmgr_peer_release(peer);
}

/* What has nothing to do any more goes. */
static void let_go(struct qmgr_job *job, struct qmgr_destination *destination)
{
    qmgr_destination_update(destination);
    qmgr_destination_release(destination);
    qmgr_job_release(job);
}

static void abandon(struct qmgr_entry *entry)
{
    entry->destination = NULL;
    list_append(&entry->job->transport->schedule->abandoned, &entry->node);
}

/* To the transport that defers it with this reason. */
static void retry_later(struct qmgr_entry *entry, const char *reason)
{
    struct qmgr_job *job = entry->job;
    struct qmgr_destination *destination = entry->destination;
    struct qmgr_transport *retry = job->transport->schedule->retry;
    struct qmgr_destination *later = NULL;
    take_off(entry);
    if (retry->condition != QMGR_DEAD) {
        later = qmgr_destination_get(retry, str_from(reason), str_from(reason));
    }
    if (later == NULL) {
        job->busy_count++; /* keeps the job: an abandoned entry still has a load */
        abandon(entry);
        let_go(job, destination);
        return;
    }
    entry->job = qmgr_job_get(job->load, retry);
    entry->destination = later;
    queue_up(entry);
    let_go(job, destination);
}

struct qmgr_entry *qmgr_schedule_abandoned(struct qmgr_schedule *schedule)
{
    if (list_is_empty(&schedule->abandoned)) {
        return NULL;
    }
    return list_entry(schedule->abandoned.next, struct qmgr_entry, node);
}

void qmgr_entry_drop(struct qmgr_entry *entry, struct qmgr_recipient *recipient)
{
    struct qmgr_transport *transport = entry->job->transport;
    entry->recipient_count--;
    entry->job->load->recipient_count--;
    transport->schedule->recipient_count--;
    transport->recipient_count -= entry->destination != NULL;
    list_remove(&recipient->node);
    mem_free(transport->schedule->mem, recipient);
}

static void drop_all(struct qmgr_entry *entry)
{
    list_each(node, &entry->recipients)
    {
        qmgr_entry_drop(entry, list_entry(node, struct qmgr_recipient, node));
    }
}

void qmgr_entry_free(struct qmgr_entry *entry)
{
    qmgr_entry_check_invariants(entry);
    struct qmgr_job *job = entry->job;
    struct qmgr_destination *destination = entry->destination;
    struct qmgr_schedule *schedule = job->transport->schedule;
    job->load->entry_count--;
    drop_all(entry);
    if (destination == NULL) {
        list_remove(&entry->node);
        job->busy_count--;
        qmgr_job_release(job);
    } else {
        take_off(entry);
        let_go(job, destination);
    }
    mem_free(schedule->mem, entry);
}

/* What its load still has to do, without the busy ones; the first of them. */
static struct qmgr_entry *first_todo(const struct qmgr_load *load)
{
    list_each(node, &load->jobs)
    {
        const struct qmgr_job *job = list_entry(node, struct qmgr_job, of_load);
        if (!list_is_empty(&job->peers)) {
            struct qmgr_peer *peer = list_entry(job->peers.next, struct qmgr_peer, of_job);
            return list_entry(peer->todo.next, struct qmgr_entry, node);
        }
    }
    return NULL;
}

void qmgr_load_drop(struct qmgr_load *load)
{
    struct qmgr_entry *entry;
    while ((entry = first_todo(load)) != NULL) {
        qmgr_entry_free(entry);
    }
}

/* ---- recipients ------------------------------------------------------------------------------ */

/* The last entry of the peer when it has room, or a new one. */
static struct qmgr_entry *entry_with_room(struct qmgr_job *job,
                                          struct qmgr_destination *destination)
{
    struct qmgr_peer *peer = qmgr_peer_get(job, destination);
    int limit = job->transport->settings.recipient_limit;
    if (!list_is_empty(&peer->todo)) {
        struct qmgr_entry *last = list_entry(peer->todo.previous, struct qmgr_entry, node);
        if (limit <= 0 || last->recipient_count < limit) {
            return last;
        }
    }
    struct qmgr_entry *entry = entry_new(job, destination);
    queue_up(entry);
    return entry;
}

/* Where it goes, as long as what is dead does not live. */
static struct qmgr_destination *find_destination(struct qmgr_transport *transport, struct str name,
                                                 struct str nexthop)
{
    struct qmgr_transport *retry = transport->schedule->retry;
    const char *reason = transport->reason;
    if (reason == NULL) {
        struct qmgr_destination *found = qmgr_destination_get(transport, name, nexthop);
        if (found == NULL || found->reason == NULL) {
            return found;
        }
        reason = found->reason;
    }
    return qmgr_destination_get(retry, str_from(reason), str_from(reason));
}

int qmgr_schedule_add(struct qmgr_load *load, struct qmgr_transport *transport, struct str name,
                      struct str nexthop, struct qmgr_recipient *recipient)
{
    struct qmgr_destination *destination = find_destination(transport, name, nexthop);
    if (destination == NULL) {
        return -ERR_LIMIT;
    }
    struct qmgr_job *job = qmgr_job_get(load, destination->transport);
    struct qmgr_entry *entry = entry_with_room(job, destination);
    list_append(&entry->recipients, &recipient->node);
    entry->recipient_count++;
    load->recipient_count++;
    job->transport->recipient_count++;
    transport->schedule->recipient_count++;
    if (job->transport->condition == QMGR_DEAD) { /* "retry" itself */
        retry_later(entry, unavailable);
    }
    return 0;
}

int64_t qmgr_load_room(const struct qmgr_load *load, const struct qmgr_schedule *schedule,
                       int total_max, int minimum)
{
    int64_t room = total_max - schedule->recipient_count - schedule->reading_count;
    list_each(node, &load->jobs)
    {
        const struct qmgr_job *job = list_entry(node, struct qmgr_job, of_load);
        const struct qmgr_settings *settings = &job->transport->settings;
        int64_t extra = job->was_let_in ? settings->memory_recipients_extra : 0;
        int64_t of_transport = settings->memory_recipients_max + extra -
                               job->transport->recipient_count - schedule->reading_count;
        room = of_transport < room ? of_transport : room;
    }
    int64_t own = minimum - load->recipient_count;
    return room > own ? room : own;
}

bool qmgr_load_wants_more(const struct qmgr_load *load, int64_t room, int64_t now_ns)
{
    if (load->unread_count == 0 || room <= 0) {
        return false;
    }
    list_each(node, &load->jobs)
    {
        const struct qmgr_job *job = list_entry(node, struct qmgr_job, of_load);
        const struct qmgr_settings *settings = &job->transport->settings;
        if (room >= settings->refill_recipients ||
            now_ns >= load->waiting_since_ns + settings->refill_delay_ns) {
            return true;
        }
    }
    return false;
}

/* ---- agents ---------------------------------------------------------------------------------- */

/* Requests that could go out at once, counted as far as it matters. */
static int selectable_count(const struct qmgr_transport *transport)
{
    int count = 0;
    for (size_t i = 1; i <= transport->ready.count && count <= QMGR_CALLS_MAX; i++) {
        const struct qmgr_job *job = heap_entry(transport->ready.nodes[i], struct qmgr_job, ready);
        list_each(node, &job->offers)
        {
            const struct qmgr_destination *destination =
                list_entry(node, struct qmgr_peer, offer)->destination;
            int places = destination->window.size - destination->busy_count;
            count += places < destination->todo_count ? places : destination->todo_count;
        }
    }
    return count;
}

static bool needs_agent(const struct qmgr_transport *transport)
{
    if (transport->condition != QMGR_WORKS || transport->calling_count >= QMGR_CALLS_MAX) {
        return false;
    }
    bool one_at_a_time = transport->settings.transport_rate_delay_ns > 0;
    if (one_at_a_time && transport->calling_count + transport->busy_count > 0) {
        return false;
    }
    return selectable_count(transport) > transport->calling_count;
}

struct qmgr_transport *qmgr_schedule_call(struct qmgr_schedule *schedule)
{
    list_each(node, &schedule->turn)
    {
        struct qmgr_transport *transport = list_entry(node, struct qmgr_transport, turn);
        if (needs_agent(transport)) {
            list_remove(node);
            list_append(&schedule->turn, node);
            transport->calling_count++;
            return transport;
        }
    }
    return NULL;
}

/* An agent keeps its connection for the next delivery while one is foreseen, and looks for a kept
 * one as long as some may be there. */
static void hint_at_connections(struct qmgr_entry *entry, int64_t now_ns)
{
    struct qmgr_destination *destination = entry->destination;
    bool is_back_to_back = destination->last_done_ns >= now_ns - BACK_TO_BACK_NS;
    entry->stores_connection =
        destination->todo_count > 0 && (destination->busy_count > 1 || is_back_to_back);
    entry->loads_connection = entry->stores_connection || destination->caches_connections;
    destination->caches_connections = entry->stores_connection;
}

static struct qmgr_entry *choose_entry(struct qmgr_job *job, int64_t now_ns)
{
    struct qmgr_peer *peer = list_entry(job->offers.next, struct qmgr_peer, offer);
    struct qmgr_destination *destination = peer->destination;
    struct qmgr_entry *entry = list_entry(peer->todo.next, struct qmgr_entry, node);
    list_remove(&entry->node);
    list_append(&job->busy, &entry->node);
    entry->peer = NULL;
    entry->chosen_ns = now_ns;
    job->todo_count--;
    job->busy_count++;
    job->chosen_count++;
    job->earned++;
    destination->todo_count--;
    destination->busy_count++;
    job->transport->busy_count++;
    list_remove(&peer->offer); /* the next turn is another one's */
    list_append(&job->offers, &peer->offer);
    qmgr_peer_release(peer);
    qmgr_destination_update(destination);
    return entry;
}

struct qmgr_entry *qmgr_schedule_answered(struct qmgr_transport *transport, int64_t now_ns)
{
    assert(transport->calling_count > 0);
    transport->calling_count--;
    struct qmgr_job *job =
        transport->condition == QMGR_WORKS ? qmgr_job_choose(transport, now_ns) : NULL;
    if (job == NULL) {
        return NULL;
    }
    struct qmgr_entry *entry = choose_entry(job, now_ns);
    hint_at_connections(entry, now_ns);
    return entry;
}

void qmgr_schedule_hung_up(struct qmgr_transport *transport)
{
    assert(transport->calling_count > 0);
    transport->calling_count--;
}

/* ---- what deliveries show -------------------------------------------------------------------- */

/* All that waits for a dead destination is deferred. */
static void retry_all_of(struct qmgr_destination *destination)
{
    while (destination->todo_count > 0) {
        struct qmgr_peer *peer =
            list_entry(destination->peers.next, struct qmgr_peer, of_destination);
        retry_later(list_entry(peer->todo.next, struct qmgr_entry, node), destination->reason);
    }
}

static void die(struct qmgr_transport *transport, const char *reason, int64_t now_ns)
{
    struct qmgr_schedule *schedule = transport->schedule;
    transport->condition = QMGR_DEAD;
    mem_free(schedule->mem, transport->reason);
    transport->reason = mem_copy_str(schedule->mem, str_from(reason));
    qmgr_heap_put(&schedule->resting, &transport->rest_ends, now_ns + transport->settings.retry_ns);
    list_each(node, &transport->jobs)
    {
        struct qmgr_job *job = list_entry(node, struct qmgr_job, line);
        job->busy_count++; /* keeps it while its entries go */
        while (job->todo_count > 0) {
            struct qmgr_peer *peer = list_entry(job->peers.next, struct qmgr_peer, of_job);
            retry_later(list_entry(peer->todo.next, struct qmgr_entry, node), reason);
        }
        job->busy_count--;
        qmgr_job_release(job);
    }
}

/* Behind each delivery, whatever it has shown. */
static void rest(struct qmgr_entry *entry, int64_t now_ns)
{
    struct qmgr_destination *destination = entry->destination;
    struct qmgr_transport *transport = destination->transport;
    const struct qmgr_settings *settings = &transport->settings;
    destination->last_done_ns = now_ns;
    if (settings->destination_rate_delay_ns > 0) {
        qmgr_destination_rest(destination, now_ns + settings->destination_rate_delay_ns);
    }
    if (settings->transport_rate_delay_ns > 0 && transport->condition != QMGR_DEAD) {
        transport->condition = QMGR_RESTS;
        qmgr_heap_put(&transport->schedule->resting, &transport->rest_ends,
                      now_ns + settings->transport_rate_delay_ns);
    }
}

void qmgr_schedule_succeeded(struct qmgr_entry *entry, int64_t now_ns)
{
    qmgr_entry_check_invariants(entry);
    struct qmgr_destination *destination = entry->destination;
    if (destination->condition == QMGR_DEAD) {
        qmgr_destination_revive(destination);
    }
    qmgr_window_succeeded(&destination->window, &destination->transport->settings.window,
                          destination->busy_count);
    rest(entry, now_ns);
    qmgr_destination_update(destination);
}

void qmgr_schedule_failed(struct qmgr_entry *entry, struct str status, struct str reason,
                          int64_t now_ns)
{
    qmgr_entry_check_invariants(entry);
    struct qmgr_destination *destination = entry->destination;
    const struct qmgr_settings *settings = &destination->transport->settings;
    rest(entry, now_ns);
    if (destination->condition != QMGR_DEAD &&
        qmgr_window_failed(&destination->window, &settings->window)) {
        qmgr_destination_die(destination, status, reason, now_ns + settings->dead_ns);
        retry_all_of(destination);
    }
    qmgr_destination_update(destination);
}

void qmgr_schedule_lost(struct qmgr_entry *entry, int64_t now_ns)
{
    qmgr_entry_check_invariants(entry);
    die(entry->job->transport, agent_lost, now_ns);
    retry_later(entry, agent_lost);
}

void qmgr_schedule_unreachable(struct qmgr_transport *transport, int64_t now_ns)
{
    qmgr_schedule_hung_up(transport);
    die(transport, unavailable, now_ns);
}

/* ---- time ------------------------------------------------------------------------------------ */

static struct qmgr_transport *first_resting(const struct qmgr_schedule *schedule)
{
    struct qmgr_heap_node *node = qmgr_heap_first(&schedule->resting);
    return node == NULL ? NULL : heap_entry(node, struct qmgr_transport, rest_ends);
}

static struct qmgr_destination *first_sleeping(const struct qmgr_schedule *schedule)
{
    struct qmgr_heap_node *node = qmgr_heap_first(&schedule->sleeping);
    return node == NULL ? NULL : heap_entry(node, struct qmgr_destination, rest_ends);
}

int64_t qmgr_schedule_wake_ns(const struct qmgr_schedule *schedule)
{
    const struct qmgr_transport *transport = first_resting(schedule);
    const struct qmgr_destination *destination = first_sleeping(schedule);
    int64_t wake_ns = transport == NULL ? INT64_MAX : transport->rest_ends.key;
    if (destination != NULL && destination->rest_ends.key < wake_ns) {
        wake_ns = destination->rest_ends.key;
    }
    return wake_ns;
}

void qmgr_transport_revive(struct qmgr_transport *transport)
{
    transport->condition = QMGR_WORKS;
    qmgr_heap_remove(&transport->schedule->resting, &transport->rest_ends);
    mem_free(transport->schedule->mem, transport->reason);
    transport->reason = NULL;
}

void qmgr_schedule_tick(struct qmgr_schedule *schedule, int64_t now_ns)
{
    struct qmgr_transport *transport;
    struct qmgr_destination *destination;
    while ((transport = first_resting(schedule)) != NULL && transport->rest_ends.key <= now_ns) {
        qmgr_transport_revive(transport);
    }
    while ((destination = first_sleeping(schedule)) != NULL &&
           destination->rest_ends.key <= now_ns) {
        qmgr_destination_revive(destination);
    }
}

static void forget_dead_of(struct qmgr_transport *transport)
{
    struct map_entry *entry = map_next(&transport->destinations, NULL);
    while (entry != NULL) {
        struct qmgr_destination *destination = entry->value;
        entry = map_next(&transport->destinations, entry);
        if (destination->condition == QMGR_DEAD) {
            qmgr_destination_revive(destination);
        }
    }
}

void qmgr_schedule_forget_dead(struct qmgr_schedule *schedule)
{
    list_each(node, &schedule->turn)
    {
        struct qmgr_transport *transport = list_entry(node, struct qmgr_transport, turn);
        if (transport->condition == QMGR_DEAD) {
            qmgr_transport_revive(transport);
        }
        forget_dead_of(transport);
    }
}
