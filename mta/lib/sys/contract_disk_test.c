// SPDX-License-Identifier: ISC
/* Contract parts: files and directories that are replaced or removed while somebody has them, and
 * disks that are full or read-only. */
#include <string.h>

#include "sys/contract_test.h"
#include "sys/fs.h"
#include "sys/net.h"

enum {
    READ_WRITE = SYS_OPEN_READ | SYS_OPEN_WRITE,
    NEW = READ_WRITE | SYS_OPEN_CREATE | SYS_OPEN_EXCLUSIVE,
    LIST = SYS_OPEN_READ | SYS_OPEN_DIRECTORY,
    BLOCK_BYTES = 4096,
    BLOCKS_MAX = 4096, /* more than the small disk has */
    LONG_WRITE_BYTES = BLOCKS_MAX * BLOCK_BYTES,
};

static int open_here(struct contract *contract, const char *path, unsigned flags)
{
    return sys_open(contract->sys, SYS_HERE, path, flags, 0640);
}

static int make_file(struct contract *contract, const char *path, const char *content)
{
    long size = (long)strlen(content);
    int fd = (int)contract_ok(contract, open_here(contract, path, NEW), path);
    contract_is(contract, sys_pwrite(contract->sys, fd, content, (size_t)size, 0), size, content);
    return fd;
}

static void holds(struct contract *contract, int fd, const char *expected, const char *what)
{
    char data[64] = "";
    long count = sys_pread(contract->sys, fd, data, sizeof(data) - 1, 0);
    contract_true(contract, count == (long)strlen(expected) && strcmp(data, expected) == 0, what);
}

static void has_links(struct contract *contract, int fd, long expected, const char *what)
{
    struct sys_stat stat = {.size = 0};
    contract_is(contract, sys_fstat(contract->sys, fd, &stat), 0, "stat");
    contract_is(contract, (long)stat.link_count, expected, what);
}

/* ---- replaced and removed ---------------------------------------------------------------------- */

static void test_rename_over_an_open_file(struct contract *contract)
{
    struct sys *sys = contract->sys;
    int old = make_file(contract, "a", "old");
    int new = make_file(contract, "b", "new");
    contract_is(contract, sys_link(sys, SYS_HERE, "a", SYS_HERE, "c"), 0, "a second name");
    has_links(contract, old, 2, "links");
    contract_is(contract, sys_rename(sys, SYS_HERE, "b", SYS_HERE, "a", false), 0, "rename over");
    has_links(contract, old, 1, "the old one has one name less");
    holds(contract, old, "old", "who has the old one open reads it");
    contract_is(contract, sys_unlink(sys, SYS_HERE, "c"), 0, "unlink its last name");
    has_links(contract, old, 0, "links");
    holds(contract, old, "old", "it is still there");
    contract_is(contract, sys_fsync(sys, old), 0, "sync it");
    int again = open_here(contract, "a", SYS_OPEN_READ);
    holds(contract, again, "new", "the name has the new one");
    has_links(contract, new, 1, "links");
    sys_close(sys, again);
    sys_close(sys, old);
    sys_close(sys, new);
    contract_is(contract, sys_unlink(sys, SYS_HERE, "a"), 0, "unlink");
}

static void test_truncation_beside_a_reader(struct contract *contract)
{
    struct sys *sys = contract->sys;
    int writer = make_file(contract, "a", "some text");
    int reader = (int)contract_ok(contract, open_here(contract, "a", SYS_OPEN_READ), "open");
    int emptier = open_here(contract, "a", READ_WRITE | SYS_OPEN_TRUNCATE);
    holds(contract, reader, "", "a reader sees that it was emptied");
    contract_is(contract, sys_pwrite(sys, writer, "x", 1, 3), 1, "write behind the end");
    char data[4];
    contract_is(contract, sys_pread(sys, reader, data, 4, 0), 4, "read");
    contract_true(contract, memcmp(data, "\0\0\0x", 4) == 0, "what was there is zeros");
    sys_close(sys, emptier);
    sys_close(sys, reader);
    sys_close(sys, writer);
    contract_is(contract, sys_unlink(sys, SYS_HERE, "a"), 0, "unlink");
}

