// SPDX-License-Identifier: ISC
#include "mail/cleanup_client.h"

#include <stdio.h>
#include <string.h>

#include "mail/service_pool.h"
#include "proto/header.h"
#include "sys/clock.h"
#include "sys/net.h"

enum { CONNECTIONS_KEPT = 128, PRINTF_MAX = 4000 };

void cleanup_client_init(struct cleanup_client *client, struct sys *sys, const struct conf *conf)
{
    service_pool_init(&client->pool, sys, conf, CONF_cleanup_service_name,
                      &(struct ipc_service){.idle_max = CONNECTIONS_KEPT});
}

void cleanup_client_done(struct cleanup_client *client)
{
    ipc_pool_done(&client->pool);
}

/* ---- begin ----------------------------------------------------------------------------------- */

static int read_greeting(struct cleanup_message *message)
{
    struct stream *stream = &message->connection->stream;
    struct arena arena;
    struct ipc_cleanup_greeting greeting;
    arena_init(&arena, stream->mem, IPC_MESSAGE_MAX);
    int error = ipc_cleanup_greeting_receive(stream, &arena, &greeting);
    if (error == 0 && !str_equal(greeting.protocol, STR(IPC_PROTOCOL_CLEANUP))) {
        error = -ERR_PROTOCOL;
    } else if (error == 0 && greeting.error != 0) {
        error = -(int)greeting.error;
    } else if (error == 0 && !queue_id_is_valid(greeting.queue_id)) {
        error = -ERR_PROTOCOL;
    }
    if (error == 0) {
        memcpy(message->queue_id, greeting.queue_id.data, greeting.queue_id.size);
        message->queue_id[greeting.queue_id.size] = '\0';
    }
    arena_done(&arena);
    return error;
}

/* A kept connection on which there is more than its greeting has reached its end: the server is
 * gone, and the file behind that greeting with it. */
static bool has_ended(const struct cleanup_message *message)
{
    struct stream *stream = &message->connection->stream;
    return message->connection->reused && sys_readable(stream->sys, stream->fd, 0) == 0;
}

static int begin_on(struct cleanup_client *client, bool fresh, struct cleanup_message *message)
{
    int error = ipc_pool_take(&client->pool, fresh, &message->connection);
    if (error != 0) {
        message->connection = NULL;
        return error;
    }
    error = read_greeting(message);
    if (error == 0 && has_ended(message)) {
        error = -ERR_CLOSED;
    }
    if (error != 0) {
        cleanup_client_abort(message);
    }
    return error;
}

int64_t cleanup_client_utf8_flag(const struct conf *conf, const char *class)
{
    struct str classes = conf_text(conf, CONF_smtputf8_autodetect_classes);
    bool is_listed = conf_list_has(classes, str_from(class)) || conf_list_has(classes, STR("all"));
    return is_listed && conf_bool(conf, CONF_smtputf8_enable) ? CLEANUP_FLAG_AUTO_UTF8 : 0;
}

int cleanup_client_begin(struct cleanup_client *client, int64_t flags,
                         struct cleanup_message *message)
{
    *message = (struct cleanup_message){.client = client};
    int error = begin_on(client, false, message);
    if (error == -ERR_CLOSED || error == -ERR_RESET) {
        error = begin_on(client, true, message);
    }
    if (error != 0) {
        return error;
    }
    struct stream *stream = &message->connection->stream;
    stream_set_deadline(stream, SYS_FOREVER); /* a message takes as long as its client does */
    stream_set_timeout(stream, client->pool.service.timeout_ns);
    ipc_cleanup_request_send(stream, &(struct ipc_cleanup_request){.flags = flags});
    return 0;
}

/* ---- records --------------------------------------------------------------------------------- */

void cleanup_client_put(struct cleanup_message *message, enum queue_record_type type,
                        struct str data)
{
    if (message->connection == NULL) {
        return;
    }
    struct stream *stream = &message->connection->stream;
    if (data.size > QUEUE_RECORD_DATA_MAX) {
        stream_fail(stream, -ERR_LIMIT);
        return;
    }
    char head[QUEUE_RECORD_HEAD_MAX];
    size_t head_size = queue_record_write_head(type, data.size, head);
    stream_put(stream, str_of(head, head_size));
    stream_put(stream, data);
}

static bool is_mailbox_line(struct str text)
{
    while (str_starts_with(text, STR(">"))) {
        text = str_skip(text, 1);
    }
    return str_starts_with(text, STR("From "));
}

void cleanup_client_put_text(struct cleanup_message *message, enum queue_record_type type,
                             struct str text)
{
    if (!message->text_begun && header_line_continues(text)) {
        cleanup_client_put(message, QUEUE_RECORD_LINE, STR(""));
    } else if (!message->text_begun && is_mailbox_line(text)) {
        cleanup_client_put(message, QUEUE_RECORD_LINE_PART, STR("X-Mailbox-Line: "));
    }
    message->text_begun = true;
    cleanup_client_put(message, type, text);
}

void cleanup_client_printf(struct cleanup_message *message, enum queue_record_type type,
                           const char *format, ...)
{
    struct buf text;
    va_list arguments;
    buf_init(&text, sys_mem(message->client->pool.sys), PRINTF_MAX);
    va_start(arguments, format);
    buf_putv(&text, format, arguments);
    va_end(arguments);
    if (buf_error(&text) != 0 && message->connection != NULL) {
        stream_fail(&message->connection->stream, buf_error(&text));
    }
    cleanup_client_put(message, type, buf_str(&text));
    buf_done(&text);
}

void cleanup_client_put_smtputf8(struct cleanup_message *message, int64_t options)
{
    if (options != 0) {
        cleanup_client_printf(message, QUEUE_RECORD_ATTRIBUTE, "smtputf8=%lld", (long long)options);
    }
}

/* ---- end ------------------------------------------------------------------------------------- */

int64_t cleanup_client_end(struct cleanup_message *message, struct arena *arena, struct str *reason)
{
    struct ipc_cleanup_reply reply;
    *reason = STR("");
    if (message->connection == NULL) {
        return CLEANUP_WRITE;
    }
    if (ipc_cleanup_reply_receive(&message->connection->stream, arena, &reply) != 0) {
        cleanup_client_abort(message);
        return CLEANUP_WRITE;
    }
    ipc_pool_give(&message->client->pool, message->connection);
    message->connection = NULL;
    *reason = reply.reason;
    return reply.status;
}

void cleanup_client_abort(struct cleanup_message *message)
{
    if (message->connection != NULL) {
        ipc_pool_drop(&message->client->pool, message->connection);
        message->connection = NULL;
    }
}
