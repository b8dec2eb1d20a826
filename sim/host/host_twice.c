// SPDX-License-Identifier: ISC
#include "host/host_twice.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ARGUMENTS_MAX = 300, LINE_BYTES = 1 << 20, EXIT_INTERNAL_ERROR = 3 };

/* The same command with its results as JSON, in an environment of its own. */
static void run_again(char **argv, int output)
{
    static char perturb[] = "MALLOC_PERTURB_=165";
    static char zone[] = "TZ=Pacific/Auckland";
    static char filler[] = "POSTSIM_FILLER=moves everything that lies above the environment";
    static char format[] = "--format";
    static char json[] = "json";
    char *environment[] = {perturb, zone, filler, NULL};
    char *arguments[ARGUMENTS_MAX + 3];
    int count = 0;
    for (; *argv != NULL && count < ARGUMENTS_MAX; argv++) {
        if (strcmp(*argv, "--twice") != 0) {
            arguments[count++] = *argv;
        }
    }
    arguments[count++] = format;
    arguments[count++] = json;
    arguments[count] = NULL;
    dup2(output, STDOUT_FILENO);
    execve("/proc/self/exe", arguments, environment);
    perror("postsim: cannot run again");
    _exit(EXIT_INTERNAL_ERROR);
}

/* Compares line by line; the lines are in the order of the cases. */
static int count_differences(FILE *results, const uint64_t *hashes, int count)
{
    static char line[LINE_BYTES];
    int differences = 0;
    int index = 0;
    for (; index < count && fgets(line, sizeof(line), results) != NULL; index++) {
        const char *hash = strstr(line, "\"hash\":\"");
        uint64_t again = hash == NULL ? 0 : strtoull(hash + strlen("\"hash\":\""), NULL, 16);
        if (hash == NULL || again != hashes[index]) {
            differences++;
            printf("run twice: the hash differs, %016llx here, %016llx there: %s",
                   (unsigned long long)hashes[index], (unsigned long long)again, line);
        }
    }
    return differences + (count - index);
}

bool host_twice(char **argv, const uint64_t *hashes, int count)
{
    int ends[2];
    fflush(NULL);
    pid_t pid = pipe(ends) == 0 ? fork() : -1;
    if (pid < 0) {
        perror("postsim: cannot run again");
        return false;
    }
    if (pid == 0) {
        run_again(argv, ends[1]);
    }
    close(ends[1]);
    FILE *results = fdopen(ends[0], "r");
    int differences = results == NULL ? count : count_differences(results, hashes, count);
    if (results != NULL) {
        fclose(results);
    }
    waitpid(pid, NULL, 0);
    printf("run twice: %d of %d hashes are equal\n", count - differences, count);
    return differences == 0;
}
