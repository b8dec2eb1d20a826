// SPDX-License-Identifier: ISC
#include "conf/expand.h"

#include <stdbool.h>

#include "base/err.h"
#include "base/number.h"

struct expansion {
    const char *start; /* of the whole text, for offsets */
    const struct expand_source *source;
    struct expand_problem *problem;
    int depth;
};

enum comparison { EQUAL, NOT_EQUAL, LESS, LESS_EQUAL, MORE, MORE_EQUAL };

static int expand(struct expansion *expansion, struct str text, struct buf *out);

static int fail(struct expansion *expansion, struct str at, const char *text)
{
    expansion->problem->text = text;
    expansion->problem->offset = at.data == NULL ? 0 : (size_t)(at.data - expansion->start);
    return -ERR_SYNTAX;
}

static bool is_name_char(char c)
{
    return char_is_alnum(c) || c == '_';
}

static struct str skip_space(struct str text)
{
    while (text.size > 0 && char_is_space(text.data[0])) {
        text = str_skip(text, 1);
    }
    return text;
}

static bool starts_with_char(struct str text, char c)
{
    return text.size > 0 && text.data[0] == c;
}

static struct str take_name(struct str *text)
{
    size_t size = 0;
    while (size < text->size && is_name_char(text->data[size])) {
        size++;
    }
    struct str name = str_first(*text, size);
    *text = str_skip(*text, size);
    return name;
}

/* Takes what stands between the bracket that text begins with and the one that closes it. */
static bool take_bracket(struct str *text, char open, char close, struct str *inside)
{
    int depth = 0;
    for (size_t i = 0; i < text->size; i++) {
        if (text->data[i] == open) {
            depth++;
        } else if (text->data[i] == close) {
            depth--;
        }
        if (depth == 0) {
            *inside = str_of(text->data + 1, i - 1);
            *text = str_skip(*text, i + 1);
            return true;
        }
    }
    return false;
}

static int take_braces(struct expansion *expansion, struct str *text, struct str *inside)
{
    if (!starts_with_char(*text, '{')) {
        return fail(expansion, *text, "\"{\" expected");
    }
    if (!take_bracket(text, '{', '}', inside)) {
        return fail(expansion, *text, "\"}\" is missing");
    }
    *text = skip_space(*text);
    return 0;
}

/* `{text}` or, where allowed, `{text}:{other}` and `{text}:other`. */
static int take_alternatives(struct expansion *expansion, struct str text, bool other_allowed,
                             struct str *first, struct str *other)
{
    int error = take_braces(expansion, &text, first);
    if (error != 0 || text.size == 0) {
        return error;
    }
    if (!other_allowed || text.data[0] != ':') {
        return fail(expansion, text, other_allowed ? "\":\" or the end expected" : "end expected");
    }
    *other = skip_space(str_skip(text, 1));
    if (!starts_with_char(*other, '{')) {
        return 0;
    }
    text = *other;
    error = take_braces(expansion, &text, other);
    return error != 0 || text.size == 0 ? error : fail(expansion, text, "end expected");
}

/* What follows a name or a comparison: `?text`, `?{text}`, `?{text}:{other}`, `:text`, `:{text}`;
 * holds tells whether the condition does. */
static int expand_choice(struct expansion *expansion, bool holds, struct str rest, struct buf *out)
{
    bool is_question = rest.data[0] == '?';
    if (!is_question && rest.data[0] != ':') {
        return fail(expansion, rest, "\"?\" or \":\" expected");
    }
    struct str first = skip_space(str_skip(rest, 1));
    struct str other = {0};
    if (starts_with_char(first, '{')) {
        int error = take_alternatives(expansion, first, is_question, &first, &other);
        if (error != 0) {
            return error;
        }
    }
    return expand(expansion, holds == is_question ? first : other, out);
}

