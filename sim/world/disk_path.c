// SPDX-License-Identifier: ISC
#include "world/disk_path.h"

#include "world/disk_inode.h"
#include "world/disk_state.h"
#include "world/process.h"

static bool is_in_group(const struct process_rights *rights, uint32_t gid)
{
    for (int i = 0; i < rights->group_count; i++) {
        if (rights->groups[i] == gid) {
            return true;
        }
    }
    return rights->gid == gid;
}

bool disk_path_allowed(const struct disk_inode *inode, const struct process_rights *rights,
                       unsigned access)
{
    const struct disk_content *now = &inode->now;
    if (rights == NULL || rights->uid == 0) {
        return true;
    }
    unsigned shift = 0;
    if (rights->uid == now->uid) {
        shift = 6;
    } else if (is_in_group(rights, now->gid)) {
        shift = 3;
    }
    return ((now->mode >> shift) & access) == access;
}

bool disk_path_owned(const struct disk_inode *inode, const struct process_rights *rights)
{
    return rights == NULL || rights->uid == 0 || rights->uid == inode->now.uid;
}

static struct disk_inode *parent_of(const struct disk_view *view, struct disk_inode *directory)
{
    return directory == view->root || directory->parent == NULL ? directory : directory->parent;
}

/* One step from place->inode, which must be a directory, to the component. */
static int step(const struct disk_view *view, struct str component, struct disk_place *place)
{
    struct disk_inode *directory = place->inode;
    if (directory == NULL) {
        return -ERR_NOT_FOUND;
    }
    if (directory->kind != SYS_FILE_DIRECTORY) {
        return -ERR_NOT_DIRECTORY;
    }
    if (!disk_path_allowed(directory, view->rights, DISK_SEARCH)) {
        return -ERR_ACCESS;
    }
    if (component.size > SYS_NAME_MAX) {
        return -ERR_NAME_TOO_LONG;
    }
    if (str_equal(component, STR(".")) || str_equal(component, STR(".."))) {
        place->directory = component.size == 1 ? directory : parent_of(view, directory);
        place->inode = place->directory;
        place->name = STR("");
        return 0;
    }
    place->directory = directory;
    place->name = component;
    place->inode = disk_inode_lookup(directory, component);
    return 0;
}

int disk_path_find(const struct disk_view *view, const char *path, struct disk_place *place)
{
    struct str rest = str_from(path);
    if (rest.size == 0) {
        return -ERR_NOT_FOUND;
    }
    if (rest.size >= SYS_PATH_MAX) {
        return -ERR_NAME_TOO_LONG;
    }
    struct disk_inode *start = path[0] == '/' ? view->root : view->here;
    *place = (struct disk_place){.directory = start, .name = STR(""), .inode = start};
    struct str component;
    while (str_next_token(&rest, "/", &component)) {
        int error = step(view, component, place);
        if (error != 0) {
            return error;
        }
    }
    return 0;
}

int disk_path_find_inode(const struct disk_view *view, const char *path, struct disk_inode **inode)
{
    struct disk_place place;
    int error = disk_path_find(view, path, &place);
    if (error != 0) {
        return error;
    }
    *inode = place.inode;
    return place.inode != NULL ? 0 : -ERR_NOT_FOUND;
}
