// SPDX-License-Identifier: ISC
#include <string.h>

#include "base/assert.h"
#include "base/number.h"
#include "syntax/syntax.h"

enum { WORD_BYTES_MAX = 16384 };

struct reader {
    struct arena *arena;
    struct str text;
    size_t at;
    int line;
    const struct syntax_variable *variables;
    struct syntax_problems *problems;
};

static const struct {
    char letter;
    char byte;
} escapes[] = {
    {'"', '"'}, {'\\', '\\'}, {'r', '\r'}, {'n', '\n'}, {'t', '\t'}, {'0', '\0'},
};
enum { ESCAPE_COUNT = sizeof(escapes) / sizeof(escapes[0]) };

static int column_at(size_t index)
{
    return (int)index + 1;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static const struct syntax_variable *find_variable(const struct syntax_variable *variable,
                                                   struct str name)
{
    while (variable != NULL && !str_equal(variable->name, name)) {
        variable = variable->next;
    }
    return variable;
}

/* The name in a {name} at the front of text, or the empty view when there is none. */
static struct str variable_name(struct str text)
{
    ptrdiff_t end = str_find(text, '}');
    if (end < 2) {
        return STR("");
    }
    struct str name = str_of(text.data + 1, (size_t)end - 1);
    for (size_t i = 0; i < name.size; i++) {
        char c = name.data[i];
        if (!char_is_alnum(c) && c != '-' && c != '_') {
            return STR("");
        }
    }
    return name;
}

static bool put_variable(struct reader *reader, struct str name, struct buf *out)
{
    const struct syntax_variable *variable = find_variable(reader->variables, name);
    if (variable == NULL) {
        syntax_problem(reader->problems, reader->line, column_at(reader->at),
                       "a line `for NAME in VALUE...` gives {NAME} its values",
                       "no variable {%.*s}", STR_ARG(name));
        return false;
    }
    buf_put(out, variable->value);
    reader->at += name.size + 2;
    return true;
}

/* \xHH: any byte by its two hex digits. */
static bool put_hex_escape(struct reader *reader, struct buf *out)
{
    struct str digits = str_first(str_skip(reader->text, reader->at + 2), 2);
    uint64_t byte;
    if (digits.size != 2 || number_parse_hex(digits, UINT8_MAX, &byte) != 0) {
        return false;
    }
    buf_put_char(out, (char)byte);
    reader->at += 4;
    return true;
}

static bool put_escape(struct reader *reader, struct buf *out)
{
    char letter = reader->at + 1 < reader->text.size ? reader->text.data[reader->at + 1] : ' ';
    if (letter == 'x' && put_hex_escape(reader, out)) {
        return true;
    }
    for (int i = 0; i < ESCAPE_COUNT; i++) {
        if (escapes[i].letter == letter) {
            buf_put_char(out, escapes[i].byte);
            reader->at += 2;
            return true;
        }
    }
    syntax_problem(reader->problems, reader->line, column_at(reader->at), NULL,
                   "expected one of \\\" \\\\ \\r \\n \\t \\0 \\xHH in a quoted text");
    return false;
}

static bool word_ends(const struct reader *reader, enum syntax_quote quote)
{
    char c = reader->text.data[reader->at];
    switch (quote) {
    case SYNTAX_QUOTED:
        return c == '"';
    case SYNTAX_BRACKETED:
        return c == '>';
    case SYNTAX_BARE:
        return is_space(c);
    }
    unreachable();
}

/* Reads up to the end of the word, which stays unread. */
static bool read_content(struct reader *reader, enum syntax_quote quote, struct buf *out)
{
    char previous = '\0';
    while (reader->at < reader->text.size && !word_ends(reader, quote)) {
        char c = reader->text.data[reader->at];
        struct str name = STR("");
        if (c == '{' && previous != '$') {
            name = variable_name(str_skip(reader->text, reader->at));
        }
        previous = c;
        if (name.size > 0) {
            if (!put_variable(reader, name, out)) {
                return false;
            }
        } else if (c == '\\' && quote == SYNTAX_QUOTED) {
            if (!put_escape(reader, out)) {
                return false;
            }
        } else {
            buf_put_char(out, c);
            reader->at++;
        }
    }
    return true;
}

static bool read_end(struct reader *reader, enum syntax_quote quote, size_t start)
{
    if (quote == SYNTAX_BARE) {
        return true;
    }
    if (reader->at == reader->text.size) {
        syntax_problem(reader->problems, reader->line, column_at(start), NULL,
                       quote == SYNTAX_QUOTED ? "expected a closing \" on this line"
                                              : "expected a closing > on this line");
        return false;
    }
    reader->at++;
    if (reader->at < reader->text.size && !is_space(reader->text.data[reader->at])) {
        syntax_problem(reader->problems, reader->line, column_at(reader->at), NULL,
                       "expected a space after the closing %c", quote == SYNTAX_QUOTED ? '"' : '>');
        return false;
    }
    return true;
}

static bool read_word(struct reader *reader, struct syntax_word *word)
{
    size_t start = reader->at;
    char first = reader->text.data[start];
    word->column = column_at(start);
    word->quote = first == '"' ? SYNTAX_QUOTED : first == '<' ? SYNTAX_BRACKETED : SYNTAX_BARE;
    if (word->quote != SYNTAX_BARE) {
        reader->at++;
    }
    struct buf content;
    buf_init(&content, reader->arena->mem, WORD_BYTES_MAX);
    bool good = read_content(reader, word->quote, &content) && read_end(reader, word->quote, start);
    if (good) {
        word->text = arena_copy(reader->arena, buf_str(&content));
        good = buf_error(&content) == 0 && word->text.data != NULL;
        if (!good) {
            syntax_problem(reader->problems, reader->line, word->column, NULL, "word too long");
        }
    }
    buf_done(&content);
    return good;
}

static void skip_spaces(struct reader *reader)
{
    while (reader->at < reader->text.size && is_space(reader->text.data[reader->at])) {
        reader->at++;
    }
}

bool syntax_line_parse(struct arena *arena, struct str text, int number,
                       const struct syntax_variable *variables, struct syntax_problems *problems,
                       struct syntax_line *line)
{
    struct reader reader = {arena, text, 0, number, variables, problems};
    skip_spaces(&reader);
    *line = (struct syntax_line){.number = number, .indent = (int)reader.at};
    if (reader.at < text.size && text.data[reader.at] == '#') {
        return true;
    }
    struct syntax_word *words = arena_alloc(arena, (text.size + 1) / 2 * sizeof(*words));
    if (words == NULL) {
        syntax_problem(problems, number, 1, NULL, "the file is too long");
        return false;
    }
    line->words = words;
    while (reader.at < text.size) {
        if (line->word_count == SYNTAX_WORDS_MAX) {
            syntax_problem(problems, number, column_at(reader.at), NULL,
                           "expected at most %d words in a line", SYNTAX_WORDS_MAX);
            return false;
        }
        if (!read_word(&reader, &words[line->word_count])) {
            return false;
        }
        line->word_count++;
        skip_spaces(&reader);
    }
    return true;
}

static void put_quoted_char(struct buf *out, char c)
{
    int escape = 0;
    while (escape < ESCAPE_COUNT && escapes[escape].byte != c) {
        escape++;
    }
    if (escape < ESCAPE_COUNT) {
        buf_put_char(out, '\\');
        buf_put_char(out, escapes[escape].letter);
    } else if ((unsigned char)c < ' ') {
        buf_putf(out, "\\x%02x", (unsigned)c);
    } else {
        buf_put_char(out, c);
    }
}

static void put_quoted(struct buf *out, struct str text)
{
    buf_put_char(out, '"');
    for (size_t i = 0; i < text.size; i++) {
        put_quoted_char(out, text.data[i]);
    }
    buf_put_char(out, '"');
}

void syntax_line_write(const struct syntax_line *line, struct buf *out)
{
    for (int i = 0; i < line->word_count; i++) {
        const struct syntax_word *word = &line->words[i];
        if (i > 0) {
            buf_put_char(out, ' ');
        }
        switch (word->quote) {
        case SYNTAX_BARE:
            buf_put(out, word->text);
            break;
        case SYNTAX_QUOTED:
            put_quoted(out, word->text);
            break;
        case SYNTAX_BRACKETED:
            buf_putf(out, "<%.*s>", STR_ARG(word->text));
            break;
        }
    }
}
