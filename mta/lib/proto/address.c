// SPDX-License-Identifier: ISC
#include "proto/address.h"

#include "base/err.h"
#include "base/number.h"

/* Reads one written form and appends to out; in a header, blanks and comments may stand between
 * the words of an address. */
struct reader {
    struct str rest;
    bool in_header;
    struct buf *out;
};

/* ---- bytes --------------------------------------------------------------------------------- */

static bool is_control(char c)
{
    return (c >= 0 && c < ' ') || c == 0x7f;
}

/* What needs no quotes in a local part: atext of RFC 5322 3.2.3, and bytes beyond ASCII. */
static bool is_atom(char c)
{
    return !is_control(c) && str_find(STR(" ()<>[]:;@\\,.\""), c) < 0;
}

static bool next_is(const struct reader *r, char c)
{
    return r->rest.size > 0 && r->rest.data[0] == c;
}

static void skip_byte(struct reader *r)
{
    r->rest = str_skip(r->rest, 1);
}

static bool take(struct reader *r, char c)
{
    if (!next_is(r, c)) {
        return false;
    }
    skip_byte(r);
    return true;
}

/* ---- blanks and comments ------------------------------------------------------------------- */

static int skip_comment(struct reader *r)
{
    int depth = 0;

    do {
        if (take(r, '(')) {
            depth++;
        } else if (take(r, ')')) {
            depth--;
        } else {
            (void)take(r, '\\');
            skip_byte(r);
        }
        if (depth > ADDRESS_COMMENT_DEPTH_MAX) {
            return -ERR_LIMIT;
        }
    } while (depth > 0 && r->rest.size > 0);
    return depth == 0 ? 0 : -ERR_SYNTAX;
}

static int skip_blanks(struct reader *r)
{
    while (r->in_header && r->rest.size > 0) {
        if (char_is_space(r->rest.data[0])) {
            skip_byte(r);
        } else if (next_is(r, '(')) {
            int error = skip_comment(r);
            if (error != 0) {
                return error;
            }
        } else {
            break;
        }
    }
    return 0;
}

/* ---- local part ---------------------------------------------------------------------------- */

/* Takes the byte behind a backslash. */
static int take_escaped(struct reader *r)
{
    if (r->rest.size == 0 || is_control(r->rest.data[0])) {
        return -ERR_SYNTAX;
    }
    buf_put_char(r->out, r->rest.data[0]);
    skip_byte(r);
    return 0;
}

/* Takes a quoted string whose opening quote is taken. */
static int take_quoted(struct reader *r)
{
    while (r->rest.size > 0) {
        char c = r->rest.data[0];
        skip_byte(r);
        if (c == '"') {
            return 0;
        }
        if (c == '\\') {
            int error = take_escaped(r);
            if (error != 0) {
                return error;
            }
        } else if (!is_control(c)) {
            buf_put_char(r->out, c);
        } else if (!r->in_header || (c != '\r' && c != '\n')) {
            return -ERR_SYNTAX; /* in a header, folding inside quotes is left out */
        }
    }
    return -ERR_SYNTAX;
}

/* Takes one word or a dot. */
static int take_local_piece(struct reader *r)
{
    if (take(r, '"')) {
        return take_quoted(r);
    }
    if (take(r, '\\')) {
        return take_escaped(r);
    }
    if (take(r, '.')) {
        buf_put_char(r->out, '.');
        return 0;
    }
    size_t size = 0;
    while (size < r->rest.size && is_atom(r->rest.data[size])) {
        size++;
    }
    buf_put(r->out, str_first(r->rest, size));
    r->rest = str_skip(r->rest, size);
    return size > 0 ? 0 : -ERR_SYNTAX;
}

static bool ends_local_part(const struct reader *r)
{
    return r->rest.size == 0 || str_find(STR("@<>,:;"), r->rest.data[0]) >= 0;
}

/* Words with dots between them; two words with a blank between them are no local part. */
static int take_local_part(struct reader *r)
{
    bool after_word = false;
    size_t piece_count = 0;

    for (;;) {
        size_t size_before = r->rest.size;
        int error = skip_blanks(r);
        if (error != 0) {
            return error;
        }
        if (ends_local_part(r)) {
            return piece_count > 0 ? 0 : -ERR_SYNTAX;
        }
        bool is_word = !next_is(r, '.');
        if (is_word && after_word && r->rest.size < size_before) {
            return -ERR_SYNTAX;
        }
        error = take_local_piece(r);
        if (error != 0) {
            return error;
        }
        after_word = is_word;
        piece_count++;
    }
}

