// SPDX-License-Identifier: ISC
/* mail/authorized_user - whether the user of a command may have done what it is about to do
 *
 * Errors    end the process, with a line that says why
 * Blocks    for the disk and the user database
 */
#ifndef MAIL_AUTHORIZED_USER_H
#define MAIL_AUTHORIZED_USER_H

#include "conf/command.h"

struct authorized_deed {
    enum conf_param list; /* of user names, CONF_authorized_submit_users and such */
    const char *name;     /* "submit mail" */
    bool is_owners;       /* root and mail_owner may, listed or not */
    int status;           /* of the exit of whoever may not */
};

/* Returns when the process's user may. */
void authorized_user_check(struct command *command, const struct authorized_deed *deed);

#endif
