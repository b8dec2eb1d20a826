// SPDX-License-Identifier: ISC
#include "smtpd/smtpd_policy.h"

#include "conf/conf_list.h"
#include "mail/notice.h"
#include "smtpd/smtpd_session.h"

enum { RESULT_MAX = TABLE_VALUE_MAX };

/* What a rule says. */
enum verdict {
    NO_OPINION, /* the next rule decides */
    ADMITTED,   /* no other rule of this list is asked */
    REFUSED,    /* the session has its reject */
};

/* What is before the rules: a recipient, or the site of an ETRN. */
struct question {
    struct smtpd_policy *policy;
    struct smtpd_session *session;
    const char *kind;   /* of what is asked for, in replies */
    struct str subject; /* the same, as it is written */
    bool has_recipient;
    struct str recipient; /* resolved when a rule asks */
    bool resolved;
    struct ipc_resolve_reply answer;
};

enum rule_flag {
    RULE_GUARDS = 1,       /* keeps strangers from relaying */
    RULE_OF_RECIPIENT = 2, /* has no opinion where there is no recipient */
};

struct smtpd_rule_row {
    struct str name;
    unsigned flags;
    enum verdict (*decide)(struct question *question);
};

/* ---- resolving ------------------------------------------------------------------------------- */

static enum verdict refuse(struct question *question, int code, const char *status,
                           const char *text)
{
    (void)smtpd_session_reject(question->session, code, status, "<%.*s>: %s",
                               STR_ARG(question->subject), text);
    return REFUSED;
}

/* The same, saying what it is that is refused. */
static enum verdict refuse_kind(struct question *question, int code, const char *status,
                                const char *reason)
{
    struct str text =
        arena_printf(question->session->scratch, "%s rejected: %s", question->kind, reason);
    return refuse(question, code, status, text.data);
}

/* Nothing is known now, which says nothing about the recipient. */
static enum verdict put_off(struct question *question)
{
    (void)refuse(question, 451, "4.3.0", "Temporary lookup failure");
    question->session->reply.classes = TRANSCRIPT_DATA;
    return REFUSED;
}

/* NO_OPINION once the answer is there. */
static enum verdict resolve(struct question *question)
{
    const struct ipc_resolve_request request = {
        .sender = buf_str(&question->session->sender),
        .recipient = question->recipient,
    };

    if (question->resolved) {
        return NO_OPINION;
    }
    int error = smtpd_resolve(&question->policy->resolver, question->session->scratch, &request,
                              &question->answer);
    if (error != 0) {
        log_warning(question->policy->log, "%s: %s", question->policy->resolver.rewrite.path,
                    err_sentence(error));
    } else if (question->answer.status != IPC_OK) {
        log_warning(question->policy->log, "%.*s: %.*s", STR_ARG(question->recipient),
                    STR_ARG(question->answer.reason));
    }
    if (error != 0 || question->answer.status != IPC_OK) {
        return put_off(question);
    }
    if ((question->answer.flags & IPC_RESOLVE_ERROR) != 0) {
        (void)smtpd_session_reject(question->session, 501, "5.1.3", "Bad recipient address syntax");
        return REFUSED;
    }
    question->resolved = true;
    return NO_OPINION;
}

/* The recipient's domain is one that this system takes mail for, by its own routing. */
static bool is_authorized_destination(const struct question *question)
{
    return question->answer.address_class != IPC_CLASS_DEFAULT &&
           question->answer.address_class != IPC_CLASS_NONE &&
           (question->answer.flags & IPC_RESOLVE_ROUTED) == 0;
}

/* ---- rules ----------------------------------------------------------------------------------- */

static enum verdict permit(struct question *question)
{
    (void)question;
    return ADMITTED;
}

static enum verdict reject(struct question *question)
{
    return refuse_kind(question, conf_int(question->policy->conf, CONF_reject_code), "5.7.1",
                       "Access denied");
}

static enum verdict defer(struct question *question)
{
    return refuse_kind(question, conf_int(question->policy->conf, CONF_defer_code), "4.3.2",
                       "Try again later");
}

