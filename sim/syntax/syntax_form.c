// SPDX-License-Identifier: ISC
#include <stdio.h>
#include <string.h>

#include "base/assert.h"
#include "base/number.h"
#include "syntax/syntax.h"
#include "sys/net.h"

enum {
    EXPECTED_MAX = 16,
    FOUND_SHOWN_MAX = 40,
    HINT_MAX = 160,
    LITERALS_MAX = 512,
    MODE_MAX = 07777
};

/* What would have fitted where the best form so far stopped fitting. */
struct expected {
    int word; /* index in the line */
    int count;
    struct str names[EXPECTED_MAX];
};

struct matcher {
    const struct syntax_language *language;
    const struct syntax_line *line;
    struct arena *arena;
    struct syntax_match *match;
    int word; /* index of the next one */
    struct expected expected;
};

/* ---- what was expected --------------------------------------------------------------------- */

static void expect_name(struct matcher *m, struct str name)
{
    struct expected *expected = &m->expected;
    if (m->word < expected->word) {
        return;
    }
    if (m->word > expected->word) {
        expected->word = m->word;
        expected->count = 0;
    }
    for (int i = 0; i < expected->count; i++) {
        if (str_equal(expected->names[i], name)) {
            return;
        }
    }
    if (expected->count < EXPECTED_MAX) {
        expected->names[expected->count++] = name;
    }
}

/* ---- one value ----------------------------------------------------------------------------- */

struct reading {
    struct matcher *matcher;
    const struct syntax_word *word;
    const struct syntax_slot *slot;
    struct syntax_value *value;
};

static bool read_word(struct reading *r)
{
    return r->word->quote == SYNTAX_BARE;
}

static bool read_label(struct reading *r)
{
    struct str text = r->word->text;
    return r->word->quote == SYNTAX_BARE && text.size > 0 && text.data[0] >= 'A' &&
           text.data[0] <= 'Z';
}

static bool read_text(struct reading *r)
{
    return r->word->quote == SYNTAX_QUOTED;
}

static bool read_path(struct reading *r)
{
    return r->word->quote == SYNTAX_BRACKETED;
}

static bool read_value(struct reading *r)
{
    return r->word->quote != SYNTAX_BRACKETED;
}

static bool read_time(struct reading *r)
{
    return r->word->quote == SYNTAX_BARE && syntax_time_parse(r->word->text, &r->value->low) == 0;
}

static bool read_tolerance(struct reading *r)
{
    struct str text = r->word->text;
    return r->word->quote == SYNTAX_BARE && text.size > 1 && text.data[0] == '+' &&
           text.data[1] != '-' && syntax_time_parse(str_skip(text, 1), &r->value->low) == 0;
}

static const struct syntax_word *word_after(struct reading *r, int count)
{
    int index = r->matcher->word + count;
    return index < r->matcher->line->word_count ? &r->matcher->line->words[index] : NULL;
}

/* `first + 299s` is three words; the caller steps over the last one. */
static bool read_moment(struct reading *r)
{
    if (!str_equal(r->word->text, STR("first"))) {
        return read_time(r);
    }
    const struct syntax_word *plus = word_after(r, 1);
    const struct syntax_word *time = word_after(r, 2);
    if (plus == NULL || time == NULL || !str_equal(plus->text, STR("+"))) {
        return false;
    }
    r->word = time;
    r->value->relative = true;
    r->matcher->word += 2;
    return read_time(r);
}

/* `<r0@far.test> .. <r9@far.test>` is three words; the caller steps over the last one. */
static bool read_paths(struct reading *r)
{
    const struct syntax_word *dots = word_after(r, 1);
    const struct syntax_word *last = word_after(r, 2);
    if (!read_path(r) || dots == NULL || !str_equal(dots->text, STR(".."))) {
        return read_path(r);
    }
    struct str expected = STR("the last <address> of a range");
    if (last != NULL && last->quote == SYNTAX_BRACKETED) {
        expected = syntax_range_expand(r->matcher->arena, last->text, r->value);
    }
    r->matcher->word += 2;
    if (expected.size > 0) {
        expect_name(r->matcher, expected);
    }
    return expected.size == 0;
}

static bool read_number(struct reading *r)
{
    return r->word->quote == SYNTAX_BARE &&
           number_parse_i64(r->word->text, 0, INT64_MAX, &r->value->low) == 0;
}

static bool read_mode(struct reading *r)
{
    int64_t mode = 0;
    for (size_t i = 0; i < r->word->text.size && mode <= MODE_MAX; i++) {
        char digit = r->word->text.data[i];
        mode = digit >= '0' && digit <= '7' ? mode * 8 + (digit - '0') : MODE_MAX + 1;
    }
    r->value->low = mode;
    return r->word->quote == SYNTAX_BARE && mode <= MODE_MAX;
}

