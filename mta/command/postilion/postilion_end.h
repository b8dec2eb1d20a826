// SPDX-License-Identifier: ISC
/* postilion/postilion_end - three ways to end a mail system
 *
 * stop    daemons get a moment to finish what they do
 * abort   they do not get it
 * drain   no new mail is taken, deferred mail is left alone, and what is in delivery is finished, or
 *         the time is over; then it is stopped
 *
 * Errors    all are said on standard error; the results are exit statuses
 * Blocks    for master
 */
#ifndef POSTILION_POSTILION_END_H
#define POSTILION_POSTILION_END_H

#include "postilion/postilion_control.h"

int postilion_stop(struct postilion_control *control);
int postilion_abort(struct postilion_control *control);
/* The argument, if there is one, is the time: "10m". 1 when something was left in delivery. */
int postilion_drain(struct postilion_control *control);

#endif
