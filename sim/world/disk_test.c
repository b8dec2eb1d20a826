// SPDX-License-Identifier: ISC
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "sys/fs.h"
#include "world/disk.h"
#include "world/disk_image.h"
#include "world/disk_inode.h"
#include "world/disk_log.h"
#include "world/machine.h"
#include "world/process.h"
#include "world/world.h"

enum { WRITE_NEW = SYS_OPEN_WRITE | SYS_OPEN_CREATE | SYS_OPEN_EXCLUSIVE };

struct stage {
    struct world *world;
    struct disk *disk;
    struct disk_view view;
};

static void open_stage(struct stage *stage)
{
    struct world_options options;
    world_options_init(&options);
    stage->world = world_create(&options);
    stage->disk = machine_add(stage->world, "disk.test")->disk;
    disk_put_directory(stage->disk, "/queue", 0755, 0, 0);
    struct disk_inode *root = disk_root(stage->disk);
    stage->view = (struct disk_view){.root = root, .here = root};
}

static void close_stage(struct stage *stage)
{
    world_destroy(stage->world);
}

/* ---- what the tests do to a disk ------------------------------------------------------------ */

static void write_file(struct stage *stage, const char *path, const char *text)
{
    struct disk_inode *inode;
    assert_int_equal(disk_open(stage->disk, &stage->view, path, WRITE_NEW, 0600, &inode), 0);
    assert_int_equal(disk_inode_write(inode, text, strlen(text), 0), strlen(text));
    disk_inode_drop(inode);
}

static void append_file(struct stage *stage, const char *path, const char *text)
{
    struct disk_inode *inode;
    struct sys_stat stat;
    assert_int_equal(disk_open(stage->disk, &stage->view, path, SYS_OPEN_WRITE, 0, &inode), 0);
    disk_inode_stat(inode, &stat);
    assert_int_equal(disk_inode_write(inode, text, strlen(text), stat.size), strlen(text));
    disk_inode_drop(inode);
}

static uint64_t start_sync(struct stage *stage)
{
    return disk_sync_start(stage->disk);
}

static void end_sync(struct stage *stage, const char *path, uint64_t start)
{
    struct disk_inode *inode;
    assert_int_equal(disk_open(stage->disk, &stage->view, path, SYS_OPEN_READ, 0, &inode), 0);
    disk_sync_end(stage->disk, inode, start);
    disk_inode_drop(inode);
}

static void sync_path(struct stage *stage, const char *path)
{
    end_sync(stage, path, start_sync(stage));
}

static void rename_file(struct stage *stage, const char *from, const char *to)
{
    assert_int_equal(disk_rename(stage->disk, &stage->view, from, &stage->view, to, false), 0);
}

/* What the file holds, NUL shown as 0; "-" when there is none; valid until the next call. */
static const char *content(const struct stage *stage, const char *path)
{
    static char text[256];
    struct buf out;
    buf_init(&out, world_mem(stage->world), sizeof(text) - 1);
    if (disk_read(stage->disk, path, &out) != 0) {
        buf_put_char(&out, '-');
    }
    size_t size = out.size;
    for (size_t i = 0; i < size; i++) {
        text[i] = out.data[i] == '\0' ? '0' : out.data[i];
    }
    text[size] = '\0';
    buf_done(&out);
    return text;
}

/* ---- after a power cut ----------------------------------------------------------------------- */

static void create_unsynced(struct stage *stage)
{
    write_file(stage, "/queue/a", "hello");
}

static void create_synced(struct stage *stage)
{
    write_file(stage, "/queue/a", "hello");
    sync_path(stage, "/queue/a");
}

static void create_durable(struct stage *stage)
{
    create_synced(stage);
    sync_path(stage, "/queue");
}

static void create_two(struct stage *stage)
{
    write_file(stage, "/queue/a", "first");
    write_file(stage, "/queue/b", "second");
}

static void rename_unsynced(struct stage *stage)
{
    create_synced(stage);
    rename_file(stage, "/queue/a", "/queue/b");
}

