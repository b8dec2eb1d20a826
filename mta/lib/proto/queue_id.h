// SPDX-License-Identifier: ISC
/* proto/queue_id - names of messages
 *
 * Shape     long: seconds in base 52, six characters or more; microseconds in base 52, four; "z";
 *           inode in base 51. Digits and consonants only: no id spells a word. Never used again.
 *           short: microseconds as five hex digits, inode in hex; may come again when the file is
 *           gone
 * Limits    QUEUE_ID_SIZE bytes with NUL for what we make; ids of others up to QUEUE_ID_BYTES_MAX
 * Memory    none
 * Blocks    never
 */
#ifndef PROTO_QUEUE_ID_H
#define PROTO_QUEUE_ID_H

#include <stdint.h>

#include "base/attribute.h"
#include "base/str.h"

enum { QUEUE_ID_SIZE = 40, QUEUE_ID_BYTES_MAX = 255, QUEUE_ID_DEPTH_MAX = 5 };

void queue_id_write_long(int64_t wall_ns, uint64_t inode, char id[QUEUE_ID_SIZE]);
void queue_id_write_short(int64_t wall_ns, uint64_t inode, char id[QUEUE_ID_SIZE]);

/* Fit for a file name in a queue directory: letters, digits and "_" only. */
bool queue_id_is_valid(struct str id);
bool queue_id_is_long(struct str id);

/* The microseconds and the inode that a long or short id was made of, and for a long one the
 * second (else -1); 0 or -ERR_SYNTAX. */
MUST_USE int queue_id_parse(struct str id, int64_t *wall_s, uint32_t *microseconds,
                            uint64_t *inode);

/* The sub-directories in which a hashed queue keeps the file, depth levels of one character and a
 * slash each: "A/5/"; empty for depth 0. Short ids count by their first characters, long ones by
 * those of their microseconds in hex. */
enum { QUEUE_ID_PATH_SIZE = 2 * QUEUE_ID_DEPTH_MAX + 1 };
const char *queue_id_directory(struct str id, int depth, char path[QUEUE_ID_PATH_SIZE]);

#endif
