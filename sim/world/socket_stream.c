// SPDX-License-Identifier: ISC
#include "world/socket_stream.h"

#include <string.h>

#include "base/assert.h"
#include "world/disk.h"
#include "world/disk_inode.h"
#include "world/draw.h"
#include "world/fiber.h"
#include "world/open_file.h"
#include "world/process.h"
#include "world/world_state.h"

enum { RING_FIRST_BYTES = 1024, DIAL_BACKOFF_MAX = 6 };

#define CUT_GAP_NS      INT64_C(1000)
#define UNIX_REDIAL_NS  (10 * SYS_MILLI_NS)
#define FIRST_REDIAL_NS SYS_SECOND_NS

struct passed_file {
    struct list in_direction;
    uint64_t position; /* of its byte */
    struct open_file *file;
};

/* ---- life ---------------------------------------------------------------------------------- */

void socket_stream_init(struct socket *socket)
{
    list_init(&socket->in.segments);
    socket->in.last_arrival_ns = INT64_MIN; /* times before 0 are as good as any */
    list_init(&socket->in.passed);
    list_append(&socket->world->network.streams, &socket->in_network);
}

static void forget_segments(struct socket *socket)
{
    list_each(node, &socket->in.segments)
    {
        list_remove(node);
        mem_free(socket->world->mem, list_entry(node, struct segment, in_direction));
    }
    event_remove(socket->world, &socket->in.arrival);
}

/* Descriptors that travelled with bytes before that position and were not taken. */
static void drop_passed(struct socket *socket, uint64_t position)
{
    list_each(node, &socket->in.passed)
    {
        struct passed_file *passed = list_entry(node, struct passed_file, in_direction);
        if (passed->position >= position) {
            break;
        }
        list_remove(node);
        open_file_drop(passed->file, false);
        mem_free(socket->world->mem, passed);
    }
}

void socket_stream_done(struct socket *socket)
{
    event_remove(socket->world, &socket->dial);
    forget_segments(socket);
    drop_passed(socket, UINT64_MAX);
    list_remove(&socket->in_network);
    mem_free(socket->world->mem, socket->in.ring);
}

static void link_peers(struct socket *a, struct socket *b)
{
    a->peer = b;
    b->peer = a;
    socket_share(a);
    socket_share(b);
    a->connection = b->connection = ++a->world->network.connection_count;
}

/* ---- segments ------------------------------------------------------------------------------ */

static void add_segment(struct socket *reader, enum segment_kind kind, uint64_t end,
                        int64_t extra_ns);

/* Nobody reads there any more: the writer learns it. */
static void refuse_data(struct socket *reader)
{
    reader->in.read = reader->in.arrived;
    if (!reader->broken) {
        reader->broken = true;
        add_segment(reader->peer, SEGMENT_RESET, reader->peer->in.written, 0);
    }
}

/* After the peer's end a TCP reader need not know of a reset. */
static bool is_news(const struct socket *reader)
{
    return !reader->in.ended || reader->local.family == SYS_FAMILY_UNIX;
}

static void deliver(struct socket *reader, enum segment_kind kind, uint64_t end)
{
    struct direction *in = &reader->in;
    switch (kind) {
    case SEGMENT_DATA:
        in->arrived = end;
        if (reader->closed) {
            refuse_data(reader);
        }
        break;
    case SEGMENT_END:
        in->ended = true;
        break;
    case SEGMENT_RESET:
        in->error = is_news(reader) ? -ERR_RESET : 0;
        reader->broken = true;
        fiber_wake_all(&reader->write_waiters, 0);
        break;
    }
    fiber_wake_all(&reader->read_waiters, 0);
}

static bool is_black_hole(const struct socket *socket)
{
    const struct network *network = &socket->world->network;
    return socket->local.family != SYS_FAMILY_UNIX &&
           (network_blocked(network, &socket->local) == NETWORK_BLACKHOLE ||
            network_blocked(network, &socket->remote) == NETWORK_BLACKHOLE);
}

