// SPDX-License-Identifier: ISC
#include "conf/conf.h"

#include <stdio.h>

#include "base/arena.h"
#include "base/assert.h"
#include "base/map.h"
#include "conf/derived.h"
#include "conf/expand.h"
#include "conf/file.h"
#include "conf/main_cf.h"
#include "conf/reach.h"
#include "conf/value.h"
#include "sys/net.h"
#include "sys/process.h"

enum {
    MEMORY_BYTES_MAX = 16 << 20,
    OTHER_NAMES_MAX = 2000,
    INTERFACES_MAX = 256,
};

enum progress { NOT_EVALUATED, BEING_EVALUATED, EVALUATED };

enum origin { FROM_DEFAULT, FROM_FILE, FROM_OPTION };

/* One name, known or not: what was written, and what came of it. */
struct value {
    struct str name;
    struct str raw;  /* as written, with its $name */
    struct str text; /* evaluated */
    int64_t number;  /* of BOOL INT SIZE TIME (ns) */
    enum origin origin;
    enum progress progress;
    struct logical_line line; /* FROM_FILE */
    size_t offset;            /* of raw in that line */
};

struct conf {
    struct sys *sys;
    struct arena arena;
    struct value values[CONF_PARAM_COUNT];
    struct map others; /* names that are no parameters, to struct value */
    const char *directory;
    char path[SYS_PATH_MAX]; /* of main.cf */
    struct buf *problems;    /* while loading */
    int depth;               /* of values being evaluated */
    int error;               /* the first one */
};

/* ---- problems ------------------------------------------------------------------------------ */

/* "main.cf, line 3, column 9: " for the byte at offset of the value. */
static void put_place(struct conf *conf, const struct value *value, size_t offset)
{
    int row;
    int column;
    switch (value->origin) {
    case FROM_DEFAULT:
        buf_put_text(conf->problems, "default value: ");
        return;
    case FROM_OPTION:
        buf_put_text(conf->problems, "option -o: ");
        return;
    case FROM_FILE:
        logical_line_position(&value->line, value->offset + offset, &row, &column);
        buf_putf(conf->problems, "%s, line %d, column %d: ", conf->path, row, column);
        return;
    }
}

static int report(struct conf *conf, const struct value *value, size_t offset, const char *text)
{
    put_place(conf, value, offset);
    buf_putf(conf->problems, "%.*s = %.*s: %s\n", STR_ARG(value->name),
             STR_ARG(str_first(value->raw, 200)), text);
    conf->error = -ERR_SYNTAX;
    return -ERR_SYNTAX;
}

/* ---- evaluation ---------------------------------------------------------------------------- */

static struct value *find_value(const struct conf *conf, struct str name)
{
    enum conf_param param = param_find(name);
    if (param != CONF_PARAM_COUNT) {
        return (struct value *)&conf->values[param];
    }
    return map_get(&conf->others, name);
}

static int evaluate(struct conf *conf, struct value *value);

static int find_evaluated(void *context, struct str name, struct str *text)
{
    struct value *value = find_value(context, name);
    if (value == NULL) {
        return 0;
    }
    int error = evaluate(context, value);
    *text = value->text;
    return error != 0 ? error : 1;
}

static struct str evaluated_text(struct conf *conf, enum conf_param param)
{
    struct str text = {0};
    int found = find_evaluated(conf, param_get(param)->name, &text);
    return found < 0 ? str_from("") : text;
}

static int keep_text(struct conf *conf, const struct buf *text, struct str *kept)
{
    *kept = arena_copy(&conf->arena, buf_str(text));
    return kept->data == NULL ? -ERR_LIMIT : 0;
}

static int expand_value(struct conf *conf, struct value *value)
{
    struct buf out;
    buf_init(&out, sys_mem(conf->sys), CONF_VALUE_BYTES_MAX);
    struct expand_source source = {find_evaluated, conf};
    struct expand_problem problem = {NULL, 0};
    int error = expand_text(value->raw, &source, &out, &problem);
    if (error == 0) {
        error = keep_text(conf, &out, &value->text);
    }
    buf_done(&out);
    if (problem.text != NULL) {
        return report(conf, value, problem.offset, problem.text);
    }
    if (error == -ERR_LIMIT) {
        return report(conf, value, 0, "too long after expansion");
    }
    return error;
}