static void rename_durable(struct stage *stage)
{
    create_durable(stage);
    rename_file(stage, "/queue/a", "/queue/b");
}

static void replace(struct stage *stage)
{
    disk_put_file(stage->disk, "/queue/table", STR("old"), 0644, 0, 0);
    write_file(stage, "/queue/table.new", "new");
    sync_path(stage, "/queue/table.new");
    rename_file(stage, "/queue/table.new", "/queue/table");
}

static void append_unsynced(struct stage *stage)
{
    create_synced(stage);
    append_file(stage, "/queue/a", "world!");
}

/* Calls check for every image of the state that act leads to; returns how many there are. */
static int each_image(enum disk_contract contract, void (*act)(struct stage *stage),
                      void (*check)(struct stage *stage))
{
    int count = 1;
    for (int image = 0; image < count; image++) {
        struct stage stage;
        open_stage(&stage);
        disk_set_contract(stage.disk, contract);
        act(&stage);
        count = disk_image_count(stage.disk);
        disk_image_take(stage.disk, image);
        check(&stage);
        assert_int_equal(disk_image_count(stage.disk), 1); /* nothing is pending any more */
        close_stage(&stage);
    }
    return count;
}

/* How often each content of a file was seen. */
static struct {
    char text[8][32];
    int count;
} seen;

static void remember(const char *text)
{
    for (int i = 0; i < seen.count; i++) {
        if (strcmp(seen.text[i], text) == 0) {
            return;
        }
    }
    strcpy(seen.text[seen.count++], text);
}

static bool was_seen(const char *text)
{
    int before = seen.count;
    remember(text);
    bool known = seen.count == before;
    seen.count = before;
    return known;
}

static void see_a(struct stage *stage)
{
    remember(content(stage, "/queue/a"));
}

static void test_unsynced_data_may_be_missing_short_or_zero(void **state UNUSED)
{
    seen.count = 0;
    assert_int_equal(each_image(DISK_EXT4, create_unsynced, see_a),
                     2 + 2 + 4 + DISK_IMAGE_RANDOM_COUNT);
    assert_true(was_seen("-"));
    assert_true(was_seen(""));
    assert_true(was_seen("he"));
    assert_true(was_seen("00000"));
    assert_true(was_seen("hello"));
    assert_int_equal(seen.count, 5);
}

static void test_ext4_a_synced_file_is_in_every_image(void **state UNUSED)
{
    seen.count = 0;
    each_image(DISK_EXT4, create_synced, see_a);
    assert_true(was_seen("hello"));
    assert_int_equal(seen.count, 1);
}

static void test_an_append_after_the_sync_leaves_the_synced_part(void **state UNUSED)
{
    seen.count = 0;
    each_image(DISK_EXT4, append_unsynced, see_a);
    assert_true(was_seen("hello"));
    assert_true(was_seen("hellowor"));
    assert_true(was_seen("hello000000"));
    assert_true(was_seen("helloworld!"));
    assert_int_equal(seen.count, 4);
}

static void second_needs_first(struct stage *stage)
{
    struct sys_stat stat;
    if (disk_stat(stage->disk, "/queue/b", &stat) == 0) {
        assert_int_equal(disk_stat(stage->disk, "/queue/a", &stat), 0);
    }
}

static void test_ext4_names_persist_in_order(void **state UNUSED)
{
    each_image(DISK_EXT4, create_two, second_needs_first);
}

static bool is_there(const struct stage *stage, const char *path)
{
    struct sys_stat stat;
    return disk_stat(stage->disk, path, &stat) == 0;
}

static void one_name(struct stage *stage)
{
    assert_true(is_there(stage, "/queue/a") != is_there(stage, "/queue/b"));
    assert_string_equal(content(stage, is_there(stage, "/queue/a") ? "/queue/a" : "/queue/b"),
                        "hello");
}

