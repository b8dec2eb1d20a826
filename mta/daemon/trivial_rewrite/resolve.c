// SPDX-License-Identifier: ISC
#include "trivial_rewrite/resolve.h"

#include "dns/idna.h"
#include "mail/own_addresses.h"
#include "proto/address.h"
#include "proto/utf8.h"

enum {
    ROUTE_LENGTH_MAX = 50, /* hops that one address may name */
    VALUE_BYTES_MAX = 4096,
};

/* One question on its way to an answer. */
struct question {
    struct resolver *resolver;
    struct arena *arena;
    struct str sender;
    struct address recipient;
    struct ipc_resolve_reply *reply;
    struct buf value; /* of the last lookup */
};

/* ---- opening ---------------------------------------------------------------------------------- */

static int open_domains(struct resolver *resolver, enum conf_param param, struct match_list **list)
{
    unsigned flags = param == CONF_relay_domains ? MATCH_LIST_DOMAINS : 0;
    char why[TABLE_WHY_MAX];
    int error = match_list_open_param(resolver->sys, resolver->conf, param, flags, list, why);
    if (error != 0) {
        log_error(resolver->log, "%s", why);
    }
    return error;
}

static int open_maps(struct resolver *resolver, enum conf_param param, struct table_maps **maps)
{
    char why[TABLE_WHY_MAX];
    int error =
        table_maps_open(resolver->sys, resolver->conf, conf_text(resolver->conf, param), maps, why);
    if (error != 0) {
        log_error(resolver->log, "%s: %s", param_get(param)->name.data, why);
    }
    return error;
}

/* Addresses in brackets that mean this machine: those it receives on and those of its proxies. */
static int open_own_addresses(struct resolver *resolver)
{
    char why[TABLE_WHY_MAX];
    int error = own_addresses_open(resolver->sys, resolver->conf, &resolver->own_addresses, why);
    if (error != 0) {
        log_error(resolver->log, "inet_interfaces, proxy_interfaces: %s", why);
    }
    return error;
}

static int open_all_maps(struct resolver *resolver)
{
    const struct {
        enum conf_param param;
        struct table_maps **maps;
    } rows[] = {
        {CONF_transport_maps, &resolver->transports},
        {CONF_relocated_maps, &resolver->relocated},
        {CONF_sender_dependent_relayhost_maps, &resolver->sender_relayhosts},
        {CONF_sender_dependent_default_transport_maps, &resolver->sender_transports},
    };
    int error = 0;
    for (size_t i = 0; error == 0 && i < sizeof(rows) / sizeof(rows[0]); i++) {
        error = open_maps(resolver, rows[i].param, rows[i].maps);
    }
    return error;
}

static int open_all_domains(struct resolver *resolver)
{
    const struct {
        enum conf_param param;
        struct match_list **list;
    } rows[] = {
        {CONF_mydestination, &resolver->mydestination},
        {CONF_virtual_alias_domains, &resolver->alias_domains},
        {CONF_virtual_mailbox_domains, &resolver->mailbox_domains},
        {CONF_relay_domains, &resolver->relay_domains},
    };
    int error = 0;
    for (size_t i = 0; error == 0 && i < sizeof(rows) / sizeof(rows[0]); i++) {
        error = open_domains(resolver, rows[i].param, rows[i].list);
    }
    return error;
}

int resolve_open(struct resolver *resolver, struct sys *sys, const struct conf *conf,
                 struct log *log)
{
    *resolver = (struct resolver){.sys = sys, .conf = conf, .log = log};
    resolver->rules.swap_bangpath = conf_bool(conf, CONF_swap_bangpath);
    resolver->rules.allow_percent_hack = conf_bool(conf, CONF_allow_percent_hack);
    int error = open_own_addresses(resolver);
    if (error == 0) {
        error = open_all_domains(resolver);
    }
    return error != 0 ? error : open_all_maps(resolver);
}

void resolve_close(struct resolver *resolver)
{
    table_maps_close(resolver->sender_transports);
    table_maps_close(resolver->sender_relayhosts);
    table_maps_close(resolver->relocated);
    table_maps_close(resolver->transports);
    match_list_close(resolver->relay_domains);
    match_list_close(resolver->mailbox_domains);
    match_list_close(resolver->alias_domains);
    match_list_close(resolver->mydestination);
    match_list_close(resolver->own_addresses);
}

