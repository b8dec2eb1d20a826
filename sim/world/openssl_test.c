// SPDX-License-Identifier: ISC
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include "sys/clock.h"
#include "sys/net.h"
#include "world/fault.h"
#include "world/machine.h"
#include "world/observer.h"
#include "world/openssl.h"
#include "world/openssl_identity.h"
#include "world/process.h"
#include "world/trace.h"
#include "world/world.h"

/* One TLS session over memory BIOs between two simulated processes. */

enum { PORT = 2465, PIECE_BYTES = 4096, LOG_MAX = 1000 };

static void say(struct sys *sys, const char *what, int result)
{
    char line[200];
    const char *reason = result == 1 ? "ok" : ERR_reason_error_string(ERR_peek_error());
    snprintf(line, sizeof(line), "%s: %s", what, reason != NULL ? reason : "failed");
    sys_log(sys, str_from(line));
}

/* ---- a session -------------------------------------------------------------------------------- */

struct session {
    struct sys *sys;
    int fd;
    SSL_CTX *context;
    SSL *ssl;
    BIO *in;
    BIO *out;
};

static int send_pending(struct session *session)
{
    char data[PIECE_BYTES / 2];
    int size = BIO_read(session->out, data, sizeof(data));
    while (size > 0) {
        long written = sys_write(session->sys, session->fd, data, (size_t)size,
                                 sys_deadline(session->sys, 60 * SYS_SECOND_NS));
        if (written != size) {
            return -ERR_CLOSED;
        }
        size = BIO_read(session->out, data, sizeof(data));
    }
    return 0;
}

static int receive_more(struct session *session)
{
    char data[PIECE_BYTES / 2];
    long size = sys_read(session->sys, session->fd, data, sizeof(data),
                         sys_deadline(session->sys, 60 * SYS_SECOND_NS));
    if (size <= 0) {
        return -ERR_CLOSED;
    }
    return BIO_write(session->in, data, (int)size) == size ? 0 : -ERR_NO_MEMORY;
}

/* 1 when the handshake is done. */
static int shake_hands(struct session *session)
{
    for (;;) {
        ERR_clear_error();
        int result = SSL_do_handshake(session->ssl);
        if (send_pending(session) != 0) {
            return -1;
        }
        if (result == 1 || SSL_get_error(session->ssl, result) != SSL_ERROR_WANT_READ) {
            return result;
        }
        if (receive_more(session) != 0) {
            return -1;
        }
    }
}

static int send_text(struct session *session, const char *text)
{
    trace_note(session->sys->world, session->sys, "tls sends %s", text);
    int written = SSL_write(session->ssl, text, (int)strlen(text));
    return written > 0 && send_pending(session) == 0 ? 1 : -1;
}

static int receive_text(struct session *session, char *text, size_t size)
{
    ERR_clear_error();
    int count = SSL_read(session->ssl, text, (int)size - 1);
    while (count <= 0 && SSL_get_error(session->ssl, count) == SSL_ERROR_WANT_READ) {
        if (receive_more(session) != 0) {
            return -1;
        }
        count = SSL_read(session->ssl, text, (int)size - 1);
    }
    text[count > 0 ? count : 0] = '\0';
    return count > 0 ? 1 : -1;
}

static X509 *read_certificate(void)
{
    BIO *text = BIO_new_mem_buf(openssl_identity_certificate, -1);
    X509 *certificate = PEM_read_bio_X509(text, NULL, NULL, NULL);
    BIO_free(text);
    return certificate;
}

static void use_identity(SSL_CTX *context)
{
    BIO *text = BIO_new_mem_buf(openssl_identity_key, -1);
    EVP_PKEY *key = PEM_read_bio_PrivateKey(text, NULL, NULL, NULL);
    X509 *certificate = read_certificate();
    SSL_CTX_use_certificate(context, certificate);
    SSL_CTX_use_PrivateKey(context, key);
    X509_free(certificate);
    EVP_PKEY_free(key);
    BIO_free(text);
}

static void trust_identity(SSL_CTX *context)
{
    X509 *certificate = read_certificate();
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context), certificate);
    X509_free(certificate);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
}

/* The context comes with what was set in it, sessions copy that. */
static void open_session(struct session *session, SSL_CTX *context)
{
    session->context = context;
    session->ssl = SSL_new(context);
    session->in = BIO_new(BIO_s_mem());
    session->out = BIO_new(BIO_s_mem());
    SSL_set_bio(session->ssl, session->in, session->out);
}

static void close_session(struct session *session)
{
    SSL_free(session->ssl);
    SSL_CTX_free(session->context);
    sys_close(session->sys, session->fd);
}

/* ---- programs --------------------------------------------------------------------------------- */

static struct sys_address server_address(void)
{
    return (struct sys_address){.family = SYS_FAMILY_IPV4, .port = PORT, .ip = {192, 0, 2, 1}};
}

static int server_main(struct sys *sys, int argc UNUSED, char **argv UNUSED)
{
    struct sys_address address = server_address();
    char text[100];
    int listener = sys_listen(sys, &address, 5);
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    use_identity(context);
    struct session session = {.sys = sys, .fd = sys_accept(sys, listener, NULL, SYS_FOREVER)};
    open_session(&session, context);
    SSL_set_accept_state(session.ssl);
    int result = shake_hands(&session);
    say(sys, "server handshake", result);
    if (result == 1) {
        result = receive_text(&session, text, sizeof(text));
        say(sys, "server read", result);
    }
    if (result == 1) {
        say(sys, "server wrote", send_text(&session, text));
    }
    close_session(&session);
    sys_close(sys, listener);
    return 0;
}

