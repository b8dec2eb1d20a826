// SPDX-License-Identifier: ISC
#include "sys/user.h"

#include <ctype.h>
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "os/os.h"

enum { RECORD_BYTES_MIN = 1024, RECORD_BYTES_MAX = 1024 * 1024 };

/* ---- asking the directory ------------------------------------------------------------------------ */

struct question {
    const char *name; /* NULL: ask by uid */
    uid_t uid;
    struct passwd user;
    struct group group;
};

typedef int (*ask_function)(struct question *question, char *record, size_t size, bool *found);

static int ask_user(struct question *question, char *record, size_t size, bool *found)
{
    struct passwd *result = NULL;
    int number = question->name != NULL
                     ? getpwnam_r(question->name, &question->user, record, size, &result)
                     : getpwuid_r(question->uid, &question->user, record, size, &result);
    *found = result != NULL;
    return number;
}

static int ask_group(struct question *question, char *record, size_t size, bool *found)
{
    struct group *result = NULL;
    int number = getgrnam_r(question->name, &question->group, record, size, &result);
    *found = result != NULL;
    return number;
}

/* Several numbers mean that there is no such entry; ERANGE asks for a larger record; all else is
 * trouble that may pass. */
static int error_of(int number, bool found)
{
    if (found) {
        return 0;
    }
    bool nobody =
        number == 0 || number == ENOENT || number == ESRCH || number == EBADF || number == EPERM;
    return nobody ? -ERR_NOT_FOUND : -ERR_UNAVAILABLE;
}

/* The answer's texts live in *record, which the caller frees. */
static int ask(ask_function function, struct question *question, char **record)
{
    *record = NULL;
    for (size_t size = RECORD_BYTES_MIN; size <= RECORD_BYTES_MAX; size *= 4) {
        bool found = false;
        char *larger = realloc(*record, size);
        if (larger == NULL) {
            break;
        }
        *record = larger;
        int number = function(question, *record, size, &found);
        if (number != ERANGE) {
            return error_of(number, found);
        }
    }
    return -ERR_UNAVAILABLE;
}

/* ---- users and groups ----------------------------------------------------------------------------- */

static int copy_text(char *to, size_t size, const char *from)
{
    int length = snprintf(to, size, "%s", from);
    return length >= 0 && (size_t)length < size ? 0 : -ERR_LIMIT;
}

/* More groups than fit are cut off: rights are lost, never gained. */
static void find_groups(const struct passwd *entry, struct sys_user *user)
{
    gid_t groups[SYS_USER_GROUPS_MAX];
    int count = SYS_USER_GROUPS_MAX;
    int found = getgrouplist(entry->pw_name, entry->pw_gid, groups, &count);
    user->group_count = found < 0 ? SYS_USER_GROUPS_MAX : found;
    for (int i = 0; i < user->group_count; i++) {
        user->groups[i] = groups[i];
    }
}

/* The first field of the comment; "&" in it stands for the user's name with a capital. */
static void copy_full_name(const struct passwd *entry, struct sys_user *user)
{
    size_t size = 0;
    for (const char *from = entry->pw_gecos; from != NULL && *from != '\0' && *from != ',';
         from++) {
        size_t room = sizeof(user->full_name) - size;
        bool stands_for_name = *from == '&';
        int length = stands_for_name ? snprintf(user->full_name + size, room, "%s", entry->pw_name)
                                     : snprintf(user->full_name + size, room, "%c", *from);
        if (length < 0 || (size_t)length >= room) {
            user->full_name[0] = '\0';
            return;
        }
        if (stands_for_name) {
            user->full_name[size] = (char)toupper((unsigned char)user->full_name[size]);
        }
        size += (size_t)length;
    }
}

static int find_user(struct question *question, struct sys_user *user)
{
    char *record;
    int error = ask(ask_user, question, &record);
    memset(user, 0, sizeof(*user));
    if (error == 0) {
        error = copy_text(user->name, sizeof(user->name), question->user.pw_name);
    }
    if (error == 0) {
        error = copy_text(user->home, sizeof(user->home), question->user.pw_dir);
    }
    if (error == 0) {
        user->uid = question->user.pw_uid;
        user->gid = question->user.pw_gid;
        copy_full_name(&question->user, user);
        find_groups(&question->user, user);
    }
    free(record);
    return error;
}

int sys_user_find(struct sys *sys UNUSED, const char *name, struct sys_user *user)
{
    struct question question = {.name = name};
    return find_user(&question, user);
}

int sys_user_find_uid(struct sys *sys UNUSED, uint32_t uid, struct sys_user *user)
{
    struct question question = {.uid = uid};
    return find_user(&question, user);
}

int sys_group_find(struct sys *sys UNUSED, const char *name, uint32_t *gid)
{
    struct question question = {.name = name};
    char *record;
    int error = ask(ask_group, &question, &record);
    if (error == 0) {
        *gid = question.group.gr_gid;
    }
    free(record);
    return error;
}

uint32_t sys_effective_uid(struct sys *sys UNUSED)
{
    return geteuid();
}

uint32_t sys_effective_gid(struct sys *sys UNUSED)
{
    return getegid();
}

/* System calls of the thread itself: the C library's wrappers would talk to all threads, which a
 * forked child no longer has. Real, effective and saved ids change, so that nothing is left to
 * come back with. */
int os_user_become(const struct sys_user *user)
{
    gid_t groups[SYS_USER_GROUPS_MAX];
    for (int i = 0; i < user->group_count; i++) {
        groups[i] = user->groups[i];
    }
    bool same = geteuid() == user->uid && getegid() == user->gid && geteuid() != 0;
    if (same) {
        return 0;
    }
    if (syscall(SYS_setgroups, (size_t)user->group_count, groups) != 0 ||
        syscall(SYS_setresgid, user->gid, user->gid, user->gid) != 0 ||
        syscall(SYS_setresuid, user->uid, user->uid, user->uid) != 0) {
        return errno;
    }
    bool can_return = user->uid != 0 && syscall(SYS_setresuid, -1, 0, -1) == 0;
    return can_return ? EPERM : 0;
}
