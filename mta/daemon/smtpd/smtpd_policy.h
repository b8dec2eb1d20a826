// SPDX-License-Identifier: ISC
/* smtpd/smtpd_policy - may this client send to this recipient, and is there such a recipient? May it
 * ask for that site's mail?
 *
 * The lists are read once, at open; a rule whose name is unknown is reported then and answers
 * 451 4.3.5 whenever it is reached.
 *
 * Errors    what is not known now (a table, the resolver) is a 451, never a yes or a no
 * Memory    on the process's heap
 * Blocks    check, for the resolver and the disk
 */
#ifndef SMTPD_SMTPD_POLICY_H
#define SMTPD_SMTPD_POLICY_H

#include "conf/conf.h"
#include "log/log.h"
#include "mail/peer.h"
#include "smtpd/smtpd_resolve.h"
#include "table/match_list.h"
#include "table/table_maps.h"

enum { SMTPD_RULES_MAX = 64 };

struct smtpd_rule_row;
struct smtpd_session;

struct smtpd_rules {
    const struct smtpd_rule_row *rules[SMTPD_RULES_MAX];
    int count;
};

struct smtpd_policy {
    struct sys *sys;
    const struct conf *conf;
    struct log *log;
    struct smtpd_rules relay;
    struct smtpd_rules recipient;
    struct smtpd_rules etrn;
    struct match_list *networks;
    struct table_maps *virtual_aliases;
    struct table_maps *virtual_mailboxes;
    struct table_maps *relay_recipients;
    struct smtpd_resolver resolver;
};

/* 0, or an error that was logged. */
MUST_USE int smtpd_policy_open(struct smtpd_policy *policy, struct sys *sys,
                               const struct conf *conf, struct log *log);
void smtpd_policy_close(struct smtpd_policy *policy); /* also after a failed open. Instant. */

/* The client is one of mynetworks. */
bool smtpd_policy_trusts(struct smtpd_policy *policy, const struct peer *client);

/* True when the session's client may send to recipient (internal form); else the session has its
 * reject. */
bool smtpd_policy_admits(struct smtpd_policy *policy, struct smtpd_session *session,
                         struct str recipient);
/* The same of a client that asks for a site's mail. */
bool smtpd_policy_admits_etrn(struct smtpd_policy *policy, struct smtpd_session *session,
                              struct str site);

#endif
