// SPDX-License-Identifier: ISC
#include "conf/check.h"

#include <stdio.h>

#include "base/assert.h"
#include "base/map.h"
#include "conf/expand.h"
#include "conf/file.h"
#include "conf/main_cf.h"
#include "conf/reach.h"

enum {
    DEFINITIONS_MAX = 4000,
    NAMES_MAX = 8000,
    MEMORY_BYTES_MAX = 16 << 20,
    NOT_YET_LINE_BYTES = 400, /* of names in one line */
};

/* One definition of main.cf, with its place. */
struct definition {
    struct str name;
    struct str value;
    struct logical_line line;
    struct definition *next; /* in the order of the file */
};

struct check {
    struct sys *sys;
    const char *directory;
    char path[SYS_PATH_MAX]; /* of main.cf */
    struct buf *errors;
    struct buf *warnings;
    struct arena arena;
    struct buf text; /* of main.cf */
    struct definition *first;
    struct definition *last;
    struct map defined;    /* names defined in main.cf, to their last definition */
    struct map referenced; /* names after a $ anywhere */
    struct map classes;    /* restriction classes */
    struct conf *conf;     /* NULL when it cannot be loaded */
    struct master_cf cf;
    bool have_cf;
};

/* ---- reading ---------------------------------------------------------------------------------- */

static int read_named(struct sys *sys, const char *directory, const char *name, struct buf *text,
                      struct buf *problems)
{
    char path[SYS_PATH_MAX];
    int size = snprintf(path, sizeof(path), "%s/%s", directory, name);
    int error = size < SYS_PATH_MAX ? file_read(sys, path, text) : -ERR_NAME_TOO_LONG;
    if (error != 0) {
        reach_put_problem(sys, "cannot read", path, error, problems);
    }
    return error;
}

int check_read_master_cf(struct sys *sys, const char *directory, struct arena *arena,
                         struct master_cf *cf, struct buf *problems)
{
    struct buf text;
    buf_init(&text, sys_mem(sys), CHECK_FILE_BYTES_MAX);
    int error = read_named(sys, directory, "master.cf", &text, problems);
    if (error == 0) {
        char path[SYS_PATH_MAX];
        (void)snprintf(path, sizeof(path), "%s/master.cf", directory);
        error = master_cf_parse(buf_str(&text), path, arena, cf, problems);
    }
    buf_done(&text);
    return error;
}

static void remember(struct map *map, struct str name, void *value)
{
    if (map->count < map->entries_max || map_get(map, name) != NULL) {
        int error = map_put(map, name, value);
        assert(error == 0);
    }
}

static void add_definition(struct check *check, const struct main_cf_entry *entry)
{
    struct definition *definition = arena_alloc(&check->arena, sizeof(*definition));
    if (definition == NULL) {
        return;
    }
    definition->name = arena_copy(&check->arena, entry->name);
    definition->value = arena_copy(&check->arena, entry->value);
    definition->line = entry->line;
    struct definition *earlier = map_get(&check->defined, definition->name);
    if (earlier != NULL) {
        buf_putf(check->warnings,
                 "%s, line %d: %.*s was defined in line %d already; the last "
                 "definition counts\n",
                 check->path, entry->line.line, STR_ARG(entry->name), earlier->line.line);
    }
    remember(&check->defined, definition->name, definition);
    if (check->last == NULL) {
        check->first = definition;
    } else {
        check->last->next = definition;
    }
    check->last = definition;
}

/* Lines that are no definitions are left to conf_load(), which reports them. */
static void read_definitions(struct check *check)
{
    struct buf joined;
    buf_init(&joined, sys_mem(check->sys), CONF_VALUE_BYTES_MAX);
    struct main_cf_reader reader;
    main_cf_reader_init(&reader, buf_str(&check->text), &joined);
    struct main_cf_entry entry;
    for (int count = 0; count < DEFINITIONS_MAX && main_cf_next(&reader, &entry); count++) {
        if (entry.problem == NULL) {
            add_definition(check, &entry);
        }
    }
    buf_done(&joined);
}

/* ---- names ------------------------------------------------------------------------------------ */

static void add_reference(void *context, struct str name)
{
    struct check *check = context;
    remember(&check->referenced, name, check);
}

