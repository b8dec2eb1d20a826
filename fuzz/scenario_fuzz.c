// SPDX-License-Identifier: ISC
/* Any text either has a problem that is reported or is a scenario that can be written and parses
 * to the same scenario again. */
#include "fuzz/fuzz.h"
#include "scenario/scenario.h"

/* What was parsed and written finds room to be parsed again. */
enum { ARENA_MAX = 16 << 20, ARENA_AGAIN_MAX = 32 << 20 };

static struct scenario *parse(struct arena *arena, struct str text, struct buf *report)
{
    struct syntax_problems problems = {"fuzz.scn", text, report, 0};
    if (scenario_instance_count(arena, text, &problems) == 0) {
        return NULL;
    }
    return scenario_parse(arena, text, 0, &problems);
}

/* A value may hold what a variable was put together with: such text cannot be written back. */
static bool has_variables(const struct scenario *scenario)
{
    return scenario->instance.size > 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mem *mem = fuzz_mem();
    struct arena arena;
    struct arena again;
    struct buf report;
    struct buf once;
    struct buf twice;
    arena_init(&arena, mem, ARENA_MAX);
    arena_init(&again, mem, ARENA_AGAIN_MAX);
    buf_init(&report, mem, ARENA_MAX);
    buf_init(&once, mem, ARENA_MAX);
    buf_init(&twice, mem, ARENA_MAX);
    const struct scenario *scenario = parse(&arena, str_of(data, size), &report);
    FUZZ_CHECK(scenario != NULL || report.size > 0);
    if (scenario != NULL && !has_variables(scenario)) {
        scenario_write(scenario, &once);
        scenario = parse(&again, buf_str(&once), &report);
        FUZZ_CHECK(scenario != NULL);
        scenario_write(scenario, &twice);
        FUZZ_CHECK(str_equal(buf_str(&once), buf_str(&twice)));
    }
    mem_destroy(mem);
    return 0;
}
