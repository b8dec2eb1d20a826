// SPDX-License-Identifier: ISC
#include "postilion/postilion_why_text.h"

#include "log/event.h"
#include "postilion/postilion_when.h"
#include "proto/address.h"
#include "proto/date.h"
#include "queue/queue_expiry.h"
#include "sys/clock.h"

/* ---- pieces ------------------------------------------------------------------------------------- */

static void put_label(struct buf *out, const char *label)
{
    buf_putf(out, "\n  %-12s", label);
}

static void put_more(struct buf *out)
{
    put_label(out, "");
}

static void put_when(struct buf *out, const struct postilion_why *why, int64_t wall_s)
{
    int offset_s = sys_utc_offset_s(why->sys, wall_s * SYS_SECOND_NS);
    postilion_when_put(out, wall_s, why->now_wall_s, offset_s);
}

static void put_date(struct buf *out, const struct postilion_why *why, int64_t wall_s)
{
    char date[DATE_TEXT_SIZE];
    int offset_s = sys_utc_offset_s(why->sys, wall_s * SYS_SECOND_NS);
    buf_put_text(out, date_write_listing(wall_s, offset_s, date));
}

static void put_count(struct buf *out, int64_t count, const char *thing)
{
    buf_putf(out, "%lld %s%s", (long long)count, thing, count == 1 ? "" : "s");
}

static void put_address(struct buf *out, struct str address)
{
    struct buf external;
    buf_init(&external, out->mem, 2 * ADDRESS_BYTES_MAX);
    address_write(address, &external);
    buf_put_char(out, '<');
    log_put_text(out, buf_str(&external));
    buf_put_char(out, '>');
    buf_done(&external);
}

static bool is(struct str word, const char *text)
{
    return str_equal(word, str_from(text));
}

static bool is_expired_by_force(const struct postilion_why_message *message)
{
    return (message->stat.mode & QUEUE_MODE_EXPIRE) != 0;
}

static bool is_at_work(const struct postilion_why *why)
{
    return is(why->state.place.place, "at-work");
}

static bool is_waiting(const struct postilion_why *why)
{
    return is(why->state.place.place, "waiting");
}

/* When the queue manager will look at it; -1: nobody knows, or never. */
static int64_t next_attempt_wall_s(const struct postilion_why *why)
{
    if (is_waiting(why) && why->state.place.ends == 0) {
        int64_t next_s = why->state.place.next_attempt_wall_s;
        return next_s > why->now_wall_s ? next_s : why->now_wall_s;
    }
    return -1;
}

/* It may be taken up now, and there is no room for it. */
static bool is_held_by_room(const struct postilion_why *why)
{
    const struct ipc_qmgr_place *place = &why->state.place;
    bool may_go = is_waiting(why) ? place->due_wall_s <= why->now_wall_s
                                  : why->message.name == QUEUE_INCOMING &&
                                        (why->message.stat.mode & QUEUE_MODE_READY) != 0;
    return may_go && place->active_messages >= place->active_messages_max;
}

/* ---- the answer --------------------------------------------------------------------------------- */

static void put_state_of_files(struct buf *out, const struct postilion_why_message *message)
{
    if ((message->stat.mode & QUEUE_MODE_READY) == 0) {
        buf_put_text(out, "is being written: nobody was told that it is accepted");
    } else if (message->name == QUEUE_MAILDROP) {
        buf_put_text(out, "waits for pickup, which looks into maildrop/ each minute");
    } else if (message->name == QUEUE_INCOMING) {
        buf_put_text(out, "has come in and is about to be taken up");
    } else if (message->name == QUEUE_ACTIVE) {
        buf_put_text(out, "lies in active/, and nobody works on it: it is taken up again when the "
                          "queue manager starts (postilion reload)");
    } else {
        buf_put_text(out, "has been put into deferred/ without a word to the queue manager: "
                          "`postilion flush` tells it, else it looks by itself each "
                          "deferred_recheck_time");
    }
}

