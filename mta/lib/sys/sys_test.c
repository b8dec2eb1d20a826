// SPDX-License-Identifier: ISC
/* The contract suite of sys: a program that runs on either backend.
 *
 *     sys-test                       every fixed part
 *     sys-test full, read-only       the parts that need a disk prepared for them
 *     sys-test random-PART SEED N    N random steps: files, streams, databases
 *
 * Exit status 1 when a step did not do what the contract says. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/number.h"
#include "sys/clock.h"
#include "sys/contract_test.h"
#include "sys/process.h"

int sys_test_main(struct sys *sys, int argc, char **argv);

/* ---- lines --------------------------------------------------------------------------------- */

static void put_line(struct contract *contract, const char *format, va_list arguments)
{
    struct buf line;
    buf_init(&line, sys_mem(contract->sys), 4096);
    buf_putf(&line, "%s: ", contract->part);
    buf_putv(&line, format, arguments);
    buf_put_char(&line, '\n');
    int error = sys_output(contract->sys, buf_str(&line));
    buf_done(&line);
    if (error != 0) {
        sys_exit(contract->sys, 2);
    }
    contract->step_count++;
}

void contract_say(struct contract *contract, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    put_line(contract, format, arguments);
    va_end(arguments);
}

const char *contract_text(long result, char text[32])
{
    if (result < 0) {
        return err_name((int)result);
    }
    (void)snprintf(text, 32, "%ld", result);
    return text;
}

void contract_is(struct contract *contract, long result, long expected, const char *what)
{
    char result_text[32];
    char expected_text[32];
    if (result == expected) {
        contract_say(contract, "%s: %s", what, contract_text(result, result_text));
        return;
    }
    contract->failed_count++;
    contract_say(contract, "%s: %s, WRONG: should be %s", what, contract_text(result, result_text),
                 contract_text(expected, expected_text));
}

long contract_ok(struct contract *contract, long result, const char *what)
{
    char text[32];
    if (result >= 0) {
        contract_say(contract, "%s: ok", what);
        return result;
    }
    contract->failed_count++;
    contract_say(contract, "%s: %s, WRONG: should be ok", what, contract_text(result, text));
    return result;
}

void contract_true(struct contract *contract, bool holds, const char *what)
{
    contract->failed_count += !holds;
    contract_say(contract, "%s: %s", what, holds ? "yes" : "no, WRONG");
}

/* ---- tools of the parts -------------------------------------------------------------------- */

/* splitmix64: the same sequence everywhere. */
unsigned contract_draw(struct contract *contract, unsigned count)
{
    uint64_t value = contract->random += 0x9e3779b97f4a7c15;
    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
    value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
    return (unsigned)((value >> 32) % count);
}

uint64_t contract_hash(const void *data, size_t size)
{
    const uint8_t *bytes = data;
    uint64_t hash = 0xcbf29ce484222325;
    for (size_t i = 0; i < size; i++) {
        hash = (hash ^ bytes[i]) * 0x100000001b3;
    }
    return hash;
}

int64_t contract_soon(struct contract *contract)
{
    return sys_deadline(contract->sys, 20 * SYS_SECOND_NS);
}

void contract_pause(struct contract *contract, int64_t pause_ns)
{
    int64_t deadline_ns = sys_deadline(contract->sys, pause_ns);
    int error = sys_sleep_until(contract->sys, deadline_ns);
    if (error != 0) {
        contract_is(contract, error, 0, "pause");
    }
}

int contract_spawn(struct contract *contract, const char *part, const char *argument,
                   const struct sys_spawn_descriptor *descriptors, int descriptor_count,
                   const struct sys_user *user)
{
    const char *path = sys_program_path(contract->sys);
    const char *argv[] = {path, "child", part, argument, NULL};
    const char *environment[] = {"CONTRACT=kept", NULL};
    struct sys_spawn spawn = {
        .path = path,
        .argv = argv,
        .environment = environment,
        .descriptors = descriptors,
        .descriptor_count = descriptor_count,
        .user = user,
    };
    return sys_spawn(contract->sys, &spawn);
}

/* ---- which parts there are ------------------------------------------------------------------ */

static const struct {
    const char *name;
    void (*run)(struct contract *contract);
} parts[] = {
    {"clock", contract_clock},
    {"random", contract_random},
    {"fibers", contract_fibers},
    {"files", contract_files},
    {"names", contract_names},
    {"locks", contract_locks},
    {"replaced", contract_replaced},
    {"streams", contract_streams},
    {"unix", contract_unix},
    {"datagrams", contract_datagrams},
    {"passing", contract_passing},
    {"log", contract_log},
    {"standard", contract_standard},
    {"users", contract_users},
    {"databases", contract_databases},
    {"processes", contract_processes}, /* last: it changes what signals do */
};

static const struct {
    const char *name;
    void (*run)(struct contract *contract);
} disk_parts[] = {
    {"full", contract_full},
    {"read-only", contract_read_only},
};

static const struct {
    const char *name;
    void (*run)(struct contract *contract, int step_count);
} random_parts[] = {
    {"random-files", contract_random_files},
    {"random-streams", contract_random_streams},
    {"random-databases", contract_random_databases},
};

static void run_parts(struct contract *contract)
{
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        contract->part = parts[i].name;
        parts[i].run(contract);
    }
}

static int run_disk_part(struct contract *contract, const char *name)
{
    for (size_t i = 0; i < sizeof(disk_parts) / sizeof(disk_parts[0]); i++) {
        if (strcmp(name, disk_parts[i].name) == 0) {
            contract->part = name;
            disk_parts[i].run(contract);
            return 0;
        }
    }
    return -ERR_NOT_FOUND;
}

static int run_random(struct contract *contract, const char *name, const char *seed,
                      const char *steps)
{
    uint64_t step_count;
    if (number_parse_u64(str_from(seed), UINT64_MAX, &contract->random) != 0 ||
        number_parse_u64(str_from(steps), INT32_MAX, &step_count) != 0) {
        return -ERR_SYNTAX;
    }
    for (size_t i = 0; i < sizeof(random_parts) / sizeof(random_parts[0]); i++) {
        if (strcmp(name, random_parts[i].name) == 0) {
            contract->part = name;
            random_parts[i].run(contract, (int)step_count);
            return 0;
        }
    }
    return -ERR_NOT_FOUND;
}

int sys_test_main(struct sys *sys, int argc, char **argv)
{
    struct contract contract = {.sys = sys, .part = "suite"};
    if (argc == 4 && strcmp(argv[1], "child") == 0) {
        contract.part = argv[2];
        return contract_child(&contract, argv[2], argv[3]);
    }
    if (argc == 2) {
        int error = run_disk_part(&contract, argv[1]);
        return error != 0 ? 2 : contract.failed_count > 0;
    }
    if (argc == 4) {
        int error = run_random(&contract, argv[1], argv[2], argv[3]);
        return error != 0 ? 2 : contract.failed_count > 0;
    }
    run_parts(&contract);
    contract.part = "suite";
    contract_say(&contract, "%d of %d steps were wrong", contract.failed_count,
                 contract.step_count);
    return contract.failed_count > 0;
}
