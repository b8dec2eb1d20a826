// SPDX-License-Identifier: ISC
/* conf/expand - replaces $name in the values of main.cf
 *
 * Grammar   $name ${name} $(name)           the value of name, nothing when undefined
 *           ${name?text} ${name?{text}}     text, when name is defined and not empty
 *           ${name:text} ${name:{text}}     text, when it is not
 *           ${name?{text}:{other}}          one or the other
 *           ${{a} == {b}?{text}:{other}}    also != < <= > >=, which compare as numbers when both
 *                                           sides are digits; ==level and so on compare versions
 *           ${{a} == {b}}                   "true" or nothing
 *           $$                              one $
 *           Texts may hold all of these again; braces nest. A name has letters, digits and _.
 * Limits    EXPAND_DEPTH_MAX braces inside each other; size by the output buffer
 * Blocks    never; pure
 */
#ifndef CONF_EXPAND_H
#define CONF_EXPAND_H

#include <stddef.h>

#include "base/attribute.h"
#include "base/buf.h"
#include "base/str.h"

enum { EXPAND_DEPTH_MAX = 16 };

struct expand_source {
    /* 1 with the value of name, 0 when it is undefined, or an error, which ends the expansion. */
    int (*find)(void *context, struct str name, struct str *value);
    void *context;
};

struct expand_problem {
    const char *text; /* what is wrong */
    size_t offset;    /* where in the text given */
};

/* Appends text with all names replaced. 0; -ERR_SYNTAX with *problem set; an error of find;
 * -ERR_LIMIT when out is full. */
MUST_USE int expand_text(struct str text, const struct expand_source *source, struct buf *out,
                         struct expand_problem *problem);

/* Calls found for each name that text mentions, in the branches not taken too; ends without a
 * word at a syntax error. */
void expand_names(struct str text, void (*found)(void *context, struct str name), void *context);

#endif
