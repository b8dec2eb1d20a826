// SPDX-License-Identifier: ISC
#include "smtp/smtp_transfer.h"

#include "proto/address.h"
#include "proto/dsn_parameter.h"
#include "proto/smtp_data.h"
#include "smtp/smtp_failure.h"

enum {
    SMTP_TEXT_STEP = 16 * 1024,
    SMTP_TEXT_MAX = 1024 * 1024,
    SMTP_ADDRESS_MAX = 4096,
    SMTP_PARAMETERS_TEXT_MAX = 16 * 1024,
};

/* The commands are numbered: 0 is MAIL, then one RCPT for each of targets[], then DATA. */
struct transfer {
    struct smtp_session *session;
    int *targets; /* indexes of recipients without an outcome */
    int target_count;
    int sent;           /* commands sent */
    int answered;       /* replies read */
    size_t group_bytes; /* sent since everything was answered */
    int accepted_count;
    bool mail_refused;
    bool data_accepted;
    struct buf address;    /* external form */
    struct buf parameters; /* of the command at hand */
};

static struct deliver_request *request_of(const struct transfer *transfer)
{
    return transfer->session->delivery->request;
}

/* ---- commands ---------------------------------------------------------------------------------- */

static const char *external(struct transfer *transfer, struct str internal)
{
    buf_clear(&transfer->address);
    address_write(internal, &transfer->address);
    return buf_text(&transfer->address);
}

static void put_envelope_parameters(struct transfer *transfer)
{
    const struct ipc_deliver_request *head = &request_of(transfer)->head;
    struct buf *out = &transfer->parameters;
    if (head->envelope_id.size > 0) {
        buf_put_text(out, " ENVID=");
        dsn_parameter_write_envid(head->envelope_id, out);
    }
    if (head->ret_flags != QUEUE_RET_NONE) {
        buf_put_text(out, " RET=");
        dsn_parameter_write_ret((int)head->ret_flags, out);
    }
}

static void put_recipient_parameters(struct transfer *transfer,
                                     const struct ipc_deliver_recipient *recipient)
{
    struct buf *out = &transfer->parameters;
    if (recipient->dsn_orig_rcpt.size > 0) {
        buf_put_text(out, " ORCPT=");
        dsn_parameter_write_orcpt(recipient->dsn_orig_rcpt, out);
    }
    if (recipient->notify_flags != 0) {
        buf_put_text(out, " NOTIFY=");
        dsn_parameter_write_notify((int)recipient->notify_flags, out);
    }
}

static void send_mail(struct transfer *transfer)
{
    struct smtp_session *session = transfer->session;
    const struct ipc_deliver_request *head = &request_of(transfer)->head;
    buf_clear(&transfer->parameters);
    if (session->has_size) {
        buf_putf(&transfer->parameters, " SIZE=%lld", (long long)head->data_size);
    }
    if (session->eight_bit_mime && str_equal(head->encoding, STR("8bit"))) {
        buf_put_text(&transfer->parameters, " BODY=8BITMIME");
    }
    if (session->dsn) {
        put_envelope_parameters(transfer);
    }
    if (session->smtputf8 && (head->smtputf8 & QUEUE_SMTPUTF8_REQUESTED) != 0) {
        buf_put_text(&transfer->parameters, " SMTPUTF8");
    }
    smtp_session_command(session, "MAIL FROM:<%s>%s", external(transfer, head->sender),
                         buf_text(&transfer->parameters));
}

static void send_rcpt(struct transfer *transfer, int index)
{
    const struct deliver_recipient *recipient = &request_of(transfer)->recipients[index];
    buf_clear(&transfer->parameters);
    if (transfer->session->dsn) {
        put_recipient_parameters(transfer, &recipient->address);
    }
    smtp_session_command(transfer->session, "RCPT TO:<%s>%s",
                         external(transfer, recipient->address.recipient),
                         buf_text(&transfer->parameters));
}

static void send_next(struct transfer *transfer)
{
    size_t pending = stream_pending(&transfer->session->stream);
    int number = transfer->sent++;
    if (number == 0) {
        send_mail(transfer);
    } else if (number <= transfer->target_count) {
        send_rcpt(transfer, transfer->targets[number - 1]);
    } else {
        smtp_session_command(transfer->session, "DATA");
    }
    transfer->group_bytes += stream_pending(&transfer->session->stream) - pending;
}

