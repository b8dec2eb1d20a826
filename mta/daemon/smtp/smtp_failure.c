// SPDX-License-Identifier: ISC
#include "smtp/smtp_failure.h"

#include <stdio.h>

enum { SMTP_REASON_MAX = 2000 };

/* ---- make -------------------------------------------------------------------------------------- */

static struct str format_text(struct arena *arena, const char *format, va_list arguments)
{
    char text[SMTP_REASON_MAX];
    int size = vsnprintf(text, sizeof(text), format, arguments);
    return arena_copy(arena, str_first(str_from(text), (size_t)size));
}

/* A request whose failures do not fit its arena is beyond all limits: the process ends, and the
 * queue manager tries again later. */
static struct smtp_failure *make(struct smtp_delivery *delivery, struct str relay)
{
    struct smtp_failure *failure = arena_alloc(delivery->request->arena, sizeof(*failure));
    if (failure == NULL) {
        log_fatal(delivery->state->log, "no memory left for the failures of one request");
    }
    failure->relay = relay;
    return failure;
}

struct smtp_failure *smtp_failure_vmake(struct smtp_delivery *delivery, struct str relay,
                                        const char *status, const char *format, va_list arguments)
{
    struct smtp_failure *failure = make(delivery, relay);
    failure->dsn.status = str_from(status);
    failure->dsn.reason = format_text(delivery->request->arena, format, arguments);
    return failure;
}

struct smtp_failure *smtp_failure_make(struct smtp_delivery *delivery, struct str relay,
                                       const char *status, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    struct smtp_failure *failure = smtp_failure_vmake(delivery, relay, status, format, arguments);
    va_end(arguments);
    return failure;
}

struct str smtp_failure_reply_text(struct smtp_delivery *delivery, const struct smtp_reply *reply)
{
    struct str text =
        arena_copy(delivery->request->arena, str_first(buf_str(&reply->text), SMTP_REASON_MAX / 2));
    char *bytes = (char *)text.data;
    for (size_t i = 0; i < text.size; i++) {
        bytes[i] = bytes[i] == '\n' ? ' ' : bytes[i];
    }
    return text;
}

struct str smtp_failure_status(struct smtp_delivery *delivery, const struct smtp_reply *reply)
{
    struct enhanced_status status = reply->status;
    uint16_t class = (uint16_t)(reply->code / 100);
    if (class != 2 && class != 4) {
        class = 5; /* what fits no command cannot be helped by trying again */
    }
    if (reply->code / 100 == 3) {
        status = (struct enhanced_status){.class = 5, .subject = 5};
    } else if (status.class != class) {
        status = (struct enhanced_status){.class = class};
    }
    char text[ENHANCED_STATUS_TEXT_SIZE];
    return arena_copy(delivery->request->arena, str_from(enhanced_status_text(status, text)));
}

struct smtp_failure *smtp_failure_of_reply(struct smtp_delivery *delivery, struct str relay,
                                           struct str host, const struct smtp_reply *reply,
                                           const char *format, ...)
{
    struct smtp_failure *failure = make(delivery, relay);
    va_list arguments;
    va_start(arguments, format);
    failure->dsn = (struct dsn){
        .status = smtp_failure_status(delivery, reply),
        .diag_type = STR("smtp"),
        .diag_text = smtp_failure_reply_text(delivery, reply),
        .mta_type = STR("dns"),
        .mta_name = host,
        .reason = format_text(delivery->request->arena, format, arguments),
    };
    va_end(arguments);
    return failure;
}

bool smtp_failure_is_final(const struct smtp_failure *failure)
{
    return str_starts_with(failure->dsn.status, STR("5"));
}

struct smtp_failure *smtp_failure_with_status(struct smtp_delivery *delivery,
                                              const struct smtp_failure *failure,
                                              const char *status)
{
    struct smtp_failure *changed = make(delivery, failure->relay);
    *changed = *failure;
    changed->dsn.status = arena_copy(delivery->request->arena, str_from(status));
    return changed;
}

/* ---- apply ------------------------------------------------------------------------------------- */

static struct deliver_recipient *recipient_at(struct smtp_delivery *delivery, int index)
{
    return &delivery->request->recipients[index];
}

void smtp_failure_forget(struct smtp_delivery *delivery)
{
    for (int i = 0; i < delivery->request->recipient_count; i++) {
        delivery->pending[i] = NULL;
    }
}

void smtp_failure_of_recipient(struct smtp_delivery *delivery, int index,
                               const struct smtp_failure *failure)
{
    delivery->pending[index] = failure;
    if (smtp_failure_is_final(failure) && !delivery->request->agent->soft_bounce) {
        deliver_bounced(delivery->request, recipient_at(delivery, index), failure->relay,
                        &failure->dsn);
    }
}

void smtp_failure_of_rest(struct smtp_delivery *delivery, const struct smtp_failure *failure)
{
    for (int i = 0; i < delivery->request->recipient_count; i++) {
        if (!recipient_at(delivery, i)->ended && delivery->pending[i] == NULL) {
            smtp_failure_of_recipient(delivery, i, failure);
        }
    }
}

void smtp_failure_wait(struct smtp_delivery *delivery, const struct smtp_failure *failure)
{
    for (int i = 0; i < delivery->request->recipient_count; i++) {
        delivery->pending[i] = failure;
    }
}

void smtp_failure_log_pending(struct smtp_delivery *delivery)
{
    const struct smtp_failure *logged = NULL;
    for (int i = 0; i < delivery->request->recipient_count; i++) {
        const struct smtp_failure *failure = delivery->pending[i];
        if (recipient_at(delivery, i)->ended || failure == NULL || failure == logged ||
            failure->dsn.mta_name.size == 0) {
            continue;
        }
        log_event(delivery->state->log, host_said, .queue_id = delivery->request->head.queue_id,
                  .reason = failure->dsn.reason);
        logged = failure;
    }
}

void smtp_failure_end(struct smtp_delivery *delivery)
{
    for (int i = 0; i < delivery->request->recipient_count; i++) {
        const struct smtp_failure *failure = delivery->pending[i];
        if (recipient_at(delivery, i)->ended) {
            continue;
        }
        if (failure->site_is_sick) {
            deliver_site_failed(delivery->request, &failure->dsn);
        }
        deliver_ended(delivery->request, recipient_at(delivery, i), failure->relay, &failure->dsn);
    }
}

bool smtp_failure_left(const struct smtp_delivery *delivery)
{
    for (int i = 0; i < delivery->request->recipient_count; i++) {
        if (!delivery->request->recipients[i].ended) {
            return true;
        }
    }
    return false;
}
