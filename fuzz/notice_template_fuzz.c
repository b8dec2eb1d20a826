// SPDX-License-Identifier: ISC
/* Every template of a file is read, or refused with a line of that file; one that was read is
 * written and read again as the same. */
#include "proto/notice_template.h"

#include "fuzz/fuzz.h"

static void check_written(struct mem *mem, enum notice_kind kind,
                          const struct notice_template *template)
{
    struct buf out;
    struct notice_template again;
    struct notice_template_problem problem;
    enum notice_kind again_kind = NOTICE_KINDS;

    buf_init(&out, mem, 8 << 20);
    notice_template_write(kind, template, &out);
    struct notice_template_reader reader = {.rest = buf_str(&out)};
    FUZZ_CHECK(notice_template_next(&reader, &again_kind, &again, &problem) == 1);
    FUZZ_CHECK(again_kind == kind);
    FUZZ_CHECK(str_equal(again.charset, template->charset));
    FUZZ_CHECK(str_equal(again.from, template->from));
    FUZZ_CHECK(str_equal(again.subject, template->subject));
    FUZZ_CHECK(str_equal(again.postmaster_subject, template->postmaster_subject));
    FUZZ_CHECK(str_equal(again.text, template->text));
    FUZZ_CHECK(notice_template_next(&reader, &again_kind, &again, &problem) == 0);
    buf_done(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mem *mem = fuzz_mem();
    struct notice_template_reader reader = {.rest = str_of(data, size)};
    struct notice_template template;
    struct notice_template_problem problem;
    enum notice_kind kind;
    int line = 0;
    int found;

    while ((found = notice_template_next(&reader, &kind, &template, &problem)) != 0) {
        FUZZ_CHECK(reader.line > line);
        if (found < 0) {
            FUZZ_CHECK(problem.line > line && problem.line <= reader.line);
        } else {
            check_written(mem, kind, &template);
        }
        line = reader.line;
    }
    mem_destroy(mem);
    return 0;
}
