// SPDX-License-Identifier: ISC
#include "world/disk.h"

#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "world/disk_inode.h"
#include "world/disk_log.h"
#include "world/disk_path.h"
#include "world/disk_state.h"
#include "world/draw.h"
#include "world/machine.h"
#include "world/observer.h"
#include "world/process.h"
#include "world/world_state.h"

enum { ROOT_MODE = 0755, SOCKET_MODE = 0666 };

#define BYTES_MAX (INT64_C(1) << 40)
#define FILES_MAX (INT64_C(1) << 30)

/* ---- life and settings --------------------------------------------------------------------- */

/* Exact, the ticks of a kernel, or the seconds of an old file system. */
static int64_t draw_tick(const struct machine *machine)
{
    static const int64_t ticks_ns[] = {1, 4 * 1000 * 1000, SYS_SECOND_NS};
    return ticks_ns[draw(machine->world, "file-time", machine->name, 3)];
}

struct disk *disk_new(struct machine *machine, enum disk_contract contract)
{
    struct disk *disk = mem_alloc(machine->world->mem, sizeof(*disk));
    disk->machine = machine;
    disk->mem = machine->world->mem;
    disk->contract = contract;
    list_init(&disk->inodes);
    list_init(&disk->log);
    disk->tick_ns = draw_tick(machine);
    disk->bytes_max = BYTES_MAX;
    disk->files_max = FILES_MAX;
    disk->quota_bytes = DISK_NO_QUOTA;
    disk->next_number = DISK_ROOT_NUMBER;
    disk->root = disk_inode_new(disk, SYS_FILE_DIRECTORY, ROOT_MODE, 0, 0);
    disk->next_number = DISK_FIRST_NUMBER;
    return disk;
}

int64_t disk_now_wall_ns(const struct disk *disk)
{
    int64_t wall_ns = machine_wall_ns(disk->machine);
    return wall_ns - wall_ns % disk->tick_ns;
}

struct disk_inode *disk_root(const struct disk *disk)
{
    return disk->root;
}

void disk_set_sync_time(struct disk *disk, int64_t sync_ns)
{
    disk->sync_ns = sync_ns;
}

int64_t disk_sync_time(const struct disk *disk)
{
    return disk->sync_ns;
}

void disk_set_capacity(struct disk *disk, int64_t bytes, int64_t files)
{
    disk->bytes_max = bytes;
    disk->files_max = files;
}

void disk_set_quota(struct disk *disk, int64_t bytes)
{
    disk->quota_bytes = bytes;
}

void disk_set_read_only(struct disk *disk, bool read_only)
{
    disk->read_only = read_only;
}

int disk_check_writable(const struct disk *disk)
{
    return disk->read_only ? -ERR_READ_ONLY : 0;
}

int disk_check_sync(const struct disk_inode *inode)
{
    return inode->pending_count > 0 ? disk_check_writable(inode->disk) : 0;
}

void disk_set_contract(struct disk *disk, enum disk_contract contract)
{
    disk->contract = contract;
}

void disk_space(const struct disk *disk, struct sys_space *space)
{
    int64_t bytes_free = disk->bytes_max - disk->bytes_used;
    int64_t files_free = disk->files_max - disk->files_used;
    *space = (struct sys_space){
        .bytes_free = bytes_free > 0 ? bytes_free : 0,
        .bytes_total = disk->bytes_max,
        .files_free = files_free > 0 ? files_free : 0,
    };
}

static struct disk_view outside_view(const struct disk *disk)
{
    return (struct disk_view){.root = disk->root, .here = disk->root};
}

/* ---- observers ----------------------------------------------------------------------------- */

static void put_path(struct buf *out, const struct disk_inode *directory, struct str name)
{
    if (directory != NULL) {
        disk_inode_path(directory, out);
        buf_put_char(out, '/');
        buf_put(out, name);
    }
}

/* A NULL directory: there is no such name, before or now. */
static void tell_renamed(struct disk *disk, const struct disk_inode *from_directory,
                         struct str from, const struct disk_inode *to_directory, struct str to)
{
    struct list *observers = &disk->machine->world->observers;
    if (list_is_empty(observers)) {
        return;
    }
    struct buf from_path;
    struct buf to_path;
    buf_init(&from_path, disk->mem, SYS_PATH_MAX * 4);
    buf_init(&to_path, disk->mem, SYS_PATH_MAX * 4);
    put_path(&from_path, from_directory, from);
    put_path(&to_path, to_directory, to);
    list_each(node, observers)
    {
        struct observer *observer = list_entry(node, struct observer, in_world);
        if (observer->renamed != NULL) {
            observer->renamed(observer->argument, disk->machine, buf_str(&from_path),
                              buf_str(&to_path));
        }
    }
    buf_done(&from_path);
    buf_done(&to_path);
}

