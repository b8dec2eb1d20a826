// SPDX-License-Identifier: ISC
/* conf/conf_list - the items of a LIST value
 *
 * Grammar   items are separated by commas and white space; what stands in braces stays together:
 *           "hash:/a, inline:{ a = b }" has two items
 * Blocks    never; pure
 */
#ifndef CONF_CONF_LIST_H
#define CONF_CONF_LIST_H

#include <stdbool.h>

#include "base/str.h"

/* Takes the next item; false at the end. An item that is one pair of braces comes without them
 * and without the white space inside; a brace that is not closed reaches to the end. */
bool conf_list_next(struct str *rest, struct str *item);

/* True when an item equals word, letter case ignored. */
bool conf_list_has(struct str list, struct str word);

#endif
