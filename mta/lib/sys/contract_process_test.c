// SPDX-License-Identifier: ISC
/* Contract parts: processes, users. */
#include <stdio.h>
#include <string.h>

#include "base/number.h"
#include "sys/clock.h"
#include "sys/contract_test.h"
#include "sys/fiber.h"
#include "sys/fs.h"
#include "sys/net.h"
#include "sys/process.h"
#include "sys/user.h"

enum { REPORT_FD = 5, FURTHER_FD = 9 };

/* ---- what spawned copies do ---------------------------------------------------------------------- */

static int64_t number_of(const char *text)
{
    int64_t number = 0;
    return number_parse_i64(str_from(text), INT32_MIN, INT32_MAX, &number) == 0 ? number : -1;
}

static bool report(struct sys *sys, const char *text)
{
    long count = sys_write(sys, REPORT_FD, text, strlen(text), SYS_FOREVER);
    return count == (long)strlen(text);
}

static int child_exit(struct contract *contract, const char *argument)
{
    if (number_of(argument) == 99) {
        sys_exit(contract->sys, 98);
    }
    return (int)number_of(argument);
}

static int child_sleep(struct contract *contract, const char *argument)
{
    (void)argument;
    return report(contract->sys, "ready") && sys_sleep_until(contract->sys, SYS_FOREVER) == 0;
}

static int child_signals(struct contract *contract, const char *argument)
{
    struct sys *sys = contract->sys;
    int64_t count = number_of(argument);
    if (sys_wait_signal(sys, CONTRACT_PAST) != -ERR_TIMEOUT || !report(sys, "ready")) {
        return 100;
    }
    for (int64_t i = 0; i < count; i++) {
        char text[8];
        int signal = sys_wait_signal(sys, contract_soon(contract));
        (void)snprintf(text, sizeof(text), "%d", signal);
        if (!report(sys, text)) {
            return 101;
        }
    }
    return 0;
}

/* What is not listed is closed; what is listed has its place. */
static int child_descriptors(struct contract *contract, const char *argument)
{
    struct sys *sys = contract->sys;
    bool closed = true;
    for (int fd = 3; fd < 20; fd++) {
        struct sys_address address;
        if (fd != REPORT_FD && fd != FURTHER_FD) {
            closed &= sys_local_address(sys, fd, &address) < 0;
        }
    }
    if (!report(sys, argument) || sys_write(sys, FURTHER_FD, "further", 7, SYS_FOREVER) != 7) {
        return 100;
    }
    return closed ? 0 : 101;
}

static int child_surroundings(struct contract *contract, const char *argument)
{
    struct sys *sys = contract->sys;
    const char *kept = sys_environment(sys, "CONTRACT");
    bool good = kept != NULL && strcmp(kept, "kept") == 0 && sys_environment(sys, "HOME") == NULL &&
                sys_environment(sys, "PATH") == NULL;
    return good && sys_pid(sys) > 0 && sys_host_name(sys)[0] != '\0' &&
                   strcmp(argument, "argument with spaces") == 0
               ? 0
               : 100;
}

static void sync_file(struct sys *sys, void *argument)
{
    int *failed_count = argument;
    int fd = sys_open(sys, SYS_HERE, "synced", SYS_OPEN_WRITE | SYS_OPEN_CREATE, 0600);
    *failed_count += sys_fsync(sys, fd) != 0;
    sys_close(sys, fd);
}

static int sync_in_fibers(struct sys *sys)
{
    struct sys_group group;
    int failed_count = 0;
    sys_group_init(&group);
    for (int i = 0; i < 10; i++) {
        failed_count += sys_fiber_start(sys, &group, sync_file, &failed_count) != 0;
    }
    sys_group_join(sys, &group);
    return failed_count;
}

/* Rights given up, threads started, and programs run all the same. */
static int child_helper(struct contract *contract, const char *argument)
{
    struct sys *sys = contract->sys;
    struct sys_confinement confinement = {0};
    struct sys_exit_status status;
    char missing[SYS_MISSING_MAX];
    if (sys_spawn_prepare(sys) != 0 || sys_confine(sys, &confinement, missing) != 0) {
        return 100;
    }
    if (sync_in_fibers(sys) != 0 || sys_unlink(sys, SYS_HERE, "synced") != 0) {
        return 101;
    }
    struct sys_spawn_descriptor report_fd = {REPORT_FD, REPORT_FD};
    int sleeper = contract_spawn(contract, "sleep", "", &report_fd, 1, NULL);
    int pid = contract_spawn(contract, "exit", argument, NULL, 0, NULL);
    if (pid <= 0 || sleeper <= 0) {
        return 102;
    }
    if (sys_wait_child(sys, pid, &status, contract_soon(contract)) != 0 || status.pid != pid) {
        return 103;
    }
    int exit_status = status.status;
    if (sys_kill(sys, sleeper, SYS_SIGNAL_KILL) != 0 ||
        sys_wait_child(sys, 0, &status, contract_soon(contract)) != 0 || status.signal != 9) {
        return 104;
    }
    bool none = sys_wait_child(sys, 0, &status, CONTRACT_PAST) == -ERR_NO_PROCESS;
    return none ? exit_status : 105;
}

