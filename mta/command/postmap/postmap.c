// SPDX-License-Identifier: ISC
#include "postmap/postmap.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "conf/conf.h"
#include "conf/file.h"
#include "log/tell.h"
#include "sys/process.h"
#include "sys/user.h"
#include "table/table.h"
#include "table/table_build.h"
#include "table/table_source.h"

enum { POSTMAP_INPUT_STEP = 65536, POSTMAP_TARGETS_MAX = 20 };

enum postmap_task { TASK_BUILD, TASK_QUERY, TASK_DELETE, TASK_LIST };

struct postmap {
    struct sys *sys;
    struct mem *mem;
    const char *config_directory; /* NULL: the usual one */
    enum postmap_task task;
    struct str key; /* of -q and -d; "-" is standard input */
    bool adds_to_old;
    bool replaces;
    bool ignores_duplicates;
    bool keeps_case;
    bool without_nul;
    bool keeps_root;
    bool keeps_mode;
};

/* One table of the command line. */
struct target {
    struct str type;
    struct str name;
    const struct table_database_type *database; /* NULL for types that are no database */
};

/* ---- messages: warnings go on, a failure ends the command with status 1 --------------------------- */

static void PRINTF_LIKE(2, 3) warn(struct postmap *postmap, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    tell_put(postmap->sys, "postmap", "warning", format, arguments);
    va_end(arguments);
}

static NORETURN void PRINTF_LIKE(2, 3) fail(struct postmap *postmap, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    tell_put(postmap->sys, "postmap", "fatal", format, arguments);
    va_end(arguments);
    sys_exit(postmap->sys, 1);
}

static NORETURN void fail_usage(struct postmap *postmap)
{
    fail(postmap, "usage: postmap [-fiNnoprsuUvw] [-c config_dir] [-d key] [-q key] "
                  "[map_type:]file...");
}

static void output(struct postmap *postmap, struct str text)
{
    int error = sys_output(postmap->sys, text);
    if (error != 0) {
        fail(postmap, "write to standard output: %s", err_sentence(error));
    }
}

static void output_entry(struct postmap *postmap, struct str key, struct str value)
{
    struct buf line;
    buf_init(&line, postmap->mem, (size_t)TABLE_FILE_BYTES_MAX + TABLE_VALUE_MAX);
    buf_put(&line, key);
    buf_put_char(&line, '\t');
    buf_put(&line, value);
    buf_put_char(&line, '\n');
    output(postmap, buf_str(&line));
    buf_done(&line);
}

/* ---- keys: the one of the command line, or one for each line of standard input ------------------- */

static void read_input(struct postmap *postmap, struct buf *text)
{
    for (;;) {
        char *room = buf_reserve(text, POSTMAP_INPUT_STEP);
        long count = room == NULL ? -ERR_LIMIT : sys_input(postmap->sys, room, POSTMAP_INPUT_STEP);
        if (count < 0) {
            fail(postmap, "read standard input: %s", err_sentence((int)count));
        }
        if (count == 0) {
            return;
        }
        buf_grew(text, (size_t)count);
    }
}

/* True when `use` was true for at least one key. */
static bool each_key(struct postmap *postmap, void *argument,
                     bool (*use)(struct postmap *postmap, void *argument, struct str key))
{
    if (!str_equal(postmap->key, STR("-"))) {
        return use(postmap, argument, postmap->key);
    }
    bool found = false;
    struct buf text;
    buf_init(&text, postmap->mem, TABLE_FILE_BYTES_MAX);
    read_input(postmap, &text);
    struct str rest = buf_str(&text);
    struct str key;
    while (rest.size > 0 && str_next(&rest, '\n', &key)) {
        found = use(postmap, argument, key) || found;
    }
    buf_done(&text);
    return found;
}

static struct str fold(struct postmap *postmap, struct str key, struct buf *folded)
{
    buf_clear(folded);
    for (size_t i = 0; i < key.size; i++) {
        buf_put_char(folded, postmap->keeps_case ? key.data[i] : char_lower(key.data[i]));
    }
    return buf_str(folded);
}

/* ---- targets ---------------------------------------------------------------------------------------- */

