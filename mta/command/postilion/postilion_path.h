// SPDX-License-Identifier: ISC
/* postilion/postilion_path - names of files as the user gives them, made absolute
 *
 * Memory    results live in the arena given
 * Blocks    never
 */
#ifndef POSTILION_POSTILION_PATH_H
#define POSTILION_POSTILION_PATH_H

#include "base/arena.h"
#include "base/attribute.h"
#include "base/str.h"
#include "sys/sys.h"

/* Absolute, without a leading "./" and trailing slashes. data is NULL when the arena is full. */
MUST_USE struct str postilion_path_absolute(struct sys *sys, struct arena *arena, struct str path);

/* The directory a file is in: "/a/b" of "/a/b/c", "/" of "/a". Points into path. */
struct str postilion_path_parent(struct str path);

#endif
