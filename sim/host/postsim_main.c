// SPDX-License-Identifier: ISC
/* postsim - replays scenarios in a simulated world
 *
 *     postsim run [OPTION]... FILE|DIRECTORY...
 *     postsim sweep [--power-cut|--kill|--fail|--hang] [--of PROGRAM,...] [OPTION]... FILE...
 *     postsim trace FILE
 *     postsim explore [--seeds A..B] [OPTION]...      host/host_explore.h
 *     postsim shrink [OPTION]... SEED|FILE            host/host_shrink.h
 *     postsim replay [OPTION]... SEED|FILE            host/host_replay.h
 *
 *     --seed N        vary scheduling, segmentation and sub-second latency
 *     -j N            so many processes at once; default: as many as there are processors
 *     --format F      human, tap, junit or json
 *     --trace FILE    append every system call and every line of the logs to FILE
 *     --world W       sim (default), live or postfix
 *     --every N       of a sweep's points, each N-th
 *     --from N        of a sweep's points, those from that call on: goes on where one was stopped
 *     --no-sweeps, --only-sweeps   leave sweeps out, or all else
 *     --twice         run everything once more in a second process: hashes must be equal
 *     --instance N    of a file with `for`, only this instance
 *     --point N --variant M   of a sweep, only this point with this state of the disk or failure;
 *                     --image is the same
 *
 * `sweep` lets the power fail, the process die or hang, or the call fail at every call of these
 * programs (default: power-cut, all of the mail system), of any scenario; one that does not ask for
 * a sweep by itself is judged by the checks that are always on.
 * `trace` tells one message's way through the daemons, step by step.
 *
 * Exit  0 all held; 1 an expectation or a check failed; 2 a scenario file or the command line is
 *       wrong; 3 internal error
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/host_explore.h"
#include "host/host_files.h"
#include "host/host_jobs.h"
#include "host/host_options.h"
#include "host/host_replay.h"
#include "host/host_run.h"
#include "host/host_shrink.h"
#include "host/host_twice.h"
#include "host/host_watchdog.h"
#include "scenario/scenario.h"

enum {
    ARENA_MAX = 1 << 30,
    CASES_MAX = 100000,
    STATUS_USAGE = 2,
    STATUS_INTERNAL = 3,
};

struct postsim {
    struct host_run_options run;
    enum report_format format;
    int parallel;
    int instance; /* 0: all */
    bool twice;
    bool no_sweeps;
    bool only_sweeps;
    struct mem *mem;
    struct arena arena;
    struct host_files files;
    struct host_run_case *cases;
    int case_count;
    struct report report;
    struct buf out;
    uint64_t *hashes; /* of each case, for --twice */
};

static void run_out_of_memory(void *argument)
{
    (void)argument;
    fprintf(stderr, "postsim: out of memory\n");
    exit(STATUS_INTERNAL);
}

static void usage(void)
{
    fprintf(
        stderr,
        "usage: postsim run [--seed N] [-j N] [--format human|tap|junit|json] [--trace FILE]\n"
        "                   [--world sim|live|postfix] [--every N] [--no-sweeps] [--only-sweeps]\n"
        "                   [--twice] [--instance N] [--point N --variant M] FILE|DIRECTORY...\n"
        "       postsim sweep [--power-cut|--kill|--fail|--hang] [--of PROGRAM,...] [--every N]\n"
        "                   [--from N] [OPTION]... FILE...\n"
        "       postsim trace FILE\n"
        "       postsim explore [--seeds A..B] [OPTION]...\n"
        "       postsim shrink [OPTION]... SEED|FILE\n"
        "       postsim replay [OPTION]... SEED|FILE\n");
    exit(STATUS_USAGE);
}

/* ---- command line -------------------------------------------------------------------------- */

static bool set_seed(void *command, const char *value)
{
    struct postsim *p = command;
    p->run.seeded = true;
    return host_option_u64(value, &p->run.seed);
}

static bool set_parallel(void *command, const char *value)
{
    struct postsim *p = command;
    return host_option_number(value, &p->parallel) && p->parallel > 0;
}

static bool set_format(void *command, const char *value)
{
    struct postsim *p = command;
    return report_format_find(str_from(value), &p->format) == 0;
}

static bool set_trace(void *command, const char *value)
{
    struct postsim *p = command;
    p->run.trace_file = value;
    return true;
}

static bool set_world(void *command, const char *value)
{
    struct postsim *p = command;
    p->run.world = value;
    return strcmp(value, "sim") == 0 || strcmp(value, "live") == 0 || strcmp(value, "postfix") == 0;
}