static void test_ext4_a_rename_leaves_one_of_its_names(void **state UNUSED)
{
    each_image(DISK_EXT4, rename_unsynced, one_name);
}

static void see_names(struct stage *stage)
{
    bool a = is_there(stage, "/queue/a");
    bool b = is_there(stage, "/queue/b");
    remember(a && b ? "both" : a ? "old" : b ? "new" : "none");
}

static void test_posix_min_a_rename_may_leave_both_names(void **state UNUSED)
{
    seen.count = 0;
    each_image(DISK_POSIX_MIN, rename_durable, see_names);
    assert_true(was_seen("old"));
    assert_true(was_seen("new"));
    assert_true(was_seen("both"));
    assert_int_equal(seen.count, 3);
}

static void test_posix_min_a_synced_file_needs_its_name_synced(void **state UNUSED)
{
    seen.count = 0;
    each_image(DISK_POSIX_MIN, create_synced, see_a);
    assert_true(was_seen("hello"));
    assert_true(was_seen("-"));
    assert_int_equal(seen.count, 2);
    seen.count = 0;
    each_image(DISK_POSIX_MIN, create_durable, see_a);
    assert_true(was_seen("hello"));
    assert_int_equal(seen.count, 1);
}

static void move_to_new_directory(struct stage *stage)
{
    create_durable(stage);
    assert_int_equal(disk_mkdir(stage->disk, &stage->view, "/queue/new", 0700), 0);
    rename_file(stage, "/queue/a", "/queue/new/a");
    sync_path(stage, "/queue/new");
}

static void see_moved(struct stage *stage)
{
    remember(is_there(stage, "/queue/a") || is_there(stage, "/queue/new/a") ? "found" : "lost");
}

static void test_posix_min_an_unsynced_directory_takes_its_files_along(void **state UNUSED)
{
    seen.count = 0;
    each_image(DISK_POSIX_MIN, move_to_new_directory, see_moved);
    assert_true(was_seen("lost"));
    seen.count = 0;
    each_image(DISK_POSTFIX, move_to_new_directory, see_moved);
    assert_false(was_seen("lost"));
    assert_true(was_seen("found"));
}

static void sync_source_of_rename(struct stage *stage)
{
    disk_put_directory(stage->disk, "/other", 0755, 0, 0);
    create_durable(stage);
    rename_file(stage, "/queue/a", "/other/a");
    sync_path(stage, "/queue");
}

static void moved_away(struct stage *stage)
{
    assert_string_equal(content(stage, "/queue/a"), "-");
    assert_string_equal(content(stage, "/other/a"), "hello");
}

static void test_posix_min_a_durable_removal_takes_the_new_name_along(void **state UNUSED)
{
    each_image(DISK_POSIX_MIN, sync_source_of_rename, moved_away);
}

static void sync_source_after_many_renames(struct stage *stage)
{
    disk_put_directory(stage->disk, "/other", 0755, 0, 0);
    create_durable(stage);
    rename_file(stage, "/queue/a", "/other/a");
    rename_file(stage, "/other/a", "/queue/a");
    rename_file(stage, "/queue/a", "/other/a");
    sync_path(stage, "/queue");
    rename_file(stage, "/other/a", "/other/b");
}

static void one_name_elsewhere(struct stage *stage)
{
    assert_string_equal(content(stage, "/queue/a"), "-");
    bool is_old = is_there(stage, "/other/a");
    assert_string_equal(content(stage, is_old ? "/other/a" : "/other/b"), "hello");
}

/* The way back, whose removal is still pending, must not take the name that the sync kept. */
static void test_posix_min_a_stale_removal_is_void(void **state UNUSED)
{
    each_image(DISK_POSIX_MIN, sync_source_after_many_renames, one_name_elsewhere);
}

static void remove_unsynced(struct stage *stage)
{
    create_durable(stage);
    assert_int_equal(disk_unlink(stage->disk, &stage->view, "/queue/a"), 0);
}