/* N, N..M, N.. or ..M */
static bool read_count(struct reading *r)
{
    struct str text = r->word->text;
    ptrdiff_t dots = str_find_str(text, STR(".."));
    if (dots < 0) {
        r->value->high = 0;
        bool good = read_number(r);
        r->value->high = r->value->low;
        return good;
    }
    struct str low = str_first(text, (size_t)dots);
    struct str high = str_skip(text, (size_t)dots + 2);
    r->value->high = INT64_MAX;
    return r->word->quote == SYNTAX_BARE && low.size + high.size > 0 &&
           (low.size == 0 || number_parse_i64(low, 0, INT64_MAX, &r->value->low) == 0) &&
           (high.size == 0 ||
            number_parse_i64(high, r->value->low, INT64_MAX, &r->value->high) == 0);
}

static bool read_ip(struct reading *r)
{
    struct sys_address address;
    return r->word->quote == SYNTAX_BARE && sys_address_parse(r->word->text, 0, &address) == 0;
}

static bool read_reply_code(struct reading *r)
{
    return r->word->quote == SYNTAX_BARE && r->word->text.size == 3 &&
           number_parse_i64(r->word->text, 200, 599, &r->value->low) == 0;
}

static bool read_status_code(struct reading *r)
{
    struct str rest = r->word->text;
    struct str part;
    int64_t parts[3] = {0, 0, 0};
    int count = 0;
    while (count < 3 && str_next(&rest, '.', &part)) {
        if (number_parse_i64(part, 0, 999, &parts[count]) != 0) {
            return false;
        }
        count++;
    }
    return r->word->quote == SYNTAX_BARE && count == 3 && rest.data == NULL &&
           (parts[0] == 2 || parts[0] == 4 || parts[0] == 5);
}

static bool read_choice(struct reading *r)
{
    struct str rest = str_from(r->slot->choices);
    struct str choice;
    for (int64_t i = 0; str_next_token(&rest, " ", &choice); i++) {
        if (r->word->quote == SYNTAX_BARE && str_equal(choice, r->word->text)) {
            r->value->low = i;
            return true;
        }
    }
    return false;
}

static const struct {
    bool (*read)(struct reading *reading);
    const char *meaning; /* after "expected" */
} kinds[] = {
    [SYNTAX_WORD] = {read_word, "a word"},
    [SYNTAX_LABEL] = {read_label, "a label in capitals such as A"},
    [SYNTAX_TEXT] = {read_text, "a \"quoted text\""},
    [SYNTAX_PATH] = {read_path, "an <address>"},
    [SYNTAX_PATHS] = {read_paths, "an <address> or a range of them"},
    [SYNTAX_VALUE] = {read_value, "a word or a \"quoted text\""},
    [SYNTAX_TIME] = {read_time, "a time such as 300s, 2h30m or 5d"},
    [SYNTAX_TOLERANCE] = {read_tolerance, "a tolerance such as +60s"},
    [SYNTAX_MOMENT] = {read_moment, "a time such as 300s or first + 300s"},
    [SYNTAX_COUNT] = {read_count, "a count such as 1, 1..2 or 2.."},
    [SYNTAX_NUMBER] = {read_number, "a number"},
    [SYNTAX_MODE] = {read_mode, "a mode such as 0644"},
    [SYNTAX_IP] = {read_ip, "an IPv4 or IPv6 address"},
    [SYNTAX_REPLY_CODE] = {read_reply_code, "a reply code from 200 to 599"},
    [SYNTAX_STATUS_CODE] = {read_status_code, "a status code such as 4.2.0"},
    [SYNTAX_CHOICE] = {read_choice, NULL},
};

static void expect_slot(struct matcher *m, const struct syntax_slot *slot)
{
    if (slot->kind != SYNTAX_CHOICE) {
        expect_name(m, str_from(kinds[slot->kind].meaning));
        return;
    }
    struct str rest = str_from(slot->choices);
    struct str choice;
    while (str_next_token(&rest, " ", &choice)) {
        expect_name(m, choice);
    }
}

/* ---- patterns ------------------------------------------------------------------------------ */

/* The slot of that name; NULL: the element is a word. */
static const struct syntax_slot *find_slot(const struct syntax_language *language, struct str name,
                                           int *index)
{
    for (int i = 0; i < language->slot_count; i++) {
        if (str_equal(str_from(language->slots[i].name), name)) {
            *index = i;
            return &language->slots[i];
        }
    }
    return NULL;
}

static void append_value(struct syntax_value **list, struct syntax_value *value)
{
    while (*list != NULL) {
        list = &(*list)->next;
    }
    *list = value;
}

static bool match_value(struct matcher *m, const struct syntax_slot *slot, int index)
{
    struct syntax_value *value = arena_alloc(m->arena, sizeof(*value));
    if (value == NULL || m->word == m->line->word_count) {
        expect_slot(m, slot);
        return false;
    }
    int start = m->word;
    const struct syntax_word *word = &m->line->words[start];
    struct reading reading = {m, word, slot, value};
    *value = (struct syntax_value){.text = word->text, .column = word->column};
    if (!kinds[slot->kind].read(&reading)) {
        m->word = start;
        expect_slot(m, slot);
        return false;
    }
    append_value(&m->match->values[index], value);
    m->word++;
    return true;
}

static bool match_values(struct matcher *m, const struct syntax_slot *slot, int index, bool many)
{
    if (!match_value(m, slot, index)) {
        return false;
    }
    while (many && match_value(m, slot, index)) {}
    return true;
}

