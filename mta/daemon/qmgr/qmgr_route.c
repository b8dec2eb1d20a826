// SPDX-License-Identifier: ISC
#include "qmgr/qmgr_route.h"

#include "conf/conf_list.h"
#include "proto/address.h"
#include "qmgr/qmgr_settings.h"

static struct qmgr_transport *get_transport(struct qmgr *qmgr, struct str name)
{
    struct qmgr_transport *transport = qmgr_transport_find(&qmgr->schedule, name);
    if (transport == NULL) {
        struct qmgr_settings settings = qmgr_settings_of(qmgr->conf, qmgr->log, name);
        transport = qmgr_transport_add(&qmgr->schedule, name, &settings);
    }
    return transport;
}

/* ---- the resolver ------------------------------------------------------------------------------ */

struct answer {
    struct str transport;
    struct str nexthop;
    struct str address;
};

static void ask_resolver(struct qmgr_message *message, struct arena *arena, struct answer *answer)
{
    struct ipc_resolve_reply reply;
    const struct ipc_resolve_request request = {.sender = message->envelope.sender,
                                                .recipient = answer->address};
    int error = ipc_resolve(&message->qmgr->rewrite, arena, &request, &reply);
    if (error != 0 || reply.status != IPC_OK) {
        answer->transport = STR("retry");
        answer->nexthop = STR("4.3.0 address resolver failure");
    } else if ((reply.flags & IPC_RESOLVE_ERROR) != 0) {
        answer->transport = STR("error");
        answer->nexthop = STR("5.1.3 bad address syntax");
    } else {
        *answer = (struct answer){reply.transport, reply.nexthop, reply.recipient};
    }
}

static void answer_for(struct qmgr_message *message, struct arena *arena, struct answer *answer)
{
    struct str deferred = conf_text(message->qmgr->conf, CONF_defer_transports);
    if (message->forced_expire) {
        answer->transport = STR("retry");
        answer->nexthop = STR("4.7.0 message is administratively expired");
        return;
    }
    ask_resolver(message, arena, answer);
    if (!message->flushes && conf_list_has(deferred, answer->transport)) {
        answer->transport = STR("retry");
        answer->nexthop = STR("4.3.2 deferred transport");
    }
}

/* ---- the destination ----------------------------------------------------------------------------- */

/* "bob@mx.far.test" for bob+list@far.test: mail for one recipient stands in one line. */
static struct str name_of_recipient(const struct qmgr *qmgr, struct arena *arena,
                                    struct str nexthop, struct str address)
{
    struct str delimiters = conf_text(qmgr->conf, CONF_recipient_delimiter);
    struct str user = address_split(address).local_part;
    for (size_t i = 1; i < user.size; i++) {
        if (str_find(delimiters, user.data[i]) >= 0) {
            user = str_first(user, i);
        }
    }
    return arena_printf(arena, "%.*s@%.*s", STR_ARG(user), STR_ARG(nexthop));
}

static bool delivers_to_one(const struct qmgr *qmgr, const struct qmgr_transport *transport)
{
    return transport->settings.recipient_limit == 1 && transport != qmgr->schedule.retry &&
           !str_equal(transport->name, STR("error"));
}

struct str qmgr_route_destination(const struct qmgr *qmgr, struct arena *arena,
                                  const struct qmgr_transport *transport, struct str nexthop,
                                  struct str address)
{
    bool is_one = delivers_to_one(qmgr, transport);
    return arena_copy_lower(arena,
                            is_one ? name_of_recipient(qmgr, arena, nexthop, address) : nexthop);
}

int qmgr_route_find(struct qmgr_message *message, struct arena *arena, struct str address,
                    struct qmgr_route *route)
{
    struct qmgr *qmgr = message->qmgr;
    struct answer answer = {.address = address};
    answer_for(message, arena, &answer);
    struct qmgr_transport *transport = get_transport(qmgr, answer.transport);
    if (transport == NULL) {
        return -ERR_LIMIT;
    }
    *route = (struct qmgr_route){
        .transport = transport,
        .name = qmgr_route_destination(qmgr, arena, transport, answer.nexthop, answer.address),
        .nexthop = answer.nexthop,
        .address = answer.address,
    };
    return route->name.data != NULL ? 0 : -ERR_LIMIT;
}
