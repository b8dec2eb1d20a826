// SPDX-License-Identifier: ISC
/* Contract parts: files, names, locks. */
#include <stdio.h>
#include <string.h>

#include "sys/clock.h"
#include "sys/contract_test.h"
#include "sys/fiber.h"
#include "sys/fs.h"
#include "sys/process.h"
#include "sys/user.h"

enum {
    READ_WRITE = SYS_OPEN_READ | SYS_OPEN_WRITE,
    NEW = READ_WRITE | SYS_OPEN_CREATE | SYS_OPEN_EXCLUSIVE,
    LIST = SYS_OPEN_READ | SYS_OPEN_DIRECTORY,
};

static int open_here(struct contract *contract, const char *path, unsigned flags)
{
    return sys_open(contract->sys, SYS_HERE, path, flags, 0640);
}

static void make_file(struct contract *contract, const char *path)
{
    int fd = (int)contract_ok(contract, open_here(contract, path, NEW), path);
    sys_close(contract->sys, fd);
}

static void is_open_error(struct contract *contract, const char *path, unsigned flags, int expected,
                          const char *what)
{
    int fd = open_here(contract, path, flags);
    contract_is(contract, fd, expected, what);
    sys_close(contract->sys, fd);
}

static void remove_file(struct contract *contract, const char *path)
{
    contract_is(contract, sys_unlink(contract->sys, SYS_HERE, path), 0, path);
}

/* ---- files: contents and attributes ---------------------------------------------------------- */

static void test_contents(struct contract *contract, int fd)
{
    struct sys *sys = contract->sys;
    char data[64];
    contract_is(contract, sys_pwrite(sys, fd, "hello world", 11, 0), 11, "write");
    contract_is(contract, sys_pread(sys, fd, data, 5, 6), 5, "read within");
    contract_true(contract, memcmp(data, "world", 5) == 0, "what was written is read");
    contract_is(contract, sys_pread(sys, fd, data, 64, 6), 5, "read over the end");
    contract_is(contract, sys_pread(sys, fd, data, 64, 11), 0, "read at the end");
    contract_is(contract, sys_pread(sys, fd, data, 64, 1000), 0, "read beyond the end");
    contract_is(contract, sys_pwrite(sys, fd, "!", 1, 20), 1, "write beyond the end");
    contract_is(contract, sys_pread(sys, fd, data, 64, 0), 21, "read all");
    contract_true(contract, memcmp(data + 11, "\0\0\0\0\0\0\0\0\0!", 10) == 0, "a gap is zeros");
    contract_is(contract, sys_truncate(sys, fd, 3), 0, "cut off");
    contract_is(contract, sys_truncate(sys, fd, 6), 0, "and lengthen");
    contract_is(contract, sys_pread(sys, fd, data, 64, 0), 6, "read all");
    contract_true(contract, memcmp(data, "hel\0\0\0", 6) == 0, "what was cut off is gone");
    contract_is(contract, sys_pread(sys, fd, data, 1, -1), -ERR_INVALID, "negative offset");
    contract_is(contract, sys_truncate(sys, fd, -1), -ERR_INVALID, "negative size");
    contract_is(contract, sys_fsync(sys, fd), 0, "sync");
}

static void test_attributes(struct contract *contract, int fd)
{
    struct sys *sys = contract->sys;
    const int64_t mtime_wall_ns = INT64_C(1234567890123456789);
    struct sys_stat stat;
    struct sys_space space;
    uint32_t uid = sys_effective_uid(sys);
    uint32_t gid = sys_effective_gid(sys);
    contract_is(contract, sys_fstat(sys, fd, &stat), 0, "stat");
    contract_is(contract, stat.mode, 0640, "mode is exact");
    contract_is(contract, stat.kind, SYS_FILE_REGULAR, "kind");
    contract_is(contract, (long)stat.link_count, 1, "links");
    contract_is(contract, (long)stat.size, 6, "size");
    contract_true(contract, stat.uid == uid && stat.gid == gid, "it is ours");
    contract_is(contract, sys_chmod(sys, fd, 01777), 0, "change mode");
    contract_is(contract, sys_set_mtime(sys, fd, mtime_wall_ns), 0, "set mtime");
    contract_is(contract, sys_chown(sys, fd, uid, gid), 0, "give to ourselves");
    contract_is(contract, sys_stat(sys, SYS_HERE, "a", &stat), 0, "stat by name");
    contract_is(contract, stat.mode, 01777, "mode");
    contract_true(contract, stat.mtime_wall_ns == mtime_wall_ns, "mtime to the nanosecond");
    contract_is(contract, sys_pwrite(sys, fd, "x", 1, 0), 1, "write");
    contract_is(contract, sys_stat(sys, SYS_HERE, "a", &stat), 0, "stat by name");
    contract_true(contract, stat.mtime_wall_ns > mtime_wall_ns, "a write sets mtime");
    contract_is(contract, sys_space(sys, fd, &space), 0, "space");
    contract_true(contract, space.bytes_free > 0 && space.bytes_total >= space.bytes_free,
                  "there is space");
}

