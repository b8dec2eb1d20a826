// SPDX-License-Identifier: ISC
#include "world/process.h"

#include <string.h>

#include "base/assert.h"
#include "world/descriptor.h"
#include "world/disk_inode.h"
#include "world/fiber.h"
#include "world/observer.h"
#include "world/world_state.h"

enum { FIRST_PID = 2 };

static const int signal_numbers[] = {
    [SYS_SIGNAL_NONE] = 0,      [SYS_SIGNAL_HANGUP] = 1, [SYS_SIGNAL_TERMINATE] = 15,
    [SYS_SIGNAL_INTERRUPT] = 2, [SYS_SIGNAL_KILL] = 9,   [SYS_SIGNAL_USER1] = 10,
};

int process_signal_number(enum sys_signal signal)
{
    return signal_numbers[signal];
}

/* ---- the table ----------------------------------------------------------------------------- */

/* Also finds those that ended and were not waited for: their pids are not free. */
static struct sys *find_any(const struct machine *machine, int pid)
{
    list_each(node, &machine->processes)
    {
        struct sys *sys = list_entry(node, struct sys, in_machine);
        if (sys->pid == pid) {
            return sys;
        }
    }
    return NULL;
}

struct sys *process_find(const struct machine *machine, int pid)
{
    struct sys *sys = find_any(machine, pid);
    return sys != NULL && !sys->ended ? sys : NULL;
}

static int next_pid(struct machine *machine)
{
    do {
        machine->last_pid = machine->last_pid < PROCESS_PID_MAX ? machine->last_pid + 1 : FIRST_PID;
    } while (find_any(machine, machine->last_pid) != NULL);
    return machine->last_pid;
}

struct sys *process_running(const struct world *world)
{
    return world->running != NULL ? world->running->sys : NULL;
}

struct disk_view process_view(const struct sys *sys)
{
    return (struct disk_view){.rights = &sys->rights, .root = sys->root, .here = sys->directory};
}

/* ---- birth --------------------------------------------------------------------------------- */

static void run_main(struct sys *sys, void *argument UNUSED)
{
    int status = sys->program->main(sys, sys->argc, sys->argv);
    process_end(sys, status & 0xff, 0);
    fiber_leave(sys->world);
}

static void run_out_of_memory(void *argument)
{
    struct sys *sys = argument;
    process_end(sys, -1, signal_numbers[SYS_SIGNAL_KILL]);
    fiber_leave(sys->world);
}

static char **copy_texts(struct mem *mem, const char *const *texts, int *count)
{
    *count = 0;
    while (texts != NULL && texts[*count] != NULL) {
        (*count)++;
    }
    char **copy = mem_alloc(mem, ((size_t)*count + 1) * sizeof(copy[0]));
    for (int i = 0; i < *count; i++) {
        copy[i] = mem_copy_str(mem, str_from(texts[i]));
    }
    return copy;
}

static void copy_start(struct sys *sys, const struct process_start *start)
{
    int environment_count;
    sys->path = mem_copy_str(sys->mem, str_from(start->path));
    sys->argv = copy_texts(sys->mem, start->argv, &sys->argc);
    sys->environment = copy_texts(sys->mem, start->environment, &environment_count);
    sys->input = str_of(mem_copy_str(sys->mem, start->input), start->input.size);
}

static struct sys *new_process(struct machine *machine, const struct world_program *program,
                               const struct process_start *start)
{
    struct mem *mem = machine->world->mem;
    struct sys *sys = mem_alloc(mem, sizeof(*sys));
    sys->world = machine->world;
    sys->machine = machine;
    sys->program = program;
    sys->pid = next_pid(machine);
    sys->parent_pid = 1;
    sys->log_fd = -1;
    const struct machine_limits *limits = machine_limits_of(machine, str_from(program->file));
    sys->descriptor_max = limits->descriptor_max;
    sys->mem = mem_create(limits->memory_max, run_out_of_memory, sys);
    copy_start(sys, start);
    list_init(&sys->fibers);
    list_init(&sys->held);
    list_init(&sys->signal_waiters);
    list_init(&sys->child_waiters);
    list_init(&sys->ended_children);
    list_init(&sys->in_parent);
    buf_init(&sys->output, mem, PROCESS_OUTPUT_MAX);
    buf_init(&sys->error_output, mem, PROCESS_OUTPUT_MAX);
    list_append(&machine->processes, &sys->in_machine);
    machine->process_count++;
    return sys;
}

