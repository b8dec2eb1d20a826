// SPDX-License-Identifier: ISC
/* postilion/postilion_config - the files that init writes
 *
 * Blocks    never; pure
 */
#ifndef POSTILION_POSTILION_CONFIG_H
#define POSTILION_POSTILION_CONFIG_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/str.h"

enum { POSTILION_CONFIG_MAILBOXES_MAX = 100 };

struct postilion_config {
    struct str directory;         /* absolute */
    struct str daemon_directory;  /* absolute; empty: the built-in one */
    struct str command_directory; /* as above */
    struct str user;              /* that all but master run as */
    uint32_t uid;
    uint32_t gid;
    int smtp_port;
    int qmqp_port;
    struct str domain;
    struct str mailboxes[POSTILION_CONFIG_MAILBOXES_MAX]; /* the first is also postmaster */
    int mailbox_count;
};

void postilion_config_main(struct buf *out, const struct postilion_config *config);
void postilion_config_master(struct buf *out, const struct postilion_config *config);

/* A host name of letters, digits, dots and inner hyphens. */
bool postilion_config_domain_ok(struct str domain);
/* A local part that can also be the name of a directory. */
bool postilion_config_mailbox_ok(struct str mailbox);

#endif
