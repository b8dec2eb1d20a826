// SPDX-License-Identifier: ISC
/* sim/check/mail_event - a line of the mail log as an event
 *
 * Works for every system that logs in the shape of log/events.def, so that one set of checks
 * judges all worlds.
 *
 * Shape     "Mon dd hh:mm:ss host name/program[pid]: ID: key=value, ... (text)"
 * Memory    views into the line
 * Blocks    never
 */
#ifndef CHECK_MAIL_EVENT_H
#define CHECK_MAIL_EVENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

enum mail_event_kind {
    MAIL_EVENT_OTHER,
    MAIL_EVENT_MESSAGE_ID,     /* id, text: the Message-Id */
    MAIL_EVENT_ACTIVE,         /* id, sender: the queue manager takes it up */
    MAIL_EVENT_RESULT,         /* id, recipient, relay, dsn, status, text, delays */
    MAIL_EVENT_EXPIRED,        /* id, sender, status: expired or force-expired */
    MAIL_EVENT_NOTICE,         /* id, new_id, text: the kind of notice */
    MAIL_EVENT_REMOVED,        /* id */
    MAIL_EVENT_WARNING,        /* id, text */
    MAIL_EVENT_CONNECT_FAILED, /* text: "connect to H[IP]:25: why" */
};

struct mail_event {
    enum mail_event_kind kind;
    struct str program; /* smtpd */
    int pid;
    struct str message; /* all after "program[pid]: " */
    struct str id;
    struct str new_id;
    struct str sender;
    struct str recipient;
    struct str original_recipient; /* data NULL when the log has none */
    struct str relay;
    struct str dsn;
    struct str status;
    struct str text;
    int64_t waited_ns;   /* in the queue manager */
    int64_t delivery_ns; /* connection and transmission: how long ago the delivery began */
};

/* False when the line has not even the shape of a log line. */
bool mail_event_parse(struct str line, struct mail_event *event);

/* A result after which the recipient will be tried again. */
bool mail_event_is_deferred(const struct mail_event *event);

/* True when text holds the address as it is logged: [192.0.2.10] */
bool mail_event_names_ip(struct str text, struct str ip);

#endif