static void set_directories(struct sys *sys, struct disk_inode *root, struct disk_inode *directory)
{
    disk_inode_share(root);
    disk_inode_share(directory);
    sys->root = root;
    sys->directory = directory;
    struct buf path;
    buf_init(&path, sys->mem, SYS_PATH_MAX);
    disk_inode_path(directory, &path);
    sys->start_directory = path.size > 0 ? buf_text(&path) : "/";
}

/* Only a world out of stacks can make this fail. */
static int start_main(struct sys *sys)
{
    struct fiber *fiber = fiber_new(sys, run_main, NULL);
    assert(fiber != NULL);
    trace_add(sys->world, sys,
              &(struct trace_record){.call = "start", .text = str_from(sys->path)});
    return sys->pid;
}

static int find_program(const struct machine *machine, const char *path,
                        const struct world_program **program)
{
    struct str file = str_from(path);
    *program =
        world_program_find(machine->world, str_skip(file, (size_t)(str_find_last(file, '/') + 1)));
    if (*program == NULL) {
        return -ERR_NOT_FOUND;
    }
    return machine->process_count < machine->process_max ? 0 : -ERR_TOO_MANY_PROCESSES;
}

struct process_rights process_rights_of(const struct sys_user *user)
{
    struct process_rights rights = {0};
    if (user != NULL) {
        rights.uid = user->uid;
        rights.gid = user->gid;
        rights.group_count = user->group_count;
        memcpy(rights.groups, user->groups, sizeof(rights.groups));
    }
    return rights;
}

static void take_rights(struct sys *sys, const struct process_rights *rights)
{
    sys->rights = *rights;
    sys->rights.gid = machine_group_of(sys->machine, str_from(sys->program->file), rights->gid);
}

int process_start(struct machine *machine, const struct process_start *start)
{
    const struct world_program *program;
    int error = find_program(machine, start->path, &program);
    if (error != 0) {
        return error;
    }
    struct disk_inode *root = disk_root(machine->disk);
    struct disk_view view = {.root = root, .here = root};
    struct disk_inode *directory;
    error =
        disk_find_directory(&view, start->directory != NULL ? start->directory : "/", &directory);
    if (error != 0) {
        return error;
    }
    struct sys *sys = new_process(machine, program, start);
    set_directories(sys, root, directory);
    disk_inode_drop(directory);
    struct process_rights rights = process_rights_of(start->user);
    take_rights(sys, &rights);
    for (int fd = 0; fd <= 2; fd++) {
        descriptor_set(sys, fd, open_file_new(sys->world, OPEN_FILE_TERMINAL, NULL, NULL, 0));
    }
    return start_main(sys);
}

/* 0, 1 and 2 are the parent's where the caller gave none. */
static void inherit_standard(struct sys *parent, struct sys *child)
{
    for (int fd = 0; fd <= 2; fd++) {
        struct open_file *file = descriptor_get(parent, fd);
        if (file != NULL && descriptor_get(child, fd) == NULL) {
            open_file_share(file);
            descriptor_set(child, fd, file);
        }
    }
}