/* A confined process still does what a daemon does. */
static int child_confined(struct contract *contract, const char *argument)
{
    struct sys *sys = contract->sys;
    struct sys_confinement confinement = {0};
    char missing[SYS_MISSING_MAX];
    if (sys_confine(sys, &confinement, missing) != 0) {
        return 100;
    }
    if (sys_mkdir(sys, SYS_HERE, argument, 0700) != 0) {
        return 101;
    }
    if (sys_rename(sys, SYS_HERE, "synced", SYS_HERE, "confined/synced", true) != -ERR_NOT_FOUND) {
        return 102;
    }
    if (sync_in_fibers(sys) != 0 ||
        sys_rename(sys, SYS_HERE, "synced", SYS_HERE, "confined/synced", true) != 0) {
        return 103;
    }
    bool removed = sys_unlink(sys, SYS_HERE, "confined/synced") == 0 &&
                   sys_rmdir(sys, SYS_HERE, argument) == 0;
    return removed ? 0 : 104;
}

static int child_user(struct contract *contract, const char *argument)
{
    struct sys *sys = contract->sys;
    if (sys_effective_uid(sys) != (uint32_t)number_of(argument)) {
        return 100;
    }
    int fd = sys_open(sys, SYS_HERE, "private/secret", SYS_OPEN_READ, 0);
    if (fd != -ERR_ACCESS) {
        return 101;
    }
    fd = sys_open(sys, SYS_HERE, "open", SYS_OPEN_READ | SYS_OPEN_NO_ATIME, 0);
    if (fd < 0) {
        return 103;
    }
    fd = sys_open(sys, SYS_HERE, "secret", SYS_OPEN_READ | SYS_OPEN_NO_ATIME, 0);
    return fd == -ERR_ACCESS && sys_kill(sys, 1, SYS_SIGNAL_TERMINATE) == -ERR_NOT_PERMITTED ? 0
                                                                                             : 102;
}

/* Drops to the user itself, in another root directory. */
static int child_drop(struct contract *contract, const char *argument)
{
    struct sys *sys = contract->sys;
    struct sys_user user;
    char missing[SYS_MISSING_MAX];
    if (sys_user_find(sys, argument, &user) != 0) {
        return 100;
    }
    struct sys_confinement confinement = {.root = "private", .user = &user};
    if (sys_confine(sys, &confinement, missing) != 0 || sys_effective_uid(sys) != user.uid) {
        return 101;
    }
    struct sys_stat stat;
    if (sys_stat(sys, SYS_HERE, "secret", &stat) != -ERR_ACCESS ||
        sys_stat(sys, SYS_HERE, "/private", &stat) != -ERR_ACCESS) {
        return 102;
    }
    return 0;
}

static int child_detach(struct contract *contract, const char *argument)
{
    (void)argument;
    return sys_detach(contract->sys) == 0 ? 0 : 100;
}

static int child_enter(struct contract *contract, const char *argument)
{
    struct sys *sys = contract->sys;
    struct sys_stat stat;
    if (sys_enter(sys, "nowhere") != -ERR_NOT_FOUND || sys_enter(sys, argument) != 0) {
        return 100;
    }
    return sys_stat(sys, SYS_HERE, "inside", &stat) == 0 ? 0 : 101;
}

static struct str say_late(void *argument, int64_t wall_ns)
{
    return wall_ns > 0 ? str_from(argument) : STR("without a clock");
}

/* Confined, since daemons are. The argument is what it says last. */
static int start_watch(struct sys *sys, const char *argument)
{
    struct sys_confinement confinement = {0};
    char missing[SYS_MISSING_MAX];
    struct sys_address address;
    int error = sys_address_unix(STR("watch.socket"), &address);
    int fd = error == 0 ? sys_datagram_dial(sys, &address) : error;
    if (fd < 0) {
        return fd;
    }
    sys_log_to(sys, fd);
    sys_watch(sys, &(struct sys_watch){300 * SYS_MILLI_NS, say_late, (char *)(uintptr_t)argument});
    return sys_confine(sys, &confinement, missing);
}

