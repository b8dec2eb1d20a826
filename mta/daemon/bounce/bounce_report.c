// SPDX-License-Identifier: ISC
#include "bounce/bounce_report.h"

#include "bounce/bounce_notice.h"
#include "bounce/bounce_open.h"
#include "mail/bounce_file.h"
#include "mail/notice.h"
#include "proto/verp.h"

enum { ANY_RECIPIENT = -1, VERP_ADDRESS_MAX = 4 * 1024 };

/* Of each kind: which recipients ask for it, and who else gets a copy. */
static const struct kind_row {
    int notify_flags;
    bool by_default;
    struct str copy_class; /* of notify_classes; empty: no copies */
    enum conf_param copy_recipient;
} kind_rows[NOTICE_KINDS] = {
    [NOTICE_FAILURE] = {QUEUE_NOTIFY_FAILURE, true, STR_INIT("bounce"),
                        CONF_bounce_notice_recipient},
    [NOTICE_DELAY] = {QUEUE_NOTIFY_DELAY, true, STR_INIT("delay"), CONF_delay_notice_recipient},
    [NOTICE_SUCCESS] = {.notify_flags = QUEUE_NOTIFY_SUCCESS},
    [NOTICE_VERIFY] = {.notify_flags = 0},
};

/* One request at work. */
struct report {
    struct bounce_state *state;
    struct arena *arena;
    const struct bounce_order *order;
    const struct kind_row *kind;
    struct bounce_index index;
    struct queue_message message;
    struct queue_envelope envelope;
};

static bool has_class(const struct report *report, struct str class)
{
    return conf_list_has(conf_text(report->state->conf, CONF_notify_classes), class);
}

static struct bounce_selection all_recipients(const struct report *report)
{
    return (struct bounce_selection){.index = &report->index, .offset = ANY_RECIPIENT};
}

static struct bounce_selection asking_recipients(const struct report *report)
{
    struct bounce_selection selection = all_recipients(report);
    selection.notify_flags = report->kind->notify_flags;
    selection.by_default = report->kind->by_default;
    return selection;
}

/* ---- the message ------------------------------------------------------------------------------- */

static int open_message(struct report *report)
{
    enum queue_name name;
    struct bounce_state *state = report->state;
    struct str id = report->order->queue_id;
    if (!queue_find(report->order->queue_name, &name)) {
        return -ERR_INVALID;
    }
    int error = queue_message_open(&state->queue, name, id, &report->message);
    if (error == 0) {
        error = queue_message_envelope(&report->message, report->arena, &report->envelope);
        if (error != 0) {
            queue_message_close(&report->message);
        }
    }
    if (error != 0) {
        log_warning(state->log, "%.*s: cannot open the message: %s", STR_ARG(id),
                    err_sentence(error));
    }
    return error;
}

static bool is_small(const struct report *report)
{
    return report->envelope.size.message_bytes <=
           conf_size(report->state->conf, CONF_bounce_size_limit);
}

/* RFC 3461 4.3: RET is about failures; other notices return the header. */
static bool returns_whole(const struct report *report)
{
    return report->order->kind == NOTICE_FAILURE &&
           report->envelope.ret_flags != QUEUE_RET_HEADERS && is_small(report);
}

/* ---- notices ----------------------------------------------------------------------------------- */

static struct bounce_notice notice_about(struct report *report, struct bounce_selection selection)
{
    return (struct bounce_notice){
        .state = report->state,
        .kind = report->order->kind,
        .queue_id = report->order->queue_id,
        .message = &report->message,
        .envelope = &report->envelope,
        .selection = selection,
    };
}

static int send_to(struct report *report, struct str recipient, struct bounce_selection selection)
{
    struct bounce_notice notice = notice_about(report, selection);
    notice.recipient = recipient;
    notice.returns_whole = returns_whole(report);
    return bounce_notice_send(&notice, report->arena);
}

/* To the address that the parameter names, at our own domain when it has none. */
static int send_to_postmaster(struct report *report, enum conf_param param,
                              struct bounce_selection selection, bool whole)
{
    struct bounce_notice notice = notice_about(report, selection);
    notice.recipient = notice_own_address(report->state->conf, report->arena, param);
    notice.to_postmaster = true;
    notice.returns_whole = whole;
    return bounce_notice_send(&notice, report->arena);
}

static int send_copy(struct report *report, struct bounce_selection selection)
{
    if (report->kind->copy_class.size == 0 || !has_class(report, report->kind->copy_class)) {
        return 0;
    }
    return send_to_postmaster(report, report->kind->copy_recipient, selection, false);
}

/* To the sender and, for the same recipients, to the postmaster. */
static int send_together(struct report *report)
{
    struct bounce_selection asking = asking_recipients(report);
    int error = 0;
    if (!bounce_selection_is_empty(&asking)) {
        error = send_to(report, report->order->sender, asking);
    }
    return error != 0 ? error : send_copy(report, all_recipients(report));
}