static bool needs_expansion(const struct conf *conf, const struct value *value)
{
    bool is_param = value >= conf->values && value < conf->values + CONF_PARAM_COUNT;
    bool is_raw = is_param && param_get((enum conf_param)(value - conf->values))->type == PARAM_RAW;
    return !is_raw && str_find(value->raw, '$') >= 0;
}

static int evaluate(struct conf *conf, struct value *value)
{
    if (value->progress == EVALUATED) {
        return 0;
    }
    if (value->progress == BEING_EVALUATED || conf->depth == CONF_DEPTH_MAX) {
        return report(conf, value, 0,
                      value->progress == BEING_EVALUATED ? "the value contains itself"
                                                         : "$name inside $name is too deep");
    }
    int error = 0;
    value->progress = BEING_EVALUATED;
    value->text = value->raw;
    if (needs_expansion(conf, value)) {
        conf->depth++;
        value->text = str_from("");
        error = expand_value(conf, value);
        conf->depth--;
    }
    value->progress = EVALUATED;
    return error;
}

/* ---- typed values -------------------------------------------------------------------------- */

static const char *expectation(enum param_type type)
{
    switch (type) {
    case PARAM_BOOL:
        return "yes or no expected";
    case PARAM_INT:
        return "a number from 0 to 2147483647 expected";
    case PARAM_SIZE:
        return "a number of bytes expected, such as 10240000 or 10m";
    case PARAM_TIME:
        return "a time expected, such as 30s, 5m, 2h, 5d or 1w";
    case PARAM_WORD:
    case PARAM_TEXT:
    case PARAM_LIST:
    case PARAM_RAW:
        break;
    }
    return "one of these words expected: ";
}

static int parse_typed(const struct param *param, struct str text, int64_t *number)
{
    bool yes = false;
    int error = 0;
    switch (param->type) {
    case PARAM_BOOL:
        error = value_parse_bool(text, &yes);
        *number = yes;
        return error;
    case PARAM_INT:
        return value_parse_int(text, number);
    case PARAM_SIZE:
        return value_parse_size(text, number);
    case PARAM_TIME:
        return value_parse_time(text, param->detail.data[0], number);
    case PARAM_WORD:
        return conf_list_has(param->detail, text) ? 0 : -ERR_SYNTAX;
    case PARAM_TEXT:
    case PARAM_LIST:
    case PARAM_RAW:
        break;
    }
    return 0;
}

static void evaluate_param(struct conf *conf, enum conf_param index)
{
    const struct param *param = param_get(index);
    struct value *value = &conf->values[index];
    if (evaluate(conf, value) != 0 || parse_typed(param, value->text, &value->number) == 0) {
        return;
    }
    char text[200];
    const char *words = param->type == PARAM_WORD ? param->detail.data : "";
    snprintf(text, sizeof(text), "%s%s", expectation(param->type), words);
    (void)report(conf, value, 0, text);
}

static void evaluate_other(struct conf *conf, struct value *value)
{
    if (evaluate(conf, value) != 0) {
        return;
    }
    struct str owner;
    enum conf_param fallback;
    if (!param_family(value->name, &owner, &fallback)) {
        return;
    }
    const struct param *param = param_get(fallback);
    if (parse_typed(param, value->text, &value->number) != 0) {
        (void)report(conf, value, 0, expectation(param->type));
    }
}

static void evaluate_all(struct conf *conf)
{
    for (int i = 0; i < CONF_PARAM_COUNT; i++) {
        evaluate_param(conf, (enum conf_param)i);
    }
    for (struct map_entry *entry = map_next(&conf->others, NULL); entry != NULL;
         entry = map_next(&conf->others, entry)) {
        evaluate_other(conf, entry->value);
    }
}

