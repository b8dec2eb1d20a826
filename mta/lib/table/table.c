// SPDX-License-Identifier: ISC
#include "table/table.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/assert.h"
#include "conf/conf.h"
#include "conf/file.h"
#include "sys/clock.h"
#include "sys/fs.h"
#include "table/table_kind.h"

#define TABLE_LOOK_INTERVAL_NS SYS_SECOND_NS

struct table_content {
    void *content; /* the kind's */
    int users;     /* lookups at work in it */
    bool is_retired;
};

struct table {
    struct sys *sys;
    struct mem *mem;
    const struct table_kind *kind;
    bool folds_keys;
    char *spec;
    struct str name;               /* in spec, without "type:" */
    char *path;                    /* NULL for a table without a file */
    struct table_content *current; /* NULL after a failed load */
    int load_error;                /* why there is none */
    struct sys_stat file_state;    /* when it was loaded; all 0 before */
    int64_t look_again_ns;
    bool is_loading; /* by some fiber */
    char load_why[TABLE_WHY_MAX];
    char why[TABLE_WHY_MAX];
};

static const struct table_kind *const table_kinds[] = {
    &table_kind_hash,     &table_kind_btree,  &table_kind_lmdb,   &table_kind_cdb,
    &table_kind_texthash, &table_kind_inline, &table_kind_static, &table_kind_cidr,
};

/* Types that Postfix has and this system has not yet. */
static const struct str table_kinds_later[] = {
    STR_INIT("regexp"),  STR_INIT("pcre"),     STR_INIT("socketmap"), STR_INIT("tcp"),
    STR_INIT("proxy"),   STR_INIT("unix"),     STR_INIT("ldap"),      STR_INIT("mysql"),
    STR_INIT("pgsql"),   STR_INIT("sqlite"),   STR_INIT("mongodb"),   STR_INIT("memcache"),
    STR_INIT("pipemap"), STR_INIT("unionmap"), STR_INIT("randmap"),   STR_INIT("environ"),
    STR_INIT("fail"),    STR_INIT("debug"),    STR_INIT("internal"),  STR_INIT("nisplus"),
    STR_INIT("sdbm"),    STR_INIT("dbm"),
};

const struct table_kind *table_kind_find(struct str name)
{
    for (size_t i = 0; i < sizeof(table_kinds) / sizeof(table_kinds[0]); i++) {
        if (str_equal(table_kinds[i]->name, name)) {
            return table_kinds[i];
        }
    }
    return NULL;
}

static bool kind_comes_later(struct str name)
{
    for (size_t i = 0; i < sizeof(table_kinds_later) / sizeof(table_kinds_later[0]); i++) {
        if (str_equal(table_kinds_later[i], name)) {
            return true;
        }
    }
    return false;
}

/* Cuts what does not fit. */
static void PRINTF_LIKE(2, 3) say(char why[TABLE_WHY_MAX], const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(why, TABLE_WHY_MAX, format, arguments);
    va_end(arguments);
}

int table_load_failed(const struct table_load *load, int error, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(load->why, TABLE_WHY_MAX, format, arguments);
    va_end(arguments);
    return error;
}

struct str table_fold(struct str key, char folded[SYS_DATABASE_KEY_MAX + 1])
{
    if (key.size > SYS_DATABASE_KEY_MAX) {
        return (struct str){0};
    }
    for (size_t i = 0; i < key.size; i++) {
        folded[i] = char_lower(key.data[i]);
    }
    folded[key.size] = '\0';
    return str_of(folded, key.size);
}

/* ---- content --------------------------------------------------------------------------------------- */

static void content_free(struct table *table, struct table_content *content)
{
    table->kind->unload(table->sys, content->content);
    mem_free(table->mem, content);
}

static void content_release(struct table *table, struct table_content *content)
{
    content->users--;
    if (content->is_retired && content->users == 0) {
        content_free(table, content);
    }
}

static void set_current(struct table *table, struct table_content *next)
{
    struct table_content *old = table->current;
    table->current = next;
    if (old == NULL) {
        return;
    }
    old->is_retired = true;
    if (old->users == 0) {
        content_free(table, old);
    }
}