static bool is_delivered_now(const struct postilion_why_state *state)
{
    for (int i = 0; i < state->hold_count; i++) {
        if (is(state->holds[i].held_by, "delivery")) {
            return true;
        }
    }
    return false;
}

static void put_room(struct buf *out, const struct ipc_qmgr_place *place)
{
    buf_putf(out,
             "waits for room in the active queue: %lld of %lld messages are in it "
             "(qmgr_message_active_limit)",
             (long long)place->active_messages, (long long)place->active_messages_max);
}

static void put_state_at_work(struct buf *out, const struct postilion_why_state *state)
{
    struct str now = state->place.state;
    if (!is(now, "delivering")) {
        buf_put_text(out, is(now, "ending-round")
                              ? "was tried: what is left is being settled"
                              : "is being taken up: its recipients are resolved");
    } else if (is_delivered_now(state)) {
        buf_put_text(out, "is being delivered");
    } else {
        buf_put_text(out, "is ready to go out, and waits:");
    }
}

static void put_state_waiting(struct buf *out, const struct postilion_why *why)
{
    bool gives_up = is_expired_by_force(&why->message);
    buf_put_text(out, gives_up ? "is to be returned at its next attempt: "
                               : "waits for its next attempt: ");
    put_when(out, why, next_attempt_wall_s(why));
}

static void put_answer(struct buf *out, const struct postilion_why *why)
{
    const struct postilion_why_message *message = &why->message;
    buf_putf(out, "%.*s ", STR_ARG(message->id));
    if (message->name == QUEUE_CORRUPT || message->error == -ERR_CORRUPT) {
        buf_put_text(out, "is damaged, and nobody delivers it: `postcat` shows what is left of it");
    } else if (message->name == QUEUE_HOLD) {
        buf_putf(out, "is on hold until `postsuper -H %.*s`", STR_ARG(message->id));
    } else if (!why->runs) {
        buf_put_text(out, "waits for the mail system, which does not run: `postilion start`");
    } else if (message->name == QUEUE_MAILDROP) {
        put_state_of_files(out, message);
    } else if (why->qmgr_error != 0) {
        buf_putf(out, "waits for the queue manager, which does not answer: %s",
                 err_sentence(why->qmgr_error));
    } else if (is_at_work(why)) {
        put_state_at_work(out, &why->state);
    } else if (why->state.place.ends != 0 && message->name == QUEUE_DEFERRED) {
        buf_put_text(out, "waits for the next start: the mail system is about to end "
                          "(postilion drain)");
    } else if (is_held_by_room(why)) {
        put_room(out, &why->state.place);
    } else if (is_waiting(why)) {
        put_state_waiting(out, why);
    } else {
        put_state_of_files(out, message);
    }
}

/* ---- what holds it in the queue manager ---------------------------------------------------------- */

static void put_until(struct buf *out, const struct postilion_why *why,
                      const struct ipc_qmgr_hold *hold)
{
    put_when(out, why, why->now_wall_s + hold->seconds);
}

static void put_way(struct buf *out, const struct ipc_qmgr_hold *hold)
{
    buf_putf(out, "by %.*s to ", STR_ARG(hold->transport));
    log_put_text(out, hold->nexthop);
}

static void put_agent(struct buf *out, const struct postilion_why *why,
                      const struct ipc_qmgr_hold *hold)
{
    buf_putf(out, "for a free agent: %lld", (long long)hold->transport_busy_count);
    if (why->transport_process_limit > 0) {
        buf_putf(out, " of %d (maxproc in master.cf)", why->transport_process_limit);
    }
    buf_putf(out, " of %.*s work", STR_ARG(hold->transport));
}

