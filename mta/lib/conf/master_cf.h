// SPDX-License-Identifier: ISC
/* conf/master_cf - the services of master.cf
 *
 * Grammar   logical lines as in main.cf (conf/logical_line.h), each with eight columns or more:
 *             service type private unpriv chroot wakeup maxproc command argument ...
 *           `-` asks for the default. An argument in braces may hold white space:
 *           -o { smtpd_banner = $myhostname ready }
 * Limits    MASTER_CF_SERVICES_MAX services, MASTER_CF_ARGUMENTS_MAX arguments of one
 * Errors    each problem is one line that begins with the path given, the line and the column;
 *           the other services are read all the same
 * Memory    all texts are copied into the arena given, with a NUL behind
 * Blocks    never; pure
 */
#ifndef CONF_MASTER_CF_H
#define CONF_MASTER_CF_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/attribute.h"
#include "base/buf.h"
#include "base/str.h"

enum { MASTER_CF_SERVICES_MAX = 500, MASTER_CF_ARGUMENTS_MAX = 200, MASTER_CF_COLUMNS = 8 };

enum master_cf_type {
    MASTER_CF_INET,
    MASTER_CF_UNIX,
    MASTER_CF_UNIX_DGRAM,
    MASTER_CF_PASS,
};

struct master_cf_service {
    struct str name; /* first column: "smtp", "127.0.0.1:2525", "pickup" */
    enum master_cf_type type;
    bool is_private;   /* below private/ instead of public/; false for inet */
    bool unprivileged; /* runs as mail_owner */
    bool chroot;
    int wakeup_s;          /* 0: never */
    bool wakeup_when_used; /* `60?`: not before somebody connected once */
    int process_limit;     /* 0: none; MASTER_CF_LIMIT_DEFAULT: default_process_limit */
    struct str command;    /* program file, below daemon_directory */
    struct str *arguments; /* after -o options were taken out */
    int argument_count;
    struct str *options; /* texts "name=value" of -o */
    int option_count;
    int verbose_count; /* how many -v, -D not counted */
    int line;
    struct str columns[MASTER_CF_COLUMNS]; /* as they are written */
};

enum { MASTER_CF_LIMIT_DEFAULT = -1 };

struct master_cf {
    struct master_cf_service *services; /* in the order of the file */
    int count;
};

/* Parses a whole file; path is for the problems only. Of several entries with the same name and
 * type the last one wins, and problems gets a line that says "warning". 0, or -ERR_SYNTAX when
 * problems has a line that is not a warning. */
MUST_USE int master_cf_parse(struct str text, const char *path, struct arena *arena,
                             struct master_cf *cf, struct buf *problems);

/* The text of the type column. */
const char *master_cf_type_text(enum master_cf_type type);

/* NULL when there is none. */
const struct master_cf_service *master_cf_find(const struct master_cf *cf, struct str name,
                                               enum master_cf_type type);

#endif
