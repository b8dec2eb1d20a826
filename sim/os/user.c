// SPDX-License-Identifier: ISC
#include "sys/user.h"

#include "os/call.h"
#include "world/process.h"

static int leave(struct sys *sys, const char *call, const char *name, int64_t number, int result)
{
    return (int)call_leave(sys, &(struct trace_record){
                                    .call = call,
                                    .numbers = {number},
                                    .text = str_from(name),
                                    .result = result,
                                });
}

static const struct machine_user *find_uid(const struct machine *machine, uint32_t uid)
{
    for (int i = 0; i < machine->user_count; i++) {
        if (machine->users[i].user.uid == uid) {
            return &machine->users[i];
        }
    }
    return NULL;
}

static const struct machine_user *find_group(const struct machine *machine, const char *name)
{
    for (int i = 0; i < machine->user_count; i++) {
        if (str_equal(str_from(machine->users[i].group), str_from(name))) {
            return &machine->users[i];
        }
    }
    return NULL;
}

static int found(const struct machine *machine, const struct machine_user *entry)
{
    if (machine->user_service_down) {
        return -ERR_UNAVAILABLE;
    }
    return entry != NULL ? 0 : -ERR_NOT_FOUND;
}

int sys_user_find(struct sys *sys, const char *name, struct sys_user *user)
{
    int result = call_enter_name(sys, "user_find", str_from(name));
    const struct machine_user *entry = machine_find_user(sys->machine, str_from(name));
    if (result == 0) {
        result = found(sys->machine, entry);
    }
    if (result == 0) {
        *user = entry->user;
    }
    return leave(sys, "user_find", name, 0, result);
}

int sys_user_find_uid(struct sys *sys, uint32_t uid, struct sys_user *user)
{
    int result = call_enter_name(sys, "user_find_uid", STR(""));
    const struct machine_user *entry = find_uid(sys->machine, uid);
    if (result == 0) {
        result = found(sys->machine, entry);
    }
    if (result == 0) {
        *user = entry->user;
    }
    return leave(sys, "user_find_uid", "", uid, result);
}

int sys_group_find(struct sys *sys, const char *name, uint32_t *gid)
{
    int result = call_enter_name(sys, "group_find", str_from(name));
    const struct machine_user *entry = find_group(sys->machine, name);
    if (result == 0) {
        result = found(sys->machine, entry);
    }
    if (result == 0) {
        *gid = entry->user.gid;
    }
    return leave(sys, "group_find", name, 0, result);
}

uint32_t sys_effective_uid(struct sys *sys)
{
    call_count(sys);
    return sys->rights.uid;
}

uint32_t sys_effective_gid(struct sys *sys)
{
    call_count(sys);
    return sys->rights.gid;
}
