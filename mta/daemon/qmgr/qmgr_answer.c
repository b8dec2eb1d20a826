// SPDX-License-Identifier: ISC
#include "qmgr/qmgr_answer.h"

#include "qmgr/qmgr_destination.h"
#include "qmgr/qmgr_message.h"
#include "qmgr/qmgr_route.h"
#include "qmgr/qmgr_scan.h"
#include "sys/clock.h"

enum { HOLDS_MAX = 40 }; /* fit the stream's buffer, so that nothing changes meanwhile */

struct answer {
    struct stream *stream;
    int64_t now_ns;
    int hold_count;
};

static const char *const state_names[] = {
    [QMGR_FOUND] = "taking-up",       [QMGR_READING] = "resolving",
    [QMGR_DELIVERING] = "delivering", [QMGR_REFILLING] = "delivering",
    [QMGR_ENDING] = "ending-round",   [QMGR_GONE] = "gone",
};

static void send_place(const struct qmgr *qmgr, struct stream *stream, struct ipc_qmgr_place *place)
{
    place->ends = qmgr->ends ? 1 : 0;
    place->memory_recipients = qmgr->schedule.recipient_count;
    place->active_messages = (int64_t)qmgr->messages.count;
    place->active_messages_max = conf_int(qmgr->conf, CONF_qmgr_message_active_limit);
    ipc_qmgr_place_send(stream, place);
}

static int64_t at_least_0(int64_t number)
{
    return number > 0 ? number : 0;
}

/* ---- mail that waits ---------------------------------------------------------------------------- */

/* The wall time of a moment of the monotonic clock, if nobody sets the former. */
static int64_t wall_s_of(const struct qmgr *qmgr, int64_t at_ns)
{
    int64_t wall_ns = sys_wall_ns(qmgr->sys);
    return (wall_ns + at_ns - sys_now_ns(qmgr->sys)) / SYS_SECOND_NS;
}

static void answer_waiting(const struct qmgr *qmgr, struct stream *stream, struct str id)
{
    struct qmgr_waiting waiting;
    struct ipc_qmgr_place place = {.place = STR("unknown")};
    if (qmgr_index_find(&qmgr->later, id, &waiting)) {
        int64_t run_ns = qmgr_scan_run_ns(qmgr, waiting.due_wall_ns);
        place.place = STR("waiting");
        place.state = str_from(queue_directory(waiting.name));
        place.due_wall_s = at_least_0(waiting.due_wall_ns / SYS_SECOND_NS);
        place.next_attempt_wall_s = at_least_0(wall_s_of(qmgr, run_ns));
    }
    send_place(qmgr, stream, &place);
}

/* ---- what has to change before mail goes out ------------------------------------------------------ */

static void set_rest(struct ipc_qmgr_hold *hold, const struct qmgr_heap_node *rest_ends,
                     const char *reason, int64_t now_ns)
{
    hold->seconds = at_least_0((rest_ends->key - now_ns + SYS_SECOND_NS - 1) / SYS_SECOND_NS);
    hold->reason = str_from(reason);
}

/* True when it holds everything by that transport. */
static bool set_transport_cause(const struct qmgr_transport *transport, int64_t now_ns,
                                struct ipc_qmgr_hold *hold)
{
    if (transport->condition == QMGR_WORKS) {
        return false;
    }
    bool is_dead = transport->condition == QMGR_DEAD;
    hold->held_by = is_dead ? STR("dead-transport") : STR("transport-rate-delay");
    set_rest(hold, &transport->rest_ends, transport->reason, now_ns);
    return true;
}

static bool set_destination_cause(const struct qmgr_destination *destination, int64_t now_ns,
                                  struct ipc_qmgr_hold *hold)
{
    if (destination->condition != QMGR_WORKS) {
        bool is_dead = destination->condition == QMGR_DEAD;
        hold->held_by = is_dead ? STR("dead-destination") : STR("rate-delay");
        set_rest(hold, &destination->rest_ends, destination->reason, now_ns);
        return true;
    }
    hold->held_by = STR("window");
    return destination->busy_count >= destination->window.size;
}

static void set_cause(const struct qmgr_peer *peer, int64_t now_ns, struct ipc_qmgr_hold *hold)
{
    const struct qmgr_destination *destination = peer->destination;
    if (!set_transport_cause(destination->transport, now_ns, hold) &&
        !set_destination_cause(destination, now_ns, hold)) {
        hold->held_by = destination->offered == peer ? STR("agent") : STR("turn");
    }
}