/* What it waits for there; nothing for what holds nothing. */
static void put_cause(struct buf *out, const struct postilion_why *why,
                      const struct ipc_qmgr_hold *hold)
{
    if (is(hold->held_by, "dead-transport")) {
        buf_putf(out, ": %.*s cannot be reached, tried again ", STR_ARG(hold->transport));
        put_until(out, why, hold);
    } else if (is(hold->held_by, "dead-destination")) {
        buf_put_text(out, ": counts as dead until ");
        put_until(out, why, hold);
    } else if (is(hold->held_by, "rate-delay")) {
        buf_putf(out, ": pauses until ");
        put_until(out, why, hold);
        buf_putf(out, " (%.*s_destination_rate_delay)", STR_ARG(hold->transport));
    } else if (is(hold->held_by, "transport-rate-delay")) {
        buf_putf(out, ": %.*s pauses until ", STR_ARG(hold->transport));
        put_until(out, why, hold);
        buf_putf(out, " (%.*s_transport_rate_delay)", STR_ARG(hold->transport));
    } else if (is(hold->held_by, "window")) {
        buf_putf(out, ": %lld of %lld deliveries at once run there (", (long long)hold->busy_count,
                 (long long)hold->window);
        buf_putf(out, "%.*s_destination_concurrency_limit, and what it has shown)",
                 STR_ARG(hold->transport));
    } else if (is(hold->held_by, "agent")) {
        buf_put_text(out, ": waits ");
        put_agent(out, why, hold);
    } else if (is(hold->held_by, "turn")) {
        buf_put_text(out, ": waits for its turn behind other mail");
    }
}

static void put_hold(struct buf *out, const struct postilion_why *why,
                     const struct ipc_qmgr_hold *hold)
{
    put_count(out, hold->recipient_count, "recipient");
    buf_put_char(out, ' ');
    put_way(out, hold);
    if (is(hold->held_by, "delivery")) {
        buf_put_text(out, ": delivery runs since ");
        postilion_when_put_span(out, hold->seconds);
    } else {
        put_cause(out, why, hold);
    }
}

static void put_holds(struct buf *out, const struct postilion_why *why)
{
    const struct postilion_why_state *state = &why->state;
    for (int i = 0; i < state->hold_count; i++) {
        put_label(out, i == 0 ? "now" : "");
        put_hold(out, why, &state->holds[i]);
    }
    if (is_at_work(why) && state->place.unread_recipients > 0) {
        put_label(out, state->hold_count == 0 ? "now" : "");
        buf_putf(out,
                 "others are read when there is room: of all mail %lld recipients are in memory "
                 "(qmgr_message_recipient_limit %d)",
                 (long long)state->place.memory_recipients,
                 conf_int(why->conf, CONF_qmgr_message_recipient_limit));
    }
}

/* ---- the message -------------------------------------------------------------------------------- */

static void put_route(struct buf *out, const struct postilion_why *why,
                      const struct ipc_qmgr_hold *route)
{
    struct str deferred = conf_text(why->conf, CONF_defer_transports);
    if (route->held_by.size == 0) {
        return;
    }
    put_more(out);
    buf_put_text(out, "  goes ");
    put_way(out, route);
    put_cause(out, why, route);
    if (conf_list_has(deferred, route->transport)) {
        buf_put_text(out, ": kept until `postilion flush` (defer_transports)");
    }
}

static void put_fate(struct buf *out, const struct postilion_why *why, int index)
{
    const struct postilion_why_recipient *recipient = &why->message.recipients[index];
    if (recipient->records != QUEUE_COUNT) {
        put_more(out);
        buf_putf(out, "  %s ", recipient->records == QUEUE_DEFER ? "deferred" : "failed");
        log_put_text(out, recipient->status);
        buf_put_text(out, ": ");
        log_put_text(out, recipient->reason);
    }
    put_route(out, why, &why->routes[index]);
}

/* What is the same for several recipients, one behind the other, is said once. */
static bool is_like_next(const struct postilion_why *why, int index)
{
    if (index + 1 == why->message.recipient_count) {
        return false;
    }
    const struct postilion_why_recipient *recipient = &why->message.recipients[index];
    const struct ipc_qmgr_hold *route = &why->routes[index];
    return recipient[0].records == recipient[1].records &&
           str_equal(recipient[0].status, recipient[1].status) &&
           str_equal(recipient[0].reason, recipient[1].reason) &&
           str_equal(route[0].transport, route[1].transport) &&
           str_equal(route[0].nexthop, route[1].nexthop) &&
           str_equal(route[0].held_by, route[1].held_by) && route[0].seconds == route[1].seconds;
}