static bool may_send(struct transfer *transfer)
{
    int data_number = transfer->target_count + 1;
    bool all_answered = transfer->sent == transfer->answered;
    if (all_answered) {
        transfer->group_bytes = 0;
    }
    if (transfer->sent > data_number || transfer->mail_refused) {
        return false;
    }
    if (transfer->sent == data_number && all_answered) {
        return transfer->accepted_count > 0;
    }
    return all_answered ||
           (transfer->session->pipelining && transfer->group_bytes < SMTP_GROUP_BYTES_MAX);
}

/* ---- replies ----------------------------------------------------------------------------------- */

static void take_mail_reply(struct transfer *transfer)
{
    struct smtp_session *session = transfer->session;
    if (session->reply.code / 100 != 2) {
        transfer->mail_refused = true;
        smtp_failure_of_rest(session->delivery, smtp_session_refusal(session, SMTP_STAGE_MAIL));
    }
}

static void take_rcpt_reply(struct transfer *transfer, int index)
{
    struct smtp_session *session = transfer->session;
    if (transfer->mail_refused) {
        return;
    }
    if (session->reply.code / 100 == 2) {
        transfer->accepted_count++;
        return;
    }
    smtp_failure_of_recipient(session->delivery, index,
                              smtp_session_refusal(session, SMTP_STAGE_RCPT));
}

static void take_data_reply(struct transfer *transfer)
{
    struct smtp_session *session = transfer->session;
    transfer->data_accepted = session->reply.code / 100 == 3;
    if (!transfer->data_accepted) {
        smtp_failure_of_rest(session->delivery, smtp_session_refusal(session, SMTP_STAGE_DATA));
    }
}

static int read_next(struct transfer *transfer)
{
    int number = transfer->answered++;
    enum smtp_stage stage = number == 0                        ? SMTP_STAGE_MAIL
                            : number <= transfer->target_count ? SMTP_STAGE_RCPT
                                                               : SMTP_STAGE_DATA;
    int error = smtp_session_reply(transfer->session, stage);
    if (error != 0) {
        return error;
    }
    switch (stage) {
    case SMTP_STAGE_MAIL:
        take_mail_reply(transfer);
        break;
    case SMTP_STAGE_RCPT:
        take_rcpt_reply(transfer, transfer->targets[number - 1]);
        break;
    default:
        take_data_reply(transfer);
        break;
    }
    return 0;
}

/* MAIL, RCPT and DATA, as far as the host goes along. */
static int send_envelope(struct transfer *transfer)
{
    for (;;) {
        while (may_send(transfer)) {
            send_next(transfer);
        }
        if (transfer->answered == transfer->sent) {
            return 0;
        }
        int error = read_next(transfer);
        if (error != 0) {
            return error;
        }
    }
}

/* ---- text -------------------------------------------------------------------------------------- */

/* Puts the content with its dots doubled: 0, or the error of the queue file. What the stream
 * makes of it shows later. */
static int put_content(struct transfer *transfer, struct buf *out)
{
    struct smtp_session *session = transfer->session;
    const struct conf *conf = session->delivery->state->conf;
    struct queue_message *message = deliver_content(request_of(transfer));
    struct smtp_data_writer writer;
    struct str line;
    bool ends_line;
    smtp_data_writer_init(&writer, (size_t)conf_int(conf, CONF_smtp_line_length_limit));
    int more = queue_message_line(message, &line, &ends_line);
    while (more > 0 && stream_error(&session->stream) == 0) {
        smtp_data_write(&writer, out, line, ends_line);
        if (out->size >= SMTP_TEXT_STEP) {
            stream_put(&session->stream, buf_str(out));
            buf_clear(out);
        }
        more = queue_message_line(message, &line, &ends_line);
    }
    if (more < 0) {
        return more;
    }
    smtp_data_write_end(&writer, out);
    stream_put(&session->stream, buf_str(out));
    return 0;
}

/* The end of the text must not be sent when the text is not whole. */
static void give_up_content(struct transfer *transfer, int error)
{
    struct smtp_session *session = transfer->session;
    if (error == -ERR_CORRUPT) {
        deliver_damaged(session->delivery->request);
    }
    smtp_failure_of_rest(session->delivery,
                         smtp_failure_make(session->delivery, session->relay, "4.3.0",
                                           "queue file read error: %s", err_sentence(error)));
    stream_fail(&session->stream, error);
}