static void find_references(struct check *check)
{
    for (struct definition *definition = check->first; definition != NULL;
         definition = definition->next) {
        expand_names(definition->value, add_reference, check);
    }
    for (int i = 0; i < CONF_PARAM_COUNT; i++) {
        expand_names(param_get((enum conf_param)i)->default_value, add_reference, check);
    }
    for (int i = 0; i < check->cf.count; i++) {
        const struct master_cf_service *service = &check->cf.services[i];
        for (int j = 0; j < service->option_count; j++) {
            expand_names(service->options[j], add_reference, check);
        }
        for (int j = 0; j < service->argument_count; j++) {
            expand_names(service->arguments[j], add_reference, check);
        }
    }
}

static void find_classes(struct check *check)
{
    if (check->conf == NULL) {
        return;
    }
    struct str rest = conf_text(check->conf, CONF_smtpd_restriction_classes);
    struct str name;
    while (conf_list_next(&rest, &name)) {
        remember(&check->classes, name, check);
    }
}

static bool service_exists(const struct check *check, struct str name)
{
    for (int i = 0; i < check->cf.count; i++) {
        if (str_equal(check->cf.services[i].name, name)) {
            return true;
        }
    }
    return !check->have_cf;
}

static bool name_is_legal(const struct check *check, struct str name)
{
    struct str owner;
    enum conf_param fallback;
    if (param_find(name) != CONF_PARAM_COUNT || map_get(&check->referenced, name) != NULL ||
        map_get(&check->classes, name) != NULL) {
        return true;
    }
    return param_family(name, &owner, &fallback) && service_exists(check, owner);
}

/* `unknown parameter "relay_host" (did you mean "relayhost"?)` */
static void put_unknown(struct check *check, struct str name)
{
    struct str owner;
    enum conf_param fallback;
    buf_putf(check->errors, "unknown parameter \"%.*s\"", STR_ARG(name));
    struct str suggestion = param_suggest(name);
    if (param_family(name, &owner, &fallback)) {
        buf_putf(check->errors, " (master.cf has no service \"%.*s\")", STR_ARG(owner));
    } else if (suggestion.size > 0) {
        buf_putf(check->errors, " (did you mean \"%.*s\"?)", STR_ARG(suggestion));
    }
    buf_put_char(check->errors, '\n');
}

static void check_names(struct check *check)
{
    for (struct definition *definition = check->first; definition != NULL;
         definition = definition->next) {
        if (!name_is_legal(check, definition->name)) {
            buf_putf(check->errors, "%s, line %d, column 1: ", check->path, definition->line.line);
            put_unknown(check, definition->name);
        }
    }
}

/* Which definition is being searched for names that are not defined. */
struct search {
    struct check *check;
    const struct definition *definition;
};

static void warn_if_undefined(void *context, struct str name)
{
    struct search *search = context;
    struct check *check = search->check;
    if (param_find(name) != CONF_PARAM_COUNT || map_get(&check->defined, name) != NULL) {
        return;
    }
    buf_putf(check->warnings, "%s, line %d: %.*s uses $%.*s, which is not defined", check->path,
             search->definition->line.line, STR_ARG(search->definition->name), STR_ARG(name));
    struct str suggestion = param_suggest(name);
    if (suggestion.size > 0) {
        buf_putf(check->warnings, " (did you mean $%.*s?)", STR_ARG(suggestion));
    }
    buf_put_char(check->warnings, '\n');
}

static void check_references(struct check *check)
{
    struct search search = {check, NULL};
    for (struct definition *definition = check->first; definition != NULL;
         definition = definition->next) {
        enum conf_param param = param_find(definition->name);
        bool has_own_names = param != CONF_PARAM_COUNT && param_get(param)->type == PARAM_RAW;
        search.definition = definition;
        if (!has_own_names) {
            expand_names(definition->value, warn_if_undefined, &search);
        }
    }
}

/* Several lines when there are many names, since a log line is cut at some length. */
static void warn_not_yet(struct check *check, struct str names)
{
    struct str name;
    size_t line_end = 0;
    while (str_next_token(&names, ", ", &name)) {
        if (check->warnings->size >= line_end) {
            buf_putf(check->warnings, "%s%s: accepted, but without effect in this version: ",
                     line_end > 0 ? "\n" : "", check->path);
            line_end = check->warnings->size + NOT_YET_LINE_BYTES;
        } else {
            buf_put_text(check->warnings, ", ");
        }
        buf_put(check->warnings, name);
    }
    buf_put_text(check->warnings, line_end > 0 ? "\n" : "");
}

