// SPDX-License-Identifier: ISC
#include "conf/master_cf.h"

#include <string.h>

#include "base/err.h"
#include "base/number.h"
#include "conf/logical_line.h"
#include "conf/main_cf.h"

enum { LINE_BYTES_MAX = 1 << 16 };

/* One logical line on its way to a service. */
struct parser {
    const char *path;
    struct arena *arena;
    struct buf *problems;
    struct logical_line line;
    struct str joined; /* the whole line */
    struct str rest;   /* what was not taken yet */
    struct str columns[MASTER_CF_COLUMNS];
    int column_count;
    int error;
};

static const struct {
    struct str text;
    enum master_cf_type type;
} types[] = {
    {STR_INIT("inet"), MASTER_CF_INET},
    {STR_INIT("unix"), MASTER_CF_UNIX},
    {STR_INIT("unix-dgram"), MASTER_CF_UNIX_DGRAM},
    {STR_INIT("pass"), MASTER_CF_PASS},
    {STR_INIT("fifo"), MASTER_CF_UNIX}, /* what old files call a trigger socket */
};

enum { TYPE_COUNT = sizeof(types) / sizeof(types[0]) };

const char *master_cf_type_text(enum master_cf_type type)
{
    return types[type].text.data;
}

/* "master.cf, line 3, column 9: " for a place in the joined line. */
static void put_place(struct parser *parser, struct str at)
{
    int row;
    int column;
    size_t offset = at.data == NULL ? 0 : (size_t)(at.data - parser->joined.data);
    logical_line_position(&parser->line, offset, &row, &column);
    buf_putf(parser->problems, "%s, line %d, column %d: ", parser->path, row, column);
}

static int fail(struct parser *parser, struct str at, const char *text)
{
    put_place(parser, at);
    if (at.size > 0) {
        buf_putf(parser->problems, "\"%.*s\": ", STR_ARG(str_first(at, 100)));
    }
    buf_putf(parser->problems, "%s\n", text);
    parser->error = -ERR_SYNTAX;
    return -ERR_SYNTAX;
}

/* ---- fields --------------------------------------------------------------------------------- */

/* Bytes of the text in braces that rest begins with; 0 when they are not closed. */
static size_t brace_size(struct str rest)
{
    int depth = 0;
    for (size_t i = 0; i < rest.size; i++) {
        depth += (rest.data[i] == '{') - (rest.data[i] == '}');
        if (depth == 0) {
            return i + 1;
        }
    }
    return 0;
}

static size_t word_size(struct str rest)
{
    size_t size = 0;
    while (size < rest.size && !char_is_space(rest.data[size])) {
        size++;
    }
    return size;
}

/* 1 with the next field, 0 at the end of the line. Braces are taken off. */
static int take_field(struct parser *parser, struct str *field)
{
    parser->rest = str_trim_space(parser->rest);
    if (parser->rest.size == 0) {
        return 0;
    }
    bool in_braces = parser->rest.data[0] == '{';
    size_t size = in_braces ? brace_size(parser->rest) : word_size(parser->rest);
    if (size == 0) {
        return fail(parser, parser->rest, "\"}\" is missing");
    }
    *field = str_first(parser->rest, size);
    parser->rest = str_skip(parser->rest, size);
    if (in_braces) {
        *field = str_trim_space(str_of(field->data + 1, size - 2));
    }
    return 1;
}

static int take_column(struct parser *parser, const char *column, struct str *field)
{
    int taken = take_field(parser, field);
    if (taken == 0) {
        put_place(parser, str_skip(parser->joined, parser->joined.size));
        buf_putf(parser->problems, "the column %s is missing\n", column);
        parser->error = -ERR_SYNTAX;
        return -ERR_SYNTAX;
    }
    if (taken < 0) {
        return taken;
    }
    struct str *kept = &parser->columns[parser->column_count];
    *kept = arena_copy(parser->arena, *field);
    parser->column_count++;
    return kept->data == NULL ? fail(parser, *field, "too much text") : 0;
}

static bool is_default(struct str field)
{
    return str_equal(field, STR("-"));
}

static int take_type(struct parser *parser, enum master_cf_type *type)
{
    struct str field;
    int error = take_column(parser, "type", &field);
    if (error != 0) {
        return error;
    }
    for (int i = 0; i < TYPE_COUNT; i++) {
        if (str_equal(field, types[i].text)) {
            *type = types[i].type;
            return 0;
        }
    }
    return fail(parser, field, "the type is one of inet, unix, unix-dgram, pass");
}