/* ---- domain -------------------------------------------------------------------------------- */

static int take_literal(struct reader *r)
{
    size_t size = 1;

    while (size < r->rest.size && r->rest.data[size] > ' ' && r->rest.data[size] != 0x7f &&
           str_find(STR("[]\\@"), r->rest.data[size]) < 0) {
        size++;
    }
    if (size == r->rest.size || r->rest.data[size] != ']') {
        return -ERR_SYNTAX;
    }
    buf_put(r->out, str_first(r->rest, size + 1));
    r->rest = str_skip(r->rest, size + 1);
    return skip_blanks(r);
}

static int take_domain(struct reader *r)
{
    size_t piece_count = 0;
    int error = skip_blanks(r);

    if (error == 0 && next_is(r, '[')) {
        return take_literal(r);
    }
    while (error == 0 && r->rest.size > 0 && (is_atom(r->rest.data[0]) || next_is(r, '.'))) {
        error = take_local_piece(r);
        if (error == 0) {
            error = skip_blanks(r);
        }
        piece_count++;
    }
    return error != 0 ? error : piece_count > 0 ? 0 : -ERR_SYNTAX;
}

/* ---- whole addresses ----------------------------------------------------------------------- */

/* "@a.example,@b.example:" means nothing any more. */
static int skip_source_route(struct reader *r)
{
    size_t size_before = r->out->size;

    while (next_is(r, '@')) {
        skip_byte(r);
        int error = take_domain(r);
        buf_truncate(r->out, size_before);
        if (error != 0) {
            return error;
        }
        if (take(r, ':')) {
            return skip_blanks(r);
        }
        if (!take(r, ',')) {
            return -ERR_SYNTAX;
        }
        error = skip_blanks(r);
        if (error != 0) {
            return error;
        }
    }
    return -ERR_SYNTAX;
}

/* Local part and domain. Without a domain, an "@" of the local part would become the one that
 * divides: refused. */
static int take_local_part_and_domain(struct reader *r)
{
    size_t start = r->out->size;
    int error = take_local_part(r);

    if (error != 0) {
        return error;
    }
    if (take(r, '@')) {
        buf_put_char(r->out, '@');
        return take_domain(r);
    }
    return str_find(str_skip(buf_str(r->out), start), '@') < 0 ? 0 : -ERR_SYNTAX;
}

/* What stands between angle brackets, up to the end of rest or the closing bracket. */
static int take_path(struct reader *r)
{
    int error = skip_blanks(r);

    if (error == 0 && next_is(r, '@')) {
        error = skip_source_route(r);
    }
    return error != 0 ? error : take_local_part_and_domain(r);
}

/* Undoes what a failed reading appended; a buffer that overflowed is a failure, too. */
static int finish(struct buf *internal, size_t size_before, int error)
{
    if (error == 0 &&
        (buf_error(internal) != 0 || internal->size - size_before > ADDRESS_BYTES_MAX)) {
        error = -ERR_LIMIT;
    }
    if (error != 0) {
        buf_truncate(internal, size_before);
    }
    return error;
}

int address_parse_path(struct str path, struct buf *internal)
{
    struct reader r = {.rest = str_trim(path), .out = internal};
    size_t size_before = internal->size;

    if (take(&r, '<')) {
        if (r.rest.size == 0 || r.rest.data[r.rest.size - 1] != '>') {
            return -ERR_SYNTAX;
        }
        r.rest = str_trim(str_first(r.rest, r.rest.size - 1));
        if (r.rest.size == 0) {
            return 0;
        }
    }
    int error = take_path(&r);
    if (error == 0 && r.rest.size > 0) {
        error = -ERR_SYNTAX;
    }
    return finish(internal, size_before, error);
}

/* ---- header lists -------------------------------------------------------------------------- */

static bool ends_item(const struct reader *r)
{
    return r->rest.size == 0 || next_is(r, ',') || next_is(r, ';');
}

/* Separators, and blanks between them. */
static int skip_separators(struct reader *r)
{
    int error = skip_blanks(r);

    while (error == 0 && (take(r, ',') || take(r, ';'))) {
        error = skip_blanks(r);
    }
    return error;
}

