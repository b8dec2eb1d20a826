// SPDX-License-Identifier: ISC
/* Contract parts: random files, random streams. */
#include <stdio.h>
#include <string.h>

#include "sys/clock.h"
#include "sys/contract_test.h"
#include "sys/fs.h"
#include "sys/net.h"

/* ---- files: a few names, a few descriptors, all calls -------------------------------------------- */

enum { SLOT_COUNT = 5, DATA_MAX = 100 };

static const char *const paths[] = {"a", "b", "c", "d", "d/a", "d/b", "e", "e/a", "d/f", "d/f/a"};

enum { PATH_COUNT = sizeof(paths) / sizeof(paths[0]) };

struct files {
    struct contract *contract;
    struct sys *sys;
    int slots[SLOT_COUNT]; /* -1 when closed */
    int64_t mtime_wall_ns; /* the next one to set */
};

static const char *draw_path(struct files *files)
{
    return paths[contract_draw(files->contract, PATH_COUNT)];
}

static int *draw_slot(struct files *files)
{
    return &files->slots[contract_draw(files->contract, SLOT_COUNT)];
}

static uint32_t draw_mode(struct files *files)
{
    static const uint32_t modes[] = {0600, 0644, 0700, 0755};
    return modes[contract_draw(files->contract, 4)];
}

static void say(struct files *files, long result, const char *what, const char *path)
{
    char text[32];
    contract_say(files->contract, "%s %s: %s", what, path, contract_text(result, text));
}

static void say_slot(struct files *files, long result, const char *what, const int *slot)
{
    char text[32];
    contract_say(files->contract, "%s %d: %s", what, (int)(slot - files->slots),
                 contract_text(result, text));
}

static void do_open(struct files *files)
{
    static const unsigned flags[] = {
        SYS_OPEN_READ,
        SYS_OPEN_WRITE,
        SYS_OPEN_READ | SYS_OPEN_WRITE,
        SYS_OPEN_READ | SYS_OPEN_WRITE | SYS_OPEN_CREATE,
        SYS_OPEN_READ | SYS_OPEN_WRITE | SYS_OPEN_CREATE,
        SYS_OPEN_WRITE | SYS_OPEN_CREATE | SYS_OPEN_EXCLUSIVE,
        SYS_OPEN_READ | SYS_OPEN_WRITE | SYS_OPEN_TRUNCATE,
        SYS_OPEN_READ | SYS_OPEN_DIRECTORY,
    };
    int *slot = draw_slot(files);
    const char *path = draw_path(files);
    unsigned index = contract_draw(files->contract, sizeof(flags) / sizeof(flags[0]));
    uint32_t mode = draw_mode(files);
    sys_close(files->sys, *slot);
    *slot = sys_open(files->sys, SYS_HERE, path, flags[index], mode);
    contract_say(files->contract, "open %d = %s with %u: %s", (int)(slot - files->slots), path,
                 flags[index], *slot >= 0 ? "ok" : err_name(*slot));
}

static void do_close(struct files *files)
{
    int *slot = draw_slot(files);
    sys_close(files->sys, *slot);
    *slot = -1;
    say_slot(files, 0, "close", slot);
}

static void do_write(struct files *files)
{
    char data[DATA_MAX];
    int *slot = draw_slot(files);
    unsigned size = contract_draw(files->contract, DATA_MAX);
    unsigned offset = contract_draw(files->contract, 3) * contract_draw(files->contract, 5000);
    memset(data, (int)('a' + size % 26), size);
    say_slot(files, sys_pwrite(files->sys, *slot, data, size, offset), "write", slot);
}

static void do_read(struct files *files)
{
    char data[500];
    int *slot = draw_slot(files);
    unsigned offset = contract_draw(files->contract, 500);
    long count = sys_pread(files->sys, *slot, data, sizeof(data), offset);
    say_slot(files, count, "read", slot);
    if (count > 0) {
        uint64_t hash = contract_hash(data, (size_t)count);
        contract_say(files->contract, "content %llx", (unsigned long long)hash);
    }
}

