// SPDX-License-Identifier: ISC
/* proto/json_object - a flat JSON object, read
 *
 * Grammar   object of RFC 8259 4 whose values are strings and numbers without exponent; text is
 *           UTF-8, and a \u escape of half a character is none
 * Limits    JSON_MEMBERS_MAX members
 * Errors    -ERR_SYNTAX; -ERR_LIMIT: too many members, or the arena is full
 * Memory    names and values point into the text; those with escapes are in the arena
 * Blocks    never
 */
#ifndef PROTO_JSON_OBJECT_H
#define PROTO_JSON_OBJECT_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/attribute.h"
#include "base/str.h"

enum { JSON_MEMBERS_MAX = 64 };

struct json_member {
    struct str name;
    struct str value; /* of a string its characters, of a number its digits as they stand */
    bool is_string;
};

/* In the order of the text; a name may come twice. */
struct json_object {
    struct json_member members[JSON_MEMBERS_MAX];
    size_t count;
};

/* Blanks around it apart, text is the object and nothing else. */
MUST_USE int json_object_parse(struct str text, struct arena *arena, struct json_object *object);

/* The first member of that name, or NULL. */
const struct json_member *json_object_find(const struct json_object *object, struct str name);

#endif
