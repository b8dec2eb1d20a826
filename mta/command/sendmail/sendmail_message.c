// SPDX-License-Identifier: ISC
#include "sendmail/sendmail_message.h"

#include <stdio.h>
#include <string.h>

#include "log/tell.h"
#include "proto/address.h"
#include "proto/header_recipients.h"
#include "proto/queue_record.h"
#include "sendmail/sendmail_run.h"
#include "stream/stream.h"
#include "sys/net.h"
#include "sys/process.h"
#include "sys/user.h"

enum {
    READ_BYTES = 64 * 1024,
    STREAM_BYTES_MAX = 256 * 1024,
    ANSWER_BYTES_MAX = 4096,
    ADDRESSES_BYTES_MAX = 1024 * 1024,
};

struct sendmail {
    struct sys *sys;
    const struct sendmail_envelope *envelope;
    struct sys_user user; /* who runs this; all empty after an error */
    int user_error;
    struct stream stream; /* to postdrop and back */
    struct buf input;     /* read, and not yet put */
    size_t line_bytes_max;
    bool in_mailbox_lines;   /* before the message: "From " lines of a mailbox */
    bool inside_line;        /* the next piece goes on with a line */
    bool first_line_decides; /* whether lines end in CRLF */
    bool drops_cr;
    bool ended;      /* by a line of a single dot */
    char notify[12]; /* flags in decimal; empty: none */
    int64_t recipient_count;
    struct header_recipients header;
};

static void put(struct sendmail *sendmail, enum queue_record_type type, struct str data)
{
    char head[QUEUE_RECORD_HEAD_MAX];
    size_t head_bytes = queue_record_write_head(type, data.size, head);
    stream_put(&sendmail->stream, str_of(head, head_bytes));
    stream_put(&sendmail->stream, data);
}

/* ---- envelope ------------------------------------------------------------------------------------ */

static void put_recipient(struct sendmail *sendmail, struct str address)
{
    if (sendmail->notify[0] != '\0') {
        put(sendmail, QUEUE_RECORD_DSN_NOTIFY, str_from(sendmail->notify));
    }
    put(sendmail, QUEUE_RECORD_RECIPIENT, address);
    sendmail->recipient_count++;
}

/* Appends the addresses of an argument, each ended by LF. What is no address is returned to the
 * sender. */
static void read_recipients(struct sendmail *sendmail, const char *text, struct buf *list)
{
    struct str rest = str_from(text);
    int found;
    while ((found = address_list_next_lenient(&rest, list)) == 1) {
        buf_put_char(list, '\n');
    }
    if (found < 0 || buf_error(list) != 0) {
        sendmail_fail(sendmail->sys, "bad recipients: %s", err_sentence(found));
    }
}

static void put_given_recipients(struct sendmail *sendmail)
{
    struct buf list;
    struct str address;
    buf_init(&list, sys_mem(sendmail->sys), ADDRESSES_BYTES_MAX);
    for (char *const *next = sendmail->envelope->recipients; *next != NULL; next++) {
        read_recipients(sendmail, *next, &list);
    }
    struct str rest = buf_str(&list);
    while (str_next_token(&rest, "\n", &address)) {
        put_recipient(sendmail, address);
    }
    buf_done(&list);
}

/* The first address of what was given. */
static void read_sender(struct sendmail *sendmail, const char *text, struct buf *sender)
{
    struct str rest = str_from(text);
    int found = address_list_next(&rest, sender);
    if (found < 0) {
        sendmail_fail(sendmail->sys, "bad sender: %s", text);
    }
}

static void put_sender(struct sendmail *sendmail)
{
    const char *given = sendmail->envelope->sender;
    struct buf sender;
    buf_init(&sender, sys_mem(sendmail->sys), ADDRESS_BYTES_MAX);
    if (given == NULL) {
        if (sendmail->user_error != 0) {
            sendmail_fail(sendmail->sys, "user %u has no name (%s): say with -f who sends",
                          sys_effective_uid(sendmail->sys), err_sentence(sendmail->user_error));
        }
        buf_put_text(&sender, sendmail->user.name);
    } else if (strcmp(given, "<>") != 0) {
        read_sender(sendmail, given, &sender);
    }
    put(sendmail, QUEUE_RECORD_SENDER, buf_str(&sender));
    buf_done(&sender);
}

/* As given, else the environment's, else the user's. */
static void put_full_name(struct sendmail *sendmail)
{
    const char *given = sendmail->envelope->full_name;
    const char *environment = sys_environment(sendmail->sys, "NAME");
    const char *name = given != NULL         ? given
                       : environment != NULL ? environment
                                             : sendmail->user.full_name;
    if (name[0] != '\0') {
        put(sendmail, QUEUE_RECORD_FULL_NAME, str_from(name));
    }
}

