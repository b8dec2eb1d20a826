// SPDX-License-Identifier: ISC
#include "cleanup/cleanup_recipient.h"

#include "mail/cleanup_status.h"
#include "proto/address.h"

enum { ABOUT_MAX = 4096, KEY_MAX = 8192, SEEN_MAX = 1000000 };

void cleanup_recipients_init(struct cleanup_recipients *recipients, struct cleanup_state *state,
                             struct queue_file *file)
{
    struct mem *mem = sys_mem(state->sys);
    *recipients = (struct cleanup_recipients){.state = state, .file = file};
    map_init(&recipients->seen, mem, SEEN_MAX);
    buf_init(&recipients->original, mem, ABOUT_MAX);
    buf_init(&recipients->dsn_orcpt, mem, ABOUT_MAX);
    buf_init(&recipients->dsn_notify, mem, ABOUT_MAX);
}

void cleanup_recipients_done(struct cleanup_recipients *recipients)
{
    map_done(&recipients->seen);
    buf_done(&recipients->original);
    buf_done(&recipients->dsn_orcpt);
    buf_done(&recipients->dsn_notify);
}

static struct buf *about(struct cleanup_recipients *recipients, enum queue_record_type type)
{
    if (type == QUEUE_RECORD_ORIGINAL) {
        return &recipients->original;
    }
    return type == QUEUE_RECORD_DSN_ORCPT ? &recipients->dsn_orcpt : &recipients->dsn_notify;
}

void cleanup_recipients_about(struct cleanup_recipients *recipients, enum queue_record_type type,
                              struct str data)
{
    buf_clear(about(recipients, type));
    buf_put(about(recipients, type), data);
}

/* ---- completion ------------------------------------------------------------------------------ */

static bool is_complete(struct str address)
{
    struct address parts = address_split(address);
    return parts.domain.data != NULL && parts.domain.size > 0 &&
           str_find(parts.local_part, '%') < 0 && str_find(parts.local_part, '!') < 0 &&
           str_find(parts.local_part, '@') < 0;
}

int cleanup_recipients_complete(struct cleanup_state *state, struct arena *arena,
                                struct str address, struct str *complete)
{
    if (address.size == 0 || is_complete(address)) {
        *complete = address;
        return 0;
    }
    struct ipc_rewrite_reply reply;
    const struct ipc_rewrite_request request = {.rule = STR("local"), .address = address};
    int error = ipc_rewrite(&state->rewrite, arena, &request, &reply);
    if (error == 0 && reply.status != IPC_OK) {
        error = -ERR_UNAVAILABLE;
    }
    if (error == 0) {
        *complete = reply.address;
    }
    return error;
}

/* ---- aliases --------------------------------------------------------------------------------- */

/* An address that waits for its turn, and how many aliases led to it. */
struct step {
    struct list node;
    struct str address;
    int depth;
};

struct expansion {
    struct cleanup_recipients *recipients;
    struct arena *arena;
    struct list steps;
    struct str original;
    int result_count;
    struct str reason;
};

static int64_t fail(struct expansion *expansion, const char *reason)
{
    expansion->reason = str_from(reason);
    return CLEANUP_DEFER;
}

static int64_t push(struct expansion *expansion, struct str address, int depth)
{
    const struct conf *conf = expansion->recipients->state->conf;
    if (depth > conf_int(conf, CONF_virtual_alias_recursion_limit)) {
        return fail(expansion, "alias expansion error: too deep");
    }
    if (++expansion->result_count > conf_int(conf, CONF_virtual_alias_expansion_limit)) {
        return fail(expansion, "alias expansion error: too many addresses");
    }
    struct step *step = arena_alloc(expansion->arena, sizeof(*step));
    struct str copy = arena_copy(expansion->arena, address);
    if (step == NULL || copy.data == NULL) {
        return fail(expansion, "alias expansion error: too much text");
    }
    *step = (struct step){.address = copy, .depth = depth};
    list_append(&expansion->steps, &step->node);
    return 0;
}

static bool has_seen(struct cleanup_recipients *recipients, struct str original, struct str address)
{
    struct buf key;
    buf_init(&key, sys_mem(recipients->state->sys), KEY_MAX);
    buf_put(&key, original);
    buf_put_char(&key, '\n');
    buf_put(&key, address);
    bool seen = map_get(&recipients->seen, buf_str(&key)) != NULL;
    size_t limit = (size_t)conf_int(recipients->state->conf, CONF_duplicate_filter_limit);
    if (!seen && (limit == 0 || recipients->seen.count < limit)) {
        int error = map_put(&recipients->seen, buf_str(&key), recipients);
        (void)error; /* a full filter lets repeats through, as its limit says */
    }
    buf_done(&key);
    return seen;
}

