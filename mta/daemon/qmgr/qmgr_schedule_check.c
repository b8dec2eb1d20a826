// SPDX-License-Identifier: ISC
#include "base/assert.h"
#include "qmgr/qmgr_destination.h"
#include "qmgr/qmgr_job.h"

/* ---- in constant time: what a delivery touches ------------------------------------------------- */

static void check_job_alone(const struct qmgr_job *job)
{
    assert(job->todo_count >= 0 && job->busy_count >= 0 && job->todo_count + job->busy_count > 0);
    assert(list_is_empty(&job->peers) == (job->todo_count == 0));
    assert(qmgr_heap_has(&job->ready) == !list_is_empty(&job->offers));
}

static void check_destination_alone(const struct qmgr_destination *destination)
{
    bool is_offered = qmgr_destination_is_open(destination) && destination->todo_count > 0;
    assert(destination->todo_count >= 0 && destination->busy_count >= 0);
    assert(destination->busy_count <= destination->transport->busy_count);
    assert(list_is_empty(&destination->peers) == (destination->todo_count == 0));
    assert(is_offered == (destination->offered != NULL));
    assert(!is_offered || destination->peers.next == &destination->offered->of_destination);
    assert(qmgr_heap_has(&destination->rest_ends) == (destination->condition != QMGR_WORKS));
    assert((destination->reason != NULL) == (destination->condition == QMGR_DEAD));
    assert(destination->condition != QMGR_DEAD || destination->todo_count == 0);
}

void qmgr_entry_check_invariants(const struct qmgr_entry *entry)
{
    check_job_alone(entry->job);
    assert(entry->recipient_count >= 0);
    assert(entry->recipient_count <= entry->job->load->recipient_count);
    assert(entry->job->load->entry_count > 0);
    if (entry->destination != NULL) {
        assert(entry->destination->transport == entry->job->transport);
        check_destination_alone(entry->destination);
    }
}

/* ---- in the time of its size: everything ------------------------------------------------------- */

static int recipients_of(const struct qmgr_peer *peer)
{
    int count = 0;
    list_each(node, &peer->todo)
    {
        const struct qmgr_entry *entry = list_entry(node, struct qmgr_entry, node);
        assert(entry->peer == peer && entry->job == peer->job);
        assert(entry->destination == peer->destination && entry->recipient_count > 0);
        count += entry->recipient_count;
    }
    return count;
}

static int entries_of(const struct qmgr_peer *peer)
{
    int count = 0;
    list_each(node, &peer->todo)
    {
        count++;
    }
    return count;
}

static void check_job(const struct qmgr_job *job)
{
    int todo_count = 0;
    list_each(node, &job->peers)
    {
        const struct qmgr_peer *peer = list_entry(node, struct qmgr_peer, of_job);
        assert(peer->job == job && !list_is_empty(&peer->todo));
        todo_count += entries_of(peer);
    }
    assert(todo_count == job->todo_count);
    check_job_alone(job);
}

static void check_line(const struct qmgr_transport *transport)
{
    int64_t label = 0;
    list_each(node, &transport->jobs)
    {
        const struct qmgr_job *job = list_entry(node, struct qmgr_job, line);
        assert(job->ready.key > label);
        label = job->ready.key;
        check_job(job);
    }
}

/* The recipients that wait for it. */
static int check_destination(const struct qmgr_destination *destination)
{
    int recipient_count = 0;
    int todo_count = 0;
    const struct qmgr_job *last = NULL;
    list_each(node, &destination->peers)
    {
        const struct qmgr_peer *peer = list_entry(node, struct qmgr_peer, of_destination);
        assert(last == NULL || qmgr_job_is_before(last, peer->job));
        last = peer->job;
        recipient_count += recipients_of(peer);
        todo_count += entries_of(peer);
    }
    assert(todo_count == destination->todo_count);
    check_destination_alone(destination);
    return recipient_count;
}

static void check_transport(const struct qmgr_transport *transport)
{
    int recipient_count = 0;
    int busy_count = 0;
    for (struct map_entry *entry = map_next(&transport->destinations, NULL); entry != NULL;
         entry = map_next(&transport->destinations, entry)) {
        const struct qmgr_destination *destination = entry->value;
        recipient_count += check_destination(destination);
        busy_count += destination->busy_count;
    }
    assert(recipient_count <= transport->recipient_count);
    assert(busy_count == transport->busy_count && transport->calling_count >= 0);
    assert((transport->reason != NULL) == (transport->condition == QMGR_DEAD));
    check_line(transport);
}

void qmgr_schedule_check_invariants(const struct qmgr_schedule *schedule)
{
    list_each(node, &schedule->turn)
    {
        check_transport(list_entry(node, struct qmgr_transport, turn));
    }
    assert(schedule->recipient_count >= 0);
}
