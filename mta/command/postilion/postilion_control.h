// SPDX-License-Identifier: ISC
/* postilion/postilion_control - start and look after a mail system
 *
 * Errors    all are said on standard error; the results are exit statuses
 * Blocks    for the disk, and start for master
 */
#ifndef POSTILION_POSTILION_CONTROL_H
#define POSTILION_POSTILION_CONTROL_H

#include "base/attribute.h"
#include "conf/conf.h"
#include "log/event.h"
#include "sys/sys.h"

struct postilion_control {
    struct sys *sys;
    const char *directory; /* of the configuration, absolute */
    struct conf *conf;
    char *const *arguments; /* of the action */
    int argument_count;
};

/* Reads the configuration; close it also after a failure. */
MUST_USE int postilion_control_open(struct postilion_control *control, struct sys *sys,
                                    const char *directory);
void postilion_control_close(struct postilion_control *control);

/* Says it here and in the mail log, where it is looked for later. */
void postilion_control_announce(struct postilion_control *control, enum log_event event);

int postilion_control_start(struct postilion_control *control);
int postilion_control_reload(struct postilion_control *control);
int postilion_control_status(struct postilion_control *control);
int postilion_control_check(struct postilion_control *control);
int postilion_control_flush(struct postilion_control *control);

#endif