static void check_not_yet(struct check *check)
{
    struct buf names;
    buf_init(&names, sys_mem(check->sys), CONF_PROBLEMS_BYTES_MAX);
    if (check->conf != NULL && conf_not_yet(check->conf, &names) > 0) {
        warn_not_yet(check, buf_str(&names));
    }
    buf_done(&names);
}

/* ---- master.cf -------------------------------------------------------------------------------- */

/* Copies lines into errors, each behind the place of the service. */
static void put_service_problems(struct check *check, const struct master_cf_service *service,
                                 struct str problems)
{
    struct str line;
    while (str_next(&problems, '\n', &line)) {
        if (line.size > 0) {
            buf_putf(check->errors, "%s/master.cf, line %d, service %s: %.*s\n", check->directory,
                     service->line, service->name.data, STR_ARG(line));
        }
    }
}

static void check_option_names(struct check *check, const struct master_cf_service *service)
{
    for (int i = 0; i < service->option_count; i++) {
        struct str rest = service->options[i];
        struct str name;
        (void)str_next(&rest, '=', &name);
        if (!name_is_legal(check, name)) {
            buf_putf(check->errors, "%s/master.cf, line %d, service %s: ", check->directory,
                     service->line, service->name.data);
            put_unknown(check, name);
        }
    }
}

/* Whether the values of the options make sense, together with main.cf. */
static void check_option_values(struct check *check, const struct master_cf_service *service)
{
    const char *options[MASTER_CF_ARGUMENTS_MAX];
    for (int i = 0; i < service->option_count; i++) {
        options[i] = service->options[i].data;
    }
    struct buf problems;
    buf_init(&problems, sys_mem(check->sys), CONF_PROBLEMS_BYTES_MAX);
    struct conf *conf = NULL;
    int error =
        conf_load(check->sys, check->directory, options, service->option_count, &problems, &conf);
    if (error != 0) {
        put_service_problems(check, service, buf_str(&problems));
    }
    conf_free(conf);
    buf_done(&problems);
}

static void check_options(struct check *check)
{
    for (int i = 0; i < check->cf.count; i++) {
        const struct master_cf_service *service = &check->cf.services[i];
        check_option_names(check, service);
        if (check->conf != NULL && service->option_count > 0) {
            check_option_values(check, service);
        }
    }
}

static void require_service(struct check *check, struct str name, enum master_cf_type type,
                            const char *reason)
{
    if (name.size > 0 && master_cf_find(&check->cf, name, type) == NULL) {
        buf_putf(check->errors, "%s/master.cf: no service \"%.*s\" of type %s, which %s needs\n",
                 check->directory, STR_ARG(name), master_cf_type_text(type), reason);
    }
}

/* A transport is written `service` or `service:nexthop`. */
static void require_transport(struct check *check, enum conf_param transport,
                              enum conf_param domains)
{
    bool is_used = domains == CONF_PARAM_COUNT || conf_text(check->conf, domains).size > 0;
    struct str rest = conf_text(check->conf, transport);
    struct str name = {0};
    if (is_used && str_next(&rest, ':', &name)) {
        require_service(check, name, MASTER_CF_UNIX, param_get(transport)->name.data);
    }
}

/* The services that no mail system can do without, by the parameters that name them. */
static void check_services(struct check *check)
{
    static const enum conf_param always[] = {
        CONF_cleanup_service_name, CONF_queue_service_name, CONF_rewrite_service_name,
        CONF_bounce_service_name,  CONF_defer_service_name, CONF_error_service_name,
    };
    for (size_t i = 0; i < sizeof(always) / sizeof(always[0]); i++) {
        require_service(check, conf_text(check->conf, always[i]), MASTER_CF_UNIX,
                        "the mail system");
    }
    require_service(check, STR("retry"), MASTER_CF_UNIX, "the mail system");
    if (conf_text(check->conf, CONF_maillog_file).size > 0) {
        require_service(check, conf_text(check->conf, CONF_postlog_service_name),
                        MASTER_CF_UNIX_DGRAM, "maillog_file");
    }
    require_transport(check, CONF_local_transport, CONF_mydestination);
    require_transport(check, CONF_virtual_transport, CONF_virtual_mailbox_domains);
    require_transport(check, CONF_relay_transport, CONF_relay_domains);
    require_transport(check, CONF_default_transport, CONF_PARAM_COUNT);
}

