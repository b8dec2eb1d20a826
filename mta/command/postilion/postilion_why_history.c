// SPDX-License-Identifier: ISC
#include "postilion/postilion_why_history.h"

#include <string.h>

#include "base/assert.h"
#include "log/log_line.h"
#include "sys/clock.h"
#include "sys/fs.h"

enum { CHUNK_BYTES = 256 * 1024, ARENA_BYTES_MAX = 64 * 1024, TEXT_BYTES_MAX = 16 * 1024 };

struct reader {
    struct sys *sys;
    struct str id;
    int64_t now_wall_s;
    int utc_offset_s;
    struct arena arena; /* of one line */
    struct buf text;    /* of one step */
    char *chunk;        /* CHUNK_BYTES of the file */
    struct postilion_why_history *history;
};

/* ---- what the events say ------------------------------------------------------------------------ */

static void put_client(struct buf *out, const struct log_fields *fields)
{
    buf_put_text(out, "came from ");
    log_put_text(out, fields->client_name);
    buf_put_char(out, '[');
    log_put_text(out, fields->client_address);
    buf_put_char(out, ']');
}

static void put_pickup(struct buf *out, const struct log_fields *fields)
{
    if (fields->original_queue_id.size > 0) {
        buf_putf(out, "requeued, was %.*s before", STR_ARG(fields->original_queue_id));
    } else {
        buf_putf(out, "submitted by the user with uid %lld", (long long)fields->uid);
    }
}

static void put_delivery(struct buf *out, const struct log_fields *fields)
{
    log_put_text(out, fields->status);
    if (str_equal(fields->status, STR("sent"))) {
        buf_put_text(out, " by ");
        log_put_text(out, fields->relay);
        return;
    }
    buf_put_char(out, ' ');
    log_put_text(out, fields->dsn);
    buf_put_text(out, ": ");
    log_put_text(out, fields->reason);
}

static void put_notification(struct buf *out, const struct log_fields *fields)
{
    log_put_text(out, fields->notice);
    buf_putf(out, " notification: %.*s", STR_ARG(fields->new_queue_id));
}

enum role { BEGINS, HAPPENS, REPEATS, ENDS };

/* Other events tell nothing that these do not. */
static const struct telling {
    enum log_event event;
    enum role role;
    const char *text; /* with neither text nor put it is no step */
    void (*put)(struct buf *out, const struct log_fields *fields);
} tellings[] = {
    {LOG_client, BEGINS, NULL, put_client},
    {LOG_pickup, BEGINS, NULL, put_pickup},
    {LOG_message_id, BEGINS, NULL, NULL}, /* the first line about a notice of our own */
    {LOG_delivery, REPEATS, NULL, put_delivery},
    {LOG_notification, HAPPENS, NULL, put_notification},
    {LOG_placed_on_hold, HAPPENS, "placed on hold", NULL},
    {LOG_released_from_hold, HAPPENS, "released from hold", NULL},
    {LOG_force_expired, HAPPENS, "told to expire", NULL},
    {LOG_expired, HAPPENS, "expired", NULL},
    {LOG_requeued, HAPPENS, "put into maildrop/, for a new id", NULL},
    {LOG_removed, ENDS, "removed from the queue", NULL},
    {LOG_removed_canceled, ENDS, "removed before it was complete", NULL},
};

static const struct telling *find_telling(enum log_event event)
{
    for (size_t i = 0; i < sizeof(tellings) / sizeof(tellings[0]); i++) {
        if (tellings[i].event == event) {
            return &tellings[i];
        }
    }
    return NULL;
}

/* ---- steps -------------------------------------------------------------------------------------- */

static bool count_again(struct postilion_why_history *history, const char *text, int64_t wall_s)
{
    for (int i = 0; i < history->step_count; i++) {
        struct postilion_why_step *step = &history->steps[i];
        if (strcmp(step->text, text) == 0) {
            step->last_wall_s = wall_s;
            step->count++;
            return true;
        }
    }
    return false;
}

static void leave_out_second(struct postilion_why_history *history)
{
    history->step_count--;
    history->left_out_count++;
    memmove(&history->steps[1], &history->steps[2],
            (size_t)(history->step_count - 1) * sizeof(history->steps[0]));
}

static void add_step(struct postilion_why_history *history, struct str text, int64_t wall_s)
{
    if (history->step_count == POSTILION_WHY_STEPS) {
        leave_out_second(history);
    }
    struct postilion_why_step *step = &history->steps[history->step_count++];
    *step = (struct postilion_why_step){.first_wall_s = wall_s, .last_wall_s = wall_s, .count = 1};
    memcpy(step->text, text.data, text.size);
}

/* ---- lines -------------------------------------------------------------------------------------- */

static void begin_again(struct postilion_why_history *history)
{
    history->step_count = 0;
    history->left_out_count = 0;
    history->has_end = false;
}

static void take_step(struct reader *reader, enum role role, const struct log_line *line)
{
    struct postilion_why_history *history = reader->history;
    int64_t wall_s = line->head.wall_ns / SYS_SECOND_NS;
    log_cut(&reader->text, POSTILION_WHY_STEP_SIZE - 1);
    if (role == BEGINS && history->has_end) {
        begin_again(history);
    }
    history->has_beginning |= role == BEGINS;
    history->has_end |= role == ENDS;
    bool repeats = role == REPEATS && count_again(history, buf_text(&reader->text), wall_s);
    if (!repeats && reader->text.size > 0) {
        add_step(history, buf_str(&reader->text), wall_s);
    }
}