static void test_unlinked_file_lives_on(struct contract *contract, int fd)
{
    struct sys *sys = contract->sys;
    struct sys_stat stat;
    char data[8];
    contract_is(contract, sys_unlink(sys, SYS_HERE, "a"), 0, "unlink an open file");
    contract_is(contract, sys_stat(sys, SYS_HERE, "a", &stat), -ERR_NOT_FOUND, "its name is gone");
    contract_is(contract, sys_pwrite(sys, fd, "still", 5, 0), 5, "write to it");
    contract_is(contract, sys_pread(sys, fd, data, 5, 0), 5, "read from it");
    contract_is(contract, sys_fstat(sys, fd, &stat), 0, "stat it");
    contract_is(contract, (long)stat.link_count, 0, "links");
}

static void test_access_modes(struct contract *contract)
{
    struct sys *sys = contract->sys;
    char byte = 'x';
    make_file(contract, "b");
    int reader =
        (int)contract_ok(contract, open_here(contract, "b", SYS_OPEN_READ), "open to read");
    int writer =
        (int)contract_ok(contract, open_here(contract, "b", SYS_OPEN_WRITE), "open to write");
    contract_is(contract, sys_pwrite(sys, reader, &byte, 1, 0), -ERR_BAD_DESCRIPTOR,
                "write to a reader");
    contract_is(contract, sys_pread(sys, writer, &byte, 1, 0), -ERR_BAD_DESCRIPTOR,
                "read from a writer");
    contract_is(contract, sys_truncate(sys, reader, 0), -ERR_INVALID, "truncate a reader");
    contract_is(contract, sys_pwrite(sys, writer, &byte, 1, 0), 1, "write");
    contract_is(contract, sys_pread(sys, reader, &byte, 1, 0), 1, "read");
    contract_is(contract, sys_fsync(sys, reader), 0, "sync a reader");
    sys_close(sys, reader);
    sys_close(sys, writer);
    contract_is(contract, sys_pread(sys, reader, &byte, 1, 0), -ERR_BAD_DESCRIPTOR, "read closed");
    contract_is(contract, sys_fsync(sys, reader), -ERR_BAD_DESCRIPTOR, "sync closed");
    contract_is(contract, sys_fsync(sys, -1), -ERR_BAD_DESCRIPTOR, "sync nothing");
    int again = open_here(contract, "b", READ_WRITE | SYS_OPEN_TRUNCATE);
    contract_is(contract, sys_pread(sys, again, &byte, 1, 0), 0, "open with truncate empties");
    sys_close(sys, again);
    remove_file(contract, "b");
}

static void test_descriptors_are_counted(struct contract *contract)
{
    int before = sys_descriptors_free(contract->sys);
    int fd = open_here(contract, ".", LIST);
    contract_is(contract, before - sys_descriptors_free(contract->sys), 1, "a descriptor less");
    sys_close(contract->sys, fd);
    contract_is(contract, before - sys_descriptors_free(contract->sys), 0, "and back");
}

void contract_files(struct contract *contract)
{
    int fd = (int)contract_ok(contract, open_here(contract, "a", NEW), "create");
    test_contents(contract, fd);
    test_attributes(contract, fd);
    test_unlinked_file_lives_on(contract, fd);
    sys_close(contract->sys, fd);
    test_access_modes(contract);
    test_descriptors_are_counted(contract);
}

/* ---- names ------------------------------------------------------------------------------------- */