/* The flag of a word after -N; 0: there is no such word. */
static unsigned notify_flag(struct str word)
{
    static const struct {
        struct str word;
        unsigned flag;
    } words[] = {
        {STR_INIT("never"), QUEUE_NOTIFY_NEVER},
        {STR_INIT("success"), QUEUE_NOTIFY_SUCCESS},
        {STR_INIT("delay"), QUEUE_NOTIFY_DELAY},
        {STR_INIT("failure"), QUEUE_NOTIFY_FAILURE},
    };
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (str_equal_fold(word, words[i].word)) {
            return words[i].flag;
        }
    }
    return 0;
}

/* A wish for notices that says nothing does not keep the message from going. */
static void read_notify(struct sendmail *sendmail)
{
    const char *text = sendmail->envelope->notify;
    struct str rest = str_from(text);
    struct str word;
    unsigned flags = 0;
    bool is_sound = true;
    while (str_next_token(&rest, ", ", &word)) {
        unsigned flag = notify_flag(word);
        is_sound = is_sound && flag != 0;
        flags |= flag;
    }
    bool is_mixed = (flags & QUEUE_NOTIFY_NEVER) != 0 && flags != QUEUE_NOTIFY_NEVER;
    if (!is_sound || is_mixed) {
        tell_warning(sendmail->sys, "sendmail",
                     "-N %s is ignored: never, or success, failure and delay", text);
    } else if (flags != 0) {
        snprintf(sendmail->notify, sizeof(sendmail->notify), "%u", flags);
    }
}

static void put_ret(struct sendmail *sendmail)
{
    struct str ret = str_from(sendmail->envelope->ret);
    if (str_equal_fold(ret, STR("full"))) {
        put(sendmail, QUEUE_RECORD_DSN_RET, STR("1"));
    } else if (str_equal_fold(ret, STR("hdrs"))) {
        put(sendmail, QUEUE_RECORD_DSN_RET, STR("2"));
    } else {
        tell_warning(sendmail->sys, "sendmail", "-R %.*s is ignored: full or hdrs", STR_ARG(ret));
    }
}

static void put_encoding(struct sendmail *sendmail)
{
    struct str body = str_from(sendmail->envelope->body);
    if (str_equal_fold(body, STR("8BITMIME"))) {
        put(sendmail, QUEUE_RECORD_ATTRIBUTE, STR("encoding=8bit"));
    } else if (str_equal_fold(body, STR("7BIT"))) {
        put(sendmail, QUEUE_RECORD_ATTRIBUTE, STR("encoding=7bit"));
    } else {
        sendmail_fail(sendmail->sys, "-B %.*s: 7BIT or 8BITMIME", STR_ARG(body));
    }
}

static void put_envelope(struct sendmail *sendmail)
{
    const struct sendmail_envelope *envelope = sendmail->envelope;
    uint32_t uid = sys_effective_uid(sendmail->sys);
    sendmail->user_error = sys_user_find_uid(sendmail->sys, uid, &sendmail->user);
    put_full_name(sendmail);
    put_sender(sendmail);
    if (envelope->envid != NULL) {
        put(sendmail, QUEUE_RECORD_DSN_ENVID, str_from(envelope->envid));
    }
    if (envelope->ret != NULL) {
        put_ret(sendmail);
    }
    if (envelope->verp != NULL) {
        put(sendmail, QUEUE_RECORD_VERP, str_from(envelope->verp));
    }
    if (envelope->body != NULL) {
        put_encoding(sendmail);
    }
    if (envelope->smtputf8) {
        put(sendmail, QUEUE_RECORD_ATTRIBUTE, STR("smtputf8=1"));
    }
    if (envelope->notify != NULL) {
        read_notify(sendmail);
    }
    put_given_recipients(sendmail);
}

/* ---- content ------------------------------------------------------------------------------------- */

static bool is_mailbox_line(struct str line)
{
    return str_starts_with(line, STR("From ")) || str_starts_with(line, STR(">From "));
}

/* A whole line with its CR gone, or a piece of one. */
static void put_piece(struct sendmail *sendmail, struct str text, bool ends_line)
{
    if (sendmail->envelope->from_header) {
        header_recipients_line(&sendmail->header, text, ends_line);
    }
    put(sendmail, ends_line ? QUEUE_RECORD_LINE : QUEUE_RECORD_LINE_PART, text);
}

/* Where lines may end in CRLF, all CR at their end go. */
static struct str without_cr(struct sendmail *sendmail, struct str line)
{
    struct str text = line;
    while (str_ends_with(text, STR("\r"))) {
        text = str_first(text, text.size - 1);
    }
    if (sendmail->first_line_decides) {
        sendmail->first_line_decides = false;
        sendmail->drops_cr = text.size < line.size;
    }
    return sendmail->drops_cr ? text : line;
}

static void take_piece(struct sendmail *sendmail, struct str text, bool ends_line)
{
    struct str line = ends_line ? without_cr(sendmail, text) : text;
    bool is_whole = ends_line && !sendmail->inside_line;
    if (is_whole && !sendmail->envelope->dot_is_text && str_equal(line, STR("."))) {
        sendmail->ended = true;
        return;
    }
    bool is_kept = !sendmail->in_mailbox_lines || !(sendmail->inside_line || is_mailbox_line(line));
    sendmail->inside_line = !ends_line;
    if (is_kept) {
        sendmail->in_mailbox_lines = false;
        put_piece(sendmail, line, ends_line);
    }
}

