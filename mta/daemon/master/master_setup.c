// SPDX-License-Identifier: ISC
#include "master/master_setup.h"

#include "conf/check.h"
#include "master/master_address.h"
#include "master/master_child.h"
#include "sys/clock.h"
#include "sys/fs.h"

enum {
    SETUP_BYTES_MAX = 8 * 1024 * 1024,
    MACHINE_ADDRESSES_MAX = 256,
    BACKLOG = 1024, /* the kernel has its own, lower or equal limit */
};

#define IN_USE_NS       (2 * SYS_SECOND_NS)
#define IN_USE_PAUSE_NS (50 * SYS_MILLI_NS)

/* ---- load -------------------------------------------------------------------------------- */

static void init_services(struct master_setup *setup)
{
    struct master *master = setup->master;
    int default_limit = conf_int(setup->conf, CONF_default_process_limit);

    setup->services =
        mem_alloc(sys_mem(master->sys), (size_t)setup->cf.count * sizeof(*setup->services));
    setup->service_count = setup->cf.count;
    for (int i = 0; i < setup->service_count; i++) {
        struct master_service *service = &setup->services[i];
        const struct master_cf_service *entry = &setup->cf.services[i];
        bool is_default = entry->process_limit == MASTER_CF_LIMIT_DEFAULT;
        service->master = master;
        service->setup = setup;
        service->entry = entry;
        service->kind = service_kind(entry->command);
        service->limit = is_default ? default_limit : entry->process_limit;
        list_init(&service->children);
        sys_group_init(&service->fibers);
        sys_event_init(&service->changed);
    }
}

static int read_files(struct master_setup *setup, struct buf *problems)
{
    struct sys *sys = setup->master->sys;
    const char *directory = setup->master->directory;
    int error = conf_load(sys, directory, NULL, 0, problems, &setup->conf);

    if (error != 0) {
        return error;
    }
    return check_read_master_cf(sys, directory, &setup->arena, &setup->cf, problems);
}

int master_setup_load(struct master *master, struct buf *problems, struct master_setup **result)
{
    struct sys *sys = master->sys;
    struct master_setup *setup = mem_alloc(sys_mem(sys), sizeof(*setup));
    struct buf warnings;

    setup->master = master;
    setup->generation = master->setup == NULL ? 1 : master->setup->generation + 1;
    arena_init(&setup->arena, sys_mem(sys), SETUP_BYTES_MAX);
    buf_init(&warnings, sys_mem(sys), CONF_PROBLEMS_BYTES_MAX);
    int error = check_directory(sys, master->directory, problems, &warnings);
    if (error == 0) {
        setup->warnings = arena_copy(&setup->arena, buf_str(&warnings));
        error = read_files(setup, problems);
    }
    buf_done(&warnings);
    if (error != 0) {
        master_setup_free(setup);
        return error;
    }
    init_services(setup);
    *result = setup;
    return 0;
}

/* ---- listen ------------------------------------------------------------------------------ */

static bool is_datagram(const struct master_service *service)
{
    return service->entry->type == MASTER_CF_UNIX_DGRAM;
}

static bool same_address(const struct sys_address *a, const struct sys_address *b)
{
    if (a->family != b->family || a->port != b->port) {
        return false;
    }
    return a->family == SYS_FAMILY_UNIX ? str_equal(str_from(a->path), str_from(b->path))
                                        : sys_address_equal_ip(a, b);
}

/* The first listener of the setup with this address that is open, or NULL. */
static struct master_listener *find_listener(const struct master_setup *setup,
                                             const struct sys_address *address, bool datagram)
{
    for (int i = 0; i < setup->service_count; i++) {
        struct master_service *service = &setup->services[i];
        for (int j = 0; j < service->listener_count; j++) {
            struct master_listener *listener = &service->listeners[j];
            if (listener->fd >= 0 && is_datagram(service) == datagram &&
                same_address(&listener->address, address)) {
                return listener;
            }
        }
    }
    return NULL;
}

/* Daemons of a master that was killed hold their listeners until they notice. */
static int listen_patiently(struct master *master, const struct sys_address *address, bool datagram)
{
    struct sys *sys = master->sys;
    int64_t deadline_ns = sys_deadline(sys, IN_USE_NS);

    for (;;) {
        int fd = datagram ? sys_datagram_listen(sys, address) : sys_listen(sys, address, BACKLOG);
        if (fd != -ERR_ADDRESS_IN_USE || sys_now_ns(sys) >= deadline_ns) {
            return fd;
        }
        int error = sys_sleep_until(sys, sys_deadline(sys, IN_USE_PAUSE_NS));
        if (error != 0) {
            return error;
        }
    }
}

