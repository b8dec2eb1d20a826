// SPDX-License-Identifier: ISC
/* The spawn helper: a process without threads that keeps its rights, set apart before its parent
 * gives up its own. One packet asks for a program and carries its descriptors, one answers; a
 * further one tells when it ended. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/assert.h"
#include "os/os.h"

enum { TEXTS_MAX = 1024, TEXT_BYTES_MAX = 120 * 1024 };

enum request_kind { REQUEST_SPAWN, REQUEST_KILL };

struct request {
    enum request_kind kind;
    int pid;    /* kill */
    int number; /* kill */
    int argument_count;
    int environment_count;
    int descriptor_count;
    int theirs[OS_SPAWN_DESCRIPTORS_MAX];
    bool has_user;
    struct sys_user user;
    size_t text_size;
    char text[TEXT_BYTES_MAX]; /* path, arguments, environment; each ends with NUL */
};

enum reply_kind { REPLY_SPAWNED, REPLY_ENDED };

struct reply {
    enum reply_kind kind;
    int pid; /* or, of REPLY_SPAWNED, an error */
    int status;
};

/* A packet with descriptors beside it. */
struct packet {
    struct iovec part;
    _Alignas(struct cmsghdr) char control[CMSG_SPACE(OS_SPAWN_DESCRIPTORS_MAX * sizeof(int))];
    struct msghdr message;
};

static void packet_init(struct packet *packet, void *data, size_t size)
{
    memset(packet, 0, sizeof(*packet));
    packet->part = (struct iovec){.iov_base = data, .iov_len = size};
    packet->message.msg_iov = &packet->part;
    packet->message.msg_iovlen = 1;
}

/* ---- the helper ------------------------------------------------------------------------------------ */

struct helper {
    int socket;
    int signal_fd;
    struct request request;
    const char *arguments[TEXTS_MAX + 1];
    const char *environment[TEXTS_MAX + 1];
    struct sys_spawn_descriptor descriptors[OS_SPAWN_DESCRIPTORS_MAX];
    int descriptor_count;
};

static void answer(const struct helper *helper, struct reply reply)
{
    if (send(helper->socket, &reply, sizeof(reply), MSG_NOSIGNAL) < 0) {
        _exit(0);
    }
}

/* Cuts count texts off *text. */
static void split_texts(const char **text, int count, const char **texts)
{
    for (int i = 0; i < count; i++) {
        texts[i] = *text;
        *text += strlen(*text) + 1;
    }
    texts[count] = NULL;
}

static void serve_spawn(struct helper *helper)
{
    const struct request *request = &helper->request;
    const char *text = request->text + strlen(request->text) + 1;
    split_texts(&text, request->argument_count, helper->arguments);
    split_texts(&text, request->environment_count, helper->environment);
    struct sys_spawn spawn = {
        .path = request->text,
        .argv = helper->arguments,
        .environment = helper->environment,
        .descriptors = helper->descriptors,
        .descriptor_count = helper->descriptor_count,
        .user = request->has_user ? &request->user : NULL,
    };
    answer(helper, (struct reply){.kind = REPLY_SPAWNED, .pid = os_spawn_fork(&spawn)});
}

/* Only to a child that has not been waited for: no other process can have its pid. */
static void serve_kill(const struct request *request)
{
    siginfo_t info;
    if (waitid(P_PID, (id_t)request->pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0) {
        (void)kill(request->pid, request->number);
    }
}

static void take_descriptors(struct helper *helper, struct packet *packet)
{
    struct cmsghdr *header = CMSG_FIRSTHDR(&packet->message);
    helper->descriptor_count = 0;
    if (header == NULL || header->cmsg_type != SCM_RIGHTS) {
        return;
    }
    int count = (int)((header->cmsg_len - CMSG_LEN(0)) / sizeof(int));
    for (int i = 0; i < count; i++) {
        int *ours = &helper->descriptors[i].ours;
        memcpy(ours, CMSG_DATA(header) + (size_t)i * sizeof(int), sizeof(int));
        helper->descriptors[i].theirs = helper->request.theirs[i];
    }
    helper->descriptor_count = count;
}

static void serve_request(struct helper *helper)
{
    struct packet packet;
    packet_init(&packet, &helper->request, sizeof(helper->request));
    packet.message.msg_control = packet.control;
    packet.message.msg_controllen = sizeof(packet.control);
    if (recvmsg(helper->socket, &packet.message, MSG_CMSG_CLOEXEC) <= 0) {
        _exit(0);
    }
    take_descriptors(helper, &packet);
    switch (helper->request.kind) {
    case REQUEST_SPAWN:
        serve_spawn(helper);
        break;
    case REQUEST_KILL:
        serve_kill(&helper->request);
        break;
    }
    for (int i = 0; i < helper->descriptor_count; i++) {
        (void)close(helper->descriptors[i].ours);
    }
}

static void serve_ended(const struct helper *helper)
{
    struct signalfd_siginfo info;
    ssize_t count = read(helper->signal_fd, &info, sizeof(info));
    (void)count;
    int status;
    for (int pid = waitpid(-1, &status, WNOHANG); pid > 0; pid = waitpid(-1, &status, WNOHANG)) {
        answer(helper, (struct reply){.kind = REPLY_ENDED, .pid = pid, .status = status});
    }
}

/* Lives as long as its parent: only the end of the socket ends it. */
static int prepare_helper(struct helper *helper)
{
    static const int ignored[] = {SIGHUP, SIGINT, SIGTERM};
    sigset_t child;
    for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++) {
        (void)signal(ignored[i], SIG_IGN);
    }
    (void)sigemptyset(&child);
    (void)sigaddset(&child, SIGCHLD);
    (void)sigprocmask(SIG_SETMASK, &child, NULL);
    (void)prctl(PR_SET_NAME, "spawn-helper");
    (void)dup2(helper->socket, STDERR_FILENO + 1);
    helper->socket = STDERR_FILENO + 1;
    (void)close_range(STDERR_FILENO + 2, ~0U, 0);
    helper->signal_fd = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
    return helper->signal_fd;
}

