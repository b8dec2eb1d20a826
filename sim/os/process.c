// SPDX-License-Identifier: ISC
#include "sys/process.h"

#include <stdio.h>
#include <string.h>

#include "os/call.h"
#include "world/descriptor.h"
#include "world/disk.h"
#include "world/disk_inode.h"
#include "world/fiber.h"
#include "world/process.h"

static int leave(struct sys *sys, const char *call, const char *text, int64_t number, int result)
{
    return (int)call_leave(sys, &(struct trace_record){
                                    .call = call,
                                    .numbers = {number},
                                    .text = str_from(text),
                                    .result = result,
                                });
}

/* ---- this process -------------------------------------------------------------------------- */

struct mem *sys_mem(struct sys *sys)
{
    return sys->mem;
}

void sys_exit(struct sys *sys, int status)
{
    call_enter(sys, "exit");
    process_end(sys, status & 0xff, 0);
    fiber_leave(sys->world);
}

int sys_detach(struct sys *sys)
{
    call_enter(sys, "detach");
    return leave(sys, "detach", "", 0, 0);
}

int sys_pid(struct sys *sys)
{
    call_count(sys);
    return sys->pid;
}

const char *sys_host_name(struct sys *sys)
{
    call_count(sys);
    return sys->machine->name;
}

const char *sys_environment(struct sys *sys, const char *name)
{
    size_t size = strlen(name);
    call_count(sys);
    for (char **entry = sys->environment; *entry != NULL; entry++) {
        if (strncmp(*entry, name, size) == 0 && (*entry)[size] == '=') {
            return *entry + size + 1;
        }
    }
    return NULL;
}

const char *sys_program_path(struct sys *sys)
{
    call_count(sys);
    return sys->path;
}

static int enter_root(struct sys *sys, const char *path)
{
    struct disk_view view = process_view(sys);
    struct disk_inode *directory;
    int error = disk_find_directory(&view, path, &directory);
    if (error != 0) {
        return error;
    }
    disk_inode_drop(sys->root);
    disk_inode_drop(sys->directory);
    disk_inode_share(directory);
    sys->root = directory;
    sys->directory = directory;
    return 0;
}

int sys_confine(struct sys *sys, const struct sys_confinement *confinement,
                char missing[SYS_MISSING_MAX])
{
    int result = call_enter_name(sys, "confine", STR(""));
    bool asks_more = confinement->root != NULL || confinement->user != NULL;
    if (result == 0 && asks_more && sys->rights.uid != 0) {
        result = -ERR_NOT_PERMITTED;
    }
    missing[0] = '\0';
    if (result == 0 && confinement->root != NULL) {
        result = enter_root(sys, confinement->root);
    }
    if (result == 0 && confinement->user != NULL) {
        sys->rights = process_rights_of(confinement->user);
    }
    return leave(sys, "confine", confinement->root != NULL ? confinement->root : "",
                 sys->rights.uid, result);
}

/* ---- children ------------------------------------------------------------------------------ */

int sys_spawn_prepare(struct sys *sys)
{
    int result = call_enter_name(sys, "spawn_prepare", STR(""));
    return leave(sys, "spawn_prepare", "", 0, result);
}

static int collect_descriptors(const struct sys *sys, const struct sys_spawn *spawn,
                               struct process_descriptor *descriptors)
{
    for (int i = 0; i < spawn->descriptor_count; i++) {
        descriptors[i].fd = spawn->descriptors[i].theirs;
        descriptors[i].file = descriptor_get(sys, spawn->descriptors[i].ours);
        if (descriptors[i].file == NULL) {
            return -ERR_BAD_DESCRIPTOR;
        }
    }
    return 0;
}

static int spawn_child(struct sys *sys, const struct sys_spawn *spawn,
                       struct process_descriptor *descriptors)
{
    struct process_rights rights = sys->rights;
    if (spawn->user != NULL) {
        bool same = spawn->user->uid == rights.uid && spawn->user->gid == rights.gid;
        if (rights.uid != 0 && !same) {
            return -ERR_NOT_PERMITTED;
        }
        rights = process_rights_of(spawn->user);
    }
    struct process_start start = {
        .path = spawn->path,
        .argv = spawn->argv,
        .environment = spawn->environment,
    };
    int error = collect_descriptors(sys, spawn, descriptors);
    return error != 0 ? error
                      : process_spawn(sys, &start, &rights, descriptors, spawn->descriptor_count);
}

