// SPDX-License-Identifier: ISC
#include "cleanup/cleanup_recipient.h"

#include "base/number.h"
#include "cleanup/cleanup_alias.h"
#include "mail/cleanup_status.h"
#include "proto/address.h"

enum { ORIGINAL_MAX = 4096, ORCPT_MAX = 8192, KEY_MAX = 32768, SEEN_MAX = 1000000 };

void cleanup_recipients_init(struct cleanup_recipients *recipients, struct cleanup_state *state,
                             struct arena *arena, struct queue_file *file)
{
    struct mem *mem = sys_mem(state->sys);
    *recipients = (struct cleanup_recipients){.state = state, .arena = arena, .file = file};
    map_init(&recipients->seen, mem, SEEN_MAX);
    buf_init(&recipients->original, mem, ORIGINAL_MAX);
    buf_init(&recipients->orcpt, mem, ORCPT_MAX);
    list_init(&recipients->expanded);
}

void cleanup_recipients_done(struct cleanup_recipients *recipients)
{
    map_done(&recipients->seen);
    buf_done(&recipients->original);
    buf_done(&recipients->orcpt);
}

/* ---- what is said about the next one --------------------------------------------------------- */

static void keep(struct buf *buf, struct str data)
{
    buf_clear(buf);
    buf_put(buf, data);
}

int64_t cleanup_recipients_about(struct cleanup_recipients *recipients,
                                 const struct queue_record *record)
{
    int64_t notify;
    switch (record->type) {
    case QUEUE_RECORD_ORIGINAL:
        keep(&recipients->original, record->data);
        return 0;
    case QUEUE_RECORD_DSN_ORCPT:
        keep(&recipients->orcpt, record->data);
        return 0;
    default:
        if (number_parse_i64(record->data, 0, QUEUE_NOTIFY_ALL, &notify) != 0) {
            return CLEANUP_BAD;
        }
        recipients->notify = (int)notify;
        return 0;
    }
}

/* RFC 3461 5.2.1 leaves it to us to add ORCPT where the client gave none. */
static void complete_about(struct cleanup_recipients *recipients, struct str address)
{
    if (recipients->original.size == 0) {
        buf_put(&recipients->original, address);
    }
    if (recipients->orcpt.size == 0) {
        buf_put_text(&recipients->orcpt,
                     str_is_ascii(buf_str(&recipients->original)) ? "rfc822;" : "utf-8;");
        address_write(buf_str(&recipients->original), &recipients->orcpt);
    }
}

static void forget_about(struct cleanup_recipients *recipients)
{
    buf_clear(&recipients->original);
    buf_clear(&recipients->orcpt);
    recipients->notify = 0;
}

/* ---- records --------------------------------------------------------------------------------- */

/* Letter case makes no other recipient. */
static bool has_seen(struct cleanup_recipients *recipients, struct str address)
{
    struct buf key;
    buf_init(&key, sys_mem(recipients->state->sys), KEY_MAX);
    buf_putf(&key, "%d\n%.*s\n%.*s\n%.*s", recipients->notify, STR_ARG(buf_str(&recipients->orcpt)),
             STR_ARG(buf_str(&recipients->original)), STR_ARG(address));
    for (size_t i = 0; i < key.size; i++) {
        key.data[i] = char_lower(key.data[i]);
    }
    bool seen = map_get(&recipients->seen, buf_str(&key)) != NULL;
    size_t limit = (size_t)conf_int(recipients->state->conf, CONF_duplicate_filter_limit);
    if (!seen && (limit == 0 || recipients->seen.count < limit)) {
        int error = map_put(&recipients->seen, buf_str(&key), recipients);
        (void)error; /* a full filter lets repeats through, as its limit says */
    }
    buf_done(&key);
    return seen;
}

