// SPDX-License-Identifier: ISC
#include "host/host_explore.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/number.h"
#include "explore/generate.h"
#include "host/host_files.h"
#include "host/host_jobs.h"
#include "host/host_options.h"
#include "host/host_seed.h"

enum {
    SEEDS_MAX = 10 * 1000 * 1000,
    TEXT_MAX = 1 << 30,
    PATH_BYTES = 1000,
    SHOWN_MAX = 400,
    STATUS_USAGE = 2,
    STATUS_INTERNAL = 3,
};

struct explore {
    struct host_seed_options seed;
    uint64_t first;
    uint64_t last;
    int parallel;
    bool resume;
    bool fail_fast;
    bool json;
    bool print;
    bool again; /* in the second process of --twice */
    bool shows_progress;
    struct mem *mem;
    int results; /* descriptor of DIR/results */
    struct tally tally;
    uint64_t next; /* the first seed of this run */
    int64_t started_ns;
    struct host_jobs jobs;
};

/* ---- command line -------------------------------------------------------------------------- */

static void usage(void)
{
    fprintf(stderr,
            "usage: postsim explore [--seeds A..B] [-j N] [--twice] [--out DIR] [--resume]\n"
            "                       [--fail-fast] [--format human|json] [--print]\n");
    exit(STATUS_USAGE);
}

/* A..B, or one. */
static bool set_seeds(void *command, const char *value)
{
    struct explore *e = command;
    struct str text = str_from(value);
    ptrdiff_t dots = str_find_str(text, STR(".."));
    struct str last = dots < 0 ? text : str_skip(text, (size_t)dots + 2);
    struct str first = dots < 0 ? text : str_first(text, (size_t)dots);
    return number_parse_u64(first, UINT64_MAX, &e->first) == 0 &&
           number_parse_u64(last, UINT64_MAX - 1, &e->last) == 0 && e->first <= e->last &&
           e->last - e->first < SEEDS_MAX;
}

static bool set_parallel(void *command, const char *value)
{
    struct explore *e = command;
    return host_option_number(value, &e->parallel) && e->parallel > 0;
}

static bool set_out(void *command, const char *value)
{
    struct explore *e = command;
    e->seed.directory = value;
    return value[0] != '\0';
}

static bool set_format(void *command, const char *value)
{
    struct explore *e = command;
    e->json = strcmp(value, "json") == 0;
    return e->json || strcmp(value, "human") == 0;
}

static bool set_twice(void *command, const char *value)
{
    struct explore *e = command;
    (void)value;
    e->seed.twice = true;
    return true;
}

static bool set_resume(void *command, const char *value)
{
    struct explore *e = command;
    (void)value;
    e->resume = true;
    return true;
}

static bool set_fail_fast(void *command, const char *value)
{
    struct explore *e = command;
    (void)value;
    e->fail_fast = true;
    return true;
}

static bool set_print(void *command, const char *value)
{
    struct explore *e = command;
    (void)value;
    e->print = true;
    return true;
}

static bool set_again(void *command, const char *value)
{
    struct explore *e = command;
    (void)value;
    e->again = true;
    return true;
}

static const struct host_option options[] = {
    {"--seeds", true, set_seeds},          {"-j", true, set_parallel},
    {"--twice", false, set_twice},         {"--out", true, set_out},
    {"--resume", false, set_resume},       {"--format", true, set_format},
    {"--print", false, set_print},         {"--again", false, set_again},
    {"--fail-fast", false, set_fail_fast},
};
enum { OPTION_COUNT = sizeof(options) / sizeof(options[0]) };

/* A seed alone may stand there as well. */
static bool take_operand(void *command, const char *word)
{
    return set_seeds(command, word);
}

/* ---- results ------------------------------------------------------------------------------- */

/* mkdir -p */
static void make_directory(const char *directory)
{
    char path[PATH_BYTES];
    snprintf(path, sizeof(path), "%s", directory);
    for (char *slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        (void)mkdir(path, 0755);
        *slash = '/';
    }
    (void)mkdir(path, 0755); /* it may be there already; the file in it will tell */
}

/* Counts what an earlier run found, and drops a line that it did not finish. */
static off_t read_results(struct explore *e, const char *path)
{
    struct buf content;
    off_t whole = 0;
    buf_init(&content, e->mem, TEXT_MAX);
    if (host_file_read(path, &content)) {
        struct str rest = buf_str(&content);
        struct str line;
        struct tally_result result;
        while (rest.size > 0 && str_next(&rest, '\n', &line) && tally_result_parse(line, &result) &&
               result.seed == e->next && e->next <= e->last) {
            tally_add(&e->tally, &result);
            e->next++;
            whole += (off_t)line.size + 1;
        }
    }
    buf_done(&content);
    return whole;
}

static void open_results(struct explore *e)
{
    char path[PATH_BYTES];
    make_directory(e->seed.directory);
    snprintf(path, sizeof(path), "%s/results", e->seed.directory);
    off_t whole = e->resume ? read_results(e, path) : 0;
    e->results = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    if (e->results < 0 || ftruncate(e->results, whole) != 0 ||
        lseek(e->results, whole, SEEK_SET) != whole) {
        perror(path);
        exit(STATUS_INTERNAL);
    }
}

