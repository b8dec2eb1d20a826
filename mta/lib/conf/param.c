// SPDX-License-Identifier: ISC
#include "conf/param.h"

#include "base/assert.h"

static const struct param params[] = {
#define PARAM(name, type, detail, value, state, meaning) \
    {STR_INIT(#name), PARAM_##type, STR_INIT(detail), STR_INIT(value), PARAM_##state, meaning},
#include "conf/params.def"
#undef PARAM
};

/* <transport>_suffix with the parameter for those that are not set; the last one also belongs to
 * services that are no transports. */
static const struct {
    struct str suffix;
    enum conf_param fallback;
} families[] = {
    {STR_INIT("_delivery_slot_cost"), CONF_default_delivery_slot_cost},
    {STR_INIT("_delivery_slot_discount"), CONF_default_delivery_slot_discount},
    {STR_INIT("_delivery_slot_loan"), CONF_default_delivery_slot_loan},
    {STR_INIT("_destination_concurrency_failed_cohort_limit"),
     CONF_default_destination_concurrency_failed_cohort_limit},
    {STR_INIT("_destination_concurrency_limit"), CONF_default_destination_concurrency_limit},
    {STR_INIT("_destination_concurrency_negative_feedback"),
     CONF_default_destination_concurrency_negative_feedback},
    {STR_INIT("_destination_concurrency_positive_feedback"),
     CONF_default_destination_concurrency_positive_feedback},
    {STR_INIT("_destination_rate_delay"), CONF_default_destination_rate_delay},
    {STR_INIT("_destination_recipient_limit"), CONF_default_destination_recipient_limit},
    {STR_INIT("_extra_recipient_limit"), CONF_default_extra_recipient_limit},
    {STR_INIT("_initial_destination_concurrency"), CONF_initial_destination_concurrency},
    {STR_INIT("_minimum_delivery_slots"), CONF_default_minimum_delivery_slots},
    {STR_INIT("_recipient_limit"), CONF_default_recipient_limit},
    {STR_INIT("_recipient_refill_delay"), CONF_default_recipient_refill_delay},
    {STR_INIT("_recipient_refill_limit"), CONF_default_recipient_refill_limit},
    {STR_INIT("_transport_rate_delay"), CONF_default_transport_rate_delay},
    {STR_INIT("_time_limit"), CONF_command_time_limit},
};

enum { FAMILY_COUNT = sizeof(families) / sizeof(families[0]) };

const struct param *param_get(enum conf_param param)
{
    assert(param < CONF_PARAM_COUNT);
    return &params[param];
}

enum conf_param param_find(struct str name)
{
    unsigned low = 0;
    unsigned high = CONF_PARAM_COUNT;
    while (low < high) {
        unsigned middle = (low + high) / 2;
        int order = str_compare(name, params[middle].name);
        if (order == 0) {
            return (enum conf_param)middle;
        }
        if (order < 0) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return CONF_PARAM_COUNT;
}

bool param_family(struct str name, struct str *owner, enum conf_param *fallback)
{
    for (int i = 0; i < FAMILY_COUNT; i++) {
        struct str suffix = families[i].suffix;
        if (name.size > suffix.size && str_ends_with(name, suffix)) {
            *owner = str_first(name, name.size - suffix.size);
            *fallback = families[i].fallback;
            return true;
        }
    }
    return false;
}

struct str param_transport_suffix(int index)
{
    return index < FAMILY_COUNT - 1 ? families[index].suffix : (struct str){0};
}

enum { SUGGEST_NAME_MAX = 95 };

static int min_of(int a, int b)
{
    return a < b ? a : b;
}

/* How many letters must be changed, left out, put in or swapped with their neighbour. Both names
 * have at most SUGGEST_NAME_MAX letters. */
static int edit_distance(struct str a, struct str b)
{
    int rows[3][SUGGEST_NAME_MAX + 1];
    for (size_t j = 0; j <= b.size; j++) {
        rows[0][j] = (int)j;
    }
    for (size_t i = 1; i <= a.size; i++) {
        const int *before_last = rows[(i + 1) % 3];
        const int *last = rows[(i - 1) % 3];
        int *row = rows[i % 3];
        row[0] = (int)i;
        for (size_t j = 1; j <= b.size; j++) {
            bool differs = a.data[i - 1] != b.data[j - 1];
            row[j] = min_of(min_of(last[j] + 1, row[j - 1] + 1), last[j - 1] + differs);
            if (i > 1 && j > 1 && a.data[i - 1] == b.data[j - 2] &&
                a.data[i - 2] == b.data[j - 1]) {
                row[j] = min_of(row[j], before_last[j - 2] + 1);
            }
        }
    }
    return rows[a.size % 3][b.size];
}

struct str param_suggest(struct str name)
{
    struct str best = {0};
    int best_distance = 1 + (int)name.size / 4;
    if (name.size > SUGGEST_NAME_MAX) {
        return best;
    }
    for (int i = 0; i < CONF_PARAM_COUNT; i++) {
        int distance = edit_distance(name, params[i].name);
        if (distance < best_distance) {
            best = params[i].name;
            best_distance = distance;
        }
    }
    return best;
}
