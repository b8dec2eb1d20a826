// SPDX-License-Identifier: ISC
#include "host/host_sweep.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/assert.h"
#include "scenario/run_fault.h"
#include "world/disk_image.h"
#include "world/fault.h"
#include "world/machine.h"
#include "world/process.h"

enum {
    SHARED_TEXT_MAX = 1 << 18,
    DESCRIPTION_MAX = 2000,
    OBJECT_SHOWN_MAX = 200,
    EXIT_INTERNAL_ERROR = 3,
};

/* Visible to all copies. */
struct shared {
    int points;
    int variants;
    int failed;
    int text_size; /* reserved so far, may exceed the maximum */
    char text[SHARED_TEXT_MAX];
};

struct sweep {
    const struct host_sweep_options *options;
    const struct way *way;
    struct shared *shared;
    int call;     /* calls of the swept programs so far: the number of a point */
    int running;  /* copies not waited for */
    bool is_copy; /* it happened here */
    int variant;
    char description[DESCRIPTION_MAX]; /* of what happened */
};

/* ---- ways ---------------------------------------------------------------------------------- */

/* A call of a process that may be a point. */
struct place {
    struct run *run;
    struct sys *sys;
    const struct fault_call *call;
};

struct way {
    const char *name;
    const char *unit;
    int (*count)(const struct place *place);                  /* variants */
    uint64_t (*hash)(const struct place *place, int variant); /* equal: they come out alike */
    void (*describe)(const struct place *place, int variant, struct buf *out);
    void (*happen)(const struct place *place, int variant);
};

static int count_images(const struct place *place)
{
    return disk_image_count(place->run->mta->disk);
}

static uint64_t hash_image(const struct place *place, int variant)
{
    return disk_image_hash(place->run->mta->disk, variant);
}

static void describe_image(const struct place *place, int variant, struct buf *out)
{
    buf_put_text(out, "power cut, ");
    disk_image_describe(place->run->mta->disk, variant, out);
}

static void cut_power(const struct place *place, int variant)
{
    run_power_cut(place->run, variant);
}

static int count_one(const struct place *place UNUSED)
{
    return 1;
}

static uint64_t hash_number(const struct place *place UNUSED, int variant)
{
    return (uint64_t)variant;
}

static void put_object(const struct place *place, struct buf *out)
{
    struct buf object;
    buf_init(&object, place->run->mem, DESCRIPTION_MAX);
    fault_object(place->sys, place->call, &object);
    if (object.size > 0) {
        buf_putf(out, " on %.*s", STR_ARG(str_first(buf_str(&object), OBJECT_SHOWN_MAX)));
    }
    buf_done(&object);
}

static void describe_kill(const struct place *place, int variant UNUSED, struct buf *out)
{
    buf_putf(out, "%s killed at %s", place->sys->program->file, place->call->name);
    put_object(place, out);
}

static void kill_process(const struct place *place, int variant UNUSED)
{
    trouble_add(&place->run->trouble, world_now_ns(place->run->world), 0);
    process_signal(place->sys, SYS_SIGNAL_KILL);
}

static int count_failures(const struct place *place)
{
    struct str words = fault_results_for(str_from(place->call->name));
    struct str word;
    int count = 0;
    while (str_next_token(&words, " ", &word)) {
        count++;
    }
    return count;
}

static struct str failure_word(const struct place *place, int variant)
{
    struct str words = fault_results_for(str_from(place->call->name));
    struct str word = STR("");
    for (int i = 0; i <= variant && str_next_token(&words, " ", &word); i++) {}
    return word;
}

/* Words of one meaning, such as EMFILE and ENFILE, make no difference to the caller. */
static uint64_t hash_failure(const struct place *place, int variant)
{
    return (uint64_t)fault_result_find(failure_word(place, variant));
}

static void describe_failure(const struct place *place, int variant, struct buf *out)
{
    buf_putf(out, "%.*s at %s of %s", STR_ARG(failure_word(place, variant)), place->call->name,
             place->sys->program->file);
    put_object(place, out);
}

static void fail_call(const struct place *place, int variant)
{
    run_fault_fail_next(place->run, fault_result_find(failure_word(place, variant)));
}

/* Less than anybody's patience, more than that of a client, and what only the watchdog ends. */
static const struct {
    int64_t ns;
    const char *text;
} hangs[] = {{100 * SYS_SECOND_NS, "100 s"}, {1000 * SYS_SECOND_NS, "1000 s"}, {INT64_MAX, "ever"}};

