// SPDX-License-Identifier: ISC
#include "smtpd/smtpd_option.h"

#include "base/number.h"
#include "conf/conf_list.h"
#include "proto/dsn_parameter.h"
#include "proto/queue_record.h"

typedef const struct smtp_parameter option;

/* ---- what is offered ------------------------------------------------------------------------- */

bool smtpd_option_offers(const struct smtpd_session *session, const char *keyword)
{
    struct str hidden = conf_text(session->conf, CONF_smtpd_discard_ehlo_keywords);

    return !conf_list_has(hidden, str_from(keyword));
}

bool smtpd_option_allows_verp(struct smtpd_session *session)
{
    struct match_list *clients = session->server->verp_clients;
    int listed = peer_is_listed(&session->client, clients);

    if (listed < 0) {
        log_warning(session->log, "smtpd_authorized_verp_clients: %s", match_list_why(clients));
    }
    return listed > 0;
}

/* ---- refusals -------------------------------------------------------------------------------- */

static bool refuse(struct smtpd_session *session, option *parameter)
{
    bool has_value = parameter->value.data != NULL;

    return smtpd_session_answer(session, 555, "5.5.4", "Unsupported option: %.*s%s%.*s",
                                STR_ARG(parameter->name), has_value ? "=" : "",
                                STR_ARG(parameter->value));
}

/* Postfix says it with "Error: " to RCPT, and without to MAIL. */
static bool refuse_syntax(struct smtpd_session *session, option *parameter)
{
    const char *prefix = session->phase == SMTPD_IDLE ? "" : "Error: ";

    return smtpd_session_answer(session, 501, "5.5.4", "%sBad %.*s parameter syntax", prefix,
                                STR_ARG(parameter->name));
}

/* ---- MAIL ------------------------------------------------------------------------------------ */

static bool take_size(struct smtpd_session *session, option *parameter)
{
    int64_t limit = conf_size(session->conf, CONF_message_size_limit);
    uint64_t size = 0;

    if (number_parse_u64(parameter->value, UINT64_MAX, &size) != 0) {
        return smtpd_session_answer(session, 501, "5.5.4", "Bad message size syntax");
    }
    if (limit > 0 && size > (uint64_t)limit) {
        return smtpd_session_reject(session, 552, "5.3.4", "Message size exceeds fixed limit");
    }
    return true;
}

static bool take_body(struct smtpd_session *session, option *parameter)
{
    return str_equal_fold(parameter->value, STR("7BIT")) ||
           str_equal_fold(parameter->value, STR("8BITMIME")) || refuse(session, parameter);
}

static bool take_ret(struct smtpd_session *session, option *parameter)
{
    struct smtpd_mail_options *options = &session->mail_options;

    return (options->ret == QUEUE_RET_NONE &&
            dsn_parameter_parse_ret(parameter->value, &options->ret) == 0) ||
           refuse_syntax(session, parameter);
}

static bool take_envid(struct smtpd_session *session, option *parameter)
{
    struct buf *envid = &session->mail_options.envelope_id;

    return (envid->size == 0 && dsn_parameter_parse_envid(parameter->value, envid) == 0) ||
           refuse_syntax(session, parameter);
}

void smtpd_option_take_smtputf8(struct smtpd_session *session)
{
    bool *declared = &session->mail_options.smtputf8;

    *declared = false;
    for (int i = 0; i < session->path.parameter_count; i++) {
        option *parameter = &session->path.parameters[i];
        *declared |= str_equal_fold(parameter->name, STR("SMTPUTF8")) &&
                     parameter->value.data == NULL &&
                     conf_bool(session->conf, CONF_smtputf8_enable);
    }
}

/* It was taken before the address. */
static bool check_smtputf8(struct smtpd_session *session, option *parameter)
{
    return (session->mail_options.smtputf8 && parameter->value.data == NULL) ||
           refuse(session, parameter);
}

static bool are_verp_delimiters(struct str text, struct str filter)
{
    return text.size == 2 && str_find(filter, text.data[0]) >= 0 &&
           str_find(filter, text.data[1]) >= 0;
}

