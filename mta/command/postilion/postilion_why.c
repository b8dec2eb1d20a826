// SPDX-License-Identifier: ISC
#include "postilion/postilion_why.h"

#include "conf/check.h"
#include "postilion/postilion_master.h"
#include "postilion/postilion_text.h"
#include "postilion/postilion_why_text.h"
#include "sys/clock.h"

enum {
    ARENA_BYTES_MAX = 1024 * 1024,
    OUTPUT_BYTES_MAX = 1024 * 1024,
    MASTER_CF_BYTES_MAX = 8 << 20
};

/* ---- what the mail system knows ---------------------------------------------------------------- */

/* How many agents of that transport there may be; 0: no limit, or it cannot be said. */
static int process_limit(const struct postilion_control *control, const struct conf *conf,
                         struct str transport)
{
    struct master_cf cf = {0};
    struct buf problems;
    struct arena arena;
    int limit = 0;
    buf_init(&problems, sys_mem(control->sys), CONF_PROBLEMS_BYTES_MAX);
    arena_init(&arena, sys_mem(control->sys), MASTER_CF_BYTES_MAX);
    int error = check_read_master_cf(control->sys, control->directory, &arena, &cf, &problems);
    const struct master_cf_service *service =
        error == 0 ? master_cf_find(&cf, transport, MASTER_CF_UNIX) : NULL;
    if (service != NULL) {
        limit = service->process_limit;
        limit =
            limit == MASTER_CF_LIMIT_DEFAULT ? conf_int(conf, CONF_default_process_limit) : limit;
    }
    arena_done(&arena);
    buf_done(&problems);
    return limit;
}

/* A recipient whose way cannot be found has none. */
static void find_routes(struct postilion_why *why, struct arena *arena)
{
    const struct postilion_why_message *message = &why->message;
    for (int i = 0; i < message->recipient_count; i++) {
        int error = postilion_why_qmgr_route(why->sys, why->conf, arena, message->envelope.sender,
                                             message->recipients[i].address, &why->routes[i]);
        if (error != 0) {
            why->routes[i] = (struct ipc_qmgr_hold){.seconds = 0};
        }
    }
}

static void find_process_limit(struct postilion_why *why, const struct postilion_control *control)
{
    for (int i = 0; i < why->state.hold_count && why->transport_process_limit == 0; i++) {
        const struct ipc_qmgr_hold *hold = &why->state.holds[i];
        if (str_equal(hold->held_by, STR("agent"))) {
            why->transport_process_limit = process_limit(control, why->conf, hold->transport);
        }
    }
}

static void ask_queue_manager(struct postilion_why *why, const struct postilion_control *control,
                              struct arena *arena)
{
    bool is_idle = why->message.name == QUEUE_HOLD || why->message.name == QUEUE_CORRUPT ||
                   why->message.name == QUEUE_MAILDROP;
    if (is_idle || !why->runs) {
        return;
    }
    why->qmgr_error =
        postilion_why_qmgr_ask(why->sys, why->conf, arena, why->message.id, &why->state);
    bool expires = (why->message.stat.mode & QUEUE_MODE_EXPIRE) != 0;
    bool is_at_work = str_equal(why->state.place.place, STR("at-work"));
    if (why->qmgr_error == 0 && !is_at_work && !expires) {
        find_routes(why, arena);
    }
    find_process_limit(why, control);
}

/* ---- one message -------------------------------------------------------------------------------- */

static int tell_trouble(const struct postilion_why *why, int error)
{
    struct str path = why->message.path;
    if (error == -ERR_ACCESS) {
        return postilion_text_fail(why->sys, "cannot look at %.*s: %s: run this as root or as %s",
                                   STR_ARG(path), err_sentence(error),
                                   conf_text(why->conf, CONF_mail_owner).data);
    }
    return postilion_text_fail(why->sys, "cannot look at %.*s: %s", STR_ARG(path),
                               err_sentence(error));
}

static int tell_unknown(const struct postilion_why *why)
{
    return postilion_text_fail(why->sys,
                               "%.*s: no such message in the queue: it was delivered, returned or "
                               "deleted, or got a new id with `postsuper -r`; the mail log tells",
                               STR_ARG(why->message.id));
}

static int tell_present(struct postilion_why *why, const struct postilion_control *control,
                        struct arena *arena, struct buf *out)
{
    ask_queue_manager(why, control, arena);
    why->now_wall_s = sys_wall_ns(why->sys) / SYS_SECOND_NS;
    postilion_why_text_put(out, why);
    return 0;
}

static int tell_gone(const struct postilion_why *why, struct buf *out)
{
    if (!why->history.is_known || why->history.step_count == 0) {
        return tell_unknown(why);
    }
    postilion_why_text_put_gone(out, why);
    return 0;
}

static int tell(struct postilion_control *control, struct queue *queue, bool runs, struct str id)
{
    struct sys *sys = control->sys;
    struct postilion_why *why = mem_alloc(sys_mem(sys), sizeof(*why));
    struct arena arena;
    struct buf out;
    int status = 0;
    arena_init(&arena, sys_mem(sys), ARENA_BYTES_MAX);
    buf_init(&out, sys_mem(sys), OUTPUT_BYTES_MAX);
    *why = (struct postilion_why){.sys = sys, .conf = control->conf, .runs = runs};
    int found = postilion_why_message_read(queue, &arena, id, &why->message);
    why->now_wall_s = sys_wall_ns(sys) / SYS_SECOND_NS;
    postilion_why_history_read(sys, control->conf, id, &why->history);
    if (found < 0) {
        status = tell_trouble(why, found);
    } else {
        status = found == 0 ? tell_gone(why, &out) : tell_present(why, control, &arena, &out);
    }
    if (out.size > 0) {
        postilion_text_say(sys, "%s", buf_text(&out));
    }
    buf_done(&out);
    arena_done(&arena);
    mem_free(sys_mem(sys), why);
    return status;
}

/* Without the mark that listings and logs put behind it. */
static struct str id_of(const char *argument)
{
    struct str id = str_from(argument);
    bool has_mark = id.size > 1 && str_find(STR("*!#:"), id.data[id.size - 1]) >= 0;
    return has_mark ? str_first(id, id.size - 1) : id;
}

static int tell_of_argument(struct postilion_control *control, struct queue *queue, bool runs,
                            const char *argument)
{
    struct str id = id_of(argument);
    if (!queue_id_is_valid(id)) {
        return postilion_text_fail(control->sys,
                                   "%s: not a queue id: mailq and the mail log have it", argument);
    }
    return tell(control, queue, runs, id);
}

int postilion_why(struct postilion_control *control)
{
    struct queue queue = {0};
    int pid = 0;
    int status = postilion_master_enter(control);
    if (status != 0) {
        return status;
    }
    int found = postilion_master_find(control, &pid, sys_now_ns(control->sys));
    int error = queue_open(&queue, control->sys, control->conf);
    if (error != 0) {
        status =
            postilion_text_fail(control->sys, "cannot open the queue: %s", err_sentence(error));
    }
    for (int i = 0; i < control->argument_count && error == 0; i++) {
        if (i > 0) {
            postilion_text_say(control->sys, "%s", "");
        }
        status |= tell_of_argument(control, &queue, found == -ERR_LOCKED, control->arguments[i]);
    }
    queue_close(&queue);
    return status;
}