static void segments_arrive(struct event *event)
{
    struct direction *in = list_entry(event, struct direction, arrival);
    struct socket *reader = list_entry(in, struct socket, in);
    if (is_black_hole(reader)) {
        in->stalled = true;
        return;
    }
    while (!list_is_empty(&in->segments)) {
        struct segment *first = list_entry(in->segments.next, struct segment, in_direction);
        if (first->at_ns > reader->world->now_ns) {
            event_add(reader->world, &in->arrival, first->at_ns, segments_arrive);
            break;
        }
        struct segment segment = *first;
        list_remove(&first->in_direction);
        mem_free(reader->world->mem, first);
        deliver(reader, segment.kind, segment.end);
    }
}

/* extra_ns: how much later than a packet sent now. What needs no time arrives at once. */
static void add_segment(struct socket *reader, enum segment_kind kind, uint64_t end,
                        int64_t extra_ns)
{
    struct world *world = reader->world;
    struct direction *in = &reader->in;
    int64_t at_ns = world->now_ns + extra_ns +
                    network_packet_ns(&world->network, reader->peer->machine, reader->machine);
    if (at_ns < in->last_arrival_ns) {
        at_ns = in->last_arrival_ns;
    }
    in->last_arrival_ns = at_ns;
    bool first = list_is_empty(&in->segments);
    if (first && at_ns <= world->now_ns && !in->stalled) {
        deliver(reader, kind, end);
        return;
    }
    struct segment *segment = mem_alloc(world->mem, sizeof(*segment));
    segment->at_ns = at_ns;
    segment->kind = kind;
    segment->end = end;
    list_append(&in->segments, &segment->in_direction);
    if (first && !in->stalled) {
        event_add(world, &in->arrival, at_ns, segments_arrive);
    }
}

void socket_stream_unblocked(struct network *network)
{
    list_each(node, &network->streams)
    {
        struct direction *in = &list_entry(node, struct socket, in_network)->in;
        if (in->stalled) {
            in->stalled = false;
            event_add(network->world, &in->arrival, network->world->now_ns, segments_arrive);
        }
    }
}

/* ---- closing ------------------------------------------------------------------------------- */

bool socket_stream_is_connected(const struct socket *socket)
{
    if (socket->kind != SOCKET_STREAM) {
        return false;
    }
    bool over = socket->broken || (socket->sent_end && socket->in.ended);
    return socket->local.family == SYS_FAMILY_UNIX || !over;
}

void socket_stream_shutdown(struct socket *socket)
{
    if (!socket->sent_end && !socket->broken && socket->peer != NULL) {
        add_segment(socket->peer, SEGMENT_END, socket->peer->in.written, 0);
    }
    socket->sent_end = true;
}

static void unlink_peers(struct socket *a, struct socket *b)
{
    a->peer = NULL;
    b->peer = NULL;
    socket_drop(b);
    socket_drop(a);
}

static bool is_full(const struct direction *in)
{
    return in->written - in->read == SOCKET_BUFFER_BYTES;
}

static void say_goodbye(struct socket *socket)
{
    bool unread = socket->in.arrived > socket->in.read;
    if ((unread || socket->reset_on_close) && !socket->broken) {
        refuse_data(socket);
    } else {
        socket_stream_shutdown(socket);
    }
}

/* The caller holds a reference. */
void socket_stream_close(struct socket *socket, bool silent)
{
    socket->closed = true;
    socket->connecting = false;
    event_remove(socket->world, &socket->dial);
    if (socket->inode != NULL) {
        disk_inode_drop(socket->inode);
        socket->inode = NULL;
    }
    struct socket *peer = socket->peer;
    if (peer == NULL) {
        return;
    }
    if (!silent) {
        say_goodbye(socket);
    } else if (is_full(&socket->in)) {
        refuse_data(socket); /* the answer to a probe of the window */
    }
    if (peer->closed) {
        unlink_peers(socket, peer);
    }
}

