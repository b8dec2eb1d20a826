// SPDX-License-Identifier: ISC
/* Tables that live in memory: texthash, inline, static. */
#include "base/arena.h"
#include "base/map.h"
#include "conf/conf.h"
#include "table/table_kind.h"
#include "table/table_source.h"

enum { TABLE_ENTRIES_MAX = 1000000 };

struct table_map {
    struct mem *mem;
    struct map map;     /* folded key to struct str * */
    struct arena arena; /* of the values */
};

static struct table_map *map_create(struct mem *mem)
{
    struct table_map *content = mem_alloc(mem, sizeof(*content));
    content->mem = mem;
    map_init(&content->map, mem, TABLE_ENTRIES_MAX);
    arena_init(&content->arena, mem, (size_t)TABLE_FILE_BYTES_MAX * 2);
    return content;
}

static void map_unload(struct sys *sys UNUSED, void *content)
{
    struct table_map *map = content;
    map_done(&map->map);
    arena_done(&map->arena);
    mem_free(map->mem, map);
}

/* The first entry of several with one key stays, as in Postfix. */
static int map_add(struct table_map *content, struct str key, struct str text)
{
    char folded_bytes[SYS_DATABASE_KEY_MAX + 1];
    struct str folded = table_fold(key, folded_bytes);
    if (folded.data == NULL) {
        return -ERR_LIMIT;
    }
    if (map_get(&content->map, folded) != NULL) {
        return 0;
    }
    struct str *value = arena_alloc(&content->arena, sizeof(*value));
    if (value == NULL) {
        return -ERR_LIMIT;
    }
    *value = arena_copy(&content->arena, text);
    return value->data == NULL ? -ERR_LIMIT : map_put(&content->map, folded, value);
}

static int map_lookup(struct sys *sys UNUSED, void *content, struct str key, struct buf *value)
{
    struct table_map *map = content;
    const struct str *found = map_get(&map->map, key);
    if (found == NULL) {
        return -ERR_NOT_FOUND;
    }
    buf_put(value, *found);
    return buf_error(value);
}

/* ---- texthash ----------------------------------------------------------------------------------- */

static int texthash_fill(const struct table_load *load, struct table_source *source,
                         struct table_map *content)
{
    for (;;) {
        struct table_source_entry entry;
        int error = table_source_next(source, &entry);
        if (error == 0) {
            return 0;
        }
        if (error > 0 && entry.value.size == 0) {
            error = -ERR_SYNTAX;
        }
        if (error > 0) {
            error = map_add(content, entry.key, entry.value);
        }
        if (error == -ERR_SYNTAX) {
            return table_load_failed(load, error,
                                     "%s, line %d: expected format: key whitespace value",
                                     load->path, source->line_number);
        }
        if (error < 0) {
            return table_load_failed(load, error, "%s, line %d: %s", load->path,
                                     source->line_number, err_sentence(error));
        }
    }
}

static int texthash_load(const struct table_kind *kind UNUSED, const struct table_load *load,
                         void **content)
{
    struct table_map *map = map_create(load->mem);
    struct table_source source;
    table_source_init(&source, load->mem, load->text);
    int error = texthash_fill(load, &source, map);
    table_source_done(&source);
    if (error != 0) {
        map_unload(load->sys, map);
        return error;
    }
    *content = map;
    return 0;
}

const struct table_kind table_kind_texthash = {
    .name = STR_INIT("texthash"),
    .source = TABLE_SOURCE_TEXT,
    .suffix = "",
    .folds_keys = true,
    .load = texthash_load,
    .lookup = map_lookup,
    .unload = map_unload,
};

/* ---- inline --------------------------------------------------------------------------------------- */

static int inline_fill(const struct table_load *load, struct table_map *content)
{
    struct str rest = load->text;
    struct str item;
    while (conf_list_next(&rest, &item)) {
        struct str value = item;
        struct str key;
        bool has_key = str_next(&value, '=', &key);
        key = str_trim_space(key);
        if (!has_key || value.data == NULL || key.size == 0) {
            return table_load_failed(load, -ERR_SYNTAX, "expected \"key = value\", got: \"%.*s\"",
                                     STR_ARG(item));
        }
        int error = map_add(content, key, str_trim_space(value));
        if (error != 0) {
            return table_load_failed(load, error, "key \"%.*s\": %s", STR_ARG(key),
                                     err_sentence(error));
        }
    }
    return 0;
}

static int inline_load(const struct table_kind *kind UNUSED, const struct table_load *load,
                       void **content)
{
    struct table_map *map = map_create(load->mem);
    int error = inline_fill(load, map);
    if (error != 0) {
        map_unload(load->sys, map);
        return error;
    }
    *content = map;
    return 0;
}

const struct table_kind table_kind_inline = {
    .name = STR_INIT("inline"),
    .source = TABLE_SOURCE_INLINE,
    .folds_keys = true,
    .load = inline_load,
    .lookup = map_lookup,
    .unload = map_unload,
};

/* ---- static --------------------------------------------------------------------------------------- */

static int static_load(const struct table_kind *kind UNUSED, const struct table_load *load,
                       void **content)
{
    struct table_map *map = map_create(load->mem);
    int error = map_add(map, STR(""), load->text);
    if (error != 0) {
        map_unload(load->sys, map);
        return table_load_failed(load, error, "%s", err_sentence(error));
    }
    *content = map;
    return 0;
}

static int static_lookup(struct sys *sys, void *content, struct str key UNUSED, struct buf *value)
{
    return map_lookup(sys, content, STR(""), value);
}

const struct table_kind table_kind_static = {
    .name = STR_INIT("static"),
    .source = TABLE_SOURCE_NONE,
    .load = static_load,
    .lookup = static_lookup,
    .unload = map_unload,
};
