// SPDX-License-Identifier: ISC
#include "check/copies.h"

#include <stdio.h>

#include "base/assert.h"
#include "base/err.h"
#include "check/dsn.h"
#include "peer/peer_message.h"
#include "proto/header.h"
#include "world/disk.h"

enum { FILE_BYTES_MAX = 128 << 20, COPIES_MAX = 5 * 1000 * 1000 };

void copies_init(struct copies *copies, struct arena *arena)
{
    *copies = (struct copies){.arena = arena};
    copies->end = &copies->first;
    map_init(&copies->arrivals, arena->mem, COPIES_MAX);
    map_init(&copies->recipients, arena->mem, COPIES_MAX);
}

void copies_done(struct copies *copies)
{
    map_done(&copies->recipients);
    map_done(&copies->arrivals);
}

void copies_arrived(struct copies *copies, struct str path, int64_t now_ns)
{
    int64_t *at_ns = arena_alloc(copies->arena, sizeof(*at_ns));
    assert(at_ns != NULL);
    *at_ns = now_ns;
    int error = map_put(&copies->arrivals, path, at_ns);
    assert(error == 0);
}

/* The text with LF for CRLF. */
static struct str with_plain_lines(struct arena *arena, struct str text)
{
    struct str copy = arena_copy(arena, text);
    char *data = (char *)(uintptr_t)copy.data; /* the copy is ours */
    size_t size = 0;
    for (size_t i = 0; i < copy.size; i++) {
        if (data[i] != '\r' || i + 1 == copy.size || data[i + 1] != '\n') {
            data[size++] = data[i];
        }
    }
    return str_of(data, size);
}

static void add_for_recipient(struct copies *copies, struct copy *copy)
{
    struct str key = arena_copy_lower(copies->arena, copy->recipient);
    copy->earlier = map_get(&copies->recipients, key);
    int error = map_put(&copies->recipients, key, copy);
    assert(error == 0);
}

static void add(struct copies *copies, struct str content, struct str recipient, struct str place,
                int64_t at_ns)
{
    struct copy *copy = arena_alloc(copies->arena, sizeof(*copy));
    assert(copy != NULL);
    copy->recipient = arena_copy(copies->arena, recipient);
    copy->place = arena_copy(copies->arena, place);
    copy->content = with_plain_lines(copies->arena, content);
    copy->at_ns = at_ns;
    copy->is_dsn = dsn_is_one(copy->content);
    struct str id;
    if (header_find(copy->content, STR("Message-Id"), &id)) {
        peer_message_id_parse(str_trim_space(id), &copy->label, &copy->number);
    }
    add_for_recipient(copies, copy);
    *copies->end = copy;
    copies->end = &copy->next;
}

int copies_add_file(struct copies *copies, const struct disk *disk, const char *path,
                    struct str recipient, struct str place, int64_t at_ns)
{
    struct buf content;
    buf_init(&content, copies->arena->mem, FILE_BYTES_MAX);
    int error = disk_read(disk, path, &content);
    if (error == 0) {
        add(copies, buf_str(&content), recipient, place, at_ns);
    }
    buf_done(&content);
    return error;
}

struct maildir_walk {
    struct copies *copies;
    const struct disk *disk;
    const char *directory;
    struct str recipient;
};

static void visit_message(void *argument, const char *name, const struct sys_stat *stat)
{
    struct maildir_walk *walk = argument;
    char path[SYS_PATH_MAX];
    int size = snprintf(path, sizeof(path), "%s/%s", walk->directory, name);
    if (stat->kind == SYS_FILE_REGULAR && size < SYS_PATH_MAX) {
        const int64_t *at_ns = map_get(&walk->copies->arrivals, str_from(path));
        assert(at_ns != NULL); /* nothing gets there unseen */
        int error = copies_add_file(walk->copies, walk->disk, path, walk->recipient, str_from(path),
                                    *at_ns);
        assert(error == 0); /* it was just listed */
    }
}

void copies_add_maildir(struct copies *copies, const struct disk *disk, const char *directory,
                        struct str recipient)
{
    static const char *const names[] = {"new", "cur"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char path[SYS_PATH_MAX];
        snprintf(path, sizeof(path), "%s/%s", directory, names[i]);
        struct maildir_walk walk = {copies, disk, path, recipient};
        disk_list(disk, path, visit_message, &walk);
    }
}

bool copies_is_of(const struct copy *copy, struct str label, int number, struct str recipient)
{
    return copy->label.data != NULL && str_equal(copy->label, label) &&
           (number == 0 || copy->number == number) && str_equal_fold(copy->recipient, recipient);
}

int copies_count(const struct copies *copies, struct str label, int number, struct str recipient)
{
    int count = 0;
    struct str key = arena_copy_lower(copies->arena, recipient);
    for (const struct copy *copy = map_get(&copies->recipients, key); copy != NULL;
         copy = copy->earlier) {
        count += copies_is_of(copy, label, number, recipient);
    }
    return count;
}
