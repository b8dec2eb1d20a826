// SPDX-License-Identifier: ISC
/* conf/reach - why a file cannot be reached, so that a person knows which directory to open
 *
 * Blocks    for the disk
 */
#ifndef CONF_REACH_H
#define CONF_REACH_H

#include "base/buf.h"
#include "sys/sys.h"

/* Appends the line "WHAT PATH: sentence of the error". When it is ACCESS and a directory on the
 * way keeps this user out, the line also says which one and what to do about it. Waiting. */
void reach_put_problem(struct sys *sys, const char *what, const char *path, int error,
                       struct buf *out);

#endif