/* Takes the next line of what was read, or a piece of a long one; false when more must be read. */
static bool take_next(struct sendmail *sendmail, bool at_end)
{
    struct str input = buf_str(&sendmail->input);
    struct str head = str_first(input, sendmail->line_bytes_max + 2); /* with its CR and LF */
    ptrdiff_t newline = str_find(head, '\n');
    if (newline >= 0) {
        take_piece(sendmail, str_first(input, (size_t)newline), true);
        buf_drop_first(&sendmail->input, (size_t)newline + 1);
        return true;
    }
    if (input.size > sendmail->line_bytes_max + 1) {
        take_piece(sendmail, str_first(input, sendmail->line_bytes_max), false);
        buf_drop_first(&sendmail->input, sendmail->line_bytes_max);
        return true;
    }
    if (at_end && (input.size > 0 || sendmail->inside_line)) {
        take_piece(sendmail, input, true);
        buf_clear(&sendmail->input);
    }
    return false;
}

static bool read_more(struct sendmail *sendmail)
{
    char *space = buf_reserve(&sendmail->input, READ_BYTES);
    long count = space != NULL ? sys_input(sendmail->sys, space, READ_BYTES) : -ERR_LIMIT;
    if (count < 0) {
        sendmail_fail(sendmail->sys, "cannot read the message: %s", err_sentence((int)count));
    }
    buf_grew(&sendmail->input, (size_t)count);
    return count > 0;
}

static void put_content(struct sendmail *sendmail)
{
    bool more = true;
    put(sendmail, QUEUE_RECORD_CONTENT, STR(""));
    while (more && !sendmail->ended && stream_error(&sendmail->stream) == 0) {
        more = read_more(sendmail);
        while (!sendmail->ended && take_next(sendmail, !more)) {}
    }
    put(sendmail, QUEUE_RECORD_EXTRACTED, STR(""));
}

static void put_header_recipients(struct sendmail *sendmail)
{
    struct str list;
    struct str address;
    int error = header_recipients_end(&sendmail->header, &list);
    if (error != 0) {
        sendmail_fail(sendmail->sys, "cannot use the recipients in the message header: %s",
                      err_sentence(error));
    }
    while (str_next_token(&list, "\n", &address)) {
        put_recipient(sendmail, address);
    }
    if (sendmail->recipient_count == 0) {
        sendmail_fail(sendmail->sys, "No recipient addresses found in message header");
    }
}

/* ---- postdrop ------------------------------------------------------------------------------------ */

static void start_postdrop(struct sendmail *sendmail, struct command_run *run)
{
    struct sys *sys = sendmail->sys;
    int pair[2];
    int error = sys_socket_pair(sys, pair);
    if (error != 0) {
        sendmail_fail(sys, "cannot make a socket pair: %s", err_sentence(error));
    }
    run->fd = pair[1];
    sendmail_run_start(run);
    sys_close(sys, pair[1]);
    stream_open(&sendmail->stream, sys, sys_mem(sys), pair[0], STREAM_BYTES_MAX);
}

/* What counts is the exit status: postdrop has said what went wrong. */
static int finish(struct sendmail *sendmail, struct command_run *run)
{
    struct str answer;
    put(sendmail, QUEUE_RECORD_END, STR(""));
    int error = stream_read_line(&sendmail->stream, ANSWER_BYTES_MAX, &answer);
    (void)error;
    stream_close(&sendmail->stream);
    return sendmail_run_wait(run);
}

int sendmail_message(struct sys *sys, const struct conf *conf, const char *config_directory,
                     const struct sendmail_envelope *envelope)
{
    struct mem *mem = sys_mem(sys);
    struct str line_endings = conf_text(conf, CONF_sendmail_fix_line_endings);
    struct command_run run;
    struct sendmail *sendmail = mem_alloc(mem, sizeof(*sendmail));
    *sendmail = (struct sendmail){
        .sys = sys,
        .envelope = envelope,
        .in_mailbox_lines = true,
        .first_line_decides = str_equal(line_endings, STR("strict")),
        .drops_cr = !str_equal(line_endings, STR("never")),
        .line_bytes_max = (size_t)conf_size(conf, CONF_line_length_limit),
    };
    buf_init(&sendmail->input, mem, sendmail->line_bytes_max + 2 + READ_BYTES);
    header_recipients_init(&sendmail->header, mem);
    command_run_init(&run, sys, conf, "postdrop");
    command_run_argument(&run, "-c");
    command_run_argument(&run, config_directory);
    command_run_argument(&run, "-r");
    start_postdrop(sendmail, &run);
    put_envelope(sendmail);
    put_content(sendmail);
    if (envelope->from_header) {
        put_header_recipients(sendmail);
    }
    int status = finish(sendmail, &run);
    header_recipients_done(&sendmail->header);
    buf_done(&sendmail->input);
    return status;
}