/* ---- defaults that are found out ------------------------------------------------------------ */

static void set_default(struct conf *conf, enum conf_param param, struct str text)
{
    if (conf->values[param].origin == FROM_DEFAULT) {
        conf->values[param].raw = arena_copy(&conf->arena, text);
    }
}

static void derive_names(struct conf *conf, struct buf *text)
{
    bool has_domain = conf->values[CONF_mydomain].origin != FROM_DEFAULT;
    struct str domain = has_domain ? evaluated_text(conf, CONF_mydomain) : str_from("");
    derived_host_name(text, str_from(sys_host_name(conf->sys)), domain);
    set_default(conf, CONF_myhostname, buf_str(text));
    if (!has_domain) {
        set_default(conf, CONF_mydomain, derived_domain(evaluated_text(conf, CONF_myhostname)));
    }
}

static void derive_networks(struct conf *conf, struct buf *text)
{
    struct mem *mem = sys_mem(conf->sys);
    struct sys_address *addresses = mem_alloc(mem, INTERFACES_MAX * sizeof(*addresses));
    int count = sys_interface_addresses(conf->sys, addresses, INTERFACES_MAX);
    count = count < 0 ? 0 : count > INTERFACES_MAX ? INTERFACES_MAX : count;
    derived_networks(text, evaluated_text(conf, CONF_mynetworks_style),
                     evaluated_text(conf, CONF_inet_interfaces),
                     evaluated_text(conf, CONF_inet_protocols), addresses, count);
    mem_free(mem, addresses);
    set_default(conf, CONF_mynetworks, buf_str(text));
}

static struct str last_component(struct str path)
{
    ptrdiff_t slash = str_find_last(path, '/');
    return str_skip(path, (size_t)(slash + 1));
}

static void derive_defaults(struct conf *conf)
{
    struct buf text;
    buf_init(&text, sys_mem(conf->sys), CONF_VALUE_BYTES_MAX);
    if (conf->directory != NULL) {
        set_default(conf, CONF_config_directory, str_from(conf->directory));
    }
    set_default(conf, CONF_process_name, last_component(str_from(sys_program_path(conf->sys))));
    buf_putf(&text, "%d", sys_pid(conf->sys));
    set_default(conf, CONF_process_id, buf_str(&text));
    buf_clear(&text);
    derive_names(conf, &text);
    if (conf->values[CONF_mynetworks].origin == FROM_DEFAULT) {
        buf_clear(&text);
        derive_networks(conf, &text);
    }
    buf_done(&text);
}

/* ---- loading -------------------------------------------------------------------------------- */

static struct value *add_other(struct conf *conf, struct str name)
{
    struct value *value = arena_alloc(&conf->arena, sizeof(*value));
    if (value == NULL || map_put(&conf->others, name, value) != 0) {
        return NULL;
    }
    value->name = arena_copy(&conf->arena, name);
    return value;
}

/* Defines name anew; an earlier definition is forgotten. NULL when there are too many names. */
static struct value *define(struct conf *conf, struct str name, struct str text, enum origin origin)
{
    struct value *value = find_value(conf, name);
    if (value == NULL) {
        value = add_other(conf, name);
    }
    if (value != NULL) {
        value->raw = arena_copy(&conf->arena, text);
        value->origin = origin;
    }
    return value;
}

static void report_line(struct conf *conf, const struct logical_line *line, const char *text)
{
    struct str source = str_first(line->source, 100);
    ptrdiff_t end = str_find(source, '\n');
    source = end < 0 ? source : str_first(source, (size_t)end);
    buf_putf(conf->problems, "%s, line %d, column 1: %s: \"%.*s\"\n", conf->path, line->line, text,
             STR_ARG(source));
    conf->error = -ERR_SYNTAX;
}

