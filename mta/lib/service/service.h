// SPDX-License-Identifier: ISC
/* service/service - what every daemon does around its work
 *
 * A daemon is a table of hooks and one call:
 *
 *     static const struct service_options options = {
 *         .program = "discard",
 *         .serve = serve,
 *     };
 *
 *     int discard_main(struct sys *sys, int argc, char **argv)
 *     {
 *         return service_run(sys, argc, argv, &options);
 *     }
 *
 * Order     arguments, configuration and log, working directory = queue_directory, `open` hook
 *           (with the rights it was started with), confinement, `ready` hook, service until
 *           retirement, `close` hook, exit
 * Kinds     by program name, see service/service_kind.h; a solitary daemon locks
 *           pid/TRANSPORT.NAME first, so that there is never a second one at work
 * Input     `serve` for streams: one fiber and one arena a connection; `trigger` for streams of
 *           one-byte requests, with `answer` for questions on the same socket; `receive` for datagrams. Exactly one of the three is set.
 * Retires   when master says so or is gone, after max_use sessions, after max_idle without any
 *           (solitary daemons only in the first case), or by service_retire(). Then no
 *           connection is accepted any more, sessions finish, idle ones are canceled.
 * Hangs     a process that hangs, in a call or in a loop, ends with "fatal: watchdog timeout"; its
 *           clients see that the connection is gone, and master starts another
 * Overload  a process that holds its share of sessions leaves further clients to the listen
 *           queue, where another process or its own next free place finds them. One that runs
 *           out of descriptors answers with `refuse`, or waits when it has none; both go on by
 *           themselves.
 * Limits    sessions at once: what master grants (-l); of each: session_bytes_max,
 *           stream_bytes_max, session_descriptors
 * Rights    started with -u: mail_owner after confinement; with -R: queue_directory is the root
 * Blocks    hooks may, unless they are marked instant
 */
#ifndef SERVICE_SERVICE_H
#define SERVICE_SERVICE_H

#include "base/arena.h"
#include "conf/param.h"
#include "stream/stream.h"
#include "sys/fiber.h"
#include "sys/net.h"
#include "sys/sys.h"

struct conf;
struct log;

/* A running daemon. The daemon reads all fields and writes only state. */
struct service {
    struct sys *sys;
    const struct conf *conf;
    struct log *log;
    const char *name;       /* of the service: first column of master.cf, e.g. "relay" */
    const char *transport;  /* "inet", "unix" or "unix-dgram" */
    int verbose_count;      /* how many -v */
    char *const *arguments; /* what master.cf has after the daemon's options */
    int argument_count;
    bool retiring;
    struct sys_event changed;    /* of the skeleton: there may be something to report or to end */
    struct sys_group background; /* for fibers that live as long as the process: start them in
                                    `ready`; canceled and joined before `close` */
    void *state;                 /* the daemon's own */
};

/* One connection. It ends when `serve` returns; the skeleton flushes and closes the stream and
 * releases the arena. */
struct service_session {
    struct service *service;
    struct sys *sys;
    struct arena arena;   /* for all that the session needs */
    struct stream stream; /* over the connection; without timeouts until `serve` sets them */
    struct sys_address peer;
};

struct service_options {
    const char *program;      /* file name, as in mta/programs.def */
    size_t session_bytes_max; /* of a session's arena; 0 = 1 MiB */
    size_t stream_bytes_max;  /* of each of its stream's two buffers; 0 = 64 KiB */
    int session_descriptors;  /* that one session may hold at once, its own included; 0 = 4 */

    /* How long the process may be away from its event loop before its watchdog ends it; 0 =
     * daemon_timeout. */
    enum conf_param watchdog_timeout;

    /* Opens tables, directories, sockets before rights are given up. 0, or a negative error after
     * it has logged why; the process then ends. May be NULL. */
    int (*open)(struct service *service);
    /* Starts background fibers, after confinement. As open. May be NULL. */
    int (*ready)(struct service *service);
    /* Releases what open and ready acquired, also when one of them failed half-way; nothing else
     * runs any more. May be NULL. */
    void (*close)(struct service *service);

    void (*serve)(struct service_session *session);
    /* The bytes of one trigger connection, in order, repetitions included; at most
     * SERVICE_TRIGGER_BYTES_MAX. Must be short: tells a background fiber what to do. */
    void (*trigger)(struct service *service, struct str requests);
    /* A client of a trigger service that sends '?', text and a newline asks something: puts the
     * answer into the session's stream. May be NULL. Must be short. */
    void (*answer)(struct service_session *session, struct str question);
    /* The datagram socket fd has something to read: read until there is nothing left. */
    void (*receive)(struct service *service, int fd);

    /* Tells a client that there is no place for it. May be NULL. */
    void (*refuse)(struct service *service, int fd, int64_t deadline_ns);
};

enum { SERVICE_TRIGGER_BYTES_MAX = 512 };

/* Runs the daemon. Returns its exit status. */
int service_run(struct sys *sys, int argc, char **argv, const struct service_options *options);

/* Waits for the next request of a client that may stay connected in between: 0 when there
 * is input or its end, -ERR_TIMEOUT, or -ERR_CANCELED when the process retires and the client has
 * had a request: end the session then, no work is lost. Pending output is sent first. Waiting. */
MUST_USE int service_wait_request(struct service_session *session, int64_t deadline_ns);

/* Ends the process when its sessions are over, e.g. because a table it opened has changed. The
 * next client gets a new process. Instant. */
void service_retire(struct service *service);

#endif