/* The words before "<" or before the colon of a group; what they say is dropped. */
static int skip_phrase(struct reader *r)
{
    size_t size_before = r->out->size;
    int error = skip_blanks(r);

    while (error == 0 && r->rest.size > 0 && !next_is(r, '<') && !next_is(r, ':')) {
        error = take_local_piece(r);
        if (error == 0) {
            error = skip_blanks(r);
        }
    }
    buf_truncate(r->out, size_before);
    return error;
}

/* Takes "<path>"; an empty one appends nothing. */
static int take_bracketed(struct reader *r)
{
    int error = take(r, '<') ? skip_blanks(r) : -ERR_SYNTAX;

    if (error == 0 && !next_is(r, '>')) {
        error = take_path(r);
    }
    if (error == 0 && !take(r, '>')) {
        error = -ERR_SYNTAX;
    }
    return error != 0 ? error : skip_blanks(r);
}

/* One address, bare or behind a phrase; a group's name before it is skipped. */
static int take_item(struct reader *r)
{
    struct reader at_start = *r;
    size_t size_before = r->out->size;
    int error = take_local_part_and_domain(r);

    if (error == 0 && ends_item(r)) {
        return 0;
    }
    buf_truncate(r->out, size_before);
    *r = at_start;
    error = skip_phrase(r);
    if (error != 0 || next_is(r, '<')) {
        return error != 0 ? error : take_bracketed(r);
    }
    return take(r, ':') ? 1 : -ERR_SYNTAX; /* a group begins: 1 asks to go on */
}

/* After an error: up to the next comma that is not inside quotes. */
static void skip_to_separator(struct reader *r)
{
    bool quoted = false;

    while (r->rest.size > 0 && (quoted || !next_is(r, ','))) {
        if (next_is(r, '"')) {
            quoted = !quoted;
        }
        (void)take(r, '\\');
        skip_byte(r);
    }
}

int address_list_next(struct str *rest, struct buf *internal)
{
    struct reader r = {.rest = *rest, .in_header = true, .out = internal};
    size_t size_before = internal->size;
    int error = 0;
    bool goes_on = true;

    while (goes_on) { /* each turn takes a group's name or ends */
        error = skip_separators(&r);
        if (error == 0 && r.rest.size == 0) {
            *rest = r.rest;
            return 0;
        }
        int taken = error != 0 ? error : take_item(&r);
        goes_on = taken > 0;
        error = taken < 0 ? taken : 0;
    }
    if (error == 0 && !ends_item(&r)) {
        error = -ERR_SYNTAX;
    }
    error = finish(internal, size_before, error);
    if (error != 0) {
        skip_to_separator(&r);
    }
    *rest = r.rest;
    return error != 0 ? error : 1;
}

static bool separates(char c)
{
    return str_find(STR(",; \t\r\n"), c) >= 0;
}

static struct str trim_separators(struct str text)
{
    while (text.size > 0 && separates(text.data[0])) {
        text = str_skip(text, 1);
    }
    while (text.size > 0 && separates(text.data[text.size - 1])) {
        text = str_first(text, text.size - 1);
    }
    return text;
}

int address_list_next_lenient(struct str *rest, struct buf *internal)
{
    struct str list = *rest;
    int found = address_list_next(rest, internal);
    if (found != -ERR_SYNTAX) {
        return found;
    }
    struct str text = trim_separators(str_first(list, list.size - rest->size));
    size_t size_before = internal->size;
    for (size_t i = 0; i < text.size; i++) {
        buf_put_char(internal, is_control(text.data[i]) ? ' ' : text.data[i]);
    }
    int error = finish(internal, size_before, 0);
    return error != 0 ? error : 1;
}

/* ---- internal form ------------------------------------------------------------------------- */

struct address address_split(struct str internal)
{
    ptrdiff_t at = str_find_last(internal, '@');

    if (at < 0) {
        return (struct address){.local_part = internal};
    }
    return (struct address){
        .local_part = str_first(internal, (size_t)at),
        .domain = str_skip(internal, (size_t)at + 1),
    };
}

