// SPDX-License-Identifier: ISC
/* conf/conf - main.cf as one read-only struct, all of it evaluated and checked at load
 *
 *     struct conf *conf;
 *     int error = conf_load(sys, directory, options, option_count, &problems, &conf);
 *     ...
 *     struct str name = conf_text(conf, CONF_myhostname);
 *     int64_t timeout_ns = conf_time_ns(conf, CONF_smtpd_timeout);
 *
 * Everything about a parameter stands in conf/params.def. Reading a value with the accessor of
 * another type is a bug and asserts.
 *
 * Limits    main.cf CONF_FILE_BYTES_MAX, one value CONF_VALUE_BYTES_MAX, nesting CONF_DEPTH_MAX
 * Memory    a conf owns what its accessors return, until conf_free()
 * Blocks    conf_load() only, for the disk
 * See       conf/main_cf.h (grammar), conf/expand.h ($name), conf/check.h (postilion check)
 */
#ifndef CONF_CONF_H
#define CONF_CONF_H

#include "base/attribute.h"
#include "base/buf.h"
#include "base/str.h"
#include "conf/conf_list.h"
#include "conf/param.h"
#include "sys/sys.h"

enum {
    CONF_FILE_BYTES_MAX = 1 << 20,
    CONF_VALUE_BYTES_MAX = 1 << 18, /* after expansion */
    CONF_DEPTH_MAX = 40,            /* of $name inside $name */
    CONF_PROBLEMS_BYTES_MAX = 1 << 16,
};

struct conf;

/* Reads directory/main.cf. The options are texts `name=value` (as after -o in master.cf); they
 * win over the file, later ones over earlier ones.
 * 0            *conf is set; free it with conf_free()
 * -ERR_SYNTAX  something is wrong; problems has a line for each, fit for a log:
 *              "/etc/postilion/main.cf, line 12, column 11: smtpd_timeout = soon: a time ..."
 * other        the file cannot be read; problems has one line that says so
 * Names that are no parameters are kept for conf_find(); whether they make sense, only
 * check_directory() can tell. problems must be initialised. Waiting. */
MUST_USE int conf_load(struct sys *sys, const char *directory, const char *const *options,
                       int option_count, struct buf *problems, struct conf **conf);
void conf_free(struct conf *conf); /* accepts NULL */

/* The same for programs that show a configuration, right or wrong: *conf is set after -ERR_SYNTAX
 * too; what is wrong has no typed value then. directory NULL: the defaults alone. Waiting. */
MUST_USE int conf_load_anyway(struct sys *sys, const char *directory, const char *const *options,
                              int option_count, struct buf *problems, struct conf **conf);

/* The directory to load: the one given (after -c), else $MAIL_CONFIG, else the built-in one. */
const char *conf_directory(struct sys *sys, const char *given);

/* There is a NUL behind every text; data is never NULL. */
struct str conf_text(const struct conf *conf, enum conf_param param); /* TEXT WORD LIST RAW */
bool conf_bool(const struct conf *conf, enum conf_param param);       /* BOOL */
int conf_int(const struct conf *conf, enum conf_param param);         /* INT */
int64_t conf_size(const struct conf *conf, enum conf_param param);    /* SIZE, bytes */
int64_t conf_time_ns(const struct conf *conf, enum conf_param param); /* TIME */
bool conf_is_set(const struct conf *conf, enum conf_param param);     /* in main.cf or by -o */

/* Families: <transport>_destination_concurrency_limit and the like. The value of the parameter
 * `transport` + `suffix` when set or known, else that of `fallback`, whose type also holds:
 *     conf_transport_int(conf, STR("relay"), "_destination_concurrency_limit",
 *                        CONF_default_destination_concurrency_limit) */
int conf_transport_int(const struct conf *conf, struct str transport, const char *suffix,
                       enum conf_param fallback);
int64_t conf_transport_time_ns(const struct conf *conf, struct str transport, const char *suffix,
                               enum conf_param fallback);
struct str conf_transport_text(const struct conf *conf, struct str transport, const char *suffix,
                               enum conf_param fallback);

/* The value of any name: a parameter, a restriction class, a name made up for use by $name.
 * False when it is not defined. */
bool conf_find(const struct conf *conf, struct str name, struct str *value);

/* What was written for a name, before its $names were replaced; the default when nothing was.
 * False when the name is not defined. */
bool conf_written(const struct conf *conf, struct str name, struct str *text);

/* Walks the names that are no parameters in the order of their first definition. Start with NULL;
 * NULL at the end. */
const void *conf_next_other(const struct conf *conf, const void *position, struct str *name);

/* Texts with macros of their own (RAW parameters, smtpd replies): replaces $name by parameters'
 * values in text. 0 or -ERR_SYNTAX with the reason appended to problems. */
MUST_USE int conf_expand(const struct conf *conf, struct str text, struct buf *out,
                         struct buf *problems);

/* Appends the names of the parameters that are set but not built yet, separated by ", "; for one
 * warning at start-up. Returns how many there are. */
int conf_not_yet(const struct conf *conf, struct buf *names);

#endif