static void do_truncate(struct files *files)
{
    int *slot = draw_slot(files);
    unsigned size = contract_draw(files->contract, 200);
    say_slot(files, sys_truncate(files->sys, *slot, size), "truncate", slot);
}

static void do_chmod(struct files *files)
{
    int *slot = draw_slot(files);
    uint32_t mode = draw_mode(files);
    say_slot(files, sys_chmod(files->sys, *slot, mode), "chmod", slot);
}

static void do_set_mtime(struct files *files)
{
    int *slot = draw_slot(files);
    struct sys_stat stat;
    files->mtime_wall_ns += 1000000007;
    int result = sys_set_mtime(files->sys, *slot, files->mtime_wall_ns);
    say_slot(files, result, "set mtime", slot);
    if (result == 0 && sys_fstat(files->sys, *slot, &stat) == 0) {
        contract_true(files->contract, stat.mtime_wall_ns == files->mtime_wall_ns, "it is set");
    }
}

static void do_sync(struct files *files)
{
    int *slot = draw_slot(files);
    say_slot(files, sys_fsync(files->sys, *slot), "sync", slot);
}

static void say_stat(struct files *files, const struct sys_stat *stat)
{
    bool directory = stat->kind == SYS_FILE_DIRECTORY;
    contract_say(files->contract, "kind %d mode %o links %llu size %lld", stat->kind, stat->mode,
                 directory ? 0 : (unsigned long long)stat->link_count,
                 directory ? 0 : (long long)stat->size);
}

/* Which open descriptors show the same file tells more than an inode number. */
static void do_stat(struct files *files)
{
    struct sys_stat stat;
    const char *path = draw_path(files);
    int result = sys_stat(files->sys, SYS_HERE, path, &stat);
    say(files, result, "stat", path);
    if (result != 0) {
        return;
    }
    say_stat(files, &stat);
    for (int i = 0; i < SLOT_COUNT; i++) {
        struct sys_stat other;
        if (sys_fstat(files->sys, files->slots[i], &other) == 0 && other.inode == stat.inode) {
            contract_say(files->contract, "is %d", i);
        }
    }
}

static void do_fstat(struct files *files)
{
    struct sys_stat stat;
    int *slot = draw_slot(files);
    int result = sys_fstat(files->sys, *slot, &stat);
    say_slot(files, result, "stat", slot);
    if (result == 0) {
        say_stat(files, &stat);
    }
}

static void do_rename(struct files *files)
{
    const char *from = draw_path(files);
    const char *to = draw_path(files);
    bool no_replace = contract_draw(files->contract, 2) != 0;
    int result = sys_rename(files->sys, SYS_HERE, from, SYS_HERE, to, no_replace);
    say(files, result, from, no_replace ? "renamed, not replacing" : "renamed");
    say(files, result, "to", to);
}

static void do_link(struct files *files)
{
    const char *from = draw_path(files);
    const char *to = draw_path(files);
    int result = sys_link(files->sys, SYS_HERE, from, SYS_HERE, to);
    say(files, result, from, "linked");
    say(files, result, "to", to);
}

static void do_unlink(struct files *files)
{
    const char *path = draw_path(files);
    say(files, sys_unlink(files->sys, SYS_HERE, path), "unlink", path);
}

static void do_mkdir(struct files *files)
{
    const char *path = draw_path(files);
    uint32_t mode = draw_mode(files);
    say(files, sys_mkdir(files->sys, SYS_HERE, path, mode), "mkdir", path);
}

static void do_rmdir(struct files *files)
{
    const char *path = draw_path(files);
    say(files, sys_rmdir(files->sys, SYS_HERE, path), "rmdir", path);
}

static void do_lock(struct files *files)
{
    int *slot = draw_slot(files);
    bool exclusive = contract_draw(files->contract, 2) != 0;
    int result = sys_lock(files->sys, *slot, exclusive, CONTRACT_PAST);
    say_slot(files, result, exclusive ? "lock exclusive" : "lock shared", slot);
}

static void do_unlock(struct files *files)
{
    int *slot = draw_slot(files);
    say_slot(files, sys_unlock(files->sys, *slot), "unlock", slot);
}

