// SPDX-License-Identifier: ISC
/* Contract parts: streams, unix, datagrams, passing, log, standard. */
#include <string.h>

#include "sys/clock.h"
#include "sys/contract_test.h"
#include "sys/fiber.h"
#include "sys/fs.h"
#include "sys/net.h"

static void unix_address(struct contract *contract, const char *path, struct sys_address *address)
{
    if (sys_address_unix(str_from(path), address) != 0) {
        contract_true(contract, false, "unix address");
    }
}

static void loopback(struct contract *contract, struct sys_address *address)
{
    if (sys_address_parse(STR("127.0.0.1"), 0, address) != 0) {
        contract_true(contract, false, "loopback address");
    }
}

/* Listens on a port that the system chooses; address becomes where to dial. */
static int listen_loopback(struct contract *contract, struct sys_address *address)
{
    loopback(contract, address);
    int fd = (int)contract_ok(contract, sys_listen(contract->sys, address, 10), "listen");
    contract_is(contract, sys_local_address(contract->sys, fd, address), 0, "local address");
    return fd;
}

static void read_is(struct contract *contract, int fd, const char *expected, const char *what)
{
    char data[64];
    long count = sys_read(contract->sys, fd, data, sizeof(data), contract_soon(contract));
    long expected_count = (long)strlen(expected);
    contract_is(contract, count, expected_count, what);
    if (count == expected_count) {
        contract_true(contract, memcmp(data, expected, (size_t)count) == 0, "as it was sent");
    }
}

static void write_is(struct contract *contract, int fd, const char *text, const char *what)
{
    size_t size = strlen(text);
    long count = sys_write(contract->sys, fd, text, size, contract_soon(contract));
    contract_is(contract, count, (long)size, what);
}

/* ---- streams ------------------------------------------------------------------------------------ */

static void test_conversation(struct contract *contract, int client, int server)
{
    struct sys *sys = contract->sys;
    char byte;
    int64_t short_ns = sys_deadline(sys, 10 * SYS_MILLI_NS);
    contract_is(contract, sys_read(sys, server, &byte, 1, CONTRACT_PAST), -ERR_TIMEOUT,
                "read, deadline in the past");
    contract_is(contract, sys_read(sys, server, &byte, 1, short_ns), -ERR_TIMEOUT,
                "read too short");
    write_is(contract, client, "hello", "client writes");
    contract_is(contract, sys_readable(sys, server, contract_soon(contract)), 0, "readable");
    contract_is(contract, sys_readable(sys, server, CONTRACT_PAST), 0, "still readable");
    read_is(contract, server, "hello", "server reads");
    contract_is(contract, sys_readable(sys, server, CONTRACT_PAST), -ERR_TIMEOUT, "not readable");
    write_is(contract, server, "answer", "server writes");
    read_is(contract, client, "answer", "client reads");
}

static void test_ends(struct contract *contract, int client, int server)
{
    struct sys *sys = contract->sys;
    write_is(contract, client, "last", "client writes");
    contract_is(contract, sys_shutdown(sys, client), 0, "client ends its direction");
    contract_is(contract, sys_write(sys, client, "x", 1, contract_soon(contract)), -ERR_CLOSED,
                "client writes after that");
    read_is(contract, server, "last", "server reads");
    read_is(contract, server, "", "server reads the end");
    read_is(contract, server, "", "server reads the end again");
    contract_is(contract, sys_readable(sys, server, CONTRACT_PAST), 0, "the end is readable");
    write_is(contract, server, "reply", "server writes in its direction");
    read_is(contract, client, "reply", "client reads");
    sys_close(sys, server);
    read_is(contract, client, "", "client reads the end");
    sys_close(sys, client);
}

static void test_write_to_a_closed_peer(struct contract *contract, int client, int server)
{
    struct sys *sys = contract->sys;
    sys_close(sys, server);
    read_is(contract, client, "", "client reads the end");
    write_is(contract, client, "lost", "client's first write to a closed peer");
    contract_pause(contract, 20 * SYS_MILLI_NS);
    contract_is(contract, sys_write(sys, client, "x", 1, contract_soon(contract)), -ERR_CLOSED,
                "client's second write");
    sys_close(sys, client);
}

