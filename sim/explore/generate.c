// SPDX-License-Identifier: ISC
#include "explore/generate.h"

#include <stdio.h>

#include "base/assert.h"
#include "explore/generator.h"

enum { INDEX_TEXT_MAX = 16 };

uint64_t generator_choose(struct generator *g, const char *site, int index, uint64_t n)
{
    char text[INDEX_TEXT_MAX];
    snprintf(text, sizeof(text), "%d", index);
    return draw_from(draws_site(&g->draws, site, text), n);
}

bool generator_has(const struct generator *g, enum feature feature)
{
    return g->features[feature];
}

bool generator_happens(struct generator *g, enum feature feature, const char *site, int index,
                       uint64_t n)
{
    return g->features[feature] && generator_choose(g, site, index, n) == n - 1;
}

void generator_put(struct generator *g, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    buf_putv(g->out, format, arguments);
    va_end(arguments);
}

static void choose_features(struct generator *g)
{
    static const char *const names[FEATURE_COUNT] = {
#define FEATURE(name, what) #name,
#include "explore/features.def"
#undef FEATURE
    };
    for (int i = 0; i < FEATURE_COUNT; i++) {
        g->features[i] = draw_from(draws_site(&g->draws, "feature", names[i]), 2) == 1;
    }
}

static void put_title(struct generator *g, uint64_t seed)
{
    generator_put(g,
                  "scenario \"A random world, seed %llu\"\n"
                  "limit 90d\n",
                  (unsigned long long)seed);
}

static void run_out_of_memory(void *argument)
{
    (void)argument;
    unreachable(); /* this heap has no limit */
}

void generate_scenario(uint64_t seed, struct buf *out)
{
    static const int64_t ends_s[] = {1800, 7200, 21600, 86400};
    struct generator g = {.out = out};
    struct mem *mem = mem_create(0, run_out_of_memory, NULL);
    draw_init(&g.draws, mem, true, seed, STR(""));
    choose_features(&g);
    g.faults_end_s = ends_s[generator_choose(&g, "faults-end", 0, 4)];
    put_title(&g, seed);
    generate_mta(&g);
    generate_zones(&g);
    generate_peers(&g);
    generate_script(&g);
    mem_destroy(mem);
}