static void test_opens_that_fail(struct contract *contract)
{
    char long_name[SYS_NAME_MAX + 2];
    memset(long_name, 'n', sizeof(long_name) - 1);
    long_name[sizeof(long_name) - 1] = '\0';
    is_open_error(contract, "none", SYS_OPEN_READ, -ERR_NOT_FOUND, "open nothing");
    is_open_error(contract, "", SYS_OPEN_READ, -ERR_NOT_FOUND, "open the empty name");
    is_open_error(contract, "f", NEW, -ERR_EXISTS, "create what is there");
    is_open_error(contract, "d", NEW, -ERR_EXISTS, "create a directory's name");
    is_open_error(contract, "d", READ_WRITE, -ERR_IS_DIRECTORY, "open a directory to write");
    is_open_error(contract, "f", LIST, -ERR_NOT_DIRECTORY, "open a file as directory");
    is_open_error(contract, "f/x", SYS_OPEN_READ, -ERR_NOT_DIRECTORY, "a file on the way");
    is_open_error(contract, "none/x", NEW, -ERR_NOT_FOUND, "create nowhere");
    is_open_error(contract, long_name, NEW, -ERR_NAME_TOO_LONG, "a name of 256 bytes");
    long_name[SYS_NAME_MAX] = '\0';
    make_file(contract, long_name);
    remove_file(contract, long_name);
}

static void test_renames(struct contract *contract)
{
    struct sys *sys = contract->sys;
    static const struct {
        const char *from;
        const char *to;
        bool no_replace;
        int expected;
    } rows[] = {
        {"none", "x", false, -ERR_NOT_FOUND},
        {"f", "g", true, -ERR_EXISTS},
        {"f", "f", false, 0},
        {"f", "f", true, -ERR_EXISTS},
        {"f", "d", false, -ERR_IS_DIRECTORY},
        {"d", "f", false, -ERR_NOT_DIRECTORY},
        {"d", "d/inside", false, -ERR_INVALID},
        {"e", "d", false, -ERR_NOT_EMPTY},
        {"f", "none/f", false, -ERR_NOT_FOUND},
        {"f", "g/f", false, -ERR_NOT_DIRECTORY},
        {"f", "g", false, 0},
        {"g", "f", true, 0},
        {"e", "e2", true, 0},
        {"e2", "e", false, 0},
        {"f", "e/f", true, 0},
        {"e/f", "f", false, 0},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char what[64];
        (void)snprintf(what, sizeof(what), "rename %s to %s%s", rows[i].from, rows[i].to,
                       rows[i].no_replace ? ", not replacing" : "");
        int result =
            sys_rename(sys, SYS_HERE, rows[i].from, SYS_HERE, rows[i].to, rows[i].no_replace);
        contract_is(contract, result, rows[i].expected, what);
    }
}

static void test_links(struct contract *contract)
{
    struct sys *sys = contract->sys;
    struct sys_stat first;
    struct sys_stat second;
    contract_is(contract, sys_link(sys, SYS_HERE, "f", SYS_HERE, "d/l"), 0, "link");
    contract_is(contract, sys_link(sys, SYS_HERE, "f", SYS_HERE, "d/l"), -ERR_EXISTS, "again");
    contract_is(contract, sys_link(sys, SYS_HERE, "d", SYS_HERE, "x"), -ERR_NOT_PERMITTED,
                "link a directory");
    contract_is(contract, sys_link(sys, SYS_HERE, "none", SYS_HERE, "x"), -ERR_NOT_FOUND,
                "link nothing");
    contract_is(contract, sys_stat(sys, SYS_HERE, "f", &first), 0, "stat");
    contract_is(contract, sys_stat(sys, SYS_HERE, "d/l", &second), 0, "stat");
    contract_is(contract, (long)second.link_count, 2, "links");
    contract_true(contract, first.inode == second.inode && first.device == second.device,
                  "one file, two names");
    contract_is(contract, sys_rename(sys, SYS_HERE, "d/l", SYS_HERE, "f", false), 0,
                "rename one name of a file to its other");
    contract_is(contract, sys_stat(sys, SYS_HERE, "d/l", &second), 0, "both are still there");
    remove_file(contract, "d/l");
}

static void test_removes(struct contract *contract)
{
    struct sys *sys = contract->sys;
    contract_is(contract, sys_unlink(sys, SYS_HERE, "none"), -ERR_NOT_FOUND, "unlink nothing");
    contract_is(contract, sys_unlink(sys, SYS_HERE, "d"), -ERR_IS_DIRECTORY, "unlink a directory");
    contract_is(contract, sys_rmdir(sys, SYS_HERE, "f"), -ERR_NOT_DIRECTORY, "rmdir a file");
    contract_is(contract, sys_rmdir(sys, SYS_HERE, "d"), -ERR_NOT_EMPTY, "rmdir a full directory");
    contract_is(contract, sys_rmdir(sys, SYS_HERE, "none"), -ERR_NOT_FOUND, "rmdir nothing");
    contract_is(contract, sys_mkdir(sys, SYS_HERE, "d", 0700), -ERR_EXISTS, "mkdir over one");
    contract_is(contract, sys_mkdir(sys, SYS_HERE, "f", 0700), -ERR_EXISTS, "mkdir over a file");
    contract_is(contract, sys_mkdir(sys, SYS_HERE, "none/d", 0700), -ERR_NOT_FOUND,
                "mkdir nowhere");
}