/* The last one is for processes that have a watchdog. */
static int count_hangs(const struct place *place)
{
    int count = (int)(sizeof(hangs) / sizeof(hangs[0]));
    return process_is_watched(place->sys) ? count : count - 1;
}

static void describe_hang(const struct place *place, int variant, struct buf *out)
{
    buf_putf(out, "%s hangs for %s at %s", place->sys->program->file, hangs[variant].text,
             place->call->name);
    put_object(place, out);
}

static void hang_process(const struct place *place, int variant)
{
    run_fault_hang_next(place->run, hangs[variant].ns);
}

/* In the order of enum scenario_sweep. */
static const struct way ways[] = {
    [SCENARIO_SWEEP_POWER_CUT] = {"power-cut", "disk images", count_images, hash_image,
                                  describe_image, cut_power},
    [SCENARIO_SWEEP_KILL] = {"kill", "kills", count_one, hash_number, describe_kill, kill_process},
    [SCENARIO_SWEEP_FAIL] = {"fail", "failures", count_failures, hash_failure, describe_failure,
                             fail_call},
    [SCENARIO_SWEEP_HANG] = {"hang", "hangs", count_hangs, hash_number, describe_hang,
                             hang_process},
};

/* ---- copies -------------------------------------------------------------------------------- */

static void wait_for_copy(struct sweep *sweep)
{
    int status = 0;
    pid_t pid = wait(&status);
    if (pid > 0 && (!WIFEXITED(status) || WEXITSTATUS(status) != 0)) {
        __atomic_fetch_add(&sweep->shared->failed, 1, __ATOMIC_RELAXED);
    }
    sweep->running--;
}

static pid_t copy_process(void)
{
    pid_t pid = fork();
    if (pid < 0) {
        perror("postsim: cannot fork");
        _exit(EXIT_INTERNAL_ERROR);
    }
    return pid;
}

/* From here on this process is the world in which it happened. */
static void let_happen(struct sweep *sweep, const struct place *place, int variant)
{
    struct buf description;
    buf_init(&description, place->run->mem, DESCRIPTION_MAX);
    sweep->way->describe(place, variant, &description);
    snprintf(sweep->description, sizeof(sweep->description), "%s", buf_text(&description));
    buf_done(&description);
    sweep->is_copy = true;
    sweep->variant = variant;
    place->run->at_call = NULL;
    sweep->way->happen(place, variant);
}

/* Whether a variant before this one comes out alike; hashes has those of all before it. */
static bool is_repeated(const struct sweep *sweep, const struct place *place, int variant,
                        uint64_t *hashes)
{
    hashes[variant] = sweep->way->hash(place, variant);
    int first = 0;
    while (hashes[first] != hashes[variant]) {
        first++;
    }
    return first < variant;
}

/* In the copy of a point: one more copy for each variant. Returns only in those. */
static void explore_point(struct sweep *sweep, const struct place *place, int count)
{
    uint64_t *hashes = mem_alloc(place->run->mem, (size_t)count * sizeof(*hashes));
    int failed = 0;
    for (int variant = 0; variant < count; variant++) {
        if (is_repeated(sweep, place, variant, hashes)) {
            continue;
        }
        pid_t pid = copy_process();
        if (pid == 0) {
            let_happen(sweep, place, variant);
            return;
        }
        int status = 0;
        waitpid(pid, &status, 0);
        failed += WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : 1;
        __atomic_fetch_add(&sweep->shared->variants, 1, __ATOMIC_RELAXED);
    }
    _exit(failed > 0 ? 1 : 0);
}

/* ---- points -------------------------------------------------------------------------------- */

static bool is_listed(struct str list, struct str name)
{
    struct str one;
    while (str_next_token(&list, ",", &one)) {
        if (str_equal(one, name)) {
            return true;
        }
    }
    return false;
}

static bool is_swept(const struct run *run, const struct host_sweep_options *options,
                     struct str program)
{
    if (options->programs != NULL) {
        return is_listed(str_from(options->programs), program);
    }
    if (run->scenario->sweep == NULL) {
        return !str_equal(program, STR("peer-submit")); /* not of the mail system */
    }
    const struct syntax_value *value = scenario_value(run->scenario->sweep, SCENARIO_SLOT_PROGRAM);
    while (value != NULL && !str_equal(value->text, program)) {
        value = value->next;
    }
    return value != NULL;
}

