// SPDX-License-Identifier: ISC
#include "peer/peer_submit.h"

#include <stdio.h>

#include "base/arena.h"
#include "base/number.h"
#include "peer/peer_arguments.h"
#include "peer/peer_message.h"
#include "peer/peer_report.h"
#include "proto/header.h"
#include "proto/netstring.h"
#include "proto/smtp_data.h"
#include "proto/smtp_reply.h"
#include "stream/stream.h"
#include "sys/clock.h"
#include "sys/net.h"
#include "sys/process.h"

enum {
    MESSAGE_MAX = 64 << 20,
    STREAM_MAX = 65536,
    COPIES_MAX = 100000,
    REPLY_TIMEOUT_S = 600,
    ANSWER_MAX = 4096,
};

struct client {
    struct sys *sys;
    struct peer_arguments arguments;
    struct peer_message message;
    struct str lines[PEER_OPTIONS_MAX]; /* of the body */
    struct stream stream;
    struct smtp_reply reply; /* the last one */
    struct buf content;
};

static void report(struct client *client, const char *event, struct str text)
{
    char quoted[PEER_QUOTED_MAX];
    peer_report(client->sys, "client %.*s copy %d %s %s", STR_ARG(client->message.label),
                client->message.copy, event, peer_quoted(text, quoted));
}

static void report_lost(struct client *client, int error)
{
    report(client, "lost", str_from(err_sentence(error)));
}

static bool connect_server(struct client *client)
{
    int64_t deadline_ns = sys_deadline(client->sys, REPLY_TIMEOUT_S * SYS_SECOND_NS);
    int fd = client->arguments.address_count == 0
                 ? -ERR_INVALID
                 : sys_dial(client->sys, NULL, &client->arguments.addresses[0], deadline_ns);
    stream_open(&client->stream, client->sys, sys_mem(client->sys), fd, STREAM_MAX);
    stream_set_timeout(&client->stream, REPLY_TIMEOUT_S * SYS_SECOND_NS);
    if (fd < 0) {
        report_lost(client, fd);
    }
    return fd >= 0;
}

/* ---- SMTP ---------------------------------------------------------------------------------- */

/* Reads a reply; false when there is none. */
static bool read_reply(struct client *client)
{
    smtp_reply_clear(&client->reply);
    enum parse result = PARSE_MORE;
    while (result == PARSE_MORE) {
        struct str line;
        int error = stream_read_line(&client->stream, STREAM_MAX, &line);
        if (error != 0) {
            report_lost(client, error);
            return false;
        }
        result = smtp_reply_feed(&client->reply, str_trim_space(line));
    }
    if (result == PARSE_BAD) {
        report_lost(client, -ERR_PROTOCOL);
    }
    return result == PARSE_OK;
}

static bool is_positive(const struct client *client)
{
    return client->reply.code < 400;
}

/* Reads a reply that must be positive for the message to go on. */
static bool expect_positive(struct client *client)
{
    if (!read_reply(client)) {
        return false;
    }
    if (!is_positive(client)) {
        report(client, "refused", buf_str(&client->reply.text));
    }
    return is_positive(client);
}

/* The address of "<address> PARAMETER...". */
static struct str address_of(const char *line)
{
    struct str text = str_skip(str_from(line), 1);
    ptrdiff_t end = str_find_str(text, STR("> "));
    return str_first(text, end < 0 ? text.size - 1 : (size_t)end);
}

/* 1 for an accepted recipient, 0 for a refused one, negative when the session is over. */
static int send_recipient(struct client *client, const char *line)
{
    char quoted[PEER_QUOTED_MAX];
    stream_printf(&client->stream, "RCPT TO:%s\r\n", line);
    if (!read_reply(client)) {
        return -ERR_CLOSED;
    }
    if (is_positive(client)) {
        return 1;
    }
    peer_report(client->sys, "client %.*s copy %d to <%.*s> refused %s",
                STR_ARG(client->message.label), client->message.copy, STR_ARG(address_of(line)),
                peer_quoted(buf_str(&client->reply.text), quoted));
    return 0;
}

/* How many recipients were accepted; negative when the session is over. */
static int send_recipients(struct client *client)
{
    int accepted = 0;
    for (int i = 0; i < client->arguments.line_count; i++) {
        int result = send_recipient(client, client->arguments.lines[i]);
        if (result < 0) {
            return result;
        }
        accepted += result;
    }
    if (accepted == 0) {
        report(client, "refused", buf_str(&client->reply.text));
    }
    return accepted;
}

static void send_content(struct client *client)
{
    struct smtp_data_writer writer;
    struct buf out;
    struct str rest = buf_str(&client->content);
    struct str line;
    smtp_data_writer_init(&writer, 0);
    buf_init(&out, sys_mem(client->sys), 2 * MESSAGE_MAX);
    while (rest.size > 0 && str_next(&rest, '\n', &line)) {
        smtp_data_write(&writer, &out, str_first(line, line.size - 1), true);
    }
    smtp_data_write_end(&writer, &out);
    stream_put(&client->stream, buf_str(&out));
    buf_done(&out);
}

