// SPDX-License-Identifier: ISC
#include "pickup/pickup_copy.h"

#include "mail/received.h"
#include "proto/address.h"
#include "sys/clock.h"

enum { RECEIVED_MAX = 4096 };

static void put(struct pickup_copy *copy, const struct queue_record *record)
{
    cleanup_client_put(copy->to, (enum queue_record_type)record->type, record->data);
}

/* ---- what pickup says itself ----------------------------------------------------------------- */

static void put_times(struct pickup_copy *copy)
{
    char time[QUEUE_RECORD_TIME_SIZE];
    if (!copy->is_requeued) {
        queue_record_time_write(copy->stat.mtime_wall_ns, time);
        cleanup_client_put(copy->to, QUEUE_RECORD_ARRIVAL_TIME, str_from(time));
    }
    int64_t now_s = sys_wall_ns(copy->pickup->sys) / SYS_SECOND_NS;
    cleanup_client_printf(copy->to, QUEUE_RECORD_ATTRIBUTE, "create_time=%lld", (long long)now_s);
}

static void log_sender(struct pickup_copy *copy, struct str sender)
{
    struct buf external;
    buf_init(&external, sys_mem(copy->pickup->sys), 2 * ADDRESS_BYTES_MAX);
    address_write(sender, &external);
    log_event(copy->pickup->log, pickup, .queue_id = str_from(copy->to->queue_id),
              .uid = copy->stat.uid, .sender = buf_str(&external),
              .original_queue_id = copy->is_requeued ? copy->id : STR(""));
    buf_done(&external);
}

static void put_received(struct pickup_copy *copy)
{
    struct sys *sys = copy->pickup->sys;
    const struct conf *conf = copy->pickup->conf;
    int64_t wall_ns = sys_wall_ns(sys);
    const struct received received = {
        .host_name = conf_text(conf, CONF_myhostname),
        .mail_name = conf_text(conf, CONF_mail_name),
        .queue_id = str_from(copy->to->queue_id),
        .wall_s = wall_ns / SYS_SECOND_NS,
        .utc_offset_s = sys_utc_offset_s(sys, wall_ns),
        .is_submitted = true,
        .uid = copy->stat.uid,
    };
    struct buf text;
    struct str line;
    buf_init(&text, sys_mem(sys), RECEIVED_MAX);
    received_write(&text, &received);
    struct str rest = buf_str(&text);
    while (rest.size > 0 && str_next(&rest, '\n', &line)) {
        cleanup_client_put(copy->to, QUEUE_RECORD_LINE, line);
    }
    buf_done(&text);
}

/* ---- records about the next recipient ------------------------------------------------------------ */

static int keep_about(struct pickup_copy *copy, const struct queue_record *record)
{
    if (copy->about_count == PICKUP_ABOUT_MAX) {
        copy->why = "too much is said of one recipient";
        return -ERR_CORRUPT;
    }
    struct pickup_about *about = &copy->about[copy->about_count++];
    about->type = (enum queue_record_type)record->type;
    buf_init(&about->data, sys_mem(copy->pickup->sys), QUEUE_RECORD_DATA_MAX);
    buf_put(&about->data, record->data);
    return 0;
}

/* Puts what was kept, or drops it. */
static void end_about(struct pickup_copy *copy, bool wanted)
{
    for (int i = 0; i < copy->about_count; i++) {
        if (wanted) {
            cleanup_client_put(copy->to, copy->about[i].type, buf_str(&copy->about[i].data));
        }
        buf_done(&copy->about[i].data);
    }
    copy->about_count = 0;
}

/* ---- records ----------------------------------------------------------------------------------- */

/* Of a requeued file: what the first reception decided, and what is decided again. */
static bool is_decided_again(const struct queue_record *record)
{
    switch (record->type) {
    case QUEUE_RECORD_CREATE_TIME:
    case QUEUE_RECORD_INSPECTOR:
    case QUEUE_RECORD_FILTER:
    case QUEUE_RECORD_REDIRECT:
    case QUEUE_RECORD_WARN_TIME:
    case QUEUE_RECORD_KILLED:
    case QUEUE_RECORD_PRIORITY:
    case QUEUE_RECORD_FLAGS:
    case QUEUE_RECORD_DELAY:
    case QUEUE_RECORD_MILTER_COUNT:
    case QUEUE_RECORD_PADDING:
        return true;
    default:
        return false;
    }
}

/* A requeued message needs of the next host what it needed before. */
static int keep_smtputf8(struct pickup_copy *copy, const struct queue_record *record)
{
    struct queue_record_size size;
    if (!copy->is_requeued) {
        return 0;
    }
    int error = queue_record_size_parse(record->data, &size);
    if (error == 0) {
        cleanup_client_put_smtputf8(copy->to, size.send_options & QUEUE_SMTPUTF8_ALL);
    }
    return error;
}

static int copy_envelope(struct pickup_copy *copy, struct queue_record *record)
{
    queue_record_resolve(record);
    switch (record->type) {
    case QUEUE_RECORD_SIZE:
        return keep_smtputf8(copy, record);
    case QUEUE_RECORD_SENDER:
        log_sender(copy, record->data);
        put(copy, record);
        return 0;
    case QUEUE_RECORD_CONTENT:
        put(copy, record);
        put_received(copy);
        return 0;
    case QUEUE_RECORD_RECIPIENT:
        end_about(copy, true);
        put(copy, record);
        return 0;
    case QUEUE_RECORD_DONE:
    case QUEUE_RECORD_CANCELED:
        end_about(copy, false);
        return 0;
    case QUEUE_RECORD_ORIGINAL:
    case QUEUE_RECORD_DSN_ORCPT:
    case QUEUE_RECORD_DSN_NOTIFY:
        return keep_about(copy, record);
    case QUEUE_RECORD_POINTER:
        copy->why = "it was edited in place";
        return -ERR_CORRUPT;
    default:
        if (!is_decided_again(record)) {
            put(copy, record);
        }
        return 0;
    }
}

static int copy_record(struct pickup_copy *copy, struct queue_record *record, bool is_content)
{
    bool is_line = record->type == QUEUE_RECORD_LINE || record->type == QUEUE_RECORD_LINE_PART;
    if (is_content && is_line) {
        cleanup_client_put_text(copy->to, (enum queue_record_type)record->type, record->data);
        return 0;
    }
    return copy_envelope(copy, record);
}

static int check(struct pickup_copy *copy, const struct queue_record *record)
{
    if (copy->is_requeued) {
        return 0;
    }
    int error = maildrop_check(&copy->maildrop, record);
    if (error != 0) {
        copy->why = copy->maildrop.why;
    }
    return error;
}

static int copy_all(struct pickup_copy *copy)
{
    for (;;) {
        struct queue_record record;
        bool is_content = copy->from->position.segment == QUEUE_SEGMENT_CONTENT;
        int error = queue_message_record(copy->from, &record);
        if (error == 0) {
            error = check(copy, &record);
        }
        if (error == 0) {
            error = copy_record(copy, &record, is_content);
        }
        if (error != 0 || record.type == QUEUE_RECORD_END) {
            return error;
        }
    }
}

int pickup_copy(struct pickup_copy *copy)
{
    copy->why = "its records make no message";
    maildrop_init(&copy->maildrop);
    put_times(copy);
    int error = copy_all(copy);
    end_about(copy, false);
    return error;
}
