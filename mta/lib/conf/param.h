// SPDX-License-Identifier: ISC
/* conf/param - the table of all parameters, made from params.def
 *
 * Memory    static and constant
 * Blocks    never; pure
 */
#ifndef CONF_PARAM_H
#define CONF_PARAM_H

#include <stdbool.h>

#include "base/str.h"

/* CONF_myhostname and so on, in the order of params.def, which is that of their names. */
enum conf_param {
#define PARAM(name, type, detail, value, state, meaning) CONF_##name,
#include "conf/params.def"
#undef PARAM
    CONF_PARAM_COUNT
};

enum param_type {
    PARAM_BOOL,
    PARAM_INT,
    PARAM_SIZE,
    PARAM_TIME,
    PARAM_WORD,
    PARAM_TEXT,
    PARAM_LIST,
    PARAM_RAW,
};

enum param_state { PARAM_WORKS, PARAM_NO_EFFECT, PARAM_NOT_YET };

struct param {
    struct str name;
    enum param_type type;
    struct str detail;        /* TIME: unit of a bare number; WORD: the words */
    struct str default_value; /* as main.cf would have it */
    enum param_state state;
    const char *meaning;
};

const struct param *param_get(enum conf_param param);

/* CONF_PARAM_COUNT when there is no such parameter. */
enum conf_param param_find(struct str name);

/* True for a parameter that belongs to a transport or service of master.cf by its name, such as
 * mydeliver_destination_rate_delay or policy_time_limit; *owner is then the part before it,
 * *fallback the parameter that gives its type and default (CONF_PARAM_COUNT: none). */
bool param_family(struct str name, struct str *owner, enum conf_param *fallback);

/* What parameters of a transport end in, "_destination_rate_delay" and so on, by index from 0; an
 * empty view after the last one. */
struct str param_transport_suffix(int index);

/* The known name that the misspelt one is closest to, or an empty view. */
struct str param_suggest(struct str name);

#endif