static bool set_every(void *command, const char *value)
{
    struct postsim *p = command;
    return host_option_number(value, &p->run.sweep.every) && p->run.sweep.every > 0;
}

static bool set_instance(void *command, const char *value)
{
    struct postsim *p = command;
    return host_option_number(value, &p->instance) && p->instance > 0;
}

static bool set_point(void *command, const char *value)
{
    struct postsim *p = command;
    return host_option_number(value, &p->run.sweep.point) && p->run.sweep.point > 0;
}

static bool set_variant(void *command, const char *value)
{
    struct postsim *p = command;
    return host_option_number(value, &p->run.sweep.variant);
}

static bool set_from(void *command, const char *value)
{
    struct postsim *p = command;
    return host_option_number(value, &p->run.sweep.from) && p->run.sweep.from > 0;
}

static bool set_programs(void *command, const char *value)
{
    struct postsim *p = command;
    p->run.sweep.programs = value;
    return value[0] != '\0';
}

/* value is the option's name. */
static bool set_way(void *command, const char *value)
{
    static const char *const names[] = {
        [SCENARIO_SWEEP_POWER_CUT] = "--power-cut",
        [SCENARIO_SWEEP_KILL] = "--kill",
        [SCENARIO_SWEEP_FAIL] = "--fail",
        [SCENARIO_SWEEP_HANG] = "--hang",
    };
    struct postsim *p = command;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(names[i], value) == 0) {
            p->run.sweep.way = (enum scenario_sweep)i;
        }
    }
    p->run.sweep.way_given = true;
    return p->run.sweep.asked;
}

static bool set_no_sweeps(void *command, const char *value)
{
    struct postsim *p = command;
    (void)value;
    p->no_sweeps = true;
    return true;
}

static bool set_only_sweeps(void *command, const char *value)
{
    struct postsim *p = command;
    (void)value;
    p->only_sweeps = true;
    return true;
}

static bool set_twice(void *command, const char *value)
{
    struct postsim *p = command;
    (void)value;
    p->twice = true;
    return true;
}

static const struct host_option options[] = {
    {"--seed", true, set_seed},
    {"-j", true, set_parallel},
    {"--format", true, set_format},
    {"--trace", true, set_trace},
    {"--world", true, set_world},
    {"--every", true, set_every},
    {"--instance", true, set_instance},
    {"--point", true, set_point},
    {"--image", true, set_variant},
    {"--variant", true, set_variant},
    {"--from", true, set_from},
    {"--of", true, set_programs},
    {"--power-cut", false, set_way},
    {"--kill", false, set_way},
    {"--fail", false, set_way},
    {"--hang", false, set_way},
    {"--no-sweeps", false, set_no_sweeps},
    {"--only-sweeps", false, set_only_sweeps},
    {"--twice", false, set_twice},
};
enum { OPTION_COUNT = sizeof(options) / sizeof(options[0]) };

static bool add_file(void *command, const char *word)
{
    struct postsim *p = command;
    if (!host_files_add(&p->files, word)) {
        fprintf(stderr, "postsim: %s: no such file or directory\n", word);
        exit(STATUS_USAGE);
    }
    return true;
}

static void parse_arguments(struct postsim *p, char **words)
{
    if (!host_options_read(options, OPTION_COUNT, words, p, add_file) || p->files.count == 0) {
        usage();
    }
}

/* ---- cases --------------------------------------------------------------------------------- */

static struct str read_file(struct postsim *p, const char *path)
{
    struct buf content;
    buf_init(&content, p->mem, SCENARIO_BYTES_MAX);
    if (!host_file_read(path, &content)) {
        fprintf(stderr, "postsim: cannot read %s\n", path);
        exit(STATUS_USAGE);
    }
    struct str text = arena_copy(&p->arena, buf_str(&content));
    buf_done(&content);
    return text;
}

/* A file that is wrong is one case too: its run reports the problems. */
static void add_cases(struct postsim *p, const char *path)
{
    struct buf report;
    struct arena scratch;
    struct str text = read_file(p, path);
    if (scenario_has_sweep(text) ? p->no_sweeps : p->only_sweeps) {
        return;
    }
    buf_init(&report, p->mem, SCENARIO_BYTES_MAX);
    arena_init(&scratch, p->mem, ARENA_MAX);
    struct syntax_problems problems = {path, text, &report, 0};
    int count = scenario_instance_count(&scratch, text, &problems);
    for (int i = 0; i < (count > 0 ? count : 1) && p->case_count < CASES_MAX; i++) {
        if (p->instance == 0 || p->instance == i + 1) {
            p->cases[p->case_count++] = (struct host_run_case){path, text, i};
        }
    }
    arena_done(&scratch);
    buf_done(&report);
}