static void test_close_with_unread_data(struct contract *contract, int client, int server)
{
    struct sys *sys = contract->sys;
    char byte;
    write_is(contract, client, "unread", "client writes");
    contract_is(contract, sys_readable(sys, server, contract_soon(contract)), 0, "readable");
    sys_close(sys, server);
    contract_is(contract, sys_read(sys, client, &byte, 1, contract_soon(contract)), -ERR_RESET,
                "client reads what its peer never read");
    read_is(contract, client, "", "client reads the end");
    contract_is(contract, sys_write(sys, client, "x", 1, contract_soon(contract)), -ERR_CLOSED,
                "client writes");
    sys_close(sys, client);
}

static void test_reset_on_close(struct contract *contract, int client, int server)
{
    char byte;
    sys_reset_on_close(contract->sys, server);
    sys_close(contract->sys, server);
    contract_is(contract, sys_read(contract->sys, client, &byte, 1, contract_soon(contract)),
                -ERR_RESET, "client reads what its peer reset");
    sys_close(contract->sys, client);
}

/* ---- much data, both ways at once, through small buffers ------------------------------------------ */

enum { BULK_BYTES = 3 * 1024 * 1024 };

struct bulk {
    int fd;
    uint64_t hash;
    long read_count;
    int error;
};

static void write_bulk(struct sys *sys, void *argument)
{
    struct bulk *bulk = argument;
    char data[2048];
    for (size_t i = 0; i < sizeof(data); i++) {
        data[i] = (char)(i * 7);
    }
    for (size_t done = 0; done < BULK_BYTES;) {
        size_t offset = done % sizeof(data);
        int64_t deadline_ns = sys_deadline(sys, 20 * SYS_SECOND_NS);
        long count = sys_write(sys, bulk->fd, data + offset, sizeof(data) - offset, deadline_ns);
        if (count <= 0) {
            bulk->error = (int)count;
            return;
        }
        done += (size_t)count;
    }
    bulk->error = sys_shutdown(sys, bulk->fd);
}

static void read_bulk(struct sys *sys, void *argument)
{
    struct bulk *bulk = argument;
    char data[2000];
    for (;;) {
        int64_t deadline_ns = sys_deadline(sys, 20 * SYS_SECOND_NS);
        long count = sys_read(sys, bulk->fd, data, sizeof(data), deadline_ns);
        if (count <= 0) {
            bulk->error = (int)count;
            return;
        }
        for (long i = 0; i < count; i++) {
            bulk->hash = bulk->hash * 31 + (uint8_t)data[i];
        }
        bulk->read_count += count;
    }
}

static void test_bulk(struct contract *contract, int client, int server)
{
    struct sys *sys = contract->sys;
    struct bulk writers[2] = {{.fd = client}, {.fd = server}};
    struct bulk readers[2] = {{.fd = client}, {.fd = server}};
    struct sys_group group;
    sys_group_init(&group);
    for (int i = 0; i < 2; i++) {
        contract_is(contract, sys_fiber_start(sys, &group, write_bulk, &writers[i]), 0, "writer");
        contract_is(contract, sys_fiber_start(sys, &group, read_bulk, &readers[i]), 0, "reader");
    }
    sys_group_join(sys, &group);
    for (int i = 0; i < 2; i++) {
        contract_is(contract, writers[i].error, 0, "written");
        contract_is(contract, readers[i].error, 0, "read to the end");
        contract_is(contract, readers[i].read_count, BULK_BYTES, "bytes");
    }
    contract_true(contract, readers[0].hash == readers[1].hash, "the same bytes");
    sys_close(sys, client);
    sys_close(sys, server);
}

static void connect_pair(struct contract *contract, int listener, const struct sys_address *address,
                         int pair[2])
{
    struct sys *sys = contract->sys;
    pair[0] = sys_dial(sys, NULL, address, contract_soon(contract));
    pair[1] = sys_accept(sys, listener, NULL, contract_soon(contract));
    contract_true(contract, pair[0] >= 0 && pair[1] >= 0, "connected");
}