static int take_bool(struct parser *parser, const char *column, bool default_value, bool *value)
{
    struct str field;
    int error = take_column(parser, column, &field);
    if (error != 0) {
        return error;
    }
    *value = is_default(field) ? default_value : str_equal(field, STR("y"));
    if (*value || is_default(field) || str_equal(field, STR("n"))) {
        return 0;
    }
    return fail(parser, field, "y, n or - expected");
}

static int take_private(struct parser *parser, struct master_cf_service *service)
{
    bool is_inet = service->type == MASTER_CF_INET;
    struct str at = str_trim_space(parser->rest);
    int error = take_bool(parser, "private", !is_inet, &service->is_private);
    if (error == 0 && is_inet && service->is_private) {
        return fail(parser, str_first(at, 1), "a service of type inet cannot be private");
    }
    return error;
}

static int take_number(struct parser *parser, struct str field, int default_value, int *value)
{
    int64_t number = default_value;
    if (!is_default(field) && number_parse_i64(field, 0, INT32_MAX, &number) != 0) {
        return fail(parser, field, "a number or - expected");
    }
    *value = (int)number;
    return 0;
}

static int take_wakeup(struct parser *parser, struct master_cf_service *service)
{
    struct str field;
    int error = take_column(parser, "wakeup", &field);
    if (error != 0) {
        return error;
    }
    service->wakeup_when_used = str_ends_with(field, STR("?"));
    field = str_first(field, field.size - service->wakeup_when_used);
    return take_number(parser, field, 0, &service->wakeup_s);
}

static int take_limit(struct parser *parser, struct master_cf_service *service)
{
    struct str field;
    int error = take_column(parser, "maxproc", &field);
    return error != 0
               ? error
               : take_number(parser, field, MASTER_CF_LIMIT_DEFAULT, &service->process_limit);
}

static int take_columns(struct parser *parser, struct master_cf_service *service)
{
    struct str field;
    parser->column_count = 0;
    int error = take_column(parser, "service", &field);
    if (error == 0) {
        error = take_type(parser, &service->type);
    }
    if (error == 0) {
        error = take_private(parser, service);
    }
    if (error == 0) {
        error = take_bool(parser, "unpriv", true, &service->unprivileged);
    }
    if (error == 0) {
        error = take_bool(parser, "chroot", false, &service->chroot);
    }
    if (error == 0) {
        error = take_wakeup(parser, service);
    }
    if (error == 0) {
        error = take_limit(parser, service);
    }
    if (error == 0) {
        error = take_column(parser, "command", &field);
    }
    memcpy(service->columns, parser->columns, sizeof(service->columns));
    service->name = service->columns[0];
    service->command = service->columns[MASTER_CF_COLUMNS - 1];
    return error;
}

/* ---- arguments ------------------------------------------------------------------------------ */

/* The text after -o: `name=value`, or in braces `{ name = value }`. */
static int add_option(struct parser *parser, struct master_cf_service *service, struct str text)
{
    struct str name;
    struct str value;
    const char *problem = main_cf_split(text, &name, &value);
    if (problem != NULL) {
        return fail(parser, text, problem);
    }
    struct str option = arena_printf(parser->arena, "%.*s=%.*s", STR_ARG(name), STR_ARG(value));
    if (option.data == NULL) {
        return fail(parser, text, "too much text");
    }
    service->options[service->option_count] = option;
    service->option_count++;
    return 0;
}

static int add_argument(struct parser *parser, struct master_cf_service *service, struct str text)
{
    struct str argument = arena_copy(parser->arena, text);
    if (argument.data == NULL) {
        return fail(parser, text, "too much text");
    }
    service->arguments[service->argument_count] = argument;
    service->argument_count++;
    return 0;
}

/* -o name=value, -oname=value, -v, -vv, -D stand before the daemon's own arguments. 1 when field
 * was one of them. */
static int take_daemon_option(struct parser *parser, struct master_cf_service *service,
                              struct str field)
{
    if (str_equal(field, STR("-o"))) {
        struct str text;
        int taken = take_field(parser, &text);
        if (taken == 0) {
            return fail(parser, field, "name=value expected after -o");
        }
        int error = taken < 0 ? taken : add_option(parser, service, text);
        return error != 0 ? error : 1;
    }
    if (str_starts_with(field, STR("-o"))) {
        int error = add_option(parser, service, str_skip(field, 2));
        return error != 0 ? error : 1;
    }
    if (str_equal(field, STR("-v")) || str_equal(field, STR("-vv"))) {
        service->verbose_count += (int)field.size - 1;
        return 1;
    }
    return str_equal(field, STR("-D"));
}