static bool name_is_braced(struct str name)
{
    return name.size >= 2 && name.data[0] == '{' && name.data[name.size - 1] == '}';
}

static struct str inside_braces(struct str name)
{
    return str_trim_space(str_of(name.data + 1, name.size - 2));
}

/* The items of a braced name become the lines of a text. */
static int read_items(struct str items, struct buf *text)
{
    struct str item;
    while (conf_list_next(&items, &item)) {
        buf_put(text, item);
        buf_put_char(text, '\n');
    }
    return buf_error(text);
}

static int read_text(struct table *table, struct buf *text)
{
    switch (table->kind->source) {
    case TABLE_SOURCE_DATABASE:
        return 0;
    case TABLE_SOURCE_NONE:
    case TABLE_SOURCE_INLINE:
        buf_put(text, name_is_braced(table->name) ? inside_braces(table->name) : table->name);
        return buf_error(text);
    case TABLE_SOURCE_TEXT:
        return table->path == NULL ? read_items(inside_braces(table->name), text)
                                   : file_read(table->sys, table->path, text);
    }
    unreachable();
}

static int load_content(struct table *table, void **content)
{
    struct buf text;
    buf_init(&text, table->mem, TABLE_FILE_BYTES_MAX);
    const struct table_load load = {
        .sys = table->sys,
        .mem = table->mem,
        .path = table->path != NULL ? table->path : table->spec,
        .why = table->load_why,
    };
    int error = read_text(table, &text);
    if (error != 0) {
        table_load_failed(&load, error, "open %s: %s", load.path, err_sentence(error));
    } else {
        struct table_load with_text = load;
        with_text.text = buf_str(&text);
        error = table->kind->load(table->kind, &with_text, content);
    }
    buf_done(&text);
    return error;
}

/* Loads what is there now; lookups at work keep what they have. */
static void load(struct table *table)
{
    table->is_loading = true;
    struct table_content *next = mem_alloc(table->mem, sizeof(*next));
    table->load_error = load_content(table, &next->content);
    if (table->load_error != 0) {
        mem_free(table->mem, next);
        next = NULL;
    }
    set_current(table, next);
    table->is_loading = false;
}

/* A file that is gone leaves what was loaded in use: a rename puts the next one in its place. */
static void load_if_changed(struct table *table)
{
    int64_t now_ns = sys_now_ns(table->sys);
    if (table->path == NULL || table->is_loading || now_ns < table->look_again_ns) {
        return;
    }
    table->look_again_ns = now_ns + TABLE_LOOK_INTERVAL_NS;
    struct sys_stat state;
    if (sys_stat(table->sys, SYS_HERE, table->path, &state) != 0) {
        return;
    }
    if (table->current != NULL && file_is_same(&state, &table->file_state)) {
        return;
    }
    table->file_state = state;
    load(table);
}

/* ---- open ------------------------------------------------------------------------------------------ */

static int split_spec(const struct conf *conf, struct str spec, struct str *type, struct str *name)
{
    ptrdiff_t colon = str_find(spec, ':');
    if (colon < 0) {
        *type = conf_text(conf, CONF_default_database_type);
        *name = spec;
    } else {
        *type = str_first(spec, (size_t)colon);
        *name = str_skip(spec, (size_t)colon + 1);
    }
    return name->size == 0 || type->size == 0 ? -ERR_SYNTAX : 0;
}

static int find_kind(struct str type, const struct table_kind **kind, char why[TABLE_WHY_MAX])
{
    *kind = table_kind_find(type);
    if (*kind != NULL) {
        return 0;
    }
    if (kind_comes_later(type)) {
        say(why, "dictionary type %.*s is not supported yet", STR_ARG(type));
    } else {
        say(why, "unsupported dictionary type: %.*s", STR_ARG(type));
    }
    return -ERR_NOT_SUPPORTED;
}