static void tell_synced(struct disk *disk, const struct disk_inode *inode)
{
    struct list *observers = &disk->machine->world->observers;
    if (list_is_empty(observers)) {
        return;
    }
    struct buf path;
    buf_init(&path, disk->mem, SYS_PATH_MAX * 4);
    disk_inode_path(inode, &path);
    list_each(node, observers)
    {
        struct observer *observer = list_entry(node, struct observer, in_world);
        if (observer->synced != NULL) {
            observer->synced(observer->argument, disk->machine, buf_str(&path));
        }
    }
    buf_done(&path);
}

/* ---- names --------------------------------------------------------------------------------- */

/* The same for whoever asks: scenarios and checks change what they like. */
static int check_writable(const struct disk_view *view, const struct disk *disk)
{
    return view->rights != NULL ? disk_check_writable(disk) : 0;
}

/* Whether the view may add or remove a name there. */
static int check_directory(const struct disk_view *view, const struct disk_inode *directory)
{
    if (disk_inode_is_removed(directory)) {
        return -ERR_NOT_FOUND;
    }
    bool allowed = disk_path_allowed(directory, view->rights, DISK_WRITE | DISK_SEARCH);
    return allowed ? 0 : -ERR_ACCESS;
}

/* A directory needs a block at once, all else when it is written to. */
static int check_new_inode(const struct disk_view *view, const struct disk_inode *directory,
                           enum sys_file_kind kind)
{
    const struct disk *disk = directory->disk;
    int64_t bytes = kind == SYS_FILE_DIRECTORY ? DISK_BLOCK_BYTES : 0;
    int error = check_writable(view, disk);
    if (error == 0) {
        error = check_directory(view, directory);
    }
    if (error != 0) {
        return error;
    }
    if (disk->quota_bytes - disk->bytes_used < bytes) {
        return -ERR_QUOTA;
    }
    bool room = disk->files_used < disk->files_max && disk->bytes_max - disk->bytes_used >= bytes;
    return room ? 0 : -ERR_NO_SPACE;
}

static void add_name(struct disk_inode *directory, struct str name, struct disk_inode *inode)
{
    uint64_t sequence = disk_log_link(directory, name, inode);
    disk_inode_set_entry(directory, false, name, inode, sequence);
    tell_renamed(directory->disk, NULL, STR(""), directory, name);
}

/* The inode is held meanwhile: this may be its last name. */
static void remove_name(struct disk_inode *directory, struct str name, struct disk_inode *inode)
{
    disk_inode_share(inode);
    disk_log_unlink(directory, name, inode);
    disk_inode_clear_entry(directory, false, name);
    disk_inode_drop(inode);
    tell_renamed(directory->disk, directory, name, NULL, STR(""));
}

/* With a reference. */
static int make_inode(struct disk *disk, const struct disk_view *view,
                      const struct disk_place *place, enum sys_file_kind kind, uint32_t mode,
                      struct disk_inode **inode)
{
    int error = check_new_inode(view, place->directory, kind);
    if (error != 0) {
        return error;
    }
    uint32_t uid = view->rights != NULL ? view->rights->uid : 0;
    uint32_t gid = view->rights != NULL ? view->rights->gid : 0;
    *inode = disk_inode_new(disk, kind, mode & 07777, uid, gid);
    add_name(place->directory, place->name, *inode);
    return 0;
}

/* ---- open ---------------------------------------------------------------------------------- */

