// SPDX-License-Identifier: ISC
/* world/machine - one simulated computer: name, addresses, clocks, users, disk, processes
 *
 * Memory    a machine lives as long as its world
 * Blocks    never
 */
#ifndef WORLD_MACHINE_H
#define WORLD_MACHINE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/list.h"
#include "sys/net.h"
#include "sys/user.h"
#include "world/clock.h"

struct disk;
struct draw_site;
struct world;

enum {
    MACHINE_ADDRESSES_MAX = 64,
    MACHINE_USERS_MAX = 64,
    MACHINE_GROUP_PROGRAMS_MAX = 8,
    MACHINE_NAME_MAX = 255,
    MACHINE_LIMITS_MAX = 16,
    MACHINE_PROGRAM_MAX = 64
};

/* What is drawn for a machine. */
struct machine_sites {
    struct draw_site *latency;   /* of a packet that it sends */
    struct draw_site *segment;   /* where its writes are cut */
    struct draw_site *disk;      /* whether others run before a call for the disk */
    struct draw_site *sync;      /* how long an fsync takes */
    struct draw_site *directory; /* the order of names */
    struct draw_site *random;    /* sys_random() */
};

/* What a process may have. */
struct machine_limits {
    char program[MACHINE_PROGRAM_MAX];
    int descriptor_max; /* more: TOO_MANY_FILES */
    size_t memory_max;  /* bytes; more ends it */
};

struct machine_user {
    struct sys_user user;
    char group[SYS_USER_NAME_MAX]; /* name of its primary group */
};

/* A program whose file is set-group-id. */
struct machine_group_program {
    char program[MACHINE_PROGRAM_MAX];
    uint32_t gid;
};

struct machine {
    struct world *world;
    struct list in_world;
    int index; /* from 0, in the order of creation */
    char name[MACHINE_NAME_MAX + 1];
    struct sys_address addresses[MACHINE_ADDRESSES_MAX]; /* loopback is not among them */
    int address_count;
    struct machine_sites sites;
    struct disk *disk;
    struct list processes; /* struct sys, oldest first */
    int process_count;
    int process_max;              /* more fail to start: TOO_MANY_PROCESSES */
    struct list faults;           /* fault.c's: what goes wrong at its system calls */
    struct machine_limits limits; /* of a process */
    struct machine_limits program_limits[MACHINE_LIMITS_MAX]; /* of one of that program */
    int program_limits_count;
    int last_pid;
    uint16_t last_port;     /* ephemeral */
    uint64_t random_count;  /* random words given out */
    struct clock wall;      /* may be changed at any time */
    struct clock monotonic; /* never goes back */
    int utc_offset_s;
    struct machine_user users[MACHINE_USERS_MAX];
    int user_count;
    struct machine_group_program group_programs[MACHINE_GROUP_PROGRAMS_MAX];
    int group_program_count;
    bool user_service_down; /* every look-up is -ERR_UNAVAILABLE */
};

/* A running machine with an empty disk (only "/"), the users root (0) and nobody (65534), and no
 * address but loopback. */
struct machine *machine_add(struct world *world, const char *name);
struct machine *machine_find(struct world *world, struct str name);         /* NULL when absent */
struct machine *machine_next(struct world *world, struct machine *machine); /* NULL starts, ends */

/* An address belongs to one machine. */
void machine_add_address(struct machine *machine, const struct sys_address *address);
/* Text form of the same; asserts that it is an address. */
void machine_add_ip(struct machine *machine, const char *address);

/* Its primary group has the same name and number gid. */
void machine_add_user(struct machine *machine, const char *name, uint32_t uid, uint32_t gid,
                      const char *home);
const struct machine_user *machine_find_user(const struct machine *machine,
                                             struct str name); /* NULL when absent */

/* The program's file is set-group-id: its processes have that group, whoever starts them. */
void machine_set_group(struct machine *machine, const char *program, uint32_t gid);
/* The group of the program's processes when somebody of this group starts it. */
uint32_t machine_group_of(const struct machine *machine, struct str program, uint32_t gid);

/* Those of a program's processes. */
const struct machine_limits *machine_limits_of(struct machine *machine, struct str program);
/* To be changed for a program, or for all without their own (empty). Descriptors also of those that
 * run, memory of those that start from now on. */
void machine_limit_descriptors(struct machine *machine, struct str program, int descriptor_max);
void machine_limit_memory(struct machine *machine, struct str program, size_t memory_max);
void machine_limit_nothing(struct machine *machine); /* as it was at first */

int64_t machine_now_ns(const struct machine *machine);  /* its monotonic clock */
int64_t machine_wall_ns(const struct machine *machine); /* its wall clock */

/* The power fails: all processes are gone without a word to their peers, the disk comes back as
 * the image of that index (disk_image.h) and the machine has booted again, without any process. */
void machine_power_cut(struct machine *machine, int image);

/* ---- the world's -------------------------------------------------------------------------- */

/* World time at which its monotonic clock shows this. */
int64_t machine_world_ns(const struct machine *machine, int64_t monotonic_ns);

void machine_discard_processes(struct machine *machine); /* as a power cut does */

#endif
