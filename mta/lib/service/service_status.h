// SPDX-License-Identifier: ISC
/* service/service_status - what a daemon and master tell each other over the status channel
 *
 * The channel is a pair of connected unix stream sockets. A child reports when what master would
 * do about it changes: first client, full, free again, retiring, each end of a session after
 * that. Master says one thing: it ends its direction when the child shall retire, which is also
 * what the child sees when master has died. The child's end of file is its death.
 *
 * Shape     generation, free_count, busy_count, retiring (0, 1), 32 bits each, big-endian
 */
#ifndef SERVICE_SERVICE_STATUS_H
#define SERVICE_SERVICE_STATUS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attribute.h"
#include "base/err.h"
#include "base/str.h"

enum {
    SERVICE_STATUS_FD = 5,          /* the child's end of the channel */
    SERVICE_STATUS_LISTENER_FD = 6, /* its first listener */
    SERVICE_STATUS_BYTES = 16,
};

struct service_status {
    uint32_t generation; /* of the configuration the child was started with */
    uint32_t free_count; /* sessions it would take now */
    uint32_t busy_count; /* sessions it holds */
    bool retiring;       /* it accepts no more and ends after its sessions */
};

void service_status_write(const struct service_status *status, uint8_t bytes[SERVICE_STATUS_BYTES]);

/* The first report in bytes. PARSE_MORE when it is incomplete; PARSE_BAD when it is none. */
MUST_USE enum parse service_status_parse(struct str bytes, struct service_status *status);

#endif
