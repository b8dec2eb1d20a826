// SPDX-License-Identifier: ISC
#include "host/host_replay.h"

#include <stdio.h>
#include <stdlib.h>

#include "explore/generate.h"
#include "host/host_files.h"
#include "host/host_options.h"
#include "host/host_run.h"
#include "world/draw.h"

enum { TEXT_MAX = 64 << 20, STATUS_USAGE = 2, STATUS_INTERNAL = 3 };

struct replay {
    struct mem *mem;
    const char *file; /* NULL: the world of the seed */
    struct host_run_options run;
    struct buf text;
    struct buf overrides;
};

static void usage(void)
{
    fprintf(stderr,
            "usage: postsim replay [--seed N] [--overrides FILE] [--trace FILE] SEED|FILE\n");
    exit(STATUS_USAGE);
}

static bool set_seed(void *command, const char *value)
{
    struct replay *r = command;
    r->run.seeded = true;
    return host_option_u64(value, &r->run.seed);
}

static bool set_trace(void *command, const char *value)
{
    struct replay *r = command;
    r->run.trace_file = value;
    return true;
}

static bool set_overrides(void *command, const char *value)
{
    struct replay *r = command;
    int number;
    if (!host_file_read(value, &r->overrides)) {
        perror(value);
        return false;
    }
    r->run.overrides = buf_str(&r->overrides);
    if (draw_check(r->run.overrides, &number) != 0) {
        fprintf(stderr, "postsim: %s:%d: expected SITE MACHINE INDEX VALUE\n", value, number);
        return false;
    }
    return true;
}

static const struct host_option options[] = {
    {"--seed", true, set_seed},
    {"--overrides", true, set_overrides},
    {"--trace", true, set_trace},
};
enum { OPTION_COUNT = sizeof(options) / sizeof(options[0]) };

static bool take_operand(void *command, const char *word)
{
    struct replay *r = command;
    uint64_t seed;
    if (host_option_u64(word, &seed)) {
        generate_scenario(seed, &r->text);
        return r->text.size > 0 && set_seed(r, word);
    }
    r->file = word;
    return host_file_read(word, &r->text);
}

static int play(const struct replay *r)
{
    struct buf bytes;
    struct report_result result;
    struct str failure;
    buf_init(&bytes, r->mem, TEXT_MAX);
    const struct host_run_case run_case = {r->file != NULL ? r->file : "seed", buf_str(&r->text),
                                           0};
    host_run(&r->run, &run_case, r->mem, &bytes);
    if (!host_run_read(buf_str(&bytes), &result)) {
        return STATUS_INTERNAL;
    }
    printf("%.*s\n\n%.*s\n", STR_ARG(result.name), STR_ARG(result.timeline));
    while (failure_next(&result.failures, &failure)) {
        printf("%.*s\n", STR_ARG(failure));
    }
    printf("%s, hash %016llx\n", report_outcome_name(result.outcome),
           (unsigned long long)result.hash);
    buf_done(&bytes);
    return result.outcome == REPORT_ERROR ? STATUS_USAGE : result.outcome == REPORT_FAIL ? 1 : 0;
}

static void run_out_of_memory(void *argument)
{
    (void)argument;
    fprintf(stderr, "postsim: out of memory\n");
    exit(STATUS_INTERNAL);
}

int host_replay_command(char **argv)
{
    struct replay r = {.run = {.program = argv[0], .world = "sim", .sweep = {.every = 1}}};
    r.run.timeline = true;
    r.mem = mem_create(0, run_out_of_memory, NULL);
    buf_init(&r.text, r.mem, TEXT_MAX);
    buf_init(&r.overrides, r.mem, TEXT_MAX);
    if (!host_options_read(options, OPTION_COUNT, argv + 2, &r, take_operand) || r.text.size == 0) {
        usage();
    }
    int status = play(&r);
    mem_destroy(r.mem);
    return status;
}
