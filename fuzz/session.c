// SPDX-License-Identifier: ISC
#include "fuzz/session.h"

#include <stdio.h>
#include <string.h>

#include "cleanup/cleanup.h"
#include "flush/flush.h"
#include "fuzz/fuzz.h"
#include "master/master.h"
#include "proto/header.h"
#include "proto/netstring.h"
#include "proto/queue_record.h"
#include "qmqpd/qmqpd.h"
#include "service/service.h"
#include "smtpd/smtpd.h"
#include "sys/clock.h"
#include "sys/fiber.h"
#include "sys/net.h"
#include "trivial_rewrite/trivial_rewrite.h"
#include "world/disk.h"
#include "world/machine.h"
#include "world/observer.h"
#include "world/process.h"
#include "world/world.h"

#define CONFIG_DIRECTORY "/etc/postilion"
#define INCOMING         "/var/spool/postilion/incoming"
#define REPLIES          "/replies"
#define SERVER_IP        "198.51.100.1"
#define CLIENT_IP        "192.0.2.25"

/* Time between segments: longer than the daemon needs to look at the one before. */
#define SEGMENT_PAUSE_NS (50 * SYS_MILLI_NS)
#define SESSION_NS       (1000 * SYS_SECOND_NS)
/* After it nothing is left that a daemon keeps for the next client. */
#define IDLE_NS (30 * SYS_SECOND_NS)

enum { SESSION_COUNT = 3, OUTPUT_MAX = 8 << 20, OWNER_UID = 200, PATH_BYTES = 400 };

static const char main_cf[] = "myhostname = mx.our.test\n"
                              "mydestination =\n"
                              "mynetworks = 127.0.0.0/8\n"
                              "relay_domains = away.test\n"
                              "virtual_mailbox_domains = our.test\n"
                              "virtual_mailbox_maps = inline:{ {a@our.test=a/} {b@our.test=b/} }\n"
                              "qmqpd_authorized_clients = " CLIENT_IP "\n"
                              "smtpd_peername_lookup = no\n"
                              "smtputf8_enable = yes\n"
                              "smtpd_forbid_unauth_pipelining = no\n"
                              "smtpd_error_sleep_time = 0\n"
                              "qmqpd_error_delay = 0\n"
                              "message_size_limit = 2000\n"
                              "max_idle = 10000s\n"
                              "max_use = 1000\n";

/* Of the services below the line only qmgr is ever asked for. */
static const char master_cf[] = "smtp    inet n - n - - smtpd\n"
                                "628     inet n - n - - qmqpd\n"
                                "cleanup unix n - n - 0 cleanup\n"
                                "rewrite unix - - n - - trivial-rewrite\n"
                                "flush   unix n - n - 0 flush\n"
                                "#\n"
                                "qmgr    unix n - n - 1 qmgr\n"
                                "bounce  unix - - n - 0 bounce\n"
                                "defer   unix - - n - 0 bounce\n"
                                "error   unix - - n - - error\n"
                                "retry   unix - - n - - error\n"
                                "smtp    unix - - n - - smtp\n"
                                "relay   unix - - n - - smtp\n"
                                "virtual unix - n n - - virtual\n";

static int client_main(struct sys *sys, int argc, char **argv);
static int idle_qmgr_main(struct sys *sys, int argc, char **argv);

static const struct world_program session_programs[] = {
    {"master", master_main},   {"smtpd", smtpd_main},    {"qmqpd", qmqpd_main},
    {"cleanup", cleanup_main}, {"client", client_main},  {"trivial-rewrite", trivial_rewrite_main},
    {"flush", flush_main},     {"qmgr", idle_qmgr_main},
};
enum { PROGRAM_COUNT = sizeof(session_programs) / sizeof(session_programs[0]) };

/* ---- a queue manager that leaves all mail where it is ---------------------------------------- */

static void ignore(struct service *service, struct str requests)
{
    (void)service;
    (void)requests;
}

static int idle_qmgr_main(struct sys *sys, int argc, char **argv)
{
    static const struct service_options options = {.program = "qmgr", .trigger = ignore};

    return service_run(sys, argc, argv, &options);
}

/* ---- the client ---------------------------------------------------------------------------- */

struct client {
    int fd;
    struct buf input;
    size_t segment_bytes; /* 0: all at once */
};

static int send_segment(struct sys *sys, int fd, struct str segment)
{
    while (segment.size > 0) {
        long count = sys_write(sys, fd, segment.data, segment.size, SYS_FOREVER);
        if (count < 0) {
            return (int)count;
        }
        segment = str_skip(segment, (size_t)count);
    }
    return 0;
}