static void put_recipients(struct buf *out, const struct postilion_why *why)
{
    const struct postilion_why_message *message = &why->message;
    for (int i = 0; i < message->recipient_count; i++) {
        put_label(out, i == 0 ? "to" : "");
        put_address(out, message->recipients[i].address);
        if (!is_like_next(why, i)) {
            put_fate(out, why, i);
        }
    }
    if (message->open_count > message->recipient_count) {
        put_more(out);
        put_count(out, message->open_count - message->recipient_count, "more recipient");
    }
    if (message->done_count > 0) {
        put_label(out, "done");
        put_count(out, message->done_count, "recipient");
    }
}

static void put_file(struct buf *out, const struct postilion_why_message *message)
{
    put_label(out, "file");
    buf_putf(out, "%.*s, %lld bytes, mode %04o", STR_ARG(message->path),
             (long long)message->stat.size, message->stat.mode);
    if (message->error != 0) {
        buf_putf(out, ": %s", err_sentence(message->error));
    }
}

static void put_arrival(struct buf *out, const struct postilion_why *why)
{
    const struct postilion_why_message *message = &why->message;
    const struct queue_envelope *envelope = &message->envelope;
    int64_t arrival_ns = envelope->arrival_wall_ns;
    if (arrival_ns == 0 && message->name == QUEUE_MAILDROP) {
        arrival_ns = message->stat.mtime_wall_ns;
    }
    if (arrival_ns == 0) {
        return;
    }
    put_label(out, "arrived");
    put_when(out, why, arrival_ns / SYS_SECOND_NS);
    if (envelope->client_name.size > 0) {
        buf_put_text(out, ", from ");
        log_put_text(out, envelope->client_name);
        buf_put_char(out, '[');
        log_put_text(out, envelope->client_address);
        buf_put_text(out, "] by ");
        log_put_text(out, envelope->protocol_name);
    }
}

static void put_past(struct buf *out, const struct postilion_why *why)
{
    const struct postilion_why_message *message = &why->message;
    const struct queue_envelope *envelope = &message->envelope;
    put_arrival(out, why);
    if (message->recorded_wall_ns > 0) {
        put_label(out, "last tried");
        put_when(out, why, message->recorded_wall_ns / SYS_SECOND_NS);
    }
    if (envelope->warn_wall_s > 0) {
        put_label(out, "delay");
        buf_put_text(out, "the sender is told of it at the first attempt after ");
        put_when(out, why, envelope->warn_wall_s);
    } else if (envelope->warn_offset > 0) {
        put_label(out, "delay");
        buf_put_text(out, "the sender was told of it");
    }
}

/* ---- what comes --------------------------------------------------------------------------------- */

/* As the file says it, where the queue manager does not: -1 for one that is tried as soon as may be,
 * or never. */
static int64_t next_by_file_wall_s(const struct postilion_why_message *message)
{
    bool has_time = message->name == QUEUE_DEFERRED || message->name == QUEUE_INCOMING;
    return has_time ? message->stat.mtime_wall_ns / SYS_SECOND_NS : -1;
}

static void put_next_attempt(struct buf *out, const struct postilion_why *why)
{
    const struct postilion_why_message *message = &why->message;
    int64_t next_s = next_attempt_wall_s(why);
    if (next_s < 0) {
        next_s = next_by_file_wall_s(message);
    }
    if (message->name == QUEUE_HOLD || (why->runs && next_s < why->now_wall_s)) {
        return;
    }
    put_label(out, "next try");
    if (!why->runs && next_s <= why->now_wall_s) {
        buf_put_text(out, "when the mail system starts");
        return;
    }
    put_when(out, why, next_s);
    if (is_waiting(why) && why->state.place.due_wall_s < next_s) {
        put_more(out);
        buf_put_text(out, "with the first queue run after ");
        put_date(out, why, why->state.place.due_wall_s);
    }
}

