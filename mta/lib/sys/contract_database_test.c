// SPDX-License-Identifier: ISC
/* Contract part: databases, fixed and random. */
#include <stdio.h>
#include <string.h>

#include "sys/contract_test.h"
#include "sys/database.h"
#include "sys/fs.h"

enum { TYPE_COUNT = SYS_DATABASE_CDB + 1 };

static const struct {
    const char *name;
    const char *path;
} types[TYPE_COUNT] = {
    [SYS_DATABASE_HASH] = {"hash", "table.db"},
    [SYS_DATABASE_BTREE] = {"btree", "table.db"},
    [SYS_DATABASE_LMDB] = {"lmdb", "table.lmdb"},
    [SYS_DATABASE_CDB] = {"cdb", "table.cdb"},
};

struct table {
    struct contract *contract;
    enum sys_database_type type;
    struct sys_database *database;
    struct buf key;
    struct buf value;
};

static int open_table(struct table *table, enum sys_database_mode mode)
{
    return sys_database_open(table->contract->sys, table->type, types[table->type].path, mode, 0640,
                             &table->database);
}

static void is(struct table *table, long result, long expected, const char *what)
{
    char text[64];
    (void)snprintf(text, sizeof(text), "%s: %s", types[table->type].name, what);
    contract_is(table->contract, result, expected, text);
}

static void must_open(struct table *table, enum sys_database_mode mode, const char *what)
{
    is(table, open_table(table, mode), 0, what);
}

static void close_table(struct table *table)
{
    sys_database_close(table->contract->sys, table->database);
    table->database = NULL;
}

static int put(struct table *table, const char *key, const char *value)
{
    return sys_database_put(table->contract->sys, table->database, str_from(key), str_from(value));
}

static int get(struct table *table, const char *key)
{
    return sys_database_get(table->contract->sys, table->database, str_from(key), &table->value);
}

static int erase(struct table *table, const char *key)
{
    return sys_database_delete(table->contract->sys, table->database, str_from(key));
}

static int next(struct table *table)
{
    return sys_database_next(table->contract->sys, table->database, &table->key, &table->value);
}

static void get_is(struct table *table, const char *key, const char *expected, const char *what)
{
    is(table, get(table, key), 0, what);
    contract_true(table->contract, str_equal(buf_str(&table->value), str_from(expected)), expected);
}

/* How many pairs a walk finds; *sum does not depend on their order. */
static int walk(struct table *table, uint64_t *sum)
{
    int count = 0;
    int result;
    *sum = 0;
    for (result = next(table); result == 1; result = next(table)) {
        uint64_t key = contract_hash(table->key.data, table->key.size);
        *sum += key * 31 + contract_hash(table->value.data, table->value.size);
        count++;
    }
    return result == 0 ? count : result;
}

static void fill(struct table *table, int count)
{
    int failed_count = 0;
    for (int i = 0; i < count; i++) {
        char key[32];
        char value[64];
        (void)snprintf(key, sizeof(key), "user%d@example.com", i);
        (void)snprintf(value, sizeof(value), "value of %d", i);
        failed_count += put(table, key, value) != 0;
    }
    is(table, failed_count, 0, "many puts");
}

static void test_limits(struct table *table)
{
    struct sys *sys = table->contract->sys;
    char *large = mem_alloc(sys_mem(sys), SYS_DATABASE_VALUE_MAX + 1);
    struct sys_database *database = table->database;
    memset(large, 'x', SYS_DATABASE_VALUE_MAX + 1);
    struct str key = str_of(large, SYS_DATABASE_KEY_MAX);
    struct str value = str_of(large, SYS_DATABASE_VALUE_MAX);
    is(table, sys_database_put(sys, database, key, value), 0, "the largest pair");
    is(table, sys_database_put(sys, database, str_of(large, key.size + 1), value), -ERR_LIMIT,
       "a longer key");
    is(table, sys_database_put(sys, database, key, str_of(large, value.size + 1)), -ERR_LIMIT,
       "a longer value");
    is(table, put(table, "", "value"), -ERR_INVALID, "an empty key");
    is(table, put(table, "empty", ""), 0, "an empty value");
    is(table, sys_database_put(sys, database, STR("nul\0key"), STR("a\0b")), 0, "with NUL bytes");
    mem_free(sys_mem(sys), large);
}