/* Sends all there is, then ends its direction; a daemon that hangs up first ends it, too. */
static void send_input(struct sys *sys, void *argument)
{
    struct client *client = argument;
    size_t step = client->segment_bytes != 0 ? client->segment_bytes : SESSION_INPUT_MAX;
    struct str rest = buf_str(&client->input);
    int error = 0;

    while (rest.size > 0 && error == 0) {
        error = send_segment(sys, client->fd, str_first(rest, step));
        rest = str_skip(rest, step);
        if (error == 0) {
            error = sys_sleep_until(sys, sys_deadline(sys, SEGMENT_PAUSE_NS));
        }
    }
    if (error == 0) {
        error = sys_shutdown(sys, client->fd);
    }
    FUZZ_CHECK(error <= 0);
}

static void read_input(struct sys *sys, struct buf *input)
{
    char data[512];
    long count = sys_input(sys, data, sizeof(data));

    while (count > 0) {
        buf_put(input, str_of(data, (size_t)count));
        count = sys_input(sys, data, sizeof(data));
    }
}

static void read_replies(struct sys *sys, int fd, struct buf *replies)
{
    char data[2048];
    long count = sys_read(sys, fd, data, sizeof(data), SYS_FOREVER);

    while (count > 0) {
        buf_put(replies, str_of(data, (size_t)count));
        count = sys_read(sys, fd, data, sizeof(data), SYS_FOREVER);
    }
}

static void keep_replies(struct sys *sys, struct str replies)
{
    int fd = sys_open(sys, SYS_HERE, REPLIES, SYS_OPEN_WRITE | SYS_OPEN_CREATE | SYS_OPEN_TRUNCATE,
                      0600);

    FUZZ_CHECK(fd >= 0);
    FUZZ_CHECK(sys_pwrite(sys, fd, replies.data, replies.size, 0) == (long)replies.size);
    sys_close(sys, fd);
}

/* client PORT SEGMENT_BYTES, what to send on its standard input */
static int client_main(struct sys *sys, int argc, char **argv)
{
    struct client client = {.segment_bytes = (size_t)atoi(argv[2])};
    struct sys_group group;
    struct sys_address server;
    struct buf replies;

    FUZZ_CHECK(argc == 3);
    buf_init(&client.input, sys_mem(sys), SESSION_INPUT_MAX);
    buf_init(&replies, sys_mem(sys), OUTPUT_MAX);
    read_input(sys, &client.input);
    FUZZ_CHECK(sys_address_parse(STR(SERVER_IP), (uint16_t)atoi(argv[1]), &server) == 0);
    client.fd = sys_dial(sys, NULL, &server, SYS_FOREVER);
    FUZZ_CHECK(client.fd >= 0);
    sys_group_init(&group);
    FUZZ_CHECK(sys_fiber_start(sys, &group, send_input, &client) == 0);
    read_replies(sys, client.fd, &replies);
    sys_group_cancel(sys, &group);
    sys_group_join(sys, &group);
    sys_close(sys, client.fd);
    keep_replies(sys, buf_str(&replies));
    return 0;
}

/* ---- the world ----------------------------------------------------------------------------- */

struct stage {
    const struct session_plan *plan;
    struct mem *mem;
    struct world *world;
    struct machine *server;
    struct machine *client;
    struct observer observer;
    bool client_ended;
};

/* Nobody of the mail system may end while a session fuzzer looks. */
static void note_end(void *argument, struct sys *sys)
{
    struct stage *stage = argument;

    FUZZ_CHECK(sys->machine == stage->client);
    FUZZ_CHECK(sys->signal == 0 && sys->status == 0);
    stage->client_ended = true;
}

static void put_server_files(struct stage *stage)
{
    struct disk *disk = stage->server->disk;

    disk_put_file(disk, CONFIG_DIRECTORY "/main.cf", str_from(main_cf), 0644, 0, 0);
    disk_put_file(disk, CONFIG_DIRECTORY "/master.cf", str_from(master_cf), 0644, 0, 0);
    disk_put_directory(disk, "/var/spool/postilion", 0755, 0, 0);
    disk_put_directory(disk, "/var/lib/postilion", 0755, OWNER_UID, OWNER_UID);
}

static void start_master(struct stage *stage)
{
    const char *const argv[] = {"master", "-c", CONFIG_DIRECTORY, NULL};
    const struct process_start start = {
        .path = "/usr/libexec/postilion/master", .argv = argv, .directory = "/"};

    FUZZ_CHECK(process_start(stage->server, &start) > 0);
    (void)world_run_until(stage->world, world_now_ns(stage->world) + SYS_SECOND_NS);
}