/* All names are one letter here: which of them are there, in their order. */
static void do_list(struct files *files)
{
    char letters[27] = "..........................";
    char name[SYS_NAME_MAX + 1];
    int *slot = draw_slot(files);
    int result;
    for (result = sys_read_dir(files->sys, *slot, name); result == 1;
         result = sys_read_dir(files->sys, *slot, name)) {
        letters[(unsigned)(name[0] - 'a') % 26] = name[0];
    }
    say_slot(files, result, "list", slot);
    contract_say(files->contract, "names %.6s", letters);
}

static void clear_directory(struct files *files)
{
    for (int pass = 0; pass < 3; pass++) {
        for (int i = 0; i < PATH_COUNT; i++) {
            int unlinked = sys_unlink(files->sys, SYS_HERE, paths[i]);
            int removed = sys_rmdir(files->sys, SYS_HERE, paths[i]);
            (void)unlinked;
            (void)removed;
        }
    }
}

void contract_random_files(struct contract *contract, int step_count)
{
    static void (*const actions[])(struct files *files) = {
        do_open,     do_open,   do_open,  do_open,  do_close,  do_write,  do_write,
        do_read,     do_read,   do_stat,  do_stat,  do_fstat,  do_rename, do_rename,
        do_link,     do_unlink, do_mkdir, do_mkdir, do_rmdir,  do_lock,   do_lock,
        do_truncate, do_chmod,  do_list,  do_list,  do_unlock, do_sync,   do_set_mtime,
    };
    struct files files = {
        .contract = contract,
        .sys = contract->sys,
        .mtime_wall_ns = INT64_C(1000000000000000000),
    };
    for (int i = 0; i < SLOT_COUNT; i++) {
        files.slots[i] = -1;
    }
    for (int i = 0; i < step_count; i++) {
        actions[contract_draw(contract, sizeof(actions) / sizeof(actions[0]))](&files);
    }
    for (int i = 0; i < SLOT_COUNT; i++) {
        sys_close(contract->sys, files.slots[i]);
    }
    clear_directory(&files);
}

/* ---- streams: connections over loopback or a unix socket, every end in any state -------------------- */

enum { LISTENER_COUNT = 2, END_COUNT = 10 };

struct end {
    int fd; /* -1 when closed */
};

struct streams {
    struct contract *contract;
    struct sys *sys;
    int listeners[LISTENER_COUNT];
    struct sys_address addresses[LISTENER_COUNT];
    struct end ends[END_COUNT];
};

/* Long enough for whatever is under way to arrive. */
static const int64_t settle_ns = 2 * SYS_MILLI_NS;

static void open_listeners(struct streams *streams)
{
    struct contract *contract = streams->contract;
    contract_is(contract, sys_address_parse(STR("127.0.0.1"), 0, &streams->addresses[0]), 0, "tcp");
    contract_is(contract, sys_address_unix(STR("stream"), &streams->addresses[1]), 0, "unix");
    for (int i = 0; i < LISTENER_COUNT; i++) {
        streams->listeners[i] = sys_listen(streams->sys, &streams->addresses[i], 20);
        contract_ok(contract, streams->listeners[i], "listen");
    }
    contract_is(contract,
                sys_local_address(streams->sys, streams->listeners[0], &streams->addresses[0]), 0,
                "local address");
}

static struct end *draw_end(struct streams *streams)
{
    return &streams->ends[contract_draw(streams->contract, END_COUNT)];
}

static int index_of(const struct streams *streams, const struct end *end)
{
    return (int)(end - streams->ends);
}

static void say_end(struct streams *streams, const struct end *end, long result, const char *what)
{
    char text[32];
    contract_say(streams->contract, "%s %d: %s", what, index_of(streams, end),
                 contract_text(result, text));
}