/* Atoms with single dots between them. */
static bool is_dot_atom(struct str text)
{
    bool after_dot = true;

    for (size_t i = 0; i < text.size; i++) {
        bool is_dot = text.data[i] == '.';
        if (is_dot ? after_dot : !is_atom(text.data[i])) {
            return false;
        }
        after_dot = is_dot;
    }
    return !after_dot;
}

static void write_quoted(struct str text, struct buf *out)
{
    buf_put_char(out, '"');
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] == '"' || text.data[i] == '\\') {
            buf_put_char(out, '\\');
        }
        buf_put_char(out, text.data[i]);
    }
    buf_put_char(out, '"');
}

void address_write(struct str internal, struct buf *external)
{
    struct address address = address_split(internal);

    if (internal.size == 0) {
        return;
    }
    if (is_dot_atom(address.local_part)) {
        buf_put(external, address.local_part);
    } else {
        write_quoted(address.local_part, external);
    }
    if (address.domain.data != NULL) {
        buf_put_char(external, '@');
        buf_put(external, address.domain);
    }
}

/* Words and blanks need no quotes (RFC 5322 3.2.5). */
static bool is_phrase(struct str text)
{
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] != ' ' && !is_atom(text.data[i])) {
            return false;
        }
    }
    return str_trim_space(text).size == text.size;
}

void address_write_name(struct str name, struct buf *external)
{
    if (is_phrase(name)) {
        buf_put(external, name);
    } else {
        write_quoted(name, external);
    }
}

/* ---- domains ------------------------------------------------------------------------------- */

static bool is_label(struct str label)
{
    for (size_t i = 0; i < label.size; i++) {
        if (!char_is_alnum(label.data[i]) && label.data[i] != '-' && label.data[i] != '_') {
            return false;
        }
    }
    return label.size > 0 && label.size <= 63 && label.data[0] != '-' &&
           label.data[label.size - 1] != '-';
}

static bool is_numeric(struct str label)
{
    for (size_t i = 0; i < label.size; i++) {
        if (!char_is_digit(label.data[i])) {
            return false;
        }
    }
    return true;
}

bool address_host_is_valid(struct str host)
{
    struct str rest = host;
    struct str label = STR("");

    if (host.size == 0 || host.size > 253) {
        return false;
    }
    while (str_next(&rest, '.', &label)) {
        if (!is_label(label)) {
            return false;
        }
    }
    return !is_numeric(label); /* the last one: 192.0.2.1 is no name */
}

static bool is_ipv4(struct str text)
{
    struct str rest = text;
    struct str part;
    uint64_t value = 0;
    int count = 0;

    while (str_next(&rest, '.', &part)) {
        if (part.size > 3 || number_parse_u64(part, 255, &value) != 0) {
            return false;
        }
        count++;
    }
    return count == 4;
}

/* Groups of hex digits with colons between them, "::" at most once, an IPv4 address last. */
static bool is_ipv6(struct str text)
{
    struct str rest = text;
    struct str part;
    uint64_t value = 0;
    ptrdiff_t gap = str_find_str(text, STR("::"));
    int group_count = 0;
    bool is_open = (str_starts_with(text, STR(":")) && gap != 0) ||
                   (str_ends_with(text, STR(":")) && gap != (ptrdiff_t)text.size - 2) ||
                   (gap >= 0 && str_find_str(str_skip(text, (size_t)gap + 1), STR("::")) >= 0);

    while (!is_open && str_next(&rest, ':', &part)) {
        if (rest.data == NULL && is_ipv4(part)) {
            group_count += 2;
        } else if (part.size > 4 ||
                   (part.size > 0 && number_parse_hex(part, 0xffff, &value) != 0)) {
            return false;
        } else if (part.size > 0) {
            group_count++;
        }
    }
    return !is_open && (gap < 0 ? group_count == 8 : group_count <= 7);
}

bool address_literal_is_valid(struct str literal)
{
    struct str tag = STR("IPv6:");

    if (!str_starts_with(literal, STR("[")) || !str_ends_with(literal, STR("]")) ||
        literal.size < 3) {
        return false;
    }
    struct str inside = str_first(str_skip(literal, 1), literal.size - 2);
    if (str_starts_with_fold(inside, tag)) {
        return is_ipv6(str_skip(inside, tag.size));
    }
    return is_ipv4(inside);
}

bool address_domain_is_valid(struct str domain)
{
    return address_literal_is_valid(domain) || address_host_is_valid(domain);
}