static void test_create(struct table *table)
{
    struct sys *sys = table->contract->sys;
    struct sys_stat stat;
    bool changeable = table->type != SYS_DATABASE_CDB;
    is(table, open_table(table, SYS_DATABASE_READ), -ERR_NOT_FOUND, "open nothing");
    must_open(table, SYS_DATABASE_CREATE, "create");
    is(table, put(table, "key", "old"), 0, "put");
    is(table, put(table, "key", "new"), 0, "replace");
    fill(table, 1000);
    test_limits(table);
    is(table, erase(table, "key"), changeable ? 0 : -ERR_NOT_SUPPORTED, "delete");
    is(table, put(table, "key", "newest"), 0, "put again");
    is(table, sys_database_sync(sys, table->database), 0, "sync");
    is(table, put(table, "key2", "v"), changeable ? 0 : -ERR_NOT_SUPPORTED, "put after it");
    close_table(table);
    is(table, sys_stat(sys, SYS_HERE, types[table->type].path, &stat), 0, "stat");
    is(table, stat.mode, 0640, "mode");
    is(table, open_table(table, SYS_DATABASE_CREATE), -ERR_EXISTS, "create again");
}

static void test_read(struct table *table)
{
    struct sys *sys = table->contract->sys;
    uint64_t sum;
    uint64_t sum_again;
    bool changeable = table->type != SYS_DATABASE_CDB;
    int expected = 1000 + (changeable ? 5 : 4);
    must_open(table, SYS_DATABASE_READ, "open to read");
    get_is(table, "key", "newest", "get");
    get_is(table, "user7@example.com", "value of 7", "get");
    get_is(table, "empty", "", "get");
    is(table, get(table, "none"), -ERR_NOT_FOUND, "get nothing");
    is(table, get(table, ""), -ERR_INVALID, "get the empty key");
    is(table, sys_database_get(sys, table->database, STR("nul\0key"), &table->value), 0, "get NUL");
    is(table, (long)table->value.size, 3, "its size");
    is(table, walk(table, &sum), expected, "walk");
    is(table, walk(table, &sum_again), expected, "walk again");
    contract_true(table->contract, sum == sum_again, "the same pairs");
    is(table, put(table, "key", "x"), -ERR_ACCESS, "put");
    is(table, erase(table, "key"), -ERR_ACCESS, "delete");
    is(table, sys_database_sync(sys, table->database), 0, "sync");
    close_table(table);
}

static void test_change(struct table *table)
{
    uint64_t sum;
    if (table->type == SYS_DATABASE_CDB) {
        is(table, open_table(table, SYS_DATABASE_WRITE), -ERR_NOT_SUPPORTED, "open to change");
        return;
    }
    must_open(table, SYS_DATABASE_WRITE, "open to change");
    is(table, put(table, "key", "changed"), 0, "put");
    is(table, erase(table, "key2"), 0, "delete");
    is(table, erase(table, "key2"), -ERR_NOT_FOUND, "delete again");
    get_is(table, "key", "changed", "get what was put");
    is(table, get(table, "key2"), -ERR_NOT_FOUND, "get what was deleted");
    is(table, next(table), 1, "start a walk");
    is(table, put(table, "key", "and again"), 0, "put meanwhile");
    is(table, next(table), -ERR_INVALID, "the walk is over");
    is(table, walk(table, &sum), 1004, "walk");
    close_table(table);
    must_open(table, SYS_DATABASE_READ, "open to read");
    get_is(table, "key", "and again", "get after a close without sync");
    close_table(table);
}

static void test_other_format(struct table *table)
{
    struct sys *sys = table->contract->sys;
    char text[3000];
    memset(text, 'x', sizeof(text));
    const char *path = types[table->type].path;
    int fd = sys_open(sys, SYS_HERE, path, SYS_OPEN_WRITE | SYS_OPEN_CREATE, 0600);
    is(table, sys_pwrite(sys, fd, text, sizeof(text), 0), sizeof(text), "a file of text");
    sys_close(sys, fd);
    is(table, open_table(table, SYS_DATABASE_READ), -ERR_CORRUPT, "open it");
    is(table, sys_unlink(sys, SYS_HERE, path), 0, "unlink");
}

static void table_init(struct table *table, struct contract *contract, enum sys_database_type type)
{
    *table = (struct table){.contract = contract, .type = type};
    buf_init(&table->key, sys_mem(contract->sys), SYS_DATABASE_KEY_MAX);
    buf_init(&table->value, sys_mem(contract->sys), SYS_DATABASE_VALUE_MAX);
}

static void table_done(struct table *table)
{
    buf_done(&table->key);
    buf_done(&table->value);
}

