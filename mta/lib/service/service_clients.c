// SPDX-License-Identifier: ISC
#include "service/service_clients.h"

#include <limits.h>

#include "base/assert.h"
#include "log/log.h"
#include "service/service_status.h"
#include "sys/clock.h"
#include "sys/process.h"

enum {
    SESSION_BYTES_MAX = 1024 * 1024,
    STREAM_BYTES_MAX = 64 * 1024,
    SESSION_DESCRIPTORS = 4,
};

/* A shortage ends when other sessions or other processes end, so look again now and then. */
#define SHORTAGE_PAUSE_NS SYS_SECOND_NS
#define SHORTAGE_LOG_NS   (60 * SYS_SECOND_NS)
#define REFUSE_NS         SYS_SECOND_NS
#define TRIGGER_NS        (10 * SYS_SECOND_NS)

struct client {
    struct service_session session;
    struct service_clients *clients;
    struct sys_group group; /* of its one fiber, so that it can be canceled alone */
    struct list node;       /* in clients->serving or clients->ended */
    bool served;            /* has had a request: whoever is in gets one when the process retires */
    bool waiting;           /* for the next request: nothing is lost by ending here */
};

void service_clients_init(struct service_clients *clients, struct service *service,
                          const struct service_options *options)
{
    *clients = (struct service_clients){
        .service = service,
        .options = options,
        .session_descriptors =
            options->session_descriptors == 0 ? SESSION_DESCRIPTORS : options->session_descriptors,
        .idle_since_ns = sys_now_ns(service->sys),
        .shortage_since_ns = -SHORTAGE_LOG_NS,
    };
    list_init(&clients->serving);
    list_init(&clients->ended);
    sys_group_init(&clients->accepting);
    sys_event_init(&clients->place);
}

int service_clients_free(const struct service_clients *clients)
{
    int by_limit = clients->sessions_max - clients->busy_count;
    int by_descriptors = sys_descriptors_free(clients->service->sys) / clients->session_descriptors;

    if (clients->service->retiring || by_limit <= 0) {
        return 0;
    }
    return by_limit < by_descriptors ? by_limit : by_descriptors;
}

/* ---- one client -------------------------------------------------------------------------- */

static bool is_question(struct str requests)
{
    return requests.size > 1 && requests.data[0] == '?' && requests.data[requests.size - 1] == '\n';
}

/* All that the client sends up to its end is one trigger, in however many pieces it comes; a
 * question ends with its newline, since the client waits for the answer. */
static void serve_trigger(struct client *client)
{
    struct service_session *session = &client->session;
    char requests[SERVICE_TRIGGER_BYTES_MAX];
    int64_t deadline_ns = sys_deadline(session->sys, TRIGGER_NS);
    size_t size = 0;
    long count = 1;

    while (count > 0 && size < sizeof(requests) && !is_question(str_of(requests, size))) {
        count = sys_read(session->sys, session->stream.fd, requests + size, sizeof(requests) - size,
                         deadline_ns);
        size += count > 0 ? (size_t)count : 0;
    }
    const struct service_options *options = client->clients->options;
    if (options->answer != NULL && is_question(str_of(requests, size))) {
        options->answer(session, str_of(requests + 1, size - 2));
        int error = stream_flush(&session->stream);
        (void)error; /* nobody is left to hear of it */
    } else if (size > 0) {
        options->trigger(session->service, str_of(requests, size));
    }
}

static void serve_stream(struct client *client)
{
    client->clients->options->serve(&client->session);
    /* What the session left unsent is worth one try; nobody is left to hear of a failure. */
    int error = stream_flush(&client->session.stream);
    (void)error;
}

static void run_client(struct sys *sys, void *argument)
{
    struct client *client = argument;
    struct service_clients *clients = client->clients;

    if (clients->options->trigger != NULL) {
        serve_trigger(client);
    } else {
        serve_stream(client);
    }
    stream_close(&client->session.stream);
    arena_done(&client->session.arena);
    list_remove(&client->node);
    list_append(&clients->ended, &client->node);
    clients->busy_count--;
    assert(clients->busy_count >= 0);
    if (clients->busy_count == 0) {
        clients->idle_since_ns = sys_now_ns(sys);
    }
    sys_event_wake_one(sys, &clients->place);
    sys_event_wake_all(sys, &clients->service->changed);
}

