// SPDX-License-Identifier: ISC
#include "check/windows.h"

#include <stdio.h>

#include "base/assert.h"
#include "proto/queue_id.h"
#include "sys/fs.h"

enum { RECORDS_MAX = 1000 * 1000 };

static const int64_t slow_ns = INT64_C(10000000000); /* what is on its way, and the sync itself */

void windows_init(struct windows *windows, const struct trouble *trouble, const struct rules *rules,
                  struct mem *mem, const char *queue_directory)
{
    *windows = (struct windows){
        .trouble = trouble, .rules = rules, .queue_directory = queue_directory, .mem = mem};
    map_init(&windows->records, mem, RECORDS_MAX);
}

void windows_done(struct windows *windows)
{
    struct map_entry *entry;
    while ((entry = map_next(&windows->records, NULL)) != NULL) {
        mem_free(windows->mem, map_remove(&windows->records, entry->key));
    }
    map_done(&windows->records);
}

/* ---- deliveries ------------------------------------------------------------------------------ */

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

bool windows_excuse_refused(const struct windows *windows, const struct record_message *message)
{
    return trouble_is_between(windows->trouble, message->first->at_ns - slow_ns,
                              message->refused->at_ns + slow_ns);
}

/* ---- notices --------------------------------------------------------------------------------- */

static struct str records_key(const char *records, struct str id, char key[SYS_PATH_MAX])
{
    snprintf(key, SYS_PATH_MAX, "%s/%.*s", records, STR_ARG(id));
    return str_from(key);
}

static void note_records(struct windows *windows, const char *records, struct str path,
                         int64_t now_ns)
{
    char text[SYS_PATH_MAX];
    snprintf(text, sizeof(text), "%s/%s/", windows->queue_directory, records);
    struct str id = str_skip(path, (size_t)(str_find_last(path, '/') + 1));
    if (!str_starts_with(path, str_from(text)) || !queue_id_is_valid(id)) {
        return;
    }
    struct str key = records_key(records, id, text);
    if (map_get(&windows->records, key) == NULL) {
        int64_t *at_ns = mem_alloc(windows->mem, sizeof(*at_ns));
        *at_ns = now_ns;
        int error = map_put(&windows->records, key, at_ns);
        assert(error == 0);
    }
}

void windows_named(struct windows *windows, struct str path, int64_t now_ns)
{
    note_records(windows, "bounce", path, now_ns);
    note_records(windows, "defer", path, now_ns);
    note_records(windows, "trace", path, now_ns);
}

/* What is expired has records in defer/ alone, and its recipients no marks before the notice. */
static bool excuse_notice(const struct windows *windows, const char *records, struct str id,
                          int64_t queued_ns)
{
    char text[SYS_PATH_MAX];
    const int64_t *first_ns = map_get(&windows->records, records_key(records, id, text));
    int64_t begin_ns = first_ns != NULL && *first_ns < queued_ns ? *first_ns : queued_ns;
    return trouble_is_between(windows->trouble, begin_ns - slow_ns,
                              queued_ns + windows->rules->mark_sync_ns + slow_ns);
}

bool windows_excuse_failure(const struct windows *windows, struct str id, int64_t queued_ns)
{
    return excuse_notice(windows, "bounce", id, queued_ns);
}

bool windows_excuse_success(const struct windows *windows, struct str id, int64_t queued_ns)
{
    return excuse_notice(windows, "trace", id, queued_ns);
}

bool windows_excuse_delay(const struct windows *windows, int64_t queued_ns, int64_t again_ns)
{
    return trouble_is_between(windows->trouble, queued_ns - slow_ns, again_ns);
}