static void test_an_unsynced_removal_may_be_undone(void **state UNUSED)
{
    for (int contract = DISK_POSIX_MIN; contract <= DISK_POSTFIX; contract++) {
        seen.count = 0;
        each_image((enum disk_contract)contract, remove_unsynced, see_a);
        assert_true(was_seen("hello"));
        assert_true(was_seen("-"));
        assert_int_equal(seen.count, 2);
    }
}

static void link_and_unlink(struct stage *stage)
{
    create_synced(stage);
    assert_int_equal(disk_link(stage->disk, &stage->view, "/queue/a", &stage->view, "/queue/b"), 0);
    assert_int_equal(disk_unlink(stage->disk, &stage->view, "/queue/a"), 0);
}

static void test_postfix_a_link_comes_before_the_removal(void **state UNUSED)
{
    seen.count = 0;
    each_image(DISK_POSIX_MIN, link_and_unlink, see_names);
    assert_true(was_seen("none"));
    seen.count = 0;
    each_image(DISK_POSTFIX, link_and_unlink, see_names);
    assert_false(was_seen("none"));
    assert_true(was_seen("both"));
}

static void test_postfix_a_synced_file_is_found_under_one_of_its_names(void **state UNUSED)
{
    seen.count = 0;
    each_image(DISK_POSTFIX, rename_unsynced, see_names);
    assert_true(was_seen("old"));
    assert_true(was_seen("new"));
    assert_true(was_seen("both"));
    assert_int_equal(seen.count, 3);
}

/* ---- torn writes ------------------------------------------------------------------------------ */

enum { TORN_BYTES = 3 * 4096 };

static void write_large(struct stage *stage)
{
    static char text[TORN_BYTES + 1];
    memset(text, 'x', TORN_BYTES);
    write_file(stage, "/queue/a", text);
}

/* Which sectors of the file are there: "xx0..."; remembered only when it has its whole size. */
static void see_sectors(struct stage *stage)
{
    char sectors[TORN_BYTES / DISK_SECTOR_BYTES + 1] = "";
    struct buf out;
    buf_init(&out, world_mem(stage->world), TORN_BYTES);
    if (disk_read(stage->disk, "/queue/a", &out) == 0 && out.size == TORN_BYTES) {
        for (size_t i = 0; i < TORN_BYTES / DISK_SECTOR_BYTES; i++) {
            sectors[i] = out.data[i * DISK_SECTOR_BYTES] == 'x' ? 'x' : '0';
        }
        remember(sectors);
    }
    buf_done(&out);
}

static void test_a_write_may_be_torn_at_sectors_or_blocks(void **state UNUSED)
{
    seen.count = 0;
    each_image(DISK_POSIX_MIN, write_large, see_sectors);
    assert_true(was_seen("0x0x0x0x0x0x0x0x0x0x0x0x"));
    assert_true(was_seen("xxxxxxxx00000000xxxxxxxx"));
    assert_true(was_seen("000000000000000000000000"));
    assert_true(was_seen("xxxxxxxxxxxxxxxxxxxxxxxx"));
    assert_int_equal(seen.count, 4);
}

static void mark_unsynced(struct stage *stage)
{
    struct disk_inode *inode;
    create_durable(stage);
    assert_int_equal(disk_open(stage->disk, &stage->view, "/queue/a", SYS_OPEN_WRITE, 0, &inode),
                     0);
    assert_int_equal(disk_inode_write(inode, "J", 1, 0), 1);
    disk_inode_drop(inode);
}

static void test_a_mark_is_there_or_not(void **state UNUSED)
{
    seen.count = 0;
    each_image(DISK_POSIX_MIN, mark_unsynced, see_a);
    assert_true(was_seen("hello"));
    assert_true(was_seen("Jello"));
    assert_int_equal(seen.count, 2);
}

/* ---- a sync that fails ------------------------------------------------------------------------ */