static void read_entries(struct conf *conf, struct str text)
{
    struct buf joined;
    buf_init(&joined, sys_mem(conf->sys), CONF_VALUE_BYTES_MAX);
    struct main_cf_reader reader;
    main_cf_reader_init(&reader, text, &joined);
    struct main_cf_entry entry;
    while (main_cf_next(&reader, &entry)) {
        const char *problem = entry.problem;
        if (problem == NULL) {
            struct value *value = define(conf, entry.name, entry.value, FROM_FILE);
            if (value != NULL) {
                value->line = entry.line;
                value->offset = entry.value_offset;
                continue;
            }
            problem = "too many names";
        }
        report_line(conf, &entry.line, problem);
    }
    buf_done(&joined);
}

static void read_options(struct conf *conf, const char *const *options, int option_count)
{
    for (int i = 0; i < option_count; i++) {
        struct str name;
        struct str text;
        const char *problem = main_cf_split(str_from(options[i]), &name, &text);
        if (problem == NULL && define(conf, name, text, FROM_OPTION) == NULL) {
            problem = "too many names";
        }
        if (problem != NULL) {
            buf_putf(conf->problems, "option -o %s: %s\n", options[i], problem);
            conf->error = -ERR_SYNTAX;
        }
    }
}

static struct conf *create(struct sys *sys, const char *directory, struct buf *problems)
{
    struct conf *conf = mem_alloc(sys_mem(sys), sizeof(*conf));
    conf->sys = sys;
    conf->problems = problems;
    arena_init(&conf->arena, sys_mem(sys), MEMORY_BYTES_MAX);
    map_init(&conf->others, sys_mem(sys), OTHER_NAMES_MAX);
    conf->directory = directory == NULL ? NULL : arena_copy(&conf->arena, str_from(directory)).data;
    for (int i = 0; i < CONF_PARAM_COUNT; i++) {
        const struct param *param = param_get((enum conf_param)i);
        conf->values[i].name = param->name;
        conf->values[i].raw = param->default_value;
    }
    return conf;
}

static int read_file(struct conf *conf, struct str *text)
{
    int size = snprintf(conf->path, sizeof(conf->path), "%s/main.cf", conf->directory);
    struct buf content;
    buf_init(&content, sys_mem(conf->sys), CONF_FILE_BYTES_MAX);
    int error =
        size < SYS_PATH_MAX ? file_read(conf->sys, conf->path, &content) : -ERR_NAME_TOO_LONG;
    if (error == 0) {
        error = keep_text(conf, &content, text);
    }
    buf_done(&content);
    if (error != 0) {
        reach_put_problem(conf->sys, "cannot read", conf->path, error, conf->problems);
    }
    return error;
}

int conf_load_anyway(struct sys *sys, const char *directory, const char *const *options,
                     int option_count, struct buf *problems, struct conf **conf)
{
    struct conf *loaded = create(sys, directory, problems);
    struct str text = {0};
    int error = directory == NULL ? 0 : read_file(loaded, &text);
    if (error != 0) {
        conf_free(loaded);
        return error;
    }
    read_entries(loaded, text);
    read_options(loaded, options, option_count);
    derive_defaults(loaded);
    evaluate_all(loaded);
    loaded->problems = NULL;
    *conf = loaded;
    return loaded->error;
}

int conf_load(struct sys *sys, const char *directory, const char *const *options, int option_count,
              struct buf *problems, struct conf **conf)
{
    struct conf *loaded = NULL;
    int error = conf_load_anyway(sys, directory, options, option_count, problems, &loaded);
    if (error != 0) {
        conf_free(loaded);
        return error;
    }
    *conf = loaded;
    return 0;
}

void conf_free(struct conf *conf)
{
    if (conf == NULL) {
        return;
    }
    map_done(&conf->others);
    arena_done(&conf->arena);
    mem_free(sys_mem(conf->sys), conf);
}

const char *conf_directory(struct sys *sys, const char *given)
{
    if (given != NULL) {
        return given;
    }
    const char *environment = sys_environment(sys, "MAIL_CONFIG");
    return environment != NULL ? environment : param_get(CONF_config_directory)->default_value.data;
}

/* ---- answers -------------------------------------------------------------------------------- */

