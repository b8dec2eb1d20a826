// SPDX-License-Identifier: ISC
#include "base/assert.h"
#include "os/call.h"
#include "os/log.h"
#include "sys/process.h"
#include "world/process.h"

static void end_late(struct sys *sys)
{
    struct str line = sys->watch.last_line(sys->watch.argument, machine_wall_ns(sys->machine));
    log_line(sys, line);
    process_end(sys, 1, 0);
}

void sys_watch(struct sys *sys, const struct sys_watch *watch)
{
    assert(watch->timeout_ns > 0);
    call_enter(sys, "watch");
    sys->watch = *watch;
    process_watch(sys, watch->timeout_ns, end_late);
    (void)call_leave(
        sys, &(struct trace_record){.call = "watch", .numbers = {watch->timeout_ns}, .result = 0});
}
