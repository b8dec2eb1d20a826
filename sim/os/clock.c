// SPDX-License-Identifier: ISC
#include "sys/clock.h"

#include "os/call.h"
#include "sys/fiber.h"
#include "world/fiber.h"
#include "world/process.h"

int64_t sys_now_ns(struct sys *sys)
{
    call_count(sys);
    return machine_now_ns(sys->machine);
}

int64_t sys_wall_ns(struct sys *sys)
{
    call_count(sys);
    return machine_wall_ns(sys->machine);
}

int sys_utc_offset_s(struct sys *sys, int64_t wall_ns UNUSED)
{
    call_count(sys);
    return sys->machine->utc_offset_s;
}

int sys_sleep_until(struct sys *sys, int64_t deadline_ns)
{
    call_enter(sys, "sleep_until");
    int error = fiber_wait(sys, NULL, -1, true, deadline_ns);
    return (int)call_leave(sys, &(struct trace_record){
                                    .call = "sleep_until",
                                    .numbers = {deadline_ns},
                                    .result = error == -ERR_TIMEOUT ? 0 : error,
                                });
}
