// SPDX-License-Identifier: ISC
#include "virtual/virtual.h"

#include "base/number.h"
#include "mail/deliver.h"
#include "proto/address.h"
#include "proto/header.h"
#include "service/service.h"
#include "sys/fs.h"
#include "sys/process.h"
#include "sys/user.h"
#include "table/table_maps.h"
#include "virtual/virtual_maildir.h"
#include "virtual/virtual_worker.h"

struct virtual_state {
    struct sys *sys;
    const struct conf *conf;
    struct log *log;
    struct queue queue;
    struct deliver_agent agent;
    struct table_maps *mailboxes;
    struct table_maps *uids;
    struct table_maps *gids;
    struct virtual_maildir maildir; /* path is set for each delivery */
    struct virtual_workers workers; /* for a process that runs as root */
};

struct owner {
    uint32_t uid;
    uint32_t gid;
};

/* ---- start and end --------------------------------------------------------------------------- */

static int open_maps(struct virtual_state *state)
{
    struct {
        enum conf_param param;
        struct table_maps **maps;
    } wanted[] = {
        {CONF_virtual_mailbox_maps, &state->mailboxes},
        {CONF_virtual_uid_maps, &state->uids},
        {CONF_virtual_gid_maps, &state->gids},
    };
    char why[TABLE_WHY_MAX];
    for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
        struct str value = conf_text(state->conf, wanted[i].param);
        int error = table_maps_open(state->sys, state->conf, value, wanted[i].maps, why);
        if (error != 0) {
            log_error(state->log, "%.*s: %s", STR_ARG(value), why);
            return error;
        }
    }
    return 0;
}

static int open_base(struct virtual_state *state)
{
    const char *base = conf_text(state->conf, CONF_virtual_mailbox_base).data;
    int fd = sys_open(state->sys, SYS_HERE, base[0] != '\0' ? base : "/",
                      SYS_OPEN_READ | SYS_OPEN_DIRECTORY, 0);
    if (fd < 0) {
        log_error(state->log, "cannot open virtual_mailbox_base %s: %s", base, err_sentence(fd));
        return fd;
    }
    state->maildir = (struct virtual_maildir){
        .sys = state->sys, .base_fd = fd, .host = conf_text(state->conf, CONF_myhostname)};
    return 0;
}

/* Then the rights for a mailbox are its owner's, in a worker. */
static bool is_root(const struct virtual_state *state)
{
    return sys_effective_uid(state->sys) == 0;
}

static int open_state(struct service *service)
{
    struct virtual_state *state = mem_alloc(sys_mem(service->sys), sizeof(*state));
    *state = (struct virtual_state){
        .sys = service->sys, .conf = service->conf, .log = service->log, .maildir.base_fd = -1};
    service->state = state;
    virtual_workers_init(&state->workers, service->sys);
    deliver_agent_init(&state->agent, service->sys, service->log, &state->queue, service->conf);
    int error = is_root(state) ? sys_spawn_prepare(service->sys) : 0;
    if (error != 0) {
        log_error(service->log, "cannot set the spawn helper apart: %s", err_sentence(error));
        return error;
    }
    error = queue_open(&state->queue, service->sys, service->conf);
    if (error != 0) {
        return error;
    }
    error = open_base(state);
    return error != 0 ? error : open_maps(state);
}

static void close_state(struct service *service)
{
    struct virtual_state *state = service->state;
    virtual_workers_done(&state->workers);
    table_maps_close(state->mailboxes);
    table_maps_close(state->uids);
    table_maps_close(state->gids);
    sys_close(service->sys, state->maildir.base_fd);
    deliver_agent_done(&state->agent);
    queue_close(&state->queue);
}

/* ---- where to -------------------------------------------------------------------------------- */

static const struct dsn lookup_failed = {.status = STR_INIT("4.3.0"),
                                         .action = STR_INIT("delayed"),
                                         .reason = STR_INIT("mail system configuration error")};

/* Asks a table about the recipient: 0; otherwise *dsn says what becomes of it. */
static int look_up(struct virtual_state *state, struct table_maps *maps, struct str recipient,
                   struct buf *value, struct dsn *dsn)
{
    int error =
        table_maps_find_address(maps, recipient, conf_text(state->conf, CONF_recipient_delimiter),
                                TABLE_ADDRESS_FULL | TABLE_ADDRESS_AT_DOMAIN, value, NULL);
    if (error != 0 && error != -ERR_NOT_FOUND) {
        log_warning(state->log, "lookup of %.*s failed: %s", STR_ARG(recipient),
                    table_maps_why(maps));
    }
    if (error != 0) {
        *dsn = lookup_failed;
    }
    return error;
}

