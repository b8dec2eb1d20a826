// SPDX-License-Identifier: ISC
#include "table/match_list.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/assert.h"
#include "conf/conf.h"
#include "conf/conf_list.h"
#include "conf/file.h"
#include "conf/param.h"
#include "table/cidr.h"

enum { MATCH_LIST_DEPTH_MAX = 4, MATCH_LIST_TEXT_MAX = 4 * 1024 * 1024 };

enum pattern_kind { PATTERN_NAME, PATTERN_NETWORK, PATTERN_TABLE, PATTERN_UNREADABLE };

struct pattern {
    enum pattern_kind kind;
    bool is_negated;
    struct str name; /* NAME; UNREADABLE: the file */
    struct cidr network;
    struct table *table;
    int error; /* UNREADABLE */
};

struct match_list {
    struct sys *sys;
    const struct conf *conf;
    unsigned flags;
    struct arena arena; /* names */
    struct pattern *patterns;
    size_t count;
    size_t capacity;
    char why[TABLE_WHY_MAX];
};

/* ---- open ------------------------------------------------------------------------------------------- */

static void PRINTF_LIKE(2, 3) say(struct match_list *list, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(list->why, sizeof(list->why), format, arguments);
    va_end(arguments);
}

static int append(struct match_list *list, const struct pattern *pattern)
{
    if (list->count == MATCH_LIST_PATTERNS_MAX) {
        say(list, "more than %d patterns in a list", MATCH_LIST_PATTERNS_MAX);
        return -ERR_LIMIT;
    }
    if (list->count == list->capacity) {
        list->capacity = list->capacity == 0 ? 8 : list->capacity * 2;
        list->patterns = mem_resize(sys_mem(list->sys), list->patterns,
                                    list->capacity * sizeof(list->patterns[0]));
    }
    list->patterns[list->count++] = *pattern;
    return 0;
}

/* A text that can only be meant as an address: not a host name. */
static bool looks_like_address(struct str text)
{
    bool has_letter = false;
    for (size_t i = 0; i < text.size; i++) {
        has_letter = has_letter || char_is_alpha(text.data[i]);
    }
    return str_starts_with(text, STR("[")) || str_find(text, '/') >= 0 || !has_letter;
}

static int append_network(struct match_list *list, struct str text, struct pattern pattern)
{
    pattern.kind = PATTERN_NETWORK;
    if (cidr_parse(text, &pattern.network) != 0) {
        say(list, "bad network \"%.*s\", or bits set in its host part", STR_ARG(text));
        return -ERR_SYNTAX;
    }
    return append(list, &pattern);
}

static int append_table(struct match_list *list, struct str spec, struct pattern pattern)
{
    pattern.kind = PATTERN_TABLE;
    int error = table_open(list->sys, list->conf, spec, &pattern.table, list->why);
    if (error == 0) {
        error = append(list, &pattern);
    }
    return error;
}

static int append_name(struct match_list *list, struct str name, struct pattern pattern)
{
    pattern.kind = PATTERN_NAME;
    pattern.name = arena_copy(&list->arena, name);
    if (pattern.name.data == NULL) {
        say(list, "list too long");
        return -ERR_LIMIT;
    }
    return append(list, &pattern);
}

static int append_patterns(struct match_list *list, struct str patterns, bool is_negated,
                           int depth);

/* The lines of a pattern file, except those that begin with #. */
static int append_lines(struct match_list *list, struct str text, bool is_negated, int depth)
{
    struct str line;
    while (str_next(&text, '\n', &line)) {
        if (str_starts_with(line, STR("#"))) {
            continue;
        }
        int error = append_patterns(list, line, is_negated, depth);
        if (error != 0) {
            return error;
        }
    }
    return 0;
}

/* A file that cannot be read is an error each time the list is asked, not before. */
static int append_file(struct match_list *list, struct str path, struct pattern pattern, int depth)
{
    if (depth == MATCH_LIST_DEPTH_MAX) {
        say(list, "%.*s: files nested too deeply", STR_ARG(path));
        return -ERR_LIMIT;
    }
    struct buf text;
    buf_init(&text, sys_mem(list->sys), MATCH_LIST_FILE_BYTES_MAX);
    pattern.kind = PATTERN_UNREADABLE;
    pattern.name = arena_copy(&list->arena, path);
    pattern.error =
        pattern.name.data == NULL ? -ERR_LIMIT : file_read(list->sys, pattern.name.data, &text);
    int error = pattern.error != 0
                    ? append(list, &pattern)
                    : append_lines(list, buf_str(&text), pattern.is_negated, depth + 1);
    buf_done(&text);
    return error;
}

static int append_pattern(struct match_list *list, struct str text, bool is_negated, int depth)
{
    struct pattern pattern = {.is_negated = is_negated};
    while (str_starts_with(text, STR("!"))) {
        pattern.is_negated = !pattern.is_negated;
        text = str_skip(text, 1);
    }
    if (text.size == 0) {
        say(list, "no pattern after \"!\"");
        return -ERR_SYNTAX;
    }
    if (text.data[0] == '/') {
        return append_file(list, text, pattern, depth);
    }
    if (text.data[0] != '[' && str_find(text, ':') >= 0) {
        return append_table(list, text, pattern);
    }
    if ((list->flags & MATCH_LIST_ADDRESS) && looks_like_address(text)) {
        return append_network(list, text, pattern);
    }
    return append_name(list, text, pattern);
}