static void put_expiry(struct buf *out, const struct postilion_why *why)
{
    const struct postilion_why_message *message = &why->message;
    int64_t expiry_s = queue_expiry_wall_ns(why->conf, &message->envelope) / SYS_SECOND_NS;
    if (message->envelope.arrival_wall_ns == 0) {
        return;
    }
    put_label(out, "expires");
    if (is_expired_by_force(message)) {
        buf_put_text(out, "at the next attempt, as `postsuper` was told");
        return;
    }
    put_when(out, why, expiry_s);
    if (message->name == QUEUE_HOLD) {
        buf_put_text(out, ", but not while it is on hold");
    } else if (next_attempt_wall_s(why) >= expiry_s) {
        buf_put_text(out, ": the next attempt is the last one");
    }
}

/* ---- the history -------------------------------------------------------------------------------- */

static void put_step(struct buf *out, const struct postilion_why *why,
                     const struct postilion_why_step *step)
{
    put_date(out, why, step->first_wall_s);
    buf_putf(out, " %s", step->text);
    if (step->count > 1) {
        buf_putf(out, " (%lld times, last ", (long long)step->count);
        put_date(out, why, step->last_wall_s);
        buf_put_char(out, ')');
    }
}

static void put_steps(struct buf *out, const struct postilion_why *why)
{
    const struct postilion_why_history *history = &why->history;
    for (int i = 0; i < history->step_count; i++) {
        put_label(out, i == 0 ? "history" : "");
        put_step(out, why, &history->steps[i]);
        if (i == 0 && history->left_out_count > 0) {
            put_more(out);
            put_count(out, history->left_out_count, "more step");
            buf_putf(out, ": %.*s has them", STR_ARG(history->file));
        }
    }
}

/* What the log cannot tell. */
static void put_unknown_past(struct buf *out, const struct postilion_why *why)
{
    const struct postilion_why_history *history = &why->history;
    if (history->has_beginning) {
        return;
    }
    put_label(out, history->step_count == 0 ? "history" : "");
    if (history->file.size == 0) {
        buf_put_text(out, "not known: the log goes to no file (maillog_file)");
    } else if (history->error != 0) {
        buf_putf(out, "not known: cannot read %.*s: %s", STR_ARG(history->file),
                 err_sentence(history->error));
    } else if (history->log_begins_wall_s < 0) {
        buf_putf(out, "not known: %.*s is empty", STR_ARG(history->file));
    } else {
        buf_putf(out, "what was before ");
        put_date(out, why, history->log_begins_wall_s);
        buf_putf(out, " is in files older than %.*s", STR_ARG(history->file));
    }
}

static void put_history(struct buf *out, const struct postilion_why *why)
{
    put_steps(out, why);
    put_unknown_past(out, why);
}

void postilion_why_text_put_gone(struct buf *out, const struct postilion_why *why)
{
    const struct postilion_why_history *history = &why->history;
    const struct postilion_why_step *last = &history->steps[history->step_count - 1];
    buf_putf(out, "%.*s is in no queue any more: %s ", STR_ARG(why->message.id), last->text);
    put_when(out, why, last->last_wall_s);
    put_history(out, why);
}

void postilion_why_text_put(struct buf *out, const struct postilion_why *why)
{
    const struct postilion_why_message *message = &why->message;
    put_answer(out, why);
    put_holds(out, why);
    if (message->envelope.sender.data != NULL) {
        put_label(out, "from");
        put_address(out, message->envelope.sender);
    }
    if (message->envelope.redirect.size > 0) {
        put_label(out, "redirected");
        put_address(out, message->envelope.redirect);
    }
    put_recipients(out, why);
    put_file(out, message);
    put_past(out, why);
    if (message->name != QUEUE_CORRUPT && message->error != -ERR_CORRUPT) {
        put_next_attempt(out, why);
        put_expiry(out, why);
    }
    put_history(out, why);
}