static void put_about(struct cleanup_recipients *recipients, enum queue_record_type type)
{
    struct str data = buf_str(about(recipients, type));
    if (data.size > 0) {
        queue_file_put(recipients->file, type, data);
    }
}

static void put_recipient(struct expansion *expansion, struct str address)
{
    struct cleanup_recipients *recipients = expansion->recipients;
    if (has_seen(recipients, expansion->original, address)) {
        return;
    }
    put_about(recipients, QUEUE_RECORD_DSN_ORCPT);
    put_about(recipients, QUEUE_RECORD_DSN_NOTIFY);
    if (!str_equal(expansion->original, address)) {
        queue_file_put(recipients->file, QUEUE_RECORD_ORIGINAL, expansion->original);
    }
    queue_file_put(recipients->file, QUEUE_RECORD_RECIPIENT, address);
    recipients->count++;
}

/* "@domain" stands for the same local part there. */
static int64_t push_result(struct expansion *expansion, const struct step *from, struct str result)
{
    if (!str_starts_with(result, STR("@"))) {
        struct str complete;
        int error = cleanup_recipients_complete(expansion->recipients->state, expansion->arena,
                                                result, &complete);
        return error != 0 ? fail(expansion, "address rewriting is not available")
                          : push(expansion, complete, from->depth + 1);
    }
    struct address parts = address_split(from->address);
    struct str moved =
        arena_printf(expansion->arena, "%.*s%.*s", STR_ARG(parts.local_part), STR_ARG(result));
    return push(expansion, moved, from->depth + 1);
}

static int64_t push_results(struct expansion *expansion, const struct step *from, struct str value)
{
    struct buf result;
    int64_t status = 0;
    int found;
    buf_init(&result, expansion->arena->mem, ADDRESS_BYTES_MAX + 1);
    while (status == 0 && value.size > 0) {
        buf_clear(&result);
        struct str before = value;
        struct str part;
        if (str_starts_with(str_trim(value), STR("@"))) {
            found = str_next_token(&value, ", \t\r\n", &part) ? 1 : 0;
            buf_put(&result, part);
        } else {
            found = address_list_next(&value, &result);
        }
        if (found == 0 || value.size == before.size) {
            break;
        }
        status = found < 0 ? fail(expansion, "alias expansion error: bad address")
                           : push_result(expansion, from, buf_str(&result));
    }
    buf_done(&result);
    return status;
}

/* An alias that leads back to itself is final. */
static int64_t expand_step(struct expansion *expansion, const struct step *step)
{
    struct cleanup_state *state = expansion->recipients->state;
    struct buf value;
    buf_init(&value, expansion->arena->mem, TABLE_VALUE_MAX);
    int error = table_maps_find_address(state->virtual_aliases, step->address,
                                        conf_text(state->conf, CONF_recipient_delimiter),
                                        TABLE_ADDRESS_FULL | TABLE_ADDRESS_AT_DOMAIN, &value, NULL);
    int64_t status = 0;
    if (error == -ERR_NOT_FOUND || (error == 0 && str_equal_fold(buf_str(&value), step->address))) {
        put_recipient(expansion, step->address);
    } else if (error == 0) {
        status = push_results(expansion, step, buf_str(&value));
    } else {
        log_warning(state->log, "%s: virtual_alias_maps lookup failed: %s",
                    expansion->recipients->file->id, table_maps_why(state->virtual_aliases));
        status = fail(expansion, "alias lookup failed");
    }
    buf_done(&value);
    return status;
}

static int64_t expand(struct expansion *expansion, struct str address)
{
    int64_t status = push(expansion, address, 0);
    while (status == 0 && !list_is_empty(&expansion->steps)) {
        struct step *step = list_entry(expansion->steps.next, struct step, node);
        list_remove(&step->node);
        status = expand_step(expansion, step);
    }
    return status;
}

int64_t cleanup_recipients_add(struct cleanup_recipients *recipients, struct arena *arena,
                               struct str address, struct str *reason)
{
    struct str complete;
    int64_t status = 0;
    struct expansion expansion = {.recipients = recipients, .arena = arena};
    list_init(&expansion.steps);
    int error = cleanup_recipients_complete(recipients->state, arena, address, &complete);
    if (error != 0) {
        status = fail(&expansion, "address rewriting is not available");
    } else {
        expansion.original =
            recipients->original.size > 0 ? buf_str(&recipients->original) : address;
        if (table_maps_are_empty(recipients->state->virtual_aliases)) {
            put_recipient(&expansion, complete);
        } else {
            status = expand(&expansion, complete);
        }
    }
    buf_clear(&recipients->original);
    buf_clear(&recipients->dsn_orcpt);
    buf_clear(&recipients->dsn_notify);
    *reason = expansion.reason;
    return status;
}
