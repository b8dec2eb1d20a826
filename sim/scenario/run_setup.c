// SPDX-License-Identifier: ISC
/* The machines of a scenario and what lies on their disks when it begins. */
#include <stdio.h>

#include "base/assert.h"
#include "peer/peer_dns.h"
#include "peer/peer_smtp.h"
#include "peer/peer_submit.h"
#include "peer/peer_talk.h"
#include "scenario/run.h"
#include "scenario/run_process.h"
#include "world/disk.h"
#include "world/machine.h"
#include "world/network.h"
#include "world/process.h"
#include "world/programs.h"

#define IP_CLIENT "10.0.0.25"
#define IP_DNS    "10.0.0.53"
#define SECOND_NS INT64_C(1000000000)

enum {
    TEXT_MAX = 1 << 20,
    OVERRIDES_MAX = 64 << 20,
    FILE_MODE = 0644,
    DIRECTORY_MODE = 0755,
    LOCAL_UID = 1001, /* of the first user of the mail system's machine */
    PATH_MAX_BYTES = 1024,
};

static const struct world_program peer_programs[] = {
    {"peer-smtp", peer_smtp_main},
    {"peer-dns", peer_dns_main},
    {"peer-submit", peer_submit_main},
    {"peer-talk", peer_talk_main},
};
enum { PEER_PROGRAM_COUNT = sizeof(peer_programs) / sizeof(peer_programs[0]) };

/* service type private unprivileged chroot wakeup maxproc command */
static const char master_cf[] = "smtp       inet       n  -  n  -     -  smtpd\n"
                                "628        inet       n  -  n  -     -  qmqpd\n"
                                "pickup     unix       n  -  n  60    1  pickup\n"
                                "cleanup    unix       n  -  n  -     0  cleanup\n"
                                "qmgr       unix       n  -  n  300   1  qmgr\n"
                                "rewrite    unix       -  -  n  -     -  trivial-rewrite\n"
                                "bounce     unix       -  -  n  -     0  bounce\n"
                                "defer      unix       -  -  n  -     0  bounce\n"
                                "trace      unix       -  -  n  -     0  bounce\n"
                                "smtp       unix       -  -  n  -     -  smtp\n"
                                "relay      unix       -  -  n  -     -  smtp\n"
                                "virtual    unix       -  -  n  -     -  virtual\n"
                                "error      unix       -  -  n  -     -  error\n"
                                "retry      unix       -  -  n  -     -  error\n"
                                "flush      unix       n  -  n  1000? 0  flush\n"
                                "showq      unix       n  -  n  -     -  showq\n"
                                "postlog    unix-dgram n  -  n  -     1  postlogd\n";

/* ---- the mail system's files --------------------------------------------------------------- */

static struct str domain_of(struct str host)
{
    ptrdiff_t dot = str_find(host, '.');
    return dot < 0 ? host : str_skip(host, (size_t)dot + 1);
}

/* The part of a mailbox address before its @. */
static struct str user_of(struct str address)
{
    ptrdiff_t at = str_find(address, '@');
    return at < 0 ? address : str_first(address, (size_t)at);
}

static void put_mailboxes(const struct scenario_statement *mta, struct buf *out)
{
    struct str domain = domain_of(scenario_text(mta, SCENARIO_SLOT_HOST));
    buf_putf(out, "virtual_mailbox_domains = %.*s\n", STR_ARG(domain));
    buf_put_text(out, "virtual_mailbox_base = " RUN_MAIL_DIRECTORY "\n"
                      "virtual_mailbox_maps = inline:{");
    for (const struct scenario_statement *line = mta->children; line != NULL; line = line->next) {
        if (line->form == SCENARIO_FORM_MAILBOX) {
            struct str address = scenario_text(line, SCENARIO_SLOT_ADDRESS);
            buf_putf(out, " {%.*s=%.*s/}", STR_ARG(address), STR_ARG(user_of(address)));
        }
    }
    buf_putf(out,
             " {postmaster@%.*s=postmaster/} }\n"
             "virtual_uid_maps = static:%d\n"
             "virtual_gid_maps = static:%d\n",
             STR_ARG(domain), RUN_OWNER_UID, RUN_OWNER_UID);
}