int process_spawn(struct sys *parent, const struct process_start *start,
                  const struct process_rights *rights, const struct process_descriptor *descriptors,
                  int descriptor_count)
{
    const struct world_program *program;
    int error = find_program(parent->machine, start->path, &program);
    if (error != 0) {
        return error;
    }
    struct sys *sys = new_process(parent->machine, program, start);
    sys->parent_pid = parent->pid;
    parent->child_count++;
    set_directories(sys, parent->root, parent->directory);
    take_rights(sys, rights);
    for (int i = 0; i < descriptor_count; i++) {
        open_file_share(descriptors[i].file);
        descriptor_set(sys, descriptors[i].fd, descriptors[i].file);
    }
    inherit_standard(parent, sys);
    return start_main(sys);
}

/* ---- standstill ---------------------------------------------------------------------------- */

static void time_is_over(struct event *event)
{
    process_resume(list_entry(event, struct sys, resume));
}

/* The clock may have become slower meanwhile. */
static void check_lateness(struct event *event)
{
    struct sys *sys = list_entry(event, struct sys, lateness);
    if (sys->late_ns <= machine_now_ns(sys->machine)) {
        sys->late(sys);
    } else {
        event_add(sys->world, event, machine_world_ns(sys->machine, sys->late_ns), check_lateness);
    }
}

/* It takes no time to compute: until now it was at its event loop. */
static void begin_lateness(struct sys *sys)
{
    if (sys->late != NULL) {
        sys->late_ns = machine_now_ns(sys->machine) + sys->watch_ns;
        event_add(sys->world, &sys->lateness, machine_world_ns(sys->machine, sys->late_ns),
                  check_lateness);
    }
}

void process_watch(struct sys *sys, int64_t timeout_ns, void (*late)(struct sys *sys))
{
    sys->watch_ns = timeout_ns;
    sys->late = late;
}

bool process_is_watched(const struct sys *sys)
{
    return sys->late != NULL;
}

int64_t process_standstill_ns(const struct sys *sys, int64_t time_ns)
{
    if (sys->late == NULL) {
        return time_ns;
    }
    int64_t late_ns = machine_now_ns(sys->machine) + sys->watch_ns;
    int64_t allowed_ns = machine_world_ns(sys->machine, late_ns) - sys->world->now_ns;
    return allowed_ns < time_ns ? allowed_ns : time_ns;
}

void process_suspend(struct sys *sys, int64_t time_ns)
{
    if (sys->ended || sys->suspended) {
        return;
    }
    trace_note(sys->world, sys, "%s hangs", sys->program->file);
    fiber_hold_all(sys);
    int64_t end_ns;
    if (!__builtin_add_overflow(sys->world->now_ns, time_ns, &end_ns) && time_ns < INT64_MAX) {
        event_add(sys->world, &sys->resume, end_ns, time_is_over);
    }
    begin_lateness(sys); /* behind that: who goes on in time is not late */
}

void process_resume(struct sys *sys)
{
    if (sys->suspended) {
        event_remove(sys->world, &sys->resume);
        event_remove(sys->world, &sys->lateness);
        fiber_release_all(sys);
    }
}

/* ---- death --------------------------------------------------------------------------------- */

static void close_descriptors(struct sys *sys, bool silent)
{
    for (int fd = 0; fd < sys->descriptor_count; fd++) {
        struct open_file *file = descriptor_take(sys, fd);
        if (file != NULL) {
            open_file_drop(file, silent);
        }
    }
    disk_inode_drop(sys->directory);
    disk_inode_drop(sys->root);
}

/* The fiber that is running stays until it has left its stack. Fibers wait in lists on each
 * other's stacks, so all leave their lists before the first stack goes. */
static void stop_fibers(struct sys *sys)
{
    event_remove(sys->world, &sys->resume);
    event_remove(sys->world, &sys->lateness);
    list_each(node, &sys->fibers)
    {
        fiber_detach(list_entry(node, struct fiber, in_process));
    }
    list_each(node, &sys->fibers)
    {
        struct fiber *fiber = list_entry(node, struct fiber, in_process);
        if (fiber != fiber_running(sys->world)) {
            fiber_free(fiber);
        }
    }
}