static void stream_dial(struct streams *streams)
{
    struct end *end = draw_end(streams);
    unsigned which = contract_draw(streams->contract, LISTENER_COUNT);
    sys_close(streams->sys, end->fd);
    int64_t soon_ns = contract_soon(streams->contract);
    end->fd = sys_dial(streams->sys, NULL, &streams->addresses[which], soon_ns);
    say_end(streams, end, end->fd < 0 ? end->fd : 0, which == 0 ? "dial tcp" : "dial unix");
}

static void stream_accept(struct streams *streams)
{
    struct end *end = draw_end(streams);
    unsigned which = contract_draw(streams->contract, LISTENER_COUNT);
    sys_close(streams->sys, end->fd);
    end->fd = sys_accept(streams->sys, streams->listeners[which], NULL, CONTRACT_PAST);
    say_end(streams, end, end->fd < 0 ? end->fd : 0, which == 0 ? "accept tcp" : "accept unix");
}

static void stream_write(struct streams *streams)
{
    char data[500];
    struct end *end = draw_end(streams);
    unsigned size = 1 + contract_draw(streams->contract, sizeof(data) - 1);
    memset(data, (int)('a' + size % 26), size);
    say_end(streams, end, sys_write(streams->sys, end->fd, data, size, CONTRACT_PAST), "write");
}

/* Takes what there is, however it was cut, up to a size. */
static void stream_read(struct streams *streams)
{
    char data[800];
    struct end *end = draw_end(streams);
    size_t size = 1 + contract_draw(streams->contract, sizeof(data) - 1);
    size_t done = 0;
    long count = 1;
    while (count > 0 && done < size) {
        count = sys_read(streams->sys, end->fd, data + done, size - done, CONTRACT_PAST);
        done += count > 0 ? (size_t)count : 0;
    }
    say_end(streams, end, (long)done, "read");
    if (done < size) {
        say_end(streams, end, count, "then");
    }
    contract_say(streams->contract, "content %llx", (unsigned long long)contract_hash(data, done));
}

static void stream_readable(struct streams *streams)
{
    struct end *end = draw_end(streams);
    say_end(streams, end, sys_readable(streams->sys, end->fd, CONTRACT_PAST), "readable");
}

static void stream_shutdown(struct streams *streams)
{
    struct end *end = draw_end(streams);
    say_end(streams, end, sys_shutdown(streams->sys, end->fd), "shut down");
}

static void stream_close(struct streams *streams)
{
    struct end *end = draw_end(streams);
    sys_close(streams->sys, end->fd);
    end->fd = -1;
    say_end(streams, end, 0, "close");
}

static void stream_pair(struct streams *streams)
{
    struct end *first = draw_end(streams);
    struct end *second = draw_end(streams);
    int pair[2];
    if (first == second) {
        return;
    }
    sys_close(streams->sys, first->fd);
    sys_close(streams->sys, second->fd);
    say_end(streams, first, sys_socket_pair(streams->sys, pair), "pair");
    say_end(streams, second, 0, "with");
    first->fd = pair[0];
    second->fd = pair[1];
}

void contract_random_streams(struct contract *contract, int step_count)
{
    static void (*const actions[])(struct streams *streams) = {
        stream_dial,  stream_dial,  stream_accept, stream_accept,   stream_accept,   stream_write,
        stream_write, stream_write, stream_write,  stream_read,     stream_read,     stream_read,
        stream_read,  stream_read,  stream_pair,   stream_readable, stream_shutdown, stream_close,
    };
    struct streams streams = {.contract = contract, .sys = contract->sys};
    for (int i = 0; i < END_COUNT; i++) {
        streams.ends[i].fd = -1;
    }
    open_listeners(&streams);
    for (int i = 0; i < step_count; i++) {
        actions[contract_draw(contract, sizeof(actions) / sizeof(actions[0]))](&streams);
        contract_pause(contract, settle_ns);
    }
    for (int i = 0; i < END_COUNT; i++) {
        sys_close(contract->sys, streams.ends[i].fd);
    }
    for (int i = 0; i < LISTENER_COUNT; i++) {
        sys_close(contract->sys, streams.listeners[i]);
    }
    contract_is(contract, sys_unlink(contract->sys, SYS_HERE, "stream"), 0, "unlink");
}