static void put_aliases(const struct scenario_statement *mta, struct buf *out)
{
    const char *before = "virtual_alias_maps = inline:{";
    for (const struct scenario_statement *line = mta->children; line != NULL; line = line->next) {
        if (line->form != SCENARIO_FORM_ALIAS) {
            continue;
        }
        buf_putf(out, "%s {%.*s=", before, STR_ARG(scenario_text(line, SCENARIO_SLOT_ADDRESS)));
        for (const struct syntax_value *member = scenario_value(line, SCENARIO_SLOT_MEMBER);
             member != NULL; member = member->next) {
            buf_putf(out, "%.*s%s", STR_ARG(member->text), member->next != NULL ? "," : "}");
        }
        before = "";
    }
    if (before[0] == '\0') {
        buf_put_text(out, " }\n");
    }
}

static void put_settings(const struct scenario_statement *mta, struct buf *out)
{
    for (const struct scenario_statement *line = mta->children; line != NULL; line = line->next) {
        if (line->form == SCENARIO_FORM_SET) {
            buf_putf(out, "%.*s =", STR_ARG(scenario_text(line, SCENARIO_SLOT_WORD)));
            for (const struct syntax_value *value = scenario_value(line, SCENARIO_SLOT_VALUE);
                 value != NULL; value = value->next) {
                buf_putf(out, " %.*s", STR_ARG(value->text));
            }
            buf_put_char(out, '\n');
        }
    }
}

static void put_main_cf(const struct scenario_statement *mta, struct buf *out)
{
    struct str host = scenario_text(mta, SCENARIO_SLOT_HOST);
    buf_putf(out,
             "myhostname = %.*s\n"
             "mydomain = %.*s\n"
             "mydestination =\n"
             "mynetworks = 127.0.0.0/8 10.0.0.0/8\n"
             "qmqpd_authorized_clients = $mynetworks\n"
             "inet_interfaces = all\n",
             STR_ARG(host), STR_ARG(domain_of(host)));
    put_mailboxes(mta, out);
    put_aliases(mta, out);
    put_settings(mta, out);
}

/* Files of the configuration directory that a scenario gives, line by line. */
static void put_files(struct run *run)
{
    struct buf content;
    buf_init(&content, run->mem, TEXT_MAX);
    for (const struct scenario_statement *line = run->scenario->mta->children; line != NULL;
         line = line->next) {
        if (line->form == SCENARIO_FORM_FILE) {
            char path[PATH_MAX_BYTES];
            buf_clear(&content);
            for (const struct syntax_value *text = scenario_value(line, SCENARIO_SLOT_TEXT);
                 text != NULL; text = text->next) {
                buf_putf(&content, "%.*s\n", STR_ARG(text->text));
            }
            snprintf(path, sizeof(path), RUN_CONFIG_DIRECTORY "/%.*s",
                     STR_ARG(scenario_text(line, SCENARIO_SLOT_WORD)));
            disk_put_file(run->mta->disk, path, buf_str(&content), FILE_MODE, 0, 0);
        }
    }
    buf_done(&content);
}

static void write_mta_disk(struct run *run)
{
    struct disk *disk = run->mta->disk;
    struct buf main_cf;
    buf_init(&main_cf, run->mem, TEXT_MAX);
    put_main_cf(run->scenario->mta, &main_cf);
    disk_put_file(disk, "/etc/resolv.conf", STR("nameserver " IP_DNS "\n"), FILE_MODE, 0, 0);
    disk_put_file(disk, "/etc/hosts", STR("127.0.0.1 localhost\n"), FILE_MODE, 0, 0);
    disk_put_file(disk, RUN_CONFIG_DIRECTORY "/main.cf", buf_str(&main_cf), FILE_MODE, 0, 0);
    disk_put_file(disk, RUN_CONFIG_DIRECTORY "/master.cf", str_from(master_cf), FILE_MODE, 0, 0);
    disk_put_directory(disk, RUN_QUEUE_DIRECTORY, DIRECTORY_MODE, 0, 0);
    disk_put_directory(disk, "/var/lib/postilion", DIRECTORY_MODE, RUN_OWNER_UID, RUN_OWNER_UID);
    disk_put_directory(disk, RUN_MAIL_DIRECTORY, DIRECTORY_MODE, RUN_OWNER_UID, RUN_OWNER_UID);
    disk_put_directory(disk, "/var/log", DIRECTORY_MODE, RUN_OWNER_UID, RUN_OWNER_UID);
    buf_done(&main_cf);
    put_files(run);
}

/* ---- machines ------------------------------------------------------------------------------ */