static void test_sorted_walk(struct contract *contract)
{
    struct table table;
    char keys[32] = "";
    table_init(&table, contract, SYS_DATABASE_BTREE);
    must_open(&table, SYS_DATABASE_CREATE, "create");
    is(&table, put(&table, "b", "1"), 0, "put b");
    is(&table, put(&table, "ab", "2"), 0, "put ab");
    is(&table, put(&table, "\xc3", "3"), 0, "put c3");
    is(&table, put(&table, "a", "4"), 0, "put a");
    while (next(&table) == 1) {
        size_t used = strlen(keys);
        (void)snprintf(keys + used, sizeof(keys) - used, "%s%s", used > 0 ? " " : "",
                       buf_text(&table.key));
    }
    contract_true(contract, strcmp(keys, "a ab b \xc3") == 0, "btree: keys come in byte order");
    close_table(&table);
    table_done(&table);
    contract_is(contract, sys_unlink(contract->sys, SYS_HERE, "table.db"), 0, "unlink");
}

void contract_databases(struct contract *contract)
{
    for (int type = 0; type < TYPE_COUNT; type++) {
        struct table table;
        table_init(&table, contract, (enum sys_database_type)type);
        test_create(&table);
        test_read(&table);
        test_change(&table);
        is(&table, sys_unlink(contract->sys, SYS_HERE, types[type].path), 0, "unlink");
        test_other_format(&table);
        table_done(&table);
    }
    test_sorted_walk(contract);
    sys_database_close(contract->sys, NULL);
}

/* ---- random --------------------------------------------------------------------------------------------- */

static void random_key(struct contract *contract, char key[32])
{
    unsigned number = contract_draw(contract, 40);
    (void)snprintf(key, 32, "key%u", number);
}

static void random_put(struct table *table)
{
    char key[32];
    char value[400];
    random_key(table->contract, key);
    unsigned size = contract_draw(table->contract, sizeof(value));
    memset(value, (int)('a' + size % 26), size);
    int result =
        sys_database_put(table->contract->sys, table->database, str_from(key), str_of(value, size));
    char text[32];
    contract_say(table->contract, "put %s %u: %s", key, size, contract_text(result, text));
}

static void random_get(struct table *table)
{
    char key[32];
    random_key(table->contract, key);
    int result = get(table, key);
    char text[32];
    contract_say(table->contract, "get %s: %s, %zu bytes", key, contract_text(result, text),
                 table->value.size);
}

static void random_delete(struct table *table)
{
    char key[32];
    random_key(table->contract, key);
    int result = erase(table, key);
    char text[32];
    contract_say(table->contract, "delete %s: %s", key, contract_text(result, text));
}

static void random_walk(struct table *table)
{
    uint64_t sum;
    int count = walk(table, &sum);
    contract_say(table->contract, "walk: %d %llx", count, (unsigned long long)sum);
}

static void random_sync(struct table *table)
{
    int result = sys_database_sync(table->contract->sys, table->database);
    contract_is(table->contract, result, 0, "sync");
}

static void random_reopen(struct table *table)
{
    static const enum sys_database_mode modes[] = {SYS_DATABASE_READ, SYS_DATABASE_WRITE};
    unsigned index = contract_draw(table->contract, 2);
    close_table(table);
    int result = open_table(table, modes[index]);
    char text[32];
    contract_say(table->contract, "reopen to %s: %s", index == 0 ? "read" : "change",
                 contract_text(result, text));
}

static void random_replace(struct table *table)
{
    struct sys *sys = table->contract->sys;
    close_table(table);
    int removed = sys_unlink(sys, SYS_HERE, types[table->type].path);
    table->type = (enum sys_database_type)contract_draw(table->contract, TYPE_COUNT);
    int created = open_table(table, SYS_DATABASE_CREATE);
    contract_is(table->contract, removed, 0, "unlink");
    is(table, created, 0, "replace it by a new table");
}

void contract_random_databases(struct contract *contract, int step_count)
{
    static void (*const actions[])(struct table *table) = {
        random_put, random_put, random_put,    random_get,  random_get,    random_get,
        random_put, random_put, random_delete, random_walk, random_reopen, random_sync,
    };
    struct table table;
    table_init(&table, contract, SYS_DATABASE_HASH);
    must_open(&table, SYS_DATABASE_CREATE, "create");
    for (int i = 0; i < step_count; i++) {
        unsigned draw = contract_draw(contract, 100);
        if (table.database == NULL || draw == 0) {
            random_replace(&table);
        } else {
            actions[draw % (sizeof(actions) / sizeof(actions[0]))](&table);
        }
    }
    close_table(&table);
    contract_is(contract, sys_unlink(contract->sys, SYS_HERE, types[table.type].path), 0, "unlink");
    table_done(&table);
}
