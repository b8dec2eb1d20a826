// SPDX-License-Identifier: ISC
#include "world/programs.h"

#define DAEMON(name, file)  int name##_main(struct sys *sys, int argc, char **argv);
#define COMMAND(name, file) int name##_main(struct sys *sys, int argc, char **argv);
#define ALIAS(name, file)
#include "programs.def"
#undef DAEMON
#undef COMMAND
#undef ALIAS

#define DAEMON(name, file)  {#file, name##_main},
#define COMMAND(name, file) {#file, name##_main},
#define ALIAS(name, file)   {#file, name##_main},
const struct world_program programs[] = {
#include "programs.def"
};

const int programs_count = sizeof(programs) / sizeof(programs[0]);