/* ---- lookups: 1 found, 0 not, an error with the reply's reason set ------------------------------ */

static int give_up(struct question *question, enum conf_param param, const char *why)
{
    const char *name = param_get(param)->name.data;
    log_warning(question->resolver->log, "%s: %s", name, why);
    question->reply->reason = arena_printf(question->arena, "%s: %s", name, why);
    return -ERR_UNAVAILABLE;
}

static int find(struct question *question, enum conf_param param, struct table_maps *maps,
                struct str key)
{
    buf_clear(&question->value);
    int error = table_maps_find(maps, key, &question->value);
    if (error == 0 || error == -ERR_NOT_FOUND) {
        return error == 0;
    }
    return give_up(question, param, table_maps_why(maps));
}

static int find_address(struct question *question, enum conf_param param, struct table_maps *maps,
                        struct str address, unsigned flags)
{
    struct str delimiter = conf_text(question->resolver->conf, CONF_recipient_delimiter);
    buf_clear(&question->value);
    int error = table_maps_find_address(maps, address, delimiter, flags, &question->value, NULL);
    if (error == 0 || error == -ERR_NOT_FOUND) {
        return error == 0;
    }
    return give_up(question, param, table_maps_why(maps));
}

static int has_domain(struct question *question, enum conf_param param, struct match_list *list,
                      struct str domain)
{
    int found = match_list_has_name(list, domain);
    return found < 0 ? give_up(question, param, match_list_why(list)) : found;
}

/* ---- who we are ------------------------------------------------------------------------------- */

static bool parse_literal(struct str domain, struct sys_address *address)
{
    if (domain.size < 2 || domain.data[0] != '[' || domain.data[domain.size - 1] != ']') {
        return false;
    }
    struct str inside = str_of(domain.data + 1, domain.size - 2);
    struct str tag = STR("IPv6:");
    if (str_starts_with_fold(inside, tag)) {
        inside = str_skip(inside, tag.size);
    }
    return sys_address_parse(inside, 0, address) == 0;
}

static int is_local_domain(struct question *question, struct str domain)
{
    struct resolver *resolver = question->resolver;
    struct sys_address address;
    int found = has_domain(question, CONF_mydestination, resolver->mydestination, domain);
    if (found != 0 || !parse_literal(domain, &address)) {
        return found;
    }
    found = match_list_has_address(resolver->own_addresses, &address);
    return found < 0
               ? give_up(question, CONF_proxy_interfaces, match_list_why(resolver->own_addresses))
               : found;
}

/* ---- the address ------------------------------------------------------------------------------ */

static bool is_route(const struct resolver *resolver, struct str local_part)
{
    bool counts_at = conf_bool(resolver->conf, CONF_resolve_dequoted_address);
    return (counts_at && str_find(local_part, '@') >= 0) ||
           (resolver->rules.allow_percent_hack && str_find(local_part, '%') >= 0) ||
           (resolver->rules.swap_bangpath && str_find(local_part, '!') >= 0);
}

static struct str numeric_literal(struct question *question, struct str domain)
{
    struct sys_address address;
    bool wants = conf_bool(question->resolver->conf, CONF_resolve_numeric_domain);
    if (!wants || sys_address_parse(domain, 0, &address) != 0) {
        return domain;
    }
    return arena_printf(question->arena, "[%.*s]", STR_ARG(domain));
}

/* Somebody else might read a route in it, whatever our parameters say. */
static bool looks_like_route(struct str local_part)
{
    return str_find(local_part, '@') >= 0 || str_find(local_part, '%') >= 0 ||
           str_find(local_part, '!') >= 0;
}

/* The two parts of an address; one without a domain belongs to this machine, unless it is a
 * route. */
static struct address split(struct question *question, struct str text)
{
    const struct resolver *resolver = question->resolver;
    struct address parts = address_split(text);
    if (parts.domain.data == NULL &&
        !rewrite_split_route(&resolver->rules, text, &parts.local_part, &parts.domain)) {
        parts.domain = conf_text(resolver->conf, CONF_myhostname);
    }
    bool null_is_here = conf_bool(resolver->conf, CONF_resolve_null_domain);
    if (parts.domain.size == 0 && null_is_here) {
        parts.domain = conf_text(resolver->conf, CONF_myhostname);
    }
    parts.domain = numeric_literal(question, rewrite_trim_domain(parts.domain));
    return parts;
}

