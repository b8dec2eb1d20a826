// SPDX-License-Identifier: ISC
#include "postcat/postcat.h"

#include <string.h>

#include "base/number.h"
#include "conf/conf.h"
#include "log/tell.h"
#include "postcat/postcat_input.h"
#include "postcat/postcat_show.h"
#include "queue/queue.h"
#include "sys/fs.h"

enum {
    STATUS_FAILED = 1,
    STATUS_USAGE = 64,
    STATUS_CONFIG = 78,

    OUTPUT_BYTES_MAX = 1024 * 1024,
    OUTPUT_FLUSH = 64 * 1024,
    JUMPS_BACK_MAX = 100,  /* more than a file of ours or of others has edits */
    SEARCH_ROUNDS_MAX = 2, /* a message may move on while it is searched */
};

static const char program[] = "postcat";

struct postcat {
    struct sys *sys;
    const char *config_directory;
    bool in_queue;
    bool follows_pointers;
    int64_t offset;
    unsigned flags;    /* enum postcat_flag */
    struct conf *conf; /* with the queue */
    struct queue queue;
    struct buf out;
};

/* ---- arguments --------------------------------------------------------------------------------- */

static NORETURN void fail_usage(struct postcat *postcat)
{
    tell_fatal(postcat->sys, program, STATUS_USAGE,
               "usage: postcat [-b (body)] [-c DIRECTORY] [-d (decimal types)] [-e (envelope)] "
               "[-h (header)] [-o (offsets)] [-q (queue ids)] [-r (file order)] [-s OFFSET] [-v] "
               "[FILE...]");
}

static void set_offset(struct postcat *postcat, const char *text)
{
    if (number_parse_i64(str_from(text), 0, INT64_MAX, &postcat->offset) != 0) {
        tell_fatal(postcat->sys, program, STATUS_USAGE, "bad offset: %s", text);
    }
}

static void set_letter(struct postcat *postcat, char letter)
{
    static const struct {
        char letter;
        unsigned flag;
    } flags[] = {
        {'b', POSTCAT_BODY},   {'d', POSTCAT_TYPES},   {'e', POSTCAT_ENVELOPE},
        {'h', POSTCAT_HEADER}, {'o', POSTCAT_OFFSETS}, {'v', POSTCAT_VERBOSE},
    };

    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
        if (flags[i].letter == letter) {
            postcat->flags |= flags[i].flag;
            return;
        }
    }
    if (letter == 'q') {
        postcat->in_queue = true;
    } else if (letter == 'r') {
        postcat->follows_pointers = false;
    } else {
        fail_usage(postcat);
    }
}

/* The letters of one argument; a value is the rest of it, or *next, which then is taken. */
static void read_letters(struct postcat *postcat, const char *letters, const char ***next)
{
    for (; *letters != '\0'; letters++) {
        if (*letters != 'c' && *letters != 's') {
            set_letter(postcat, *letters);
            continue;
        }
        const char *value = letters[1] != '\0' ? letters + 1 : *(*next)++;
        if (value == NULL) {
            fail_usage(postcat);
        }
        if (*letters == 'c') {
            postcat->config_directory = value;
        } else {
            set_offset(postcat, value);
        }
        return;
    }
}

/* The arguments behind the options; the last one is NULL. */
static const char **read_options(struct postcat *postcat, const char **next)
{
    while (*next != NULL && (*next)[0] == '-' && (*next)[1] != '\0') {
        const char *letters = *next++ + 1;
        if (strcmp(letters, "-") == 0) {
            break;
        }
        read_letters(postcat, letters, &next);
    }
    if ((postcat->flags & POSTCAT_ALL) == 0) {
        postcat->flags |= POSTCAT_ALL;
    }
    return next;
}

/* ---- one file ------------------------------------------------------------------------------------ */

static void flush(struct postcat *postcat, size_t least)
{
    if (postcat->out.size <= least) {
        return;
    }
    int error = sys_output(postcat->sys, buf_str(&postcat->out));
    if (error != 0) {
        tell_fatal(postcat->sys, program, STATUS_FAILED, "cannot write: %s", err_sentence(error));
    }
    buf_clear(&postcat->out);
}