static int child_hangs(struct contract *contract, const char *argument)
{
    struct sys *sys = contract->sys;
    struct sys_stat stat;
    int64_t end_ns = sys_deadline(sys, 10 * SYS_SECOND_NS);
    if (start_watch(sys, argument) != 0 ||
        sys_stat(sys, SYS_HERE, "here-it-hangs", &stat) != -ERR_NOT_FOUND) {
        return 100;
    }
    while (sys_now_ns(sys) < end_ns) {}
    return 101;
}

/* Longer than its watchdog allows, once in one piece and once in many. */
static int child_waits(struct contract *contract, const char *argument)
{
    struct sys *sys = contract->sys;
    if (start_watch(sys, argument) != 0) {
        return 100;
    }
    contract_pause(contract, 700 * SYS_MILLI_NS);
    for (int i = 0; i < 70; i++) {
        contract_pause(contract, 10 * SYS_MILLI_NS);
    }
    return 0;
}

static const struct {
    const char *name;
    int (*run)(struct contract *contract, const char *argument);
} children[] = {
    {"exit", child_exit},
    {"sleep", child_sleep},
    {"signals", child_signals},
    {"descriptors", child_descriptors},
    {"surroundings", child_surroundings},
    {"helper", child_helper},
    {"confined", child_confined},
    {"user", child_user},
    {"drop", child_drop},
    {"detach", child_detach},
    {"enter", child_enter},
    {"hangs", child_hangs},
    {"waits", child_waits},
};

int contract_child(struct contract *contract, const char *part, const char *argument)
{
    for (size_t i = 0; i < sizeof(children) / sizeof(children[0]); i++) {
        if (strcmp(children[i].name, part) == 0) {
            return children[i].run(contract, argument);
        }
    }
    return 200;
}

/* ---- processes --------------------------------------------------------------------------------------- */

static void child_ends_with(struct contract *contract, int pid, int expected, const char *what)
{
    struct sys_exit_status status = {0};
    int64_t soon_ns = contract_soon(contract);
    int error = sys_wait_child(contract->sys, pid, &status, soon_ns);
    contract_is(contract, error != 0 ? error : status.status, expected, what);
    contract_true(contract, status.pid == pid, "it is that child");
}

static void run_child(struct contract *contract, const char *part, const char *argument,
                      int expected, const struct sys_user *user)
{
    int pair[2];
    contract_is(contract, sys_socket_pair(contract->sys, pair), 0, "socket pair");
    struct sys_spawn_descriptor report_fd = {pair[1], REPORT_FD};
    int pid = (int)contract_ok(
        contract, contract_spawn(contract, part, argument, &report_fd, 1, user), "spawn");
    sys_close(contract->sys, pair[1]);
    child_ends_with(contract, pid, expected, part);
    sys_close(contract->sys, pair[0]);
}

static void report_is(struct contract *contract, int fd, const char *expected)
{
    char text[16] = "";
    int64_t soon_ns = contract_soon(contract);
    long count = sys_read(contract->sys, fd, text, sizeof(text) - 1, soon_ns);
    bool equal = count == (long)strlen(expected) && strncmp(text, expected, sizeof(text)) == 0;
    contract_true(contract, equal, expected[0] != '\0' ? expected : "the report ends");
}

/* A child that reports to *fd. */
static int start_reporter(struct contract *contract, const char *part, const char *argument,
                          int *fd)
{
    int pair[2];
    contract_is(contract, sys_socket_pair(contract->sys, pair), 0, "socket pair");
    struct sys_spawn_descriptor report_fd = {pair[1], REPORT_FD};
    int pid = contract_spawn(contract, part, argument, &report_fd, 1, NULL);
    contract_ok(contract, pid, part);
    sys_close(contract->sys, pair[1]);
    *fd = pair[0];
    report_is(contract, *fd, "ready");
    return pid;
}