static void free_process(struct sys *sys)
{
    event_remove(sys->world, &sys->reap);
    list_remove(&sys->in_machine);
    list_remove(&sys->in_parent);
    sys->machine->process_count--;
    mem_free(sys->world->mem, sys);
}

static void (*say_farewell)(void);

void process_set_farewell(void (*farewell)(void))
{
    say_farewell = farewell;
}

static void release_memory(struct sys *sys)
{
    stop_fibers(sys);
    if (say_farewell != NULL) {
        say_farewell();
    }
    mem_destroy(sys->mem);
    sys->mem = NULL;
    mem_free(sys->world->mem, sys->descriptors);
    sys->descriptors = NULL;
    sys->descriptor_count = 0;
    buf_done(&sys->output);
    buf_done(&sys->error_output);
}

/* Soon after the end, when none of its code is on a stack in use any more. */
static void reap(struct event *event)
{
    struct sys *sys = list_entry(event, struct sys, reap);
    release_memory(sys);
    if (sys->forgotten) {
        free_process(sys);
    }
}

void process_forget(struct sys *child)
{
    list_remove(&child->in_parent);
    child->forgotten = true;
    if (!event_is_waiting(&child->reap)) {
        free_process(child);
    }
}

static void leave_children(struct sys *sys)
{
    list_each(node, &sys->machine->processes)
    {
        struct sys *child = list_entry(node, struct sys, in_machine);
        if (child->parent_pid == sys->pid) {
            child->parent_pid = 1;
            if (child->ended) {
                process_forget(child);
            }
        }
    }
}

static void tell_parent(struct sys *sys)
{
    struct sys *parent = process_find(sys->machine, sys->parent_pid);
    if (parent == NULL) {
        sys->forgotten = true;
        return;
    }
    list_append(&parent->ended_children, &sys->in_parent);
    fiber_wake_all(&parent->child_waiters, 0);
}

void process_end(struct sys *sys, int status, int signal)
{
    if (sys->ended) {
        return;
    }
    sys->ended = true;
    sys->status = status;
    sys->signal = signal;
    trace_add(sys->world, sys,
              &(struct trace_record){.call = "end", .numbers = {signal}, .result = status});
    list_each(node, &sys->world->observers)
    {
        struct observer *observer = list_entry(node, struct observer, in_world);
        if (observer->ended != NULL) {
            observer->ended(observer->argument, sys);
        }
    }
    stop_fibers(sys);
    close_descriptors(sys, false);
    leave_children(sys);
    tell_parent(sys);
    event_add(sys->world, &sys->reap, sys->world->now_ns, reap);
}

void process_vanish(struct sys *sys)
{
    if (!sys->ended) {
        sys->ended = true;
        sys->status = -1;
        sys->signal = signal_numbers[SYS_SIGNAL_KILL];
        stop_fibers(sys);
        close_descriptors(sys, true);
        event_add(sys->world, &sys->reap, sys->world->now_ns, reap);
    }
    if (sys->world->running == NULL && sys->mem != NULL) {
        release_memory(sys);
        event_remove(sys->world, &sys->reap);
    }
    process_forget(sys);
}

void process_leave_if_ended(struct sys *sys)
{
    struct world *world = sys->world;
    if (world->running != NULL && world->running->sys == sys &&
        (sys->ended || world->fault != WORLD_FAULT_NONE)) {
        fiber_leave(world);
    }
}

/* ---- signals ------------------------------------------------------------------------------- */

void process_signal(struct sys *sys, enum sys_signal signal)
{
    if (sys->ended || signal == SYS_SIGNAL_NONE) {
        return;
    }
    if (signal == SYS_SIGNAL_KILL || !sys->takes_signals) {
        process_end(sys, -1, signal_numbers[signal]);
        return;
    }
    sys->signals_pending |= 1U << signal;
    fiber_wake_all(&sys->signal_waiters, 0);
}