void socket_stream_reset(struct socket *socket)
{
    struct socket *both[] = {socket, socket->peer};
    for (int i = 0; i < 2; i++) {
        if (both[i] != NULL && !both[i]->broken) {
            forget_segments(both[i]);
            both[i]->in.written = both[i]->in.arrived;
            deliver(both[i], SEGMENT_RESET, both[i]->in.arrived);
        }
    }
}

/* ---- connecting ---------------------------------------------------------------------------- */

static bool is_local(const struct socket *socket)
{
    return socket->remote.family == SYS_FAMILY_UNIX ||
           network_machine(&socket->world->network, socket->machine, &socket->remote) ==
               socket->machine;
}

static void dial_answered(struct event *event)
{
    struct socket *socket = list_entry(event, struct socket, dial);
    socket->connecting = false;
    if (socket->inode != NULL) {
        disk_inode_drop(socket->inode);
        socket->inode = NULL;
    }
    fiber_wake_all(&socket->write_waiters, 0);
}

static void answer(struct socket *socket, int result)
{
    struct world *world = socket->world;
    socket->dial_result = result;
    if (is_local(socket)) {
        dial_answered(&socket->dial);
        return;
    }
    int64_t back_ns = network_packet_ns(&world->network, NULL, socket->machine);
    event_add(world, &socket->dial, world->now_ns + back_ns, dial_answered);
}

static void request_arrives(struct event *event);

static void try_again(struct socket *socket)
{
    int backoff =
        socket->dial_attempts < DIAL_BACKOFF_MAX ? socket->dial_attempts : DIAL_BACKOFF_MAX;
    int64_t wait_ns = socket->remote.family == SYS_FAMILY_UNIX ? UNIX_REDIAL_NS
                                                               : FIRST_REDIAL_NS << (backoff - 1);
    event_add(socket->world, &socket->dial, socket->world->now_ns + wait_ns, request_arrives);
}

static void enter_queue(struct socket *listener, struct socket *dialing)
{
    struct socket *other = socket_new(listener->machine, SOCKET_STREAM);
    other->local = dialing->remote;
    other->remote = dialing->local;
    link_peers(dialing, other);
    list_append(&listener->queue, &other->in_queue);
    listener->queue_count++;
    fiber_wake_all(&listener->read_waiters, 0);
}

static void reach_listener(struct socket *socket, struct socket *listener)
{
    if (listener == NULL) {
        answer(socket, -ERR_REFUSED);
    } else if (listener->queue_count >= listener->backlog) {
        try_again(socket);
    } else {
        enter_queue(listener, socket);
        answer(socket, 0);
    }
}

static void reach_machine(struct socket *socket)
{
    const struct network *network = &socket->world->network;
    struct machine *machine = network_machine(network, socket->machine, &socket->remote);
    if (machine == NULL) {
        answer(socket, -ERR_UNREACHABLE);
        return;
    }
    reach_listener(socket, network_bound(network, machine, SOCKET_LISTENER, &socket->remote));
}

static void request_arrives(struct event *event)
{
    struct socket *socket = list_entry(event, struct socket, dial);
    const struct network *network = &socket->world->network;
    socket->dial_attempts++;
    if (socket->remote.family == SYS_FAMILY_UNIX) {
        reach_listener(socket, network_bound_unix(network, SOCKET_LISTENER, socket->inode));
        return;
    }
    switch (network_blocked(network, &socket->remote)) {
    case NETWORK_OPEN:
        reach_machine(socket);
        break;
    case NETWORK_REFUSE:
        answer(socket, -ERR_REFUSED);
        break;
    case NETWORK_UNREACHABLE:
        answer(socket, -ERR_UNREACHABLE);
        break;
    case NETWORK_NETWORK_UNREACHABLE:
        answer(socket, -ERR_NETWORK_UNREACHABLE);
        break;
    case NETWORK_BLACKHOLE:
        try_again(socket);
        break;
    }
}