static void test_exit(struct contract *contract)
{
    struct sys *sys = contract->sys;
    struct sys_exit_status status;
    struct sys_spawn nothing = {
        .path = "/nonexistent/program",
        .argv = (const char *const[]){"program", NULL},
        .environment = (const char *const[]){NULL},
    };
    contract_is(contract, sys_wait_child(sys, 0, &status, contract_soon(contract)), -ERR_NO_PROCESS,
                "wait without children");
    contract_is(contract, sys_spawn(sys, &nothing), -ERR_NOT_FOUND, "spawn nothing");
    contract_is(contract, sys_wait_child(sys, 0, &status, contract_soon(contract)), -ERR_NO_PROCESS,
                "which leaves no child");
    run_child(contract, "exit", "0", 0, NULL);
    run_child(contract, "exit", "7", 7, NULL);
    run_child(contract, "exit", "99", 98, NULL);
    run_child(contract, "surroundings", "argument with spaces", 0, NULL);
    run_child(contract, "detach", "", 0, NULL);
}

static void test_kill(struct contract *contract)
{
    struct sys *sys = contract->sys;
    struct sys_exit_status status;
    static const struct {
        enum sys_signal signal;
        int number;
    } rows[] = {
        {SYS_SIGNAL_TERMINATE, 15},
        {SYS_SIGNAL_KILL, 9},
        {SYS_SIGNAL_HANGUP, 1},
        {SYS_SIGNAL_INTERRUPT, 2},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int fd;
        int pid = start_reporter(contract, "sleep", "", &fd);
        contract_is(contract, sys_process_exists(sys, pid), 0, "it exists");
        contract_is(contract, sys_wait_child(sys, pid, &status, CONTRACT_PAST), -ERR_TIMEOUT,
                    "it runs");
        contract_is(contract, sys_kill(sys, pid, rows[i].signal), 0, "kill");
        report_is(contract, fd, "");
        contract_is(contract, sys_wait_child(sys, 0, &status, contract_soon(contract)), 0, "wait");
        contract_true(contract, status.status == -1, "no exit status");
        contract_is(contract, status.signal, rows[i].number, "signal");
        contract_is(contract, sys_process_exists(sys, pid), -ERR_NO_PROCESS, "it is gone");
        contract_is(contract, sys_kill(sys, pid, SYS_SIGNAL_KILL), -ERR_NO_PROCESS, "kill it now");
        sys_close(sys, fd);
    }
}

static void test_signals(struct contract *contract)
{
    struct sys *sys = contract->sys;
    int fd;
    static const enum sys_signal sent[] = {SYS_SIGNAL_HANGUP, SYS_SIGNAL_TERMINATE,
                                           SYS_SIGNAL_USER1, SYS_SIGNAL_INTERRUPT};
    int pid = start_reporter(contract, "signals", "4", &fd);
    for (size_t i = 0; i < sizeof(sent) / sizeof(sent[0]); i++) {
        char expected[8];
        (void)snprintf(expected, sizeof(expected), "%d", sent[i]);
        contract_is(contract, sys_kill(sys, pid, sent[i]), 0, "send a signal");
        report_is(contract, fd, expected);
    }
    child_ends_with(contract, pid, 0, "signals");
    sys_close(sys, fd);
    contract_is(contract, sys_wait_signal(sys, CONTRACT_PAST), -ERR_TIMEOUT, "no signal for us");
    contract_is(contract, sys_kill(sys, sys_pid(sys), SYS_SIGNAL_USER1), 0, "one to ourselves");
    contract_is(contract, sys_wait_signal(sys, contract_soon(contract)), SYS_SIGNAL_USER1,
                "arrives");
}

static void test_descriptors(struct contract *contract)
{
    struct sys *sys = contract->sys;
    int first[2];
    int second[2];
    contract_is(contract, sys_socket_pair(sys, first), 0, "socket pair");
    contract_is(contract, sys_socket_pair(sys, second), 0, "socket pair");
    struct sys_spawn_descriptor descriptors[] = {
        {second[1], FURTHER_FD},
        {first[1], REPORT_FD},
    };
    int pid = contract_spawn(contract, "descriptors", "inherited", descriptors, 2, NULL);
    sys_close(sys, first[1]);
    sys_close(sys, second[1]);
    report_is(contract, first[0], "inherited");
    report_is(contract, second[0], "further");
    child_ends_with(contract, pid, 0, "no other descriptor is open");
    report_is(contract, first[0], "");
    sys_close(sys, first[0]);
    sys_close(sys, second[0]);
}

