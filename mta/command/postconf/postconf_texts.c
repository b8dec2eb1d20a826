// SPDX-License-Identifier: ISC
#include "conf/conf.h"
#include "mail/notice_text.h"
#include "postconf/postconf_run.h"

static void warn_lines(struct postconf *run, struct str problems)
{
    struct str line;
    while (str_next_token(&problems, "\n", &line)) {
        postconf_warn(run, "%.*s", STR_ARG(line));
    }
}

static struct conf *load_conf(struct postconf *run)
{
    struct conf *conf;
    struct buf problems;
    buf_init(&problems, run->mem, CONF_PROBLEMS_BYTES_MAX);
    int error =
        conf_load(run->sys, run->directory, run->options, run->option_count, &problems, &conf);
    warn_lines(run, buf_str(&problems));
    if (error != 0) {
        postconf_fail(run, "%s/main.cf: %s", run->directory, err_sentence(error));
    }
    buf_done(&problems);
    return conf;
}

static void put_expanded(const struct notice_texts *texts, enum notice_kind kind, struct buf *out,
                         struct buf *problems)
{
    buf_putf(out, "expanded_%s_text = <<EOF\n", notice_template_name(kind));
    notice_text_expand(texts, kind, out, problems);
    buf_put_text(out, "EOF\n");
}

static void put_texts(const struct postconf *run, const struct notice_texts *texts, struct buf *out,
                      struct buf *problems)
{
    for (int i = 0; i < NOTICE_KINDS; i++) {
        enum notice_kind kind = (enum notice_kind)i;
        buf_put_text(out, i > 0 ? "\n" : "");
        if (run->view == POSTCONF_TEXTS) {
            put_expanded(texts, kind, out, problems);
        } else {
            notice_template_write(kind, &texts->templates[kind], out);
        }
    }
}

void postconf_show_texts(struct postconf *run)
{
    struct conf *conf = load_conf(run);
    struct notice_texts texts;
    struct buf problems;
    struct buf out;
    if (run->name_count > 1) {
        postconf_fail(run, "-b and -t take one template file at most");
    }
    struct str path =
        run->name_count > 0 ? str_from(run->names[0]) : conf_text(conf, CONF_bounce_template_file);
    buf_init(&problems, run->mem, CONF_PROBLEMS_BYTES_MAX);
    buf_init(&out, run->mem, POSTCONF_TEXT_BYTES_MAX);
    int error = notice_text_load(&texts, run->sys, conf, path, &problems);
    put_texts(run, &texts, &out, &problems);
    warn_lines(run, buf_str(&problems));
    if (error != 0) {
        postconf_fail(run, "open %.*s: %s", STR_ARG(path), err_sentence(error));
    }
    error = sys_output(run->sys, buf_str(&out));
    if (error != 0) {
        postconf_fail(run, "write to standard output: %s", err_sentence(error));
    }
    notice_text_done(&texts);
    buf_done(&out);
    buf_done(&problems);
    conf_free(conf);
}