/* What was shown so far comes first. */
static NORETURN void fail_at(struct postcat *postcat, const char *name, int64_t offset,
                             const char *problem)
{
    flush(postcat, 0);
    tell_fatal(postcat->sys, program, STATUS_FAILED, "%s: offset %lld: %s", name, (long long)offset,
               problem);
}

static void warn_at(struct postcat *postcat, const char *name, int64_t offset, const char *problem)
{
    flush(postcat, 0);
    tell_warning(postcat->sys, program, "%s: offset %lld: %s", name, (long long)offset, problem);
}

/* Places of the pointers that led back: who comes to one again goes in a circle. */
struct jumps_back {
    int64_t from[JUMPS_BACK_MAX];
    int count;
};

static void note_jump_back(struct postcat *postcat, const char *name, int64_t offset,
                           struct jumps_back *jumps)
{
    for (int i = 0; i < jumps->count; i++) {
        if (jumps->from[i] == offset) {
            fail_at(postcat, name, offset, "pointers lead in a circle");
        }
    }
    if (jumps->count == JUMPS_BACK_MAX) {
        fail_at(postcat, name, offset, "too many pointers that lead back");
    }
    jumps->from[jumps->count++] = offset;
}

/* Goes where a pointer record points to; 0 points nowhere. */
static void follow(struct postcat *postcat, const char *name, struct postcat_input *input,
                   const struct queue_record *record, struct jumps_back *jumps)
{
    int64_t target = 0;

    if (number_parse_i64(str_trim(record->data), 0, INT64_MAX, &target) != 0) {
        fail_at(postcat, name, input->offset, "a pointer record that cannot be read");
    }
    if (target == 0) {
        return;
    }
    if (target <= input->offset) {
        note_jump_back(postcat, name, input->offset, jumps);
    }
    int error = postcat_input_seek(input, target);
    if (error != 0) {
        fail_at(postcat, name, target, err_sentence(error));
    }
}

static bool next_record(struct postcat *postcat, const char *name, struct postcat_input *input,
                        struct queue_record *record)
{
    int found = postcat_input_record(input, record);

    switch (found) {
    case POSTCAT_FOUND_RECORD:
        break;
    case POSTCAT_FOUND_END:
        return false;
    case POSTCAT_FOUND_CUT:
        fail_at(postcat, name, input->offset, "the file ends inside this record");
    case POSTCAT_FOUND_BAD:
        fail_at(postcat, name, input->offset, "no record has such a length");
    default:
        fail_at(postcat, name, input->offset, err_sentence(found));
    }
    if (record->type == '\0') {
        fail_at(postcat, name, input->offset, "zeros where a record should be");
    }
    return true;
}

/* Of the file, not of the message: shown to the curious only. */
static bool is_layout(const struct queue_record *record)
{
    return record->type == QUEUE_RECORD_POINTER || record->type == QUEUE_RECORD_PADDING;
}

static void show_record(struct postcat *postcat, struct postcat_show *show, int64_t offset,
                        const struct queue_record *record)
{
    if (offset == 0) {
        postcat_show_begin(show, &postcat->out);
    }
    const char *problem = postcat_show_record(show, offset, record, &postcat->out);
    if (problem != NULL) {
        warn_at(postcat, show->name, offset, problem);
    }
    flush(postcat, OUTPUT_FLUSH);
}

/* A record has the offset of the hidden ones before it that led there. */
static void show_records(struct postcat *postcat, struct postcat_show *show,
                         struct postcat_input *input)
{
    bool shows_layout = (postcat->flags & POSTCAT_VERBOSE) != 0;
    struct queue_record record;
    int64_t offset = -1;
    struct jumps_back jumps = {.count = 0};

    while (show->segment != QUEUE_SEGMENT_ENDED &&
           next_record(postcat, show->name, input, &record)) {
        offset = offset < 0 ? input->offset : offset;
        if (shows_layout || !is_layout(&record)) {
            show_record(postcat, show, offset, &record);
            offset = -1;
        }
        if (record.type == QUEUE_RECORD_POINTER && postcat->follows_pointers) {
            follow(postcat, show->name, input, &record, &jumps);
        }
    }
    flush(postcat, 0);
    if (show->segment != QUEUE_SEGMENT_ENDED) {
        fail_at(postcat, show->name, input->offset, "the file ends without its last record");
    }
}

