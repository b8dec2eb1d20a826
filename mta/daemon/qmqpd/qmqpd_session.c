// SPDX-License-Identifier: ISC
#include "qmqpd/qmqpd_session.h"

#include "mail/arrival.h"
#include "proto/address.h"
#include "proto/netstring.h"
#include "qmqpd/qmqpd.h"
#include "sys/clock.h"

enum { ANSWER_MAX = 1024, EXTERNAL_MAX = 2 * ADDRESS_BYTES_MAX + 2 };

/* First byte of an answer. */
enum answer { ANSWER_TAKEN = 'K', ANSWER_AGAIN = 'Z', ANSWER_NEVER = 'D' };

static void receive(struct qmqpd_session *session);

void qmqpd_session_open(struct qmqpd_session *session, struct qmqpd_state *server,
                        struct service_session *connection)
{
    struct mem *mem = sys_mem(server->sys);

    *session = (struct qmqpd_session){
        .server = server,
        .connection = connection,
        .doing = "receiving QMQP packet header",
        .arrival_wall_ns = sys_wall_ns(server->sys),
    };
    buf_init(&session->content, mem, server->message_bytes_max);
    buf_init(&session->sender, mem, ADDRESS_BYTES_MAX);
    buf_init(&session->recipient, mem, ADDRESS_BYTES_MAX);
    buf_init(&session->only_recipient, mem, EXTERNAL_MAX);
    stream_set_timeout(&connection->stream, server->timeout_ns);
}

void qmqpd_session_close(struct qmqpd_session *session)
{
    cleanup_client_abort(&session->message);
    buf_done(&session->content);
    buf_done(&session->sender);
    buf_done(&session->recipient);
    buf_done(&session->only_recipient);
}

void qmqpd_session_run(struct qmqpd_session *session)
{
    struct service_session *connection = session->connection;
    struct log *log = session->server->log;
    struct peer *client = &session->client;

    peer_find(client, session->server->sys, session->server->dns, &connection->arena,
              &connection->peer);
    log_event(log, connect, .client_name = str_from(client->name),
              .client_address = str_from(client->address));
    receive(session);
    log_event(log, disconnect, .client_name = str_from(client->name),
              .client_address = str_from(client->address));
}

/* ---- answers --------------------------------------------------------------------------------- */

static void log_refusal(struct qmqpd_session *session, struct str text)
{
    log_event(session->server->log, reject, .queue_id = str_from(session->message.queue_id),
              .stage = STR("QMQP"), .client_name = str_from(session->client.name),
              .client_address = str_from(session->client.address), .reply = text,
              .sender = buf_str(&session->sender), .protocol = STR("QMQP"));
}

/* Refusals wait, so that a client that repeats them does no harm. */
static void wait_before_refusal(struct qmqpd_session *session)
{
    struct sys *sys = session->server->sys;
    int error = sys_sleep_until(sys, sys_deadline(sys, session->server->error_delay_ns));

    if (error != 0) {
        stream_fail(&session->connection->stream, error);
    }
}

static void answer(struct qmqpd_session *session, enum answer kind, struct str text)
{
    struct stream *stream = &session->connection->stream;

    if (kind == ANSWER_NEVER && conf_bool(session->server->conf, CONF_soft_bounce)) {
        kind = ANSWER_AGAIN;
    }
    if (kind != ANSWER_TAKEN) {
        log_refusal(session, text);
        wait_before_refusal(session);
    }
    stream_printf(stream, "%zu:%c%.*s,", text.size + 1, kind, STR_ARG(text));
}

/* What is wrong with what the client sends. */
static void answer_input(struct qmqpd_session *session, int error)
{
    const struct peer *client = &session->client;
    struct log *log = session->server->log;

    switch (-error) {
    case ERR_SYNTAX:
        answer(session, ANSWER_NEVER, STR("Error: netstring format error"));
        break;
    case ERR_LIMIT:
        answer(session, ANSWER_NEVER, STR("Error: netstring length exceeds limit"));
        break;
    case ERR_TIMEOUT:
        log_info(log, "timeout while %s from %s[%s]", session->doing, client->name,
                 client->address);
        break;
    default:
        log_info(log, "lost connection while %s from %s[%s]", session->doing, client->name,
                 client->address);
        break;
    }
}

/* ---- the message ----------------------------------------------------------------------------- */

/* Content lines end in LF; the last one may lack it. */
static void put_line(struct qmqpd_session *session, struct str line)
{
    size_t line_bytes_max = session->server->line_bytes_max;

    while (line.size > line_bytes_max) {
        cleanup_client_put_text(&session->message, QUEUE_RECORD_LINE_PART,
                                str_first(line, line_bytes_max));
        line = str_skip(line, line_bytes_max);
    }
    cleanup_client_put_text(&session->message, QUEUE_RECORD_LINE, line);
}

static void put_content(struct qmqpd_session *session)
{
    struct str rest = buf_str(&session->content);
    struct str line;

    while (rest.size > 0 && str_next(&rest, '\n', &line)) {
        put_line(session, line);
    }
}

