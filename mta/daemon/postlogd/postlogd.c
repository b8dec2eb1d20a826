// SPDX-License-Identifier: ISC
#include "postlogd/postlogd.h"

#include "base/buf.h"
#include "conf/conf.h"
#include "log/log.h"
#include "postlogd/postlogd_line.h"
#include "service/service.h"
#include "sys/clock.h"
#include "sys/fs.h"
#include "sys/net.h"

enum { BATCH_BYTES_MAX = 128 * 1024, STANDARD_OUTPUT = -1 };

struct postlogd {
    int fd; /* of maillog_file, or STANDARD_OUTPUT */
    struct buf batch;
    int64_t lines_lost;
    char datagram[POSTLOGD_DATAGRAM_MAX];
};

static int open_file(struct service *service);
static void receive(struct service *service, int fd);
static void close_file(struct service *service);

static const struct service_options options = {
    .program = "postlogd",
    .watchdog_timeout = CONF_postlogd_watchdog_timeout,
    .open = open_file,
    .receive = receive,
    .close = close_file,
};

int postlogd_main(struct sys *sys, int argc, char **argv)
{
    return service_run(sys, argc, argv, &options);
}

/* ---- the file ---------------------------------------------------------------------------- */

static int parse_permissions(struct str text, uint32_t *mode)
{
    *mode = 0;
    if (text.size == 0 || text.size > 4) {
        return -ERR_SYNTAX;
    }
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] < '0' || text.data[i] > '7') {
            return -ERR_SYNTAX;
        }
        *mode = *mode * 8 + (uint32_t)(text.data[i] - '0');
    }
    return 0;
}

static int open_named(struct service *service, struct str file)
{
    const struct conf *conf = service->conf;
    struct str permissions = conf_text(conf, CONF_maillog_file_permissions);
    uint32_t mode = 0;

    if (parse_permissions(permissions, &mode) != 0) {
        log_error(service->log, "maillog_file_permissions: \"%s\" is no octal number",
                  permissions.data);
        return -ERR_SYNTAX;
    }
    int fd = sys_open(service->sys, SYS_HERE, file.data, SYS_OPEN_WRITE | SYS_OPEN_CREATE, mode);
    if (fd < 0) {
        log_error(service->log, "cannot open maillog_file %s: %s", file.data, err_sentence(fd));
    }
    return fd;
}

static int open_file(struct service *service)
{
    struct mem *mem = sys_mem(service->sys);
    struct str file = conf_text(service->conf, CONF_maillog_file);
    struct str prefixes = conf_text(service->conf, CONF_maillog_file_prefixes);
    struct postlogd *state = mem_alloc(mem, sizeof(*state));

    service->state = state;
    state->fd = STANDARD_OUTPUT;
    buf_init(&state->batch, mem, BATCH_BYTES_MAX);
    if (!postlogd_line_file_allowed(file, prefixes)) {
        log_error(service->log, "maillog_file \"%s\" is not below maillog_file_prefixes (%s)",
                  file.data, prefixes.data);
        return -ERR_ACCESS;
    }
    if (str_equal(file, STR("/dev/stdout"))) {
        return 0;
    }
    int fd = open_named(service, file);
    if (fd < 0) {
        return fd;
    }
    state->fd = fd;
    return 0;
}

static void close_file(struct service *service)
{
    struct postlogd *state = service->state;

    sys_close(service->sys, state->fd);
    buf_done(&state->batch);
    mem_free(sys_mem(service->sys), state);
}

/* ---- lines ------------------------------------------------------------------------------- */

/* Behind what is there now: somebody may have shortened the file in place. */
static int append(struct sys *sys, int fd, struct str text)
{
    struct sys_stat stat;
    int error = sys_fstat(sys, fd, &stat);

    while (error == 0 && text.size > 0) {
        long size = sys_pwrite(sys, fd, text.data, text.size, stat.size);
        if (size <= 0) {
            return size == 0 ? -ERR_NO_SPACE : (int)size;
        }
        stat.size += size;
        text = str_skip(text, (size_t)size);
    }
    return error;
}

static int count_lines(struct str text)
{
    int count = 0;
    struct str line;

    while (str_next(&text, '\n', &line)) {
        count++;
    }
    return count - 1;
}

static void write_batch(struct service *service)
{
    struct postlogd *state = service->state;
    struct str text = buf_str(&state->batch);

    if (text.size == 0) {
        return;
    }
    int error = state->fd == STANDARD_OUTPUT ? sys_output(service->sys, text)
                                             : append(service->sys, state->fd, text);
    if (error != 0) {
        state->lines_lost += count_lines(text);
    } else if (state->lines_lost > 0) {
        log_warning(service->log, "%lld lines of this log were lost", (long long)state->lines_lost);
        state->lines_lost = 0;
    }
    buf_clear(&state->batch);
}

static void receive(struct service *service, int fd)
{
    struct postlogd *state = service->state;
    int64_t now_ns = sys_now_ns(service->sys);

    for (;;) {
        long size = sys_read(service->sys, fd, state->datagram, sizeof(state->datagram), now_ns);
        if (size < 0) {
            break;
        }
        postlogd_line_put(&state->batch, str_of(state->datagram, (size_t)size));
        if (state->batch.size + sizeof(state->datagram) > BATCH_BYTES_MAX) {
            write_batch(service);
        }
    }
    write_batch(service);
}