static void fail_sync_then_sync(struct stage *stage)
{
    struct disk_inode *inode;
    create_durable(stage);
    append_file(stage, "/queue/a", "world!");
    assert_int_equal(disk_open(stage->disk, &stage->view, "/queue/a", SYS_OPEN_READ, 0, &inode), 0);
    disk_sync_fail(stage->disk, inode, start_sync(stage));
    disk_inode_drop(inode);
    sync_path(stage, "/queue/a");
}

static void test_what_a_failed_sync_lost_no_later_sync_brings_back(void **state UNUSED)
{
    struct stage stage;
    open_stage(&stage);
    fail_sync_then_sync(&stage);
    assert_string_equal(content(&stage, "/queue/a"), "helloworld!");
    assert_false(disk_is_synced(stage.disk, "/queue/a"));
    assert_false(disk_is_durable(stage.disk, "/queue/a"));
    close_stage(&stage);
    seen.count = 0;
    each_image(DISK_EXT4, fail_sync_then_sync, see_a);
    assert_true(was_seen("hello"));
    assert_int_equal(seen.count, 1);
}

/* ---- replacing ---------------------------------------------------------------------------------- */

static void old_or_new(struct stage *stage)
{
    const char *text = content(stage, "/queue/table");
    assert_true(strcmp(text, "old") == 0 || strcmp(text, "new") == 0);
}

static void test_a_replaced_file_is_old_or_new(void **state UNUSED)
{
    for (int contract = DISK_POSIX_MIN; contract <= DISK_POSTFIX; contract++) {
        each_image((enum disk_contract)contract, replace, old_or_new);
    }
}

static void test_images_have_words(void **state UNUSED)
{
    struct stage stage;
    struct buf out;
    open_stage(&stage);
    rename_unsynced(&stage);
    buf_init(&out, world_mem(stage.world), 1000);
    disk_image_describe(stage.disk, 2, &out);
    assert_string_equal(buf_text(&out), "kept alone: rename to /queue/b");
    close_stage(&stage);
}

/* ---- durable under posix-min ------------------------------------------------------------------ */

static void test_a_file_is_durable_once_it_and_its_name_are_synced(void **state UNUSED)
{
    struct stage stage;
    open_stage(&stage);
    create_synced(&stage);
    assert_true(disk_is_synced(stage.disk, "/queue/a"));
    assert_false(disk_is_durable(stage.disk, "/queue/a"));
    sync_path(&stage, "/queue");
    assert_true(disk_is_durable(stage.disk, "/queue/a"));
    append_file(&stage, "/queue/a", "more");
    assert_false(disk_is_synced(stage.disk, "/queue/a"));
    assert_false(disk_is_durable(stage.disk, "/queue/a"));
    assert_false(disk_is_synced(stage.disk, "/queue/other"));
    sync_path(&stage, "/queue/a");
    assert_true(disk_is_durable(stage.disk, "/queue/a"));
    close_stage(&stage);
}

static void test_only_a_sync_that_started_after_the_rename_counts(void **state UNUSED)
{
    struct stage stage;
    open_stage(&stage);
    create_synced(&stage);
    uint64_t start = start_sync(&stage);
    rename_file(&stage, "/queue/a", "/queue/b");
    end_sync(&stage, "/queue", start);
    assert_false(disk_is_durable(stage.disk, "/queue/b"));
    sync_path(&stage, "/queue");
    assert_true(disk_is_durable(stage.disk, "/queue/b"));
    close_stage(&stage);
}

static void test_a_new_parent_must_be_synced_too(void **state UNUSED)
{
    struct stage stage;
    open_stage(&stage);
    assert_int_equal(disk_mkdir(stage.disk, &stage.view, "/queue/new", 0700), 0);
    write_file(&stage, "/queue/new/a", "hello");
    sync_path(&stage, "/queue/new/a");
    sync_path(&stage, "/queue/new");
    assert_false(disk_is_durable(stage.disk, "/queue/new/a"));
    sync_path(&stage, "/queue");
    assert_true(disk_is_durable(stage.disk, "/queue/new/a"));
    close_stage(&stage);
}