static int prepare_dial(struct sys *sys, const struct sys_address *local,
                        const struct sys_address *remote, struct socket *socket)
{
    socket->remote = *remote;
    if (remote->family == SYS_FAMILY_UNIX) {
        struct disk_view view = process_view(sys);
        socket->local.family = SYS_FAMILY_UNIX;
        return disk_find_socket(&view, remote->path, &socket->inode);
    }
    return socket_choose_local(sys->machine, local, remote, &socket->local);
}

int socket_stream_dial(struct sys *sys, const struct sys_address *local,
                       const struct sys_address *remote, struct socket **socket)
{
    struct world *world = sys->world;
    *socket = socket_new(sys->machine, SOCKET_STREAM);
    int error = prepare_dial(sys, local, remote, *socket);
    if (error != 0) {
        socket_close(*socket, false);
        return error;
    }
    (*socket)->connecting = true;
    if (is_local(*socket)) {
        request_arrives(&(*socket)->dial);
        return 0;
    }
    int64_t there_ns = network_packet_ns(&world->network, sys->machine, NULL);
    event_add(world, &(*socket)->dial, world->now_ns + there_ns, request_arrives);
    return 0;
}

void socket_stream_pair(struct sys *sys, struct socket *pair[2])
{
    for (int i = 0; i < 2; i++) {
        pair[i] = socket_new(sys->machine, SOCKET_STREAM);
        pair[i]->local.family = SYS_FAMILY_UNIX;
        pair[i]->remote.family = SYS_FAMILY_UNIX;
    }
    link_peers(pair[0], pair[1]);
}

struct socket *socket_stream_accept(struct socket *listener)
{
    if (list_is_empty(&listener->queue)) {
        return NULL;
    }
    struct socket *first = list_entry(listener->queue.next, struct socket, in_queue);
    list_remove(&first->in_queue);
    listener->queue_count--;
    return first;
}

/* ---- the ring ------------------------------------------------------------------------------ */

/* Calls memcpy for the one or two pieces that bytes from this position on lie in. */
static void copy_ring(struct direction *in, uint64_t position, char *out, const char *data,
                      size_t size)
{
    while (size > 0) {
        size_t at = position % in->ring_size;
        size_t piece = in->ring_size - at < size ? in->ring_size - at : size;
        if (out != NULL) {
            memcpy(out, in->ring + at, piece);
            out += piece;
        } else {
            memcpy(in->ring + at, data, piece);
            data += piece;
        }
        position += piece;
        size -= piece;
    }
}

static void grow_ring(struct mem *mem, struct direction *in, size_t size)
{
    struct direction old = *in;
    size_t there = (size_t)(in->written - in->read);
    size_t ring_size = in->ring_size == 0 ? RING_FIRST_BYTES : in->ring_size;
    while (ring_size < there + size) {
        ring_size *= 2;
    }
    if (ring_size == in->ring_size) {
        return;
    }
    in->ring = mem_alloc(mem, ring_size);
    in->ring_size = ring_size;
    for (uint64_t position = old.read; position < old.written;) {
        size_t at = position % old.ring_size;
        size_t piece = old.ring_size - at;
        if (piece > old.written - position) {
            piece = (size_t)(old.written - position);
        }
        copy_ring(in, position, NULL, old.ring + at, piece);
        position += piece;
    }
    mem_free(mem, old.ring);
}

/* ---- bytes --------------------------------------------------------------------------------- */

static bool looks_like_tls(const unsigned char *data, size_t size)
{
    return size >= 3 && data[0] == 22 && data[1] == 3 && data[2] <= 4;
}

