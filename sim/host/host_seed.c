// SPDX-License-Identifier: ISC
#include "host/host_seed.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "explore/generate.h"
#include "host/host_files.h"
#include "host/host_run.h"
#include "host/host_twice.h"
#include "world/world_state.h"

enum {
    TEXT_MAX = 64 << 20,
    PATH_BYTES = 1000,
    EXIT_INTERNAL_ERROR = 3,
};

struct seed_run {
    const struct host_seed_options *options;
    uint64_t seed;
    struct mem *mem;
    char path[PATH_BYTES]; /* of the scenario, whether it is written or not */
    struct buf text;
    struct buf overrides;
    struct buf failures; /* a line each */
    struct goal_watch watch;
    struct tally_result result;
};

/* ---- artefacts ----------------------------------------------------------------------------- */

static void put_path(const struct seed_run *s, const char *name, char path[PATH_BYTES])
{
    const char *directory = s->options->directory != NULL ? s->options->directory : ".";
    snprintf(path, PATH_BYTES, "%s/seed-%llu/%s", directory, (unsigned long long)s->seed, name);
}

static void give_up(const char *path)
{
    perror(path);
    exit(EXIT_INTERNAL_ERROR);
}

static void write_artefact(const struct seed_run *s, const char *name, struct str content)
{
    char path[PATH_BYTES];
    put_path(s, name, path);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0 || !host_file_write(fd, content)) {
        give_up(path);
    }
    close(fd);
}

static void write_artefacts(struct seed_run *s)
{
    char directory[PATH_BYTES];
    put_path(s, "", directory);
    (void)mkdir(directory, 0755); /* it may be there already; a file in it will tell */
    struct buf command;
    buf_init(&command, s->mem, TEXT_MAX);
    buf_putf(&command, "%s run --seed %llu %s\n", s->options->program, (unsigned long long)s->seed,
             s->path);
    write_artefact(s, "scenario.scn", buf_str(&s->text));
    write_artefact(s, "overrides", buf_str(&s->overrides));
    write_artefact(s, "failure", buf_str(&s->failures));
    write_artefact(s, "command", buf_str(&command));
    buf_done(&command);
}

/* ---- the run ------------------------------------------------------------------------------- */

static void begun(void *argument, struct run *run)
{
    struct seed_run *s = argument;
    goal_watch_begin(&s->watch, run);
}

static void judged(void *argument, struct run *run)
{
    struct seed_run *s = argument;
    goal_watch_end(&s->watch);
    s->result.calls = (int64_t)run->world->trace.count;
    if (run->failures.count > 0) {
        draw_write(run->world, &s->overrides);
    }
}

static void play(struct seed_run *s, const char *trace_file, struct report_result *result,
                 struct buf *bytes)
{
    const struct host_run_options options = {
        .program = s->options->program,
        .seeded = true,
        .seed = s->seed,
        .world = "sim",
        .trace_file = trace_file,
        .begun = trace_file == NULL ? begun : NULL,
        .judged = trace_file == NULL ? judged : NULL,
        .argument = s,
    };
    const struct host_run_case run_case = {s->path, buf_str(&s->text), 0};
    host_run(&options, &run_case, s->mem, bytes);
    if (!host_run_read(buf_str(bytes), result)) {
        give_up(s->path);
    }
}

static void take_result(struct seed_run *s, const struct report_result *result)
{
    s->result.seed = s->seed;
    s->result.passed = result->outcome == REPORT_PASS;
    s->result.hash = result->hash;
    s->result.virtual_ms = result->virtual_ns / 1000000;
    s->result.wall_us = result->wall_ns / 1000;
    memcpy(s->result.reached, s->watch.reached, sizeof(s->result.reached));
    struct str rest = result->failures;
    struct str failure;
    while (failure_next(&rest, &failure)) {
        buf_putf(&s->failures, "%.*s\n", STR_ARG(failure));
    }
}

static void compare_hashes(struct seed_run *s)
{
    char seeds[PATH_BYTES];
    snprintf(seeds, sizeof(seeds), "%llu", (unsigned long long)s->seed);
    char *const again[] = {(char[]){"postsim"}, (char[]){"explore"},
                           (char[]){"--seeds"}, seeds,
                           (char[]){"--again"}, NULL};
    uint64_t hash = 0;
    if (!host_twice_hash(again, &hash) || hash != s->result.hash) {
        s->result.passed = false;
        buf_putf(&s->failures, "run twice: the hash is %016llx here, %016llx in a second process\n",
                 (unsigned long long)s->result.hash, (unsigned long long)hash);
    }
}

static void begin(struct seed_run *s, const struct host_seed_options *options, uint64_t seed,
                  struct mem *mem)
{
    *s = (struct seed_run){.options = options, .seed = seed, .mem = mem};
    put_path(s, "scenario.scn", s->path);
    buf_init(&s->text, mem, TEXT_MAX);
    buf_init(&s->overrides, mem, TEXT_MAX);
    buf_init(&s->failures, mem, TEXT_MAX);
    generate_scenario(seed, &s->text);
}

static void end(struct seed_run *s, struct buf *out)
{
    tally_result_write(&s->result, out);
    buf_put(out, buf_str(&s->failures));
    buf_done(&s->text);
    buf_done(&s->overrides);
    buf_done(&s->failures);
}

/* Once more, now that it is worth a trace. */
static void write_trace(struct seed_run *s)
{
    char path[PATH_BYTES];
    struct buf bytes;
    struct report_result result;
    put_path(s, "trace", path);
    (void)unlink(path);
    buf_init(&bytes, s->mem, TEXT_MAX);
    play(s, path, &result, &bytes);
    buf_done(&bytes);
}

void host_seed_run(const struct host_seed_options *options, uint64_t seed, struct mem *mem,
                   struct buf *out)
{
    struct seed_run s;
    struct report_result result;
    struct buf bytes;
    begin(&s, options, seed, mem);
    buf_init(&bytes, mem, TEXT_MAX);
    play(&s, NULL, &result, &bytes);
    take_result(&s, &result);
    buf_done(&bytes);
    if (options->twice) {
        compare_hashes(&s);
    }
    if (!s.result.passed && options->directory != NULL) {
        write_artefacts(&s);
        write_trace(&s);
    }
    end(&s, out);
}

void host_seed_died(const struct host_seed_options *options, uint64_t seed, const char *died,
                    struct mem *mem, struct buf *out)
{
    struct seed_run s;
    begin(&s, options, seed, mem);
    s.result.seed = seed;
    buf_putf(&s.failures, "%s\n", died);
    if (options->directory != NULL) {
        write_artefacts(&s);
    }
    end(&s, out);
}