/* Names come in any order; here they are single letters, which are sorted. */
static void say_listing(struct contract *contract, int fd, const char *what)
{
    bool seen[128] = {false};
    char text[129];
    int count = 0;
    int result;
    char name[SYS_NAME_MAX + 1];
    for (result = sys_read_dir(contract->sys, fd, name); result == 1;
         result = sys_read_dir(contract->sys, fd, name)) {
        seen[name[0] & 127] = true;
    }
    for (int i = 0; i < 128; i++) {
        if (seen[i]) {
            text[count++] = (char)i;
        }
    }
    text[count] = '\0';
    contract_say(contract, "%s: %s", what, text);
    contract_is(contract, result, 0, "its end");
}

static void test_listing(struct contract *contract)
{
    struct sys *sys = contract->sys;
    int fd = (int)contract_ok(contract, open_here(contract, "d", LIST), "open a directory");
    int file = (int)contract_ok(contract, open_here(contract, "f", SYS_OPEN_READ), "open a file");
    char name[SYS_NAME_MAX + 1];
    char byte;
    say_listing(contract, fd, "listing");
    say_listing(contract, fd, "listing again");
    contract_is(contract, sys_read_dir(sys, file, name), -ERR_NOT_DIRECTORY, "list a file");
    contract_is(contract, sys_pread(sys, fd, &byte, 1, 0), -ERR_IS_DIRECTORY, "read a directory");
    contract_is(contract, sys_fsync(sys, fd), 0, "sync a directory");
    int inner = sys_open(sys, fd, "i", SYS_OPEN_READ, 0);
    contract_ok(contract, inner, "open relative to it");
    contract_is(contract, sys_open(sys, file, "i", SYS_OPEN_READ, 0), -ERR_NOT_DIRECTORY,
                "open relative to a file");
    contract_is(contract, sys_open(sys, 999, "i", SYS_OPEN_READ, 0), -ERR_BAD_DESCRIPTOR,
                "open relative to nothing");
    contract_is(contract, sys_rename(sys, fd, "i", fd, "j", true), 0, "rename relative to it");
    say_listing(contract, fd, "listing of the change");
    contract_is(contract, sys_rename(sys, fd, "j", fd, "i", true), 0, "and back");
    sys_close(sys, inner);
    sys_close(sys, file);
    sys_close(sys, fd);
}

static void test_long_listing(struct contract *contract)
{
    struct sys *sys = contract->sys;
    enum { COUNT = 2000 };
    bool seen[COUNT] = {false};
    int seen_count = 0;
    char name[SYS_NAME_MAX + 1];
    int fd = open_here(contract, "e", LIST);
    for (int i = 0; i < COUNT; i++) {
        (void)snprintf(name, sizeof(name), "%d", i);
        int file = sys_open(sys, fd, name, NEW, 0600);
        sys_close(sys, file);
    }
    while (sys_read_dir(sys, fd, name) == 1) {
        int number = 0;
        for (const char *digit = name; *digit != '\0'; digit++) {
            number = 10 * number + *digit - '0';
        }
        seen_count += number >= 0 && number < COUNT && !seen[number];
        seen[number % COUNT] = true;
    }
    contract_is(contract, seen_count, COUNT, "each of 2000 names is listed once");
    for (int i = 0; i < COUNT; i++) {
        (void)snprintf(name, sizeof(name), "%d", i);
        contract->failed_count += sys_unlink(sys, fd, name) != 0;
    }
    sys_close(sys, fd);
}

