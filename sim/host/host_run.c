// SPDX-License-Identifier: ISC
#include "host/host_run.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/assert.h"
#include "host/host_files.h"
#include "host/host_jobs.h"
#include "scenario/run_story.h"
#include "world/trace.h"

enum { ARENA_MAX = 1 << 30, TEXT_MAX = 16 << 20, EXIT_INTERNAL_ERROR = 3 };

/* ---- results between processes ------------------------------------------------------------- */

/* The numbers as they are, then each text with its size before it: both sides are one program. */
static void put_text(struct buf *out, struct str text)
{
    buf_put(out, str_of(&text.size, sizeof(text.size)));
    buf_put(out, text);
}

static bool take_text(struct str *rest, struct str *text)
{
    if (rest->size < sizeof(text->size)) {
        return false;
    }
    memcpy(&text->size, rest->data, sizeof(text->size));
    *rest = str_skip(*rest, sizeof(text->size));
    text->data = rest->data;
    bool whole = text->size <= rest->size;
    *rest = str_skip(*rest, text->size);
    return whole;
}

static void write_result(const struct report_result *result, struct buf *out)
{
    buf_put(out, str_of(result, sizeof(*result)));
    put_text(out, result->name);
    put_text(out, result->failures);
    put_text(out, result->timeline);
    put_text(out, result->reproduce);
}

bool host_run_read(struct str bytes, struct report_result *result)
{
    if (bytes.size < sizeof(*result)) {
        return false;
    }
    memcpy(result, bytes.data, sizeof(*result));
    struct str rest = str_skip(bytes, sizeof(*result));
    return take_text(&rest, &result->name) && take_text(&rest, &result->failures) &&
           take_text(&rest, &result->timeline) && take_text(&rest, &result->reproduce);
}

/* ---- one run ------------------------------------------------------------------------------- */

struct job {
    const struct host_run_options *options;
    const struct host_run_case *run_case;
    struct mem *mem;
    struct arena arena;
    const struct scenario *scenario;
    struct run *run;
    struct report_result result;
    struct buf timeline;
    int trace_fd;
};

static void run_out_of_memory(void *argument)
{
    (void)argument;
    fprintf(stderr, "postsim: out of memory\n");
    _exit(EXIT_INTERNAL_ERROR);
}

static struct str full_name(struct job *job)
{
    const struct scenario *s = job->scenario;
    /* A title that already tells its instance needs no other name. */
    return s->instance.size == 0
               ? s->title
               : arena_printf(&job->arena, "%.*s (%.*s)", STR_ARG(s->title), STR_ARG(s->instance));
}

/* "run", or "sweep" with what makes it that sweep. */
static struct str command(struct job *job)
{
    static const char *const ways[] = {
        [SCENARIO_SWEEP_POWER_CUT] = " --power-cut",
        [SCENARIO_SWEEP_KILL] = " --kill",
        [SCENARIO_SWEEP_FAIL] = " --fail",
        [SCENARIO_SWEEP_HANG] = " --hang",
    };
    const struct host_sweep_options *sweep = &job->options->sweep;
    if (!sweep->asked) {
        return STR("run");
    }
    return arena_printf(&job->arena, "sweep%s%s%s", sweep->way_given ? ways[sweep->way] : "",
                        sweep->programs != NULL ? " --of " : "",
                        sweep->programs != NULL ? sweep->programs : "");
}

static struct str reproduce(struct job *job)
{
    const struct host_run_options *options = job->options;
    struct str seed = options->seeded ? arena_printf(&job->arena, " --seed %llu",
                                                     (unsigned long long)options->seed)
                                      : STR("");
    struct str instance =
        job->scenario->instance.size > 0
            ? arena_printf(&job->arena, " --instance %d", job->run_case->instance + 1)
            : STR("");
    struct str verb = command(job);
    return arena_printf(&job->arena, "%s %.*s%.*s%.*s %s", options->program, STR_ARG(verb),
                        STR_ARG(seed), STR_ARG(instance), job->run_case->file);
}

/* Why this scenario cannot run here, or NULL. */
static const char *reason_to_skip(const struct job *job)
{
    const struct scenario *s = job->scenario;
    if (strcmp(job->options->world, "sim") != 0) {
        return "this world is not built yet: only sim is";
    }
    if ((s->worlds & SCENARIO_WORLD_SIM) == 0) {
        return "the scenario does not hold in the world sim";
    }
    return NULL;
}