/* As the sub-directories of a queue come and go. */
static void test_directories_come_and_go(struct contract *contract)
{
    struct sys *sys = contract->sys;
    char name[SYS_NAME_MAX + 1];
    struct sys_stat stat;
    int file = make_file(contract, "a", "mail");
    contract_is(contract, sys_rename(sys, SYS_HERE, "a", SYS_HERE, "d/e/a", true), -ERR_NOT_FOUND,
                "rename into nothing");
    contract_is(contract, sys_mkdir(sys, SYS_HERE, "d", 0700), 0, "mkdir");
    contract_is(contract, sys_mkdir(sys, SYS_HERE, "d/e", 0700), 0, "and below it");
    contract_is(contract, sys_rename(sys, SYS_HERE, "a", SYS_HERE, "d/e/a", true), 0, "rename");
    contract_is(contract, sys_rmdir(sys, SYS_HERE, "d/e"), -ERR_NOT_EMPTY, "rmdir");
    contract_is(contract, sys_unlink(sys, SYS_HERE, "d/e/a"), 0, "unlink");
    int directory = (int)contract_ok(contract, open_here(contract, "d/e", LIST), "open");
    contract_is(contract, sys_rmdir(sys, SYS_HERE, "d/e"), 0, "rmdir what is open");
    contract_is(contract, sys_open(sys, directory, "a", NEW, 0600), -ERR_NOT_FOUND, "create in it");
    contract_is(contract, sys_read_dir(sys, directory, name), -ERR_NOT_FOUND, "list it");
    contract_is(contract, sys_mkdir(sys, directory, "f", 0700), -ERR_NOT_FOUND, "mkdir in it");
    contract_is(contract, sys_fstat(sys, directory, &stat), 0, "stat it");
    contract_is(contract, sys_mkdir(sys, SYS_HERE, "d/e", 0700), 0, "mkdir again");
    contract_is(contract, sys_open(sys, directory, "a", NEW, 0600), -ERR_NOT_FOUND,
                "that is another one");
    sys_close(sys, directory);
    sys_close(sys, file);
    contract_is(contract, sys_rmdir(sys, SYS_HERE, "d/e"), 0, "rmdir");
    contract_is(contract, sys_rmdir(sys, SYS_HERE, "d"), 0, "rmdir");
}

/* Before 1970, behind 2038, behind 2106. */
static void test_far_times(struct contract *contract)
{
    static const int64_t seconds[] = {-1, 0, INT64_C(2147483648), INT64_C(4294967296)};
    struct sys *sys = contract->sys;
    int fd = make_file(contract, "a", "");
    for (size_t i = 0; i < sizeof(seconds) / sizeof(seconds[0]); i++) {
        struct sys_stat stat = {.size = 0};
        int64_t wall_ns = seconds[i] * SYS_SECOND_NS + 1;
        contract_is(contract, sys_set_mtime(sys, fd, wall_ns), 0, "set mtime");
        contract_is(contract, sys_fstat(sys, fd, &stat), 0, "stat");
        contract_true(contract, stat.mtime_wall_ns == wall_ns, "it is exact");
    }
    sys_close(sys, fd);
    contract_is(contract, sys_unlink(sys, SYS_HERE, "a"), 0, "unlink");
}

void contract_replaced(struct contract *contract)
{
    test_rename_over_an_open_file(contract);
    test_truncation_beside_a_reader(contract);
    test_directories_come_and_go(contract);
    test_far_times(contract);
}

/* ---- a full disk ------------------------------------------------------------------------------- */

/* Blocks up to the first that does not fit: the error, which is the same the next time. */
static void fill_up(struct contract *contract, int fd)
{
    char block[BLOCK_BYTES];
    long count = BLOCK_BYTES;
    int64_t offset = 0;
    memset(block, 'f', sizeof(block));
    while (count > 0 && offset < LONG_WRITE_BYTES) {
        count = sys_pwrite(contract->sys, fd, block, sizeof(block), offset);
        offset += count > 0 ? count : 0;
    }
    contract_is(contract, count, -ERR_NO_SPACE, "fill up");
    contract_is(contract, sys_pwrite(contract->sys, fd, block, sizeof(block), offset),
                -ERR_NO_SPACE, "there is still no space");
}

