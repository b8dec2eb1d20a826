// SPDX-License-Identifier: ISC
#include "check/trouble.h"

#include "base/assert.h"

#define SECOND_NS INT64_C(1000000000)

void trouble_init(struct trouble *trouble, struct arena *arena)
{
    *trouble = (struct trouble){.arena = arena};
}

static struct trouble_span *span_at(struct trouble *trouble, int64_t now_ns)
{
    struct trouble_span *last = trouble->last;
    if (last != NULL && now_ns - SECOND_NS <= last->until_ns) {
        return last;
    }
    struct trouble_span *span = arena_alloc(trouble->arena, sizeof(*span));
    assert(span != NULL);
    *span = (struct trouble_span){.previous = last, .from_ns = now_ns, .until_ns = now_ns};
    trouble->last = span;
    return span;
}

void trouble_add(struct trouble *trouble, int64_t now_ns, int64_t time_ns)
{
    struct trouble_span *span = span_at(trouble, now_ns);
    int64_t until_ns = time_ns == INT64_MAX ? INT64_MAX : now_ns + time_ns;
    span->until_ns = until_ns > span->until_ns ? until_ns : span->until_ns;
}

void trouble_end(struct trouble *trouble, int64_t now_ns)
{
    if (trouble->last != NULL && trouble->last->until_ns > now_ns) {
        trouble->last->until_ns = now_ns;
    }
}

bool trouble_is_between(const struct trouble *trouble, int64_t from_ns, int64_t until_ns)
{
    const struct trouble_span *span = trouble->last;
    while (span != NULL && (span->from_ns > until_ns || span->until_ns < from_ns)) {
        span = span->previous;
    }
    return span != NULL;
}

bool trouble_was(const struct trouble *trouble)
{
    return trouble->last != NULL;
}