/* A client asks for SMTPUTF8 where it is offered and something needs it. */
static const char *smtputf8_parameter(const struct client *client)
{
    struct str content = buf_str(&client->content);
    struct str header = str_first(content, content.size - header_body(content).size);
    bool is_ascii = str_is_ascii(client->message.sender) && str_is_ascii(header);
    bool is_offered = str_find_str(buf_str(&client->reply.text), STR("SMTPUTF8")) >= 0;
    for (int i = 0; i < client->arguments.line_count; i++) {
        is_ascii = is_ascii && str_is_ascii(str_from(client->arguments.lines[i]));
    }
    return is_offered && !is_ascii ? " SMTPUTF8" : "";
}

static void submit_by_smtp(struct client *client)
{
    if (!expect_positive(client)) {
        return;
    }
    stream_put_text(&client->stream, "EHLO client.our.test\r\n");
    if (!expect_positive(client)) {
        return;
    }
    stream_printf(&client->stream, "MAIL FROM:<%.*s>%.*s%s\r\n", STR_ARG(client->message.sender),
                  STR_ARG(peer_arguments_option(&client->arguments, "mail")),
                  smtputf8_parameter(client));
    if (!expect_positive(client) || send_recipients(client) <= 0) {
        return;
    }
    stream_put_text(&client->stream, "DATA\r\n");
    if (!expect_positive(client)) {
        return;
    }
    send_content(client);
    if (!expect_positive(client)) {
        return;
    }
    report(client, "accepted", buf_str(&client->reply.text));
    stream_put_text(&client->stream, "QUIT\r\n");
    int error = stream_flush(&client->stream); /* what is said to QUIT does not matter */
    struct str line;
    error = error != 0 ? error : stream_read_line(&client->stream, STREAM_MAX, &line);
    (void)error;
}

/* ---- QMQP ---------------------------------------------------------------------------------- */

static void write_qmqp(struct client *client, struct buf *out)
{
    struct buf inside;
    struct buf content;
    buf_init(&inside, sys_mem(client->sys), 2 * MESSAGE_MAX);
    buf_init(&content, sys_mem(client->sys), MESSAGE_MAX);
    struct str rest = buf_str(&client->content);
    struct str line;
    while (rest.size > 0 && str_next(&rest, '\n', &line)) { /* its lines end with LF alone */
        buf_put(&content, str_first(line, line.size - 1));
        buf_put_char(&content, '\n');
    }
    netstring_write(&inside, buf_str(&content));
    netstring_write(&inside, client->message.sender);
    for (int i = 0; i < client->arguments.line_count; i++) {
        netstring_write(&inside, address_of(client->arguments.lines[i]));
    }
    netstring_write(out, buf_str(&inside));
    buf_done(&content);
    buf_done(&inside);
}

static void report_qmqp(struct client *client, struct str answer)
{
    if (str_starts_with(answer, STR("K"))) {
        report(client, "accepted", str_skip(answer, 1));
    } else {
        report(client, "refused", answer);
    }
}

static void submit_by_qmqp(struct client *client)
{
    struct buf out;
    buf_init(&out, sys_mem(client->sys), 2 * MESSAGE_MAX);
    write_qmqp(client, &out);
    stream_put(&client->stream, buf_str(&out));
    buf_done(&out);
    int error = stream_flush(&client->stream);
    struct str answer;
    size_t used_bytes = 0;
    enum parse result = PARSE_MORE;
    while (error == 0 && result == PARSE_MORE) {
        error = stream_fill(&client->stream);
        result = netstring_parse(stream_input(&client->stream), ANSWER_MAX, &answer, &used_bytes);
    }
    if (result == PARSE_OK) {
        report_qmqp(client, answer);
    } else {
        report_lost(client, error != 0 ? error : -ERR_PROTOCOL);
    }
}

/* ---- sendmail, on the mail system's own machine ---------------------------------------------- */

enum { SENDMAIL_ARGUMENTS = 8 }; /* before the recipients, and the end behind them */

/* What -N takes: sendmail knows one condition, for all recipients. Empty: the usual one. */
static struct str notify_of(const struct client *client)
{
    struct str line = str_from(client->arguments.lines[0]);
    ptrdiff_t at = str_find_str(line, STR(" NOTIFY="));
    struct str rest = str_skip(line, at < 0 ? line.size : (size_t)at + 8);
    struct str notify;
    return str_next(&rest, ' ', &notify) ? notify : STR("");
}