static void take_event(struct reader *reader, const struct log_line *line)
{
    const struct telling *telling = find_telling(line->event);
    const struct log_fields *fields = &line->fields;
    bool is_its_end = line->event == LOG_pickup && str_equal(fields->original_queue_id, reader->id);
    bool is_its_own = telling != NULL && str_equal(fields->queue_id, reader->id);
    reader->history->is_known |= is_its_end || is_its_own;
    if (is_its_end) {
        buf_putf(&reader->text, "requeued as %.*s", STR_ARG(fields->queue_id));
        take_step(reader, ENDS, line);
    } else if (is_its_own) {
        if (telling->put != NULL) {
            telling->put(&reader->text, fields);
        } else if (telling->text != NULL) {
            buf_put_text(&reader->text, telling->text);
        }
        take_step(reader, telling->role, line);
    }
}

/* A warning that names the message. */
static bool has_word(struct str text, struct str word)
{
    ptrdiff_t at = str_find_str(text, word);
    if (at < 0) {
        return false;
    }
    struct str behind = str_skip(text, (size_t)at + word.size);
    bool begins = at == 0 || !char_is_alnum(text.data[at - 1]);
    bool ends = behind.size == 0 || !char_is_alnum(behind.data[0]);
    return begins && ends;
}

static void take_line(struct reader *reader, struct str text)
{
    struct postilion_why_history *history = reader->history;
    bool is_first = history->log_begins_wall_s < 0;
    struct log_line line;
    if (!is_first && str_find_str(text, reader->id) < 0) {
        return;
    }
    arena_reset(&reader->arena);
    buf_clear(&reader->text);
    if (log_line_parse(text, reader->now_wall_s, reader->utc_offset_s, &reader->arena, &line) !=
        0) {
        return;
    }
    if (is_first) {
        history->log_begins_wall_s = line.head.wall_ns / SYS_SECOND_NS;
    }
    if (line.event != LOG_EVENT_COUNT) {
        take_event(reader, &line);
    } else if (has_word(line.text, reader->id)) {
        log_put_text(&reader->text, line.text);
        take_step(reader, REPEATS, &line);
    }
}

/* ---- the file ------------------------------------------------------------------------------------ */

static void take_lines(struct reader *reader, struct str lines)
{
    struct str line;
    while (lines.size > 0 && str_next(&lines, '\n', &line)) {
        take_line(reader, line);
    }
}

/* Whole lines only: one that is torn at the end of a chunk is read again with the next chunk, and the
 * first one is skipped when the file was not read from its start. */
static int read_between(struct reader *reader, int fd, int64_t offset, int64_t end_offset)
{
    char *chunk = reader->chunk;
    bool is_torn = offset > 0;
    while (offset < end_offset) {
        long size = sys_pread(reader->sys, fd, chunk, CHUNK_BYTES, offset);
        if (size <= 0) {
            return (int)size;
        }
        ptrdiff_t last = str_find_last(str_of(chunk, (size_t)size), '\n');
        struct str lines = str_of(chunk, (size_t)(last + 1));
        if (is_torn) {
            lines = str_skip(lines, (size_t)(str_find(lines, '\n') + 1));
        }
        take_lines(reader, lines);
        is_torn = last < 0;
        offset += is_torn ? size : last + 1;
    }
    return 0;
}

static int read_file(struct reader *reader)
{
    struct sys *sys = reader->sys;
    struct sys_stat stat;
    int fd = sys_open(sys, SYS_HERE, reader->history->file.data, SYS_OPEN_READ, 0);
    if (fd < 0) {
        return fd;
    }
    int error = sys_fstat(sys, fd, &stat);
    if (error == 0) {
        int64_t offset = stat.size - POSTILION_WHY_LOG_BYTES;
        error = read_between(reader, fd, offset > 0 ? offset : 0, stat.size);
    }
    sys_close(sys, fd);
    return error;
}

void postilion_why_history_read(struct sys *sys, const struct conf *conf, struct str id,
                                struct postilion_why_history *history)
{
    int64_t now_ns = sys_wall_ns(sys);
    struct reader reader = {
        .sys = sys,
        .id = id,
        .now_wall_s = now_ns / SYS_SECOND_NS,
        .utc_offset_s = sys_utc_offset_s(sys, now_ns),
        .history = history,
    };
    struct mem *mem = sys_mem(sys);
    struct str file = conf_text(conf, CONF_maillog_file);
    *history = (struct postilion_why_history){.file = file, .log_begins_wall_s = -1};
    if (file.size == 0 || str_equal(file, STR("/dev/stdout"))) {
        history->file = STR("");
        return;
    }
    arena_init(&reader.arena, mem, ARENA_BYTES_MAX);
    buf_init(&reader.text, mem, TEXT_BYTES_MAX);
    reader.chunk = mem_alloc(mem, CHUNK_BYTES);
    history->error = read_file(&reader);
    mem_free(mem, reader.chunk);
    buf_done(&reader.text);
    arena_done(&reader.arena);
}
