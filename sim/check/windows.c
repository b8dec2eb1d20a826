// SPDX-License-Identifier: ISC
#include "check/windows.h"

static const int64_t slow_ns = INT64_C(10000000000); /* what is on its way, and the sync itself */

static bool is_struck(const struct windows *windows, int64_t at_ns, int64_t patience_ns)
{
    return trouble_is_between(windows->trouble, at_ns - slow_ns,
                              at_ns + patience_ns + windows->rules->mark_sync_ns + slow_ns);
}

/* What happened to a recipient: the last of it opens no window, since nothing came after it. */
struct outcomes {
    int struck;
    int64_t last_ns;
    bool last_is_struck;
};

static void add_outcome(struct outcomes *outcomes, int64_t at_ns, bool is_struck)
{
    outcomes->struck += is_struck;
    if (at_ns >= outcomes->last_ns) {
        outcomes->last_ns = at_ns;
        outcomes->last_is_struck = is_struck;
    }
}

static bool is_bounce_of(const struct record_entry *e, struct str recipient)
{
    return record_is_mail(e, MAIL_EVENT_EXPIRED) ||
           (record_is_mail(e, MAIL_EVENT_RESULT) && str_equal(e->mail.status, STR("bounced")) &&
            str_equal_fold(e->mail.recipient, recipient));
}

static int count_deliveries(const struct windows *windows, const struct copies *copies,
                            const struct record_message *message, struct str recipient)
{
    struct outcomes outcomes = {.last_ns = INT64_MIN};
    for (const struct copy *c = copies->first; c != NULL; c = c->next) {
        if (copies_is_of(c, message->label, message->copy, recipient)) {
            add_outcome(&outcomes, c->at_ns,
                        is_struck(windows, c->at_ns, windows->rules->data_done_ns));
        }
    }
    for (const struct record_entry *e = message->first; e != NULL; e = e->next_of_message) {
        if (is_bounce_of(e, recipient)) {
            add_outcome(&outcomes, e->at_ns, is_struck(windows, e->at_ns, 0));
        }
    }
    return outcomes.struck - outcomes.last_is_struck;
}

/* Of all queue ids that the message had, the last one likewise. */
static int count_hand_overs(const struct windows *windows, const struct record_message *message)
{
    int struck = 0;
    bool last_is_struck = false;
    for (const struct record_entry *e = message->first; e != NULL; e = e->next_of_message) {
        if (record_is_mail(e, MAIL_EVENT_MESSAGE_ID)) {
            struck += last_is_struck;
            last_is_struck = is_struck(windows, e->at_ns, 0);
        }
    }
    return struck;
}

int windows_count(const struct windows *windows, const struct copies *copies,
                  const struct record_message *message, struct str recipient, int copy_count)
{
    return count_deliveries(windows, copies, message, recipient) +
           count_hand_overs(windows, message) * copy_count;
}

bool windows_excuse_notice(const struct windows *windows, const struct record_message *message,
                           int64_t queued_ns)
{
    return trouble_is_between(windows->trouble, message->first->at_ns - slow_ns,
                              queued_ns + windows->rules->mark_sync_ns + slow_ns);
}

bool windows_excuse_delay(const struct windows *windows, int64_t queued_ns, int64_t again_ns)
{
    return trouble_is_between(windows->trouble, queued_ns - slow_ns, again_ns);
}