static void test_addresses(struct contract *contract, int listener,
                           const struct sys_address *address)
{
    struct sys *sys = contract->sys;
    char text[SYS_ADDRESS_TEXT_MAX];
    struct sys_address local;
    struct sys_address peer;
    struct sys_address accepted;
    loopback(contract, &local);
    int client = sys_dial(sys, &local, address, contract_soon(contract));
    contract_ok(contract, client, "dial from an address");
    int server = sys_accept(sys, listener, &accepted, contract_soon(contract));
    contract_ok(contract, server, "accept");
    contract_is(contract, sys_local_address(sys, client, &local), 0, "client's own address");
    contract_is(contract, sys_peer_address(sys, client, &peer), 0, "client's peer");
    contract_true(contract, peer.port == address->port && sys_address_equal_ip(&peer, address),
                  "is what was dialed");
    contract_true(contract, accepted.port == local.port, "accept tells the client's port");
    contract_say(contract, "peer is %s", sys_address_text(&accepted, text));
    sys_close(sys, client);
    sys_close(sys, server);
}

static void test_refusals(struct contract *contract, int listener, struct sys_address *address)
{
    struct sys *sys = contract->sys;
    struct sys_address other;
    contract_is(contract, sys_listen(sys, address, 1), -ERR_ADDRESS_IN_USE, "listen there again");
    contract_is(contract, sys_accept(sys, listener, NULL, CONTRACT_PAST), -ERR_TIMEOUT,
                "accept nobody");
    sys_close(sys, listener);
    contract_is(contract, sys_accept(sys, listener, NULL, CONTRACT_PAST), -ERR_BAD_DESCRIPTOR,
                "accept from a closed listener");
    contract_is(contract, sys_dial(sys, NULL, address, contract_soon(contract)), -ERR_REFUSED,
                "dial a closed port");
    contract_is(contract, sys_address_parse(STR("192.0.2.77"), 0, &other), 0, "address");
    contract_is(contract, sys_listen(sys, &other, 1), -ERR_ADDRESS_NOT_AVAILABLE,
                "listen on an address of somebody else");
    contract_is(contract, sys_dial(sys, &other, address, contract_soon(contract)),
                -ERR_ADDRESS_NOT_AVAILABLE, "dial from it");
}

static void test_interfaces(struct contract *contract)
{
    enum { ADDRESSES_MAX = 16 };
    struct mem *mem = sys_mem(contract->sys);
    struct sys_address *addresses = mem_alloc(mem, ADDRESSES_MAX * sizeof(addresses[0]));
    struct sys_address local;
    bool found = false;
    loopback(contract, &local);
    int count = sys_interface_addresses(contract->sys, addresses, ADDRESSES_MAX);
    contract_true(contract, count > 0, "there are interfaces");
    for (int i = 0; i < count && i < ADDRESSES_MAX; i++) {
        found |= sys_address_equal_ip(&addresses[i], &local);
    }
    contract_true(contract, found, "one is the loopback");
    contract_true(contract, sys_interface_addresses(contract->sys, addresses, 0) == count,
                  "the count needs no room");
    mem_free(mem, addresses);
}

void contract_streams(struct contract *contract)
{
    struct sys_address address;
    int pair[2];
    static void (*const tests[])(struct contract *contract, int client, int server) = {
        test_write_to_a_closed_peer,
        test_close_with_unread_data,
        test_reset_on_close,
        test_bulk,
    };
    int listener = listen_loopback(contract, &address);
    connect_pair(contract, listener, &address, pair);
    test_conversation(contract, pair[0], pair[1]);
    test_ends(contract, pair[0], pair[1]);
    for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
        connect_pair(contract, listener, &address, pair);
        tests[i](contract, pair[0], pair[1]);
    }
    test_addresses(contract, listener, &address);
    test_refusals(contract, listener, &address);
    test_interfaces(contract);
}

/* ---- unix ------------------------------------------------------------------------------------------- */

static void test_unix_names(struct contract *contract, const struct sys_address *address)
{
    struct sys *sys = contract->sys;
    struct sys_stat stat;
    contract_is(contract, sys_dial(sys, NULL, address, contract_soon(contract)), -ERR_NOT_FOUND,
                "dial a name that is not there");
    int listener = (int)contract_ok(contract, sys_listen(sys, address, 10), "listen");
    contract_is(contract, sys_stat(sys, SYS_HERE, address->path, &stat), 0, "stat the socket");
    contract_is(contract, stat.kind, SYS_FILE_SOCKET, "kind");
    contract_is(contract, stat.mode, 0666, "mode");
    sys_close(sys, listener);
    contract_is(contract, sys_dial(sys, NULL, address, contract_soon(contract)), -ERR_REFUSED,
                "dial a stale name");
    listener = (int)contract_ok(contract, sys_listen(sys, address, 10), "a stale name is replaced");
    sys_close(sys, listener);
    contract_is(contract, sys_unlink(sys, SYS_HERE, address->path), 0, "unlink the socket");
    int file = sys_open(sys, SYS_HERE, address->path, SYS_OPEN_WRITE | SYS_OPEN_CREATE, 0600);
    contract_ok(contract, file, "a file of that name");
    contract_is(contract, sys_listen(sys, address, 10), -ERR_ADDRESS_IN_USE, "is not replaced");
    contract_is(contract, sys_dial(sys, NULL, address, contract_soon(contract)), -ERR_REFUSED,
                "nor dialed");
    sys_close(sys, file);
    contract_is(contract, sys_unlink(sys, SYS_HERE, address->path), 0, "unlink the file");
}

