// SPDX-License-Identifier: ISC
#include "smtpd/smtpd_etrn.h"

#include "mail/flush_client.h"
#include "proto/address.h"

static struct str site_of(struct str argument)
{
    bool has_mark = argument.size > 0 && (argument.data[0] == '@' || argument.data[0] == '#');
    return str_skip(argument, has_mark ? 1 : 0);
}

bool smtpd_etrn_check(struct smtpd_session *session, struct str argument)
{
    struct str site = site_of(argument);
    if (session->helo.size == 0 && conf_bool(session->conf, CONF_smtpd_helo_required)) {
        return smtpd_session_answer(session, 503, NULL, "Error: send HELO/EHLO first");
    }
    if (session->phase != SMTPD_IDLE) {
        return smtpd_session_answer(session, 503, NULL, "Error: MAIL transaction in progress");
    }
    if (argument.size == 0 || str_find(argument, ' ') >= 0) {
        return smtpd_session_answer(session, 500, NULL, "Syntax: ETRN domain");
    }
    if (!address_domain_is_valid(site) && !address_literal_is_valid(site)) {
        return smtpd_session_answer(session, 501, NULL, "Error: invalid parameter syntax");
    }
    return smtpd_policy_admits_etrn(&session->server->policy, session, site);
}

void smtpd_etrn_act(struct smtpd_session *session, struct str argument)
{
    struct str site = site_of(argument);
    int status = flush_client_send_site(session->sys, session->conf, site);
    if (status == FLUSH_OK) {
        (void)smtpd_session_answer(session, 250, NULL, "Queuing started");
    } else if (status == FLUSH_DENIED) {
        log_warning(session->log, "reject: ETRN %.*s... from %s[%s]", STR_ARG(site),
                    session->client.name, session->client.address);
        (void)smtpd_session_answer(session, 459, NULL, "<%.*s>: service unavailable",
                                   STR_ARG(site));
    } else {
        log_warning(session->log, "cannot reach the flush service: %s",
                    err_sentence(status < 0 ? status : -ERR_PROTOCOL));
        (void)smtpd_session_answer(session, 458, NULL, "Unable to queue messages");
    }
}
