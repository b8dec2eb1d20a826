// SPDX-License-Identifier: ISC
#include "world/fault.h"

#include "base/assert.h"
#include "base/err.h"
#include "sys/fs.h"
#include "world/descriptor.h"
#include "world/disk_inode.h"
#include "world/fiber.h"
#include "world/observer.h"
#include "world/process.h"
#include "world/socket.h"
#include "world/world_state.h"

enum { OBJECT_MAX = 2 * SYS_PATH_MAX };

struct waiting_fault {
    struct list in_machine;
    struct fault fault;
};

/* ---- what there is ------------------------------------------------------------------------- */

const char fault_call_names[] = "call"
#define FAULT_CALL(name, results) " " #name
#include "world/fault.def"
#undef FAULT_CALL
    ;

const char fault_result_words[] =
#define FAULT_RESULT(word, value) word " "
#include "world/fault.def"
#undef FAULT_RESULT
    ;

static const struct {
    struct str name;
    struct str results;
} calls[] = {
#define FAULT_CALL(name, results) {STR_INIT(#name), STR_INIT(results)},
#include "world/fault.def"
#undef FAULT_CALL
};
enum { CALL_COUNT = sizeof(calls) / sizeof(calls[0]) };

static const struct {
    struct str word;
    int value;
} results[] = {
#define FAULT_RESULT(word, value) {STR_INIT(word), value},
#include "world/fault.def"
#undef FAULT_RESULT
};
enum { RESULT_COUNT = sizeof(results) / sizeof(results[0]) };

struct str fault_call_name(int index)
{
    assert(index >= 0 && index <= CALL_COUNT);
    return index == 0 ? STR("") : calls[index - 1].name;
}

int fault_result_of(int index)
{
    assert(index >= 0 && index < RESULT_COUNT);
    return results[index].value;
}

struct str fault_results_for(struct str call)
{
    for (int i = 0; i < CALL_COUNT; i++) {
        if (str_equal(calls[i].name, call)) {
            return calls[i].results;
        }
    }
    unreachable(); /* every call is in fault.def */
}

int fault_result_find(struct str word)
{
    for (int i = 0; i < RESULT_COUNT; i++) {
        if (str_equal(results[i].word, word)) {
            return results[i].value;
        }
    }
    unreachable(); /* every word that fault.def uses is in it */
}

/* ---- objects ------------------------------------------------------------------------------- */

static void put_path_below(const struct disk_inode *directory, const char *path, struct buf *out)
{
    if (path[0] != '/' && directory != NULL) {
        disk_inode_path(directory, out);
        buf_put_char(out, '/');
    }
    buf_put(out, str_from(path));
}

static void put_socket(const struct socket *socket, struct buf *out)
{
    char text[SYS_ADDRESS_TEXT_MAX];
    const struct sys_address *address =
        socket->remote.family != SYS_FAMILY_NONE ? &socket->remote : &socket->local;
    if (address->family != SYS_FAMILY_NONE) {
        buf_put(out, str_from(sys_address_text(address, text)));
    }
}

void fault_object(const struct sys *sys, const struct fault_call *call, struct buf *out)
{
    const struct open_file *file = call->fd >= 0 ? descriptor_get(sys, call->fd) : NULL;
    if (call->path != NULL) {
        put_path_below(file != NULL ? file->inode : sys->directory, call->path, out);
    } else if (file != NULL && file->inode != NULL) {
        disk_inode_path(file->inode, out);
    } else if (file != NULL && file->socket != NULL) {
        put_socket(file->socket, out);
    } else {
        buf_put(out, call->text);
    }
}

/* ---- waiting ------------------------------------------------------------------------------- */

void fault_add(struct machine *machine, const struct fault *fault)
{
    struct waiting_fault *waiting = mem_alloc(machine->world->mem, sizeof(*waiting));
    waiting->fault = *fault;
    list_append(&machine->faults, &waiting->in_machine);
}

static void remove_fault(struct machine *machine, struct waiting_fault *waiting)
{
    list_remove(&waiting->in_machine);
    mem_free(machine->world->mem, waiting);
}

void fault_remove_all(struct machine *machine)
{
    list_each(node, &machine->faults)
    {
        remove_fault(machine, list_entry(node, struct waiting_fault, in_machine));
    }
    list_each(node, &machine->processes)
    {
        process_resume(list_entry(node, struct sys, in_machine));
    }
}

/* * in the pattern is any text. */
static bool fits_text(struct str pattern, struct str text)
{
    ptrdiff_t star = str_find(pattern, '*');
    if (star < 0) {
        return str_equal(pattern, text);
    }
    if (!str_starts_with(text, str_first(pattern, (size_t)star))) {
        return false;
    }
    pattern = str_skip(pattern, (size_t)star + 1);
    for (size_t size = (size_t)star; size <= text.size; size++) {
        if (fits_text(pattern, str_skip(text, size))) {
            return true;
        }
    }
    return false;
}

static bool fits_object(struct str pattern, const struct sys *sys, const struct fault_call *call)
{
    struct buf object;
    buf_init(&object, sys->world->mem, OBJECT_MAX);
    fault_object(sys, call, &object);
    struct str rest = buf_str(&object);
    bool fits = fits_text(pattern, rest);
    for (ptrdiff_t slash = str_find(rest, '/'); slash >= 0 && !fits; slash = str_find(rest, '/')) {
        rest = str_skip(rest, (size_t)slash + 1);
        fits = fits_text(pattern, rest);
    }
    buf_done(&object);
    return fits;
}

static bool waits_for(const struct fault *fault, const struct sys *sys,
                      const struct fault_call *call)
{
    return (fault->program.size == 0 || str_equal(fault->program, str_from(sys->program->file))) &&
           (fault->call.size == 0 || str_equal(fault->call, str_from(call->name))) &&
           (fault->object.size == 0 || fits_object(fault->object, sys, call));
}

/* Counts the call; true when the fault is due. */
static bool is_due(struct fault *fault)
{
    if (fault->skip > 0) {
        fault->skip--;
        return false;
    }
    fault->count -= fault->count == FAULT_ALWAYS ? 0 : 1;
    return true;
}

/* ---- effect -------------------------------------------------------------------------------- */

static void tell_struck(struct sys *sys, const struct fault *fault)
{
    list_each(node, &sys->world->observers)
    {
        struct observer *observer = list_entry(node, struct observer, in_world);
        if (observer->struck != NULL) {
            observer->struck(observer->argument, sys, fault);
        }
    }
}

static int take_effect(struct sys *sys, const struct fault *fault)
{
    tell_struck(sys, fault);
    switch (fault->effect) {
    case FAULT_FAIL:
        return fault->result;
    case FAULT_KILL:
        process_signal(sys, SYS_SIGNAL_KILL);
        break;
    case FAULT_HANG:
        process_suspend(sys, fault->hang_ns);
        fiber_yield(sys);
        break;
    case FAULT_STRIKE:
        fault->strike(fault->argument);
        break;
    }
    process_leave_if_ended(sys);
    return 0;
}

int fault_meet(struct sys *sys, const struct fault_call *call)
{
    struct fault due = {0};
    bool found = false;
    list_each(node, &sys->machine->faults)
    {
        struct waiting_fault *waiting = list_entry(node, struct waiting_fault, in_machine);
        if (waits_for(&waiting->fault, sys, call) && is_due(&waiting->fault) && !found) {
            found = true;
            due = waiting->fault;
        }
        if (waiting->fault.count == 0) {
            remove_fault(sys->machine, waiting);
        }
    }
    return found ? take_effect(sys, &due) : 0;
}