static int send_about_one(struct report *report, const struct bounce_record *record)
{
    struct str recipient =
        record->original_recipient.size > 0 ? record->original_recipient : record->recipient;
    struct bounce_selection asking = asking_recipients(report);
    struct bounce_selection one = all_recipients(report);
    struct buf address;
    int error = 0;
    asking.offset = record->offset;
    one.offset = record->offset;
    buf_init(&address, sys_mem(report->state->sys), VERP_ADDRESS_MAX);
    verp_write(report->order->sender, recipient, report->order->verp_delimiters, &address);
    if (buf_error(&address) != 0) {
        buf_clear(&address);
        buf_put(&address, report->order->sender);
    }
    if (!bounce_selection_is_empty(&asking)) {
        error = send_to(report, buf_str(&address), asking);
    }
    buf_done(&address);
    return error != 0 ? error : send_copy(report, one);
}

static int send_each(struct report *report)
{
    struct bounce_selection all = all_recipients(report);
    struct bounce_record record;
    struct str rest = report->index.log;
    int error = 0;
    while (error == 0 && bounce_selection_next(&all, &rest, &record)) {
        error = send_about_one(report, &record);
    }
    return error;
}

/* ---- who hears --------------------------------------------------------------------------------- */

static bool uses_verp(const struct report *report)
{
    const struct conf *conf = report->state->conf;
    struct str delimiters = report->order->verp_delimiters;
    if (delimiters.size == 0 || conf_bool(conf, CONF_disable_verp_bounces)) {
        return false;
    }
    if (!verp_delimiters_are_valid(delimiters, conf_text(conf, CONF_verp_delimiter_filter))) {
        log_warning(report->state->log, "%.*s: bad VERP delimiters \"%.*s\": one notice for all",
                    STR_ARG(report->order->queue_id), STR_ARG(delimiters));
        return false;
    }
    return true;
}

/* A notice that failed: only the postmaster can still be told. */
static int report_failed_notice(struct report *report)
{
    if (!has_class(report, STR("bounce")) && !has_class(report, STR("2bounce"))) {
        return 0;
    }
    return send_to_postmaster(report, CONF_2bounce_notice_recipient, all_recipients(report),
                              is_small(report));
}

static int send_notices(struct report *report)
{
    if (report->order->sender.size == 0) {
        return report_failed_notice(report);
    }
    return uses_verp(report) ? send_each(report) : send_together(report);
}

/* True when nobody is to be told, by rule. */
static bool is_silent(const struct report *report)
{
    const struct bounce_order *order = report->order;
    struct bounce_selection all = all_recipients(report);
    if (bounce_selection_is_empty(&all)) {
        return true;
    }
    if (order->sender.size == 0) {
        return order->kind != NOTICE_FAILURE;
    }
    struct str double_bounce =
        notice_own_address(report->state->conf, report->arena, CONF_double_bounce_sender);
    if (!str_equal_fold(order->sender, double_bounce)) {
        return false;
    }
    if (order->kind == NOTICE_FAILURE) {
        log_warning(report->state->log, "%.*s: undeliverable postmaster notification discarded",
                    STR_ARG(order->queue_id));
    }
    return true;
}

static int report_records(struct report *report)
{
    if (is_silent(report)) {
        return 0;
    }
    int error = open_message(report);
    if (error == 0) {
        error = send_notices(report);
        queue_message_close(&report->message);
    }
    return error;
}

/* Durably: a record that comes back with the name of its message would be told again. */
static int remove_records(struct bounce_state *state, struct str queue_id)
{
    int error = queue_remove(&state->queue, state->records, queue_id);
    if (error == 0) {
        int synced = queue_sync(&state->queue, state->records, queue_id);
        (void)synced; /* they are gone; a crash may have the sender told again */
    }
    return error == -ERR_NOT_FOUND ? 0 : error;
}

static int report_log(struct report *report, struct str log)
{
    struct bounce_state *state = report->state;
    struct str queue_id = report->order->queue_id;
    if (!bounce_log_is_sound(log)) {
        log_warning(state->log, "%s/%.*s: damaged: a recipient may be missing in the notice",
                    queue_directory(state->records), STR_ARG(queue_id));
    }
    int error = bounce_index_init(&report->index, sys_mem(state->sys), log);
    error = error != 0 ? error : report_records(report);
    bounce_index_done(&report->index);
    if (error == 0 && !report->order->keeps_records) {
        error = remove_records(state, queue_id);
    }
    return error;
}

int bounce_report(struct bounce_state *state, struct arena *arena, const struct bounce_order *order)
{
    struct report report = {
        .state = state, .arena = arena, .order = order, .kind = &kind_rows[order->kind]};
    struct sys_stat stat;
    struct buf log;
    int fd = bounce_open(state, order->queue_id, 0, &stat);
    if (fd == -ERR_NOT_FOUND) {
        return 0;
    }
    if (fd < 0) {
        log_warning(state->log, "%s/%.*s: cannot open it: %s", queue_directory(state->records),
                    STR_ARG(order->queue_id), err_sentence(fd));
        return fd;
    }
    buf_init(&log, sys_mem(state->sys), BOUNCE_FILE_BYTES_MAX);
    int error = bounce_file_load(state->sys, fd, &log);
    error = error != 0 ? error : report_log(&report, buf_str(&log));
    buf_done(&log);
    sys_close(state->sys, fd);
    return error;
}