static int find_owner(struct virtual_state *state, struct table_maps *maps, struct str recipient,
                      uint64_t *id, struct dsn *dsn)
{
    struct buf value;
    buf_init(&value, sys_mem(state->sys), TABLE_VALUE_MAX);
    int error = look_up(state, maps, recipient, &value, dsn);
    if (error == 0) {
        error = number_parse_u64(buf_str(&value), UINT32_MAX, id);
        *dsn = lookup_failed;
    }
    if (error != 0) {
        log_warning(state->log,
                    "recipient %.*s: no usable uid or gid in virtual_uid_maps and virtual_gid_maps",
                    STR_ARG(recipient));
    }
    buf_done(&value);
    return error;
}

static int find_ids(struct virtual_state *state, struct str recipient, struct owner *owner,
                    struct dsn *dsn)
{
    uint64_t uid;
    uint64_t gid;
    int error = find_owner(state, state->uids, recipient, &uid, dsn);
    if (error == 0) {
        error = find_owner(state, state->gids, recipient, &gid, dsn);
    }
    if (error == 0) {
        *owner = (struct owner){.uid = (uint32_t)uid, .gid = (uint32_t)gid};
    }
    return error;
}

/* Whose mailbox it is; a process that is not root reaches only those of its own user. */
static int check_owner(struct virtual_state *state, struct str recipient, struct owner *owner,
                       struct dsn *dsn)
{
    int error = find_ids(state, recipient, owner, dsn);
    if (error != 0) {
        return error;
    }
    uint32_t own = sys_effective_uid(state->sys);
    int least = conf_int(state->conf, CONF_virtual_minimum_uid);
    if (owner->uid == 0 || owner->uid < (uint32_t)least || (own != 0 && own != owner->uid)) {
        log_warning(state->log,
                    "recipient %.*s: mailbox of uid %u; this process runs as uid %u, and delivers "
                    "to no uid below %d",
                    STR_ARG(recipient), owner->uid, own, least);
        *dsn = lookup_failed;
        return -ERR_ACCESS;
    }
    return 0;
}

/* The mailbox below the base; 0, or *dsn says why there is none. */
static int find_mailbox(struct virtual_state *state, struct arena *arena, struct str recipient,
                        struct buf *mailbox, struct dsn *dsn)
{
    int error = look_up(state, state->mailboxes, recipient, mailbox, dsn);
    if (error == -ERR_NOT_FOUND) {
        *dsn = (struct dsn){.status = STR("5.1.1"),
                            .action = STR("failed"),
                            .reason =
                                arena_printf(arena, "unknown user: \"%.*s\"", STR_ARG(recipient))};
    }
    if (error != 0) {
        return error;
    }
    while (mailbox->size > 0 && mailbox->data[0] == '/') {
        buf_drop_first(mailbox, 1);
    }
    if (!str_ends_with(buf_str(mailbox), STR("/")) ||
        str_find_str(buf_str(mailbox), STR("..")) >= 0) {
        log_warning(
            state->log,
            "mailbox %s: only Maildirs are supported: let the path end in a slash, without \"..\"",
            buf_text(mailbox));
        *dsn = lookup_failed;
        return -ERR_NOT_SUPPORTED;
    }
    return 0;
}

/* ---- delivery -------------------------------------------------------------------------------- */

static struct dsn dsn_of_error(struct arena *arena, int error)
{
    static const struct {
        int error;
        struct str status;
    } statuses[] = {
        {-ERR_QUOTA, STR_INIT("5.2.2")},
        {-ERR_FILE_TOO_LARGE, STR_INIT("5.2.2")},
        {-ERR_NO_SPACE, STR_INIT("4.3.0")},
    };
    struct dsn dsn = {.status = STR("4.2.0"),
                      .reason =
                          arena_printf(arena, "maildir delivery failed: %s", err_sentence(error))};
    for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
        if (statuses[i].error == error) {
            dsn.status = statuses[i].status;
        }
    }
    dsn.action = dsn.status.data[0] == '5' ? STR("failed") : STR("delayed");
    return dsn;
}