static enum verdict permit_mynetworks(struct question *question)
{
    return question->session->client_is_trusted ? ADMITTED : NO_OPINION;
}

/* Nobody is authenticated as long as there is no AUTH. */
static enum verdict permit_sasl_authenticated(struct question *question)
{
    (void)question;
    return NO_OPINION;
}

static enum verdict permit_auth_destination(struct question *question)
{
    enum verdict verdict = resolve(question);

    return verdict == NO_OPINION && is_authorized_destination(question) ? ADMITTED : verdict;
}

static enum verdict reject_unauth_destination(struct question *question)
{
    enum verdict verdict = resolve(question);

    if (verdict != NO_OPINION || is_authorized_destination(question)) {
        return verdict;
    }
    return refuse(question, conf_int(question->policy->conf, CONF_relay_domains_reject_code),
                  "5.7.1", "Relay access denied");
}

static enum verdict defer_unauth_destination(struct question *question)
{
    enum verdict verdict = resolve(question);

    if (verdict != NO_OPINION || is_authorized_destination(question)) {
        return verdict;
    }
    return refuse(question, 454, "4.7.1", "Relay access denied");
}

static enum verdict unknown_rule(struct question *question)
{
    (void)smtpd_session_reject(question->session, 451, "4.3.5", "Server configuration error");
    return REFUSED;
}

static const struct smtpd_rule_row rule_rows[] = {
    {STR_INIT("permit"), 0, permit},
    {STR_INIT("reject"), RULE_GUARDS, reject},
    {STR_INIT("defer"), RULE_GUARDS, defer},
    {STR_INIT("permit_mynetworks"), 0, permit_mynetworks},
    {STR_INIT("permit_sasl_authenticated"), 0, permit_sasl_authenticated},
    {STR_INIT("permit_auth_destination"), RULE_OF_RECIPIENT, permit_auth_destination},
    {STR_INIT("reject_unauth_destination"), RULE_GUARDS | RULE_OF_RECIPIENT,
     reject_unauth_destination},
    {STR_INIT("defer_unauth_destination"), RULE_GUARDS | RULE_OF_RECIPIENT,
     defer_unauth_destination},
};

static const struct smtpd_rule_row unknown_row = {STR_INIT(""), 0, unknown_rule};

static const struct smtpd_rule_row *find_row(struct str name)
{
    for (size_t i = 0; i < sizeof(rule_rows) / sizeof(rule_rows[0]); i++) {
        if (str_equal_fold(rule_rows[i].name, name)) {
            return &rule_rows[i];
        }
    }
    return &unknown_row;
}

static enum verdict ask_rules(const struct smtpd_rules *rules, struct question *question)
{
    enum verdict verdict = NO_OPINION;

    for (int i = 0; i < rules->count && verdict == NO_OPINION; i++) {
        const struct smtpd_rule_row *row = rules->rules[i];
        if ((row->flags & RULE_OF_RECIPIENT) == 0 || question->has_recipient) {
            verdict = row->decide(question);
        }
    }
    return verdict;
}

/* ---- is there such a recipient? -------------------------------------------------------------- */

/* 1 when the maps find it, 0 when not, or an error. */
static int is_listed(struct question *question, struct table_maps *maps)
{
    const unsigned flags = TABLE_ADDRESS_FULL | TABLE_ADDRESS_AT_DOMAIN;
    struct buf value;

    buf_init(&value, sys_mem(question->policy->sys), RESULT_MAX);
    int error = table_maps_find_address(maps, question->answer.recipient,
                                        conf_text(question->policy->conf, CONF_recipient_delimiter),
                                        flags, &value, NULL);
    buf_done(&value);
    if (error != 0 && error != -ERR_NOT_FOUND) {
        log_warning(question->policy->log, "%s", table_maps_why(maps));
        return error;
    }
    return error == 0 ? 1 : 0;
}

/* How an address class says which recipients it has. */
struct class_row {
    struct table_maps *maps; /* NULL: only virtual_alias_maps has any */
    enum conf_param code;
    const char *table;
};