void contract_unix(struct contract *contract)
{
    struct sys *sys = contract->sys;
    struct sys_address address;
    struct sys_address name;
    int pair[2];
    unix_address(contract, "socket", &address);
    test_unix_names(contract, &address);
    int listener = (int)contract_ok(contract, sys_listen(sys, &address, 10), "listen");
    connect_pair(contract, listener, &address, pair);
    contract_is(contract, sys_peer_address(sys, pair[0], &name), 0, "peer address");
    contract_say(contract, "peer is %s", name.path);
    test_conversation(contract, pair[0], pair[1]);
    test_ends(contract, pair[0], pair[1]);
    connect_pair(contract, listener, &address, pair);
    test_bulk(contract, pair[0], pair[1]);
    connect_pair(contract, listener, &address, pair);
    sys_close(sys, pair[1]);
    contract_is(contract, sys_write(sys, pair[0], "x", 1, contract_soon(contract)), -ERR_CLOSED,
                "the first write to a closed peer");
    sys_close(sys, pair[0]);
    sys_close(sys, listener);
    contract_is(contract, sys_unlink(sys, SYS_HERE, "socket"), 0, "unlink the socket");
}

/* ---- datagrams ------------------------------------------------------------------------------------------ */

static void test_datagrams(struct contract *contract, int sender, int receiver)
{
    struct sys *sys = contract->sys;
    char data[4];
    int64_t soon_ns = contract_soon(contract);
    contract_is(contract, sys_read(sys, receiver, data, 4, CONTRACT_PAST), -ERR_TIMEOUT,
                "read nothing");
    write_is(contract, sender, "one", "send");
    write_is(contract, sender, "", "send an empty one");
    write_is(contract, sender, "three is long", "send a long one");
    read_is(contract, receiver, "one", "receive");
    read_is(contract, receiver, "", "receive the empty one");
    contract_is(contract, sys_read(sys, receiver, data, 4, soon_ns), 4, "receive part of the long");
    contract_is(contract, sys_read(sys, receiver, data, 4, CONTRACT_PAST), -ERR_TIMEOUT,
                "the rest of it is lost");
}

/* A server that is not connected answers whoever asked. */
static void test_answer(struct contract *contract, int client, int server)
{
    struct sys *sys = contract->sys;
    struct sys_address peer;
    char data[16];
    write_is(contract, client, "question", "ask");
    contract_is(contract,
                sys_receive_from(sys, server, data, sizeof(data), &peer, contract_soon(contract)),
                8, "receive with the sender");
    contract_is(contract, sys_send_to(sys, server, "answer", 6, &peer, contract_soon(contract)), 6,
                "answer it");
    read_is(contract, client, "answer", "receive the answer");
}

void contract_datagrams(struct contract *contract)
{
    struct sys *sys = contract->sys;
    struct sys_address address;
    unix_address(contract, "datagrams", &address);
    contract_is(contract, sys_datagram_dial(sys, &address), -ERR_NOT_FOUND, "dial nothing");
    int receiver = (int)contract_ok(contract, sys_datagram_listen(sys, &address), "listen");
    int sender = (int)contract_ok(contract, sys_datagram_dial(sys, &address), "dial");
    test_datagrams(contract, sender, receiver);
    sys_close(sys, receiver);
    contract_is(contract, sys_write(sys, sender, "x", 1, contract_soon(contract)), -ERR_REFUSED,
                "send to a closed receiver");
    sys_close(sys, sender);
    contract_is(contract, sys_unlink(sys, SYS_HERE, "datagrams"), 0, "unlink");
    loopback(contract, &address);
    receiver = (int)contract_ok(contract, sys_datagram_listen(sys, &address), "listen by UDP");
    contract_is(contract, sys_local_address(sys, receiver, &address), 0, "its address");
    sender = (int)contract_ok(contract, sys_datagram_dial(sys, &address), "dial by UDP");
    test_datagrams(contract, sender, receiver);
    test_answer(contract, sender, receiver);
    sys_close(sys, receiver);
    write_is(contract, sender, "x", "send to a closed port");
    char byte;
    contract_is(contract, sys_read(sys, sender, &byte, 1, contract_soon(contract)), -ERR_REFUSED,
                "the refusal comes back");
    sys_close(sys, sender);
}

