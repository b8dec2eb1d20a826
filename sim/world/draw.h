// SPDX-License-Identifier: ISC
/* world/draw - every choice of the simulated world, by name
 *
 * The value of the k-th draw of a site on a machine is the override for (site, machine, k) if
 * there is one, else a pseudo-random function of (seed, site, machine, k), else, without a seed,
 * 0. 0 always means the boring choice. So a change of code elsewhere shifts no draw, and a run
 * is made simpler by removing or lowering overrides.
 *
 * Shape     overrides as text: a line "site machine k value" each, "-" for no machine; blank
 *           lines and lines that start with # are ignored
 * Limits    sites and machine names up to DRAW_NAME_MAX bytes, without white space
 * Blocks    never
 */
#ifndef WORLD_DRAW_H
#define WORLD_DRAW_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/list.h"
#include "base/map.h"

struct world;
struct draws;
struct draw_site;

enum { DRAW_NAME_MAX = 64, DRAW_SITES_MAX = 10000 };

/* A value below n; n > 0. machine is its name, or NULL for draws of the world. */
uint64_t draw(struct world *world, const char *site, const char *machine, uint64_t n);

/* The same for frequent use: looks the site up once. The handle lives as long as the world. */
struct draw_site *draw_site(struct world *world, const char *site, const char *machine);
uint64_t draw_from(struct draw_site *site, uint64_t n);

/* The overrides that repeat this run without its seed: every draw so far that was not 0, in the
 * order in which they were made. */
void draw_write(const struct world *world, struct buf *out);

/* 0, or -ERR_SYNTAX and *line (from 1) when a line of the overrides is malformed. */
MUST_USE int draw_check(struct str overrides, int *line);

/* ---- the world's -------------------------------------------------------------------------- */

struct draws {
    struct mem *mem;
    bool seeded;
    uint64_t seed;
    struct map sites; /* "site machine" -> struct draw_site */
    struct list used; /* struct draw_used, oldest first */
};

/* overrides must have passed draw_check(). A generator has draws without a world. */
void draw_init(struct draws *draws, struct mem *mem, bool seeded, uint64_t seed,
               struct str overrides);
struct draw_site *draws_site(struct draws *draws, const char *site, const char *machine);

#endif
