// SPDX-License-Identifier: ISC
/* conf/main_cf - the grammar of main.cf: `name = value`, read and edited
 *
 * Grammar   logical lines (conf/logical_line.h); a name is what stands before the `=`, without
 *           white space; the value is the rest without white space at both ends
 * Errors    a line that is no definition is reported and skipped
 * Blocks    never; pure
 * See       conf/expand.h for what a value may hold
 */
#ifndef CONF_MAIN_CF_H
#define CONF_MAIN_CF_H

#include <stdbool.h>

#include "base/attribute.h"
#include "base/buf.h"
#include "conf/logical_line.h"

struct main_cf_reader {
    struct logical_reader lines;
    struct buf *joined;
};

struct main_cf_entry {
    struct logical_line line;
    struct str name; /* both live until the next call */
    struct str value;
    size_t value_offset; /* of value in the joined line, for logical_line_position() */
    const char *problem; /* NULL, or what is wrong: name and value are then of no use */
};

/* joined is working memory; its maximum bounds a logical line. */
void main_cf_reader_init(struct main_cf_reader *reader, struct str text, struct buf *joined);

/* False at the end. */
bool main_cf_next(struct main_cf_reader *reader, struct main_cf_entry *entry);

/* Splits `name = value`, also of an option -o. NULL, or what is wrong. */
const char *main_cf_split(struct str text, struct str *name, struct str *value);

enum main_cf_edit {
    MAIN_CF_SET,     /* the first definition is replaced, or one is added at the end */
    MAIN_CF_REMOVE,  /* all definitions go */
    MAIN_CF_COMMENT, /* each line of all definitions gets a # in front */
};

/* Appends the whole text of main.cf with the definition of name changed. Every other line stays
 * as it is, also comments between a definition and its continuation. */
void main_cf_write(struct str text, enum main_cf_edit edit, struct str name, struct str value,
                   struct buf *out);

#endif