void contract_names(struct contract *contract)
{
    struct sys *sys = contract->sys;
    contract_is(contract, sys_mkdir(sys, SYS_HERE, "d", 0750), 0, "mkdir d");
    contract_is(contract, sys_mkdir(sys, SYS_HERE, "e", 0700), 0, "mkdir e");
    make_file(contract, "d/i");
    make_file(contract, "f");
    make_file(contract, "g");
    struct sys_stat stat;
    contract_is(contract, sys_stat(sys, SYS_HERE, "d", &stat), 0, "stat a directory");
    contract_is(contract, stat.kind, SYS_FILE_DIRECTORY, "kind");
    contract_is(contract, stat.mode, 0750, "mode");
    test_opens_that_fail(contract);
    test_renames(contract);
    test_links(contract);
    test_removes(contract);
    test_listing(contract);
    test_long_listing(contract);
    remove_file(contract, "d/i");
    remove_file(contract, "f");
    contract_is(contract, sys_rmdir(sys, SYS_HERE, "d"), 0, "rmdir d");
    contract_is(contract, sys_rmdir(sys, SYS_HERE, "e"), 0, "rmdir e");
}

/* ---- locks ---------------------------------------------------------------------------------------- */

struct holder {
    int fd;
    int error;
};

static void hold_lock(struct sys *sys, void *argument)
{
    struct holder *holder = argument;
    int64_t deadline_ns = sys_deadline(sys, 50 * SYS_MILLI_NS);
    int error = sys_sleep_until(sys, deadline_ns);
    holder->error = error != 0 ? error : sys_unlock(sys, holder->fd);
}

static void test_waiting_for_a_lock(struct contract *contract, int first, int second)
{
    struct sys *sys = contract->sys;
    struct holder holder = {.fd = first};
    struct sys_group group;
    sys_group_init(&group);
    contract_is(contract, sys_lock(sys, first, true, CONTRACT_PAST), 0, "lock");
    contract_is(contract, sys_fiber_start(sys, &group, hold_lock, &holder), 0, "start holder");
    int64_t short_ns = sys_deadline(sys, 10 * SYS_MILLI_NS);
    contract_is(contract, sys_lock(sys, second, true, short_ns), -ERR_LOCKED, "wait too short");
    contract_is(contract, sys_lock(sys, second, true, contract_soon(contract)), 0, "wait");
    sys_group_join(sys, &group);
    contract_is(contract, holder.error, 0, "holder's unlock");
    contract_is(contract, sys_unlock(sys, second), 0, "unlock");
}

void contract_locks(struct contract *contract)
{
    struct sys *sys = contract->sys;
    make_file(contract, "l");
    int first = open_here(contract, "l", READ_WRITE);
    int second = open_here(contract, "l", READ_WRITE);
    int reader = open_here(contract, "l", SYS_OPEN_READ);
    contract_is(contract, sys_lock(sys, first, false, CONTRACT_PAST), 0, "shared");
    contract_is(contract, sys_lock(sys, second, false, CONTRACT_PAST), 0, "shared by another");
    contract_is(contract, sys_lock(sys, first, true, CONTRACT_PAST), -ERR_LOCKED,
                "exclusive beside shared");
    contract_is(contract, sys_unlock(sys, second), 0, "unlock");
    contract_is(contract, sys_lock(sys, first, true, CONTRACT_PAST), 0, "shared to exclusive");
    contract_is(contract, sys_lock(sys, first, true, CONTRACT_PAST), 0, "once more");
    contract_is(contract, sys_lock(sys, reader, false, CONTRACT_PAST), -ERR_LOCKED,
                "shared beside exclusive");
    contract_is(contract, sys_lock(sys, first, false, CONTRACT_PAST), 0, "exclusive to shared");
    contract_is(contract, sys_lock(sys, reader, false, CONTRACT_PAST), 0, "shared by a reader");
    contract_is(contract, sys_unlock(sys, reader), 0, "unlock");
    contract_is(contract, sys_unlock(sys, reader), 0, "unlock what is not locked");
    contract_is(contract, sys_lock(sys, reader, true, CONTRACT_PAST), -ERR_BAD_DESCRIPTOR,
                "exclusive by a reader");
    contract_is(contract, sys_lock(sys, first, true, CONTRACT_PAST), 0, "exclusive");
    contract_is(contract, sys_lock(sys, second, true, CONTRACT_PAST), -ERR_LOCKED, "by another");
    sys_close(sys, first);
    contract_is(contract, sys_lock(sys, second, true, CONTRACT_PAST), 0, "a close unlocks");
    contract_is(contract, sys_unlock(sys, second), 0, "unlock");
    first = open_here(contract, "l", READ_WRITE);
    test_waiting_for_a_lock(contract, first, second);
    sys_close(sys, first);
    sys_close(sys, second);
    sys_close(sys, reader);
    remove_file(contract, "l");
}
