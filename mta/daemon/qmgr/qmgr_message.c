// SPDX-License-Identifier: ISC
#include "qmgr/qmgr_message.h"

#include "base/assert.h"
#include "qmgr/qmgr_work.h"
#include "sys/clock.h"

enum {
    ENVELOPE_BYTES_MAX = 64 * 1024 * 1024,
    UNPREPARED_MAX = 100, /* a long queue is delivered from its first message on */
    STATES = QMGR_GONE + 1,
    EVENTS = QMGR_OVER + 1,
    NEVER = -1,
};

/* clang-format off */
static const signed char next_state[STATES][EVENTS] = {
    /*                   TAKEN         LEFT       READ             NOTHING          REFILL */
    [QMGR_FOUND]      = {QMGR_READING, QMGR_GONE, NEVER,           NEVER,           NEVER,
                         NEVER,           NEVER,        NEVER,        NEVER},
    [QMGR_READING]    = {NEVER,        NEVER,     QMGR_DELIVERING, QMGR_ENDING,     NEVER,
                         NEVER,           NEVER,        NEVER,        NEVER},
    [QMGR_DELIVERING] = {NEVER,        NEVER,     NEVER,           NEVER,           QMGR_REFILLING,
                         QMGR_DELIVERING, QMGR_ENDING,  NEVER,        NEVER},
    [QMGR_REFILLING]  = {NEVER,        NEVER,     QMGR_DELIVERING, QMGR_DELIVERING, NEVER,
                         QMGR_REFILLING,  QMGR_READING, NEVER,        NEVER},
    [QMGR_ENDING]     = {NEVER,        NEVER,     NEVER,           NEVER,           NEVER,
                         NEVER,           NEVER,        QMGR_READING, QMGR_GONE},
    [QMGR_GONE]       = {NEVER,        NEVER,     NEVER,           NEVER,           NEVER,
                         NEVER,           NEVER,        NEVER,        NEVER},
    /*                   DELIVERED        DRAINED       MORE          OVER */
};
/* clang-format on */

struct qmgr_message *qmgr_message_of(const struct qmgr_load *load)
{
    return list_entry(load, struct qmgr_message, load);
}

void qmgr_message_warn(const struct qmgr_message *message, const char *what, int error)
{
    log_warning(message->qmgr->log, "%.*s: %s: %s", STR_ARG(message->id), what,
                err_sentence(error));
}

bool qmgr_message_needs_worker(const struct qmgr_message *message)
{
    return message->state != QMGR_DELIVERING && message->state != QMGR_GONE;
}

void qmgr_message_check_invariants(const struct qmgr_message *message)
{
    bool in_delivery = message->state == QMGR_DELIVERING || message->state == QMGR_REFILLING;
    assert((message->load.entry_count > 0) == in_delivery);
    assert(!qmgr_message_needs_worker(message) || message->has_worker);
    assert(message->state != QMGR_DELIVERING || message->file == NULL);
    assert(message->read_all == (message->load.unread_count == 0) || message->state == QMGR_FOUND);
    assert(message->retry || (!message->unrecorded && !message->damaged));
}

void qmgr_message_close_file(struct qmgr_message *message)
{
    if (message->file != NULL) {
        queue_message_close(message->file);
        mem_free(sys_mem(message->qmgr->sys), message->file);
        message->file = NULL;
    }
}

/* ---- life ------------------------------------------------------------------------------------ */

bool qmgr_message_is_room(const struct qmgr *qmgr)
{
    return qmgr->unprepared_count < UNPREPARED_MAX &&
           qmgr->messages.count < (size_t)conf_int(qmgr->conf, CONF_qmgr_message_active_limit);
}

static void message_free(struct qmgr_message *message)
{
    struct mem *mem = sys_mem(message->qmgr->sys);
    assert(message->file == NULL && message->load.entry_count == 0);
    list_remove(&message->work);
    arena_done(&message->arena);
    mem_free(mem, (char *)(uintptr_t)message->id.data);
    mem_free(mem, message);
}

int qmgr_message_find(struct qmgr *qmgr, const struct qmgr_finding *finding, struct str id)
{
    if (map_get(&qmgr->messages, id) != NULL) {
        return -ERR_EXISTS;
    }
    if (!qmgr_message_is_room(qmgr)) {
        return -ERR_LIMIT;
    }
    struct mem *mem = sys_mem(qmgr->sys);
    struct qmgr_message *message = mem_alloc(mem, sizeof(*message));
    *message = (struct qmgr_message){
        .qmgr = qmgr,
        .id = str_of(mem_copy_str(mem, id), id.size),
        .state = QMGR_FOUND,
        .is_new = true,
        .found_in = finding->name,
        .ignores_time = finding->ignores_time,
        .flushes = finding->flushes,
    };
    list_init(&message->work);
    arena_init(&message->arena, mem, ENVELOPE_BYTES_MAX);
    qmgr_load_init(&message->load, sys_now_ns(qmgr->sys));
    if (map_put(&qmgr->messages, message->id, message) != 0) {
        message_free(message);
        return -ERR_LIMIT;
    }
    qmgr->unprepared_count++;
    qmgr_work_add(message);
    return 0;
}

void qmgr_message_handle(struct qmgr_message *message, enum qmgr_message_event event)
{
    struct qmgr *qmgr = message->qmgr;
    signed char next = next_state[message->state][event];
    assert(next != NEVER);
    message->state = (enum qmgr_message_state)next;
    if (message->is_new && message->state != QMGR_READING) {
        message->is_new = false;
        qmgr->unprepared_count--;
    }
    if (message->state == QMGR_GONE) {
        map_remove(&qmgr->messages, message->id);
        message_free(message);
        sys_event_wake_all(qmgr->sys, &qmgr->changed);
        return;
    }
    if (qmgr_message_needs_worker(message) && !message->has_worker) {
        qmgr_work_add(message);
    }
    sys_event_wake_all(qmgr->sys, &qmgr->changed);
    qmgr_message_check_invariants(message);
}

static bool wants_more(struct qmgr_message *message)
{
    struct qmgr *qmgr = message->qmgr;
    int64_t room = qmgr_work_room(message);
    return message->state == QMGR_DELIVERING &&
           qmgr_load_wants_more(&message->load, room, sys_now_ns(qmgr->sys));
}

void qmgr_message_delivered(struct qmgr_message *message)
{
    bool drained = message->load.entry_count == 0;
    qmgr_message_handle(message, drained ? QMGR_DRAINED : QMGR_DELIVERED);
    if (!drained && wants_more(message)) {
        qmgr_message_handle(message, QMGR_REFILL);
    }
}

void qmgr_message_free_all(struct qmgr *qmgr)
{
    struct map_entry *entry;
    while ((entry = map_next(&qmgr->messages, NULL)) != NULL) {
        struct qmgr_message *message = entry->value;
        qmgr_message_close_file(message);
        qmgr_load_drop(&message->load);
        map_remove(&qmgr->messages, message->id);
        message_free(message);
    }
}