static int check_open(const struct disk_view *view, const struct disk_inode *inode, unsigned flags)
{
    unsigned access = 0;
    if ((flags & (SYS_OPEN_CREATE | SYS_OPEN_EXCLUSIVE)) ==
        (SYS_OPEN_CREATE | SYS_OPEN_EXCLUSIVE)) {
        return -ERR_EXISTS;
    }
    if (inode->kind == SYS_FILE_DIRECTORY && (flags & (SYS_OPEN_WRITE | SYS_OPEN_TRUNCATE)) != 0) {
        return -ERR_IS_DIRECTORY;
    }
    if (inode->kind != SYS_FILE_DIRECTORY && (flags & SYS_OPEN_DIRECTORY) != 0) {
        return -ERR_NOT_DIRECTORY;
    }
    if (inode->kind == SYS_FILE_SOCKET) {
        return -ERR_NOT_SUPPORTED;
    }
    bool changes = (flags & (SYS_OPEN_WRITE | SYS_OPEN_TRUNCATE)) != 0;
    if (changes && check_writable(view, inode->disk) != 0) {
        return -ERR_READ_ONLY;
    }
    access |= (flags & (SYS_OPEN_READ | SYS_OPEN_DIRECTORY)) != 0 ? DISK_READ : 0;
    access |= changes ? DISK_WRITE : 0;
    return disk_path_allowed(inode, view->rights, access) ? 0 : -ERR_ACCESS;
}

int disk_open(struct disk *disk, const struct disk_view *view, const char *path, unsigned flags,
              uint32_t mode, struct disk_inode **inode)
{
    struct disk_place place;
    int error = disk_path_find(view, path, &place);
    if (error != 0) {
        return error;
    }
    if (place.inode == NULL) {
        return (flags & SYS_OPEN_CREATE) == 0
                   ? -ERR_NOT_FOUND
                   : make_inode(disk, view, &place, SYS_FILE_REGULAR, mode, inode);
    }
    error = check_open(view, place.inode, flags);
    if (error != 0) {
        return error;
    }
    disk_inode_share(place.inode);
    *inode = place.inode;
    if ((flags & SYS_OPEN_TRUNCATE) != 0 && place.inode->now.size > 0) {
        return disk_inode_truncate(place.inode, 0);
    }
    return 0;
}

int disk_find_directory(const struct disk_view *view, const char *path, struct disk_inode **inode)
{
    struct disk_inode *found;
    int error = disk_path_find_inode(view, path, &found);
    if (error != 0) {
        return error;
    }
    if (found->kind != SYS_FILE_DIRECTORY) {
        return -ERR_NOT_DIRECTORY;
    }
    if (!disk_path_allowed(found, view->rights, DISK_SEARCH)) {
        return -ERR_ACCESS;
    }
    disk_inode_share(found);
    *inode = found;
    return 0;
}

int disk_make_socket(struct disk *disk, const struct disk_view *view, const char *path,
                     struct disk_inode **inode)
{
    struct disk_place place;
    int error = disk_path_find(view, path, &place);
    if (error != 0) {
        return error;
    }
    error = check_writable(view, disk);
    if (error == 0) {
        error = check_directory(view, place.directory);
    }
    if (error != 0) {
        return error;
    }
    if (place.inode != NULL) {
        if (place.inode->kind != SYS_FILE_SOCKET) {
            return -ERR_ADDRESS_IN_USE;
        }
        remove_name(place.directory, place.name, place.inode);
    }
    return make_inode(disk, view, &place, SYS_FILE_SOCKET, SOCKET_MODE, inode);
}

int disk_find_socket(const struct disk_view *view, const char *path, struct disk_inode **inode)
{
    struct disk_inode *found;
    int error = disk_path_find_inode(view, path, &found);
    if (error != 0) {
        return error;
    }
    if (found->kind != SYS_FILE_SOCKET) {
        return -ERR_REFUSED;
    }
    if (!disk_path_allowed(found, view->rights, DISK_WRITE)) {
        return -ERR_ACCESS;
    }
    disk_inode_share(found);
    *inode = found;
    return 0;
}

int disk_view_stat(const struct disk_view *view, const char *path, struct sys_stat *stat)
{
    struct disk_inode *inode;
    int error = disk_path_find_inode(view, path, &inode);
    if (error == 0) {
        disk_inode_stat(inode, stat);
    }
    return error;
}

/* ---- changes of names ---------------------------------------------------------------------- */

static bool is_inside(const struct disk_inode *directory, const struct disk_inode *outer)
{
    while (directory != NULL && directory != outer) {
        directory = directory->parent;
    }
    return directory == outer;
}

/* Whether `from` may replace what stands at `to`. */
static int check_replaced(const struct disk_place *from, const struct disk_place *to)
{
    bool from_directory = from->inode->kind == SYS_FILE_DIRECTORY;
    bool to_directory = to->inode->kind == SYS_FILE_DIRECTORY;
    if (from_directory && !to_directory) {
        return -ERR_NOT_DIRECTORY;
    }
    if (!from_directory && to_directory) {
        return -ERR_IS_DIRECTORY;
    }
    return to_directory && to->inode->now.entries.count > 0 ? -ERR_NOT_EMPTY : 0;
}