/* ---- space and numbers ------------------------------------------------------------------------ */

static void test_a_full_disk_takes_what_fits(void **state UNUSED)
{
    static char data[10000];
    struct stage stage;
    struct disk_inode *inode;
    open_stage(&stage);
    disk_set_capacity(stage.disk, 8192, 100);
    assert_int_equal(disk_open(stage.disk, &stage.view, "/queue/a", WRITE_NEW, 0600, &inode), 0);
    assert_int_equal(disk_inode_write(inode, data, sizeof(data), 0), 8192);
    assert_int_equal(disk_inode_write(inode, data, sizeof(data), 8192), -ERR_NO_SPACE);
    assert_int_equal(disk_inode_write(inode, data, 100, 0), 100);
    assert_int_equal(disk_mkdir(stage.disk, &stage.view, "/queue/b", 0700), -ERR_NO_SPACE);
    disk_inode_drop(inode);
    assert_int_equal(disk_unlink(stage.disk, &stage.view, "/queue/a"), 0);
    assert_int_equal(disk_mkdir(stage.disk, &stage.view, "/queue/b", 0700), 0);
    close_stage(&stage);
}

static uint64_t number_of(struct stage *stage, const char *path)
{
    struct sys_stat stat;
    assert_int_equal(disk_stat(stage->disk, path, &stat), 0);
    return stat.inode;
}

static void test_an_inode_number_is_free_once_the_platter_forgot_it(void **state UNUSED)
{
    struct stage stage;
    open_stage(&stage);
    create_synced(&stage);
    uint64_t first = number_of(&stage, "/queue/a");
    assert_int_equal(disk_unlink(stage.disk, &stage.view, "/queue/a"), 0);
    write_file(&stage, "/queue/b", "b");
    assert_true(number_of(&stage, "/queue/b") != first);
    sync_path(&stage, "/queue");
    write_file(&stage, "/queue/c", "c");
    assert_true(number_of(&stage, "/queue/c") == first);
    close_stage(&stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_unsynced_data_may_be_missing_short_or_zero),
        cmocka_unit_test(test_ext4_a_synced_file_is_in_every_image),
        cmocka_unit_test(test_an_append_after_the_sync_leaves_the_synced_part),
        cmocka_unit_test(test_ext4_names_persist_in_order),
        cmocka_unit_test(test_ext4_a_rename_leaves_one_of_its_names),
        cmocka_unit_test(test_posix_min_a_rename_may_leave_both_names),
        cmocka_unit_test(test_posix_min_a_synced_file_needs_its_name_synced),
        cmocka_unit_test(test_posix_min_an_unsynced_directory_takes_its_files_along),
        cmocka_unit_test(test_posix_min_a_durable_removal_takes_the_new_name_along),
        cmocka_unit_test(test_posix_min_a_stale_removal_is_void),
        cmocka_unit_test(test_an_unsynced_removal_may_be_undone),
        cmocka_unit_test(test_postfix_a_link_comes_before_the_removal),
        cmocka_unit_test(test_postfix_a_synced_file_is_found_under_one_of_its_names),
        cmocka_unit_test(test_a_write_may_be_torn_at_sectors_or_blocks),
        cmocka_unit_test(test_a_mark_is_there_or_not),
        cmocka_unit_test(test_what_a_failed_sync_lost_no_later_sync_brings_back),
        cmocka_unit_test(test_a_replaced_file_is_old_or_new),
        cmocka_unit_test(test_images_have_words),
        cmocka_unit_test(test_a_file_is_durable_once_it_and_its_name_are_synced),
        cmocka_unit_test(test_only_a_sync_that_started_after_the_rename_counts),
        cmocka_unit_test(test_a_new_parent_must_be_synced_too),
        cmocka_unit_test(test_a_full_disk_takes_what_fits),
        cmocka_unit_test(test_an_inode_number_is_free_once_the_platter_forgot_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
