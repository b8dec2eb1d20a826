// SPDX-License-Identifier: ISC
#include "host/host_twice.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ARGUMENTS_MAX = 300, LINE_BYTES = 1 << 20, EXIT_INTERNAL_ERROR = 3 };

/* Runs the command in an environment of its own. */
static void run_again(char *const *argv, int output)
{
    static char perturb[] = "MALLOC_PERTURB_=165";
    static char zone[] = "TZ=Pacific/Auckland";
    static char filler[] = "POSTSIM_FILLER=moves everything that lies above the environment";
    char *environment[] = {perturb, zone, filler, NULL};
    dup2(output, STDOUT_FILENO);
    execve("/proc/self/exe", argv, environment);
    perror("postsim: cannot run again");
    _exit(EXIT_INTERNAL_ERROR);
}

/* What it prints; NULL when it cannot be started. */
static FILE *start_again(char *const *argv, pid_t *pid)
{
    int ends[2];
    fflush(NULL);
    *pid = pipe(ends) == 0 ? fork() : -1;
    if (*pid < 0) {
        perror("postsim: cannot run again");
        return NULL;
    }
    if (*pid == 0) {
        run_again(argv, ends[1]);
    }
    close(ends[1]);
    return fdopen(ends[0], "r");
}

static bool read_hash(const char *line, uint64_t *hash)
{
    const char *text = strstr(line, "\"hash\":\"");
    *hash = text == NULL ? 0 : strtoull(text + strlen("\"hash\":\""), NULL, 16);
    return text != NULL;
}

/* Compares line by line; the lines are in the order of the cases. */
static int count_differences(FILE *results, const uint64_t *hashes, int count)
{
    static char line[LINE_BYTES];
    int differences = 0;
    int index = 0;
    for (; index < count && fgets(line, sizeof(line), results) != NULL; index++) {
        uint64_t again;
        if (!read_hash(line, &again) || again != hashes[index]) {
            differences++;
            printf("run twice: the hash differs, %016llx here, %016llx there: %s",
                   (unsigned long long)hashes[index], (unsigned long long)again, line);
        }
    }
    return differences + (count - index);
}

/* The same command with its results as JSON. */
static void copy_command(char **argv, char *copy[ARGUMENTS_MAX + 3])
{
    static char format[] = "--format";
    static char json[] = "json";
    int count = 0;
    for (; *argv != NULL && count < ARGUMENTS_MAX; argv++) {
        if (strcmp(*argv, "--twice") != 0) {
            copy[count++] = *argv;
        }
    }
    copy[count++] = format;
    copy[count++] = json;
    copy[count] = NULL;
}

bool host_twice(char **argv, const uint64_t *hashes, int count)
{
    pid_t pid;
    char *copy[ARGUMENTS_MAX + 3];
    copy_command(argv, copy);
    FILE *results = start_again(copy, &pid);
    if (results == NULL) {
        return false;
    }
    int differences = count_differences(results, hashes, count);
    fclose(results);
    waitpid(pid, NULL, 0);
    printf("run twice: %d of %d hashes are equal\n", count - differences, count);
    return differences == 0;
}

bool host_twice_hash(char *const *argv, uint64_t *hash)
{
    static char line[LINE_BYTES];
    pid_t pid;
    FILE *results = start_again(argv, &pid);
    if (results == NULL) {
        return false;
    }
    bool read = fgets(line, sizeof(line), results) != NULL && read_hash(line, hash);
    fclose(results);
    waitpid(pid, NULL, 0);
    return read;
}
