// SPDX-License-Identifier: ISC
#include "queue/queue_expiry.h"

#include "sys/clock.h"

int64_t queue_expiry_wall_ns(const struct conf *conf, const struct queue_envelope *envelope)
{
    int64_t lifetime_ns = conf_time_ns(conf, CONF_maximal_queue_lifetime);
    int64_t bounce_ns = conf_time_ns(conf, CONF_bounce_queue_lifetime);
    if (envelope->sender.size == 0 && bounce_ns < lifetime_ns) {
        lifetime_ns = bounce_ns;
    }
    return envelope->create_wall_s * SYS_SECOND_NS + lifetime_ns;
}