/* ---- seeds --------------------------------------------------------------------------------- */

static void run_seed(void *argument, int index, struct buf *out)
{
    struct explore *e = argument;
    host_seed_run(&e->seed, e->next + (uint64_t)index, e->mem, out);
}

static void show_progress(const struct explore *e)
{
    if (e->shows_progress) {
        double seconds = (double)(host_now_ns() - e->started_ns) / 1e9;
        int64_t here = e->tally.count - (int64_t)(e->next - e->first);
        fprintf(stderr, "\r%lld of %llu seeds, %lld failed, %.0f/s ", (long long)e->tally.count,
                (unsigned long long)(e->last - e->first + 1), (long long)e->tally.failed,
                (double)here / seconds);
    }
}

static void show_failure(const struct explore *e, uint64_t seed, struct str failures)
{
    fprintf(stderr, "%s", e->shows_progress ? "\r\033[K" : "");
    printf("FAIL  seed %llu: %.*s\n", (unsigned long long)seed,
           STR_ARG(str_trim_space(str_first(failures, SHOWN_MAX))));
    printf("      %s run --seed %llu %s/seed-%llu/scenario.scn\n", e->seed.program,
           (unsigned long long)seed, e->seed.directory, (unsigned long long)seed);
    fflush(stdout);
}

static void keep(struct explore *e, struct str line)
{
    if (e->json) {
        printf("%.*s\n", STR_ARG(line));
    }
    if (!host_file_write(e->results, line) || !host_file_write(e->results, STR("\n"))) {
        perror("postsim: cannot write the results");
        exit(STATUS_INTERNAL);
    }
}

static void take_seed(void *argument, int index, struct str out, const char *died)
{
    struct explore *e = argument;
    struct tally_result result;
    struct str line;
    struct buf dead;
    uint64_t seed = e->next + (uint64_t)index;
    buf_init(&dead, e->mem, TEXT_MAX);
    if (died[0] != '\0') {
        host_seed_died(&e->seed, seed, died, e->mem, &dead);
        out = buf_str(&dead);
    }
    if (!str_next(&out, '\n', &line) || !tally_result_parse(line, &result)) {
        fprintf(stderr, "postsim: seed %llu gave no result\n", (unsigned long long)seed);
        exit(STATUS_INTERNAL);
    }
    tally_add(&e->tally, &result);
    keep(e, line);
    if (!result.passed && !e->json) {
        show_failure(e, seed, out);
    }
    e->jobs.stop |= e->fail_fast && !result.passed;
    show_progress(e);
    buf_done(&dead);
}

static int run_all(struct explore *e)
{
    open_results(e);
    e->shows_progress = isatty(STDERR_FILENO) && !e->json;
    e->started_ns = host_now_ns();
    e->jobs = (struct host_jobs){
        .count = (int)(e->last + 1 - e->next),
        .parallel = e->parallel,
        .mem = e->mem,
        .argument = e,
        .run = run_seed,
        .done = take_seed,
    };
    host_jobs_run(&e->jobs);
    if (!e->json) {
        struct buf report;
        buf_init(&report, e->mem, TEXT_MAX);
        tally_report(&e->tally, e->jobs.count, host_now_ns() - e->started_ns, &report);
        fprintf(stderr, "%s", e->shows_progress ? "\r\033[K" : "");
        printf("%s", buf_text(&report));
        buf_done(&report);
    }
    return e->tally.failed > 0 || tally_missing_goals(&e->tally) > 0 ? 1 : 0;
}

/* ---- the command --------------------------------------------------------------------------- */

static void run_out_of_memory(void *argument)
{
    (void)argument;
    fprintf(stderr, "postsim: out of memory\n");
    exit(STATUS_INTERNAL);
}

static int print_all(struct explore *e)
{
    struct buf text;
    buf_init(&text, e->mem, TEXT_MAX);
    for (uint64_t seed = e->first; seed <= e->last; seed++) {
        generate_scenario(seed, &text);
    }
    fwrite(text.data, 1, text.size, stdout);
    buf_done(&text);
    return 0;
}

/* Nothing but the line; the first process reads the hash from it. */
static int run_again(struct explore *e)
{
    struct buf out;
    buf_init(&out, e->mem, TEXT_MAX);
    e->seed.directory = NULL;
    host_seed_run(&e->seed, e->first, e->mem, &out);
    printf("%s", buf_text(&out));
    buf_done(&out);
    return 0;
}

int host_explore_command(char **argv)
{
    struct explore e = {.first = 1, .last = 100, .parallel = host_processor_count()};
    e.seed = (struct host_seed_options){.program = argv[0], .directory = "build/explore"};
    e.mem = mem_create(0, run_out_of_memory, NULL);
    if (!host_options_read(options, OPTION_COUNT, argv + 2, &e, take_operand)) {
        usage();
    }
    e.next = e.first;
    int status = e.print ? print_all(&e) : e.again ? run_again(&e) : run_all(&e);
    mem_destroy(e.mem);
    return status;
}