/* False when every recipient of the class is taken. */
static bool class_is_listed(const struct question *question, struct class_row *row)
{
    const struct smtpd_policy *policy = question->policy;

    switch ((enum ipc_address_class)question->answer.address_class) {
    case IPC_CLASS_VIRTUAL_ALIAS:
        *row = (struct class_row){NULL, CONF_unknown_virtual_alias_reject_code, "virtual alias"};
        return true;
    case IPC_CLASS_VIRTUAL_MAILBOX:
        *row = (struct class_row){policy->virtual_mailboxes,
                                  CONF_unknown_virtual_mailbox_reject_code, "virtual mailbox"};
        break;
    case IPC_CLASS_RELAY:
        *row = (struct class_row){policy->relay_recipients,
                                  CONF_unknown_relay_recipient_reject_code, "relay recipient"};
        break;
    case IPC_CLASS_NONE:
    case IPC_CLASS_LOCAL:
    case IPC_CLASS_DEFAULT:
        return false;
    }
    return !table_maps_are_empty(row->maps);
}

static enum verdict refuse_unknown(struct question *question, const struct class_row *row)
{
    const struct conf *conf = question->policy->conf;
    bool names_table = conf_bool(conf, CONF_show_user_unknown_table_name);

    (void)smtpd_session_reject(question->session, conf_int(conf, row->code), "5.1.1",
                               "<%s>: Recipient address rejected: User unknown%s%s%s",
                               buf_text(&question->session->external), names_table ? " in " : "",
                               names_table ? row->table : "", names_table ? " table" : "");
    question->session->reply.classes = TRANSCRIPT_BOUNCE;
    return REFUSED;
}

static enum verdict check_existence(struct question *question)
{
    struct class_row row = {0};
    enum verdict verdict = resolve(question);

    if (verdict != NO_OPINION || !class_is_listed(question, &row)) {
        return verdict;
    }
    int listed = is_listed(question, question->policy->virtual_aliases);
    if (listed == 0 && row.maps != NULL) {
        listed = is_listed(question, row.maps);
    }
    if (listed < 0) {
        return put_off(question);
    }
    if (listed > 0) {
        return NO_OPINION;
    }
    return refuse_unknown(question, &row);
}

/* The sender of notices about notices exists: the queue manager drops what comes for it. */
static bool is_double_bounce(const struct question *question)
{
    struct str double_bounce = notice_own_address(
        question->policy->conf, question->session->scratch, CONF_double_bounce_sender);
    return str_equal_fold(question->recipient, double_bounce);
}

bool smtpd_policy_admits(struct smtpd_policy *policy, struct smtpd_session *session,
                         struct str recipient)
{
    struct question question = {
        .policy = policy,
        .session = session,
        .kind = "Recipient address",
        .subject = buf_str(&session->external),
        .has_recipient = true,
        .recipient = recipient,
    };

    if (ask_rules(&policy->relay, &question) == REFUSED ||
        ask_rules(&policy->recipient, &question) == REFUSED) {
        return false;
    }
    return !conf_bool(policy->conf, CONF_smtpd_reject_unlisted_recipient) ||
           is_double_bounce(&question) || check_existence(&question) != REFUSED;
}

bool smtpd_policy_admits_etrn(struct smtpd_policy *policy, struct smtpd_session *session,
                              struct str site)
{
    struct question question = {
        .policy = policy, .session = session, .kind = "Etrn command", .subject = site};

    return ask_rules(&policy->etrn, &question) != REFUSED;
}

bool smtpd_policy_trusts(struct smtpd_policy *policy, const struct peer *client)
{
    int listed = peer_is_listed(client, policy->networks);

    if (listed < 0) {
        log_warning(policy->log, "mynetworks: %s", match_list_why(policy->networks));
    }
    return listed > 0;
}

/* ---- opening --------------------------------------------------------------------------------- */

static int read_rules(struct smtpd_policy *policy, enum conf_param param, const char *name,
                      struct smtpd_rules *rules)
{
    struct str rest = conf_text(policy->conf, param);
    struct str item;

