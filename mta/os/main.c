// SPDX-License-Identifier: ISC
/* The main() of every program, compiled once for each: PROGRAM_MAIN is its entry. */
#include "os/os.h"

int PROGRAM_MAIN(struct sys *sys, int argc, char **argv);

int main(int argc, char **argv)
{
    os_run(PROGRAM_MAIN, argc, argv);
}
