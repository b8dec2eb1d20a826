// SPDX-License-Identifier: ISC
#include "report/report.h"

#include <string.h>

#include "base/assert.h"
#include "base/err.h"
#include "check/failure.h"
#include "log/event.h"

#define SECOND_NS INT64_C(1000000000)
#define MILLI_NS  INT64_C(1000000)

enum { STATUS_HELD = 0, STATUS_FAILED = 1, STATUS_FILE_WRONG = 2, STATUS_INTERNAL = 3 };

static const char *const outcome_names[REPORT_OUTCOME_COUNT] = {
    [REPORT_PASS] = "pass",
    [REPORT_FAIL] = "fail",
    [REPORT_SKIP] = "skip",
    [REPORT_ERROR] = "error",
};

const char *report_outcome_name(enum report_outcome outcome)
{
    return outcome_names[outcome];
}

/* "5d 20m", "600s": virtual time, as people say it. */
static void put_virtual(struct buf *out, int64_t time_ns)
{
    long long seconds = time_ns / SECOND_NS;
    if (seconds >= 86400) {
        buf_putf(out, "%lldd ", seconds / 86400);
        seconds %= 86400;
    }
    if (seconds >= 3600) {
        buf_putf(out, "%lldh%02lldm", seconds / 3600, seconds / 60 % 60);
    } else {
        buf_putf(out, "%llds", seconds);
    }
}

/* ---- human --------------------------------------------------------------------------------- */

static void human_begin(struct report *report)
{
    (void)report;
}

static void put_indented(struct buf *out, struct str text, const char *indent)
{
    struct str line;
    while (text.size > 0 && str_next(&text, '\n', &line)) {
        buf_putf(out, "%s%.*s\n", indent, STR_ARG(line));
    }
}

static void human_details(struct report *report, const struct report_result *result)
{
    struct str rest = result->failures;
    struct str failure;
    while (failure_next(&rest, &failure)) {
        put_indented(report->out, failure, "      ");
    }
    if (result->timeline.size > 0) {
        buf_put_text(report->out, "      what happened:\n");
        put_indented(report->out, result->timeline, "        ");
    }
    if (result->reproduce.size > 0) {
        buf_putf(report->out, "      repeat it: %.*s\n", STR_ARG(result->reproduce));
    }
}

static void human_add(struct report *report, const struct report_result *result)
{
    struct buf *out = report->out;
    buf_putf(out, "%-5s %.*s\n", outcome_names[result->outcome], STR_ARG(result->name));
    if (result->outcome == REPORT_PASS || result->outcome == REPORT_FAIL) {
        buf_put_text(out, "      ");
        put_virtual(out, result->virtual_ns);
        buf_putf(out, " in %lld ms, %.*s", (long long)(result->wall_ns / MILLI_NS),
                 STR_ARG(result->file));
        if (result->sweep != NULL) {
            buf_putf(out, ", %d points, %d %s", result->points, result->variants, result->unit);
        }
        buf_put_char(out, '\n');
    }
    if (result->outcome != REPORT_PASS) {
        human_details(report, result);
    }
}

static void human_end(struct report *report, int64_t wall_ns)
{
    for (int i = 0; i < REPORT_WAYS_MAX && report->sweeps[i].way != NULL; i++) {
        const struct report_sweeps *sweeps = &report->sweeps[i];
        buf_putf(report->out, "%s: %d sweeps, %lld points, %lld %s\n", sweeps->way, sweeps->count,
                 (long long)sweeps->points, (long long)sweeps->variants, sweeps->unit);
    }
    buf_putf(report->out, "%d passed, %d failed, %d skipped, %d wrong; ",
             report->counts[REPORT_PASS], report->counts[REPORT_FAIL], report->counts[REPORT_SKIP],
             report->counts[REPORT_ERROR]);
    put_virtual(report->out, report->virtual_ns);
    buf_putf(report->out, " of virtual time in %lld.%02lld s\n", (long long)(wall_ns / SECOND_NS),
             (long long)(wall_ns / (10 * MILLI_NS) % 100));
}

/* ---- tap ----------------------------------------------------------------------------------- */

static void tap_begin(struct report *report)
{
    buf_put_text(report->out, "TAP version 13\n");
}

static void put_comment(struct buf *out, struct str text)
{
    put_indented(out, text, "# ");
}

static void tap_add(struct report *report, const struct report_result *result)
{
    struct str rest = result->failures;
    struct str failure;
    bool good = result->outcome == REPORT_PASS || result->outcome == REPORT_SKIP;
    buf_putf(report->out, "%s %d - %.*s", good ? "ok" : "not ok", report->number,
             STR_ARG(result->name));
    if (result->outcome == REPORT_SKIP) {
        bool more = failure_next(&rest, &failure);
        buf_putf(report->out, " # SKIP %.*s\n", more ? (int)failure.size : 0, failure.data);
        return;
    }
    buf_put_char(report->out, '\n');
    while (failure_next(&rest, &failure)) {
        put_comment(report->out, failure);
    }
    if (!good) {
        put_comment(report->out, result->timeline);
        put_comment(report->out, result->reproduce);
    }
}

static void tap_end(struct report *report, int64_t wall_ns)
{
    (void)wall_ns;
    buf_putf(report->out, "1..%d\n", report->number);
}

/* ---- junit --------------------------------------------------------------------------------- */

static void put_xml(struct buf *out, struct str text)
{
    for (size_t i = 0; i < text.size; i++) {
        char c = text.data[i];
        switch (c) {
        case '<':
            buf_put_text(out, "&lt;");
            break;
        case '>':
            buf_put_text(out, "&gt;");
            break;
        case '&':
            buf_put_text(out, "&amp;");
            break;
        case '"':
            buf_put_text(out, "&quot;");
            break;
        default: /* control bytes have no place in XML */
            buf_put_char(out, c == '\n' || c == '\t' || (unsigned char)c >= ' ' ? c : '?');
        }
    }
}

