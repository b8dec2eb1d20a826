// SPDX-License-Identifier: ISC
#include "postilion/postilion_config.h"

static void put(struct buf *out, const char *name, struct str value)
{
    buf_putf(out, "%s = %.*s\n", name, STR_ARG(value));
}

static void put_below(struct buf *out, const char *name, const struct postilion_config *config,
                      const char *below)
{
    buf_putf(out, "%s = %.*s/%s\n", name, STR_ARG(config->directory), below);
}

static void put_places(struct buf *out, const struct postilion_config *config)
{
    buf_put_text(out, "# Where things are\n");
    put_below(out, "queue_directory", config, "queue");
    put_below(out, "data_directory", config, "data");
    if (config->daemon_directory.size > 0) {
        put(out, "daemon_directory", config->daemon_directory);
        put(out, "command_directory", config->command_directory);
    }
    put_below(out, "maillog_file", config, "log/mail.log");
    put_below(out, "maillog_file_prefixes", config, "log");
    buf_put_text(out, "maillog_file_permissions = 0644\n\n");
}

static void put_network(struct buf *out, const struct postilion_config *config)
{
    buf_put_text(out, "# Who may connect, and who we are\n"
                      "inet_interfaces = loopback-only\n"
                      "mynetworks = 127.0.0.0/8, [::1]/128\n"
                      "qmqpd_authorized_clients = $mynetworks\n");
    put(out, "mydomain", config->domain);
    buf_put_text(out, "myhostname = mail.$mydomain\n"
                      "myorigin = $mydomain\n\n");
}

/* No system users: mydestination is empty, and the domain's mailboxes are Maildirs. */
static void put_mailboxes(struct buf *out, const struct postilion_config *config)
{
    buf_put_text(out, "# Mailboxes: add a line here and a directory is made with the first mail\n"
                      "mydestination =\n"
                      "virtual_mailbox_domains = $mydomain\n");
    put_below(out, "virtual_mailbox_base", config, "mail");
    buf_put_text(out, "virtual_mailbox_maps = inline:{\n");
    for (int i = 0; i < config->mailbox_count; i++) {
        struct str mailbox = config->mailboxes[i];
        buf_putf(out, "    { %.*s@%.*s = %.*s/ }\n", STR_ARG(mailbox), STR_ARG(config->domain),
                 STR_ARG(mailbox));
    }
    if (!str_equal_fold(config->mailboxes[0], STR("postmaster"))) {
        buf_putf(out, "    { postmaster@%.*s = %.*s/ }\n", STR_ARG(config->domain),
                 STR_ARG(config->mailboxes[0]));
    }
    buf_put_text(out, "    }\n");
    buf_putf(out, "virtual_uid_maps = static:%u\n", config->uid);
    buf_putf(out, "virtual_gid_maps = static:%u\n", config->gid);
    buf_putf(out, "virtual_minimum_uid = %u\n", config->uid < 100 ? config->uid : 100);
}

void postilion_config_main(struct buf *out, const struct postilion_config *config)
{
    buf_put_text(out, "# A private mail system, written by postilion init.\n"
                      "compatibility_level = 3.6\n\n");
    put_places(out, config);
    buf_put_text(out, "# Whom the daemons run as, when master is started by root\n");
    put(out, "mail_owner", config->user);
    buf_put_char(out, '\n');
    put_network(out, config);
    put_mailboxes(out, config);
}

void postilion_config_master(struct buf *out, const struct postilion_config *config)
{
    buf_put_text(out, "# service    type  private unpriv  chroot  wakeup  maxproc command\n");
    buf_putf(out, "%-12d inet  n       -       n       -       -       smtpd\n", config->smtp_port);
    buf_putf(out, "%-12d inet  n       -       n       -       -       qmqpd\n", config->qmqp_port);
    buf_put_text(out, "pickup       unix  n       -       n       60      1       pickup\n"
                      "cleanup      unix  n       -       n       -       0       cleanup\n"
                      "qmgr         unix  n       -       n       300     1       qmgr\n"
                      "rewrite      unix  -       -       n       -       -       trivial-rewrite\n"
                      "bounce       unix  -       -       n       -       0       bounce\n"
                      "defer        unix  -       -       n       -       0       bounce\n"
                      "trace        unix  -       -       n       -       0       bounce\n"
                      "flush        unix  n       -       n       1000?   0       flush\n"
                      "showq        unix  n       -       n       -       -       showq\n"
                      "error        unix  -       -       n       -       -       error\n"
                      "retry        unix  -       -       n       -       -       error\n"
                      "smtp         unix  -       -       n       -       -       smtp\n"
                      "relay        unix  -       -       n       -       -       smtp\n"
                      "virtual      unix  -       -       n       -       -       virtual\n"
                      "postlog      unix-dgram n  -       n       -       1       postlogd\n");
}

bool postilion_config_domain_ok(struct str domain)
{
    char before = '.';

    if (domain.size == 0 || domain.size > 255) {
        return false;
    }
    for (size_t i = 0; i < domain.size; i++) {
        char c = domain.data[i];
        bool inner = i + 1 < domain.size && before != '.' && domain.data[i + 1] != '.';
        if (!char_is_alnum(c) && !(c == '.' && before != '.' && i + 1 < domain.size) &&
            !(c == '-' && inner)) {
            return false;
        }
        before = c;
    }
    return true;
}

bool postilion_config_mailbox_ok(struct str mailbox)
{
    if (mailbox.size == 0 || mailbox.size > 64 || mailbox.data[0] == '.' ||
        mailbox.data[mailbox.size - 1] == '.') {
        return false;
    }
    for (size_t i = 0; i < mailbox.size; i++) {
        char c = mailbox.data[i];
        if (!char_is_alnum(c) && c != '.' && c != '-' && c != '_' && c != '+') {
            return false;
        }
    }
    return str_find_str(mailbox, STR("..")) < 0;
}
