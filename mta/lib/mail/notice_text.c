// SPDX-License-Identifier: ISC
#include "mail/notice_text.h"

#include "base/arena.h"
#include "conf/expand.h"
#include "conf/file.h"
#include "mail/notice.h"

enum { NAMES_BYTES_MAX = 64 * 1024 };

/* ---- built-in texts ---------------------------------------------------------------------------- */

#define SIGNATURE "\n                   The mail system\n"

static const struct notice_template built_in[NOTICE_KINDS] = {
    [NOTICE_FAILURE] =
        {
            .charset = STR_INIT("us-ascii"),
            .subject = STR_INIT("Undelivered Mail Returned to Sender"),
            .postmaster_subject = STR_INIT("Postmaster Copy: Undelivered Mail"),
            .text = STR_INIT("This is the mail system at $myhostname.\n"
                             "\n"
                             "Your message did not reach every recipient, and no further attempt\n"
                             "will be made. Below you find who did not get it, and why. Your\n"
                             "message, or its header, is attached.\n"
                             "\n"
                             "If that does not tell you what to do, please ask postmaster at this\n"
                             "host for help, and include this report.\n" SIGNATURE),
        },
    [NOTICE_DELAY] =
        {
            .charset = STR_INIT("us-ascii"),
            .subject = STR_INIT("Delayed Mail (still being retried)"),
            .postmaster_subject = STR_INIT("Postmaster Warning: Delayed Mail"),
            .text = STR_INIT(
                "This is the mail system at $myhostname.\n"
                "\n"
                "  This is only a warning. Please do not send your message again.\n"
                "\n"
                "Your message has been waiting for more than $delay_warning_time_hours hour(s).\n"
                "More attempts follow until it is $maximal_queue_lifetime_days day(s) old. Below "
                "you\n"
                "find who did not get it yet, and why.\n"
                "\n"
                "If you need help, please ask postmaster at this host, and include\n"
                "this report.\n" SIGNATURE),
        },
    [NOTICE_SUCCESS] =
        {
            .charset = STR_INIT("us-ascii"),
            .subject = STR_INIT("Successful Mail Delivery Report"),
            .text = STR_INIT("This is the mail system at $myhostname.\n"
                             "\n"
                             "Your message was delivered as you see below. What was handed on to\n"
                             "another system may still be reported on by that system.\n" SIGNATURE),
        },
    [NOTICE_VERIFY] =
        {
            .charset = STR_INIT("us-ascii"),
            .subject = STR_INIT("Mail Delivery Status Report"),
            .text = STR_INIT("This is the mail system at $myhostname.\n"
                             "\n"
                             "Below is the report on delivery that you asked for.\n" SIGNATURE),
        },
};

static void prefer(struct str *member, struct str otherwise)
{
    if (member->data == NULL) {
        *member = otherwise;
    }
}

/* What a template does not give is as in the built-in one. */
static void complete(const struct conf *conf, enum notice_kind kind,
                     struct notice_template *template)
{
    prefer(&template->charset, built_in[kind].charset);
    prefer(&template->from, notice_default_from(conf));
    prefer(&template->subject, built_in[kind].subject);
    prefer(&template->postmaster_subject, built_in[kind].postmaster_subject);
    prefer(&template->text, built_in[kind].text);
}

bool notice_text_is_ascii(const struct notice_template *template)
{
    return str_equal_fold(template->charset, STR("us-ascii"));
}

/* ---- $names ------------------------------------------------------------------------------------ */

struct names {
    const struct conf *conf;
    struct arena arena; /* values made here */
    struct buf *problems;
    struct str undefined; /* the first such name */
};

static bool find_time(struct str name, enum conf_param *param, struct str *unit)
{
    static const struct {
        struct str prefix;
        enum conf_param param;
    } times[] = {
        {STR_INIT("delay_warning_time_"), CONF_delay_warning_time},
        {STR_INIT("maximal_queue_lifetime_"), CONF_maximal_queue_lifetime},
    };
    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
        if (str_starts_with(name, times[i].prefix)) {
            *param = times[i].param;
            *unit = str_skip(name, times[i].prefix.size);
            return true;
        }
    }
    return false;
}

/* Seconds of a unit; 0 when it is none. */
static int64_t unit_seconds(struct str unit)
{
    static const struct {
        struct str name;
        int64_t seconds;
    } units[] = {
        {STR_INIT("seconds"), 1},  {STR_INIT("minutes"), 60},   {STR_INIT("hours"), 3600},
        {STR_INIT("days"), 86400}, {STR_INIT("weeks"), 604800},
    };
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (str_equal(unit, units[i].name)) {
            return units[i].seconds;
        }
    }
    return 0;
}

