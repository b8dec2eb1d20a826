// SPDX-License-Identifier: ISC
/* mail/notice - messages that the mail system itself sends
 *
 *     error = notice_begin(&notice, client, &(struct notice_envelope){...});
 *     notice_printf(&notice, "Subject: %s", subject);
 *     notice_printf(&notice, "%s", "");
 *     ...
 *     status = notice_end(&notice);
 *
 * Received, Date and Message-Id are added.
 *
 * Errors    sticky; notice_end() tells
 * Blocks    all
 */
#ifndef MAIL_NOTICE_H
#define MAIL_NOTICE_H

#include "conf/conf.h"
#include "mail/cleanup_client.h"

struct notice {
    struct cleanup_message message;
    struct mem *mem;
    int64_t wall_ns;
};

struct notice_envelope {
    struct str sender;    /* empty: null sender */
    struct str recipient; /* internal form */
    int notify_flags;
    bool has_8bit;    /* the content has bytes above 127 */
    int64_t smtputf8; /* enum queue_smtputf8 */
};

/* The address that a parameter names, such as postmaster or double-bounce: at myorigin when it has
 * no domain. Internal form, in the arena. Instant. */
struct str notice_own_address(const struct conf *conf, struct arena *arena, enum conf_param param);

MUST_USE int notice_begin(struct notice *notice, struct cleanup_client *client,
                          const struct conf *conf, const struct notice_envelope *envelope);
/* One line, without its end; a longer one than a record may be is cut into pieces by put. */
void notice_put(struct notice *notice, struct str line);
void notice_printf(struct notice *notice, const char *format, ...) PRINTF_LIKE(2, 3);
/* Who writes notices, by header_from_format. Instant. */
struct str notice_default_from(const struct conf *conf);
/* The From header; a bare MAILER-DAEMON in it gets myorigin as its domain. */
void notice_put_from(struct notice *notice, const struct conf *conf, struct str from);
/* 0 when it is durably queued, else enum cleanup_status bits. */
MUST_USE int64_t notice_end(struct notice *notice);
void notice_abort(struct notice *notice); /* Instant. */

#endif