static NORETURN void run_helper(struct helper *helper)
{
    if (prepare_helper(helper) < 0) {
        _exit(1);
    }
    for (;;) {
        struct pollfd polls[2] = {
            {.fd = helper->socket, .events = POLLIN},
            {.fd = helper->signal_fd, .events = POLLIN},
        };
        (void)poll(polls, 2, -1);
        if (polls[1].revents != 0) {
            serve_ended(helper);
        }
        if (polls[0].revents != 0) {
            serve_request(helper);
        }
    }
}

/* ---- the process that has a helper ------------------------------------------------------------------- */

static struct os_child *find_child(struct sys *sys, int pid)
{
    list_each(node, &sys->children)
    {
        struct os_child *child = list_entry(node, struct os_child, node);
        if (child->status.pid == pid) {
            return child;
        }
    }
    return NULL;
}

static void drop_child(struct sys *sys, struct os_child *child)
{
    list_remove(&child->node);
    mem_free(sys->mem, child);
}

static void take_reply(struct sys *sys, const struct reply *reply)
{
    struct os_child *child;
    switch (reply->kind) {
    case REPLY_SPAWNED:
        if (reply->pid > 0) {
            child = mem_alloc(sys->mem, sizeof(*child));
            child->status.pid = reply->pid;
            list_append(&sys->children, &child->node);
        }
        os_wake_first(sys, &sys->spawn_waiters, reply->pid);
        break;
    case REPLY_ENDED:
        child = find_child(sys, reply->pid);
        assert(child != NULL);
        child->ended = true;
        child->status = os_exit_status(reply->pid, reply->status);
        os_wake_all(sys, &sys->child_waiters, 0);
        break;
    }
}

/* Nobody can tell any more how the children end. */
static void lose_helper(struct sys *sys)
{
    list_each(node, &sys->children)
    {
        drop_child(sys, list_entry(node, struct os_child, node));
    }
    os_descriptor_unwatch(sys, sys->spawner_fd);
    os_wake_all(sys, &sys->spawn_waiters, -ERR_NO_PROCESS);
    os_wake_all(sys, &sys->child_waiters, 0);
}

static void helper_ready(struct sys *sys)
{
    struct reply reply;
    ssize_t count = recv(sys->spawner_fd, &reply, sizeof(reply), MSG_DONTWAIT);
    while (count == sizeof(reply)) {
        take_reply(sys, &reply);
        count = recv(sys->spawner_fd, &reply, sizeof(reply), MSG_DONTWAIT);
    }
    if (count == 0 || (count < 0 && errno != EAGAIN)) {
        lose_helper(sys);
    }
}

int sys_spawn_prepare(struct sys *sys)
{
    int ends[2];
    assert(sys->threads.count == 0 && sys->spawner_fd < 0);
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
        return os_last_error();
    }
    struct helper *helper = mem_alloc(sys->mem, sizeof(*helper));
    helper->socket = ends[1];
    int pid = fork();
    if (pid == 0) {
        run_helper(helper);
    }
    int error = pid < 0 ? os_last_error() : 0;
    (void)close(ends[1]);
    mem_free(sys->mem, helper);
    int fd = os_descriptor_add(sys, ends[0], 0);
    if (error != 0 || fd < 0) {
        sys_close(sys, fd);
        return error != 0 ? error : fd;
    }
    sys->spawner_fd = fd;
    os_descriptor_watch(sys, fd, false, helper_ready);
    return 0;
}

