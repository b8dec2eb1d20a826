// SPDX-License-Identifier: ISC
#include "host/host_shrink.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "explore/generate.h"
#include "explore/shrink.h"
#include "host/host_files.h"
#include "host/host_jobs.h"
#include "host/host_options.h"
#include "host/host_run.h"
#include "world/draw.h"
#include "world/world_state.h"

enum {
    TEXT_MAX = 64 << 20,
    SECONDS_DEFAULT = 60,
    CPU_SECONDS_MAX = 20, /* of the first try */
    CPU_TIMES_MAX = 4,    /* what takes so much longer than that is no smaller failure */
    STATUS_USAGE = 2,
    STATUS_INTERNAL = 3,
};

#define SECOND_NS INT64_C(1000000000)

struct shrinking {
    struct mem *mem;
    const char *file; /* NULL: the world of the seed */
    const char *out;
    bool seeded;
    uint64_t seed;
    int seconds;
    int64_t end_ns;
    int cpu_seconds_max; /* of a try */
    int tries;
    bool shows_progress;
    struct buf text; /* smallest so far */
    struct buf kind; /* of the failure */
};

/* ---- command line -------------------------------------------------------------------------- */

static void usage(void)
{
    fprintf(stderr, "usage: postsim shrink [--seed N] [--out FILE] [--seconds N] SEED|FILE\n");
    exit(STATUS_USAGE);
}

static bool set_seed(void *command, const char *value)
{
    struct shrinking *s = command;
    s->seeded = true;
    return host_option_u64(value, &s->seed);
}

static bool set_out(void *command, const char *value)
{
    struct shrinking *s = command;
    s->out = value;
    return true;
}

static bool set_seconds(void *command, const char *value)
{
    struct shrinking *s = command;
    return host_option_number(value, &s->seconds) && s->seconds > 0;
}

static const struct host_option options[] = {
    {"--seed", true, set_seed},
    {"--out", true, set_out},
    {"--seconds", true, set_seconds},
};
enum { OPTION_COUNT = sizeof(options) / sizeof(options[0]) };

static bool take_operand(void *command, const char *word)
{
    struct shrinking *s = command;
    if (s->text.size > 0) {
        return false;
    }
    if (set_seed(command, word)) {
        generate_scenario(s->seed, &s->text);
        return true;
    }
    s->seeded = false;
    s->file = word;
    return host_file_read(word, &s->text);
}

/* ---- one try ------------------------------------------------------------------------------- */

struct attempt {
    struct shrinking *shrinking;
    struct str text;
    bool seeded;
    struct buf draws;  /* in the job's process: what was drawn */
    struct buf result; /* kind of the first failure, newline, draws; empty: all held */
};

static void judged(void *argument, struct run *run)
{
    struct attempt *attempt = argument;
    draw_write(run->world, &attempt->draws);
}

static void run_attempt(void *argument, int index, struct buf *out)
{
    struct attempt *attempt = argument;
    const struct shrinking *s = attempt->shrinking;
    const rlim_t seconds = (rlim_t)s->cpu_seconds_max;
    const struct rlimit limit = {seconds, seconds};
    (void)setrlimit(RLIMIT_CPU, &limit); /* without it a try takes longer */
    buf_init(&attempt->draws, s->mem, TEXT_MAX);
    const struct host_run_options run_options = {
        .program = "postsim",
        .seeded = attempt->seeded,
        .seed = s->seed,
        .world = "sim",
        .judged = judged,
        .argument = attempt,
    };
    const struct host_run_case run_case = {s->file != NULL ? s->file : "seed", attempt->text,
                                           index};
    struct buf bytes;
    struct report_result result;
    struct str failure;
    buf_init(&bytes, s->mem, TEXT_MAX);
    host_run(&run_options, &run_case, s->mem, &bytes);
    if (host_run_read(buf_str(&bytes), &result) && result.outcome == REPORT_FAIL &&
        failure_next(&result.failures, &failure)) {
        buf_put(out, shrink_kind(failure));
        buf_put_char(out, '\n');
        buf_put(out, buf_str(&attempt->draws));
    }
    buf_done(&bytes);
}