/* ---- passing ---------------------------------------------------------------------------------------------- */

void contract_passing(struct contract *contract)
{
    struct sys *sys = contract->sys;
    int way[2];
    int passed[2];
    contract_is(contract, sys_socket_pair(sys, way), 0, "a pair to pass over");
    contract_is(contract, sys_socket_pair(sys, passed), 0, "a pair to pass");
    contract_is(contract, sys_send_descriptor(sys, way[0], passed[0], contract_soon(contract)), 0,
                "pass one end");
    sys_close(sys, passed[0]);
    int received = sys_receive_descriptor(sys, way[1], contract_soon(contract));
    contract_ok(contract, received, "receive it");
    write_is(contract, received, "through", "write to it");
    read_is(contract, passed[1], "through", "read at the other end");
    contract_is(contract, sys_send_descriptor(sys, way[0], 999, contract_soon(contract)),
                -ERR_BAD_DESCRIPTOR, "pass nothing");
    contract_is(contract, sys_receive_descriptor(sys, way[1], CONTRACT_PAST), -ERR_TIMEOUT,
                "receive nothing");
    write_is(contract, way[0], "x", "write a plain byte");
    contract_is(contract, sys_receive_descriptor(sys, way[1], contract_soon(contract)),
                -ERR_PROTOCOL, "receive where only a byte was sent");
    sys_close(sys, way[0]);
    contract_is(contract, sys_receive_descriptor(sys, way[1], contract_soon(contract)), -ERR_CLOSED,
                "receive at the end");
    sys_close(sys, received);
    read_is(contract, passed[1], "", "the last copy is closed");
    sys_close(sys, passed[1]);
    sys_close(sys, way[1]);
}

/* ---- log, standard input and output --------------------------------------------------------------------------- */

/* Lines come one to a datagram or several, with newlines between them. */
static void read_lines(struct contract *contract, int fd, const char *expected)
{
    char text[64];
    size_t size = 0;
    while (size < strlen(expected)) {
        long count = sys_read(contract->sys, fd, text + size, sizeof(text) - 2 - size,
                              contract_soon(contract));
        if (count <= 0) {
            break;
        }
        size += (size_t)count;
        text[size++] = '\n';
    }
    text[size] = '\0';
    contract_true(contract, strcmp(text, expected) == 0, "lines arrive");
}

void contract_log(struct contract *contract)
{
    struct sys *sys = contract->sys;
    struct sys_address address;
    unix_address(contract, "log", &address);
    int receiver = (int)contract_ok(contract, sys_datagram_listen(sys, &address), "listen");
    sys_log_to(sys, (int)contract_ok(contract, sys_datagram_dial(sys, &address), "dial"));
    sys_log(sys, STR("first line"));
    sys_log(sys, STR("second line"));
    read_lines(contract, receiver, "first line\nsecond line\n");
    sys_log_to(sys, -1);
    char byte;
    contract_is(contract, sys_read(sys, receiver, &byte, 1, CONTRACT_PAST), -ERR_TIMEOUT,
                "nothing more");
    sys_close(sys, receiver);
    contract_is(contract, sys_unlink(sys, SYS_HERE, "log"), 0, "unlink");
}

void contract_standard(struct contract *contract)
{
    struct sys *sys = contract->sys;
    char data[64];
    size_t size = 0;
    long count = 1;
    contract_is(contract, sys_error_output(sys, STR("to standard error\n")), 0, "error output");
    for (int i = 0; i < 64 && count > 0 && size < sizeof(data); i++) {
        count = sys_input(sys, data + size, sizeof(data) - size);
        size += count > 0 ? (size_t)count : 0;
    }
    contract_is(contract, count, 0, "input ends");
    contract_say(contract, "input is %.*s", (int)size, data);
}