static int client_main(struct sys *sys, int argc UNUSED, char **argv UNUSED)
{
    struct sys_address address = server_address();
    char text[100];
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    trust_identity(context);
    struct session session = {.sys = sys, .fd = sys_dial(sys, NULL, &address, SYS_FOREVER)};
    open_session(&session, context);
    SSL_set_connect_state(session.ssl);
    int result = shake_hands(&session);
    say(sys, "client handshake", result);
    if (result == 1) {
        say(sys, "client wrote", send_text(&session, "secret"));
        say(sys, "client read", receive_text(&session, text, sizeof(text)));
    }
    close_session(&session);
    return 0;
}

static const struct world_program test_programs[] = {{"server", server_main},
                                                     {"client", client_main}};

/* ---- the stage --------------------------------------------------------------------------------- */

struct stage {
    struct world *world;
    struct machine *a;
    struct machine *b;
    struct observer observer;
    const char *kill_program;
    int kill_write; /* the write at which it is killed */
    char log[LOG_MAX];
};

static void on_log(void *argument, struct sys *sys UNUSED, struct str line)
{
    struct stage *stage = argument;
    size_t used = strlen(stage->log);
    snprintf(stage->log + used, sizeof(stage->log) - used, "%.*s\n", STR_ARG(line));
}

static void on_call(void *argument, struct sys *sys, const struct fault_call *call,
                    uint64_t index UNUSED)
{
    struct stage *stage = argument;
    if (stage->kill_program != NULL && strcmp(sys->program->file, stage->kill_program) == 0 &&
        strcmp(call->name, "write") == 0 && --stage->kill_write == 0) {
        process_signal(sys, SYS_SIGNAL_KILL);
    }
}

static void open_stage(struct stage *stage, uint64_t seed)
{
    struct world_options options;
    world_options_init(&options);
    options.programs = test_programs;
    options.program_count = sizeof(test_programs) / sizeof(test_programs[0]);
    options.seeded = seed != 0;
    options.seed = seed;
    memset(stage, 0, sizeof(*stage));
    stage->world = world_create(&options);
    stage->a = machine_add(stage->world, "a.test");
    stage->b = machine_add(stage->world, "b.test");
    machine_add_ip(stage->a, "192.0.2.1");
    machine_add_ip(stage->b, "192.0.2.2");
    stage->observer = (struct observer){.argument = stage, .log = on_log, .call = on_call};
    observer_add(stage->world, &stage->observer);
}

static void start(struct machine *machine, const char *program)
{
    const char *const argv[] = {program, NULL};
    assert_true(process_start(machine, &(struct process_start){.path = program, .argv = argv}) > 1);
}

static void run(struct stage *stage)
{
    start(stage->a, "server");
    start(stage->b, "client");
    assert_int_equal(world_run_until(stage->world, INT64_MAX), WORLD_IDLE);
    assert_true(list_is_empty(&stage->a->processes));
    assert_true(list_is_empty(&stage->b->processes));
}

/* ---- tests ------------------------------------------------------------------------------------- */

static uint64_t session_hash(uint64_t seed)
{
    struct stage stage;
    open_stage(&stage, seed);
    run(&stage);
    assert_string_equal(stage.log, "client handshake: ok\n"
                                   "client wrote: ok\n"
                                   "server handshake: ok\n"
                                   "server read: ok\n"
                                   "server wrote: ok\n"
                                   "client read: ok\n");
    uint64_t hash = world_hash(stage.world);
    world_destroy(stage.world);
    return hash;
}

static void test_a_session_is_the_same_every_time(void **state UNUSED)
{
    uint64_t hash = session_hash(0);
    assert_true(session_hash(0) == hash);
    uint64_t seeded = session_hash(5);
    assert_true(session_hash(5) == seeded);
    assert_true(seeded != hash);
    print_message("hash %016llx %016llx\n", (unsigned long long)hash, (unsigned long long)seeded);
}

/* Nothing of a process is left in OpenSSL, wherever it dies. */
static void test_a_process_killed_at_any_write_leaves_nothing_behind(void **state UNUSED)
{
    static const char *const programs[] = {"client", "server"};
    (void)session_hash(0);
    size_t pieces = openssl_host_pieces();
    for (int write = 1; write <= 4; write++) {
        for (int i = 0; i < 2; i++) {
            struct stage stage;
            open_stage(&stage, 0);
            stage.kill_program = programs[i];
            stage.kill_write = write;
            run(&stage);
            world_destroy(stage.world);
            assert_true(openssl_host_pieces() == pieces);
        }
    }
    (void)session_hash(0);
    assert_true(openssl_host_pieces() == pieces);
}

static void test_certificates_expire_in_virtual_time(void **state UNUSED)
{
    struct stage stage;
    open_stage(&stage, 0);
    stage.b->wall.shown_ns += INT64_C(20) * 366 * 86400 * SYS_SECOND_NS;
    run(&stage);
    assert_non_null(strstr(stage.log, "client handshake: certificate verify failed\n"));
    assert_null(strstr(stage.log, "server read"));
    world_destroy(stage.world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_session_is_the_same_every_time),
        cmocka_unit_test(test_a_process_killed_at_any_write_leaves_nothing_behind),
        cmocka_unit_test(test_certificates_expire_in_virtual_time),
    };
    openssl_prepare();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