static int append_patterns(struct match_list *list, struct str patterns, bool is_negated, int depth)
{
    struct str text;
    while (conf_list_next(&patterns, &text)) {
        int error = append_pattern(list, text, is_negated, depth);
        if (error != 0) {
            return error;
        }
    }
    return 0;
}

int match_list_open(struct sys *sys, const struct conf *conf, struct str patterns, unsigned flags,
                    struct match_list **list, char why[TABLE_WHY_MAX])
{
    struct match_list *opened = mem_alloc(sys_mem(sys), sizeof(*opened));
    opened->sys = sys;
    opened->conf = conf;
    opened->flags = flags;
    arena_init(&opened->arena, sys_mem(sys), MATCH_LIST_TEXT_MAX);
    int error = append_patterns(opened, patterns, false, 0);
    if (error != 0) {
        snprintf(why, TABLE_WHY_MAX, "%s", opened->why);
        match_list_close(opened);
        opened = NULL;
    }
    *list = opened;
    return error;
}

int match_list_open_param(struct sys *sys, const struct conf *conf, enum conf_param param,
                          unsigned flags, struct match_list **list, char why[TABLE_WHY_MAX])
{
    struct str name = param_get(param)->name;
    char reason[TABLE_WHY_MAX];
    bool has_domains = (flags & MATCH_LIST_DOMAINS) != 0;
    if (has_domains &&
        conf_list_has(conf_text(conf, CONF_parent_domain_matches_subdomains), name)) {
        flags |= MATCH_LIST_PARENTS;
    }
    int error = match_list_open(sys, conf, conf_text(conf, param), flags, list, reason);
    if (error != 0) {
        snprintf(why, TABLE_WHY_MAX, "%.*s: %.*s", STR_ARG(name), TABLE_WHY_MAX / 2, reason);
    }
    return error;
}

void match_list_close(struct match_list *list)
{
    if (list == NULL) {
        return;
    }
    struct mem *mem = sys_mem(list->sys);
    for (size_t i = 0; i < list->count; i++) {
        table_close(list->patterns[i].table);
    }
    mem_free(mem, list->patterns);
    arena_done(&list->arena);
    mem_free(mem, list);
}

const char *match_list_why(const struct match_list *list)
{
    return list->why;
}

/* ---- ask -------------------------------------------------------------------------------------------- */

struct question {
    struct str text;                   /* a name, or an address as text */
    const struct sys_address *address; /* NULL when a name is asked */
};

static bool name_matches(const struct match_list *list, struct str pattern, struct str name)
{
    if (str_equal_fold(name, pattern)) {
        return true;
    }
    if (!(list->flags & MATCH_LIST_DOMAINS) || name.size <= pattern.size ||
        !str_ends_with_fold(name, pattern)) {
        return false;
    }
    if (list->flags & MATCH_LIST_PARENTS) {
        return name.data[name.size - pattern.size - 1] == '.';
    }
    return str_starts_with(pattern, STR("."));
}

/* The next key to ask after `key`: the parent domain; empty when there is none. */
static struct str next_key(const struct match_list *list, struct str key)
{
    ptrdiff_t dot = str_find(str_skip(key, 1), '.');
    if (dot < 0) {
        return STR("");
    }
    struct str parent = str_skip(key, (size_t)dot + 1);
    return list->flags & MATCH_LIST_PARENTS ? str_skip(parent, 1) : parent;
}

static int table_matches(struct match_list *list, struct table *table,
                         const struct question *question)
{
    bool asks_parents = (list->flags & MATCH_LIST_DOMAINS) && question->address == NULL;
    struct buf value;
    buf_init(&value, sys_mem(list->sys), TABLE_VALUE_MAX);
    int error = -ERR_NOT_FOUND;
    struct str key = question->text;
    while (error == -ERR_NOT_FOUND && key.size > 0) {
        error = table_lookup(table, key, &value);
        key = asks_parents ? next_key(list, key) : STR("");
    }
    buf_done(&value);
    if (error != 0 && error != -ERR_NOT_FOUND) {
        say(list, "%s", table_why(table));
        return error;
    }
    return error == 0 ? 1 : 0;
}

static int pattern_matches(struct match_list *list, const struct pattern *pattern,
                           const struct question *question)
{
    switch (pattern->kind) {
    case PATTERN_NAME:
        return question->address == NULL && name_matches(list, pattern->name, question->text);
    case PATTERN_NETWORK:
        return question->address != NULL && cidr_contains(&pattern->network, question->address);
    case PATTERN_TABLE:
        return table_matches(list, pattern->table, question);
    case PATTERN_UNREADABLE:
        say(list, "open file %.*s: %s", STR_ARG(pattern->name), err_sentence(pattern->error));
        return -ERR_UNAVAILABLE;
    }
    unreachable();
}

static int ask(struct match_list *list, const struct question *question)
{
    for (size_t i = 0; i < list->count; i++) {
        int matches = pattern_matches(list, &list->patterns[i], question);
        if (matches < 0) {
            return matches;
        }
        if (matches > 0) {
            return list->patterns[i].is_negated ? 0 : 1;
        }
    }
    return 0;
}

int match_list_has_name(struct match_list *list, struct str name)
{
    return ask(list, &(struct question){.text = name});
}

int match_list_has_address(struct match_list *list, const struct sys_address *address)
{
    char text[SYS_ADDRESS_TEXT_MAX];
    const char *as_text = sys_address_text(address, text);
    return ask(list, &(struct question){.text = str_from(as_text), .address = address});
}
