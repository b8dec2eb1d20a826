// SPDX-License-Identifier: ISC
#include "proto/notice_template.h"

#include "base/err.h"
#include "proto/header.h"

static const char *const names[NOTICE_KINDS] = {
    [NOTICE_FAILURE] = "failure",
    [NOTICE_DELAY] = "delay",
    [NOTICE_SUCCESS] = "success",
    [NOTICE_VERIFY] = "verify",
};

const char *notice_template_name(enum notice_kind kind)
{
    return names[kind];
}

/* ---- lines ------------------------------------------------------------------------------------- */

/* Takes the next line, without its end. */
static bool next_line(struct notice_template_reader *reader, struct str *line)
{
    if (reader->rest.size == 0) {
        return false;
    }
    reader->line++;
    (void)str_next(&reader->rest, '\n', line);
    if (line->size > 0 && line->data[line->size - 1] == '\r') {
        line->size--;
    }
    return true;
}

static int problem_is(struct notice_template_problem *problem, int line, const char *text,
                      struct str what)
{
    *problem = (struct notice_template_problem){.text = text, .what = what, .line = line};
    return -ERR_SYNTAX;
}

/* ---- a template's beginning -------------------------------------------------------------------- */

static bool find_kind(struct str name, enum notice_kind *kind)
{
    if (!str_ends_with(name, STR("_template"))) {
        return false;
    }
    name = str_first(name, name.size - STR("_template").size);
    for (int i = 0; i < NOTICE_KINDS; i++) {
        if (str_equal(name, str_from(names[i]))) {
            *kind = (enum notice_kind)i;
            return true;
        }
    }
    return false;
}

/* Divides name = <<WORD. */
static bool split_opening(struct str line, struct str *name, struct str *end_word)
{
    ptrdiff_t equals = str_find(line, '=');
    if (equals < 0) {
        return false;
    }
    *name = str_trim_space(str_first(line, (size_t)equals));
    struct str value = str_trim_space(str_skip(line, (size_t)equals + 1));
    *end_word = str_trim_space(str_skip(value, 2));
    return str_starts_with(value, STR("<<")) && end_word->size > 0;
}

/* Takes the lines up to the one with the end word: false when there is none. The lines begin on
 * the line behind the reader's. */
static bool take_lines(struct notice_template_reader *reader, struct str end_word,
                       struct str *lines)
{
    const char *begin = reader->rest.data;
    struct str line;
    for (;;) {
        const char *end = reader->rest.data;
        if (!next_line(reader, &line)) {
            return false;
        }
        if (str_equal(str_trim_space(line), end_word)) {
            *lines = str_of(begin, (size_t)(end - begin));
            return true;
        }
    }
}

/* ---- headers and text -------------------------------------------------------------------------- */

static bool is_printable(struct str text)
{
    for (size_t i = 0; i < text.size; i++) {
        if (!char_is_print(text.data[i])) {
            return false;
        }
    }
    return true;
}

static struct str *member_of(struct notice_template *template, struct str name)
{
    const struct {
        struct str name;
        struct str *member;
    } members[] = {
        {STR("Charset"), &template->charset},
        {STR("From"), &template->from},
        {STR("Subject"), &template->subject},
        {STR("Postmaster-Subject"), &template->postmaster_subject},
    };
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        if (str_equal_fold(name, members[i].name)) {
            return members[i].member;
        }
    }
    return NULL;
}

static bool is_charset(struct str text)
{
    for (size_t i = 0; i < text.size; i++) {
        if (!char_is_alnum(text.data[i]) && str_find(STR("-_.:+"), text.data[i]) < 0) {
            return false;
        }
    }
    return true;
}

static int take_header(struct str line, int number, struct notice_template *template,
                       struct notice_template_problem *problem)
{
    struct str name;
    struct str value;
    if (!header_split(line, &name, &value)) {
        return problem_is(problem, number, "an empty line must end the headers", STR(""));
    }
    struct str *member = member_of(template, name);
    value = str_trim_space(value);
    if (member == NULL) {
        return problem_is(problem, number, "unknown header", name);
    }
    if (member->data != NULL) {
        return problem_is(problem, number, "header given twice", name);
    }
    if (value.size == 0 || value.size > NOTICE_TEMPLATE_HEADER_MAX || !is_printable(value) ||
        (member == &template->charset && !is_charset(value))) {
        return problem_is(problem, number, "bad value of header", name);
    }
    *member = value;
    return 0;
}

