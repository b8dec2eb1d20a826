// SPDX-License-Identifier: ISC
#include "service/service_environment.h"

#include "sys/process.h"

struct variables {
    const char **list;
    int count;
    int error;
};

/* A text that did not fit the arena has no data. */
static void add(struct variables *variables, struct str text)
{
    if (text.data == NULL || variables->count == SERVICE_ENVIRONMENT_MAX) {
        variables->error = -ERR_LIMIT;
        return;
    }
    variables->list[variables->count] = text.data;
    variables->count++;
}

static void import(struct variables *variables, struct sys *sys, struct arena *arena,
                   struct str item)
{
    struct str copy = arena_copy(arena, item);

    if (copy.data == NULL || str_find(copy, '=') >= 0) {
        add(variables, copy);
        return;
    }
    if (str_equal(copy, STR("MAIL_CONFIG")) || str_equal(copy, STR("GENERATION"))) {
        return; /* these have values of their own */
    }
    const char *value = sys_environment(sys, copy.data);
    if (value != NULL) {
        add(variables, arena_printf(arena, "%s=%s", copy.data, value));
    }
}

int service_environment(struct sys *sys, const struct conf *conf, const char *directory,
                        uint32_t generation, struct arena *arena, const char *const **environment)
{
    struct variables variables = {
        .list = arena_alloc(arena, (SERVICE_ENVIRONMENT_MAX + 1) * sizeof(*variables.list))};
    struct str rest = conf_text(conf, CONF_import_environment);
    struct str item;

    if (variables.list == NULL) {
        return -ERR_LIMIT;
    }
    add(&variables, arena_printf(arena, "MAIL_CONFIG=%s", directory));
    if (generation != 0) {
        add(&variables, arena_printf(arena, "GENERATION=%u", generation));
    }
    while (conf_list_next(&rest, &item)) {
        import(&variables, sys, arena, item);
    }
    *environment = variables.list;
    return variables.error;
}