/* Only root can give rights away, and so only its output has these lines. */
static void test_other_user(struct contract *contract)
{
    struct sys *sys = contract->sys;
    struct sys_user user;
    char uid[16];
    if (sys_effective_uid(sys) != 0 || sys_user_find(sys, "nobody", &user) != 0) {
        return;
    }
    (void)snprintf(uid, sizeof(uid), "%u", user.uid);
    contract_is(contract, sys_mkdir(sys, SYS_HERE, "private", 0700), 0, "a private directory");
    int fd = sys_open(sys, SYS_HERE, "private/secret", SYS_OPEN_WRITE | SYS_OPEN_CREATE, 0644);
    sys_close(sys, fd);
    fd = sys_open(sys, SYS_HERE, "secret", SYS_OPEN_WRITE | SYS_OPEN_CREATE, 0600);
    sys_close(sys, fd);
    fd = sys_open(sys, SYS_HERE, "open", SYS_OPEN_WRITE | SYS_OPEN_CREATE, 0644);
    sys_close(sys, fd);
    run_child(contract, "user", uid, 0, &user);
    run_child(contract, "drop", "nobody", 0, NULL);
    contract_is(contract, sys_unlink(sys, SYS_HERE, "open"), 0, "unlink");
    contract_is(contract, sys_unlink(sys, SYS_HERE, "secret"), 0, "unlink");
    contract_is(contract, sys_unlink(sys, SYS_HERE, "private/secret"), 0, "unlink");
    contract_is(contract, sys_rmdir(sys, SYS_HERE, "private"), 0, "rmdir");
}

static void test_enter(struct contract *contract)
{
    struct sys *sys = contract->sys;
    contract_is(contract, sys_mkdir(sys, SYS_HERE, "room", 0755), 0, "mkdir");
    contract_is(contract, sys_mkdir(sys, SYS_HERE, "room/inside", 0755), 0, "mkdir");
    run_child(contract, "enter", "room", 0, NULL);
    contract_is(contract, sys_rmdir(sys, SYS_HERE, "room/inside"), 0, "rmdir");
    contract_is(contract, sys_rmdir(sys, SYS_HERE, "room"), 0, "rmdir");
}

static void test_watch(struct contract *contract)
{
    struct sys *sys = contract->sys;
    struct sys_address address;
    char line[32] = "";
    contract_is(contract, sys_address_unix(STR("watch.socket"), &address), 0, "an address");
    int fd = (int)contract_ok(contract, sys_datagram_listen(sys, &address), "listen");
    int64_t start_ns = sys_now_ns(sys);
    run_child(contract, "waits", "waited too long", 0, NULL);
    run_child(contract, "hangs", "hung", 1, NULL);
    contract_true(contract, sys_now_ns(sys) >= start_ns + 1700 * SYS_MILLI_NS, "not too soon");
    int64_t soon_ns = contract_soon(contract);
    contract_is(contract, sys_read(sys, fd, line, sizeof(line) - 1, soon_ns), 4, "its last line");
    contract_say(contract, "it says %s", line);
    sys_close(sys, fd);
    contract_is(contract, sys_unlink(sys, SYS_HERE, "watch.socket"), 0, "unlink");
}

void contract_processes(struct contract *contract)
{
    contract_true(contract, sys_start_directory(contract->sys)[0] == '/', "we started somewhere");
    test_exit(contract);
    test_kill(contract);
    test_descriptors(contract);
    test_enter(contract);
    run_child(contract, "helper", "3", 3, NULL);
    run_child(contract, "confined", "confined", 0, NULL);
    test_watch(contract);
    test_other_user(contract);
    test_signals(contract);
}

/* ---- users -------------------------------------------------------------------------------------------- */

void contract_users(struct contract *contract)
{
    struct sys *sys = contract->sys;
    struct sys_user user;
    uint32_t gid = 1;
    contract_is(contract, sys_user_find(sys, "root", &user), 0, "find root");
    contract_is(contract, user.uid, 0, "its uid");
    contract_is(contract, user.gid, 0, "its gid");
    contract_is(contract, sys_user_find_uid(sys, 0, &user), 0, "find uid 0");
    contract_say(contract, "it is %s", user.name);
    contract_is(contract, sys_group_find(sys, "root", &gid), 0, "find the group root");
    contract_is(contract, gid, 0, "its gid");
    contract_is(contract, sys_user_find(sys, "no-such-user", &user), -ERR_NOT_FOUND, "find nobody");
    contract_is(contract, sys_user_find_uid(sys, 3999999999, &user), -ERR_NOT_FOUND,
                "find nobody's uid");
    contract_is(contract, sys_group_find(sys, "no-such-group", &gid), -ERR_NOT_FOUND,
                "find no group");
}
