// SPDX-License-Identifier: ISC
#include "base/arena.h"
#include "conf/check.h"
#include "postconf/postconf_run.h"

enum { MEMORY_BYTES_MAX = 16 << 20, PATTERN_PARTS = 3 };

/* One selection such as smtp/inet/command; a part that is empty or * matches everything. */
struct pattern {
    struct str parts[PATTERN_PARTS];
    bool matched;
};

struct master {
    struct postconf *run;
    struct arena arena;
    struct master_cf cf;
    struct pattern *patterns;
    struct buf out;
};

static const struct {
    const char *name;
    size_t place; /* where it begins in a line of -M */
} columns[MASTER_CF_COLUMNS] = {
    {"service", 0}, {"type", 11},   {"private", 17},       {"unprivileged", 25},
    {"chroot", 33}, {"wakeup", 41}, {"process_limit", 49}, {"command", 57},
};

/* ---- what was asked for ------------------------------------------------------------------------ */

static void read_patterns(struct master *master)
{
    const struct postconf *run = master->run;
    master->patterns =
        arena_alloc(&master->arena, (size_t)run->name_count * sizeof(*master->patterns) + 1);
    if (master->patterns == NULL) {
        postconf_fail(master->run, "too many arguments");
    }
    for (int i = 0; i < run->name_count; i++) {
        struct str rest = str_from(run->names[i]);
        for (int part = 0; part < PATTERN_PARTS; part++) {
            (void)str_next(&rest, '/', &master->patterns[i].parts[part]);
        }
    }
}

static bool part_matches(struct str part, struct str text)
{
    return part.size == 0 || str_equal(part, STR("*")) || str_equal(part, text);
}

/* True when the part of this service was asked for. */
static bool is_wanted(struct master *master, const struct master_cf_service *service,
                      struct str part)
{
    bool wanted = master->run->name_count == 0;
    for (int i = 0; i < master->run->name_count; i++) {
        struct pattern *pattern = &master->patterns[i];
        if (part_matches(pattern->parts[0], service->columns[0]) &&
            part_matches(pattern->parts[1], service->columns[1]) &&
            part_matches(pattern->parts[2], part)) {
            pattern->matched = true;
            wanted = true;
        }
    }
    return wanted;
}

static void warn_unmatched(struct master *master)
{
    for (int i = 0; i < master->run->name_count; i++) {
        if (!master->patterns[i].matched) {
            postconf_warn(master->run, "unmatched request: \"%s\"", master->run->names[i]);
        }
    }
}

/* ---- lines -------------------------------------------------------------------------------------- */

static bool has_space(struct str text)
{
    for (size_t i = 0; i < text.size; i++) {
        if (char_is_space(text.data[i])) {
            return true;
        }
    }
    return text.size == 0;
}

static void put_argument(struct buf *out, struct str text)
{
    buf_putf(out, has_space(text) ? " {%.*s}" : " %.*s", STR_ARG(text));
}

static void put_command(struct buf *out, const struct master_cf_service *service)
{
    buf_put(out, service->command);
    for (int i = 0; i < service->verbose_count; i++) {
        buf_put_text(out, " -v");
    }
    for (int i = 0; i < service->option_count; i++) {
        buf_put_text(out, " -o");
        put_argument(out, service->options[i]);
    }
    for (int i = 0; i < service->argument_count; i++) {
        put_argument(out, service->arguments[i]);
    }
}

static void put_service(struct master *master, const struct master_cf_service *service)
{
    if (!is_wanted(master, service, str_from(""))) {
        return;
    }
    struct buf *out = &master->out;
    size_t start = out->size;
    for (int i = 0; i < MASTER_CF_COLUMNS - 1; i++) {
        buf_put(out, service->columns[i]);
        buf_put_char(out, ' ');
        while (out->size - start < columns[i + 1].place) {
            buf_put_char(out, ' ');
        }
    }
    put_command(out, service);
    buf_put_char(out, '\n');
}

/* `service/type/part = `, as far as it is to be shown. */
static void put_name(struct master *master, const struct master_cf_service *service,
                     struct str part)
{
    const struct postconf *run = master->run;
    if (!run->hides_name || run->hides_value) {
        buf_putf(&master->out, "%s/%s/%.*s%s", service->columns[0].data, service->columns[1].data,
                 STR_ARG(part), run->hides_value ? "" : " = ");
    }
}

static void put_fields(struct master *master, const struct master_cf_service *service)
{
    for (int i = 0; i < MASTER_CF_COLUMNS; i++) {
        struct str name = str_from(columns[i].name);
        if (!is_wanted(master, service, name)) {
            continue;
        }
        put_name(master, service, name);
        if (!master->run->hides_value && i < MASTER_CF_COLUMNS - 1) {
            buf_put(&master->out, service->columns[i]);
        } else if (!master->run->hides_value) {
            put_command(&master->out, service);
        }
        buf_put_char(&master->out, '\n');
    }
}

static void put_options(struct master *master, const struct master_cf_service *service)
{
    for (int i = 0; i < service->option_count; i++) {
        struct str value = service->options[i];
        struct str name;
        (void)str_next(&value, '=', &name);
        if (!is_wanted(master, service, name)) {
            continue;
        }
        put_name(master, service, name);
        if (!master->run->hides_value) {
            buf_put(&master->out, value);
        }
        buf_put_char(&master->out, '\n');
    }
}

/* ---- all of it ---------------------------------------------------------------------------------- */

static void load(struct master *master)
{
    struct postconf *run = master->run;
    struct buf problems;
    buf_init(&problems, run->mem, POSTCONF_TEXT_BYTES_MAX);
    int error =
        check_read_master_cf(run->sys, run->directory, &master->arena, &master->cf, &problems);
    if (error != 0 && error != -ERR_SYNTAX) {
        postconf_fail(run, "open %s/master.cf: %s", run->directory, err_sentence(error));
    }
    struct str rest = buf_str(&problems);
    struct str line;
    while (str_next_token(&rest, "\n", &line)) {
        postconf_warn(run, "%.*s", STR_ARG(line));
    }
    buf_done(&problems);
}

static void put_all(struct master *master)
{
    for (int i = 0; i < master->cf.count; i++) {
        const struct master_cf_service *service = &master->cf.services[i];
        switch (master->run->view) {
        case POSTCONF_SERVICES:
            put_service(master, service);
            break;
        case POSTCONF_FIELDS:
            put_fields(master, service);
            break;
        case POSTCONF_OPTIONS:
            put_options(master, service);
            break;
        case POSTCONF_PARAMETERS:
        case POSTCONF_TEXTS:
        case POSTCONF_TEMPLATES:
            break;
        }
    }
}

void postconf_show_master(struct postconf *run)
{
    struct master *master = mem_alloc(run->mem, sizeof(*master));
    master->run = run;
    arena_init(&master->arena, run->mem, MEMORY_BYTES_MAX);
    buf_init(&master->out, run->mem, POSTCONF_TEXT_BYTES_MAX);
    load(master);
    read_patterns(master);
    put_all(master);
    int error = sys_output(run->sys, buf_str(&master->out));
    if (error != 0) {
        postconf_fail(run, "write to standard output: %s", err_sentence(error));
    }
    warn_unmatched(master);
    buf_done(&master->out);
    arena_done(&master->arena);
    mem_free(run->mem, master);
}