/* In the order in which a kernel asks. */
static int check_rename(const struct disk_view *from_view, const struct disk_place *from,
                        const struct disk_view *to_view, const struct disk_place *to,
                        bool no_replace)
{
    if (from->inode == NULL) {
        return -ERR_NOT_FOUND;
    }
    if (to->inode != NULL && no_replace) {
        return -ERR_EXISTS;
    }
    if (from->name.size == 0 || to->name.size == 0 || is_inside(to->directory, from->inode)) {
        return -ERR_INVALID;
    }
    if (to->inode != NULL && is_inside(from->directory, to->inode)) {
        return -ERR_NOT_EMPTY;
    }
    if (from->inode == to->inode) {
        return 0;
    }
    int error = check_directory(from_view, from->directory);
    if (error == 0) {
        error = check_directory(to_view, to->directory);
    }
    return error != 0 || to->inode == NULL ? error : check_replaced(from, to);
}

/* Both inodes are held: names change one after the other. */
static void move_name(const struct disk_place *from, const struct disk_place *to)
{
    struct disk_inode *inode = from->inode;
    disk_inode_share(inode);
    uint64_t sequence =
        disk_log_rename(from->directory, from->name, to->directory, to->name, inode);
    if (to->inode != NULL) {
        disk_inode_clear_entry(to->directory, false, to->name);
    }
    disk_inode_clear_entry(from->directory, false, from->name);
    disk_inode_set_entry(to->directory, false, to->name, inode, sequence);
    disk_inode_drop(inode);
    tell_renamed(inode->disk, from->directory, from->name, to->directory, to->name);
}

int disk_rename(struct disk *disk, const struct disk_view *from_view, const char *from_path,
                const struct disk_view *to_view, const char *to_path, bool no_replace)
{
    struct disk_place from;
    struct disk_place to;
    int error = disk_path_find(from_view, from_path, &from);
    if (error == 0) {
        error = disk_path_find(to_view, to_path, &to);
    }
    if (error == 0) {
        error = check_writable(from_view, disk);
    }
    if (error == 0) {
        error = check_rename(from_view, &from, to_view, &to, no_replace);
    }
    if (error != 0) {
        return error;
    }
    if (from.inode != to.inode) {
        move_name(&from, &to);
    }
    return 0;
}

int disk_link(struct disk *disk, const struct disk_view *from_view, const char *from_path,
              const struct disk_view *to_view, const char *to_path)
{
    struct disk_inode *inode;
    struct disk_place to;
    int error = disk_path_find_inode(from_view, from_path, &inode);
    if (error == 0) {
        error = disk_path_find(to_view, to_path, &to);
    }
    if (error != 0) {
        return error;
    }
    if (to.inode != NULL) {
        return -ERR_EXISTS;
    }
    error = check_writable(to_view, disk);
    if (error != 0) {
        return error;
    }
    if (inode->kind == SYS_FILE_DIRECTORY) {
        return -ERR_NOT_PERMITTED;
    }
    error = check_directory(to_view, to.directory);
    if (error == 0) {
        add_name(to.directory, to.name, inode);
    }
    return error;
}

/* What has the path, and the right to remove its name. */
static int find_removable(const struct disk_view *view, const char *path, struct disk_place *place)
{
    int error = disk_path_find(view, path, place);
    if (error != 0) {
        return error;
    }
    error = check_writable(view, place->directory->disk);
    if (error != 0) {
        return error;
    }
    if (place->inode == NULL) {
        return -ERR_NOT_FOUND;
    }
    return place->name.size == 0 ? -ERR_INVALID : check_directory(view, place->directory);
}

int disk_unlink(struct disk *disk UNUSED, const struct disk_view *view, const char *path)
{
    struct disk_place place;
    int error = find_removable(view, path, &place);
    if (error != 0) {
        return error;
    }
    if (place.inode->kind == SYS_FILE_DIRECTORY) {
        return -ERR_IS_DIRECTORY;
    }
    remove_name(place.directory, place.name, place.inode);
    return 0;
}

int disk_mkdir(struct disk *disk, const struct disk_view *view, const char *path, uint32_t mode)
{
    struct disk_place place;
    int error = disk_path_find(view, path, &place);
    if (error != 0) {
        return error;
    }
    if (place.inode != NULL) {
        return -ERR_EXISTS;
    }
    struct disk_inode *inode;
    error = make_inode(disk, view, &place, SYS_FILE_DIRECTORY, mode, &inode);
    if (error == 0) {
        disk_inode_drop(inode);
    }
    return error;
}