/* What is done up to here need not be done again: --from. */
static void show_progress(const struct sweep *sweep)
{
    if (sweep->options->progress) {
        const struct shared *shared = sweep->shared;
        fprintf(stderr, "\rcall %d: %d points, %d %s, %d failed ", sweep->call, shared->points,
                shared->variants, sweep->way->unit, shared->failed);
    }
}

static bool is_due(const struct sweep *sweep)
{
    return sweep->call >= sweep->options->from && sweep->call % sweep->options->every == 0;
}

static void at_call(struct run *run, struct sys *sys, const struct fault_call *call)
{
    struct sweep *sweep = run->sweep;
    const struct place place = {run, sys, call};
    if (!is_swept(run, sweep->options, str_from(sys->program->file))) {
        return;
    }
    sweep->call++;
    if (sweep->options->point > 0) {
        if (sweep->call == sweep->options->point &&
            sweep->options->variant < sweep->way->count(&place)) {
            let_happen(sweep, &place, sweep->options->variant);
        }
        return;
    }
    int count = is_due(sweep) ? sweep->way->count(&place) : 0;
    if (count == 0) {
        return;
    }
    sweep->shared->points++;
    while (sweep->running >= sweep->options->parallel) {
        wait_for_copy(sweep);
    }
    show_progress(sweep);
    if (copy_process() == 0) {
        explore_point(sweep, &place, count);
        return;
    }
    sweep->running++;
}

/* ---- results ------------------------------------------------------------------------------- */

/* Failures of copies go to the shared text, one behind the other as far as there is room. */
static void share_failures(struct run *run, struct sweep *sweep)
{
    struct str rest = buf_str(&run->failures.text);
    struct str failure;
    while (failure_next(&rest, &failure)) {
        struct str text =
            arena_printf(&run->arena, "%.*s\n    %s\n    repeat it with --point %d --variant %d",
                         STR_ARG(failure), sweep->description, sweep->call, sweep->variant);
        int size = (int)text.size + 1;
        int at = __atomic_fetch_add(&sweep->shared->text_size, size, __ATOMIC_RELAXED);
        if (at + size <= SHARED_TEXT_MAX) {
            memcpy(sweep->shared->text + at, text.data, (size_t)size);
        }
    }
}

static void judge(struct run *run)
{
    if (run->scenario->sweep != NULL) {
        run_judge(run);
    } else {
        run_judge_checks(run);
    }
}

static void end_copy(struct run *run, struct sweep *sweep)
{
    judge(run);
    share_failures(run, sweep);
    _exit(run->failures.count > 0 ? 1 : 0);
}

static void take_result(struct run *run, const struct sweep *sweep,
                        struct host_sweep_result *result)
{
    /* A failure that did not fit has left a gap of NULs. */
    const struct shared *shared = sweep->shared;
    int size = shared->text_size < SHARED_TEXT_MAX ? shared->text_size : SHARED_TEXT_MAX;
    *result = (struct host_sweep_result){
        .way = sweep->way->name,
        .unit = sweep->way->unit,
        .points = shared->points,
        .variants = shared->variants,
        .failed = shared->failed,
        .failures = arena_copy(&run->arena, str_of(shared->text, (size_t)size)),
    };
}

static const struct way *way_of(const struct run *run, const struct host_sweep_options *options)
{
    if (options->way_given || run->scenario->sweep == NULL) {
        return &ways[options->way];
    }
    return &ways[scenario_number(run->scenario->sweep, SCENARIO_SLOT_WAY, 0)];
}

void host_sweep_play(struct run *run, const struct host_sweep_options *options,
                     struct host_sweep_result *result)
{
    struct sweep sweep = {.options = options, .way = way_of(run, options)};
    sweep.shared = mmap(NULL, sizeof(*sweep.shared), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert(sweep.shared != MAP_FAILED);
    run->sweep = &sweep;
    run->at_call = at_call;
    run->supervised = true;
    run_play(run);
    if (sweep.is_copy && options->point == 0) {
        end_copy(run, &sweep);
    }
    while (sweep.running > 0) {
        wait_for_copy(&sweep);
        show_progress(&sweep);
    }
    if (options->progress) {
        fputc('\n', stderr);
    }
    judge(run);
    sweep.shared->points += sweep.is_copy ? 1 : 0;
    sweep.shared->variants += sweep.is_copy ? 1 : 0;
    take_result(run, &sweep, result);
    munmap(sweep.shared, sizeof(*sweep.shared));
}
