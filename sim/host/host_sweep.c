// SPDX-License-Identifier: ISC
#include "host/host_sweep.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/assert.h"
#include "world/disk_image.h"
#include "world/machine.h"
#include "world/process.h"

enum { SHARED_TEXT_MAX = 1 << 18, DESCRIPTION_MAX = 2000, EXIT_INTERNAL_ERROR = 3 };

/* Visible to all copies. */
struct shared {
    int points;
    int images;
    int failed;
    int text_size; /* reserved so far, may exceed the maximum */
    char text[SHARED_TEXT_MAX];
};

struct sweep {
    const struct host_sweep_options *options;
    struct shared *shared;
    int call;     /* calls of the swept programs so far: the number of a point */
    int running;  /* copies not waited for */
    bool is_copy; /* the power was cut here */
    int image;
    char description[DESCRIPTION_MAX]; /* of the image */
};

static bool is_swept(const struct run *run, const struct sys *sys)
{
    const struct syntax_value *program =
        scenario_value(run->scenario->sweep, SCENARIO_SLOT_PROGRAM);
    while (program != NULL && !str_equal(program->text, str_from(sys->program->file))) {
        program = program->next;
    }
    return program != NULL;
}

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

/* From here on this process is the world in which the power failed. */
static void cut_power(struct run *run, struct sweep *sweep, int image)
{
    struct buf description;
    buf_init(&description, run->mem, DESCRIPTION_MAX);
    disk_image_describe(run->mta->disk, image, &description);
    snprintf(sweep->description, sizeof(sweep->description), "%s", buf_text(&description));
    buf_done(&description);
    sweep->is_copy = true;
    sweep->image = image;
    run->at_call = NULL;
    run_power_cut(run, image);
}

/* Whether an image before this one comes out alike; hashes has those of all before it. */
static bool is_repeated(struct disk *disk, int image, uint64_t *hashes)
{
    hashes[image] = disk_image_hash(disk, image);
    int first = 0;
    while (hashes[first] != hashes[image]) {
        first++;
    }
    return first < image;
}

/* In the copy of a point: one more copy for each image. Returns only in those. */
static void explore_point(struct run *run, struct sweep *sweep)
{
    struct disk *disk = run->mta->disk;
    int count = disk_image_count(disk);
    uint64_t *hashes = mem_alloc(run->mem, (size_t)count * sizeof(*hashes));
    int failed = 0;
    for (int image = 0; image < count; image++) {
        if (is_repeated(disk, image, hashes)) {
            continue;
        }
        pid_t pid = copy_process();
        if (pid == 0) {
            cut_power(run, sweep, image);
            return;
        }
        int status = 0;
        waitpid(pid, &status, 0);
        failed += WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : 1;
        __atomic_fetch_add(&sweep->shared->images, 1, __ATOMIC_RELAXED);
    }
    _exit(failed > 0 ? 1 : 0);
}

static void at_call(struct run *run, struct sys *sys, const struct fault_call *at UNUSED)
{
    struct sweep *sweep = run->sweep;
    if (!is_swept(run, sys)) {
        return;
    }
    int call = ++sweep->call;
    if (sweep->options->point > 0) {
        if (call == sweep->options->point) {
            cut_power(run, sweep, sweep->options->image);
        }
        return;
    }
    if (call % sweep->options->every != 0) {
        return;
    }
    sweep->shared->points++;
    while (sweep->running >= sweep->options->parallel) {
        wait_for_copy(sweep);
    }
    if (copy_process() == 0) {
        explore_point(run, sweep);
        return;
    }
    sweep->running++;
}

/* Failures of copies go to the shared text, one behind the other as far as there is room. */
static void share_failures(struct run *run, struct sweep *sweep)
{
    struct str rest = buf_str(&run->failures.text);
    struct str failure;
    while (failure_next(&rest, &failure)) {
        struct str text =
            arena_printf(&run->arena, "%.*s\n    power cut with --point %d --image %d, %s",
                         STR_ARG(failure), sweep->call, sweep->image, sweep->description);
        int size = (int)text.size + 1;
        int at = __atomic_fetch_add(&sweep->shared->text_size, size, __ATOMIC_RELAXED);
        if (at + size <= SHARED_TEXT_MAX) {
            memcpy(sweep->shared->text + at, text.data, (size_t)size);
        }
    }
}

static void end_copy(struct run *run, struct sweep *sweep)
{
    run_judge(run);
    share_failures(run, sweep);
    _exit(run->failures.count > 0 ? 1 : 0);
}

static void take_result(struct run *run, const struct shared *shared,
                        struct host_sweep_result *result)
{
    /* A failure that did not fit has left a gap of NULs. */
    int size = shared->text_size < SHARED_TEXT_MAX ? shared->text_size : SHARED_TEXT_MAX;
    *result = (struct host_sweep_result){
        .points = shared->points,
        .images = shared->images,
        .failed = shared->failed,
        .failures = arena_copy(&run->arena, str_of(shared->text, (size_t)size)),
    };
}

void host_sweep_play(struct run *run, const struct host_sweep_options *options,
                     struct host_sweep_result *result)
{
    struct sweep sweep = {.options = options};
    sweep.shared = mmap(NULL, sizeof(*sweep.shared), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert(sweep.shared != MAP_FAILED);
    run->sweep = &sweep;
    run->at_call = at_call;
    run_play(run);
    if (sweep.is_copy && options->point == 0) {
        end_copy(run, &sweep);
    }
    while (sweep.running > 0) {
        wait_for_copy(&sweep);
    }
    run_judge(run);
    sweep.shared->points += options->point > 0 ? 1 : 0;
    sweep.shared->images += options->point > 0 ? 1 : 0;
    take_result(run, sweep.shared, result);
    munmap(sweep.shared, sizeof(*sweep.shared));
}