int disk_rmdir(struct disk *disk UNUSED, const struct disk_view *view, const char *path)
{
    struct disk_place place;
    int error = find_removable(view, path, &place);
    if (error != 0) {
        return error;
    }
    if (place.inode->kind != SYS_FILE_DIRECTORY) {
        return -ERR_NOT_DIRECTORY;
    }
    if (place.inode->now.entries.count > 0) {
        return -ERR_NOT_EMPTY;
    }
    remove_name(place.directory, place.name, place.inode);
    return 0;
}

/* ---- sync ---------------------------------------------------------------------------------- */

uint64_t disk_sync_start(struct disk *disk)
{
    disk->last_sync_start = disk->sequence;
    return disk->sequence;
}

void disk_sync_end(struct disk *disk, struct disk_inode *inode, uint64_t start)
{
    disk_log_sync(inode, start);
    tell_synced(disk, inode);
}

static void show_durable_content(struct disk_inode *inode)
{
    disk_inode_put_size(inode, &inode->now, 0);
    disk_inode_put_data(inode, &inode->now, inode->durable.data, inode->durable.size, 0);
    disk_inode_count(inode);
}

void disk_sync_fail(struct disk *disk, struct disk_inode *inode, uint64_t start)
{
    if (inode->kind != SYS_FILE_REGULAR) {
        return;
    }
    disk_log_lose_data(inode, start);
    inode->sync_failed = true;
    if (draw(disk->machine->world, "failed-sync", disk->machine->name, 2) == 1) {
        show_durable_content(inode);
    }
}

/* The inode of that path, NULL if there is none. names_synced: so are the names on the way. */
static const struct disk_inode *find_synced(const struct disk *disk, const char *path,
                                            bool *names_synced)
{
    const struct disk_inode *inode = disk->root;
    struct str rest = str_from(path);
    struct str name;
    *names_synced = true;
    while (str_next_token(&rest, "/", &name)) {
        struct disk_entry *entry = map_get(&inode->now.entries, name);
        if (entry == NULL) {
            return NULL;
        }
        *names_synced = *names_synced && entry->changed <= inode->synced;
        inode = entry->inode;
    }
    return inode;
}

static bool is_synced(const struct disk_inode *inode)
{
    return inode->changed <= inode->synced && !inode->sync_failed;
}

bool disk_is_synced(const struct disk *disk, const char *path)
{
    bool names_synced;
    const struct disk_inode *inode = find_synced(disk, path, &names_synced);
    return inode != NULL && is_synced(inode);
}

bool disk_is_durable(const struct disk *disk, const char *path)
{
    bool names_synced;
    const struct disk_inode *inode = find_synced(disk, path, &names_synced);
    return inode != NULL && names_synced && (inode->kind == SYS_FILE_DIRECTORY || is_synced(inode));
}

/* ---- from outside -------------------------------------------------------------------------- */

/* The file is on the platter, and so is the way to it. */
static void settle(struct disk *disk, struct disk_inode *inode)
{
    uint64_t start = disk_sync_start(disk);
    for (; inode != NULL; inode = inode->parent) {
        disk_log_sync(inode, start);
    }
}

static void own(struct disk_inode *inode, uint32_t mode, uint32_t uid, uint32_t gid)
{
    assert(disk_inode_chown(inode, NULL, uid, gid) == 0);
    assert(disk_inode_chmod(inode, NULL, mode) == 0);
}

/* What comes from outside finds room on a full disk. */
struct limits {
    int64_t bytes_max;
    int64_t quota_bytes;
};

static struct limits lift_limits(struct disk *disk)
{
    struct limits limits = {disk->bytes_max, disk->quota_bytes};
    disk->bytes_max = BYTES_MAX;
    disk->quota_bytes = DISK_NO_QUOTA;
    return limits;
}

static void set_limits(struct disk *disk, const struct limits *limits)
{
    disk->bytes_max = limits->bytes_max;
    disk->quota_bytes = limits->quota_bytes;
}

static void make_parents(struct disk *disk, const struct disk_view *view, const char *path)
{
    struct str whole = str_from(path);
    for (size_t i = 1; i < whole.size; i++) {
        if (path[i] == '/') {
            char *parent = mem_copy_str(disk->mem, str_first(whole, i));
            int error = disk_mkdir(disk, view, parent, ROOT_MODE);
            assert(error == 0 || error == -ERR_EXISTS);
            mem_free(disk->mem, parent);
        }
    }
}

