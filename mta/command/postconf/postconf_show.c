// SPDX-License-Identifier: ISC
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/map.h"
#include "conf/check.h"
#include "conf/conf.h"
#include "postconf/postconf_run.h"

enum { NAMES_MAX = 20000, LINE_COLUMNS_MAX = 80, MEMORY_BYTES_MAX = 16 << 20 };

struct show {
    struct postconf *run;
    struct arena arena;
    struct conf *conf;
    struct map unused;   /* names of main.cf that nobody uses */
    struct master_cf cf; /* for the parameters that belong to its transports */
    struct str *names;   /* all that there are, sorted */
    size_t name_count;
    struct buf out;
};

/* ---- names ------------------------------------------------------------------------------------ */

static bool is_delivery_agent(struct str command)
{
    static const struct str agents[] = {
        STR_INIT("smtp"),    STR_INIT("lmtp"), STR_INIT("local"),
        STR_INIT("virtual"), STR_INIT("pipe"), STR_INIT("error"),
    };
    for (size_t i = 0; i < sizeof(agents) / sizeof(agents[0]); i++) {
        if (str_equal(command, agents[i])) {
            return true;
        }
    }
    return false;
}

/* Index of name, or of the place where it belongs. */
static size_t find_place(const struct show *show, struct str name)
{
    size_t low = 0;
    size_t high = show->name_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (str_compare(show->names[middle], name) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static void add_name(struct show *show, struct str name)
{
    size_t place = find_place(show, name);
    if (show->name_count == NAMES_MAX ||
        (place < show->name_count && str_equal(show->names[place], name))) {
        return;
    }
    memmove(show->names + place + 1, show->names + place,
            (show->name_count - place) * sizeof(*show->names));
    show->names[place] = name;
    show->name_count++;
}

static void add_service_names(struct show *show, const struct master_cf_service *service)
{
    if (service->type != MASTER_CF_UNIX || !is_delivery_agent(service->command)) {
        return;
    }
    for (int i = 0; param_transport_suffix(i).size > 0; i++) {
        add_name(show, arena_printf(&show->arena, "%s%s", service->name.data,
                                    param_transport_suffix(i).data));
    }
    if (str_equal(service->command, STR("pipe"))) {
        add_name(show, arena_printf(&show->arena, "%s_time_limit", service->name.data));
    }
}

static void collect_names(struct show *show)
{
    show->names = arena_alloc(&show->arena, (NAMES_MAX + 1) * sizeof(*show->names));
    for (int i = 0; i < CONF_PARAM_COUNT; i++) {
        show->names[i] = param_get((enum conf_param)i)->name;
    }
    show->name_count = CONF_PARAM_COUNT;
    for (int i = 0; i < show->cf.count; i++) {
        add_service_names(show, &show->cf.services[i]);
    }
    struct str name;
    for (const void *position = conf_next_other(show->conf, NULL, &name); position != NULL;
         position = conf_next_other(show->conf, position, &name)) {
        if (map_get(&show->unused, name) == NULL) {
            add_name(show, name);
        }
    }
}

/* ---- values ----------------------------------------------------------------------------------- */

static bool is_set(const struct show *show, struct str name)
{
    enum conf_param param = param_find(name);
    struct str text;
    if (param == CONF_config_directory) {
        return !str_equal(conf_text(show->conf, param), param_get(param)->default_value);
    }
    return param != CONF_PARAM_COUNT ? conf_is_set(show->conf, param)
                                     : conf_written(show->conf, name, &text);
}

/* The value as it is to be shown; a transport's parameter that is not set refers to the general
 * one. */
static struct str value_of(struct show *show, struct str name)
{
    struct str value = str_from("");
    struct str owner;
    enum conf_param fallback;
    bool expands = show->run->expands;
    if (expands ? conf_find(show->conf, name, &value) : conf_written(show->conf, name, &value)) {
        return value;
    }
    if (!param_family(name, &owner, &fallback)) {
        return value;
    }
    return expands ? conf_text(show->conf, fallback)
                   : arena_printf(&show->arena, "$%s", param_get(fallback)->name.data);
}

/* Words with one space between them; with -f, a new line before a word that would pass the
 * margin. */
static void put_words(struct show *show, struct str value)
{
    struct buf *out = &show->out;
    size_t line_start = (size_t)(str_find_last(buf_str(out), '\n') + 1);
    bool is_first = out->size == line_start;
    struct str word;
    while (str_next_token(&value, " \t\r\n", &word)) {
        bool is_full = out->size - line_start + 1 + word.size > LINE_COLUMNS_MAX;
        if (show->run->folds && !is_first && is_full) {
            line_start = out->size + 1;
            buf_put_text(out, "\n    ");
        } else if (!is_first) {
            buf_put_char(out, ' ');
        }
        buf_put(out, word);
        is_first = false;
    }
}

static void put_line(struct show *show, struct str name)
{
    const struct postconf *run = show->run;
    if (!run->hides_name || run->hides_value) {
        buf_put(&show->out, name);
    }
    if (!run->hides_name && !run->hides_value) {
        buf_put_text(&show->out, " =");
    }
    if (!run->hides_value) {
        put_words(show, value_of(show, name));
    }
    buf_put_char(&show->out, '\n');
}

/* ---- all of it -------------------------------------------------------------------------------- */

static void add_unused(void *context, struct str name, struct str value)
{
    struct show *show = context;
    struct str text = arena_copy(&show->arena, value);
    struct str *kept = arena_alloc(&show->arena, sizeof(*kept));
    if (kept == NULL || map_put(&show->unused, name, kept) != 0) {
        postconf_fail(show->run, "%s/main.cf has too many names", show->run->directory);
    }
    *kept = text;
}

static void warn_unused(struct show *show)
{
    for (struct map_entry *entry = map_next(&show->unused, NULL); entry != NULL;
         entry = map_next(&show->unused, entry)) {
        struct str value = *(struct str *)entry->value;
        postconf_warn(show->run, "%s/main.cf: unused parameter: %.*s=%.*s", show->run->directory,
                      STR_ARG(entry->key), STR_ARG(value));
    }
}

static void load_defaults(struct show *show, struct buf *problems)
{
    struct postconf *run = show->run;
    int error =
        conf_load_anyway(run->sys, NULL, run->options, run->option_count, problems, &show->conf);
    if (error != 0) {
        postconf_warn(run, "%s", str_trim_space(buf_str(problems)).data);
    }
}

static void load_current(struct show *show, struct buf *problems)
{
    struct postconf *run = show->run;
    int error = conf_load_anyway(run->sys, run->directory, run->options, run->option_count,
                                 problems, &show->conf);
    if (error != 0 && error != -ERR_SYNTAX) {
        postconf_fail(run, "open %s/main.cf: %s", run->directory, err_sentence(error));
    }
    struct str rest = buf_str(problems);
    struct str line;
    while (str_next(&rest, '\n', &line)) {
        if (line.size > 0) {
            postconf_warn(run, "%.*s", STR_ARG(line));
        }
    }
    error = check_unused(run->sys, run->directory, add_unused, show);
    if (error != 0) {
        postconf_fail(run, "open %s/main.cf: %s", run->directory, err_sentence(error));
    }
}

/* A master.cf that is missing or wrong only means fewer names. */
static void load(struct show *show)
{
    struct postconf *run = show->run;
    struct buf problems;
    buf_init(&problems, run->mem, CONF_PROBLEMS_BYTES_MAX);
    if (run->defaults) {
        load_defaults(show, &problems);
    } else {
        load_current(show, &problems);
    }
    int error = check_read_master_cf(run->sys, run->directory, &show->arena, &show->cf, &problems);
    if (error != 0 && error != -ERR_SYNTAX) {
        show->cf.count = 0;
    }
    buf_done(&problems);
}

static void show_all(struct show *show)
{
    for (size_t i = 0; i < show->name_count; i++) {
        if (!show->run->only_set || is_set(show, show->names[i])) {
            put_line(show, show->names[i]);
        }
    }
}

static void show_named(struct show *show)
{
    for (int i = 0; i < show->run->name_count; i++) {
        struct str name = str_from(show->run->names[i]);
        size_t place = find_place(show, name);
        if (place < show->name_count && str_equal(show->names[place], name)) {
            put_line(show, name);
        } else {
            postconf_warn(show->run, "%s: unknown parameter", show->run->names[i]);
        }
    }
}

void postconf_show(struct postconf *run)
{
    struct show *show = mem_alloc(run->mem, sizeof(*show));
    show->run = run;
    arena_init(&show->arena, run->mem, MEMORY_BYTES_MAX);
    map_init(&show->unused, run->mem, NAMES_MAX);
    buf_init(&show->out, run->mem, POSTCONF_TEXT_BYTES_MAX);
    load(show);
    collect_names(show);
    if (run->name_count > 0) {
        show_named(show);
    } else {
        show_all(show);
    }
    int error = sys_output(run->sys, buf_str(&show->out));
    if (error != 0) {
        postconf_fail(run, "write to standard output: %s", err_sentence(error));
    }
    warn_unused(show);
    conf_free(show->conf);
    buf_done(&show->out);
    map_done(&show->unused);
    arena_done(&show->arena);
    mem_free(run->mem, show);
}
