// SPDX-License-Identifier: ISC
#include "scenario/run_process.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/assert.h"
#include "world/machine.h"
#include "world/process.h"

enum { ARGUMENT_MAX = 1 << 20, ARGUMENTS_FIRST = 32, PATH_BYTES = 300 };

/* NULL always stands behind the arguments. */
static void make_room(struct run_process *process)
{
    if (process->argc + 1 < process->argv_size) {
        return;
    }
    process->argv_size = process->argv_size > 0 ? 2 * process->argv_size : ARGUMENTS_FIRST;
    const char **argv =
        arena_alloc(&process->run->arena, (size_t)process->argv_size * sizeof(argv[0]));
    assert(argv != NULL);
    for (int i = 0; i < process->argc; i++) {
        argv[i] = process->argv[i];
    }
    process->argv = argv;
}

static void append(struct run_process *process, struct str argument)
{
    assert(argument.data != NULL);
    make_room(process);
    process->argv[process->argc++] = argument.data;
}

void run_process_init(struct run_process *process, struct run *run, struct machine *machine,
                      const char *program)
{
    *process = (struct run_process){.run = run, .machine = machine, .program = program};
    append(process, str_from(program));
}

void run_process_argument(struct run_process *process, const char *format, ...)
{
    struct buf text;
    va_list arguments;
    buf_init(&text, process->run->mem, ARGUMENT_MAX);
    va_start(arguments, format);
    buf_putv(&text, format, arguments);
    va_end(arguments);
    append(process, arena_copy(&process->run->arena, buf_str(&text)));
    buf_done(&text);
}

void run_process_option(struct run_process *process, const char *letter, struct str value)
{
    append(process, str_from(letter));
    append(process, arena_copy(&process->run->arena, value));
}

void run_process_append(struct run_process *process, struct str text)
{
    const char **last = &process->argv[process->argc - 1];
    struct str longer = arena_printf(&process->run->arena, "%s%.*s", *last, STR_ARG(text));
    assert(longer.data != NULL);
    *last = longer.data;
}

void run_process_zero(struct run_process *process)
{
    int64_t zero_ns = machine_wall_ns(process->machine) - world_now_ns(process->run->world);
    run_process_argument(process, "-z");
    run_process_argument(process, "%lld", (long long)zero_ns);
}

int run_process_start(const struct run_process *process)
{
    char path[PATH_BYTES];
    snprintf(path, sizeof(path), "/usr/libexec/postilion/%s", process->program);
    struct process_start start = {
        .path = path,
        .argv = process->argv,
        .user = process->user,
        .directory = process->machine == process->run->mta ? "/" : RUN_PEER_DIRECTORY,
        .input = process->input,
    };
    int pid = process_start(process->machine, &start);
    assert(pid > 0); /* the program is one of ours */
    return pid;
}
