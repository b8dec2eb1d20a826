// SPDX-License-Identifier: ISC
#include "explore/generator.h"

#include <stdio.h>

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