static void take_attempt(void *argument, int index, struct str out, const char *died)
{
    struct attempt *attempt = argument;
    (void)index;
    if (died[0] != '\0') {
        buf_putf(&attempt->result, "%s\n", died);
    } else {
        buf_put(&attempt->result, out);
    }
}

static void try(struct attempt *attempt)
{
    struct shrinking *s = attempt->shrinking;
    buf_init(&attempt->result, s->mem, TEXT_MAX);
    struct host_jobs jobs = {
        .count = 1,
        .parallel = 1,
        .mem = s->mem,
        .argument = attempt,
        .run = run_attempt,
        .done = take_attempt,
    };
    host_jobs_run(&jobs);
    s->tries++;
    if (s->shows_progress) {
        fprintf(stderr, "\r%d tries, %zu bytes \033[K", s->tries, s->text.size);
    }
}

/* ---- shrinking ----------------------------------------------------------------------------- */

static bool fails(void *argument, struct str text)
{
    struct shrinking *s = argument;
    struct attempt attempt = {.shrinking = s, .text = text};
    try(&attempt);
    struct str rest = buf_str(&attempt.result);
    struct str kind;
    bool same = str_next(&rest, '\n', &kind) && str_equal(kind, buf_str(&s->kind));
    buf_done(&attempt.result);
    return same;
}

static bool is_enough(void *argument)
{
    const struct shrinking *s = argument;
    return host_now_ns() > s->end_ns;
}

/* The run as it was reported; then, if it takes the seed's choices to fail, with them as lines. */
static bool begin(struct shrinking *s)
{
    struct attempt attempt = {.shrinking = s, .text = buf_str(&s->text), .seeded = s->seeded};
    int64_t started_ns = host_now_ns();
    try(&attempt);
    s->cpu_seconds_max = 1 + (int)(CPU_TIMES_MAX * (host_now_ns() - started_ns) / SECOND_NS);
    struct str draws = buf_str(&attempt.result);
    struct str kind;
    struct str line;
    if (!str_next(&draws, '\n', &kind) || kind.size == 0) {
        return false;
    }
    buf_put(&s->kind, kind);
    if (s->seeded && !fails(s, buf_str(&s->text))) {
        while (draws.size > 0 && str_next(&draws, '\n', &line)) {
            buf_putf(&s->text, "draw %.*s\n", STR_ARG(line));
        }
    }
    buf_done(&attempt.result);
    return fails(s, buf_str(&s->text));
}

static int write_result(const struct shrinking *s)
{
    int fd = s->out == NULL ? STDOUT_FILENO
                            : open(s->out, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0 || !host_file_write(fd, buf_str(&s->text))) {
        perror(s->out);
        return STATUS_INTERNAL;
    }
    fprintf(stderr, "%s%d tries, fails with: %s\n", s->shows_progress ? "\r\033[K" : "", s->tries,
            buf_text(&s->kind));
    return 0;
}

static void run_out_of_memory(void *argument)
{
    (void)argument;
    fprintf(stderr, "postsim: out of memory\n");
    exit(STATUS_INTERNAL);
}

int host_shrink_command(char **argv)
{
    struct shrinking s = {.seconds = SECONDS_DEFAULT, .cpu_seconds_max = CPU_SECONDS_MAX};
    s.mem = mem_create(0, run_out_of_memory, NULL);
    buf_init(&s.text, s.mem, TEXT_MAX);
    buf_init(&s.kind, s.mem, TEXT_MAX);
    if (!host_options_read(options, OPTION_COUNT, argv + 2, &s, take_operand) || s.text.size == 0) {
        usage();
    }
    s.end_ns = host_now_ns() + s.seconds * SECOND_NS;
    s.shows_progress = isatty(STDERR_FILENO);
    int status = 1;
    if (begin(&s)) {
        const struct shrink shrink = {s.mem, &s, fails, is_enough};
        shrink_text(&shrink, &s.text);
        status = write_result(&s);
    } else {
        fprintf(stderr, "postsim: nothing fails that could be shrunk\n");
    }
    mem_destroy(s.mem);
    return status;
}