static void junit_begin(struct report *report)
{
    buf_put_text(report->out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                              "<testsuite name=\"postsim\">\n");
}

static void junit_add(struct report *report, const struct report_result *result)
{
    static const char *const elements[REPORT_OUTCOME_COUNT] = {
        [REPORT_FAIL] = "failure",
        [REPORT_SKIP] = "skipped",
        [REPORT_ERROR] = "error",
    };
    struct buf *out = report->out;
    buf_put_text(out, "  <testcase classname=\"");
    put_xml(out, result->file);
    buf_put_text(out, "\" name=\"");
    put_xml(out, result->name);
    buf_putf(out, "\" time=\"%lld.%03lld\"", (long long)(result->wall_ns / SECOND_NS),
             (long long)(result->wall_ns / MILLI_NS % 1000));
    if (result->outcome == REPORT_PASS) {
        buf_put_text(out, "/>\n");
        return;
    }
    buf_putf(out, ">\n    <%s>", elements[result->outcome]);
    struct str rest = result->failures;
    struct str failure;
    while (failure_next(&rest, &failure)) {
        put_xml(out, failure);
        buf_put_char(out, '\n');
    }
    put_xml(out, result->timeline);
    put_xml(out, result->reproduce);
    buf_putf(out, "</%s>\n  </testcase>\n", elements[result->outcome]);
}

static void junit_end(struct report *report, int64_t wall_ns)
{
    (void)wall_ns;
    buf_put_text(report->out, "</testsuite>\n");
}

/* ---- json ---------------------------------------------------------------------------------- */

static void json_begin(struct report *report)
{
    (void)report;
}

static void put_string(struct buf *out, const char *name, struct str text)
{
    buf_putf(out, "\"%s\":", name);
    log_put_json_string(out, text);
}

static void json_add(struct report *report, const struct report_result *result)
{
    struct buf *out = report->out;
    buf_put_char(out, '{');
    put_string(out, "name", result->name);
    buf_put_char(out, ',');
    put_string(out, "file", result->file);
    buf_putf(out, ",\"world\":\"%s\",\"seed\":", result->world);
    if (result->seeded) {
        buf_putf(out, "%llu", (unsigned long long)result->seed);
    } else {
        buf_put_text(out, "null");
    }
    buf_putf(out, ",\"result\":\"%s\",\"hash\":\"%016llx\",\"virtual_seconds\":%lld,",
             outcome_names[result->outcome], (unsigned long long)result->hash,
             (long long)(result->virtual_ns / SECOND_NS));
    buf_putf(out, "\"wall_ms\":%lld,", (long long)(result->wall_ns / MILLI_NS));
    if (result->sweep != NULL) {
        buf_putf(out, "\"sweep\":\"%s\",\"points\":%d,\"images\":%d,", result->sweep,
                 result->points, result->variants);
    }
    buf_put_text(out, "\"failures\":[");
    struct str rest = result->failures;
    struct str failure;
    for (int i = 0; failure_next(&rest, &failure); i++) {
        buf_put_text(out, i > 0 ? "," : "");
        log_put_json_string(out, failure);
    }
    buf_put_text(out, "]}\n");
}

static void json_end(struct report *report, int64_t wall_ns)
{
    (void)report;
    (void)wall_ns;
}

/* ---- all ----------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    void (*begin)(struct report *report);
    void (*add)(struct report *report, const struct report_result *result);
    void (*end)(struct report *report, int64_t wall_ns);
} formats[REPORT_FORMAT_COUNT] = {
    [REPORT_HUMAN] = {"human", human_begin, human_add, human_end},
    [REPORT_TAP] = {"tap", tap_begin, tap_add, tap_end},
    [REPORT_JUNIT] = {"junit", junit_begin, junit_add, junit_end},
    [REPORT_JSON] = {"json", json_begin, json_add, json_end},
};

int report_format_find(struct str name, enum report_format *format)
{
    for (int i = 0; i < REPORT_FORMAT_COUNT; i++) {
        if (str_equal(str_from(formats[i].name), name)) {
            *format = (enum report_format)i;
            return 0;
        }
    }
    return -ERR_NOT_FOUND;
}

void report_begin(struct report *report, enum report_format format, struct buf *out)
{
    *report = (struct report){.format = format, .out = out};
    formats[format].begin(report);
}

static void count_sweep(struct report *report, const struct report_result *result)
{
    struct report_sweeps *sweeps = report->sweeps;
    while (sweeps->way != NULL && strcmp(sweeps->way, result->sweep) != 0) {
        sweeps++;
        assert(sweeps < report->sweeps + REPORT_WAYS_MAX);
    }
    sweeps->way = result->sweep;
    sweeps->unit = result->unit;
    sweeps->count++;
    sweeps->points += result->points;
    sweeps->variants += result->variants;
}

void report_add(struct report *report, const struct report_result *result)
{
    if (result->sweep != NULL) {
        count_sweep(report, result);
    }
    report->number++;
    report->counts[result->outcome]++;
    report->virtual_ns += result->virtual_ns;
    report->internal = report->internal || result->internal;
    formats[report->format].add(report, result);
}

void report_end(struct report *report, int64_t wall_ns)
{
    formats[report->format].end(report, wall_ns);
}

int report_exit_status(const struct report *report)
{
    if (report->internal) {
        return STATUS_INTERNAL;
    }
    if (report->counts[REPORT_ERROR] > 0) {
        return STATUS_FILE_WRONG;
    }
    return report->counts[REPORT_FAIL] > 0 ? STATUS_FAILED : STATUS_HELD;
}