static int find_name(void *context, struct str name, struct str *value)
{
    struct names *names = context;
    enum conf_param param;
    struct str unit;
    int64_t unit_s = find_time(name, &param, &unit) ? unit_seconds(unit) : 0;
    if (unit_s == 0) {
        bool found = conf_find(names->conf, name, value);
        if (!found && names->undefined.data == NULL) {
            names->undefined = name;
        }
        return found ? 1 : 0;
    }
    int64_t time_ns = conf_time_ns(names->conf, param);
    long long count = (long long)(time_ns / SYS_SECOND_NS / unit_s);
    if (count == 0 && time_ns > 0) {
        buf_putf(names->problems, "text of notices: $%.*s is 0: use a smaller unit of time\n",
                 STR_ARG(name));
    }
    *value = arena_printf(&names->arena, "%lld", count);
    return value->data != NULL ? 1 : -ERR_LIMIT;
}

/* 0 or an error with problem set. */
static int expand(const struct conf *conf, struct str text, struct buf *out, struct buf *problems,
                  struct expand_problem *problem)
{
    struct names names = {.conf = conf, .problems = problems};
    const struct expand_source source = {.find = find_name, .context = &names};
    *problem = (struct expand_problem){.text = "too much text"};
    arena_init(&names.arena, out->mem, NAMES_BYTES_MAX);
    int error = expand_text(text, &source, out, problem);
    if (error == 0 && names.undefined.data != NULL) {
        *problem = (struct expand_problem){
            .text = "a $name that is no parameter",
            .offset = (size_t)(names.undefined.data - text.data),
        };
        error = -ERR_SYNTAX;
    }
    arena_done(&names.arena);
    return error;
}

void notice_text_expand(const struct notice_texts *texts, enum notice_kind kind, struct buf *out,
                        struct buf *problems)
{
    struct expand_problem problem;
    int error = expand(texts->conf, texts->templates[kind].text, out, problems, &problem);
    (void)error; /* load has tried it: at worst it ends early, at the buffer's maximum */
}

/* ---- load -------------------------------------------------------------------------------------- */

static int line_at(struct str file, struct str text, size_t offset)
{
    const char *place = text.data + offset;
    int line = 1;
    for (const char *at = file.data; at < place; at++) {
        line += *at == '\n' ? 1 : 0;
    }
    return line;
}

/* True when its text can be used. */
static bool is_sound(struct notice_texts *texts, struct str path,
                     const struct notice_template *template, struct buf *problems)
{
    struct buf scratch;
    struct buf ignored;
    struct expand_problem problem;
    buf_init(&scratch, texts->file.mem, NOTICE_TEXT_BYTES_MAX);
    buf_init(&ignored, texts->file.mem, CONF_PROBLEMS_BYTES_MAX);
    int error = expand(texts->conf, template->text, &scratch, &ignored, &problem);
    if (error != 0) {
        buf_putf(problems, "%.*s, line %d: %s; the built-in text is used\n", STR_ARG(path),
                 line_at(buf_str(&texts->file), template->text, problem.offset), problem.text);
    }
    buf_done(&ignored);
    buf_done(&scratch);
    return error == 0;
}

static void take_templates(struct notice_texts *texts, struct str path, struct buf *problems)
{
    struct notice_template_reader reader = {.rest = buf_str(&texts->file)};
    struct notice_template template;
    struct notice_template_problem problem;
    enum notice_kind kind;
    int found;
    while ((found = notice_template_next(&reader, &kind, &template, &problem)) != 0) {
        if (found < 0) {
            buf_putf(problems, "%.*s, line %d: %s%s%.*s; the built-in text is used\n",
                     STR_ARG(path), problem.line, problem.text, problem.what.size > 0 ? ": " : "",
                     STR_ARG(problem.what));
            continue;
        }
        if (is_sound(texts, path, &template, problems)) {
            texts->templates[kind] = template;
        }
    }
}

int notice_text_load(struct notice_texts *texts, struct sys *sys, const struct conf *conf,
                     struct str path, struct buf *problems)
{
    int error = 0;
    *texts = (struct notice_texts){.conf = conf};
    buf_init(&texts->file, sys_mem(sys), NOTICE_TEXT_BYTES_MAX);
    if (path.size > 0) {
        error = file_read(sys, path.data, &texts->file);
        if (error == 0) {
            take_templates(texts, path, problems);
        } else {
            buf_putf(problems, "%.*s: %s; the built-in texts are used\n", STR_ARG(path),
                     err_sentence(error));
        }
    }
    for (int kind = 0; kind < NOTICE_KINDS; kind++) {
        complete(conf, (enum notice_kind)kind, &texts->templates[kind]);
    }
    return error;
}

void notice_text_done(struct notice_texts *texts)
{
    buf_done(&texts->file);
}