    while (conf_list_next(&rest, &item)) {
        const struct smtpd_rule_row *row = find_row(item);
        if (row == &unknown_row) {
            log_warning(policy->log, "%s: no such rule: %.*s", name, STR_ARG(item));
        }
        if (rules->count == SMTPD_RULES_MAX) {
            log_error(policy->log, "%s: more than %d rules", name, SMTPD_RULES_MAX);
            return -ERR_LIMIT;
        }
        rules->rules[rules->count++] = row;
    }
    return 0;
}

static bool has_guard(const struct smtpd_rules *rules)
{
    for (int i = 0; i < rules->count; i++) {
        if ((rules->rules[i]->flags & RULE_GUARDS) != 0) {
            return true;
        }
    }
    return false;
}

/* What holds without any rule: never an open relay, whatever compatibility_level says. */
static void read_fallback(struct smtpd_rules *rules)
{
    rules->rules[rules->count++] = find_row(STR("permit_mynetworks"));
    rules->rules[rules->count++] = find_row(STR("defer_unauth_destination"));
}

static int open_rules(struct smtpd_policy *policy)
{
    int error = read_rules(policy, CONF_smtpd_relay_restrictions, "smtpd_relay_restrictions",
                           &policy->relay);

    if (error == 0) {
        error = read_rules(policy, CONF_smtpd_recipient_restrictions,
                           "smtpd_recipient_restrictions", &policy->recipient);
    }
    if (error == 0) {
        error = read_rules(policy, CONF_smtpd_etrn_restrictions, "smtpd_etrn_restrictions",
                           &policy->etrn);
    }
    if (error == 0 && policy->relay.count == 0 && policy->recipient.count == 0) {
        read_fallback(&policy->relay);
    }
    if (error == 0 && !has_guard(&policy->relay) && !has_guard(&policy->recipient)) {
        log_error(policy->log, "smtpd_relay_restrictions and smtpd_recipient_restrictions would "
                               "let anybody relay: add reject_unauth_destination");
        error = -ERR_INVALID;
    }
    return error;
}

static int open_maps(struct smtpd_policy *policy, enum conf_param param, const char *name,
                     struct table_maps **maps)
{
    char why[TABLE_WHY_MAX];
    int error =
        table_maps_open(policy->sys, policy->conf, conf_text(policy->conf, param), maps, why);

    if (error != 0) {
        log_error(policy->log, "%s: %s", name, why);
    }
    return error;
}

static int open_networks(struct smtpd_policy *policy)
{
    char why[TABLE_WHY_MAX];

    int error =
        match_list_open_param(policy->sys, policy->conf, CONF_mynetworks,
                              MATCH_LIST_DOMAINS | MATCH_LIST_ADDRESS, &policy->networks, why);
    if (error != 0) {
        log_error(policy->log, "%s", why);
    }
    return error;
}

int smtpd_policy_open(struct smtpd_policy *policy, struct sys *sys, const struct conf *conf,
                      struct log *log)
{
    *policy = (struct smtpd_policy){.sys = sys, .conf = conf, .log = log};
    smtpd_resolver_init(&policy->resolver, sys, conf);
    int error = open_rules(policy);
    error = error != 0 ? error : open_networks(policy);
    error = error != 0 ? error
                       : open_maps(policy, CONF_virtual_alias_maps, "virtual_alias_maps",
                                   &policy->virtual_aliases);
    error = error != 0 ? error
                       : open_maps(policy, CONF_virtual_mailbox_maps, "virtual_mailbox_maps",
                                   &policy->virtual_mailboxes);
    return error != 0 ? error
                      : open_maps(policy, CONF_relay_recipient_maps, "relay_recipient_maps",
                                  &policy->relay_recipients);
}

void smtpd_policy_close(struct smtpd_policy *policy)
{
    smtpd_resolver_done(&policy->resolver);
    match_list_close(policy->networks);
    table_maps_close(policy->virtual_aliases);
    table_maps_close(policy->virtual_mailboxes);
    table_maps_close(policy->relay_recipients);
}
