// SPDX-License-Identifier: ISC
/* error - delivery agent that delivers nothing: every recipient fails, for the reason that stands
 * in place of the next hop
 *
 * One program, two services by the name in master.cf: `error` bounces, `retry` defers. The reason
 * may begin with an enhanced status code; its class is made to fit the service. A reason without
 * one counts as 5.0.0 or 4.3.0.
 *
 * Rights    mail_owner; reads active/; private/bounce, private/defer
 * See       mail/deliver.h
 */
#ifndef ERROR_ERROR_H
#define ERROR_ERROR_H

#include "sys/sys.h"

int error_main(struct sys *sys, int argc, char **argv);

#endif
