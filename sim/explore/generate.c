// SPDX-License-Identifier: ISC
#include "explore/generate.h"

#include "base/assert.h"
#include "explore/generator.h"

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
    static const int64_t ends_s[] = {1800, 7200, 21600, 43200};
    struct generator g = {.out = out};
    struct mem *mem = mem_create(0, run_out_of_memory, NULL);
    draw_init(&g.draws, mem, true, seed, STR(""));
    choose_features(&g);
    g.is_calm = generator_choose(&g, "calm", 0, 3) == 0;
    g.faults_end_s = ends_s[generator_choose(&g, "faults-end", 0, 4)];
    put_title(&g, seed);
    generate_mta(&g);
    generate_zones(&g);
    generate_peers(&g);
    generate_mail(&g);
    generate_events(&g);
    generator_put(&g, "\nexpect recovery\n");
    mem_destroy(mem);
}