static bool take_operator(struct str *text, enum comparison *comparison, bool *by_level)
{
    static const struct {
        struct str text;
        enum comparison comparison;
    } operators[] = {
        {STR_INIT("=="), EQUAL},      {STR_INIT("!="), NOT_EQUAL}, {STR_INIT("<="), LESS_EQUAL},
        {STR_INIT(">="), MORE_EQUAL}, {STR_INIT("<"), LESS},       {STR_INIT(">"), MORE},
    };
    for (size_t i = 0; i < sizeof(operators) / sizeof(operators[0]); i++) {
        if (!str_starts_with(*text, operators[i].text)) {
            continue;
        }
        *comparison = operators[i].comparison;
        *text = str_skip(*text, operators[i].text.size);
        *by_level = str_starts_with(*text, STR("level"));
        *text = skip_space(str_skip(*text, *by_level ? STR("level").size : 0));
        return true;
    }
    return false;
}

static int sign(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

/* -1, 0, 1: numbers by value, other texts by their bytes. */
static int compare_values(struct str a, struct str b)
{
    uint64_t number_a = 0;
    uint64_t number_b = 0;
    if (number_parse_u64(a, UINT64_MAX, &number_a) == 0 &&
        number_parse_u64(b, UINT64_MAX, &number_b) == 0) {
        return sign(number_a, number_b);
    }
    return str_compare(a, b);
}

enum { LEVEL_PARTS = 3 }; /* major.minor.patch */

static bool parse_level(struct str text, uint64_t parts[LEVEL_PARTS])
{
    struct str part;
    int count = 0;
    while (str_next(&text, '.', &part)) {
        if (count == LEVEL_PARTS || number_parse_u64(part, UINT32_MAX, &parts[count]) != 0) {
            return false;
        }
        count++;
    }
    return true;
}

static bool compare_levels(struct str a, struct str b, int *order)
{
    uint64_t parts_a[LEVEL_PARTS] = {0};
    uint64_t parts_b[LEVEL_PARTS] = {0};
    if (!parse_level(a, parts_a) || !parse_level(b, parts_b)) {
        return false;
    }
    *order = 0;
    for (int i = 0; i < LEVEL_PARTS && *order == 0; i++) {
        *order = sign(parts_a[i], parts_b[i]);
    }
    return true;
}

static bool order_satisfies(int order, enum comparison comparison)
{
    switch (comparison) {
    case EQUAL:
        return order == 0;
    case NOT_EQUAL:
        return order != 0;
    case LESS:
        return order < 0;
    case LESS_EQUAL:
        return order <= 0;
    case MORE:
        return order > 0;
    case MORE_EQUAL:
        return order >= 0;
    }
    return false;
}

/* {left} == {right} */
struct condition {
    struct str left;
    struct str right;
    enum comparison comparison;
    bool by_level;
};

static int take_condition(struct expansion *expansion, struct str *text,
                          struct condition *condition)
{
    int error = take_braces(expansion, text, &condition->left);
    if (error != 0) {
        return error;
    }
    if (!take_operator(text, &condition->comparison, &condition->by_level)) {
        return fail(expansion, *text, "one of == != < <= > >= expected");
    }
    return take_braces(expansion, text, &condition->right);
}

static int test_condition(struct expansion *expansion, const struct condition *condition,
                          struct buf *left, struct buf *right, bool *holds)
{
    int error = expand(expansion, condition->left, left);
    if (error == 0) {
        error = expand(expansion, condition->right, right);
    }
    if (error != 0) {
        return error;
    }
    int order = 0;
    if (!condition->by_level) {
        order = compare_values(buf_str(left), buf_str(right));
    } else if (!compare_levels(buf_str(left), buf_str(right), &order)) {
        return fail(expansion, condition->left, "levels such as 3.6 expected on both sides");
    }
    *holds = order_satisfies(order, condition->comparison);
    return 0;
}

/* {left} == {right}, then a choice or nothing. */
static int expand_comparison(struct expansion *expansion, struct str text, struct buf *out)
{
    struct condition condition;
    int error = take_condition(expansion, &text, &condition);
    if (error != 0) {
        return error;
    }
    bool holds = false;
    struct buf left;
    struct buf right;
    buf_init(&left, out->mem, out->max);
    buf_init(&right, out->mem, out->max);
    error = test_condition(expansion, &condition, &left, &right, &holds);
    buf_done(&left);
    buf_done(&right);
    if (error != 0) {
        return error;
    }
    if (text.size > 0) {
        return expand_choice(expansion, holds, text, out);
    }
    buf_put(out, holds ? STR("true") : STR(""));
    return 0;
}

static int find_value(struct expansion *expansion, struct str name, struct str *value)
{
    *value = (struct str){0};
    int found = expansion->source->find(expansion->source->context, name, value);
    return found < 0 ? found : 0;
}

static int expand_value(struct expansion *expansion, struct str name, struct buf *out)
{
    struct str value;
    int error = find_value(expansion, name, &value);
    if (error == 0) {
        buf_put(out, value);
    }
    return error;
}

/* What stands inside ${...} or $(...). */
static int expand_reference(struct expansion *expansion, struct str inside, struct buf *out)
{
    struct str text = skip_space(inside);
    if (starts_with_char(text, '{')) {
        return expand_comparison(expansion, text, out);
    }
    struct str name = take_name(&text);
    if (name.size == 0) {
        return fail(expansion, inside, "a name expected");
    }
    text = skip_space(text);
    if (text.size == 0) {
        return expand_value(expansion, name, out);
    }
    struct str value;
    int error = find_value(expansion, name, &value);
    return error != 0 ? error : expand_choice(expansion, value.size > 0, text, out);
}

/* *text begins behind a $; takes the rest of the reference. */
static int expand_dollar(struct expansion *expansion, struct str *text, struct buf *out)
{
    struct str at = *text;
    if (starts_with_char(at, '$')) {
        buf_put_char(out, '$');
        *text = str_skip(*text, 1);
        return 0;
    }
    if (starts_with_char(at, '{') || starts_with_char(at, '(')) {
        struct str inside;
        char close = at.data[0] == '{' ? '}' : ')';
        if (!take_bracket(text, at.data[0], close, &inside)) {
            return fail(expansion, at, close == '}' ? "\"}\" is missing" : "\")\" is missing");
        }
        return expand_reference(expansion, inside, out);
    }
    struct str name = take_name(text);
    if (name.size == 0) {
        return fail(expansion, at, "a name expected after \"$\" (write $$ for one $)");
    }
    return expand_value(expansion, name, out);
}

static int expand(struct expansion *expansion, struct str text, struct buf *out)
{
    if (expansion->depth == EXPAND_DEPTH_MAX) {
        return fail(expansion, text, "too many braces inside each other");
    }
    expansion->depth++;
    int error = 0;
    while (error == 0 && text.size > 0) {
        ptrdiff_t dollar = str_find(text, '$');
        size_t plain_size = dollar < 0 ? text.size : (size_t)dollar;
        buf_put(out, str_first(text, plain_size));
        text = str_skip(text, plain_size);
        if (dollar >= 0) {
            text = str_skip(text, 1);
            error = expand_dollar(expansion, &text, out);
        }
    }
    expansion->depth--;
    return error != 0 ? error : buf_error(out);
}

int expand_text(struct str text, const struct expand_source *source, struct buf *out,
                struct expand_problem *problem)
{
    struct expansion expansion = {.start = text.data, .source = source, .problem = problem};
    return expand(&expansion, text, out);
}

void expand_names(struct str text, void (*found)(void *context, struct str name), void *context)
{
    ptrdiff_t dollar = str_find(text, '$');
    while (dollar >= 0) {
        text = str_skip(text, (size_t)dollar + 1);
        if (starts_with_char(text, '{') || starts_with_char(text, '(')) {
            text = skip_space(str_skip(text, 1));
        }
        struct str name = take_name(&text);
        if (name.size > 0) {
            found(context, name);
        } else if (starts_with_char(text, '$')) {
            text = str_skip(text, 1);
        }
        dollar = str_find(text, '$');
    }
}