static int open_listener(struct master_listener *listener)
{
    struct master_setup *setup = listener->service->setup;
    struct master *master = setup->master;
    bool datagram = is_datagram(listener->service);

    if (find_listener(setup, &listener->address, datagram) != NULL) {
        return -ERR_ADDRESS_IN_USE;
    }
    const struct master_listener *before =
        master->setup == NULL ? NULL : find_listener(master->setup, &listener->address, datagram);
    if (before != NULL) {
        listener->fd = before->fd;
        listener->borrowed = true;
        return 0;
    }
    int fd = listen_patiently(master, &listener->address, datagram);
    if (fd < 0) {
        return fd;
    }
    listener->fd = fd;
    return 0;
}

static int find_inet_addresses(const struct master_setup *setup, struct str name,
                               struct master_addresses *addresses, const char **complaint)
{
    struct sys *sys = setup->master->sys;
    struct sys_address *machine = mem_alloc(sys_mem(sys), MACHINE_ADDRESSES_MAX * sizeof(*machine));
    int count = sys_interface_addresses(sys, machine, MACHINE_ADDRESSES_MAX);
    struct master_interfaces interfaces = {
        .inet_interfaces = conf_text(setup->conf, CONF_inet_interfaces),
        .inet_protocols = conf_text(setup->conf, CONF_inet_protocols),
        .machine = machine,
        .machine_count = count < MACHINE_ADDRESSES_MAX ? count : MACHINE_ADDRESSES_MAX,
    };

    int error = master_address_parse(name, &interfaces, addresses, complaint);
    mem_free(sys_mem(sys), machine);
    return error;
}

static int find_unix_address(struct master_setup *setup, const struct master_cf_service *entry,
                             struct master_addresses *addresses, const char **complaint)
{
    struct str path = arena_printf(&setup->arena, "%s/%s", entry->is_private ? "private" : "public",
                                   entry->name.data);

    addresses->count = 1;
    *complaint = "the name is too long";
    return sys_address_unix(path, &addresses->list[0]);
}

static int open_listeners(struct master_service *service, const struct master_addresses *addresses,
                          struct buf *problems)
{
    struct mem *mem = sys_mem(service->master->sys);
    char text[SYS_ADDRESS_TEXT_MAX];

    service->listeners = mem_alloc(mem, (size_t)addresses->count * sizeof(*service->listeners));
    for (int i = 0; i < addresses->count; i++) {
        struct master_listener *listener = &service->listeners[i];
        listener->service = service;
        listener->address = addresses->list[i];
        listener->fd = -1;
        service->listener_count++;
        int error = open_listener(listener);
        if (error != 0) {
            buf_putf(problems, "bind %s port %d: %s\n", sys_address_text(&listener->address, text),
                     listener->address.port, err_sentence(error));
            return error;
        }
    }
    return 0;
}

static int listen_service(struct master_service *service, struct master_addresses *addresses,
                          struct buf *problems)
{
    struct master_setup *setup = service->setup;
    const struct master_cf_service *entry = service->entry;
    const char *complaint = NULL;
    int error = entry->type == MASTER_CF_INET
                    ? find_inet_addresses(setup, entry->name, addresses, &complaint)
                    : find_unix_address(setup, entry, addresses, &complaint);

    if (error != 0) {
        buf_putf(problems, "%s/master.cf, line %d: service %s: %s\n", setup->master->directory,
                 entry->line, entry->name.data, complaint);
        return error;
    }
    return open_listeners(service, addresses, problems);
}

int master_setup_listen(struct master_setup *setup, struct buf *problems)
{
    struct mem *mem = sys_mem(setup->master->sys);
    struct master_addresses *addresses = mem_alloc(mem, sizeof(*addresses));
    int error = 0;

    for (int i = 0; i < setup->service_count && error == 0; i++) {
        error = listen_service(&setup->services[i], addresses, problems);
    }
    mem_free(mem, addresses);
    return error;
}

/* ---- take over --------------------------------------------------------------------------- */

