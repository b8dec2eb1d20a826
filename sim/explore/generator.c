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

static int allowed_count(const struct generator *g, const struct generator_line *lines, int count)
{
    int allowed = 0;
    for (int i = 0; i < count; i++) {
        allowed += generator_has(g, lines[i].feature) ? 1 : 0;
    }
    return allowed;
}

const struct generator_line *generator_pick(struct generator *g, const char *site, int index,
                                            const struct generator_line *lines, int count)
{
    int allowed = allowed_count(g, lines, count);
    if (allowed == 0) {
        return NULL;
    }
    int choice = (int)generator_choose(g, site, index, (uint64_t)allowed);
    for (int i = 0;; i++) {
        if (generator_has(g, lines[i].feature) && choice-- == 0) {
            return &lines[i];
        }
    }
}

void generator_put(struct generator *g, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    buf_putv(g->out, format, arguments);
    va_end(arguments);
}