static void set_failure(struct job *job, enum report_outcome outcome, struct str text)
{
    job->result.outcome = outcome;
    job->result.failures = arena_printf(&job->arena, "%.*s%c", STR_ARG(str_trim_space(text)), '\0');
}

static void write_trace(void *argument, struct str line)
{
    struct job *job = argument;
    if (!host_file_write(job->trace_fd, line)) {
        run_out_of_memory(NULL);
    }
}

static void open_trace(struct job *job)
{
    if (job->options->trace_file == NULL) {
        return;
    }
    job->trace_fd = open(job->options->trace_file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (job->trace_fd < 0) {
        perror(job->options->trace_file);
        _exit(EXIT_INTERNAL_ERROR);
    }
    trace_sink(job->run->world, write_trace, job);
}

/* Results of a sweep stand beside those of the run in which nothing happened. */
static void add_sweep(struct job *job, const struct host_sweep_result *sweep)
{
    job->result.sweep = sweep->way;
    job->result.points = sweep->points;
    job->result.variants = sweep->variants;
    job->result.unit = sweep->unit;
    struct str rest = sweep->failures;
    struct str failure;
    while (failure_next(&rest, &failure)) {
        if (failure.size > 0) {
            failure_add(&job->run->failures, "%.*s", STR_ARG(failure));
        }
    }
    if (sweep->failed > 0 && job->run->failures.count == 0) {
        failure_add(&job->run->failures, "%d points failed without a word", sweep->failed);
    }
}

static void play(struct job *job)
{
    struct run *run = job->run;
    bool sweeps = job->scenario->sweep != NULL || job->options->sweep.asked;
    if (!sweeps || job->options->tell) {
        run_play(run);
        run_judge(run);
        return;
    }
    struct host_sweep_result sweep;
    host_sweep_play(run, &job->options->sweep, &sweep);
    add_sweep(job, &sweep);
}

static void take_result(struct job *job, int64_t started_ns)
{
    const struct run *run = job->run;
    struct report_result *result = &job->result;
    result->wall_ns = host_now_ns() - started_ns;
    result->hash = world_hash(run->world);
    result->virtual_ns = run->end_ns - run->start_ns;
    result->outcome = run->failures.count > 0 ? REPORT_FAIL : REPORT_PASS;
    result->failures = arena_copy(&job->arena, buf_str(&run->failures.text));
    buf_init(&job->timeline, job->mem, TEXT_MAX);
    if (job->options->tell) {
        run_story_tell(job->run, &job->timeline);
    } else if (result->outcome == REPORT_FAIL || job->options->timeline) {
        run_story_timeline(run, &job->timeline);
    }
    result->timeline = buf_str(&job->timeline);
}

static void run_scenario(struct job *job)
{
    job->result.name = full_name(job);
    job->result.reproduce = reproduce(job);
    const char *skip = reason_to_skip(job);
    if (skip != NULL) {
        set_failure(job, REPORT_SKIP, str_from(skip));
        return;
    }
    int64_t started_ns = host_now_ns();
    job->run = run_new(
        &(struct run_options){
            .scenario = job->scenario,
            .seeded = job->options->seeded,
            .seed = job->options->seed,
            .overrides = job->options->overrides,
            .reproduce = job->result.reproduce.data,
        },
        job->mem);
    open_trace(job);
    if (job->options->begun != NULL) {
        job->options->begun(job->options->argument, job->run);
    }
    play(job);
    if (job->options->judged != NULL) {
        job->options->judged(job->options->argument, job->run);
    }
    take_result(job, started_ns);
}

void host_run(const struct host_run_options *options, const struct host_run_case *run_case,
              struct mem *mem, struct buf *out)
{
    struct job job = {.options = options, .run_case = run_case, .mem = mem};
    struct buf report;
    arena_init(&job.arena, mem, ARENA_MAX);
    buf_init(&report, mem, TEXT_MAX);
    job.result = (struct report_result){
        .name = str_from(run_case->file),
        .world = options->world,
        .seeded = options->seeded,
        .seed = options->seed,
    };
    struct syntax_problems problems = {run_case->file, run_case->text, &report, 0};
    job.scenario = scenario_parse(&job.arena, run_case->text, run_case->instance, &problems);
    if (job.scenario == NULL) {
        set_failure(&job, REPORT_ERROR, buf_str(&report));
    } else {
        run_scenario(&job);
    }
    write_result(&job.result, out);
    run_free(job.run);
    buf_done(&job.timeline);
    buf_done(&report);
    arena_done(&job.arena);
}
