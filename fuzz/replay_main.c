// SPDX-License-Identifier: ISC
/* Runs a fuzz target over the files given, and over the files of the directories given, in order
 * of their names. Ends by the target's own failure, or reports how many inputs it ran. */
#define _GNU_SOURCE
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "fuzz/fuzz.h"

static _Noreturn void fail(const char *path)
{
    perror(path);
    exit(1);
}

/* The input lies in memory of exactly its size, so that a sanitizer sees each byte too many. */
static int replay_file(const char *path)
{
    struct stat status;
    FILE *file = fopen(path, "rb");

    if (file == NULL || fstat(fileno(file), &status) != 0) {
        fail(path);
    }
    size_t size = (size_t)status.st_size;
    uint8_t *data = malloc(size);
    if (data == NULL || fread(data, 1, size, file) != size) {
        fail(path);
    }
    (void)fclose(file);
    (void)LLVMFuzzerTestOneInput(data, size);
    free(data);
    return 1;
}

static int replay_directory(const char *path)
{
    struct dirent **entries = NULL;
    int entry_count = scandir(path, &entries, NULL, alphasort);
    int count = 0;

    if (entry_count < 0) {
        fail(path);
    }
    for (int i = 0; i < entry_count; i++) {
        char name[3500];
        (void)snprintf(name, sizeof(name), "%.3000s/%s", path, entries[i]->d_name);
        if (entries[i]->d_name[0] != '.') {
            count += replay_file(name);
        }
        free(entries[i]);
    }
    free(entries);
    return count;
}

static int replay(const char *path)
{
    struct stat status;

    if (stat(path, &status) != 0) {
        fail(path);
    }
    return S_ISDIR(status.st_mode) ? replay_directory(path) : replay_file(path);
}

int main(int argc, char **argv)
{
    int count = 0;

    for (int i = 1; i < argc; i++) {
        count += replay(argv[i]);
    }
    (void)printf("%s: %d inputs\n", argv[0], count);
    return 0;
}