static struct str default_type(struct postmap *postmap)
{
    struct buf problems;
    struct conf *conf; /* lives as long as the command */
    buf_init(&problems, postmap->mem, CONF_PROBLEMS_BYTES_MAX);
    const char *directory = conf_directory(postmap->sys, postmap->config_directory);
    if (conf_load(postmap->sys, directory, NULL, 0, &problems, &conf) != 0) {
        fail(postmap, "%s", buf_text(&problems));
    }
    buf_done(&problems);
    return conf_text(conf, CONF_default_database_type);
}

static struct target target_parse(struct postmap *postmap, const char *text)
{
    struct str spec = str_from(text);
    ptrdiff_t colon = str_find(spec, ':');
    struct target target;
    if (colon < 0) {
        target.type = default_type(postmap);
        target.name = spec;
    } else {
        target.type = str_first(spec, (size_t)colon);
        target.name = str_skip(spec, (size_t)colon + 1);
    }
    target.database = table_database_find(target.type);
    return target;
}

static const struct target *require_database(struct postmap *postmap, const struct target *target)
{
    if (target->database == NULL) {
        fail(postmap, "dictionary type %.*s cannot be built, changed or listed",
             STR_ARG(target->type));
    }
    return target;
}

/* ---- build ------------------------------------------------------------------------------------------ */

static struct table_build *open_build(struct postmap *postmap, const struct target *target,
                                      bool from_old, uint32_t mode_bits)
{
    char why[TABLE_WHY_MAX];
    struct table_build *build;
    const struct table_build_options options = {
        .type = require_database(postmap, target)->database,
        .name = target->name,
        .from_old = from_old,
        .without_nul = postmap->without_nul,
        .mode_bits = mode_bits,
    };
    if (table_build_open(postmap->sys, &options, &build, why) != 0) {
        fail(postmap, "%s", why);
    }
    return build;
}

static void commit(struct postmap *postmap, struct table_build *build)
{
    char why[TABLE_WHY_MAX];
    if (table_build_commit(build, why) != 0) {
        fail(postmap, "%s", why);
    }
}

/* Root writes with the rights of whoever owns the source, so that a directory of that owner
 * cannot lead it astray. */
static void take_owner_rights(struct postmap *postmap, const struct sys_stat *source)
{
    if (postmap->keeps_root || source->uid == 0 || sys_effective_uid(postmap->sys) != 0) {
        return;
    }
    struct sys_user owner;
    char missing[SYS_MISSING_MAX];
    int error = sys_user_find_uid(postmap->sys, source->uid, &owner);
    if (error == 0) {
        const struct sys_confinement confinement = {.user = &owner};
        error = sys_confine(postmap->sys, &confinement, missing);
    }
    if (error != 0) {
        fail(postmap, "cannot take the rights of uid %u: %s", source->uid, err_sentence(error));
    }
}

static uint32_t new_mode(const struct postmap *postmap, const struct sys_stat *source)
{
    return postmap->keeps_mode ? 0644 : 0600 | (source->mode & 0044);
}

static void add_entry(struct postmap *postmap, const struct target *target, const char *path,
                      int line_number, struct table_build *build,
                      const struct table_source_entry *entry)
{
    if (entry->value.size == 0) {
        warn(postmap, "%s, line %d: expected format: key whitespace value", path, line_number);
        return;
    }
    if (str_ends_with(entry->key, STR(":"))) {
        warn(postmap, "%s, line %d: record is in \"key: value\" format; is this an alias file?",
             path, line_number);
    }
    struct buf folded;
    buf_init(&folded, postmap->mem, TABLE_SOURCE_LINE_MAX);
    struct str key = fold(postmap, entry->key, &folded);
    int error = table_build_put(build, key, entry->value, postmap->replaces);
    if (error == -ERR_EXISTS && !postmap->ignores_duplicates) {
        warn(postmap, "%s%s: duplicate entry: \"%.*s\"", path, target->database->suffix,
             STR_ARG(key));
    } else if (error < 0 && error != -ERR_EXISTS) {
        fail(postmap, "%s, line %d: %s", path, line_number, err_sentence(error));
    }
    buf_done(&folded);
}