static void run_case(void *argument, int index, struct buf *out)
{
    struct postsim *p = argument;
    host_run(&p->run, &p->cases[index], p->mem, out);
}

static void print(struct postsim *p)
{
    fwrite(p->out.data, 1, p->out.size, stdout);
    fflush(stdout);
    buf_clear(&p->out);
}

static void report_case(void *argument, int index, struct str out, const char *died)
{
    struct postsim *p = argument;
    struct report_result result;
    if (died[0] != '\0' || !host_run_read(out, &result)) {
        result = (struct report_result){
            .name = str_from(p->cases[index].file),
            .world = p->run.world,
            .outcome = REPORT_ERROR,
            .internal = true,
            .failures = str_from(died),
        };
    }
    result.file = str_from(p->cases[index].file);
    p->hashes[index] = result.hash;
    report_add(&p->report, &result);
    print(p);
}

static void run_cases(struct postsim *p)
{
    int64_t started_ns = host_now_ns();
    struct host_jobs jobs = {
        .count = p->case_count,
        .parallel = p->parallel,
        .mem = p->mem,
        .argument = p,
        .run = run_case,
        .done = report_case,
    };
    report_begin(&p->report, p->format, &p->out);
    host_jobs_run(&jobs);
    report_end(&p->report, host_now_ns() - started_ns);
    print(p);
}

/* ---- commands ------------------------------------------------------------------------------ */

/* Instances of a sweep go one after the other: it makes copies itself. */
static void prepare(struct postsim *p, char **argv)
{
    bool sweep = strcmp(argv[1], "sweep") == 0;
    *p = (struct postsim){.parallel = host_processor_count()};
    p->mem = mem_create(0, run_out_of_memory, NULL);
    arena_init(&p->arena, p->mem, ARENA_MAX);
    buf_init(&p->out, p->mem, HOST_JOB_OUTPUT_MAX);
    host_files_init(&p->files, &p->arena);
    p->run = (struct host_run_options){.program = argv[0], .world = "sim", .sweep = {.every = 1}};
    p->run.sweep.asked = sweep;
    p->run.sweep.progress = sweep && isatty(STDERR_FILENO);
    parse_arguments(p, argv + 2);
    p->run.sweep.parallel = p->parallel;
    p->parallel = sweep ? 1 : p->parallel;
    p->cases = mem_alloc(p->mem, CASES_MAX * sizeof(p->cases[0]));
    for (int i = 0; i < p->files.count; i++) {
        add_cases(p, p->files.paths[i]);
    }
    p->hashes = mem_alloc(p->mem, (size_t)p->case_count * sizeof(p->hashes[0]));
}

static int command_run(char **argv)
{
    struct postsim p;
    prepare(&p, argv);
    run_cases(&p);
    int status = report_exit_status(&p.report);
    if (p.twice && !host_twice(argv, p.hashes, p.case_count)) {
        status = status == 0 ? 1 : status;
    }
    mem_destroy(p.mem);
    return status;
}

static int command_trace(char **argv)
{
    struct postsim p;
    struct buf out;
    struct report_result result;
    prepare(&p, argv);
    p.run.tell = true;
    buf_init(&out, p.mem, HOST_JOB_OUTPUT_MAX);
    host_run(&p.run, &p.cases[0], p.mem, &out);
    if (!host_run_read(buf_str(&out), &result)) {
        return STATUS_INTERNAL;
    }
    printf("%.*s\n\n%.*s", STR_ARG(result.name), STR_ARG(result.timeline));
    struct str rest = result.failures;
    struct str failure;
    while (failure_next(&rest, &failure)) {
        printf("%.*s\n", STR_ARG(failure));
    }
    bool wrong = result.outcome == REPORT_ERROR;
    mem_destroy(p.mem);
    return wrong ? STATUS_USAGE : 0;
}

int main(int argc, char **argv)
{
    host_watchdog_start();
    if (argc >= 3 && (strcmp(argv[1], "run") == 0 || strcmp(argv[1], "sweep") == 0)) {
        return command_run(argv);
    }
    if (argc >= 3 && strcmp(argv[1], "trace") == 0) {
        return command_trace(argv);
    }
    if (argc >= 2 && strcmp(argv[1], "explore") == 0) {
        return host_explore_command(argv);
    }
    if (argc >= 3 && strcmp(argv[1], "shrink") == 0) {
        return host_shrink_command(argv);
    }
    if (argc >= 3 && strcmp(argv[1], "replay") == 0) {
        return host_replay_command(argv);
    }
    usage();
}