static int send_content(struct transfer *transfer)
{
    struct smtp_session *session = transfer->session;
    struct buf out;
    buf_init(&out, session->stream.mem, SMTP_TEXT_MAX);
    smtp_session_enter(session, SMTP_STAGE_BODY);
    int error = put_content(transfer, &out);
    buf_done(&out);
    if (error != 0) {
        give_up_content(transfer, error);
        return error;
    }
    error = stream_error(&session->stream);
    if (error != 0) {
        smtp_session_broke(session, SMTP_STAGE_BODY, error);
    }
    return error;
}

static void report_sent(struct transfer *transfer)
{
    struct smtp_session *session = transfer->session;
    struct smtp_delivery *delivery = session->delivery;
    struct str text = smtp_failure_reply_text(delivery, &session->reply);
    const struct dsn dsn = {
        .status = smtp_failure_status(delivery, &session->reply),
        .action = STR("relayed"),
        .diag_type = STR("smtp"),
        .diag_text = text,
        .mta_type = STR("dns"),
        .mta_name = session->host->name,
        .reason = text,
    };
    for (int i = 0; i < transfer->target_count; i++) {
        int index = transfer->targets[i];
        struct deliver_recipient *recipient = &delivery->request->recipients[index];
        if (!recipient->ended && delivery->pending[index] == NULL) {
            recipient->passed_on = session->dsn;
            deliver_sent(delivery->request, recipient, session->relay, &dsn);
        }
    }
}

static void send_text(struct transfer *transfer)
{
    struct smtp_session *session = transfer->session;
    if (send_content(transfer) != 0 || smtp_session_reply(session, SMTP_STAGE_END) != 0) {
        return;
    }
    if (session->reply.code / 100 == 2) {
        report_sent(transfer);
        return;
    }
    smtp_failure_of_rest(session->delivery, smtp_session_refusal(session, SMTP_STAGE_END));
}

/* DATA was taken although no recipient was: RFC 2920 3.1 wants an empty text. */
static void send_empty_text(struct transfer *transfer)
{
    smtp_session_command(transfer->session, ".");
    int error = smtp_session_reply(transfer->session, SMTP_STAGE_END);
    (void)error; /* no recipient is left that it could concern */
}

/* ---- all of it --------------------------------------------------------------------------------- */

static bool is_too_big(struct smtp_session *session)
{
    int64_t size = session->delivery->request->head.data_size;
    if (session->size_max == 0 || size <= session->size_max) {
        return false;
    }
    struct smtp_failure *failure =
        smtp_failure_make(session->delivery, session->relay, "5.3.4",
                          "message size %lld exceeds size limit %lld of server %s", (long long)size,
                          (long long)session->size_max, session->label.data);
    smtp_failure_of_rest(session->delivery, failure);
    return true;
}

static bool lacks_smtputf8(struct smtp_session *session)
{
    if (session->smtputf8 ||
        !queue_record_needs_smtputf8(session->delivery->request->head.smtputf8)) {
        return false;
    }
    struct smtp_failure *failure = smtp_failure_make(
        session->delivery, session->relay, "5.6.7",
        "SMTPUTF8 is required, but was not offered by host %s", session->label.data);
    smtp_failure_of_rest(session->delivery, failure);
    return true;
}

static void collect_targets(struct transfer *transfer)
{
    const struct deliver_request *request = request_of(transfer);
    for (int i = 0; i < request->recipient_count; i++) {
        if (!request->recipients[i].ended) {
            transfer->targets[transfer->target_count++] = i;
        }
    }
}

void smtp_transfer(struct smtp_session *session)
{
    if (is_too_big(session) || lacks_smtputf8(session)) {
        return;
    }
    struct mem *mem = session->stream.mem;
    size_t count = (size_t)session->delivery->request->recipient_count;
    struct transfer transfer = {
        .session = session,
        .targets = mem_alloc(mem, count * sizeof(*transfer.targets)),
    };
    buf_init(&transfer.address, mem, SMTP_ADDRESS_MAX * 2);
    buf_init(&transfer.parameters, mem, SMTP_PARAMETERS_TEXT_MAX);
    collect_targets(&transfer);
    if (send_envelope(&transfer) == 0 && transfer.data_accepted) {
        if (transfer.accepted_count > 0) {
            send_text(&transfer);
        } else {
            send_empty_text(&transfer);
        }
    }
    buf_done(&transfer.parameters);
    buf_done(&transfer.address);
    mem_free(mem, transfer.targets);
}
