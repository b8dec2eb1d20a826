// SPDX-License-Identifier: ISC
#include "queue/queue_scan.h"

#include <stdio.h>
#include <string.h>

#include "base/assert.h"

static int open_directory(struct queue_scan *scan, int level)
{
    struct sys *sys = scan->queue->sys;
    int fd = sys_open(sys, SYS_HERE, scan->path, SYS_OPEN_READ | SYS_OPEN_DIRECTORY, 0);
    if (fd >= 0) {
        scan->fds[level] = fd;
        scan->level = level;
    }
    return fd < 0 ? fd : 0;
}

static void leave_directory(struct queue_scan *scan)
{
    sys_close(scan->queue->sys, scan->fds[scan->level]);
    scan->fds[scan->level] = -1;
    scan->level--;
    char *slash = strrchr(scan->path, '/');
    if (slash != NULL) {
        *slash = '\0';
    }
}

int queue_scan_open(struct queue *queue, enum queue_name name, struct queue_scan *scan)
{
    *scan = (struct queue_scan){.queue = queue, .name = name, .level = -1};
    for (size_t i = 0; i < sizeof scan->fds / sizeof scan->fds[0]; i++) {
        scan->fds[i] = -1;
    }
    snprintf(scan->path, sizeof scan->path, "%s", queue_directory(name));
    return open_directory(scan, 0);
}

void queue_scan_close(struct queue_scan *scan)
{
    while (scan->level >= 0) {
        leave_directory(scan);
    }
}

static bool is_level(const struct queue_scan *scan, struct str name)
{
    return name.size == 1 && scan->level < scan->queue->depth[scan->name];
}

/* Goes down into the sub-directory just found; one that is gone or is none is passed over. */
static int enter_level(struct queue_scan *scan)
{
    size_t size = strlen(scan->path);
    if (size + 3 > sizeof scan->path) {
        return -ERR_NAME_TOO_LONG;
    }
    scan->path[size] = '/';
    scan->path[size + 1] = scan->found[0];
    scan->path[size + 2] = '\0';
    int error = open_directory(scan, scan->level + 1);
    if (error != 0) {
        scan->path[size] = '\0';
    }
    return error == -ERR_NOT_FOUND || error == -ERR_NOT_DIRECTORY ? 0 : error;
}

static bool is_temporary(const struct queue_scan *scan, struct str name)
{
    return (scan->name == QUEUE_INCOMING || scan->name == QUEUE_MAILDROP) &&
           str_find(name, '.') > 0;
}

int queue_scan_next(struct queue_scan *scan, struct str *name)
{
    while (scan->level >= 0) {
        int more = sys_read_dir(scan->queue->sys, scan->fds[scan->level], scan->found);
        if (more < 0) {
            return more;
        }
        if (more == 0) {
            leave_directory(scan);
            continue;
        }
        *name = str_from(scan->found);
        if (is_level(scan, *name)) {
            int error = enter_level(scan);
            if (error != 0) {
                return error;
            }
        } else if (queue_id_is_valid(*name)) {
            return QUEUE_FOUND_ID;
        } else if (is_temporary(scan, *name)) {
            return QUEUE_FOUND_TEMPORARY;
        }
    }
    return QUEUE_FOUND_END;
}