static struct machine *add_machine(struct run *run, const struct scenario_statement *block)
{
    char text[MACHINE_NAME_MAX + 1];
    snprintf(text, sizeof(text), "%.*s", STR_ARG(scenario_text(block, SCENARIO_SLOT_HOST)));
    struct machine *machine = machine_add(run->world, text);
    for (const struct syntax_value *ip = scenario_value(block, SCENARIO_SLOT_IP); ip != NULL;
         ip = ip->next) {
        snprintf(text, sizeof(text), "%.*s", STR_ARG(ip->text));
        machine_add_ip(machine, text);
    }
    disk_put_directory(machine->disk, RUN_PEER_DIRECTORY, DIRECTORY_MODE, 0, 0);
    return machine;
}

static struct machine *add_plain_machine(struct run *run, const char *name, const char *ip)
{
    struct machine *machine = machine_add(run->world, name);
    machine_add_ip(machine, ip);
    disk_put_directory(machine->disk, RUN_PEER_DIRECTORY, DIRECTORY_MODE, 0, 0);
    return machine;
}

static const enum disk_contract contracts[] = {
    [SCENARIO_DISK_POSIX_MIN] = DISK_POSIX_MIN,
    [SCENARIO_DISK_EXT4] = DISK_EXT4,
    [SCENARIO_DISK_POSTFIX] = DISK_POSTFIX,
};

/* Whoever the script names. */
static void add_local_users(struct run *run)
{
    uint32_t uid = LOCAL_UID;
    for (const struct scenario_statement *action = run->scenario->actions; action != NULL;
         action = action->next) {
        const struct syntax_value *user = scenario_value(action, SCENARIO_SLOT_USER);
        if (user != NULL && user->text.size < SYS_USER_NAME_MAX &&
            run->mta->user_count < MACHINE_USERS_MAX &&
            machine_find_user(run->mta, user->text) == NULL) {
            char text[SYS_USER_NAME_MAX];
            snprintf(text, sizeof(text), "%.*s", STR_ARG(user->text));
            machine_add_user(run->mta, text, uid, uid, "/");
            uid++;
        }
    }
}

static void add_mta(struct run *run)
{
    run->mta = add_machine(run, run->scenario->mta);
    disk_set_contract(run->mta->disk, contracts[run->scenario->disk]);
    disk_set_sync_time(run->mta->disk, run->scenario->sync_ns);
    machine_add_user(run->mta, "postilion", RUN_OWNER_UID, RUN_OWNER_UID, RUN_QUEUE_DIRECTORY);
    machine_add_user(run->mta, "postdrop", RUN_OWNER_UID + 1, RUN_OWNER_UID + 1, "/");
    machine_set_group(run->mta, "postdrop", RUN_OWNER_UID + 1);
    machine_set_group(run->mta, "postqueue", RUN_OWNER_UID + 1);
    machine_set_group(run->mta, "mailq", RUN_OWNER_UID + 1);
    add_local_users(run);
    write_mta_disk(run);
}

/* ---- peers --------------------------------------------------------------------------------- */

static void parse_script(struct run *run, struct run_peer *peer)
{
    struct buf report;
    buf_init(&report, run->mem, TEXT_MAX);
    struct syntax_problems problems = {"", STR(""), &report, 0};
    peer_script_init(&peer->script);
    for (const struct scenario_statement *rule = peer->block->children; rule != NULL;
         rule = rule->next) {
        bool good = peer_script_add(&peer->script, &rule->line, &run->arena, &problems);
        assert(good); /* the scenario's parser has seen it */
    }
    buf_done(&report);
}

static void add_peer(struct run *run, const struct scenario_statement *block)
{
    struct run_peer *peer = arena_alloc(&run->arena, sizeof(*peer));
    assert(peer != NULL);
    peer->block = block;
    peer->machine = add_machine(run, block);
    parse_script(run, peer);
    struct run_peer **end = &run->peers;
    while (*end != NULL) {
        end = &(*end)->next;
    }
    *end = peer;
}

static void start_peer(struct run *run, const struct run_peer *peer)
{
    struct run_process process;
    run_process_init(&process, run, peer->machine, "peer-smtp");
    run_process_argument(&process, "%.*s", STR_ARG(scenario_text(peer->block, SCENARIO_SLOT_HOST)));
    run_process_zero(&process);
    for (const struct syntax_value *ip = scenario_value(peer->block, SCENARIO_SLOT_IP); ip != NULL;
         ip = ip->next) {
        run_process_argument(&process, "-a");
        run_process_argument(&process, "%.*s", STR_ARG(ip->text));
    }
    run_process_argument(&process, "--");
    for (const struct scenario_statement *rule = peer->block->children; rule != NULL;
         rule = rule->next) {
        run_process_argument(&process, "%.*s", STR_ARG(rule->text));
    }
    run_process_start(&process);
}

