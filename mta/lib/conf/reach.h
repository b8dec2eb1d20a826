// SPDX-License-Identifier: ISC
/* conf/reach - why a file cannot be reached, so that a person knows which directory to open
 *
 * Blocks    for the disk
 */
#ifndef CONF_REACH_H
#define CONF_REACH_H

#include "base/buf.h"
#include "sys/sys.h"

/* Appends the sentence of the error. When it is ACCESS and a directory on the way to the absolute
 * path keeps this user out, adds which one and what to do about it. Waiting. */
void reach_put_reason(struct sys *sys, const char *path, int error, struct buf *out);

#endif
