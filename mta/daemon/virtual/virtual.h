// SPDX-License-Identifier: ISC
/* virtual - delivers into Maildirs that tables name
 *
 * Looks the recipient up in virtual_mailbox_maps; the value, below virtual_mailbox_base, is the
 * mailbox. One that ends in a slash is a Maildir: the message is written to tmp/, synced, renamed
 * into new/, and counts as delivered when the directory is synced as well. Other mailboxes are
 * deferred: this agent writes no mbox files.
 *
 * Adds      Return-Path, X-Original-To, Delivered-To; a message that has been delivered to the
 *           recipient before is returned as a loop
 * Rights    those of the mailboxes' owner (virtual_uid_maps, virtual_gid_maps): as root, by one
 *           worker process for each owner; else only the mailboxes of the process's own user.
 *           virtual_mailbox_base is opened before rights are given up. Reads active/;
 *           private/bounce, private/defer
 * See       mail/deliver.h
 */
#ifndef VIRTUAL_VIRTUAL_H
#define VIRTUAL_VIRTUAL_H

#include "sys/sys.h"

int virtual_main(struct sys *sys, int argc, char **argv);

#endif