static int take_arguments(struct parser *parser, struct master_cf_service *service)
{
    bool options_end = false;
    struct str field;
    int taken = take_field(parser, &field);
    for (; taken > 0; taken = take_field(parser, &field)) {
        if (service->argument_count + service->option_count == MASTER_CF_ARGUMENTS_MAX) {
            return fail(parser, field, "too many arguments");
        }
        int is_option = options_end ? 0 : take_daemon_option(parser, service, field);
        if (is_option < 0) {
            return is_option;
        }
        if (is_option == 0) {
            options_end = true;
            int error = add_argument(parser, service, field);
            if (error != 0) {
                return error;
            }
        }
    }
    return taken;
}

/* ---- services ------------------------------------------------------------------------------- */

static struct master_cf_service *find_service(const struct master_cf *cf, struct str name,
                                              enum master_cf_type type)
{
    for (int i = 0; i < cf->count; i++) {
        if (cf->services[i].type == type && str_equal(cf->services[i].name, name)) {
            return &cf->services[i];
        }
    }
    return NULL;
}

const struct master_cf_service *master_cf_find(const struct master_cf *cf, struct str name,
                                               enum master_cf_type type)
{
    return find_service(cf, name, type);
}

static void add_service(struct parser *parser, struct master_cf *cf,
                        const struct master_cf_service *service)
{
    struct master_cf_service *place = find_service(cf, service->name, service->type);
    if (place != NULL) {
        put_place(parser, parser->joined);
        buf_putf(parser->problems,
                 "warning: service %s of type %s was defined in line %d already; the last "
                 "definition counts\n",
                 service->name.data, master_cf_type_text(service->type), place->line);
    } else if (cf->count < MASTER_CF_SERVICES_MAX) {
        place = &cf->services[cf->count];
        cf->count++;
    } else {
        (void)fail(parser, parser->joined, "too many services");
        return;
    }
    *place = *service;
}

/* What is wrong with the line as such, or NULL. */
static const char *line_problem(struct str joined)
{
    if (joined.size == 0) {
        return "the line with its continuations is too long";
    }
    if (str_find(joined, 0) >= 0) {
        return "the line has a NUL character";
    }
    if (char_is_space(joined.data[0])) {
        return "white space at the start continues a line, but there is none before";
    }
    return NULL;
}

static void parse_line(struct parser *parser, struct master_cf *cf)
{
    const char *problem = line_problem(parser->joined);
    if (problem != NULL) {
        (void)fail(parser, parser->joined, problem);
        return;
    }
    struct master_cf_service service = {.line = parser->line.line};
    size_t words = 1 + parser->joined.size / 2;
    size_t most = words < MASTER_CF_ARGUMENTS_MAX ? words : MASTER_CF_ARGUMENTS_MAX;
    service.arguments = arena_alloc(parser->arena, most * sizeof(struct str));
    service.options = arena_alloc(parser->arena, most * sizeof(struct str));
    if (service.arguments == NULL || service.options == NULL) {
        (void)fail(parser, parser->joined, "too much text");
        return;
    }
    if (take_columns(parser, &service) == 0 && take_arguments(parser, &service) == 0) {
        add_service(parser, cf, &service);
    }
}

int master_cf_parse(struct str text, const char *path, struct arena *arena, struct master_cf *cf,
                    struct buf *problems)
{
    struct parser parser = {.path = path, .arena = arena, .problems = problems};
    cf->count = 0;
    cf->services = arena_alloc(arena, MASTER_CF_SERVICES_MAX * sizeof(*cf->services));
    if (cf->services == NULL) {
        return -ERR_LIMIT;
    }
    struct buf joined;
    buf_init(&joined, arena->mem, LINE_BYTES_MAX);
    struct logical_reader reader;
    logical_line_begin(&reader, text);
    while (logical_line_next(&reader, &parser.line, &joined)) {
        parser.joined = buf_error(&joined) == 0 ? buf_str(&joined) : str_from("");
        parser.rest = parser.joined;
        parse_line(&parser, cf);
    }
    buf_done(&joined);
    return parser.error;
}
