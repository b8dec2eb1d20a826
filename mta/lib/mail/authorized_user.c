// SPDX-License-Identifier: ISC
#include "mail/authorized_user.h"

#include <stdio.h>

#include "sys/user.h"
#include "table/match_list.h"

static void find_name(struct command *command, uint32_t uid, struct sys_user *user)
{
    int error = sys_user_find_uid(command->sys, uid, user);
    if (error == -ERR_NOT_FOUND) {
        snprintf(user->name, sizeof(user->name), "unknown");
    } else if (error != 0) {
        command_fail(command, COMMAND_TRY_AGAIN, "uid=%u: cannot look up the user: %s", uid,
                     err_sentence(error));
    }
}

static bool owns_mail(struct command *command, uint32_t uid, const struct sys_user *user)
{
    return uid == 0 || str_equal(str_from(user->name), conf_text(command->conf, CONF_mail_owner));
}

static bool is_listed(struct command *command, enum conf_param list, const struct sys_user *user)
{
    struct match_list *users;
    char why[TABLE_WHY_MAX];
    if (match_list_open_param(command->sys, command->conf, list, 0, &users, why) != 0) {
        command_fail(command, COMMAND_TRY_AGAIN, "%s", why);
    }
    int listed = match_list_has_name(users, str_from(user->name));
    if (listed < 0) {
        command_fail(command, COMMAND_TRY_AGAIN, "%s", match_list_why(users));
    }
    match_list_close(users);
    return listed > 0;
}

void authorized_user_check(struct command *command, const struct authorized_deed *deed)
{
    struct sys_user user;
    uint32_t uid = sys_effective_uid(command->sys);
    find_name(command, uid, &user);
    if ((!deed->is_owners || !owns_mail(command, uid, &user)) &&
        !is_listed(command, deed->list, &user)) {
        command_fail(command, deed->status, "User %s(%u) is not allowed to %s", user.name, uid,
                     deed->name);
    }
}
