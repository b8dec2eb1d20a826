// SPDX-License-Identifier: ISC
/* conf/test_instance - for tests: a directory of its own with an empty main.cf
 *
 * Only tests include this file.
 */
#ifndef CONF_TEST_INSTANCE_H
#define CONF_TEST_INSTANCE_H

#include <stdio.h>
#include <stdlib.h>

#include "conf/conf.h"
#include "sys/fs.h"

struct test_instance {
    char directory[64]; /* the working directory from now on */
    struct conf *conf;
};

static inline void test_instance_make(struct test_instance *instance, struct sys *sys)
{
    struct buf problems;
    snprintf(instance->directory, sizeof instance->directory, "/tmp/postilion_test.XXXXXX");
    assert_non_null(mkdtemp(instance->directory));
    assert_int_equal(sys_enter(sys, instance->directory), 0);
    int fd = sys_open(sys, SYS_HERE, "main.cf", SYS_OPEN_WRITE | SYS_OPEN_CREATE, 0600);
    assert_true(fd >= 0);
    sys_close(sys, fd);
    buf_init(&problems, sys_mem(sys), CONF_PROBLEMS_BYTES_MAX);
    assert_int_equal(conf_load(sys, instance->directory, NULL, 0, &problems, &instance->conf), 0);
    buf_done(&problems);
}

/* The exit status of a test program whose group ended with this result. */
static inline int test_instance_remove(struct test_instance *instance, int failed)
{
    char command[96];
    conf_free(instance->conf);
    snprintf(command, sizeof command, "rm -rf %s", instance->directory);
    return system(command) != 0 ? 1 : failed;
}

#endif
