// SPDX-License-Identifier: ISC
/* sim/explore/generator - what the parts of the generator share
 *
 * Every choice is a draw (world/draw.h) of the generator's own: 0 is the boring choice, and a
 * change of one part shifts no choice of another.
 */
#ifndef EXPLORE_GENERATOR_H
#define EXPLORE_GENERATOR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attribute.h"
#include "base/buf.h"
#include "world/draw.h"

enum feature {
#define FEATURE(name, what) FEATURE_##name,
#include "explore/features.def"
#undef FEATURE
    FEATURE_COUNT
};

enum { GENERATOR_PEERS_MAX = 5, GENERATOR_DOMAINS_MAX = 5, GENERATOR_MX_MAX = 3 };

/* How a host stands when the faults have stopped. */
struct generator_peer {
    bool has_two_addresses;
    bool is_broken;     /* for ever */
    bool may_duplicate; /* it takes mail whose reply does not arrive in time */
};

struct generator_domain {
    int peers[GENERATOR_MX_MAX]; /* in order of preference */
    int peer_count;
};

struct generator {
    struct draws draws;
    struct buf *out;
    bool features[FEATURE_COUNT];
    int64_t faults_end_s;
    bool is_calm; /* nothing goes wrong on the mail system's own machine */
    struct generator_peer peers[GENERATOR_PEERS_MAX];
    int peer_count;
    struct generator_domain domains[GENERATOR_DOMAINS_MAX];
    int domain_count;
    int message_count;
};

/* A value below n. index tells draws of one site apart: which peer, which message. */
uint64_t generator_choose(struct generator *g, const char *site, int index, uint64_t n);
bool generator_has(const struct generator *g, enum feature feature);
/* Of a world with that feature, one thing in n; false in a boring world. */
bool generator_happens(struct generator *g, enum feature feature, const char *site, int index,
                       uint64_t n);

/* A line that a world may have when it has the feature. */
struct generator_line {
    enum feature feature;
    const char *text;
};
/* One of those that the world's features allow; NULL when there is none. */
const struct generator_line *generator_pick(struct generator *g, const char *site, int index,
                                            const struct generator_line *lines, int count);

void generator_put(struct generator *g, const char *format, ...) PRINTF_LIKE(2, 3);

/* ---- parts, in the order of the text --------------------------------------------------------- */

void generate_mta(struct generator *g);
void generate_zones(struct generator *g);
void generate_peers(struct generator *g);
void generate_mail(struct generator *g);
void generate_events(struct generator *g);

#endif