void disk_put_directory(struct disk *disk, const char *path, uint32_t mode, uint32_t uid,
                        uint32_t gid)
{
    struct disk_view view = outside_view(disk);
    struct disk_inode *inode;
    struct limits limits = lift_limits(disk);
    make_parents(disk, &view, path);
    int error = disk_mkdir(disk, &view, path, mode);
    assert(error == 0 || error == -ERR_EXISTS);
    assert(disk_path_find_inode(&view, path, &inode) == 0);
    own(inode, mode, uid, gid);
    settle(disk, inode);
    set_limits(disk, &limits);
}

void disk_put_file(struct disk *disk, const char *path, struct str data, uint32_t mode,
                   uint32_t uid, uint32_t gid)
{
    struct disk_view view = outside_view(disk);
    struct disk_inode *inode;
    struct limits limits = lift_limits(disk);
    make_parents(disk, &view, path);
    assert(disk_open(disk, &view, path, SYS_OPEN_WRITE | SYS_OPEN_CREATE | SYS_OPEN_TRUNCATE, mode,
                     &inode) == 0);
    assert(disk_inode_write(inode, data.data, data.size, 0) == (long)data.size);
    own(inode, mode, uid, gid);
    settle(disk, inode);
    disk_inode_drop(inode);
    set_limits(disk, &limits);
}

void disk_put_attributes(struct disk *disk, const char *path, const struct sys_stat *stat)
{
    struct disk_view view = outside_view(disk);
    struct disk_inode *inode;
    assert(disk_path_find_inode(&view, path, &inode) == 0);
    own(inode, stat->mode, stat->uid, stat->gid);
    assert(disk_inode_set_mtime(inode, NULL, stat->mtime_wall_ns) == 0);
    settle(disk, inode);
}

void disk_put_link(struct disk *disk, const char *path, const char *new_path)
{
    struct disk_view view = outside_view(disk);
    struct disk_inode *inode;
    struct limits limits = lift_limits(disk);
    make_parents(disk, &view, new_path);
    assert(disk_link(disk, &view, path, &view, new_path) == 0);
    assert(disk_path_find_inode(&view, new_path, &inode) == 0);
    settle(disk, inode);
    set_limits(disk, &limits);
}

void disk_remove_link(struct disk *disk, const char *path)
{
    struct disk_view view = outside_view(disk);
    struct disk_place place;
    assert(disk_path_find(&view, path, &place) == 0);
    assert(disk_unlink(disk, &view, path) == 0);
    settle(disk, place.directory);
}

int disk_read(const struct disk *disk, const char *path, struct buf *out)
{
    struct disk_view view = outside_view(disk);
    struct disk_inode *inode;
    int error = disk_path_find_inode(&view, path, &inode);
    if (error != 0) {
        return error;
    }
    if (inode->kind == SYS_FILE_DIRECTORY) {
        return -ERR_IS_DIRECTORY;
    }
    buf_put(out, str_of(inode->now.data, inode->now.size));
    return buf_error(out);
}

int disk_stat(const struct disk *disk, const char *path, struct sys_stat *stat)
{
    struct disk_view view = outside_view(disk);
    return disk_view_stat(&view, path, stat);
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void visit_name(struct disk_inode *directory, const char *name,
                       void (*visit)(void *argument, const char *name, const struct sys_stat *stat),
                       void *argument)
{
    struct sys_stat stat;
    struct disk_inode *inode = disk_inode_lookup(directory, str_from(name));
    if (inode != NULL) {
        disk_inode_stat(inode, &stat);
        visit(argument, name, &stat);
    }
}

void disk_list(const struct disk *disk, const char *path,
               void (*visit)(void *argument, const char *name, const struct sys_stat *stat),
               void *argument)
{
    struct disk_view view = outside_view(disk);
    struct disk_inode *directory;
    if (disk_find_directory(&view, path, &directory) != 0) {
        return;
    }
    size_t count;
    char **names = disk_inode_names(directory, 0, &count);
    qsort(names, count, sizeof(names[0]), compare_names);
    for (size_t i = 0; i < count; i++) {
        visit_name(directory, names[i], visit, argument);
        mem_free(disk->mem, names[i]);
    }
    mem_free(disk->mem, names);
    disk_inode_drop(directory);
}
