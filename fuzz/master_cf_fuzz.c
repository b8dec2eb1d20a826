// SPDX-License-Identifier: ISC
/* Services read from a text survive writing and reading again; a text that gives no error has no
 * problem but warnings. */
#include "conf/master_cf.h"

#include "fuzz/fuzz.h"

enum { OUTPUT_MAX = 1 << 20 };

static void put_braced(struct buf *out, struct str text)
{
    buf_putf(out, " {%.*s}", STR_ARG(text));
}

static bool braces_match(struct str text)
{
    int depth = 0;
    for (size_t i = 0; i < text.size && depth >= 0; i++) {
        depth += (text.data[i] == '{') - (text.data[i] == '}');
    }
    return depth == 0;
}

/* False when the service has a text that braces cannot carry. */
static bool put_service(struct buf *out, const struct master_cf_service *service)
{
    bool good = true;
    put_braced(out, service->name);
    buf_putf(out, " %s %c %c %c %d%s ", master_cf_type_text(service->type),
             service->is_private ? 'y' : 'n', service->unprivileged ? 'y' : 'n',
             service->chroot ? 'y' : 'n', service->wakeup_s, service->wakeup_when_used ? "?" : "");
    if (service->process_limit == MASTER_CF_LIMIT_DEFAULT) {
        buf_put_char(out, '-');
    } else {
        buf_putf(out, "%d", service->process_limit);
    }
    put_braced(out, service->command);
    good = braces_match(service->name) && braces_match(service->command);
    for (int i = 0; i < service->option_count; i++) {
        buf_put_text(out, " -o");
        put_braced(out, service->options[i]);
        good = good && braces_match(service->options[i]);
    }
    return good;
}

static void check_again(struct mem *mem, const struct master_cf_service *service)
{
    struct buf text;
    struct buf problems;
    struct arena arena;
    struct master_cf again;
    buf_init(&text, mem, OUTPUT_MAX);
    buf_init(&problems, mem, OUTPUT_MAX);
    arena_init(&arena, mem, 1 << 22);
    if (put_service(&text, service)) {
        struct str line = str_skip(buf_str(&text), 1);
        int error = master_cf_parse(line, "again", &arena, &again, &problems);
        FUZZ_CHECK(error == 0 && again.count == 1);
        FUZZ_CHECK(str_equal(again.services[0].name, service->name));
        FUZZ_CHECK(str_equal(again.services[0].command, service->command));
        FUZZ_CHECK(again.services[0].process_limit == service->process_limit);
        FUZZ_CHECK(again.services[0].option_count == service->option_count);
    }
    arena_done(&arena);
    buf_done(&problems);
    buf_done(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mem *mem = fuzz_mem();
    struct arena arena;
    struct buf problems;
    struct master_cf cf;
    arena_init(&arena, mem, 1 << 22);
    buf_init(&problems, mem, OUTPUT_MAX);
    int error = master_cf_parse(str_of(data, size), "master.cf", &arena, &cf, &problems);
    FUZZ_CHECK(error == 0 || problems.size > 0);
    FUZZ_CHECK(cf.count <= MASTER_CF_SERVICES_MAX);
    for (int i = 0; i < cf.count && i < 4; i++) {
        check_again(mem, &cf.services[i]);
    }
    mem_destroy(mem);
    return 0;
}
