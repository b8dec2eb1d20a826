// SPDX-License-Identifier: ISC
/* sys/user - users and groups of the system
 *
 * Errors    NOT_FOUND when there is no such user; UNAVAILABLE when the directory service cannot
 *           answer now, which never means "not found"
 */
#ifndef SYS_USER_H
#define SYS_USER_H

#include "sys/sys.h"

enum { SYS_USER_NAME_MAX = 64, SYS_USER_GROUPS_MAX = 32, SYS_USER_HOME_MAX = 256 };
enum { SYS_USER_FULL_NAME_MAX = 256 };

struct sys_user {
    char name[SYS_USER_NAME_MAX];
    uint32_t uid;
    uint32_t gid;
    uint32_t groups[SYS_USER_GROUPS_MAX]; /* supplementary */
    int group_count;
    char home[SYS_USER_HOME_MAX];
    char full_name[SYS_USER_FULL_NAME_MAX]; /* empty: none is known */
};

MUST_USE int sys_user_find(struct sys *sys, const char *name, struct sys_user *user); /* Waiting. */
MUST_USE int sys_user_find_uid(struct sys *sys, uint32_t uid, struct sys_user *user); /* Waiting. */
MUST_USE int sys_group_find(struct sys *sys, const char *name, uint32_t *gid);        /* Waiting. */

uint32_t sys_effective_uid(struct sys *sys); /* Instant. */
uint32_t sys_effective_gid(struct sys *sys); /* Instant. */

#endif
