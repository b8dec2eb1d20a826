// SPDX-License-Identifier: ISC
#include "table/table_maps.h"

#include <stdio.h>

#include "base/err.h"
#include "conf/conf.h"

enum { TABLE_MAPS_MAX = 100, TABLE_MAPS_KEY_MAX = 4096 };

struct table_maps {
    struct mem *mem;
    struct table *tables[TABLE_MAPS_MAX];
    size_t count;
    struct table *failed; /* the table that ended the last search */
};

static int add_table(struct sys *sys, const struct conf *conf, struct str spec,
                     struct table_maps *maps, char why[TABLE_WHY_MAX])
{
    if (maps->count == TABLE_MAPS_MAX) {
        snprintf(why, TABLE_WHY_MAX, "more than %d tables in one list", TABLE_MAPS_MAX);
        return -ERR_LIMIT;
    }
    int error = table_open(sys, conf, spec, &maps->tables[maps->count], why);
    if (error == 0) {
        maps->count++;
    }
    return error;
}

int table_maps_open(struct sys *sys, const struct conf *conf, struct str value,
                    struct table_maps **maps, char why[TABLE_WHY_MAX])
{
    struct table_maps *opened = mem_alloc(sys_mem(sys), sizeof(*opened));
    opened->mem = sys_mem(sys);
    struct str spec;
    while (conf_list_next(&value, &spec)) {
        int error = add_table(sys, conf, spec, opened, why);
        if (error != 0) {
            table_maps_close(opened);
            *maps = NULL;
            return error;
        }
    }
    *maps = opened;
    return 0;
}

void table_maps_close(struct table_maps *maps)
{
    if (maps == NULL) {
        return;
    }
    for (size_t i = 0; i < maps->count; i++) {
        table_close(maps->tables[i]);
    }
    mem_free(maps->mem, maps);
}

bool table_maps_are_empty(const struct table_maps *maps)
{
    return maps->count == 0;
}

int table_maps_find(struct table_maps *maps, struct str key, struct buf *value)
{
    buf_clear(value);
    for (size_t i = 0; i < maps->count; i++) {
        int error = table_lookup(maps->tables[i], key, value);
        if (error != -ERR_NOT_FOUND) {
            maps->failed = error != 0 ? maps->tables[i] : NULL;
            return error;
        }
    }
    return -ERR_NOT_FOUND;
}

const char *table_maps_why(const struct table_maps *maps)
{
    return maps->failed == NULL ? "" : table_why(maps->failed);
}

/* ---- parts of an address ----------------------------------------------------------------------------- */

struct address_search {
    struct table_maps *maps;
    struct buf *value;
    struct buf key;
    struct str user;      /* without extension */
    struct str extension; /* with its delimiter; may be empty */
    struct str domain;    /* with its "@"; empty when there is none */
};

/* Names that keep their hyphen when it is a delimiter, as in Postfix. */
static bool is_never_split(struct str local_part, char delimiter)
{
    return str_equal_fold(local_part, STR("mailer-daemon")) ||
           str_equal_fold(local_part, STR("double-bounce")) ||
           (delimiter == '-' && (str_starts_with_fold(local_part, STR("owner-")) ||
                                 str_ends_with_fold(local_part, STR("-request"))));
}

/* Where the extension begins; the size of the local part when it has none. */
static size_t user_size(struct str local_part, struct str delimiter)
{
    for (size_t i = 1; i < local_part.size; i++) {
        char c = local_part.data[i];
        if (str_find(delimiter, c) >= 0 && !is_never_split(local_part, c)) {
            return i;
        }
    }
    return local_part.size;
}

static void split_address(struct address_search *search, struct str address, struct str delimiter)
{
    ptrdiff_t at = str_find_last(address, '@');
    struct str local_part = at < 0 ? address : str_first(address, (size_t)at);
    size_t size = user_size(local_part, delimiter);
    search->domain = str_skip(address, local_part.size);
    search->user = str_first(local_part, size);
    search->extension = str_skip(local_part, size);
}

static int find_joined(struct address_search *search, struct str first, struct str second,
                       struct str third)
{
    buf_clear(&search->key);
    buf_put(&search->key, first);
    buf_put(&search->key, second);
    buf_put(&search->key, third);
    if (buf_error(&search->key) != 0) {
        return -ERR_NOT_FOUND; /* longer than any key */
    }
    return table_maps_find(search->maps, buf_str(&search->key), search->value);
}

/* user+ext and then user, each with `domain` behind it. */
static int find_user(struct address_search *search, struct str domain, bool *left_extension)
{
    int error = find_joined(search, search->user, search->extension, domain);
    if (error == -ERR_NOT_FOUND && search->extension.size > 0) {
        error = find_joined(search, search->user, STR(""), domain);
        *left_extension = error == 0;
    }
    return error;
}

static int find_parents(struct address_search *search, struct str domain)
{
    for (;;) {
        ptrdiff_t dot = str_find(str_skip(domain, 1), '.');
        if (dot < 0) {
            return -ERR_NOT_FOUND;
        }
        domain = str_skip(domain, (size_t)dot + 1);
        int error = table_maps_find(search->maps, domain, search->value);
        if (error != -ERR_NOT_FOUND) {
            return error;
        }
    }
}

static int find_parts(struct address_search *search, unsigned flags, bool *left_extension)
{
    int error = -ERR_NOT_FOUND;
    struct str bare_domain = str_skip(search->domain, 1);
    if (flags & TABLE_ADDRESS_FULL) {
        error = find_user(search, search->domain, left_extension);
    }
    if (error == -ERR_NOT_FOUND && (flags & TABLE_ADDRESS_LOCAL_PART)) {
        error = find_user(search, STR(""), left_extension);
    }
    if (error == -ERR_NOT_FOUND && (flags & TABLE_ADDRESS_AT_DOMAIN) && bare_domain.size > 0) {
        error = table_maps_find(search->maps, search->domain, search->value);
    }
    if (error == -ERR_NOT_FOUND && (flags & TABLE_ADDRESS_DOMAIN) && bare_domain.size > 0) {
        error = table_maps_find(search->maps, bare_domain, search->value);
    }
    if (error == -ERR_NOT_FOUND && (flags & TABLE_ADDRESS_PARENTS)) {
        error = find_parents(search, bare_domain);
    }
    return error;
}

int table_maps_find_address(struct table_maps *maps, struct str address, struct str delimiter,
                            unsigned flags, struct buf *value, struct str *extension)
{
    struct address_search search = {.maps = maps, .value = value};
    buf_init(&search.key, maps->mem, TABLE_MAPS_KEY_MAX);
    split_address(&search, address, delimiter);
    bool left_extension = false;
    int error = find_parts(&search, flags, &left_extension);
    if (extension != NULL) {
        *extension = left_extension ? search.extension : STR("");
    }
    buf_done(&search.key);
    return error;
}
