// SPDX-License-Identifier: ISC
#include "qmgr/qmgr_answer.h"

#include "qmgr/qmgr_destination.h"
#include "qmgr/qmgr_message.h"
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
    place->active_messages = (int64_t)qmgr->messages.count;
    place->active_messages_max = conf_int(qmgr->conf, CONF_qmgr_message_active_limit);
    ipc_qmgr_place_send(stream, place);
}

/* ---- mail that waits ---------------------------------------------------------------------------- */

static void answer_waiting(const struct qmgr *qmgr, struct stream *stream, struct str id)
{
    struct qmgr_waiting waiting;
    struct ipc_qmgr_place place = {.place = STR("unknown")};
    if (qmgr_index_find(&qmgr->later, id, &waiting)) {
        int64_t due_wall_s = waiting.due_wall_ns / SYS_SECOND_NS;
        place.place = STR("waiting");
        place.state = str_from(queue_directory(waiting.name));
        place.next_attempt_wall_s = due_wall_s > 0 ? due_wall_s : 0;
    }
    send_place(qmgr, stream, &place);
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

static int64_t seconds_until(const struct qmgr_heap_node *rest, int64_t now_ns)
{
    return rest->key > now_ns ? (rest->key - now_ns + SYS_SECOND_NS - 1) / SYS_SECOND_NS : 0;
}

/* The first thing that has to change before a request of the peer can go out. */
static void set_cause(const struct qmgr_peer *peer, int64_t now_ns, struct ipc_qmgr_hold *hold)
{
    const struct qmgr_destination *destination = peer->destination;
    const struct qmgr_transport *transport = destination->transport;
    if (transport->condition == QMGR_RESTS) {
        hold->held_by = STR("rate-delay");
        hold->seconds = seconds_until(&transport->rest_ends, now_ns);
    } else if (destination->condition == QMGR_RESTS) {
        hold->held_by = STR("rate-delay");
        hold->seconds = seconds_until(&destination->rest_ends, now_ns);
    } else if (destination->busy_count >= destination->window.size) {
        hold->held_by = STR("window");
    } else {
        hold->held_by = destination->offered == peer ? STR("agent") : STR("turn");
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

void qmgr_answer(struct service_session *session, struct str question)
{
    const struct qmgr *qmgr = session->service->state;
    const struct qmgr_message *message = map_get(&qmgr->messages, question);
    if (message != NULL) {
        answer_at_work(qmgr, &session->stream, message);
    } else {
        answer_waiting(qmgr, &session->stream, question);
    }
    ipc_list_end_send(&session->stream);
}
