// SPDX-License-Identifier: ISC
#include "world/trace.h"

#include <stdio.h>
#include <string.h>

#include "base/assert.h"
#include "world/process.h"
#include "world/world_state.h"

enum { TRACE_LINE_MAX = 1024 };

void trace_init(struct trace *trace, struct mem *mem)
{
    *trace = (struct trace){0};
    hash_init(&trace->hash, 0, 0);
    trace->recent = mem_alloc(mem, TRACE_RECENT_MAX * sizeof(trace->recent[0]));
}

/* ---- hash ---------------------------------------------------------------------------------- */

static void hash_record(struct hash *hash, int64_t at_ns, const struct sys *sys,
                        const struct trace_record *record)
{
    hash_put_u64(hash, (uint64_t)at_ns);
    hash_put_u64(hash, sys != NULL ? (uint64_t)sys->machine->index + 1 : 0);
    hash_put_u64(hash, sys != NULL ? (uint64_t)sys->pid : 0);
    hash_put_str(hash, str_from(record->call));
    for (int i = 0; i < TRACE_NUMBERS_MAX; i++) {
        hash_put_u64(hash, (uint64_t)record->numbers[i]);
    }
    if (record->opaque) {
        hash_put_u64(hash, record->text.size);
    } else {
        hash_put_str(hash, record->text);
    }
    hash_put_u64(hash, (uint64_t)record->result);
}

/* ---- text ---------------------------------------------------------------------------------- */

static void write_time(struct buf *out, int64_t at_ns)
{
    uint64_t ns = at_ns < 0 ? -(uint64_t)at_ns : (uint64_t)at_ns;
    buf_putf(out, "%s%llu.%09llu", at_ns < 0 ? "-" : "", (unsigned long long)(ns / SYS_SECOND_NS),
             (unsigned long long)(ns % SYS_SECOND_NS));
}

static void write_quoted(struct buf *out, struct str text)
{
    buf_put_char(out, '"');
    for (size_t i = 0; i < text.size; i++) {
        char c = text.data[i];
        if (c == '\r') {
            buf_put_text(out, "\\r");
        } else if (c == '\n') {
            buf_put_text(out, "\\n");
        } else if (c == '"' || c == '\\') {
            buf_putf(out, "\\%c", c);
        } else if (char_is_print(c)) {
            buf_put_char(out, c);
        } else {
            buf_putf(out, "\\x%02x", (unsigned char)c);
        }
    }
    buf_put_char(out, '"');
}

static void write_result(struct buf *out, int64_t result)
{
    if (result < 0 && result > -ERR_COUNT) {
        buf_putf(out, " = -%s", err_name((int)result));
    } else {
        buf_putf(out, " = %lld", (long long)result);
    }
}

static void write_event(struct buf *out, const struct trace_event *event)
{
    write_time(out, event->at_ns);
    if (event->machine != NULL) {
        buf_putf(out, " %s %s[%d]", event->machine->name, event->program, event->pid);
    }
    buf_putf(out, " %s", event->call);
    int numbers = TRACE_NUMBERS_MAX;
    while (numbers > 0 && event->numbers[numbers - 1] == 0) {
        numbers--;
    }
    for (int i = 0; i < numbers; i++) {
        buf_putf(out, " %lld", (long long)event->numbers[i]);
    }
    if (event->text_size > 0) {
        size_t shown = event->text_size < TRACE_TEXT_MAX ? event->text_size : TRACE_TEXT_MAX;
        buf_put_char(out, ' ');
        write_quoted(out, str_of(event->text, shown));
        if (shown < event->text_size) {
            buf_putf(out, "...(%u)", event->text_size);
        }
    }
    write_result(out, event->result);
    buf_put_char(out, '\n');
}

static void write_to_sink(const struct world *world, const struct trace_event *event)
{
    struct buf line;
    buf_init(&line, world->mem, TRACE_LINE_MAX);
    write_event(&line, event);
    world->trace.write(world->trace.argument, buf_str(&line));
    buf_done(&line);
}

/* ---- records ------------------------------------------------------------------------------- */

static void remember(struct trace_event *event, int64_t at_ns, const struct sys *sys,
                     const struct trace_record *record)
{
    event->at_ns = at_ns;
    event->call = record->call;
    memcpy(event->numbers, record->numbers, sizeof(event->numbers));
    event->result = record->result;
    event->machine = sys != NULL ? sys->machine : NULL;
    event->pid = sys != NULL ? sys->pid : 0;
    event->program[0] = '\0';
    if (sys != NULL) {
        snprintf(event->program, sizeof(event->program), "%s", sys->program->file);
    }
    event->text_size = (uint32_t)record->text.size;
    size_t kept = str_first(record->text, TRACE_TEXT_MAX).size;
    if (kept > 0) {
        memcpy(event->text, record->text.data, kept);
    }
}

void trace_add(struct world *world, const struct sys *sys, const struct trace_record *record)
{
    struct trace *trace = &world->trace;
    hash_record(&trace->hash, world->now_ns, sys, record);
    struct trace_event *event = &trace->recent[trace->count % TRACE_RECENT_MAX];
    trace->count++;
    remember(event, world->now_ns, sys, record);
    if (trace->write != NULL) {
        write_to_sink(world, event);
    }
}

void trace_note(struct world *world, const struct sys *sys, const char *format, ...)
{
    char text[TRACE_LINE_MAX];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    trace_add(world, sys, &(struct trace_record){.call = "note", .text = str_from(text)});
}

void trace_recent(const struct world *world, int count, struct buf *out)
{
    const struct trace *trace = &world->trace;
    uint64_t kept = trace->count < TRACE_RECENT_MAX ? trace->count : TRACE_RECENT_MAX;
    uint64_t wanted = (uint64_t)count < kept ? (uint64_t)count : kept;
    for (uint64_t i = trace->count - wanted; i < trace->count; i++) {
        write_event(out, &trace->recent[i % TRACE_RECENT_MAX]);
    }
}

void trace_sink(struct world *world, void (*write)(void *argument, struct str line), void *argument)
{
    world->trace.write = write;
    world->trace.argument = argument;
}