static struct client *client_new(struct service_clients *clients, int fd,
                                 const struct sys_address *peer)
{
    const struct service_options *options = clients->options;
    struct sys *sys = clients->service->sys;
    struct client *client = mem_alloc(sys_mem(sys), sizeof(*client));
    size_t session_bytes_max = options->session_bytes_max;
    size_t stream_bytes_max = options->stream_bytes_max;

    client->clients = clients;
    client->session.service = clients->service;
    client->session.sys = sys;
    client->session.peer = *peer;
    arena_init(&client->session.arena, sys_mem(sys),
               session_bytes_max == 0 ? SESSION_BYTES_MAX : session_bytes_max);
    stream_open(&client->session.stream, sys, sys_mem(sys), fd,
                stream_bytes_max == 0 ? STREAM_BYTES_MAX : stream_bytes_max);
    sys_group_init(&client->group);
    list_init(&client->node);
    return client;
}

static void client_free(struct client *client)
{
    struct sys *sys = client->session.sys;

    sys_group_join(sys, &client->group);
    stream_close(&client->session.stream);
    arena_done(&client->session.arena);
    mem_free(sys_mem(sys), client);
}

static void refuse(struct service_clients *clients, int fd)
{
    struct service *service = clients->service;

    if (clients->options->refuse != NULL) {
        clients->options->refuse(service, fd, sys_deadline(service->sys, REFUSE_NS));
    }
}

static void begin(struct service_clients *clients, int fd, const struct sys_address *peer)
{
    struct service *service = clients->service;
    struct client *client = client_new(clients, fd, peer);

    if (sys_fiber_start(service->sys, &client->group, run_client, client) != 0) {
        refuse(clients, fd);
        client_free(client);
        return;
    }
    list_append(&clients->serving, &client->node);
    clients->busy_count++;
    clients->served_count++;
    sys_event_wake_all(service->sys, &service->changed);
}

/* ---- accepting --------------------------------------------------------------------------- */

static bool has_descriptors(const struct service_clients *clients)
{
    return sys_descriptors_free(clients->service->sys) >= clients->session_descriptors;
}

static void log_shortage(struct service_clients *clients, int error)
{
    struct service *service = clients->service;
    int64_t now_ns = sys_now_ns(service->sys);

    if (now_ns - clients->shortage_since_ns < SHORTAGE_LOG_NS) {
        return;
    }
    clients->shortage_since_ns = now_ns;
    log_warning(service->log, "cannot take more clients of service %s: %s", service->name,
                err_sentence(error));
}

/* Until there are fewer sessions than may be, or the process retires. */
static void wait_for_place(struct service_clients *clients)
{
    struct sys *sys = clients->service->sys;

    while (clients->busy_count >= clients->sessions_max && !sys_canceled(sys)) {
        int error = sys_event_wait(sys, &clients->place, SYS_FOREVER);
        (void)error; /* the condition decides */
    }
}

/* Whom nobody can refuse is better left to other processes. */
static void wait_for_descriptors(struct service_clients *clients)
{
    struct sys *sys = clients->service->sys;

    while (clients->options->refuse == NULL && !has_descriptors(clients) && !sys_canceled(sys)) {
        log_shortage(clients, -ERR_TOO_MANY_FILES);
        int error = sys_event_wait(sys, &clients->place, sys_deadline(sys, SHORTAGE_PAUSE_NS));
        (void)error;
    }
}