/* Its pid; in is where it reads. */
static int start_sendmail(struct client *client, int in)
{
    const struct sys_spawn_descriptor descriptors[] = {{in, 0}};
    static const char *const environment[] = {NULL};
    size_t count = SENDMAIL_ARGUMENTS + (size_t)client->arguments.line_count;
    struct mem *mem = sys_mem(client->sys);
    const char **argv = mem_alloc(mem, count * sizeof(argv[0]));
    struct str notify = notify_of(client);
    int argc = 0;
    argv[argc++] = "sendmail";
    argv[argc++] = "-i";
    if (notify.size > 0) {
        argv[argc++] = "-N";
        argv[argc++] = mem_copy_str(mem, notify);
    }
    argv[argc++] = "-f";
    argv[argc++] = client->message.sender.data;
    argv[argc++] = "--";
    for (int i = 0; i < client->arguments.line_count; i++) {
        argv[argc++] = mem_copy_str(mem, address_of(client->arguments.lines[i]));
    }
    const struct sys_spawn spawn = {
        .path = "/usr/sbin/sendmail",
        .argv = argv,
        .environment = environment,
        .descriptors = descriptors,
        .descriptor_count = 1,
    };
    return sys_spawn(client->sys, &spawn);
}

/* Lines end as on any unix machine. */
static int write_plain(struct client *client)
{
    struct str rest = buf_str(&client->content);
    struct str line;
    while (rest.size > 0 && str_next(&rest, '\n', &line)) {
        stream_put(&client->stream, str_first(line, line.size - 1));
        stream_put_char(&client->stream, '\n');
    }
    return stream_flush(&client->stream);
}

static void submit_by_sendmail(struct client *client)
{
    struct sys *sys = client->sys;
    struct sys_exit_status status;
    char text[64];
    int pair[2];
    int error = sys_socket_pair(sys, pair);
    stream_open(&client->stream, sys, sys_mem(sys), error == 0 ? pair[0] : error, STREAM_MAX);
    int pid = error == 0 ? start_sendmail(client, pair[1]) : error;
    if (error == 0) {
        sys_close(sys, pair[1]);
    }
    if (pid < 0) {
        report_lost(client, pid);
        return;
    }
    int written = write_plain(client);
    stream_close(&client->stream);
    error = sys_wait_child(sys, pid, &status, SYS_FOREVER);
    bool accepted = error == 0 && status.status == 0;
    if (accepted && written != 0) { /* what it took is not the message */
        report_lost(client, written);
        return;
    }
    (void)snprintf(text, sizeof(text), "exit status %d", error == 0 ? status.status : error);
    report(client, accepted ? "accepted" : "refused", str_from(text));
}

/* ---- the client ---------------------------------------------------------------------------- */

static size_t number_option(const struct client *client, const char *name, size_t otherwise)
{
    uint64_t value = 0;
    struct str text = peer_arguments_option(&client->arguments, name);
    return number_parse_u64(text, MESSAGE_MAX, &value) == 0 ? (size_t)value : otherwise;
}

static void read_options(struct client *client)
{
    struct peer_message *message = &client->message;
    message->label = client->arguments.name;
    message->sender = peer_arguments_option(&client->arguments, "from");
    message->size = number_option(client, "size", 0);
    message->lines = client->lines;
    for (int i = 0; i < client->arguments.option_count; i++) {
        if (str_equal(client->arguments.options[i].name, STR("body"))) {
            client->lines[message->line_count++] = client->arguments.options[i].value;
        }
    }
    if (client->arguments.line_count > 0) {
        message->recipient = address_of(client->arguments.lines[0]);
    }
}

struct protocol {
    struct str name;
    uint16_t port; /* 0: nothing to connect to */
    void (*submit)(struct client *client);
};

static const struct protocol protocols[] = {
    {STR_INIT("smtp"), 25, submit_by_smtp},
    {STR_INIT("qmqp"), 628, submit_by_qmqp},
    {STR_INIT("sendmail"), 0, submit_by_sendmail},
};

/* SMTP when none is named. */
static const struct protocol *find_protocol(struct str name)
{
    for (size_t i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++) {
        if (str_equal(protocols[i].name, name)) {
            return &protocols[i];
        }
    }
    return &protocols[0];
}

static void submit(struct client *client, const struct protocol *protocol)
{
    buf_clear(&client->content);
    peer_message_write(&client->message, &client->content);
    if (protocol->port == 0 || connect_server(client)) {
        protocol->submit(client);
    }
    stream_close(&client->stream);
}

int peer_submit_main(struct sys *sys, int argc, char **argv)
{
    struct client *client = mem_alloc(sys_mem(sys), sizeof(*client));
    client->sys = sys;
    peer_arguments_parse(sys, argc, argv, 0, &client->arguments);
    read_options(client);
    const struct protocol *protocol =
        find_protocol(peer_arguments_option(&client->arguments, "protocol"));
    for (int i = 0; i < client->arguments.address_count; i++) {
        struct sys_address *address = &client->arguments.addresses[i];
        address->port = address->port > 0 ? address->port : protocol->port;
    }
    smtp_reply_init(&client->reply, sys_mem(sys));
    buf_init(&client->content, sys_mem(sys), MESSAGE_MAX);
    int first = (int)number_option(client, "first", 1);
    int copies = (int)number_option(client, "copies", 1);
    for (int i = 0; i < copies && i < COPIES_MAX; i++) {
        client->message.copy = first + i;
        submit(client, protocol);
    }
    buf_done(&client->content);
    smtp_reply_done(&client->reply);
    return 0;
}