static void write_head(struct deliver_request *request, const struct deliver_recipient *recipient,
                       struct buf *head)
{
    struct str original = recipient->address.original_recipient;
    buf_put_text(head, "Return-Path: <");
    address_write(request->head.sender, head);
    buf_put_text(head, ">\nX-Original-To: ");
    address_write(original.size > 0 ? original : recipient->address.recipient, head);
    buf_put_text(head, "\nDelivered-To: ");
    address_write(recipient->address.recipient, head);
    buf_put_char(head, '\n');
}

/* True when the message's header says that this recipient has had it: 1, 0, or an error. */
static int has_looped(struct deliver_request *request, struct str delivered_to)
{
    struct queue_message *message = deliver_content(request);
    struct str line;
    struct str name;
    struct str value;
    bool ends_line;
    int found;
    while ((found = queue_message_line(message, &line, &ends_line)) == 1 && line.size > 0) {
        if (header_split(line, &name, &value) && str_equal_fold(name, STR("Delivered-To")) &&
            str_equal_fold(str_trim_space(value), delivered_to)) {
            return 1;
        }
    }
    return found < 0 ? found : 0;
}

static int write_mailbox(struct virtual_state *state, const struct owner *owner, struct str mailbox,
                         struct str head, struct queue_message *message)
{
    struct virtual_maildir maildir = state->maildir;
    maildir.file_count = state->maildir.file_count++;
    maildir.path = mailbox;
    return is_root(state) ? virtual_workers_deliver(&state->workers, owner->uid, owner->gid,
                                                    &maildir, head, message)
                          : virtual_maildir_deliver(&maildir, head, message);
}

static struct dsn deliver_head(struct virtual_state *state, struct deliver_request *request,
                               struct deliver_recipient *recipient, const struct owner *owner,
                               struct str mailbox)
{
    struct buf text;
    buf_init(&text, sys_mem(state->sys), 8 * ADDRESS_BYTES_MAX);
    address_write(recipient->address.recipient, &text);
    int error = has_looped(request, buf_str(&text));
    struct dsn dsn;
    if (error == 1) {
        dsn = (struct dsn){
            .status = STR("5.4.6"),
            .action = STR("failed"),
            .reason = arena_printf(request->arena, "mail forwarding loop for %s", buf_text(&text))};
    } else {
        buf_clear(&text);
        write_head(request, recipient, &text);
        if (error == 0) {
            error = write_mailbox(state, owner, mailbox, buf_str(&text), deliver_content(request));
        }
        if (error == -ERR_CORRUPT) {
            deliver_damaged(request);
        }
        dsn = error != 0 ? dsn_of_error(request->arena, error)
                         : (struct dsn){.status = STR("2.0.0"),
                                        .action = STR("delivered"),
                                        .reason = STR("delivered to maildir")};
    }
    buf_done(&text);
    return dsn;
}

static struct dsn deliver_one(struct virtual_state *state, struct deliver_request *request,
                              struct deliver_recipient *recipient)
{
    struct dsn dsn;
    struct buf mailbox;
    buf_init(&mailbox, sys_mem(state->sys), TABLE_VALUE_MAX);
    struct str address = recipient->address.recipient;
    int error = find_mailbox(state, request->arena, address, &mailbox, &dsn);
    struct owner owner;
    if (error == 0) {
        error = check_owner(state, address, &owner, &dsn);
    }
    if (error == 0) {
        dsn = deliver_head(state, request, recipient, &owner, buf_str(&mailbox));
    }
    buf_done(&mailbox);
    return dsn;
}

static void serve(struct service_session *session)
{
    struct virtual_state *state = session->service->state;
    struct deliver_request request;
    stream_set_timeout(&session->stream, conf_time_ns(state->conf, CONF_ipc_timeout));
    deliver_greet(&session->stream);
    while (service_wait_request(session, SYS_FOREVER) == 0 &&
           deliver_receive(&state->agent, &session->stream, &session->arena, &request) == 0) {
        for (int i = 0; i < request.recipient_count; i++) {
            struct deliver_recipient *recipient = &request.recipients[i];
            struct dsn dsn = deliver_one(state, &request, recipient);
            deliver_ended(&request, recipient, STR("virtual"), &dsn);
        }
        deliver_finish(&request);
    }
}

static const struct service_options options = {
    .program = "virtual",
    .open = open_state,
    .close = close_state,
    .serve = serve,
};

int virtual_main(struct sys *sys, int argc, char **argv)
{
    if (argc == 2 && str_equal(str_from(argv[1]), STR(VIRTUAL_WORKER_ARGUMENT))) {
        return virtual_worker_main(sys);
    }
    return service_run(sys, argc, argv, &options);
}
