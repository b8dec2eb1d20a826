// SPDX-License-Identifier: ISC
#include "smtpd/smtpd_resolve.h"

#include "mail/service_pool.h"
#include "sys/clock.h"

enum { CONNECTIONS_KEPT = 8 };

/* The part of a reply that smtpd asks for. */
struct answer {
    int64_t flags;
    int64_t address_class;
    int64_t until_ns;
    char *recipient;
};

void smtpd_resolver_init(struct smtpd_resolver *resolver, struct sys *sys, const struct conf *conf)
{
    const struct ipc_service rewrite = {.protocol = IPC_PROTOCOL_REWRITE,
                                        .idle_max = CONNECTIONS_KEPT};
    resolver->sys = sys;
    service_pool_init(&resolver->rewrite, sys, conf, CONF_rewrite_service_name, &rewrite);
    map_init(&resolver->answers, sys_mem(sys), SMTPD_RESOLVE_MAX);
}

static void forget(struct smtpd_resolver *resolver, struct str key)
{
    struct answer *answer = map_remove(&resolver->answers, key);
    if (answer != NULL) {
        mem_free(resolver->answers.mem, answer->recipient);
        mem_free(resolver->answers.mem, answer);
    }
}

/* The oldest answers, down to count_max of them. */
static void forget_oldest(struct smtpd_resolver *resolver, size_t count_max)
{
    while (resolver->answers.count > count_max) {
        forget(resolver, map_next(&resolver->answers, NULL)->key);
    }
}

void smtpd_resolver_done(struct smtpd_resolver *resolver)
{
    forget_oldest(resolver, 0);
    map_done(&resolver->answers);
    ipc_pool_done(&resolver->rewrite);
}

static bool recall(struct smtpd_resolver *resolver, struct arena *arena, struct str key,
                   struct ipc_resolve_reply *reply)
{
    const struct answer *answer = map_get(&resolver->answers, key);
    if (answer == NULL || sys_now_ns(resolver->sys) >= answer->until_ns) {
        return false;
    }
    *reply = (struct ipc_resolve_reply){
        .status = IPC_OK,
        .flags = answer->flags,
        .recipient = arena_copy(arena, str_from(answer->recipient)),
        .address_class = answer->address_class,
    };
    return true;
}

static void remember(struct smtpd_resolver *resolver, struct str key,
                     const struct ipc_resolve_reply *reply)
{
    struct mem *mem = resolver->answers.mem;
    forget(resolver, key);
    forget_oldest(resolver, SMTPD_RESOLVE_MAX - 1);
    struct answer *answer = mem_alloc(mem, sizeof(*answer));
    *answer = (struct answer){
        .flags = reply->flags,
        .address_class = reply->address_class,
        .until_ns = sys_deadline(resolver->sys, SMTPD_RESOLVE_NS),
        .recipient = mem_copy_str(mem, reply->recipient),
    };
    if (map_put(&resolver->answers, key, answer) != 0) {
        mem_free(mem, answer->recipient);
        mem_free(mem, answer);
    }
}

int smtpd_resolve(struct smtpd_resolver *resolver, struct arena *arena,
                  const struct ipc_resolve_request *request, struct ipc_resolve_reply *reply)
{
    struct str key =
        arena_printf(arena, "%.*s\n%.*s", STR_ARG(request->sender), STR_ARG(request->recipient));
    if (recall(resolver, arena, key, reply)) {
        return 0;
    }
    int error = ipc_resolve(&resolver->rewrite, arena, request, reply);
    if (error == 0 && reply->status == IPC_OK) {
        remember(resolver, key, reply);
    }
    return error;
}