/* ---- mail at work ------------------------------------------------------------------------------- */

static void send_hold(struct answer *answer, const struct qmgr_destination *destination,
                      struct ipc_qmgr_hold *hold)
{
    if (answer->hold_count >= HOLDS_MAX) {
        return;
    }
    answer->hold_count++;
    hold->transport = destination->transport->name;
    hold->nexthop = destination->nexthop;
    hold->transport_busy_count = destination->transport->busy_count;
    hold->busy_count = destination->busy_count;
    hold->window = destination->window.size;
    ipc_qmgr_hold_send(answer->stream, hold);
}

static void send_busy(struct answer *answer, const struct qmgr_job *job)
{
    list_each(node, &job->busy)
    {
        const struct qmgr_entry *entry = list_entry(node, struct qmgr_entry, node);
        struct ipc_qmgr_hold hold = {
            .held_by = STR("delivery"),
            .request_count = 1,
            .recipient_count = entry->recipient_count,
            .seconds = (answer->now_ns - entry->chosen_ns) / SYS_SECOND_NS,
        };
        send_hold(answer, entry->destination, &hold);
    }
}

static void send_todo(struct answer *answer, const struct qmgr_job *job)
{
    list_each(node, &job->peers)
    {
        const struct qmgr_peer *peer = list_entry(node, struct qmgr_peer, of_job);
        struct ipc_qmgr_hold hold = {.request_count = 0};
        set_cause(peer, answer->now_ns, &hold);
        list_each(entry, &peer->todo)
        {
            hold.request_count++;
            hold.recipient_count += list_entry(entry, struct qmgr_entry, node)->recipient_count;
        }
        send_hold(answer, peer->destination, &hold);
    }
}

static void answer_at_work(const struct qmgr *qmgr, struct stream *stream,
                           const struct qmgr_message *message)
{
    struct answer answer = {.stream = stream, .now_ns = sys_now_ns(qmgr->sys)};
    struct ipc_qmgr_place place = {
        .place = STR("at-work"),
        .state = str_from(state_names[message->state]),
        .unread_recipients = message->load.unread_count,
    };
    send_place(qmgr, stream, &place);
    list_each(node, &message->load.jobs)
    {
        const struct qmgr_job *job = list_entry(node, struct qmgr_job, of_load);
        send_busy(&answer, job);
        send_todo(&answer, job);
    }
}

static void answer_about_message(const struct qmgr *qmgr, struct stream *stream, struct str id)
{
    const struct qmgr_message *message = map_get(&qmgr->messages, id);
    if (message != NULL) {
        answer_at_work(qmgr, stream, message);
    } else {
        answer_waiting(qmgr, stream, id);
    }
}

/* ---- mail that goes some way -------------------------------------------------------------------- */

/* The state of a destination, or of the transport of one that nothing is known of. */
static void answer_about_route(const struct qmgr *qmgr, struct service_session *session,
                               const struct ipc_qmgr_route *route)
{
    struct ipc_qmgr_hold hold = {.transport = route->transport, .nexthop = route->nexthop};
    int64_t now_ns = sys_now_ns(qmgr->sys);
    const struct qmgr_transport *transport = map_get(&qmgr->schedule.transports, route->transport);
    const struct qmgr_destination *destination = NULL;
    if (transport != NULL) {
        struct str name = qmgr_route_destination(qmgr, &session->arena, transport, route->nexthop,
                                                 route->recipient);
        destination = map_get(&transport->destinations, name);
        hold.transport_busy_count = transport->busy_count;
    }
    if (destination != NULL) {
        hold.busy_count = destination->busy_count;
        hold.window = destination->window.size;
    }
    if ((transport == NULL || !set_transport_cause(transport, now_ns, &hold)) &&
        (destination == NULL || !set_destination_cause(destination, now_ns, &hold))) {
        hold.held_by = STR("nothing");
    }
    ipc_qmgr_hold_send(&session->stream, &hold);
}

void qmgr_answer(struct service_session *session, struct str question)
{
    const struct qmgr *qmgr = session->service->state;
    struct ipc_qmgr_route route;
    size_t used_bytes;
    if (ipc_qmgr_route_parse(question, &route, &used_bytes) == PARSE_OK) {
        answer_about_route(qmgr, session, &route);
    } else {
        answer_about_message(qmgr, &session->stream, question);
    }
    ipc_list_end_send(&session->stream);
}