/* ---- requests ------------------------------------------------------------------------------------------ */

static int add_text(struct request *request, const char *text)
{
    size_t size = strlen(text) + 1;
    if (size > TEXT_BYTES_MAX - request->text_size) {
        return -ERR_LIMIT;
    }
    memcpy(request->text + request->text_size, text, size);
    request->text_size += size;
    return 0;
}

static int add_texts(struct request *request, const char *const *texts, int *count)
{
    for (*count = 0; texts[*count] != NULL; (*count)++) {
        if (*count == TEXTS_MAX || add_text(request, texts[*count]) != 0) {
            return -ERR_LIMIT;
        }
    }
    return 0;
}

static int fill_request(struct request *request, const struct sys_spawn *spawn)
{
    if (spawn->descriptor_count > OS_SPAWN_DESCRIPTORS_MAX) {
        return -ERR_LIMIT;
    }
    request->kind = REQUEST_SPAWN;
    request->descriptor_count = spawn->descriptor_count;
    for (int i = 0; i < spawn->descriptor_count; i++) {
        request->theirs[i] = spawn->descriptors[i].theirs;
    }
    if (spawn->user != NULL) {
        request->has_user = true;
        request->user = *spawn->user;
    }
    if (add_text(request, spawn->path) != 0 ||
        add_texts(request, spawn->argv, &request->argument_count) != 0) {
        return -ERR_LIMIT;
    }
    return add_texts(request, spawn->environment, &request->environment_count);
}

static void add_descriptors(struct packet *packet, const struct sys_spawn *spawn)
{
    size_t size = (size_t)spawn->descriptor_count * sizeof(int);
    if (size == 0) {
        return;
    }
    packet->message.msg_control = packet->control;
    packet->message.msg_controllen = CMSG_SPACE(size);
    struct cmsghdr *header = CMSG_FIRSTHDR(&packet->message);
    header->cmsg_len = CMSG_LEN(size);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    for (int i = 0; i < spawn->descriptor_count; i++) {
        memcpy(CMSG_DATA(header) + (size_t)i * sizeof(int), &spawn->descriptors[i].ours,
               sizeof(int));
    }
}

static int send_packet(struct sys *sys, const struct packet *packet)
{
    while (sendmsg(sys->spawner_fd, &packet->message, MSG_DONTWAIT | MSG_NOSIGNAL) < 0) {
        if (errno == EAGAIN) {
            int error = os_wait_writable(sys, sys->spawner_fd, SYS_FOREVER);
            if (error != 0) {
                return error;
            }
        } else if (errno != EINTR) {
            return os_last_error();
        }
    }
    return 0;
}

/* Answers come in the order of the requests, so that nobody may leave the queue early. */
int os_spawner_spawn(struct sys *sys, const struct sys_spawn *spawn)
{
    struct request *request = mem_alloc(sys->mem, sizeof(*request));
    struct packet packet;
    int error = fill_request(request, spawn);
    packet_init(&packet, request, offsetof(struct request, text) + request->text_size);
    add_descriptors(&packet, spawn);
    if (error == 0) {
        error = send_packet(sys, &packet);
    }
    mem_free(sys->mem, request);
    return error != 0 ? error : os_wait_shielded(sys, &sys->spawn_waiters, SYS_FOREVER);
}

bool os_spawner_has(struct sys *sys, int pid)
{
    const struct os_child *child = find_child(sys, pid);
    return child != NULL && !child->ended;
}

int os_spawner_kill(struct sys *sys, int pid, int number)
{
    struct request *request = mem_alloc(sys->mem, sizeof(*request));
    request->kind = REQUEST_KILL;
    request->pid = pid;
    request->number = number;
    ssize_t count =
        send(sys->spawner_fd, request, offsetof(struct request, text), MSG_DONTWAIT | MSG_NOSIGNAL);
    int error = count >= 0 ? 0 : os_last_error();
    mem_free(sys->mem, request);
    return error;
}

int os_spawner_take_ended(struct sys *sys, int pid, struct sys_exit_status *status)
{
    bool exists = false;
    list_each(node, &sys->children)
    {
        struct os_child *child = list_entry(node, struct os_child, node);
        bool wanted = pid == 0 || child->status.pid == pid;
        if (wanted && child->ended) {
            *status = child->status;
            drop_child(sys, child);
            return 1;
        }
        exists |= wanted;
    }
    return exists ? 0 : -ERR_NO_PROCESS;
}