int sys_spawn(struct sys *sys, const struct sys_spawn *spawn)
{
    int result = call_enter_name(sys, "spawn", str_from(spawn->path));
    struct process_descriptor *descriptors =
        mem_alloc(sys->mem, (size_t)spawn->descriptor_count * sizeof(descriptors[0]));
    if (result == 0) {
        result = spawn_child(sys, spawn, descriptors);
    }
    mem_free(sys->mem, descriptors);
    return leave(sys, "spawn", spawn->path, spawn->descriptor_count, result);
}

static struct sys *find_ended(const struct sys *sys, int pid)
{
    list_each(node, &sys->ended_children)
    {
        struct sys *child = list_entry(node, struct sys, in_parent);
        if (pid == 0 || child->pid == pid) {
            return child;
        }
    }
    return NULL;
}

static bool has_child(const struct sys *sys, int pid)
{
    if (pid == 0) {
        return sys->child_count > 0;
    }
    struct sys *child = process_find(sys->machine, pid);
    return child != NULL && child->parent_pid == sys->pid;
}

static int wait_child(struct sys *sys, int pid, struct sys_exit_status *status, int64_t deadline_ns)
{
    for (;;) {
        struct sys *child = find_ended(sys, pid);
        if (child != NULL) {
            *status = (struct sys_exit_status){child->pid, child->status, child->signal};
            process_forget(child);
            sys->child_count--;
            return 0;
        }
        if (!has_child(sys, pid)) {
            return -ERR_NO_PROCESS;
        }
        int error = fiber_wait(sys, &sys->child_waiters, -1, true, deadline_ns);
        if (error != 0) {
            return error;
        }
    }
}

int sys_wait_child(struct sys *sys, int pid, struct sys_exit_status *status, int64_t deadline_ns)
{
    call_enter(sys, "wait_child");
    int result = wait_child(sys, pid, status, deadline_ns);
    return leave(sys, "wait_child", "", result == 0 ? status->pid : pid, result);
}

/* ---- signals ------------------------------------------------------------------------------- */

enum { INIT_PID = 1 };

static int signal_other(struct sys *sys, int pid, enum sys_signal signal)
{
    struct sys *other = process_find(sys->machine, pid);
    if (other == NULL && pid != INIT_PID) {
        return -ERR_NO_PROCESS;
    }
    uint32_t uid = other != NULL ? other->rights.uid : 0;
    if (sys->rights.uid != 0 && sys->rights.uid != uid) {
        return -ERR_NOT_PERMITTED;
    }
    if (other != NULL) {
        process_signal(other, signal);
    }
    return 0;
}

int sys_kill(struct sys *sys, int pid, enum sys_signal signal)
{
    call_enter(sys, "kill");
    int result = signal_other(sys, pid, signal);
    return leave(sys, "kill", "", process_signal_number(signal), result);
}

int sys_process_exists(struct sys *sys, int pid)
{
    call_enter(sys, "process_exists");
    bool exists = pid == INIT_PID || process_find(sys->machine, pid) != NULL;
    return leave(sys, "process_exists", "", pid, exists ? 0 : -ERR_NO_PROCESS);
}

static int next_signal(struct sys *sys, int64_t deadline_ns)
{
    while (sys->signals_pending == 0) {
        int error = fiber_wait(sys, &sys->signal_waiters, -1, true, deadline_ns);
        if (error != 0) {
            return error;
        }
    }
    int signal = __builtin_ctz(sys->signals_pending);
    sys->signals_pending &= ~(1U << signal);
    return signal;
}

int sys_wait_signal(struct sys *sys, int64_t deadline_ns)
{
    call_enter(sys, "wait_signal");
    sys->takes_signals = true;
    return leave(sys, "wait_signal", "", 0, next_signal(sys, deadline_ns));
}
