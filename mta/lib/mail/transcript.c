// SPDX-License-Identifier: ISC
#include "mail/transcript.h"

#include "mail/notice.h"

enum { ADDRESSES_BYTES_MAX = 16 * 1024 };

static unsigned wanted_classes(const struct conf *conf)
{
    static const struct {
        struct str word;
        unsigned bit;
    } classes[] = {
#define X(name, bit, word) {STR_INIT(word), bit},
        TRANSCRIPT_CLASS_LIST(X)
#undef X
    };
    unsigned wanted = 0;
    for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
        if (conf_list_has(conf_text(conf, CONF_notify_classes), classes[i].word)) {
            wanted |= classes[i].bit;
        }
    }
    return wanted;
}

void transcript_init(struct transcript *transcript, struct mem *mem, const struct conf *conf)
{
    *transcript = (struct transcript){.wanted = wanted_classes(conf)};
    buf_init(&transcript->text, mem, TRANSCRIPT_BYTES_MAX);
}

void transcript_done(struct transcript *transcript)
{
    buf_done(&transcript->text);
}

/* ---- what is said ------------------------------------------------------------------------------ */

static void put_line(struct buf *text, const char *who, struct str line)
{
    line = str_first(str_trim_space(line), TRANSCRIPT_LINE_MAX);
    buf_putf(text, " %-5s", who);
    for (size_t i = 0; i < line.size; i++) {
        buf_put_char(text, char_is_print(line.data[i]) ? line.data[i] : '?');
    }
    buf_put_char(text, '\n');
}

static void put_lines(struct transcript *transcript, const char *who, struct str lines)
{
    struct str line;
    while (transcript->wanted != 0 && str_next_token(&lines, "\r\n", &line)) {
        put_line(&transcript->text, who, line);
    }
}

void transcript_out(struct transcript *transcript, struct str lines)
{
    put_lines(transcript, "Out:", lines);
}

void transcript_in(struct transcript *transcript, struct str lines)
{
    put_lines(transcript, "In:", lines);
}

void transcript_mark(struct transcript *transcript, unsigned classes)
{
    transcript->marked |= classes;
}

void transcript_forget(struct transcript *transcript)
{
    buf_clear(&transcript->text);
    transcript->marked = 0;
}

/* ---- send -------------------------------------------------------------------------------------- */

static void put_notice(struct notice *notice, const struct transcript *transcript,
                       const struct conf *conf, struct str recipient, struct str subject)
{
    struct str rest = buf_str(&transcript->text);
    struct str line;
    notice_put_from(notice, conf, notice_default_from(conf));
    notice_printf(notice, "To: Postmaster <%.*s>", STR_ARG(recipient));
    notice_printf(notice, "Subject: %.*s %.*s", STR_ARG(conf_text(conf, CONF_mail_name)),
                  STR_ARG(subject));
    notice_put(notice, STR("Auto-Submitted: auto-generated"));
    notice_put(notice, STR(""));
    notice_put(notice, STR("What was said, up to the end of the session:"));
    notice_put(notice, STR(""));
    while (str_next_token(&rest, "\n", &line)) {
        notice_put(notice, line);
    }
    if (buf_error(&transcript->text) != 0) {
        notice_put(notice, STR(" (the rest is left out)"));
    }
    notice_put(notice, STR(""));
    notice_put(notice, STR("The mail log has more about it."));
}

/* 0 or why not. */
static int send(const struct transcript *transcript, struct cleanup_client *client,
                const struct conf *conf, struct arena *arena, struct str subject)
{
    bool is_bounce_alone = (transcript->marked & transcript->wanted) == TRANSCRIPT_BOUNCE;
    const struct notice_envelope envelope = {
        .sender = notice_own_address(conf, arena, CONF_double_bounce_sender),
        .recipient = notice_own_address(conf, arena,
                                        is_bounce_alone ? CONF_bounce_notice_recipient
                                                        : CONF_error_notice_recipient),
    };
    struct notice notice;
    int error = notice_begin(&notice, client, conf, &envelope);
    if (error != 0) {
        return error;
    }
    put_notice(&notice, transcript, conf, envelope.recipient, subject);
    return notice_end(&notice) == 0 ? 0 : -ERR_UNAVAILABLE;
}

void transcript_send(struct transcript *transcript, struct cleanup_client *client,
                     const struct conf *conf, struct log *log, struct str subject)
{
    struct arena arena;
    if ((transcript->marked & transcript->wanted) == 0) {
        return;
    }
    arena_init(&arena, transcript->text.mem, ADDRESSES_BYTES_MAX);
    int error = send(transcript, client, conf, &arena, subject);
    if (error != 0) {
        log_warning(log, "the postmaster cannot be told: %.*s: %s", STR_ARG(subject),
                    err_sentence(error));
    }
    arena_done(&arena);
    transcript_forget(transcript);
}