static void put_recipient(struct cleanup_recipients *recipients, struct str address)
{
    struct queue_file *file = recipients->file;
    struct str original = buf_str(&recipients->original);
    if (has_seen(recipients, address)) {
        return;
    }
    if (recipients->notify != 0) {
        struct str notify = arena_printf(recipients->arena, "%d", recipients->notify);
        queue_file_put_named(file, QUEUE_RECORD_DSN_NOTIFY, notify);
    }
    queue_file_put_named(file, QUEUE_RECORD_DSN_ORCPT, buf_str(&recipients->orcpt));
    if (!str_equal(original, address)) {
        queue_file_put(file, QUEUE_RECORD_ORIGINAL, original);
    }
    queue_file_put(file, QUEUE_RECORD_RECIPIENT, address);
    recipients->has_8bit |= !str_is_ascii(address);
    recipients->count++;
}

/* ---- expansion ------------------------------------------------------------------------------- */

static bool is_expanded(const struct list *results, struct str address)
{
    const struct cleanup_address *first = list_entry(results->next, struct cleanup_address, node);
    return first->node.next != results || !str_equal_fold(first->text, address);
}

/* RFC 3461 5.2.7.3: who asked about success is told here that one became several, and those who
 * deliver to the members have nothing to tell. */
static int64_t take_over_success(struct cleanup_recipients *recipients)
{
    struct cleanup_expanded *expanded = arena_alloc(recipients->arena, sizeof(*expanded));
    if (expanded == NULL) {
        return CLEANUP_DEFER;
    }
    *expanded = (struct cleanup_expanded){
        .offset = queue_file_offset(recipients->file),
        .address = arena_copy(recipients->arena, buf_str(&recipients->original)),
        .orcpt = arena_copy(recipients->arena, buf_str(&recipients->orcpt)),
        .notify = recipients->notify,
    };
    list_append(&recipients->expanded, &expanded->node);
    recipients->notify &= ~QUEUE_NOTIFY_SUCCESS;
    if (recipients->notify == 0) {
        recipients->notify = QUEUE_NOTIFY_NEVER;
    }
    return expanded->address.data != NULL && expanded->orcpt.data != NULL ? 0 : CLEANUP_DEFER;
}

static int64_t expand(struct cleanup_recipients *recipients, struct str address)
{
    struct list results;
    list_init(&results);
    int64_t status = cleanup_alias_expand(recipients->state, recipients->file->id,
                                          recipients->arena, address, &results);
    if (status == 0 && (recipients->notify & QUEUE_NOTIFY_SUCCESS) != 0 &&
        is_expanded(&results, address)) {
        status = take_over_success(recipients);
    }
    list_each(node, &results)
    {
        if (status == 0) {
            put_recipient(recipients, list_entry(node, struct cleanup_address, node)->text);
        }
    }
    return status;
}

int64_t cleanup_recipients_add(struct cleanup_recipients *recipients, struct str address)
{
    struct cleanup_state *state = recipients->state;
    struct str complete;
    int64_t status = CLEANUP_DEFER;
    complete_about(recipients, address);
    int error = cleanup_alias_complete(state, recipients->arena, address, &complete);
    if (error != 0) {
        log_warning(state->log, "%s: cannot complete the address %.*s: %s", recipients->file->id,
                    STR_ARG(address), err_sentence(error));
    } else {
        status = expand(recipients, complete);
    }
    forget_about(recipients);
    return status;
}

/* ---- reports --------------------------------------------------------------------------------- */

static int report(struct cleanup_recipients *recipients, const struct cleanup_expanded *expanded)
{
    const struct ipc_bounce_append_request record = {
        .queue_id = str_from(recipients->file->id),
        .recipient = expanded->address,
        .offset = expanded->offset,
        .dsn_orig_rcpt = expanded->orcpt,
        .notify_flags = expanded->notify,
        .dsn_status = STR("2.0.0"),
        .dsn_action = STR("expanded"),
        .reason = STR("alias expanded"),
    };
    struct ipc_bounce_reply reply;
    int error = ipc_bounce_append(&recipients->state->trace, recipients->arena, &record, &reply);
    return error != 0 ? error : reply.status == 0 ? 0 : -ERR_IO;
}

int cleanup_recipients_report(struct cleanup_recipients *recipients)
{
    list_each(node, &recipients->expanded)
    {
        int error = report(recipients, list_entry(node, struct cleanup_expanded, node));
        if (error != 0) {
            return error;
        }
    }
    return 0;
}