/* One draw for both: whether the bytes are cut, and where. */
static void send_segments(struct socket *reader, size_t size)
{
    uint64_t end = reader->in.written;
    uint64_t cut = draw_from(reader->peer->machine->sites.segment, 2 * size);
    if (cut == 0 || cut >= size) {
        add_segment(reader, SEGMENT_DATA, end, 0);
        return;
    }
    add_segment(reader, SEGMENT_DATA, end - size + cut, 0);
    add_segment(reader, SEGMENT_DATA, end, CUT_GAP_NS);
}

/* A unix socket leaves the reset for its reader. */
static int write_error(struct socket *socket)
{
    bool is_unix = socket->local.family == SYS_FAMILY_UNIX;
    if (socket->broken && !is_unix) {
        int error = socket->in.error != 0 ? socket->in.error : -ERR_CLOSED;
        socket->in.error = 0;
        return error;
    }
    bool gone = socket->sent_end || socket->peer == NULL || (is_unix && socket->peer->closed);
    return gone ? -ERR_CLOSED : 0;
}

long socket_stream_write(struct socket *socket, const void *data, size_t size)
{
    int error = write_error(socket);
    if (error != 0 || size == 0) {
        return error;
    }
    struct direction *out = &socket->peer->in;
    size_t room = SOCKET_BUFFER_BYTES - (size_t)(out->written - out->read);
    if (room == 0) {
        return -ERR_LOCKED;
    }
    size_t taken = size < room ? size : room;
    out->opaque = out->opaque || looks_like_tls(data, taken);
    grow_ring(socket->world->mem, out, taken);
    copy_ring(out, out->written, NULL, data, taken);
    out->written += taken;
    send_segments(socket->peer, taken);
    return (long)taken;
}

/* When there is nothing to read: why not. */
static int read_nothing(struct socket *socket)
{
    struct direction *in = &socket->in;
    if (in->error != 0) {
        int error = in->error;
        in->error = 0;
        return error;
    }
    return in->ended || socket->broken ? 0 : -ERR_LOCKED;
}

static void consume(struct socket *socket, size_t size)
{
    socket->in.read += size;
    drop_passed(socket, socket->in.read);
    if (socket->peer != NULL) {
        fiber_wake_all(&socket->peer->write_waiters, 0);
    }
}

long socket_stream_read(struct socket *socket, void *data, size_t size)
{
    struct direction *in = &socket->in;
    size_t there = (size_t)(in->arrived - in->read);
    if (there == 0) {
        return read_nothing(socket);
    }
    size_t taken = size < there ? size : there;
    copy_ring(in, in->read, data, NULL, taken);
    consume(socket, taken);
    return (long)taken;
}

int socket_stream_pass(struct socket *socket, struct open_file *file)
{
    struct mem *mem = socket->world->mem;
    if (socket->peer == NULL || socket->peer->closed) {
        return -ERR_CLOSED;
    }
    struct passed_file *passed = mem_alloc(mem, sizeof(*passed));
    passed->position = socket->peer->in.written;
    passed->file = file;
    open_file_share(file);
    list_append(&socket->peer->in.passed, &passed->in_direction);
    long written = socket_stream_write(socket, "", 1);
    if (written < 0) {
        list_remove(&passed->in_direction);
        open_file_drop(file, false);
        mem_free(mem, passed);
        return (int)written;
    }
    return 0;
}

int socket_stream_take_passed(struct socket *socket, struct open_file **file)
{
    struct direction *in = &socket->in;
    if (in->arrived == in->read) {
        int error = read_nothing(socket);
        return error != 0 ? error : -ERR_CLOSED;
    }
    int result = -ERR_PROTOCOL;
    if (!list_is_empty(&in->passed)) {
        struct passed_file *first = list_entry(in->passed.next, struct passed_file, in_direction);
        if (first->position == in->read) {
            list_remove(&first->in_direction);
            *file = first->file;
            mem_free(socket->world->mem, first);
            result = 0;
        }
    }
    consume(socket, 1);
    return result;
}