/* Without a value the delimiters are the usual ones. */
static bool take_xverp(struct smtpd_session *session, option *parameter)
{
    struct str filter = conf_text(session->conf, CONF_verp_delimiter_filter);
    struct str delimiters = parameter->value.data != NULL
                                ? parameter->value
                                : conf_text(session->conf, CONF_default_verp_delimiters);

    if (!smtpd_option_allows_verp(session)) {
        return refuse(session, parameter);
    }
    if (session->address.size == 0) {
        return smtpd_session_answer(session, 503, "5.5.4", "Error: XVERP requires non-null sender");
    }
    if (!are_verp_delimiters(delimiters, filter)) {
        return smtpd_session_answer(session, 501, "5.5.4",
                                    "Error: XVERP needs two characters from %.*s", STR_ARG(filter));
    }
    buf_clear(&session->mail_options.verp_delimiters);
    buf_put(&session->mail_options.verp_delimiters, delimiters);
    return true;
}

/* ---- RCPT ------------------------------------------------------------------------------------ */

static bool take_notify(struct smtpd_session *session, option *parameter)
{
    struct smtpd_rcpt_options *options = &session->rcpt_options;

    return (options->notify == 0 &&
            dsn_parameter_parse_notify(parameter->value, &options->notify) == 0) ||
           refuse_syntax(session, parameter);
}

static bool take_orcpt(struct smtpd_session *session, option *parameter)
{
    struct buf *orcpt = &session->rcpt_options.orcpt;

    return (orcpt->size == 0 && dsn_parameter_parse_orcpt(parameter->value, orcpt) == 0) ||
           refuse_syntax(session, parameter);
}

/* ---- all of a command's ---------------------------------------------------------------------- */

struct option_row {
    const char *name;
    const char *keyword; /* of EHLO, that must be offered */
    bool needs_value;
    bool (*take)(struct smtpd_session *session, option *parameter);
};

static const struct option_row mail_rows[] = {
    {"SIZE", NULL, true, take_size},    {"BODY", NULL, true, take_body},
    {"RET", "DSN", true, take_ret},     {"ENVID", "DSN", true, take_envid},
    {"XVERP", NULL, false, take_xverp}, {"SMTPUTF8", NULL, false, check_smtputf8},
};

static const struct option_row rcpt_rows[] = {
    {"NOTIFY", "DSN", true, take_notify},
    {"ORCPT", "DSN", true, take_orcpt},
};

static bool take(struct smtpd_session *session, option *parameter, const struct option_row *rows,
                 size_t row_count)
{
    for (size_t i = 0; i < row_count; i++) {
        const struct option_row *row = &rows[i];
        if (!str_equal_fold(parameter->name, str_from(row->name)) ||
            (row->needs_value && parameter->value.data == NULL)) {
            continue;
        }
        if (row->keyword != NULL && !smtpd_option_offers(session, row->keyword)) {
            return smtpd_session_answer(session, 501, "5.7.1", "%s support is disabled",
                                        row->keyword);
        }
        return row->take(session, parameter);
    }
    return refuse(session, parameter);
}

static bool take_all(struct smtpd_session *session, const struct option_row *rows, size_t row_count)
{
    for (int i = 0; i < session->path.parameter_count; i++) {
        if (!take(session, &session->path.parameters[i], rows, row_count)) {
            return false;
        }
    }
    return true;
}

bool smtpd_option_take_mail(struct smtpd_session *session)
{
    struct smtpd_mail_options *options = &session->mail_options;

    options->ret = QUEUE_RET_NONE;
    buf_clear(&options->envelope_id);
    buf_clear(&options->verp_delimiters);
    return take_all(session, mail_rows, sizeof(mail_rows) / sizeof(mail_rows[0]));
}

bool smtpd_option_take_rcpt(struct smtpd_session *session)
{
    struct smtpd_rcpt_options *options = &session->rcpt_options;

    options->notify = 0;
    buf_clear(&options->orcpt);
    return take_all(session, rcpt_rows, sizeof(rcpt_rows) / sizeof(rcpt_rows[0]));
}
