// SPDX-License-Identifier: ISC
/* master - starts and supervises all other daemons
 *
 *     master [-c config_directory] [-w]
 *
 * Reads main.cf and master.cf, opens every listener, and starts a daemon when a client or a
 * wake-up waits and no running one has a place for it. How many processes and sessions a service
 * may have depends on the kind of its daemon (service/service_kind.h). A daemon that dies is
 * started again on the next demand; one that dies before it served anybody only after
 * service_throttle_time. The only daemon that starts others, single-threaded, and the only one
 * that holds pid/master.pid and master.lock in data_directory.
 *
 * Options    -c  the configuration directory; default: MAIL_CONFIG, or the built-in one
 *            -w  started by a program that waits: descriptor 3 gets the line "ready" once all
 *                listeners are open, or lines that say what is wrong; leaves the terminal
 * Signals    HANGUP: read the configuration again; with an error the one before stays in force.
 *            USER1: mail comes in no more: services of type inet and pickup end when their sessions
 *            do, and nobody listens for them until a reload; what is queued is delivered
 *            TERMINATE: daemons get a moment to finish, then all end, postlogd last
 *            INTERRUPT: they do not get that moment
 * Hangs      when it hangs for 1000 seconds its watchdog ends it; daemons that see it gone retire
 * Exit       0 after TERMINATE or INTERRUPT, 1 when it cannot start or hung
 * Rights     stays what it was started as, root in production; touches pid/, private/, public/
 *            and data_directory
 * See        master_lifecycle.h for what can happen to a daemon
 */
#ifndef MASTER_MASTER_H
#define MASTER_MASTER_H

#include "sys/sys.h"

int master_main(struct sys *sys, int argc, char **argv);

#endif