/* The lines from the first one that is no header on are the text. */
static int take_headers(struct notice_template_reader *lines, struct notice_template *template,
                        struct notice_template_problem *problem)
{
    struct notice_template_reader ahead = *lines;
    struct str line;
    int error = 0;
    bool has_header = next_line(&ahead, &line) && header_name_size(line) > 0;
    while (error == 0 && has_header) {
        *lines = ahead;
        error = take_header(line, lines->line, template, problem);
        has_header = next_line(&ahead, &line) && line.size > 0;
    }
    if (ahead.line > lines->line && line.size == 0) {
        *lines = ahead;
    }
    template->text = lines->rest;
    return error;
}

static bool is_ascii_charset(struct str charset)
{
    return charset.data == NULL || str_equal_fold(charset, STR("us-ascii"));
}

static int check_text(struct notice_template_reader lines, const struct notice_template *template,
                      struct notice_template_problem *problem)
{
    struct str line;
    while (next_line(&lines, &line)) {
        if (line.size > NOTICE_TEMPLATE_LINE_MAX) {
            return problem_is(problem, lines.line, "the line is too long", STR(""));
        }
        for (size_t i = 0; i < line.size; i++) {
            unsigned char byte = (unsigned char)line.data[i];
            if (byte >= 0x80 && is_ascii_charset(template->charset)) {
                return problem_is(problem, lines.line,
                                  "text with other than ASCII characters needs the header Charset",
                                  STR(""));
            }
            if (byte == 0x7f || (byte < ' ' && byte != '\t')) {
                return problem_is(problem, lines.line, "control character", STR(""));
            }
        }
    }
    return 0;
}

static int read_template(struct notice_template_reader lines, struct notice_template *template,
                         struct notice_template_problem *problem)
{
    *template = (struct notice_template){.text = {NULL, 0}};
    int error = take_headers(&lines, template, problem);
    return error != 0 ? error : check_text(lines, template, problem);
}

int notice_template_next(struct notice_template_reader *reader, enum notice_kind *kind,
                         struct notice_template *template, struct notice_template_problem *problem)
{
    struct str line;
    struct str name;
    struct str end_word;
    do {
        if (!next_line(reader, &line)) {
            return 0;
        }
    } while (str_trim_space(line).size == 0 || line.data[0] == '#');
    struct notice_template_reader lines = {.line = reader->line};
    if (!split_opening(line, &name, &end_word)) {
        return problem_is(problem, lines.line, "a template begins with name = <<EOF", STR(""));
    }
    if (!take_lines(reader, end_word, &lines.rest)) {
        return problem_is(problem, lines.line, "the template does not end: no line is", end_word);
    }
    if (!find_kind(name, kind)) {
        return problem_is(problem, lines.line, "unknown template", name);
    }
    return read_template(lines, template, problem) != 0 ? -ERR_SYNTAX : 1;
}

/* ---- write ------------------------------------------------------------------------------------- */

static void put_header(struct buf *out, const char *name, struct str value)
{
    if (value.data != NULL) {
        buf_putf(out, "%s: %.*s\n", name, STR_ARG(value));
    }
}

/* A word that no line of the text is: EOF, with as many "_" as that takes. */
static void put_end_word(struct str text, struct buf *word)
{
    struct str line;
    buf_put_text(word, "EOF");
    for (struct str rest = text; str_next(&rest, '\n', &line);) {
        if (str_equal(str_trim_space(line), buf_str(word))) {
            buf_put_char(word, '_');
            rest = text;
        }
    }
}

void notice_template_write(enum notice_kind kind, const struct notice_template *template,
                           struct buf *out)
{
    struct buf end_word;
    buf_init(&end_word, out->mem, out->max);
    put_end_word(template->text, &end_word);
    buf_putf(out, "%s_template = <<%s\n", names[kind], buf_text(&end_word));
    put_header(out, "Charset", template->charset);
    put_header(out, "From", template->from);
    put_header(out, "Subject", template->subject);
    put_header(out, "Postmaster-Subject", template->postmaster_subject);
    buf_put_char(out, '\n');
    buf_put(out, template->text);
    buf_putf(out, "%s\n", buf_text(&end_word));
    buf_done(&end_word);
}
