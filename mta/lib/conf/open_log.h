// SPDX-License-Identifier: ISC
/* conf/open_log - the log of a process as the configuration wants it
 *
 * syslog_name and the program make the tag, log_format the lines. With maillog_file, lines go to
 * the socket of postlog_service_name, a name relative to the working directory, which must be
 * queue_directory by then; without, to standard error.
 *
 * Blocks    never
 */
#ifndef CONF_OPEN_LOG_H
#define CONF_OPEN_LOG_H

#include "base/attribute.h"
#include "conf/conf.h"
#include "log/log.h"

/* The log is good after an error too, which means that the socket cannot be reached: lines go to
 * standard error then. Instant. */
MUST_USE int open_log(const struct conf *conf, struct sys *sys, const char *program,
                      struct log *log);

/* The same; the log itself tells about an error. */
void open_log_or_warn(const struct conf *conf, struct sys *sys, const char *program,
                      struct log *log);

#endif