static bool match_word(struct matcher *m, struct str word)
{
    if (m->word < m->line->word_count && m->line->words[m->word].quote == SYNTAX_BARE &&
        str_equal(m->line->words[m->word].text, word)) {
        m->word++;
        return true;
    }
    expect_name(m, word);
    return false;
}

static bool match_element(struct matcher *m, struct str element)
{
    bool many = str_ends_with(element, STR("..."));
    int index = 0;
    const struct syntax_slot *slot =
        find_slot(m->language, str_first(element, element.size - (many ? 3 : 0)), &index);
    return slot != NULL ? match_values(m, slot, index, many) : match_word(m, element);
}

static bool match_pattern(struct matcher *m, struct str *pattern);

/* What stands between [ and ] may be missing; then everything is as before. */
static void match_group(struct matcher *m, struct str *pattern)
{
    struct syntax_match before = *m->match;
    int word = m->word;
    if (!match_pattern(m, pattern)) {
        *m->match = before;
        m->word = word;
    }
}

static void skip_group(struct str *pattern)
{
    struct str element;
    int depth = 1;
    while (depth > 0 && str_next_token(pattern, " ", &element)) {
        depth += str_equal(element, STR("[")) ? 1 : str_equal(element, STR("]")) ? -1 : 0;
    }
}

/* Matches up to the end of the pattern or the ] that closes it, and takes that much of *pattern
 * in any case. */
static bool match_pattern(struct matcher *m, struct str *pattern)
{
    struct str element;
    while (str_next_token(pattern, " ", &element)) {
        if (str_equal(element, STR("]"))) {
            return true;
        }
        if (str_equal(element, STR("["))) {
            match_group(m, pattern);
        } else if (!match_element(m, element)) {
            skip_group(pattern);
            return false;
        }
    }
    return true;
}

static bool match_form(struct matcher *m, int form)
{
    *m->match = (struct syntax_match){.form = form, .line = m->line};
    m->word = 0;
    struct str pattern = str_from(m->language->forms[form].pattern);
    if (!match_pattern(m, &pattern)) {
        return false;
    }
    if (m->word < m->line->word_count) {
        expect_name(m, STR("the end of the line"));
        return false;
    }
    return true;
}

/* ---- the report ---------------------------------------------------------------------------- */

static bool is_meaning(struct str name)
{
    return str_find(name, ' ') >= 0;
}

static void put_expected(const struct expected *expected, struct buf *out)
{
    for (int i = 0; i < expected->count; i++) {
        const char *before = i == 0 ? "" : i + 1 == expected->count ? " or " : ", ";
        const char *quote = is_meaning(expected->names[i]) ? "" : "`";
        buf_putf(out, "%s%s%.*s%s", before, quote, STR_ARG(expected->names[i]), quote);
    }
}

static struct str nearest_literal(const struct expected *expected, struct str word,
                                  struct buf *literals)
{
    for (int i = 0; i < expected->count; i++) {
        if (!is_meaning(expected->names[i])) {
            buf_putf(literals, "%.*s ", STR_ARG(expected->names[i]));
        }
    }
    return syntax_nearest(word, buf_text(literals));
}

static void report(struct matcher *m, struct syntax_problems *problems)
{
    const struct expected *expected = &m->expected;
    const struct syntax_line *line = m->line;
    struct buf names;
    struct buf literals;
    buf_init(&names, m->arena->mem, LITERALS_MAX);
    buf_init(&literals, m->arena->mem, LITERALS_MAX);
    put_expected(expected, &names);
    if (expected->word < line->word_count) {
        const struct syntax_word *word = &line->words[expected->word];
        struct str nearest = nearest_literal(expected, word->text, &literals);
        char hint[HINT_MAX] = "";
        snprintf(hint, sizeof(hint), "did you mean `%.*s`?", STR_ARG(nearest));
        syntax_problem(problems, line->number, word->column, nearest.size > 0 ? hint : NULL,
                       "expected %s, found `%.*s`", buf_text(&names),
                       STR_ARG(str_first(word->text, FOUND_SHOWN_MAX)));
    } else {
        const struct syntax_word *last = &line->words[line->word_count - 1];
        int end = last->column + (int)last->text.size + (last->quote == SYNTAX_BARE ? 1 : 3);
        syntax_problem(problems, line->number, end, NULL, "expected %s, but the line ends here",
                       buf_text(&names));
    }
    buf_done(&literals);
    buf_done(&names);
}

bool syntax_match(const struct syntax_language *language, unsigned context,
                  const struct syntax_line *line, struct arena *arena,
                  struct syntax_problems *problems, struct syntax_match *match)
{
    assert(line->word_count > 0);
    assert(language->slot_count <= SYNTAX_SLOTS_MAX);
    struct matcher matcher = {language, line, arena, match, 0, {.word = 0}};
    for (int form = 0; form < language->form_count; form++) {
        if ((language->forms[form].contexts & context) != 0 && match_form(&matcher, form)) {
            return true;
        }
    }
    report(&matcher, problems);
    return false;
}