/* The file behind the name, NULL when the table has none. */
static char *file_path(struct mem *mem, const struct table_kind *kind, struct str name)
{
    bool has_file = kind->source == TABLE_SOURCE_DATABASE ||
                    (kind->source == TABLE_SOURCE_TEXT && !name_is_braced(name));
    if (!has_file) {
        return NULL;
    }
    size_t size = name.size + strlen(kind->suffix) + 1;
    char *path = mem_alloc(mem, size);
    snprintf(path, size, "%.*s%s", STR_ARG(name), kind->suffix);
    return path;
}

static struct table *create(struct sys *sys, const struct table_kind *kind, struct str type,
                            struct str name)
{
    struct mem *mem = sys_mem(sys);
    struct table *table = mem_alloc(mem, sizeof(*table));
    size_t size = type.size + 1 + name.size + 1;
    table->spec = mem_alloc(mem, size);
    snprintf(table->spec, size, "%.*s:%.*s", STR_ARG(type), STR_ARG(name));
    table->sys = sys;
    table->mem = mem;
    table->kind = kind;
    table->folds_keys = kind->folds_keys;
    table->name = str_of(table->spec + type.size + 1, name.size);
    table->path = file_path(mem, kind, name);
    return table;
}

/* A table without a file is right or wrong once and for all. */
static int check_first_load(struct table *table, char why[TABLE_WHY_MAX])
{
    if (table->path != NULL || table->load_error == 0) {
        return 0;
    }
    say(why, "%s: %s", table->spec, table->load_why);
    return table->load_error;
}

int table_open(struct sys *sys, const struct conf *conf, struct str spec, struct table **table,
               char why[TABLE_WHY_MAX])
{
    struct str type;
    struct str name;
    *table = NULL;
    if (split_spec(conf, spec, &type, &name) != 0) {
        say(why, "bad table \"%.*s\": expected type:name", STR_ARG(spec));
        return -ERR_SYNTAX;
    }
    const struct table_kind *kind;
    int error = find_kind(type, &kind, why);
    if (error != 0) {
        return error;
    }
    struct table *opened = create(sys, kind, type, name);
    load_if_changed(opened);
    if (opened->current == NULL && opened->load_error == 0) {
        load(opened); /* there is no file: says why */
    }
    error = check_first_load(opened, why);
    if (error != 0) {
        table_close(opened);
        return error;
    }
    *table = opened;
    return 0;
}

void table_close(struct table *table)
{
    if (table == NULL) {
        return;
    }
    assert(!table->is_loading && (table->current == NULL || table->current->users == 0));
    set_current(table, NULL);
    mem_free(table->mem, table->path);
    mem_free(table->mem, table->spec);
    mem_free(table->mem, table);
}

void table_keep_case(struct table *table)
{
    table->folds_keys = false;
}

/* ---- lookup ----------------------------------------------------------------------------------------- */

static int lookup_in_content(struct table *table, struct str key, struct buf *value)
{
    char folded[SYS_DATABASE_KEY_MAX + 1];
    if (table->folds_keys) {
        key = table_fold(key, folded);
        if (key.data == NULL) {
            return -ERR_NOT_FOUND; /* no table holds a key that long */
        }
    }
    struct table_content *content = table->current;
    content->users++;
    int error = table->kind->lookup(table->sys, content->content, key, value);
    content_release(table, content);
    return error;
}

int table_lookup(struct table *table, struct str key, struct buf *value)
{
    buf_clear(value);
    table->why[0] = '\0';
    load_if_changed(table);
    if (table->current == NULL) {
        say(table->why, "%s is unavailable. %s", table->spec, table->load_why);
        return table->load_error == 0 || table->load_error == -ERR_NOT_FOUND ? -ERR_UNAVAILABLE
                                                                             : table->load_error;
    }
    int error = lookup_in_content(table, key, value);
    if (error != 0 && error != -ERR_NOT_FOUND) {
        say(table->why, "%s lookup error for \"%.*s\": %s", table->spec, STR_ARG(key),
            err_sentence(error));
    }
    return error;
}

struct str table_spec(const struct table *table)
{
    return str_from(table->spec);
}

const char *table_why(const struct table *table)
{
    return table->why;
}
