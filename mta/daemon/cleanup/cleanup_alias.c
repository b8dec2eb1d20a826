// SPDX-License-Identifier: ISC
#include "cleanup/cleanup_alias.h"

#include "mail/cleanup_status.h"
#include "proto/address.h"

/* ---- completion ------------------------------------------------------------------------------ */

static bool is_complete(struct str address)
{
    struct address parts = address_split(address);
    return parts.domain.data != NULL && parts.domain.size > 0 &&
           str_find(parts.local_part, '%') < 0 && str_find(parts.local_part, '!') < 0 &&
           str_find(parts.local_part, '@') < 0;
}

int cleanup_alias_complete(struct cleanup_state *state, struct arena *arena, struct str address,
                           struct str *complete)
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

/* ---- expansion ------------------------------------------------------------------------------- */

struct expansion {
    struct cleanup_state *state;
    const char *queue_id;
    struct arena *arena;
    struct str given;
    struct list waiting; /* struct cleanup_address that are to be looked up */
    struct list *results;
    int count; /* of both */
};

static int64_t refuse(struct expansion *expansion, const char *what)
{
    log_warning(expansion->state->log,
                "%s: unreasonable virtual_alias_maps map %s for %.*s -- message not accepted, try "
                "again later",
                expansion->queue_id, what, STR_ARG(expansion->given));
    return CLEANUP_ALIAS;
}

static int64_t fail(struct expansion *expansion, const char *why)
{
    log_warning(expansion->state->log, "%s: cannot expand %.*s: %s", expansion->queue_id,
                STR_ARG(expansion->given), why);
    return CLEANUP_DEFER;
}

static int64_t push(struct expansion *expansion, struct list *list, struct str text, int depth)
{
    const struct conf *conf = expansion->state->conf;
    if (++expansion->count > conf_int(conf, CONF_virtual_alias_expansion_limit)) {
        return refuse(expansion, "expansion size");
    }
    struct cleanup_address *address = arena_alloc(expansion->arena, sizeof(*address));
    struct str copy = arena_copy(expansion->arena, text);
    if (address == NULL || copy.data == NULL) {
        return fail(expansion, "no memory left for one message");
    }
    *address = (struct cleanup_address){.text = copy, .depth = depth};
    list_append(list, &address->node);
    return 0;
}

/* "@domain" stands for the same local part there. An alias among its own results is final. */
static int64_t push_result(struct expansion *expansion, const struct cleanup_address *from,
                           struct str result)
{
    struct str complete;
    if (str_starts_with(result, STR("@"))) {
        complete = arena_printf(expansion->arena, "%.*s%.*s",
                                STR_ARG(address_split(from->text).local_part), STR_ARG(result));
    } else if (cleanup_alias_complete(expansion->state, expansion->arena, result, &complete) != 0) {
        return fail(expansion, "address rewriting is not available");
    }
    bool is_final = str_equal_fold(complete, from->text);
    return push(expansion, is_final ? expansion->results : &expansion->waiting, complete,
                from->depth + 1);
}

/* Takes the next address or "@domain" out of an alias's value: 1, 0 at its end, or an error. */
static int next_result(struct str *value, struct buf *result)
{
    struct str part;
    buf_clear(result);
    if (!str_starts_with(str_trim(*value), STR("@"))) {
        return address_list_next(value, result);
    }
    if (!str_next_token(value, ", \t\r\n", &part)) {
        return 0;
    }
    buf_put(result, part);
    return 1;
}

/* The results take the place of the alias. */
static int64_t push_results(struct expansion *expansion, const struct cleanup_address *from,
                            struct str value)
{
    struct buf result;
    int count_without = --expansion->count;
    int64_t status = 0;
    int found = 1;
    buf_init(&result, expansion->arena->mem, ADDRESS_BYTES_MAX + 1);
    while (status == 0 && found > 0) {
        found = next_result(&value, &result);
        if (found < 0) {
            status = fail(expansion, "an alias leads to what is no address");
        } else if (found > 0) {
            status = push_result(expansion, from, buf_str(&result));
        }
    }
    buf_done(&result);
    bool is_lost = status == 0 && expansion->count == count_without;
    return is_lost ? fail(expansion, "an alias leads to nobody") : status;
}

static int64_t look_up(struct expansion *expansion, struct cleanup_address *address)
{
    struct cleanup_state *state = expansion->state;
    struct buf value;
    int64_t status = 0;
    buf_init(&value, expansion->arena->mem, TABLE_VALUE_MAX);
    int error = table_maps_find_address(state->virtual_aliases, address->text,
                                        conf_text(state->conf, CONF_recipient_delimiter),
                                        TABLE_ADDRESS_FULL | TABLE_ADDRESS_AT_DOMAIN, &value, NULL);
    if (error == -ERR_NOT_FOUND) {
        list_append(expansion->results, &address->node);
    } else if (error != 0) {
        status = fail(expansion, table_maps_why(state->virtual_aliases));
    } else if (address->depth + 1 >= conf_int(state->conf, CONF_virtual_alias_recursion_limit)) {
        status = refuse(expansion, "nesting");
    } else {
        status = push_results(expansion, address, buf_str(&value));
    }
    buf_done(&value);
    return status;
}

int64_t cleanup_alias_expand(struct cleanup_state *state, const char *queue_id, struct arena *arena,
                             struct str address, struct list *results)
{
    struct expansion expansion = {
        .state = state,
        .queue_id = queue_id,
        .arena = arena,
        .given = address,
        .results = results,
    };
    struct str complete;
    list_init(&expansion.waiting);
    int error = cleanup_alias_complete(state, arena, address, &complete);
    if (error != 0) {
        return fail(&expansion, "address rewriting is not available");
    }
    int64_t status = push(&expansion, &expansion.waiting, complete, 0);
    while (status == 0 && !list_is_empty(&expansion.waiting)) {
        struct cleanup_address *next =
            list_entry(expansion.waiting.next, struct cleanup_address, node);
        list_remove(&next->node);
        status = look_up(&expansion, next);
    }
    return status;
}