static void test_what_needs_no_space(struct contract *contract, int full)
{
    struct sys *sys = contract->sys;
    struct sys_space space = {.bytes_free = BLOCK_BYTES};
    contract_is(contract, sys_space(sys, full, &space), 0, "space");
    contract_true(contract, space.bytes_free < BLOCK_BYTES, "there is none");
    contract_is(contract, sys_pwrite(sys, full, "x", 1, 0), 1, "write over what is there");
    contract_is(contract, sys_fsync(sys, full), 0, "sync");
    contract_is(contract, sys_chmod(sys, full, 0700), 0, "change mode");
    int empty = (int)contract_ok(contract, open_here(contract, "e", NEW), "create");
    contract_is(contract, sys_pwrite(sys, empty, "x", 1, 0), -ERR_NO_SPACE, "write to it");
    has_links(contract, empty, 1, "links");
    contract_is(contract, sys_link(sys, SYS_HERE, "e", SYS_HERE, "g"), 0, "link");
    contract_is(contract, sys_rename(sys, SYS_HERE, "e", SYS_HERE, "h", true), 0, "rename");
    contract_is(contract, sys_unlink(sys, SYS_HERE, "g"), 0, "unlink");
    contract_is(contract, sys_unlink(sys, SYS_HERE, "h"), 0, "unlink");
    sys_close(sys, empty);
}

static void test_space_comes_back(struct contract *contract, int full)
{
    struct sys *sys = contract->sys;
    int fd = (int)contract_ok(contract, open_here(contract, "n", NEW), "create");
    contract_is(contract, sys_unlink(sys, SYS_HERE, "f"), 0, "unlink the big file");
    contract_is(contract, sys_pwrite(sys, fd, "x", 1, 0), -ERR_NO_SPACE,
                "who has it open keeps it");
    contract_is(contract, sys_truncate(sys, full, BLOCK_BYTES), 0, "cut it off");
    contract_is(contract, sys_pwrite(sys, fd, "x", 1, 0), 1, "that gives space");
    fill_up(contract, full);
    sys_close(sys, full);
    contract_is(contract, sys_pwrite(sys, fd, "y", 1, BLOCK_BYTES), 1, "and so does its end");
    sys_close(sys, fd);
    contract_is(contract, sys_unlink(sys, SYS_HERE, "n"), 0, "unlink");
}

static void test_long_write_is_short(struct contract *contract)
{
    struct sys *sys = contract->sys;
    char *data = mem_alloc(sys_mem(sys), LONG_WRITE_BYTES);
    int fd = (int)contract_ok(contract, open_here(contract, "l", NEW), "create");
    long count = sys_pwrite(sys, fd, data, LONG_WRITE_BYTES, 0);
    contract_true(contract, count > 0 && count < LONG_WRITE_BYTES, "a long write is cut short");
    contract_is(contract, sys_pwrite(sys, fd, data, LONG_WRITE_BYTES, count), -ERR_NO_SPACE,
                "the next one says why");
    mem_free(sys_mem(sys), data);
    sys_close(sys, fd);
    contract_is(contract, sys_unlink(sys, SYS_HERE, "l"), 0, "unlink");
}

void contract_full(struct contract *contract)
{
    int full = (int)contract_ok(contract, open_here(contract, "f", NEW), "create");
    fill_up(contract, full);
    test_what_needs_no_space(contract, full);
    test_space_comes_back(contract, full);
    test_long_write_is_short(contract);
}

/* ---- a read-only disk -------------------------------------------------------------------------- */

static void is_open_error(struct contract *contract, const char *path, unsigned flags, int expected,
                          const char *what)
{
    int fd = open_here(contract, path, flags);
    contract_is(contract, fd, expected, what);
    sys_close(contract->sys, fd);
}