static void stage_open(struct stage *stage)
{
    struct world_options options;

    world_options_init(&options);
    options.programs = session_programs;
    options.program_count = PROGRAM_COUNT;
    stage->world = world_create(&options);
    stage->server = machine_add(stage->world, "mx.our.test");
    stage->client = machine_add(stage->world, "client.far.test");
    machine_add_ip(stage->server, SERVER_IP);
    machine_add_ip(stage->client, CLIENT_IP);
    machine_add_user(stage->server, "postilion", OWNER_UID, OWNER_UID, "/");
    machine_add_user(stage->server, "postdrop", OWNER_UID + 1, OWNER_UID + 1, "/");
    put_server_files(stage);
    stage->observer = (struct observer){.argument = stage, .ended = note_end};
    observer_add(stage->world, &stage->observer);
    start_master(stage);
}

static void check_world(const struct world *world)
{
    if (world_stopped(world) != WORLD_FAULT_NONE) {
        fuzz_failed(world_stop_text(world), __FILE__, __LINE__);
    }
}

static bool client_is_running(void *argument)
{
    return !((struct stage *)argument)->client_ended;
}

static void run_client(struct stage *stage, size_t segment_bytes)
{
    char segment[24];
    const char *const argv[] = {"client", stage->plan->port, segment, NULL};
    const struct process_start start = {
        .path = "/client", .argv = argv, .directory = "/", .input = stage->plan->input};
    int64_t until_ns = world_now_ns(stage->world) + SESSION_NS;

    (void)snprintf(segment, sizeof(segment), "%zu", segment_bytes);
    stage->client_ended = false;
    FUZZ_CHECK(process_start(stage->client, &start) > 0);
    (void)world_run_while(stage->world, client_is_running, stage, until_ns);
    check_world(stage->world);
    FUZZ_CHECK(stage->client_ended);
    (void)world_run_until(stage->world, world_now_ns(stage->world) + IDLE_NS);
    check_world(stage->world);
}

/* ---- what a session leaves ----------------------------------------------------------------- */

/* What the daemon under test holds. */
struct holdings {
    int process_count;
    int descriptor_count;
    int fiber_count;
    size_t memory_count;
};

static struct holdings count_holdings(const struct stage *stage)
{
    struct holdings holdings = {0};

    list_each(node, &stage->server->processes)
    {
        struct sys *sys = list_entry(node, struct sys, in_machine);
        if (strcmp(sys->program->file, stage->plan->program) == 0) {
            holdings.process_count++;
            holdings.descriptor_count += sys->descriptors_open;
            holdings.memory_count += mem_count(sys->mem);
            list_each(fiber, &sys->fibers)
            {
                holdings.fiber_count++;
            }
        }
    }
    return holdings;
}

static void check_same_holdings(const struct holdings *before, const struct holdings *after)
{
    FUZZ_CHECK(before->process_count == after->process_count);
    FUZZ_CHECK(before->descriptor_count == after->descriptor_count);
    FUZZ_CHECK(before->fiber_count == after->fiber_count);
    FUZZ_CHECK(before->memory_count == after->memory_count);
}

/* Copies replies without the queue ids in them; how many confirm a message. */
static int put_replies(struct str replies, struct str confirmation, struct buf *out)
{
    int count = 0;
    ptrdiff_t at = str_find_str(replies, confirmation);

    while (at >= 0) {
        size_t size = (size_t)at + confirmation.size;
        buf_put(out, str_first(replies, size));
        replies = str_skip(replies, size);
        while (replies.size > 0 && char_is_alnum(replies.data[0])) {
            replies = str_skip(replies, 1);
        }
        count++;
        at = str_find_str(replies, confirmation);
    }
    buf_put(out, replies);
    return count;
}

struct mail_walk {
    struct stage *stage;
    struct session_outcome *outcome;
};

static bool tells_time(const struct queue_record *record)
{
    return record->type == QUEUE_RECORD_SIZE || record->type == QUEUE_RECORD_ARRIVAL_TIME ||
           record->type == QUEUE_RECORD_CREATE_TIME || record->type == QUEUE_RECORD_ATTRIBUTE;
}