static struct master_service *find_service(struct master_setup *setup,
                                           const struct master_cf_service *entry)
{
    const struct master_cf_service *found = master_cf_find(&setup->cf, entry->name, entry->type);

    return found == NULL ? NULL : &setup->services[found - setup->cf.services];
}

/* Children of the setup before run with its configuration: each is told to retire, and counts
 * against the limit of the new service until it is gone. */
static void take_children(struct master_setup *setup, struct master_service *before)
{
    struct master_service *service = find_service(setup, before->entry);
    struct list *children = service == NULL ? &setup->master->departed : &service->children;

    if (service != NULL) {
        service->used = before->used;
    }
    list_each(node, &before->children)
    {
        struct master_child *child = list_entry(node, struct master_child, node);
        list_remove(&child->node);
        list_append(children, &child->node);
        child->service = service;
        master_child_retire(child);
    }
}

static void take_listeners(struct master_setup *setup, const struct master_setup *before)
{
    for (int i = 0; i < setup->service_count; i++) {
        for (int j = 0; j < setup->services[i].listener_count; j++) {
            struct master_listener *listener = &setup->services[i].listeners[j];
            if (listener->borrowed) {
                bool datagram = is_datagram(listener->service);
                find_listener(before, &listener->address, datagram)->fd = -1;
                listener->borrowed = false;
            }
        }
    }
}

/* Names of sockets that no service has any more. */
static void remove_sockets(const struct master_setup *setup, const struct master_setup *before)
{
    for (int i = 0; i < before->service_count; i++) {
        const struct master_service *service = &before->services[i];
        const struct sys_address *address = &service->listeners[0].address;
        bool vanished = address->family == SYS_FAMILY_UNIX &&
                        find_listener(setup, address, false) == NULL &&
                        find_listener(setup, address, true) == NULL;
        if (vanished) {
            int error = sys_unlink(setup->master->sys, SYS_HERE, address->path);
            (void)error; /* somebody else has removed it */
        }
    }
}

static void take_over(struct master_setup *setup, struct master_setup *before)
{
    for (int i = 0; i < before->service_count; i++) {
        master_service_stop(&before->services[i]);
    }
    for (int i = 0; i < before->service_count; i++) {
        take_children(setup, &before->services[i]);
    }
    take_listeners(setup, before);
    remove_sockets(setup, before);
    master_setup_free(before);
}

void master_setup_run(struct master_setup *setup)
{
    struct master *master = setup->master;

    if (master->setup != NULL) {
        take_over(setup, master->setup);
    }
    master->setup = setup;
    for (int i = 0; i < setup->service_count; i++) {
        int error = master_service_start(&setup->services[i]);
        if (error != 0) {
            log_fatal(&master->log, "cannot serve %s: %s", setup->services[i].entry->name.data,
                      err_sentence(error));
        }
    }
}

/* ---- end --------------------------------------------------------------------------------- */

static void close_listeners(struct master_service *service)
{
    for (int i = 0; i < service->listener_count; i++) {
        struct master_listener *listener = &service->listeners[i];
        if (!listener->borrowed) {
            sys_close(service->master->sys, listener->fd);
        }
        listener->fd = -1;
    }
}

static bool is_door(const struct master_service *service)
{
    return service->entry->type == MASTER_CF_INET ||
           str_equal(service->entry->command, STR("pickup"));
}

static void close_door(struct master_service *service)
{
    master_service_stop(service);
    close_listeners(service);
    list_each(node, &service->children)
    {
        master_child_retire(list_entry(node, struct master_child, node));
    }
}

void master_setup_close_doors(struct master_setup *setup)
{
    for (int i = 0; i < setup->service_count; i++) {
        if (is_door(&setup->services[i])) {
            close_door(&setup->services[i]);
        }
    }
}

static void free_service(struct master_service *service)
{
    close_listeners(service);
    mem_free(sys_mem(service->master->sys), service->listeners);
}

void master_setup_free(struct master_setup *setup)
{
    if (setup == NULL) {
        return;
    }
    struct mem *mem = sys_mem(setup->master->sys);
    for (int i = 0; i < setup->service_count; i++) {
        free_service(&setup->services[i]);
    }
    mem_free(mem, setup->services);
    arena_done(&setup->arena);
    conf_free(setup->conf);
    mem_free(mem, setup);
}