static void add_entries(struct postmap *postmap, const struct target *target, const char *path,
                        struct str text, struct table_build *build)
{
    struct table_source source;
    struct table_source_entry entry;
    table_source_init(&source, postmap->mem, text);
    for (;;) {
        int result = table_source_next(&source, &entry);
        if (result == 0) {
            break;
        }
        if (result == 1) {
            add_entry(postmap, target, path, source.line_number, build, &entry);
        } else if (result == -ERR_LIMIT) {
            warn(postmap, "%s, line %d: line too long -- ignoring this line", path,
                 source.line_number);
        } else if (char_is_space(entry.line.data[0])) {
            warn(postmap, "%s: logical line must not start with whitespace: \"%.*s\"", path,
                 STR_ARG(entry.line));
        } else {
            warn(postmap, "%s, line %d: unbalanced '\"' in '%.*s' -- ignoring this line", path,
                 source.line_number, STR_ARG(entry.line));
        }
    }
    table_source_done(&source);
}

static void build_table(struct postmap *postmap, const struct target *target)
{
    char path[SYS_PATH_MAX];
    struct sys_stat source;
    struct buf text;
    require_database(postmap, target);
    int size = snprintf(path, sizeof(path), "%.*s", STR_ARG(target->name));
    int error = size < SYS_PATH_MAX ? 0 : -ERR_NAME_TOO_LONG;
    buf_init(&text, postmap->mem, TABLE_FILE_BYTES_MAX);
    if (error == 0) {
        error = sys_stat(postmap->sys, SYS_HERE, path, &source);
    }
    if (error == 0) {
        error = file_read(postmap->sys, path, &text);
    }
    if (error != 0) {
        fail(postmap, "open %s: %s", path, err_sentence(error));
    }
    take_owner_rights(postmap, &source);
    struct table_build *build =
        open_build(postmap, target, postmap->adds_to_old, new_mode(postmap, &source));
    add_entries(postmap, target, path, buf_str(&text), build);
    commit(postmap, build);
    buf_done(&text);
}

/* ---- query ------------------------------------------------------------------------------------------ */

struct query {
    struct table *tables[POSTMAP_TARGETS_MAX];
    int count;
};

static bool query_key(struct postmap *postmap, void *argument, struct str key)
{
    const struct query *query = argument;
    struct buf value;
    bool found = false;
    buf_init(&value, postmap->mem, TABLE_VALUE_MAX);
    for (int i = 0; i < query->count && !found; i++) {
        int error = table_lookup(query->tables[i], key, &value);
        if (error != 0 && error != -ERR_NOT_FOUND) {
            fail(postmap, "table %s", table_why(query->tables[i]));
        }
        found = error == 0;
    }
    if (found && str_equal(postmap->key, STR("-"))) {
        output_entry(postmap, key, buf_str(&value));
    } else if (found) {
        buf_put_char(&value, '\n');
        output(postmap, buf_str(&value));
    }
    buf_done(&value);
    return found;
}

static struct table *open_table(struct postmap *postmap, const struct target *target)
{
    char why[TABLE_WHY_MAX];
    struct table *table;
    struct buf spec;
    buf_init(&spec, postmap->mem, CONF_VALUE_BYTES_MAX);
    buf_putf(&spec, "%.*s:%.*s", STR_ARG(target->type), STR_ARG(target->name));
    if (table_open(postmap->sys, NULL, buf_str(&spec), &table, why) != 0) {
        fail(postmap, "%s", why);
    }
    buf_done(&spec);
    if (postmap->keeps_case) {
        table_keep_case(table);
    }
    return table;
}

static bool query_tables(struct postmap *postmap, const struct target *targets, int count)
{
    struct query query = {.count = count};
    for (int i = 0; i < count; i++) {
        query.tables[i] = open_table(postmap, &targets[i]);
    }
    bool found = each_key(postmap, &query, query_key);
    for (int i = 0; i < count; i++) {
        table_close(query.tables[i]);
    }
    return found;
}

/* ---- delete and list -------------------------------------------------------------------------------- */

static bool delete_key(struct postmap *postmap, void *argument, struct str key)
{
    struct buf folded;
    buf_init(&folded, postmap->mem, TABLE_FILE_BYTES_MAX);
    int error = table_build_remove(argument, fold(postmap, key, &folded));
    buf_done(&folded);
    return error == 0;
}

static bool delete_from_table(struct postmap *postmap, const struct target *target)
{
    struct table_build *build = open_build(postmap, target, true, 0);
    bool found = each_key(postmap, build, delete_key);
    if (found) {
        commit(postmap, build);
    } else {
        table_build_abort(build);
    }
    return found;
}

