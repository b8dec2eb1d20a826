// SPDX-License-Identifier: ISC
#define _GNU_SOURCE // memfd_create
#include "host/host_jobs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/assert.h"
#include "host/host_files.h"

enum { DIED_MAX = 100, EXIT_INTERNAL_ERROR = 3 };

struct job {
    pid_t pid;
    int output; /* an anonymous file that the job writes to */
    bool ended;
    char died[DIED_MAX];
};

static void run_in_child(struct host_jobs *jobs, int index, int output)
{
    struct buf out;
    buf_init(&out, jobs->mem, HOST_JOB_OUTPUT_MAX);
    jobs->run(jobs->argument, index, &out);
    bool written = host_file_write(output, buf_str(&out));
    fflush(NULL);
    _exit(written ? 0 : EXIT_INTERNAL_ERROR);
}

static void start(struct host_jobs *jobs, struct job *job, int index)
{
    fflush(NULL); /* what is buffered here is not the child's to write */
    job->output = memfd_create("job", MFD_CLOEXEC);
    job->pid = job->output < 0 ? -1 : fork();
    if (job->pid < 0) {
        perror("postsim: cannot start a process");
        exit(EXIT_INTERNAL_ERROR);
    }
    if (job->pid == 0) {
        run_in_child(jobs, index, job->output);
    }
}

static void note_end(struct job *job, int status)
{
    job->ended = true;
    if (WIFSIGNALED(status)) {
        snprintf(job->died, sizeof(job->died), "the simulator was ended by signal %d (%s)",
                 WTERMSIG(status), strsignal(WTERMSIG(status)));
    } else if (WEXITSTATUS(status) != 0) {
        snprintf(job->died, sizeof(job->died), "the simulator ended with status %d",
                 WEXITSTATUS(status));
    }
}

static void wait_for_one(struct job *list, int count)
{
    int status = 0;
    pid_t pid = wait(&status);
    for (int i = 0; i < count; i++) {
        if (list[i].pid == pid && !list[i].ended) {
            note_end(&list[i], status);
        }
    }
}

static void finish(struct host_jobs *jobs, struct job *job, int index)
{
    struct buf out;
    char path[DIED_MAX];
    buf_init(&out, jobs->mem, HOST_JOB_OUTPUT_MAX);
    snprintf(path, sizeof(path), "/proc/self/fd/%d", job->output);
    bool read = host_file_read(path, &out);
    jobs->done(jobs->argument, index, read ? buf_str(&out) : STR(""), job->died);
    buf_done(&out);
    close(job->output);
}

void host_jobs_run(struct host_jobs *jobs)
{
    struct job *list = mem_alloc(jobs->mem, (size_t)jobs->count * sizeof(*list));
    int started = 0;
    int running = 0;
    int done = 0;
    while (done < jobs->count) {
        while (started < jobs->count && running < jobs->parallel) {
            start(jobs, &list[started], started);
            started++;
            running++;
        }
        wait_for_one(list, started);
        running--;
        while (done < started && list[done].ended) {
            finish(jobs, &list[done], done);
            done++;
        }
        jobs->count = jobs->stop ? started : jobs->count;
    }
    mem_free(jobs->mem, list);
}

int host_processor_count(void)
{
    long count = sysconf(_SC_NPROCESSORS_ONLN);
    return count > 0 ? (int)count : 1;
}

int64_t host_now_ns(void)
{
    struct timespec now;
    int error = clock_gettime(CLOCK_MONOTONIC, &now);
    assert(error == 0);
    return (int64_t)now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}