static int64_t number(const struct conf *conf, enum conf_param param, enum param_type type)
{
    assert(param_get(param)->type == type);
    return conf->values[param].number;
}

struct str conf_text(const struct conf *conf, enum conf_param param)
{
    assert(param < CONF_PARAM_COUNT);
    return conf->values[param].text;
}

bool conf_bool(const struct conf *conf, enum conf_param param)
{
    return number(conf, param, PARAM_BOOL) != 0;
}

int conf_int(const struct conf *conf, enum conf_param param)
{
    return (int)number(conf, param, PARAM_INT);
}

int64_t conf_size(const struct conf *conf, enum conf_param param)
{
    return number(conf, param, PARAM_SIZE);
}

int64_t conf_time_ns(const struct conf *conf, enum conf_param param)
{
    return number(conf, param, PARAM_TIME);
}

bool conf_is_set(const struct conf *conf, enum conf_param param)
{
    assert(param < CONF_PARAM_COUNT);
    return conf->values[param].origin != FROM_DEFAULT;
}

/* The value of the name made of transport and suffix, else that of fallback. */
static const struct value *family_value(const struct conf *conf, struct str transport,
                                        const char *suffix, enum conf_param fallback,
                                        enum param_type type)
{
    char name[256];
    int size = snprintf(name, sizeof(name), "%.*s%s", STR_ARG(transport), suffix);
    const struct value *value = NULL;
    if (size < (int)sizeof(name)) {
        value = find_value(conf, str_of(name, (size_t)size));
    }
    assert(type == PARAM_TEXT || param_get(fallback)->type == type);
    return value != NULL ? value : &conf->values[fallback];
}

int conf_transport_int(const struct conf *conf, struct str transport, const char *suffix,
                       enum conf_param fallback)
{
    return (int)family_value(conf, transport, suffix, fallback, PARAM_INT)->number;
}

int64_t conf_transport_time_ns(const struct conf *conf, struct str transport, const char *suffix,
                               enum conf_param fallback)
{
    return family_value(conf, transport, suffix, fallback, PARAM_TIME)->number;
}

struct str conf_transport_text(const struct conf *conf, struct str transport, const char *suffix,
                               enum conf_param fallback)
{
    return family_value(conf, transport, suffix, fallback, PARAM_TEXT)->text;
}

bool conf_find(const struct conf *conf, struct str name, struct str *text)
{
    const struct value *value = find_value(conf, name);
    if (value != NULL) {
        *text = value->text;
    }
    return value != NULL;
}

bool conf_written(const struct conf *conf, struct str name, struct str *text)
{
    const struct value *value = find_value(conf, name);
    if (value != NULL) {
        *text = value->raw;
    }
    return value != NULL;
}

const void *conf_next_other(const struct conf *conf, const void *position, struct str *name)
{
    const struct map_entry *entry = map_next(&conf->others, position);
    if (entry != NULL) {
        *name = entry->key;
    }
    return entry;
}

static int find_text(void *context, struct str name, struct str *text)
{
    return conf_find(context, name, text);
}

int conf_expand(const struct conf *conf, struct str text, struct buf *out, struct buf *problems)
{
    struct expand_source source = {find_text, (void *)conf};
    struct expand_problem problem = {NULL, 0};
    int error = expand_text(text, &source, out, &problem);
    if (problem.text != NULL) {
        buf_putf(problems, "column %d of \"%.*s\": %s\n", (int)problem.offset + 1, STR_ARG(text),
                 problem.text);
    }
    return error;
}

int conf_not_yet(const struct conf *conf, struct buf *names)
{
    int count = 0;
    for (int i = 0; i < CONF_PARAM_COUNT; i++) {
        const struct param *param = param_get((enum conf_param)i);
        if (param->state != PARAM_NOT_YET || conf->values[i].origin == FROM_DEFAULT) {
            continue;
        }
        buf_putf(names, "%s%s", count > 0 ? ", " : "", param->name.data);
        count++;
    }
    return count;
}