static void list_table(struct postmap *postmap, const struct target *target)
{
    char path[SYS_PATH_MAX];
    struct sys_database *database = NULL;
    struct buf key;
    struct buf value;
    require_database(postmap, target);
    int size =
        snprintf(path, sizeof(path), "%.*s%s", STR_ARG(target->name), target->database->suffix);
    int error = size >= SYS_PATH_MAX ? -ERR_NAME_TOO_LONG
                                     : sys_database_open(postmap->sys, target->database->type, path,
                                                         SYS_DATABASE_READ, 0, &database);
    if (error != 0) {
        fail(postmap, "open database %s: %s", path, err_sentence(error));
    }
    buf_init(&key, postmap->mem, SYS_DATABASE_KEY_MAX);
    buf_init(&value, postmap->mem, SYS_DATABASE_VALUE_MAX);
    int more = sys_database_next(postmap->sys, database, &key, &value);
    while (more > 0) {
        output_entry(postmap, table_database_strip(buf_str(&key)),
                     table_database_strip(buf_str(&value)));
        more = sys_database_next(postmap->sys, database, &key, &value);
    }
    if (more < 0) {
        fail(postmap, "read database %s: %s", path, err_sentence(more));
    }
    buf_done(&key);
    buf_done(&value);
    sys_database_close(postmap->sys, database);
}

/* ---- command line ------------------------------------------------------------------------------------ */

static void set_task(struct postmap *postmap, enum postmap_task task)
{
    if (postmap->task != TASK_BUILD) {
        fail(postmap, "specify only one of -s -q or -d");
    }
    postmap->task = task;
}

static void set_flag(struct postmap *postmap, char option)
{
    switch (option) {
    case 's':
        set_task(postmap, TASK_LIST);
        return;
    case 'i':
        postmap->adds_to_old = true;
        return;
    case 'r':
        postmap->replaces = true;
        return;
    case 'w':
        postmap->ignores_duplicates = true;
        return;
    case 'f':
        postmap->keeps_case = true;
        return;
    case 'n':
        postmap->without_nul = true;
        return;
    case 'N':
        postmap->without_nul = false;
        return;
    case 'o':
        postmap->keeps_root = true;
        return;
    case 'p':
        postmap->keeps_mode = true;
        return;
    case 'v':
    case 'u':
    case 'U':
        return;
    }
    fail_usage(postmap);
}

static void set_value(struct postmap *postmap, char option, const char *value)
{
    if (value == NULL) {
        fail_usage(postmap);
    }
    if (option == 'c') {
        postmap->config_directory = value;
        return;
    }
    set_task(postmap, option == 'q' ? TASK_QUERY : TASK_DELETE);
    postmap->key = str_from(value);
}

/* The index of the first argument that is no option. */
static int parse_options(struct postmap *postmap, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        const char *argument = argv[i];
        if (argument[0] != '-' || argument[1] == '\0') {
            return i;
        }
        if (strcmp(argument, "--") == 0) {
            return i + 1;
        }
        for (size_t j = 1; argument[j] != '\0'; j++) {
            char option = argument[j];
            if (option != 'c' && option != 'q' && option != 'd') {
                set_flag(postmap, option);
                continue;
            }
            bool is_joined = argument[j + 1] != '\0';
            set_value(postmap, option, is_joined ? &argument[j + 1] : argv[++i]);
            break;
        }
    }
    return argc;
}

static int run_task(struct postmap *postmap, const struct target *targets, int count)
{
    bool found = postmap->task == TASK_QUERY && query_tables(postmap, targets, count);
    for (int i = 0; i < count; i++) {
        switch (postmap->task) {
        case TASK_BUILD:
            build_table(postmap, &targets[i]);
            found = true;
            break;
        case TASK_LIST:
            list_table(postmap, &targets[i]);
            found = true;
            break;
        case TASK_DELETE:
            found = delete_from_table(postmap, &targets[i]) || found;
            break;
        case TASK_QUERY:
            break;
        }
    }
    return found ? 0 : 1;
}

int postmap_main(struct sys *sys, int argc, char **argv)
{
    struct postmap postmap = {.sys = sys, .mem = sys_mem(sys)};
    int first = parse_options(&postmap, argc, argv);
    int count = argc - first;
    if (count < 1 || count > POSTMAP_TARGETS_MAX) {
        fail_usage(&postmap);
    }
    struct target targets[POSTMAP_TARGETS_MAX];
    for (int i = 0; i < count; i++) {
        targets[i] = target_parse(&postmap, argv[first + i]);
    }
    return run_task(&postmap, targets, count);
}