/* Follows routes through our own domains: 1 when the domain it ends at is local, 0 when not. */
static int follow_routes(struct question *question, struct str recipient)
{
    struct resolver *resolver = question->resolver;
    question->recipient = split(question, recipient);
    int is_local = is_local_domain(question, question->recipient.domain);
    for (int hops = 0; is_local == 1 && hops < ROUTE_LENGTH_MAX; hops++) {
        if (!is_route(resolver, question->recipient.local_part)) {
            break;
        }
        question->recipient = split(question, question->recipient.local_part);
        is_local = is_local_domain(question, question->recipient.domain);
    }
    return is_local;
}

static void set_recipient(struct question *question, bool is_local)
{
    struct str nobody = conf_text(question->resolver->conf, CONF_empty_address_recipient);
    if (question->recipient.local_part.size == 0 && is_local) {
        question->recipient.local_part = nobody;
    }
    question->reply->recipient =
        arena_printf(question->arena, "%.*s@%.*s", STR_ARG(question->recipient.local_part),
                     STR_ARG(question->recipient.domain));
}

static bool domain_is_possible(struct str domain)
{
    struct sys_address address;
    return idna_domain_is_valid(domain) && sys_address_parse(domain, 0, &address) != 0;
}

/* What begins with a minus sign may look like an option to programs. */
static bool address_is_possible(const struct question *question)
{
    bool begins_with_minus = str_starts_with(question->recipient.local_part, STR("-"));
    bool minus_is_allowed = conf_bool(question->resolver->conf, CONF_allow_min_user);
    bool must_be_utf8 = conf_bool(question->resolver->conf, CONF_smtputf8_enable);
    return (minus_is_allowed || !begins_with_minus) &&
           (!must_be_utf8 || utf8_is_valid(question->recipient.local_part)) &&
           domain_is_possible(question->recipient.domain);
}

/* ---- transport and next hop -------------------------------------------------------------------- */

static void set_error(struct question *question, struct str reason)
{
    question->reply->transport = conf_text(question->resolver->conf, CONF_error_service_name);
    question->reply->nexthop = reason;
}

/* `transport`, `transport:`, `transport:nexthop` or `:nexthop`. */
static void split_transport(struct str text, struct str *transport, struct str *nexthop)
{
    ptrdiff_t colon = str_find(text, ':');
    *transport = colon < 0 ? text : str_first(text, (size_t)colon);
    *nexthop = colon < 0 ? (struct str){0} : str_skip(text, (size_t)colon + 1);
}

/* What is missing in text is left as it is. */
static void set_transport(struct question *question, struct str text)
{
    struct str transport;
    struct str nexthop;
    split_transport(text, &transport, &nexthop);
    if (transport.size > 0) {
        question->reply->transport = transport;
    }
    if (nexthop.size > 0) {
        question->reply->nexthop = nexthop;
    }
}

static struct str keep_value(struct question *question)
{
    return arena_copy(question->arena, buf_str(&question->value));
}

static int find_by_sender(struct question *question, enum conf_param param, struct table_maps *maps,
                          enum conf_param null_key)
{
    int found;
    if (question->sender.size == 0) {
        found = find(question, param, maps, conf_text(question->resolver->conf, null_key));
    } else {
        found = find_address(question, param, maps, question->sender,
                             TABLE_ADDRESS_FULL | TABLE_ADDRESS_AT_DOMAIN);
    }
    return found == 1 && str_equal_fold(buf_str(&question->value), STR("DUNNO")) ? 0 : found;
}

static int set_default_transport(struct question *question)
{
    struct resolver *resolver = question->resolver;
    int found = find_by_sender(question, CONF_sender_dependent_default_transport_maps,
                               resolver->sender_transports,
                               CONF_empty_address_default_transport_maps_lookup_key);
    if (found >= 0) {
        set_transport(question, found == 1 ? keep_value(question)
                                           : conf_text(resolver->conf, CONF_default_transport));
    }
    return found < 0 ? found : 0;
}

