// SPDX-License-Identifier: ISC
/* service/service_kind - what maxproc counts, for each program that master can start
 *
 * One table, read by master (how many processes, how many sessions each) and by the daemon
 * skeleton (when to retire).
 */
#ifndef SERVICE_SERVICE_KIND_H
#define SERVICE_SERVICE_KIND_H

#include "base/str.h"

enum service_kind {
    SERVICE_KIND_SESSION,  /* maxproc counts simultaneous sessions over all processes */
    SERVICE_KIND_SHARED,   /* maxproc counts processes, each with any number of clients */
    SERVICE_KIND_SOLITARY, /* exactly one process, which never retires by itself */
};

/* program: file name of a daemon; one that is not in the table is of kind session. */
enum service_kind service_kind(struct str program);

#endif
