// SPDX-License-Identifier: ISC
#include "qmgr/qmgr_destination.h"

#include <stdio.h>

#include "base/assert.h"
#include "qmgr/qmgr_job.h"

static struct qmgr_peer *peer_of_destination(struct list *node)
{
    return list_entry(node, struct qmgr_peer, of_destination);
}

/* ---- life ------------------------------------------------------------------------------------ */

struct qmgr_destination *qmgr_destination_get(struct qmgr_transport *transport, struct str name,
                                              struct str nexthop)
{
    struct qmgr_destination *destination = map_get(&transport->destinations, name);
    if (destination != NULL) {
        return destination;
    }
    struct mem *mem = transport->schedule->mem;
    destination = mem_alloc(mem, sizeof(*destination));
    if (map_put(&transport->destinations, name, destination) != 0) {
        mem_free(mem, destination);
        return NULL;
    }
    *destination = (struct qmgr_destination){
        .transport = transport,
        .name = str_of(mem_copy_str(mem, name), name.size),
        .nexthop = str_of(mem_copy_str(mem, nexthop), nexthop.size),
        .last_done_ns = INT64_MIN,
    };
    list_init(&destination->peers);
    qmgr_window_reset(&destination->window, &transport->settings.window);
    return destination;
}

void qmgr_destination_release(struct qmgr_destination *destination)
{
    struct mem *mem = destination->transport->schedule->mem;
    bool is_used = destination->todo_count > 0 || destination->busy_count > 0;
    if (is_used || destination->condition != QMGR_WORKS) {
        return;
    }
    assert(list_is_empty(&destination->peers) && destination->reason == NULL);
    map_remove(&destination->transport->destinations, destination->name);
    mem_free(mem, (char *)(uintptr_t)destination->name.data);
    mem_free(mem, (char *)(uintptr_t)destination->nexthop.data);
    mem_free(mem, destination);
}

/* ---- offers ---------------------------------------------------------------------------------- */

bool qmgr_destination_is_open(const struct qmgr_destination *destination)
{
    return destination->condition == QMGR_WORKS &&
           destination->busy_count < destination->window.size;
}

static void withdraw(struct qmgr_destination *destination)
{
    struct qmgr_peer *peer = destination->offered;
    if (peer != NULL) {
        destination->offered = NULL;
        list_remove(&peer->offer);
        qmgr_job_update(peer->job);
    }
}

void qmgr_destination_update(struct qmgr_destination *destination)
{
    struct qmgr_peer *first = NULL;
    if (qmgr_destination_is_open(destination) && !list_is_empty(&destination->peers)) {
        first = peer_of_destination(destination->peers.next);
    }
    if (first == destination->offered) {
        return;
    }
    withdraw(destination);
    if (first != NULL) {
        destination->offered = first;
        list_append(&first->job->offers, &first->offer);
        qmgr_job_update(first->job);
    }
}

/* ---- peers ----------------------------------------------------------------------------------- */

/* Where the job's peer is, or belongs: behind the last one of a job that stands before it. Most
 * jobs are the last in line. */
static struct list *find_place(const struct qmgr_job *job, struct qmgr_destination *destination)
{
    struct list *node = destination->peers.previous;
    while (node != &destination->peers && qmgr_job_is_before(job, peer_of_destination(node)->job)) {
        node = node->previous;
    }
    return node;
}

struct qmgr_peer *qmgr_peer_get(struct qmgr_job *job, struct qmgr_destination *destination)
{
    struct list *place = find_place(job, destination);
    if (place != &destination->peers && peer_of_destination(place)->job == job) {
        return peer_of_destination(place);
    }
    struct qmgr_peer *peer = mem_alloc(job->transport->schedule->mem, sizeof(*peer));
    *peer = (struct qmgr_peer){.job = job, .destination = destination};
    list_init(&peer->offer);
    list_init(&peer->todo);
    list_append(&job->peers, &peer->of_job);
    list_insert_before(place->next, &peer->of_destination);
    return peer;
}

void qmgr_peer_release(struct qmgr_peer *peer)
{
    struct qmgr_destination *destination = peer->destination;
    if (!list_is_empty(&peer->todo)) {
        return;
    }
    if (destination->offered == peer) {
        withdraw(destination);
    }
    list_remove(&peer->of_job);
    list_remove(&peer->of_destination);
    mem_free(peer->job->transport->schedule->mem, peer);
}

void qmgr_destination_move_peer(struct qmgr_peer *peer)
{
    struct qmgr_destination *destination = peer->destination;
    list_remove(&peer->of_destination);
    list_insert_before(find_place(peer->job, destination)->next, &peer->of_destination);
    qmgr_destination_update(destination);
}

/* ---- rests ----------------------------------------------------------------------------------- */

static void sleep_until(struct qmgr_destination *destination, enum qmgr_condition condition,
                        int64_t until_ns)
{
    destination->condition = condition;
    qmgr_heap_put(&destination->transport->schedule->sleeping, &destination->rest_ends, until_ns);
    qmgr_destination_update(destination);
}

void qmgr_destination_rest(struct qmgr_destination *destination, int64_t until_ns)
{
    if (destination->condition != QMGR_DEAD) {
        sleep_until(destination, QMGR_RESTS, until_ns);
    }
}

void qmgr_destination_die(struct qmgr_destination *destination, struct str status,
                          struct str reason, int64_t until_ns)
{
    char text[QMGR_REASON_MAX];
    struct mem *mem = destination->transport->schedule->mem;
    snprintf(text, sizeof(text), "%.*s delivery temporarily suspended: %.*s", STR_ARG(status),
             STR_ARG(reason));
    mem_free(mem, destination->reason);
    destination->reason = mem_copy_str(mem, str_from(text));
    sleep_until(destination, QMGR_DEAD, until_ns);
}

void qmgr_destination_revive(struct qmgr_destination *destination)
{
    struct qmgr_schedule *schedule = destination->transport->schedule;
    if (destination->condition == QMGR_DEAD) {
        qmgr_window_reset(&destination->window, &destination->transport->settings.window);
    }
    destination->condition = QMGR_WORKS;
    qmgr_heap_remove(&schedule->sleeping, &destination->rest_ends);
    mem_free(schedule->mem, destination->reason);
    destination->reason = NULL;
    qmgr_destination_update(destination);
    qmgr_destination_release(destination);
}