/* The next hop of relay and default, when the transport does not name one. */
static int set_relayhost(struct question *question)
{
    struct resolver *resolver = question->resolver;
    if (question->reply->nexthop.size > 0) {
        return 0;
    }
    int found =
        find_by_sender(question, CONF_sender_dependent_relayhost_maps, resolver->sender_relayhosts,
                       CONF_empty_address_relayhost_maps_lookup_key);
    if (found >= 0) {
        question->reply->nexthop =
            found == 1 ? keep_value(question) : conf_text(resolver->conf, CONF_relayhost);
    }
    return found < 0 ? found : 0;
}

static int use_local(struct question *question)
{
    set_transport(question, conf_text(question->resolver->conf, CONF_local_transport));
    return 0;
}

static int use_virtual_alias(struct question *question)
{
    bool names_table = conf_bool(question->resolver->conf, CONF_show_user_unknown_table_name);
    set_error(question, names_table ? STR("5.1.1 User unknown in virtual alias table")
                                    : STR("5.1.1 User unknown"));
    return 0;
}

static int use_virtual_mailbox(struct question *question)
{
    set_transport(question, conf_text(question->resolver->conf, CONF_virtual_transport));
    return 0;
}

static int use_relay(struct question *question)
{
    set_transport(question, conf_text(question->resolver->conf, CONF_relay_transport));
    return set_relayhost(question);
}

static int use_default(struct question *question)
{
    int error = set_default_transport(question);
    return error != 0 ? error : set_relayhost(question);
}

static int use_class(struct question *question)
{
    switch ((enum ipc_address_class)question->reply->address_class) {
    case IPC_CLASS_LOCAL:
        return use_local(question);
    case IPC_CLASS_VIRTUAL_ALIAS:
        return use_virtual_alias(question);
    case IPC_CLASS_VIRTUAL_MAILBOX:
        return use_virtual_mailbox(question);
    case IPC_CLASS_RELAY:
        return use_relay(question);
    case IPC_CLASS_NONE:
    case IPC_CLASS_DEFAULT:
        break;
    }
    return use_default(question);
}

/* ---- classes ----------------------------------------------------------------------------------- */

/* A domain of ours must be in one class only: mail for it would go astray. */
static void warn_if_also(struct question *question, enum conf_param first, enum conf_param second,
                         struct match_list *list)
{
    if (has_domain(question, second, list, question->recipient.domain) == 1) {
        log_warning(question->resolver->log, "do not list domain %.*s in BOTH %s and %s",
                    STR_ARG(question->recipient.domain), param_get(first)->name.data,
                    param_get(second)->name.data);
    }
}

static int find_class(struct question *question, bool is_local)
{
    struct resolver *resolver = question->resolver;
    const struct {
        enum ipc_address_class address_class;
        enum conf_param param;
        struct match_list *list;
    } rows[] = {
        {IPC_CLASS_VIRTUAL_ALIAS, CONF_virtual_alias_domains, resolver->alias_domains},
        {IPC_CLASS_VIRTUAL_MAILBOX, CONF_virtual_mailbox_domains, resolver->mailbox_domains},
        {IPC_CLASS_RELAY, CONF_relay_domains, resolver->relay_domains},
    };
    question->reply->address_class = is_local ? IPC_CLASS_LOCAL : IPC_CLASS_DEFAULT;
    if (is_local) {
        warn_if_also(question, CONF_mydestination, rows[0].param, rows[0].list);
        warn_if_also(question, CONF_mydestination, rows[1].param, rows[1].list);
        return 0;
    }
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int found = has_domain(question, rows[i].param, rows[i].list, question->recipient.domain);
        if (found < 0) {
            return found;
        }
        if (found == 1) {
            question->reply->address_class = rows[i].address_class;
            if (i < 2) {
                warn_if_also(question, rows[i].param, rows[i + 1].param, rows[i + 1].list);
            }
            return 0;
        }
    }
    return 0;
}

/* ---- exceptions --------------------------------------------------------------------------------- */

/* `transport:` alone sets the next hop back to the domain; for error and retry, which have no
 * next hop but a reason, to a general one. */
