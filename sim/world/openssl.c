// SPDX-License-Identifier: ISC
#include "world/openssl.h"

#include <openssl/bio.h>
#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/provider.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>

#include "base/assert.h"
#include "base/mem.h"
#include "sys/random.h"
#include "world/fiber.h"
#include "world/openssl_identity.h"
#include "world/process.h"

/* ---- memory -------------------------------------------------------------------------------- */

/* Stands before each piece. */
struct owner {
    _Alignas(max_align_t) struct mem *mem;
};

static struct mem *host_mem;
static bool used_in_process; /* since the thread's state was renewed */

static struct sys *running_process(void)
{
    struct world *world = fiber_world();
    return world != NULL ? process_running(world) : NULL;
}

static struct mem *current_mem(void)
{
    struct sys *sys = running_process();
    used_in_process = used_in_process || sys != NULL;
    return sys != NULL ? sys->mem : host_mem;
}

static void *allocate(size_t size, const char *file UNUSED, int line UNUSED)
{
    struct mem *mem = current_mem();
    struct owner *owner = mem_alloc(mem, sizeof(*owner) + size);
    owner->mem = mem;
    return owner + 1;
}

static void *resize(void *data, size_t size, const char *file, int line)
{
    if (data == NULL) {
        return allocate(size, file, line);
    }
    struct owner *owner = (struct owner *)data - 1;
    owner = mem_resize(owner->mem, owner, sizeof(*owner) + size);
    return owner + 1;
}

static void release(void *data, const char *file UNUSED, int line UNUSED)
{
    if (data != NULL) {
        struct owner *owner = (struct owner *)data - 1;
        mem_free(owner->mem, owner);
    }
}

size_t openssl_host_pieces(void)
{
    return mem_count(host_mem);
}

/* ---- time ---------------------------------------------------------------------------------- */

static int64_t current_ns(void)
{
    struct sys *sys = running_process();
    return sys != NULL ? machine_wall_ns(sys->machine) : OPENSSL_OUTSIDE_S * SYS_SECOND_NS;
}

/* Both take the place of the C library's for OpenSSL, whose sessions and tickets carry times. */
time_t time(time_t *now)
{
    time_t seconds = (time_t)(current_ns() / SYS_SECOND_NS);
    if (now != NULL) {
        *now = seconds;
    }
    return seconds;
}

int gettimeofday(struct timeval *now, void *zone UNUSED)
{
    int64_t now_ns = current_ns();
    now->tv_sec = (time_t)(now_ns / SYS_SECOND_NS);
    now->tv_usec = (suseconds_t)(now_ns % SYS_SECOND_NS / 1000);
    return 0;
}

/* ---- random: a provider with one generator --------------------------------------------------- */

static void *random_new(void *provider UNUSED, void *parent UNUSED,
                        const OSSL_DISPATCH *parent_calls UNUSED)
{
    static int state;
    return &state;
}

static void random_free(void *state UNUSED)
{
}

static int random_instantiate(void *state UNUSED, unsigned int strength UNUSED,
                              int prediction_resistance UNUSED, const unsigned char *text UNUSED,
                              size_t text_size UNUSED, const OSSL_PARAM parameters[] UNUSED)
{
    return 1;
}

static int random_uninstantiate(void *state UNUSED)
{
    return 1;
}

static int random_generate(void *state UNUSED, unsigned char *out, size_t size,
                           unsigned int strength UNUSED, int prediction_resistance UNUSED,
                           const unsigned char *extra UNUSED, size_t extra_size UNUSED)
{
    struct sys *sys = running_process();
    if (sys != NULL) {
        sys_random(sys, out, size);
    } else {
        memset(out, 1, size); /* only for what is thrown away */
    }
    return 1;
}

static int random_get_parameters(void *state UNUSED, OSSL_PARAM parameters[])
{
    enum { STRENGTH_BITS = 256, REQUEST_BYTES_MAX = INT32_MAX };
    OSSL_PARAM *parameter = OSSL_PARAM_locate(parameters, OSSL_RAND_PARAM_STATE);
    if (parameter != NULL && OSSL_PARAM_set_int(parameter, EVP_RAND_STATE_READY) != 1) {
        return 0;
    }
    parameter = OSSL_PARAM_locate(parameters, OSSL_RAND_PARAM_STRENGTH);
    if (parameter != NULL && OSSL_PARAM_set_uint(parameter, STRENGTH_BITS) != 1) {
        return 0;
    }
    parameter = OSSL_PARAM_locate(parameters, OSSL_RAND_PARAM_MAX_REQUEST);
    return parameter == NULL || OSSL_PARAM_set_size_t(parameter, REQUEST_BYTES_MAX) == 1;
}

static const OSSL_PARAM *random_known_parameters(void *state UNUSED, void *provider UNUSED)
{
    static const OSSL_PARAM known[] = {
        OSSL_PARAM_int(OSSL_RAND_PARAM_STATE, NULL),
        OSSL_PARAM_uint(OSSL_RAND_PARAM_STRENGTH, NULL),
        OSSL_PARAM_size_t(OSSL_RAND_PARAM_MAX_REQUEST, NULL),
        OSSL_PARAM_END,
    };
    return known;
}

static int random_enable_locking(void *state UNUSED)
{
    return 1;
}

static int random_lock(void *state UNUSED)
{
    return 1;
}

static void random_unlock(void *state UNUSED)
{
}

