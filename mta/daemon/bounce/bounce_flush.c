// SPDX-License-Identifier: ISC
#include "bounce/bounce_flush.h"

#include "bounce/bounce_notice.h"
#include "mail/bounce_file.h"
#include "mail/bounce_index.h"
#include "sys/clock.h"

/* RFC 3461 4.1: who did not ask about failures hears of them only if nothing was asked. */
static bool wants_failure(const struct bounce_record *record)
{
    return record->notify_flags == 0 || (record->notify_flags & QUEUE_NOTIFY_FAILURE) != 0;
}

/* The next record to report on. */
static bool next_record(const struct bounce_index *index, struct str *rest,
                        struct bounce_record *record)
{
    while (bounce_index_next(index, rest, record)) {
        if (wants_failure(record)) {
            return true;
        }
    }
    return false;
}

static bool has_report(const struct bounce_index *index)
{
    struct bounce_record record;
    struct str rest = index->log;
    return next_record(index, &rest, &record);
}

static void put_report(struct bounce_notice *notice, const struct bounce_index *index)
{
    struct bounce_record record;
    bounce_notice_begin(notice);
    struct str rest = index->log;
    while (next_record(index, &rest, &record)) {
        bounce_notice_person(notice, &record);
    }
    bounce_notice_status(notice);
    rest = index->log;
    while (next_record(index, &rest, &record)) {
        bounce_notice_record(notice, &record);
    }
}

/* Who gets the notice, and from whom. False: nobody, by rule. */
static bool choose_envelope(struct bounce_state *state, struct arena *arena, struct str sender,
                            struct notice_envelope *envelope)
{
    struct str origin = conf_text(state->conf, CONF_myorigin);
    struct str double_bounce =
        arena_printf(arena, "%.*s@%.*s", STR_ARG(conf_text(state->conf, CONF_double_bounce_sender)),
                     STR_ARG(origin));
    if (sender.size > 0 && !str_equal_fold(sender, double_bounce)) {
        envelope->recipient = sender;
        return true;
    }
    struct str classes = conf_text(state->conf, CONF_notify_classes);
    bool wanted = conf_list_has(classes, STR("bounce")) || conf_list_has(classes, STR("2bounce"));
    if (sender.size > 0 || !wanted) {
        return false;
    }
    struct str postmaster = conf_text(state->conf, CONF_2bounce_notice_recipient);
    envelope->recipient =
        str_find(postmaster, '@') >= 0
            ? postmaster
            : arena_printf(arena, "%.*s@%.*s", STR_ARG(postmaster), STR_ARG(origin));
    envelope->sender = double_bounce;
    return true;
}

/* Composes and queues the notice: 0, or an error that has been logged. */
static int send_notice(struct bounce_state *state, const struct ipc_bounce_flush_request *request,
                       const struct notice_envelope *envelope, const struct bounce_index *index,
                       struct queue_message *message, const struct queue_envelope *original)
{
    struct sys *sys = state->sys;
    int64_t wall_ns = sys_wall_ns(sys);
    struct bounce_notice notice = {
        .conf = state->conf,
        .queue_id = request->queue_id,
        .envelope = original,
        .recipient = envelope->recipient,
        .to_postmaster = envelope->sender.size > 0,
        .wall_s = wall_ns / SYS_SECOND_NS,
        .utc_offset_s = sys_utc_offset_s(sys, wall_ns),
    };
    int error = notice_begin(&notice.notice, &state->cleanup, state->conf, envelope);
    if (error != 0) {
        log_warning(state->log, "%.*s: cannot start a notice: %s", STR_ARG(request->queue_id),
                    err_sentence(error));
        return error;
    }
    put_report(&notice, index);
    bool whole = original->ret_flags != QUEUE_RET_HEADERS &&
                 original->size.message_bytes <= conf_size(state->conf, CONF_bounce_size_limit);
    error = bounce_notice_original(&notice, message, whole);
    if (error != 0) {
        notice_abort(&notice.notice);
        log_warning(state->log, "%.*s: cannot read the message: %s", STR_ARG(request->queue_id),
                    err_sentence(error));
        return error;
    }
    bounce_notice_end(&notice);
    int64_t status = notice_end(&notice.notice);
    if (status != 0) {
        log_warning(state->log, "%.*s: notice not queued: %.*s", STR_ARG(request->queue_id),
                    STR_ARG(cleanup_status_outcome(status).text));
        return -ERR_UNAVAILABLE;
    }
    log_event(state->log, notification, .queue_id = request->queue_id,
              .new_queue_id = str_from(notice.notice.message.queue_id),
              .notice = notice.to_postmaster ? STR("postmaster non-delivery notification")
                                             : STR("sender non-delivery notification"));
    return 0;
}

static int notify(struct bounce_state *state, struct arena *arena,
                  const struct ipc_bounce_flush_request *request, const struct bounce_index *index)
{
    enum queue_name name;
    struct notice_envelope envelope = {0};
    if (!choose_envelope(state, arena, request->sender, &envelope)) {
        if (request->sender.size > 0) {
            log_warning(state->log, "%.*s: undeliverable postmaster notification discarded",
                        STR_ARG(request->queue_id));
        }
        return 0;
    }
    if (!queue_find(request->queue_name, &name)) {
        return -ERR_INVALID;
    }
    struct queue_message message;
    struct queue_envelope original;
    int error = queue_message_open(&state->queue, name, request->queue_id, &message);
    if (error != 0) {
        log_warning(state->log, "%.*s: cannot open the message: %s", STR_ARG(request->queue_id),
                    err_sentence(error));
        return error;
    }
    error = queue_message_envelope(&message, arena, &original);
    if (error == 0) {
        error = send_notice(state, request, &envelope, index, &message, &original);
    }
    queue_message_close(&message);
    return error;
}

int bounce_flush(struct bounce_state *state, struct arena *arena,
                 const struct ipc_bounce_flush_request *request)
{
    struct buf log;
    struct bounce_index index;
    buf_init(&log, sys_mem(state->sys), BOUNCE_FILE_BYTES_MAX);
    int error = bounce_file_read(&state->queue, state->records, request->queue_id, &log);
    if (error == 0) {
        error = bounce_index_init(&index, sys_mem(state->sys), buf_str(&log));
        if (error == 0 && has_report(&index)) {
            error = notify(state, arena, request, &index);
        }
        bounce_index_done(&index);
    }
    buf_done(&log);
    if (error == 0) {
        error = queue_remove(&state->queue, state->records, request->queue_id);
    }
    return error == -ERR_NOT_FOUND ? 0 : error;
}
