// SPDX-License-Identifier: ISC
#include "world/draw.h"

#include <stdio.h>

#include "base/assert.h"
#include "base/hash.h"
#include "base/number.h"
#include "world/world_state.h"

/* ---- sites --------------------------------------------------------------------------------- */

struct draw_override {
    struct list in_site;
    uint64_t k;
    uint64_t value;
};

struct draw_site {
    struct draws *draws;
    struct str name;       /* "site machine" */
    uint64_t count;        /* draws so far: k of the next one */
    struct list overrides; /* struct draw_override by rising k; those behind count are gone */
};

struct draw_used {
    struct list in_draws;
    const struct draw_site *site;
    uint64_t k;
    uint64_t value;
};

enum { SITE_KEY_MAX = 2 * DRAW_NAME_MAX + 2 };

static struct draw_site *find_site(struct draws *draws, struct str site, struct str machine)
{
    char key[SITE_KEY_MAX];
    int size = snprintf(key, sizeof(key), "%.*s %.*s", STR_ARG(site), STR_ARG(machine));
    assert(size > 0 && (size_t)size < sizeof(key));
    struct str name = str_of(key, (size_t)size);
    struct draw_site *found = map_get(&draws->sites, name);
    if (found != NULL) {
        return found;
    }
    found = mem_alloc(draws->mem, sizeof(*found));
    found->draws = draws;
    found->name = str_of(mem_copy_str(draws->mem, name), name.size);
    list_init(&found->overrides);
    assert(map_put(&draws->sites, name, found) == 0);
    return found;
}

struct draw_site *draws_site(struct draws *draws, const char *site, const char *machine)
{
    return find_site(draws, str_from(site), str_from(machine != NULL ? machine : "-"));
}

struct draw_site *draw_site(struct world *world, const char *site, const char *machine)
{
    return draws_site(&world->draws, site, machine);
}

/* ---- values -------------------------------------------------------------------------------- */

static uint64_t pseudo_random(const struct draw_site *site, uint64_t k)
{
    struct hash hash;
    hash_init(&hash, site->draws->seed, 0);
    hash_put_str(&hash, site->name);
    hash_put_u64(&hash, k);
    return hash_value(&hash);
}

static uint64_t value_of(struct draw_site *site, uint64_t k)
{
    while (!list_is_empty(&site->overrides)) {
        struct draw_override *first =
            list_entry(site->overrides.next, struct draw_override, in_site);
        if (first->k > k) {
            break;
        }
        list_remove(&first->in_site);
        if (first->k == k) {
            return first->value;
        }
    }
    return site->draws->seeded ? pseudo_random(site, k) : 0;
}

static void remember(struct draw_site *site, uint64_t k, uint64_t value)
{
    struct draw_used *used = mem_alloc(site->draws->mem, sizeof(*used));
    used->site = site;
    used->k = k;
    used->value = value;
    list_append(&site->draws->used, &used->in_draws);
}

uint64_t draw_from(struct draw_site *site, uint64_t n)
{
    assert(n > 0);
    uint64_t k = site->count++;
    uint64_t value = value_of(site, k) % n;
    if (value != 0) {
        remember(site, k, value);
    }
    return value;
}

uint64_t draw(struct world *world, const char *site, const char *machine, uint64_t n)
{
    return draw_from(draw_site(world, site, machine), n);
}

/* ---- overrides as text --------------------------------------------------------------------- */

struct override_line {
    struct str site;
    struct str machine;
    uint64_t k;
    uint64_t value;
};

static int parse_line(struct str line, struct override_line *parsed)
{
    struct str k;
    struct str value;
    bool complete = str_next_token(&line, " \t\r", &parsed->site) &&
                    str_next_token(&line, " \t\r", &parsed->machine) &&
                    str_next_token(&line, " \t\r", &k) && str_next_token(&line, " \t\r", &value);
    struct str rest;
    if (!complete || str_next_token(&line, " \t\r", &rest)) {
        return -ERR_SYNTAX;
    }
    if (parsed->site.size > DRAW_NAME_MAX || parsed->machine.size > DRAW_NAME_MAX) {
        return -ERR_LIMIT;
    }
    int error = number_parse_u64(k, UINT64_MAX - 1, &parsed->k);
    return error != 0 ? error : number_parse_u64(value, UINT64_MAX, &parsed->value);
}

static bool is_blank(struct str line)
{
    line = str_trim_space(line);
    return line.size == 0 || line.data[0] == '#';
}

int draw_check(struct str overrides, int *line)
{
    struct str text;
    for (*line = 1; str_next(&overrides, '\n', &text); (*line)++) {
        struct override_line parsed;
        if (!is_blank(text) && parse_line(text, &parsed) != 0) {
            return -ERR_SYNTAX;
        }
    }
    return 0;
}

/* By rising k; of two for the same draw the later line counts. */
static void add_override(struct draw_site *site, uint64_t k, uint64_t value, struct mem *mem)
{
    struct list *position = site->overrides.previous;
    while (position != &site->overrides &&
           list_entry(position, struct draw_override, in_site)->k > k) {
        position = position->previous;
    }
    struct draw_override *override = list_entry(position, struct draw_override, in_site);
    if (position == &site->overrides || override->k != k) {
        override = mem_alloc(mem, sizeof(*override));
        override->k = k;
        list_insert_before(position->next, &override->in_site);
    }
    override->value = value;
}

void draw_init(struct draws *draws, struct mem *mem, bool seeded, uint64_t seed,
               struct str overrides)
{
    *draws = (struct draws){.mem = mem, .seeded = seeded, .seed = seed};
    map_init(&draws->sites, mem, DRAW_SITES_MAX);
    list_init(&draws->used);
    struct str line;
    while (str_next(&overrides, '\n', &line)) {
        struct override_line parsed;
        if (!is_blank(line)) {
            assert(parse_line(line, &parsed) == 0);
            struct draw_site *site = find_site(draws, parsed.site, parsed.machine);
            add_override(site, parsed.k, parsed.value, mem);
        }
    }
}

void draw_write(const struct world *world, struct buf *out)
{
    list_each(node, &world->draws.used)
    {
        const struct draw_used *used = list_entry(node, struct draw_used, in_draws);
        buf_putf(out, "%.*s %llu %llu\n", STR_ARG(used->site->name), (unsigned long long)used->k,
                 (unsigned long long)used->value);
    }
}