static void accept_one(struct service_clients *clients, int listener)
{
    struct sys *sys = clients->service->sys;
    struct sys_address peer = {0};
    int fd = sys_accept(sys, listener, &peer, SYS_FOREVER);

    if (fd == -ERR_CANCELED) {
        return;
    }
    if (fd < 0) {
        log_shortage(clients, fd);
        int error = sys_event_wait(sys, &clients->place, sys_deadline(sys, SHORTAGE_PAUSE_NS));
        (void)error;
        return;
    }
    if (clients->options->refuse != NULL && !has_descriptors(clients)) {
        log_shortage(clients, -ERR_TOO_MANY_FILES);
        refuse(clients, fd);
        sys_close(sys, fd);
        return;
    }
    /* Another listener may have taken the place meanwhile, and sessions the descriptors. A client
     * that is in is served, with what is left, also when the process retires: kept waiting for
     * descriptors it might wait for the idle connections of its own program. */
    wait_for_place(clients);
    begin(clients, fd, &peer);
}

static void accept_clients(struct sys *sys, void *argument)
{
    struct service_listener *listener = argument;

    while (!sys_canceled(sys)) {
        wait_for_place(listener->clients);
        wait_for_descriptors(listener->clients);
        accept_one(listener->clients, listener->fd);
    }
}

static void receive_datagrams(struct sys *sys, void *argument)
{
    struct service_listener *listener = argument;
    struct service_clients *clients = listener->clients;

    while (sys_readable(sys, listener->fd, SYS_FOREVER) == 0) {
        if (clients->served_count == 0) {
            sys_event_wake_all(sys, &clients->service->changed);
        }
        clients->served_count++;
        clients->options->receive(clients->service, listener->fd);
    }
}

int service_clients_accept(struct service_clients *clients, int listener_count, int sessions_max)
{
    struct sys *sys = clients->service->sys;
    bool datagrams = clients->options->receive != NULL;

    clients->sessions_max = sessions_max == 0 ? INT_MAX : sessions_max;
    for (int i = 0; i < listener_count; i++) {
        struct service_listener *listener = &clients->listeners[i];
        listener->clients = clients;
        listener->fd = SERVICE_STATUS_LISTENER_FD + i;
        int error = sys_fiber_start(sys, &clients->accepting,
                                    datagrams ? receive_datagrams : accept_clients, listener);
        if (error != 0) {
            return error;
        }
    }
    clients->listener_count = listener_count;
    return 0;
}

/* ---- the end ----------------------------------------------------------------------------- */

/* Nobody else can listen on an address while this process holds the listener. */
static void close_listeners(struct service_clients *clients)
{
    struct service *service = clients->service;

    for (int i = 0; i < clients->listener_count; i++) {
        if (clients->options->receive != NULL) {
            clients->options->receive(service, clients->listeners[i].fd);
        }
        sys_close(service->sys, clients->listeners[i].fd);
    }
    clients->listener_count = 0;
}

void service_clients_retire(struct service_clients *clients)
{
    struct sys *sys = clients->service->sys;

    sys_group_cancel(sys, &clients->accepting);
    sys_group_join(sys, &clients->accepting);
    close_listeners(clients);
    list_each(node, &clients->serving)
    {
        struct client *client = list_entry(node, struct client, node);
        if (client->waiting) {
            sys_group_cancel(sys, &client->group);
        }
    }
}

void service_clients_cancel(struct service_clients *clients)
{
    struct sys *sys = clients->service->sys;

    list_each(node, &clients->serving)
    {
        sys_group_cancel(sys, &list_entry(node, struct client, node)->group);
    }
    while (!list_is_empty(&clients->serving)) {
        sys_group_join(sys, &list_entry(clients->serving.next, struct client, node)->group);
    }
    service_clients_reap(clients);
}

void service_clients_reap(struct service_clients *clients)
{
    while (!list_is_empty(&clients->ended)) {
        struct client *client = list_entry(clients->ended.next, struct client, node);
        list_remove(&client->node);
        client_free(client);
    }
}

int service_wait_request(struct service_session *session, int64_t deadline_ns)
{
    struct client *client = list_entry(session, struct client, session);
    int error = stream_flush(&session->stream);

    if (error != 0 || stream_input(&session->stream).size > 0) {
        return error;
    }
    if (client->served && session->service->retiring) {
        return -ERR_CANCELED;
    }
    client->waiting = client->served;
    error = sys_readable(session->sys, session->stream.fd, deadline_ns);
    client->waiting = false;
    client->served = true;
    return error;
}
