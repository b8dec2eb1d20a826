// SPDX-License-Identifier: ISC
#include "peer/peer_report.h"

#include "base/assert.h"

static const struct syntax_slot slots[] = {
#define X(name, kind, choices) {#name, SYNTAX_##kind, choices},
    PEER_REPORT_SLOT_LIST(X)
#undef X
};

static const struct syntax_form forms[] = {
#define X(name, pattern) {1, pattern},
    PEER_REPORT_FORM_LIST(X)
#undef X
};

static const struct syntax_language language = {
    slots,
    PEER_REPORT_SLOTS,
    forms,
    PEER_REPORT_FORMS,
};

void peer_report(struct sys *sys, const char *format, ...)
{
    struct buf line;
    buf_init(&line, sys_mem(sys), PEER_REPORT_MAX);
    buf_put_text(&line, "report ");
    va_list arguments;
    va_start(arguments, format);
    buf_putv(&line, format, arguments);
    va_end(arguments);
    assert(buf_error(&line) == 0);
    sys_log(sys, buf_str(&line));
    buf_done(&line);
}

/* The letter that stands behind a backslash for this byte, or NUL. */
static char escape_letter(char c)
{
    switch (c) {
    case '"':
    case '\\':
        return c;
    case '\r':
        return 'r';
    case '\n':
        return 'n';
    default:
        return '\0';
    }
}

const char *peer_quoted(struct str text, char quoted[PEER_QUOTED_MAX])
{
    size_t size = 0;
    quoted[size++] = '"';
    text = str_first(text, PEER_REPORT_TEXT_MAX);
    for (size_t i = 0; i < text.size; i++) {
        char letter = escape_letter(text.data[i]);
        bool shown = (char_is_print(text.data[i]) || text.data[i] < 0) && text.data[i] != '{';
        if (letter != '\0') {
            quoted[size++] = '\\';
            quoted[size++] = letter;
        } else {
            quoted[size++] = shown ? text.data[i] : '?';
        }
    }
    quoted[size++] = '"';
    quoted[size] = '\0';
    return quoted;
}

bool peer_report_parse(struct arena *arena, struct str line, struct syntax_match *match)
{
    struct syntax_line *words = arena_alloc(arena, sizeof(*words));
    struct buf report;
    buf_init(&report, arena->mem, PEER_REPORT_MAX);
    struct syntax_problems problems = {"report", line, &report, 0};
    bool good = words != NULL && str_starts_with(line, STR("report ")) &&
                syntax_line_parse(arena, line, 1, NULL, &problems, words) &&
                syntax_match(&language, 1, words, arena, &problems, match);
    buf_done(&report);
    return good;
}