static void start_dns(struct run *run)
{
    struct run_process process;
    run_process_init(&process, run, run->dns, "peer-dns");
    run_process_argument(&process, "dns");
    run_process_zero(&process);
    run_process_argument(&process, "-a");
    run_process_argument(&process, IP_DNS);
    run_process_argument(&process, "--");
    for (const struct scenario_statement *zone = run->scenario->zones; zone != NULL;
         zone = zone->next) {
        run_process_argument(&process, "%.*s", STR_ARG(zone->text));
        for (const struct scenario_statement *record = zone->children; record != NULL;
             record = record->next) {
            run_process_argument(&process, "%.*s", STR_ARG(record->text));
        }
    }
    run_process_start(&process);
}

/* ---- black holes --------------------------------------------------------------------------- */

static void block_addresses(struct run *run, const struct run_peer *peer, enum network_block block)
{
    for (int i = 0; i < peer->machine->address_count; i++) {
        network_block(run->world, &peer->machine->addresses[i], block);
    }
}

/* Sets what holds now and comes back when that changes. */
static void change_network(struct event *event)
{
    struct run *run = list_entry(event, struct run, network_change);
    const struct peer_situation at = {world_now_ns(run->world), 1, 1};
    int64_t next_ns = INT64_MAX;
    for (struct run_peer *peer = run->peers; peer != NULL; peer = peer->next) {
        const struct peer_rule *rule =
            peer_script_find(&peer->script, PEER_STAGE_CONNECT, STR(""), &at);
        bool hole = rule != NULL && rule->action == PEER_ACTION_BLACKHOLE;
        block_addresses(run, peer, hole ? NETWORK_BLACKHOLE : NETWORK_OPEN);
        int64_t change_ns = peer_script_next_change(&peer->script, at.now_ns);
        next_ns = change_ns < next_ns ? change_ns : next_ns;
    }
    if (next_ns != INT64_MAX) {
        event_add(run->world, &run->network_change, next_ns, change_network);
    }
}

/* ---- the whole ----------------------------------------------------------------------------- */

/* The file's draws, and those of the options, in the shape that the world takes. */
static void put_overrides(const struct run *run, struct buf *text)
{
    for (const struct scenario_statement *draw = run->scenario->draws; draw != NULL;
         draw = draw->next) {
        buf_putf(text, "%.*s %.*s %lld %.*s\n", STR_ARG(scenario_text(draw, SCENARIO_SLOT_SITE)),
                 STR_ARG(scenario_text(draw, SCENARIO_SLOT_MACHINE)),
                 (long long)scenario_number(draw, SCENARIO_SLOT_INDEX, 0),
                 STR_ARG(scenario_text(draw, SCENARIO_SLOT_VALUE)));
    }
    buf_put(text, run->options.overrides);
}

static void create_world(struct run *run)
{
    struct world_options options;
    struct buf overrides;
    buf_init(&overrides, run->mem, OVERRIDES_MAX);
    put_overrides(run, &overrides);
    world_options_init(&options);
    options.seeded = run->options.seeded;
    options.seed = run->options.seed;
    options.overrides = buf_str(&overrides);
    options.reproduce = run->options.reproduce;
    options.programs = programs;
    options.program_count = programs_count;
    options.start_ns = run->scenario->mta_started_ns < 0 ? run->scenario->mta_started_ns : 0;
    options.start_ns -= SECOND_NS;
    if (run->scenario->latency_ns >= 0) {
        options.latency_ns = run->scenario->latency_ns;
    }
    run->start_ns = options.start_ns;
    run->world = world_create(&options);
    buf_done(&overrides);
    world_add_programs(run->world, peer_programs, PEER_PROGRAM_COUNT);
}

void run_setup(struct run *run)
{
    create_world(run);
    add_mta(run);
    run->client = add_plain_machine(run, "client.our.test", IP_CLIENT);
    run->dns = add_plain_machine(run, "dns.our.test", IP_DNS);
    for (const struct scenario_statement *block = run->scenario->peers; block != NULL;
         block = block->next) {
        add_peer(run, block);
    }
    start_dns(run);
    for (const struct run_peer *peer = run->peers; peer != NULL; peer = peer->next) {
        start_peer(run, peer);
    }
    change_network(&run->network_change);
}