static void test_names_stay(struct contract *contract)
{
    struct sys *sys = contract->sys;
    is_open_error(contract, "new", NEW, -ERR_READ_ONLY, "create");
    is_open_error(contract, "f", NEW, -ERR_EXISTS, "create what is there");
    is_open_error(contract, "none/new", NEW, -ERR_NOT_FOUND, "create nowhere");
    is_open_error(contract, "f", READ_WRITE, -ERR_READ_ONLY, "open to write");
    is_open_error(contract, "f", READ_WRITE | SYS_OPEN_TRUNCATE, -ERR_READ_ONLY, "or to empty");
    is_open_error(contract, "d", READ_WRITE, -ERR_IS_DIRECTORY, "open a directory to write");
    contract_is(contract, sys_rename(sys, SYS_HERE, "f", SYS_HERE, "g", true), -ERR_READ_ONLY,
                "rename");
    contract_is(contract, sys_rename(sys, SYS_HERE, "none", SYS_HERE, "g", false), -ERR_READ_ONLY,
                "rename nothing");
    contract_is(contract, sys_rename(sys, SYS_HERE, "none/f", SYS_HERE, "g", false), -ERR_NOT_FOUND,
                "rename from nowhere");
    contract_is(contract, sys_link(sys, SYS_HERE, "f", SYS_HERE, "g"), -ERR_READ_ONLY, "link");
    contract_is(contract, sys_link(sys, SYS_HERE, "f", SYS_HERE, "f"), -ERR_EXISTS,
                "link to what is there");
    contract_is(contract, sys_unlink(sys, SYS_HERE, "f"), -ERR_READ_ONLY, "unlink");
    contract_is(contract, sys_unlink(sys, SYS_HERE, "none"), -ERR_READ_ONLY, "unlink nothing");
    contract_is(contract, sys_mkdir(sys, SYS_HERE, "e", 0700), -ERR_READ_ONLY, "mkdir");
    contract_is(contract, sys_mkdir(sys, SYS_HERE, "d", 0700), -ERR_EXISTS, "mkdir over one");
    contract_is(contract, sys_rmdir(sys, SYS_HERE, "d"), -ERR_READ_ONLY, "rmdir");
}

static void test_files_stay(struct contract *contract)
{
    struct sys *sys = contract->sys;
    int fd = (int)contract_ok(contract, open_here(contract, "f", SYS_OPEN_READ), "open to read");
    holds(contract, fd, "hello", "its content is there");
    contract_is(contract, sys_chmod(sys, fd, 0600), -ERR_READ_ONLY, "change mode");
    contract_is(contract, sys_chown(sys, fd, 0, 0), -ERR_READ_ONLY, "change owner");
    contract_is(contract, sys_set_mtime(sys, fd, SYS_SECOND_NS), -ERR_READ_ONLY, "set mtime");
    contract_is(contract, sys_lock(sys, fd, false, CONTRACT_PAST), 0, "lock");
    contract_is(contract, sys_fsync(sys, fd), 0, "sync");
    sys_close(sys, fd);
}

static void test_directory_is_listed(struct contract *contract)
{
    char name[SYS_NAME_MAX + 1] = "";
    int fd = (int)contract_ok(contract, open_here(contract, "d", LIST), "open a directory");
    contract_is(contract, sys_read_dir(contract->sys, fd, name), 1, "list it");
    contract_say(contract, "a name: %s", name);
    contract_is(contract, sys_read_dir(contract->sys, fd, name), 0, "the end");
    contract_is(contract, sys_fsync(contract->sys, fd), 0, "sync");
    sys_close(contract->sys, fd);
}

static void test_no_socket_is_made(struct contract *contract)
{
    struct sys_address address;
    contract_is(contract, sys_address_unix(STR("s"), &address), 0, "an address");
    contract_is(contract, sys_listen(contract->sys, &address, 1), -ERR_READ_ONLY, "listen");
}

void contract_read_only(struct contract *contract)
{
    test_names_stay(contract);
    test_files_stay(contract);
    test_directory_is_listed(contract);
    test_no_socket_is_made(contract);
}