/* ---- all of it -------------------------------------------------------------------------------- */

/* master.cf's parser mixes warnings into its problems; each goes where it belongs. */
static void sort_problems(struct check *check, struct str problems)
{
    struct str line;
    while (str_next(&problems, '\n', &line)) {
        bool is_warning = str_find_str(line, STR(": warning: ")) >= 0;
        struct buf *out = is_warning ? check->warnings : check->errors;
        if (line.size > 0) {
            buf_putf(out, "%.*s\n", STR_ARG(line));
        }
    }
}

static int read_all(struct check *check)
{
    struct buf problems;
    buf_init(&problems, sys_mem(check->sys), CONF_PROBLEMS_BYTES_MAX);
    int error = read_named(check->sys, check->directory, "main.cf", &check->text, check->errors);
    if (error == 0) {
        read_definitions(check);
        int load_error =
            conf_load(check->sys, check->directory, NULL, 0, check->errors, &check->conf);
        assert((load_error == 0) == (check->conf != NULL));
    }
    int cf_error =
        check_read_master_cf(check->sys, check->directory, &check->arena, &check->cf, &problems);
    check->have_cf = cf_error == 0 || cf_error == -ERR_SYNTAX;
    sort_problems(check, buf_str(&problems));
    buf_done(&problems);
    return error;
}

/* Everything that the name checks need. */
static int prepare(struct check *check)
{
    int error = read_all(check);
    if (error == 0) {
        find_references(check);
        find_classes(check);
    }
    return error;
}

static void check_all(struct check *check)
{
    check_names(check);
    check_references(check);
    check_not_yet(check);
    check_options(check);
    if (check->conf != NULL && check->have_cf) {
        check_services(check);
    }
}

static struct check *create(struct sys *sys, const char *directory, struct buf *errors,
                            struct buf *warnings)
{
    struct mem *mem = sys_mem(sys);
    struct check *check = mem_alloc(mem, sizeof(*check));
    check->sys = sys;
    check->directory = directory;
    check->errors = errors;
    check->warnings = warnings;
    (void)snprintf(check->path, sizeof(check->path), "%s/main.cf", directory);
    arena_init(&check->arena, mem, MEMORY_BYTES_MAX);
    buf_init(&check->text, mem, CHECK_FILE_BYTES_MAX);
    map_init(&check->defined, mem, NAMES_MAX);
    map_init(&check->referenced, mem, NAMES_MAX);
    map_init(&check->classes, mem, NAMES_MAX);
    return check;
}

static void release(struct check *check)
{
    conf_free(check->conf);
    map_done(&check->classes);
    map_done(&check->referenced);
    map_done(&check->defined);
    buf_done(&check->text);
    arena_done(&check->arena);
    mem_free(sys_mem(check->sys), check);
}

int check_directory(struct sys *sys, const char *directory, struct buf *errors,
                    struct buf *warnings)
{
    size_t before = errors->size;
    struct check *check = create(sys, directory, errors, warnings);
    if (prepare(check) == 0) {
        check_all(check);
    }
    release(check);
    return errors->size > before ? -ERR_SYNTAX : 0;
}

int check_unused(struct sys *sys, const char *directory,
                 void (*found)(void *context, struct str name, struct str value), void *context)
{
    struct buf unwanted;
    buf_init(&unwanted, sys_mem(sys), 2 * (size_t)CONF_PROBLEMS_BYTES_MAX);
    struct check *check = create(sys, directory, &unwanted, &unwanted);
    int error = prepare(check);
    for (struct definition *definition = check->first; error == 0 && definition != NULL;
         definition = definition->next) {
        bool is_last = map_get(&check->defined, definition->name) == definition;
        if (is_last && !name_is_legal(check, definition->name)) {
            found(context, definition->name, definition->value);
        }
    }
    release(check);
    buf_done(&unwanted);
    return error;
}