/* The records of one message, but for those that tell the time and the trace header on top. */
static void put_records(struct str file, struct buf *out)
{
    struct queue_record record;
    enum queue_segment segment = QUEUE_SEGMENT_ENVELOPE;
    size_t used_bytes = 0;
    bool in_trace = true;

    while (queue_record_parse(file, &record, &used_bytes) == PARSE_OK) {
        FUZZ_CHECK(queue_record_advance(&segment, record.type) == 0);
        bool is_line = record.type == QUEUE_RECORD_LINE;
        in_trace = in_trace && (!is_line || str_starts_with(record.data, STR("Received:")) ||
                                header_line_continues(record.data));
        if (!tells_time(&record) && !(in_trace && is_line)) {
            buf_putf(out, "%c%.*s\n", record.type, STR_ARG(record.data));
        }
        file = str_skip(file, used_bytes);
    }
    FUZZ_CHECK(segment == QUEUE_SEGMENT_ENDED);
}

static void visit_message(void *argument, const char *name, const struct sys_stat *stat)
{
    struct mail_walk *walk = argument;
    char path[PATH_BYTES];
    struct buf file;

    if (stat->mode != 0700) {
        return; /* not taken: a message begun */
    }
    (void)snprintf(path, sizeof(path), INCOMING "/%s", name);
    FUZZ_CHECK(disk_is_durable(walk->stage->server->disk, path));
    buf_init(&file, walk->stage->mem, OUTPUT_MAX);
    FUZZ_CHECK(disk_read(walk->stage->server->disk, path, &file) == 0);
    put_records(buf_str(&file), &walk->outcome->mail);
    walk->outcome->message_count++;
    buf_done(&file);
}

static void outcome_init(struct session_outcome *outcome, struct mem *mem)
{
    *outcome = (struct session_outcome){0};
    buf_init(&outcome->replies, mem, OUTPUT_MAX);
    buf_init(&outcome->mail, mem, OUTPUT_MAX);
}

/* What the server said; a netstring must be one, and nothing else. */
static struct str content_of(const struct session_plan *plan, struct str replies)
{
    struct str content = replies;
    size_t used_bytes = replies.size;

    if (plan->answers_netstring && replies.size > 0) {
        FUZZ_CHECK(netstring_parse(replies, OUTPUT_MAX, &content, &used_bytes) == PARSE_OK);
    }
    FUZZ_CHECK(used_bytes == replies.size);
    return content;
}

/* The mail of earlier sessions stays in the queue: all of it is in the outcome. */
static void collect(struct stage *stage, struct session_outcome *outcome, int confirmed_before,
                    int *confirmed)
{
    struct mail_walk walk = {stage, outcome};
    struct buf replies;

    buf_init(&replies, stage->mem, OUTPUT_MAX);
    FUZZ_CHECK(disk_read(stage->client->disk, REPLIES, &replies) == 0);
    *confirmed =
        confirmed_before + put_replies(content_of(stage->plan, buf_str(&replies)),
                                       str_from(stage->plan->confirmation), &outcome->replies);
    disk_list(stage->server->disk, INCOMING, visit_message, &walk);
    FUZZ_CHECK(outcome->message_count == *confirmed);
    buf_done(&replies);
}

/* ---- the sessions -------------------------------------------------------------------------- */

/* What session number index added to the mail of the sessions before it. */
static struct str added_mail(const struct session_outcome *outcomes, int index)
{
    size_t before = index == 0 ? 0 : outcomes[index - 1].mail.size;

    return str_skip(buf_str(&outcomes[index].mail), before);
}

static void check_same_outcomes(const struct session_outcome *outcomes)
{
    for (int i = 1; i < SESSION_COUNT; i++) {
        FUZZ_CHECK(str_equal(buf_str(&outcomes[0].replies), buf_str(&outcomes[i].replies)));
        FUZZ_CHECK(str_equal(added_mail(outcomes, 0), added_mail(outcomes, i)));
    }
}

void session_play(const struct session_plan *plan, struct mem *mem, struct session_outcome *outcome)
{
    struct stage stage = {.plan = plan, .mem = mem};
    const size_t segment_bytes[SESSION_COUNT] = {0, 1, plan->segment_bytes};
    struct session_outcome outcomes[SESSION_COUNT];
    struct holdings holdings[SESSION_COUNT];
    int confirmed = 0;

    FUZZ_CHECK(plan->input.size <= SESSION_INPUT_MAX);
    stage_open(&stage);
    for (int i = 0; i < SESSION_COUNT; i++) {
        outcome_init(&outcomes[i], mem);
        run_client(&stage, segment_bytes[i]);
        collect(&stage, &outcomes[i], confirmed, &confirmed);
        holdings[i] = count_holdings(&stage);
    }
    check_same_outcomes(outcomes);
    check_same_holdings(&holdings[1], &holdings[2]);
    *outcome = outcomes[0];
    world_destroy(stage.world);
}
