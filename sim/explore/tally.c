// SPDX-License-Identifier: ISC
#include "explore/tally.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/number.h"

enum { KEY_BYTES = 40, MS_PER_DAY = 86400 * 1000, HASH_BYTES = 17 };

/* ---- lines --------------------------------------------------------------------------------- */

void tally_result_write(const struct tally_result *result, struct buf *out)
{
    buf_putf(out,
             "{\"seed\":%llu,\"result\":\"%s\",\"hash\":\"%016llx\",\"virtual_ms\":%lld,"
             "\"wall_us\":%lld,\"calls\":%lld,\"goals\":\"",
             (unsigned long long)result->seed, result->passed ? "pass" : "fail",
             (unsigned long long)result->hash, (long long)result->virtual_ms,
             (long long)result->wall_us, (long long)result->calls);
    const char *space = "";
    for (int i = 0; i < GOAL_COUNT; i++) {
        if (result->reached[i]) {
            buf_putf(out, "%s%s", space, goal_name((enum goal)i));
            space = " ";
        }
    }
    buf_put_text(out, "\"}\n");
}

/* The text of a value, without its quotes; data NULL when the line has no such key. */
static struct str value_of(struct str line, const char *name)
{
    char key[KEY_BYTES];
    snprintf(key, sizeof(key), "\"%s\":", name);
    ptrdiff_t at = str_find_str(line, str_from(key));
    if (at < 0) {
        return (struct str){NULL, 0};
    }
    struct str rest = str_skip(line, (size_t)at + str_from(key).size);
    bool is_text = rest.size > 0 && rest.data[0] == '"';
    rest = is_text ? str_skip(rest, 1) : rest;
    ptrdiff_t end = is_text ? str_find(rest, '"') : str_find(rest, ',');
    return end < 0 ? (struct str){NULL, 0} : str_first(rest, (size_t)end);
}

static bool number_of(struct str line, const char *name, int64_t *number)
{
    return number_parse_i64(value_of(line, name), 0, INT64_MAX, number) == 0;
}

static bool parse_hash(struct str text, uint64_t *hash)
{
    char digits[HASH_BYTES];
    if (text.size != HASH_BYTES - 1) {
        return false;
    }
    snprintf(digits, sizeof(digits), "%.*s", STR_ARG(text));
    char *end;
    *hash = strtoull(digits, &end, 16);
    return *end == '\0';
}

/* Of a goal that is no more, nobody asks. */
static void parse_goals(struct str names, bool reached[GOAL_COUNT])
{
    struct str name;
    while (str_next_token(&names, " ", &name)) {
        for (int i = 0; i < GOAL_COUNT; i++) {
            reached[i] |= str_equal(name, str_from(goal_name((enum goal)i)));
        }
    }
}

bool tally_result_parse(struct str line, struct tally_result *result)
{
    *result = (struct tally_result){.passed = str_equal(value_of(line, "result"), STR("pass"))};
    parse_goals(value_of(line, "goals"), result->reached);
    return str_ends_with(line, STR("}")) &&
           number_parse_u64(value_of(line, "seed"), UINT64_MAX, &result->seed) == 0 &&
           parse_hash(value_of(line, "hash"), &result->hash) &&
           number_of(line, "virtual_ms", &result->virtual_ms) &&
           number_of(line, "wall_us", &result->wall_us) && number_of(line, "calls", &result->calls);
}

/* ---- sums ---------------------------------------------------------------------------------- */

void tally_add(struct tally *tally, const struct tally_result *result)
{
    tally->count++;
    tally->failed += result->passed ? 0 : 1;
    tally->virtual_ms += result->virtual_ms;
    if (result->wall_us >= tally->slowest.wall_us) {
        tally->slowest = *result;
    }
    if (result->calls >= tally->largest.calls) {
        tally->largest = *result;
    }
    for (int i = 0; i < GOAL_COUNT; i++) {
        tally->goals[i] += result->reached[i] ? 1 : 0;
    }
}

int tally_missing_goals(const struct tally *tally)
{
    int missing = 0;
    for (int i = 0; i < GOAL_COUNT; i++) {
        missing += tally->goals[i] == 0 ? 1 : 0;
    }
    return tally->count >= TALLY_GOALS_DUE ? missing : 0;
}

static void report_goals(const struct tally *tally, struct buf *out)
{
    const char *never =
        tally->count >= TALLY_GOALS_DUE ? "NEVER: the generator is at fault" : "not yet";
    buf_put_text(out, "goals, with the seeds that reached each:\n");
    for (int i = 0; i < GOAL_COUNT; i++) {
        buf_putf(out, "%8lld  %-22s %s%s%s\n", (long long)tally->goals[i], goal_name((enum goal)i),
                 goal_sentence((enum goal)i), tally->goals[i] == 0 ? " - " : "",
                 tally->goals[i] == 0 ? never : "");
    }
}

void tally_report(const struct tally *tally, int64_t seeds, int64_t wall_ns, struct buf *out)
{
    double seconds = (double)(wall_ns > 0 ? wall_ns : 1) / 1e9;
    double days = (double)tally->virtual_ms / MS_PER_DAY;
    report_goals(tally, out);
    buf_putf(out, "%lld seeds in %.1f s: %.1f seeds/s, %.1f simulated days/s\n", (long long)seeds,
             seconds, (double)seeds / seconds,
             tally->count == 0 ? 0 : days * (double)seeds / (double)tally->count / seconds);
    buf_putf(out, "slowest: seed %llu, %lld ms; largest: seed %llu, %lld calls\n",
             (unsigned long long)tally->slowest.seed, (long long)tally->slowest.wall_us / 1000,
             (unsigned long long)tally->largest.seed, (long long)tally->largest.calls);
    buf_putf(out, "%lld passed, %lld failed\n", (long long)(tally->count - tally->failed),
             (long long)tally->failed);
}