static const OSSL_ALGORITHM *random_query(void *provider UNUSED, int operation, int *no_cache)
{
    static const OSSL_DISPATCH generator[] = {
        {OSSL_FUNC_RAND_NEWCTX, (void (*)(void))random_new},
        {OSSL_FUNC_RAND_FREECTX, (void (*)(void))random_free},
        {OSSL_FUNC_RAND_INSTANTIATE, (void (*)(void))random_instantiate},
        {OSSL_FUNC_RAND_UNINSTANTIATE, (void (*)(void))random_uninstantiate},
        {OSSL_FUNC_RAND_GENERATE, (void (*)(void))random_generate},
        {OSSL_FUNC_RAND_GETTABLE_CTX_PARAMS, (void (*)(void))random_known_parameters},
        {OSSL_FUNC_RAND_GET_CTX_PARAMS, (void (*)(void))random_get_parameters},
        {OSSL_FUNC_RAND_ENABLE_LOCKING, (void (*)(void))random_enable_locking},
        {OSSL_FUNC_RAND_LOCK, (void (*)(void))random_lock},
        {OSSL_FUNC_RAND_UNLOCK, (void (*)(void))random_unlock},
        {0, NULL},
    };
    static const OSSL_ALGORITHM algorithms[] = {
        {"WORLD-RANDOM", "provider=world", generator, "bytes of the simulated process"},
        {NULL, NULL, NULL, NULL},
    };
    *no_cache = 0;
    return operation == OSSL_OP_RAND ? algorithms : NULL;
}

static int provide_random(const OSSL_CORE_HANDLE *handle UNUSED, const OSSL_DISPATCH *in UNUSED,
                          const OSSL_DISPATCH **out, void **provider)
{
    static const OSSL_DISPATCH functions[] = {
        {OSSL_FUNC_PROVIDER_QUERY_OPERATION, (void (*)(void))random_query},
        {0, NULL},
    };
    static int state;
    *provider = &state;
    *out = functions;
    return 1;
}

/* ---- what belongs to the host ---------------------------------------------------------------- */

static void run_out_of_memory(void *argument UNUSED)
{
    unreachable(); /* the host's heap has no limit */
}

/* One handshake with both ends here: after it OpenSSL has looked up whatever it looks up. */
static void shake_hands(SSL *client, SSL *server)
{
    enum { ROUNDS_MAX = 20 };
    bool done = false;
    for (int i = 0; i < ROUNDS_MAX && !done; i++) {
        int client_result = SSL_do_handshake(client);
        int server_result = SSL_do_handshake(server);
        done = client_result == 1 && server_result == 1;
    }
    assert(done);
    char byte;
    assert(SSL_write(client, "x", 1) == 1 && SSL_read(server, &byte, 1) == 1);
    (void)SSL_shutdown(client);
    (void)SSL_shutdown(server);
}

static SSL_CTX *new_context(const SSL_METHOD *method)
{
    SSL_CTX *context = SSL_CTX_new(method);
    BIO *key_text = BIO_new_mem_buf(openssl_identity_key, -1);
    BIO *certificate_text = BIO_new_mem_buf(openssl_identity_certificate, -1);
    EVP_PKEY *key = PEM_read_bio_PrivateKey(key_text, NULL, NULL, NULL);
    X509 *certificate = PEM_read_bio_X509(certificate_text, NULL, NULL, NULL);
    assert(SSL_CTX_use_certificate(context, certificate) == 1);
    assert(SSL_CTX_use_PrivateKey(context, key) == 1);
    assert(X509_STORE_add_cert(SSL_CTX_get_cert_store(context), certificate) == 1);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
    EVP_PKEY_free(key);
    X509_free(certificate);
    BIO_free(key_text);
    BIO_free(certificate_text);
    return context;
}

static void warm_up(int version)
{
    SSL_CTX *client_context = new_context(TLS_client_method());
    SSL_CTX *server_context = new_context(TLS_server_method());
    SSL_CTX_set_max_proto_version(client_context, version);
    SSL *client = SSL_new(client_context);
    SSL *server = SSL_new(server_context);
    BIO *client_bio;
    BIO *server_bio;
    assert(BIO_new_bio_pair(&client_bio, 0, &server_bio, 0) == 1);
    SSL_set_bio(client, client_bio, client_bio);
    SSL_set_bio(server, server_bio, server_bio);
    SSL_set_connect_state(client);
    SSL_set_accept_state(server);
    shake_hands(client, server);
    SSL_free(client);
    SSL_free(server);
    SSL_CTX_free(client_context);
    SSL_CTX_free(server_context);
}

/* Error queue and generators of this thread, which all fibers share, as new in the host's heap.
 * Some of their memory may hang on the heap that is about to go. */
static void renew_thread_state(void)
{
    unsigned char byte;
    OPENSSL_thread_stop();
    ERR_clear_error();
    assert(RAND_bytes(&byte, 1) == 1 && RAND_priv_bytes(&byte, 1) == 1);
    used_in_process = false;
}

static void process_ends(void)
{
    if (used_in_process) {
        renew_thread_state();
    }
}

void openssl_prepare(void)
{
    if (host_mem != NULL) {
        return;
    }
    host_mem = mem_create(0, run_out_of_memory, NULL);
    assert(CRYPTO_set_mem_functions(allocate, resize, release) == 1);
    assert(OSSL_PROVIDER_add_builtin(NULL, "world", provide_random) == 1);
    assert(OSSL_PROVIDER_load(NULL, "world") != NULL);
    assert(OSSL_PROVIDER_load(NULL, "default") != NULL);
    assert(RAND_set_DRBG_type(NULL, "WORLD-RANDOM", "provider=world", NULL, NULL) == 1);
    assert(OPENSSL_init_ssl(OPENSSL_INIT_LOAD_SSL_STRINGS, NULL) == 1);
    warm_up(TLS1_2_VERSION);
    warm_up(TLS1_3_VERSION);
    renew_thread_state();
    process_set_farewell(process_ends);
}