/* Takes fd. */
static void show_file(struct postcat *postcat, const char *name, int fd)
{
    struct postcat_input input;
    struct postcat_show show = {
        .sys = postcat->sys,
        .name = name,
        .flags = postcat->flags,
        .is_fragment = postcat->offset > 0,
    };

    postcat_input_open(&input, postcat->sys, fd);
    int error = postcat_input_seek(&input, postcat->offset);
    if (error != 0) {
        fail_at(postcat, name, postcat->offset, err_sentence(error));
    }
    show_records(postcat, &show, &input);
    postcat_input_close(&input);
}

/* ---- which files ----------------------------------------------------------------------------------- */

static void show_path(struct postcat *postcat, const char *path)
{
    if (strcmp(path, "-") == 0) {
        show_file(postcat, "stdin", POSTCAT_STANDARD_INPUT);
        return;
    }
    int fd = sys_open(postcat->sys, SYS_HERE, path, SYS_OPEN_READ, 0);
    if (fd < 0) {
        tell_fatal(postcat->sys, program, STATUS_FAILED, "open %s: %s", path, err_sentence(fd));
    }
    show_file(postcat, path, fd);
}

static bool holds_mail(enum queue_name name)
{
    return name != QUEUE_BOUNCE && name != QUEUE_DEFER && name != QUEUE_TRACE;
}

static int find_in_queues(struct postcat *postcat, struct str id, char path[QUEUE_PATH_SIZE])
{
    for (int i = 0; i < SEARCH_ROUNDS_MAX * QUEUE_COUNT; i++) {
        enum queue_name name = (enum queue_name)(i % QUEUE_COUNT);
        int fd = holds_mail(name) ? queue_open_file(&postcat->queue, name, id, SYS_OPEN_READ, 0)
                                  : -ERR_NOT_FOUND;
        if (fd != -ERR_NOT_FOUND) {
            queue_path(&postcat->queue, name, id, path);
            return fd;
        }
    }
    return -ERR_NOT_FOUND;
}

static void show_message(struct postcat *postcat, const char *text)
{
    struct str id = str_from(text);
    char path[QUEUE_PATH_SIZE];

    if (!queue_id_is_valid(id)) {
        tell_fatal(postcat->sys, program, STATUS_FAILED, "bad mail queue ID: %s", text);
    }
    int fd = find_in_queues(postcat, id, path);
    if (fd < 0) {
        tell_fatal(postcat->sys, program, STATUS_FAILED, "open queue file %s: %s", text,
                   err_sentence(fd));
    }
    show_file(postcat, path, fd);
}

static void enter_queue(struct postcat *postcat)
{
    struct sys *sys = postcat->sys;
    struct buf problems;

    buf_init(&problems, sys_mem(sys), CONF_PROBLEMS_BYTES_MAX);
    const char *directory = conf_directory(sys, postcat->config_directory);
    int error = conf_load_anyway(sys, directory, NULL, 0, &problems, &postcat->conf);
    if (error != 0 && error != -ERR_SYNTAX) { /* a mistake elsewhere is no reason not to look */
        tell_fatal(sys, program, STATUS_CONFIG, "%s", buf_text(&problems));
    }
    buf_done(&problems);
    const char *queue_directory = conf_text(postcat->conf, CONF_queue_directory).data;
    error = sys_enter(sys, queue_directory);
    error = error == 0 ? queue_open(&postcat->queue, sys, postcat->conf) : error;
    if (error != 0) {
        tell_fatal(sys, program, STATUS_FAILED, "cannot enter the queue directory %s: %s",
                   queue_directory, err_sentence(error));
    }
}

int postcat_main(struct sys *sys, int argc, char **argv)
{
    struct postcat postcat = {.sys = sys, .follows_pointers = true};

    buf_init(&postcat.out, sys_mem(sys), OUTPUT_BYTES_MAX);
    const char **names = read_options(&postcat, (const char **)argv + (argc > 0 ? 1 : 0));
    if (postcat.in_queue) {
        enter_queue(&postcat);
    } else if (*names == NULL) {
        show_path(&postcat, "-");
    }
    for (; *names != NULL; names++) {
        if (postcat.in_queue) {
            show_message(&postcat, *names);
        } else {
            show_path(&postcat, *names);
        }
    }
    if (postcat.in_queue) {
        queue_close(&postcat.queue);
        conf_free(postcat.conf);
    }
    buf_done(&postcat.out);
    return 0;
}
