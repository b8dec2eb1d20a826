// SPDX-License-Identifier: ISC
#include "qmgr/qmgr_work.h"

#include "base/assert.h"
#include "qmgr/qmgr_agent.h"
#include "qmgr/qmgr_read.h"
#include "qmgr/qmgr_round.h"

/* One step; the message may be gone afterwards: false when it is, or needs no worker any more. */
static bool go_on(struct qmgr_message *message)
{
    enum qmgr_message_event event = QMGR_LEFT;
    qmgr_message_check_invariants(message);
    switch (message->state) {
    case QMGR_FOUND:
        event = qmgr_read_take_up(message);
        break;
    case QMGR_READING:
    case QMGR_REFILLING:
        event = qmgr_read_batch(message);
        break;
    case QMGR_ENDING:
        event = qmgr_round_end(message);
        break;
    case QMGR_DELIVERING:
    case QMGR_GONE:
        unreachable();
    }
    bool ends = event == QMGR_LEFT || event == QMGR_OVER;
    if (event == QMGR_READ || event == QMGR_NOTHING) {
        bool drained = message->state == QMGR_READING && event == QMGR_NOTHING;
        message->has_worker = drained; /* to end the round */
        ends = !drained;
    }
    qmgr_message_handle(message, event);
    return !ends;
}

/* Body of a worker. */
static void work(struct sys *sys, void *argument)
{
    struct qmgr *qmgr = argument;
    while (!list_is_empty(&qmgr->work) && !sys_canceled(sys)) {
        struct qmgr_message *message = list_entry(qmgr->work.next, struct qmgr_message, work);
        list_remove(&message->work);
        while (!sys_canceled(sys) && go_on(message)) {}
        qmgr_agent_dispatch(qmgr);
    }
    qmgr->worker_count--;
}

void qmgr_work_add(struct qmgr_message *message)
{
    struct qmgr *qmgr = message->qmgr;
    assert(!message->has_worker);
    message->has_worker = true;
    list_append(&qmgr->work, &message->work);
    if (qmgr->worker_count >= QMGR_WORKERS_MAX) {
        return;
    }
    int error = sys_fiber_start(qmgr->sys, &qmgr->service->background, work, qmgr);
    if (error == 0) {
        qmgr->worker_count++;
    } else if (qmgr->worker_count == 0) {
        log_warning(qmgr->log, "cannot start a worker: %s", err_sentence(error));
        service_retire(qmgr->service);
    }
}

static int total_max(const struct qmgr *qmgr)
{
    int active_max = conf_int(qmgr->conf, CONF_qmgr_message_active_limit);
    int recipients_max = conf_int(qmgr->conf, CONF_qmgr_message_recipient_limit);
    return recipients_max > active_max ? recipients_max : active_max;
}

int64_t qmgr_work_room(const struct qmgr_message *message)
{
    const struct qmgr *qmgr = message->qmgr;
    return qmgr_load_room(&message->load, &qmgr->schedule, total_max(qmgr),
                          conf_int(qmgr->conf, CONF_qmgr_message_recipient_minimum));
}

int64_t qmgr_work_take_room(struct qmgr_message *message)
{
    int64_t room = qmgr_work_room(message);
    int64_t unread = message->load.unread_count;
    room = room < 0 ? 0 : room < unread ? room : unread;
    message->qmgr->schedule.reading_count += room;
    return room;
}

void qmgr_work_give_room(struct qmgr_message *message, int64_t room)
{
    message->qmgr->schedule.reading_count -= room;
}

void qmgr_work_check_invariants(const struct qmgr *qmgr)
{
    int64_t minimum = conf_int(qmgr->conf, CONF_qmgr_message_recipient_minimum);
    int64_t most = total_max(qmgr) + (int64_t)qmgr->messages.count * minimum;
    assert(qmgr->schedule.reading_count >= 0);
    assert(qmgr->schedule.recipient_count + qmgr->schedule.reading_count <= most);
}
