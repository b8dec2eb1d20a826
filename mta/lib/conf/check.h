// SPDX-License-Identifier: ISC
/* conf/check - all that is wrong with a configuration directory, for check, start and reload
 *
 * conf_load() accepts names it does not know, since a daemon cannot tell whether another one uses
 * them. This looks at main.cf and master.cf together and finds also: names that nobody knows or
 * uses, $name of undefined names, parameters not built yet, options of master.cf, services that
 * the address classes in use need and master.cf lacks.
 *
 * Blocks    for the disk
 */
#ifndef CONF_CHECK_H
#define CONF_CHECK_H

#include "base/arena.h"
#include "base/attribute.h"
#include "base/buf.h"
#include "conf/conf.h"
#include "conf/master_cf.h"
#include "sys/sys.h"

enum { CHECK_FILE_BYTES_MAX = CONF_FILE_BYTES_MAX };

/* Appends one line to errors or warnings for each problem. 0 when errors stays as it was, else
 * -ERR_SYNTAX. Waiting. */
MUST_USE int check_directory(struct sys *sys, const char *directory, struct buf *errors,
                             struct buf *warnings);

/* Calls found with each definition of main.cf whose name nobody knows or uses, in the order of the
 * file. 0 or the error of reading main.cf. Waiting. */
MUST_USE int check_unused(struct sys *sys, const char *directory,
                          void (*found)(void *context, struct str name, struct str value),
                          void *context);

/* Reads and parses directory/master.cf; results as master_cf_parse(). Waiting. */
MUST_USE int check_read_master_cf(struct sys *sys, const char *directory, struct arena *arena,
                                  struct master_cf *cf, struct buf *problems);

#endif
