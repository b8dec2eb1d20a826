// SPDX-License-Identifier: ISC
#include "master/master_command.h"

#include "conf/conf.h"
#include "master/master_setup.h"
#include "service/service_environment.h"

/* Words are added without a check each; the first failure is remembered. */
struct words {
    struct arena *arena;
    const char **list;
    int count;
    int error;
};

static void words_init(struct words *words, struct arena *arena)
{
    words->arena = arena;
    words->count = 0;
    words->list = arena_alloc(arena, (MASTER_COMMAND_WORDS_MAX + 1) * sizeof(*words->list));
    words->error = words->list == NULL ? -ERR_LIMIT : 0;
}

/* text has a NUL behind it and outlives the words, or data is NULL because the arena is full. */
static void add(struct words *words, struct str text)
{
    if (words->error != 0 || text.data == NULL || words->count == MASTER_COMMAND_WORDS_MAX) {
        words->error = -ERR_LIMIT;
        return;
    }
    words->list[words->count] = text.data;
    words->count++;
}

static void add_option(struct words *words, const char *flag, struct str value)
{
    add(words, str_from(flag));
    add(words, value);
}

static void add_count(struct words *words, const char *flag, int count)
{
    add_option(words, flag, arena_printf(words->arena, "%d", count));
}

static void add_arguments(struct words *words, const struct master_service *service,
                          int session_count)
{
    const struct master_cf_service *entry = service->entry;

    add(words, entry->command);
    add_option(words, "-n", entry->name);
    add_option(words, "-t", str_from(master_cf_type_text(entry->type)));
    if (entry->unprivileged) {
        add(words, STR("-u"));
    }
    if (entry->chroot) {
        add(words, STR("-R"));
    }
    add_count(words, "-l", session_count);
    add_count(words, "-s", service->listener_count);
    for (int i = 0; i < entry->verbose_count; i++) {
        add(words, STR("-v"));
    }
    if (master_service_is_stressed(service)) {
        add_option(words, "-o", STR("stress=yes"));
    }
    for (int i = 0; i < entry->option_count; i++) {
        add_option(words, "-o", entry->options[i]);
    }
    for (int i = 0; i < entry->argument_count; i++) {
        add(words, entry->arguments[i]);
    }
}

int master_command_build(struct arena *arena, const struct master_service *service,
                         int session_count, struct master_command *command)
{
    const struct master_setup *setup = service->setup;
    struct master *master = service->master;
    struct str directory = conf_text(setup->conf, CONF_daemon_directory);
    struct str path = arena_printf(arena, "%s/%s", directory.data, service->entry->command.data);
    struct words words;

    words_init(&words, arena);
    add_arguments(&words, service, session_count);
    if (path.data == NULL || words.error != 0) {
        return -ERR_LIMIT;
    }
    command->path = path.data;
    command->argv = words.list;
    return service_environment(master->sys, setup->conf, master->directory, setup->generation,
                               arena, &command->environment);
}