static struct arrival arrival_of(const struct qmqpd_session *session)
{
    return (struct arrival){
        .client = &session->client,
        .protocol = STR("QMQP"),
        .sender = buf_str(&session->sender),
        .wall_ns = session->arrival_wall_ns,
        .only_recipient = buf_str(&session->only_recipient),
    };
}

static bool is_address(struct str address)
{
    for (size_t i = 0; i < address.size; i++) {
        if ((uint8_t)address.data[i] < ' ' || address.data[i] == 0x7f) {
            return false;
        }
    }
    return true;
}

/* Reads an address in internal form; 0 or an error as of the packet. */
static int read_address(struct qmqpd_session *session, const char *doing, struct buf *address)
{
    session->doing = doing;
    buf_clear(address);
    int error = qmqpd_packet_next(&session->packet, ADDRESS_BYTES_MAX, address);
    return error == 0 && !is_address(buf_str(address)) ? -ERR_SYNTAX : error;
}

static void note_recipient(struct qmqpd_session *session)
{
    session->recipient_count++;
    buf_clear(&session->only_recipient);
    if (session->recipient_count == 1) {
        address_write(buf_str(&session->recipient), &session->only_recipient);
    }
    arrival_put_recipient(&session->message, buf_str(&session->recipient), 0, STR(""));
}

static int read_recipients(struct qmqpd_session *session)
{
    while (session->packet.bytes_left > 0) {
        int error = read_address(session, "receiving recipient address", &session->recipient);
        if (error != 0) {
            return error;
        }
        if (session->recipient_count == QMQPD_RECIPIENTS_MAX) {
            return -ERR_LIMIT;
        }
        note_recipient(session);
    }
    return qmqpd_packet_end(&session->packet);
}

/* Message and sender: all that comes before a queue file can be begun. */
static int read_head(struct qmqpd_session *session)
{
    int error = qmqpd_packet_begin(&session->packet, &session->connection->stream);

    if (error != 0) {
        return error;
    }
    session->doing = "receiving message content";
    error =
        qmqpd_packet_next(&session->packet, session->server->message_bytes_max, &session->content);
    return error != 0 ? error : read_address(session, "receiving sender address", &session->sender);
}

static int begin_message(struct qmqpd_session *session)
{
    struct qmqpd_state *server = session->server;
    int error = cleanup_client_begin(
        &server->cleanup, cleanup_client_utf8_flag(server->conf, "qmqpd"), &session->message);

    if (error != 0) {
        return error;
    }
    log_event(server->log, client, .queue_id = str_from(session->message.queue_id),
              .client_name = str_from(session->client.name),
              .client_address = str_from(session->client.address));
    struct arrival arrival = arrival_of(session);
    arrival_put_envelope(&arrival, &session->message);
    return 0;
}

/* Hands the content over and tells the client what became of the message. */
static void finish_message(struct qmqpd_session *session)
{
    struct arena *arena = &session->connection->arena;
    struct arrival arrival = arrival_of(session);

    arrival_put_content(&arrival, &session->message, session->server->conf);
    put_content(session);
    int64_t status = arrival_end(&session->message, arena);
    if (status == CLEANUP_OK) {
        answer(session, ANSWER_TAKEN,
               arena_printf(arena, "Ok: queued as %s", session->message.queue_id));
        return;
    }
    struct cleanup_outcome outcome = cleanup_status_outcome(status);
    answer(session, outcome.code < 500 ? ANSWER_AGAIN : ANSWER_NEVER,
           arena_printf(arena, "Error: %.*s", STR_ARG(outcome.text)));
}

/* ---- the conversation ------------------------------------------------------------------------ */

/* True when the client may send; else it has its answer. */
static bool is_authorized(struct qmqpd_session *session)
{
    struct arena *arena = &session->connection->arena;
    const struct peer *client = &session->client;
    int listed = peer_is_listed(client, session->server->authorized);

    if (listed < 0) {
        log_warning(session->server->log, "%s", match_list_why(session->server->authorized));
        answer(session, ANSWER_AGAIN, STR("Error: server configuration error"));
    } else if (listed == 0) {
        answer(session, ANSWER_NEVER,
               arena_printf(arena, "Error: %s[%s] is not authorized to use this service",
                            client->name, client->address));
    }
    return listed > 0;
}

static void receive(struct qmqpd_session *session)
{
    if (!is_authorized(session)) {
        return;
    }
    int error = read_head(session);
    if (error != 0) {
        answer_input(session, error);
        return;
    }
    error = begin_message(session);
    if (error != 0) {
        answer(session, ANSWER_AGAIN,
               error == -ERR_NO_SPACE ? STR("Error: Insufficient system storage")
                                      : STR("Error: queue file write error"));
        return;
    }
    error = read_recipients(session);
    if (error != 0) {
        answer_input(session, error);
        return;
    }
    finish_message(session);
}