static struct str transport_default_nexthop(struct question *question, struct str transport)
{
    struct str error_name = conf_text(question->resolver->conf, CONF_error_service_name);
    bool takes_reason = str_equal(transport, error_name) || str_equal(transport, STR("retry"));
    return takes_reason ? STR("Address is undeliverable") : question->recipient.domain;
}

static int apply_transport_maps(struct question *question)
{
    struct resolver *resolver = question->resolver;
    unsigned flags = TABLE_ADDRESS_FULL | TABLE_ADDRESS_DOMAIN | TABLE_ADDRESS_PARENTS;
    if (question->reply->address_class == IPC_CLASS_VIRTUAL_ALIAS ||
        table_maps_are_empty(resolver->transports)) {
        return 0;
    }
    int found = find_address(question, CONF_transport_maps, resolver->transports,
                             question->reply->recipient, flags);
    if (found == 0) {
        found = find(question, CONF_transport_maps, resolver->transports, STR("*"));
    }
    if (found != 1) {
        return found;
    }
    struct str text = keep_value(question);
    struct str transport;
    struct str nexthop;
    split_transport(text, &transport, &nexthop);
    if (transport.size > 0) {
        question->reply->nexthop = transport_default_nexthop(question, transport);
    }
    set_transport(question, text);
    return 0;
}

static int apply_relocated_maps(struct question *question)
{
    struct resolver *resolver = question->resolver;
    if (table_maps_are_empty(resolver->relocated)) {
        return 0;
    }
    struct str origin = conf_text(resolver->conf, CONF_myorigin);
    bool is_here = question->reply->address_class == IPC_CLASS_LOCAL ||
                   str_equal_fold(question->recipient.domain, origin);
    unsigned flags = TABLE_ADDRESS_FULL | TABLE_ADDRESS_AT_DOMAIN;
    flags |= is_here ? TABLE_ADDRESS_LOCAL_PART : 0;
    int found = find_address(question, CONF_relocated_maps, resolver->relocated,
                             question->reply->recipient, flags);
    if (found == 1) {
        set_error(question, arena_printf(question->arena, "5.1.6 User has moved to %.*s",
                                         STR_ARG(buf_str(&question->value))));
    }
    return found < 0 ? found : 0;
}

/* ---- all of it ---------------------------------------------------------------------------------- */

static int answer(struct question *question, struct str recipient)
{
    struct ipc_resolve_reply *reply = question->reply;
    struct str nobody = conf_text(question->resolver->conf, CONF_empty_address_recipient);
    int is_local = follow_routes(question, recipient.size == 0 ? nobody : recipient);
    if (is_local < 0) {
        return is_local;
    }
    set_recipient(question, is_local == 1);
    if (looks_like_route(question->recipient.local_part)) {
        reply->flags |= IPC_RESOLVE_ROUTED;
    }
    int error = find_class(question, is_local == 1);
    if (error != 0) {
        return error;
    }
    if (!address_is_possible(question)) {
        reply->flags |= IPC_RESOLVE_ERROR;
        set_error(question, STR("5.1.3 bad address syntax"));
        return 0;
    }
    error = use_class(question);
    if (error != 0) {
        return error;
    }
    if (reply->nexthop.size == 0) {
        reply->nexthop = question->recipient.domain;
    }
    error = apply_transport_maps(question);
    return error != 0 ? error : apply_relocated_maps(question);
}

void resolve_recipient(struct resolver *resolver, struct arena *arena, struct str sender,
                       struct str recipient, struct ipc_resolve_reply *reply)
{
    *reply = (struct ipc_resolve_reply){.status = IPC_OK};
    struct question question = {
        .resolver = resolver, .arena = arena, .sender = sender, .reply = reply};
    buf_init(&question.value, sys_mem(resolver->sys), VALUE_BYTES_MAX);
    int error = answer(&question, recipient);
    buf_done(&question.value);
    if (error == 0 && reply->transport.size == 0) {
        reply->reason = STR("the transport for this recipient has no name");
        error = -ERR_INVALID;
    }
    if (error != 0) {
        *reply = (struct ipc_resolve_reply){.status = IPC_TRY_AGAIN, .reason = reply->reason};
    }
}
