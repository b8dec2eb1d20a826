# SPDX-License-Identifier: ISC
# Postilion. `make help` lists the goals.

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules
ifeq ($(MAKELEVEL)$(filter -j%,$(MAKEFLAGS)),0)
MAKEFLAGS += -j2
endif

VARIANT ?= plain
BUILD   := build$(if $(filter-out plain,$(VARIANT)),/$(VARIANT))
OBJ     := $(BUILD)/obj
BIN     := $(BUILD)/bin
LIBEXEC := $(BUILD)/libexec
TEST    := $(BUILD)/test

CC       = $(CC_$(VARIANT))
CC_plain = gcc
CC_debug = gcc
CC_asan  = gcc
CC_clang = clang
CC_fuzz  = clang
CC_clang-debug = clang

WARNINGS = -Wall -Wextra -Wvla -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wconversion -Werror
# Judged where the optimiser runs: without it, temporaries share no space.
FRAME    = -Wframe-larger-than=4096
CFLAGS_plain = -O2 -g $(FRAME)
CFLAGS_debug = -O0 -g
CFLAGS_clang = -O2 -g $(FRAME)
CFLAGS_clang-debug = -O0 -g
CFLAGS_asan  = -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
CFLAGS_fuzz  = -O1 -g -fsanitize=address,undefined,fuzzer-no-link -fno-sanitize-recover=all -fno-omit-frame-pointer -DFUZZING
CFLAGS  = -std=gnu11 -fsigned-char -ffp-contract=off -pthread $(WARNINGS) $(CFLAGS_$(VARIANT)) -MMD -MP
LDFLAGS = -pthread $(filter -fsanitize%,$(CFLAGS_$(VARIANT)))
# Of libmta.a, of mta/os, of the simulator.
MTA_LIBS = -lidn2
OS_LIBS  = -ldb -llmdb -lcdb $(MTA_LIBS)
SIM_LIBS = -lssl -lcrypto $(MTA_LIBS)

MTA_INCLUDE = -iquote mta/lib -iquote mta/daemon -iquote mta/command -iquote mta
SIM_INCLUDE = -iquote sim $(MTA_INCLUDE)

# ---- what there is -------------------------------------------------------------------------

not_test = $(filter-out %_test.c,$(1))
# The fiber switch: assembly for this machine, else ucontext (CONTEXT=ucontext asks for it).
CONTEXT     ?= $(shell uname -m)
CONTEXT_SRC := $(firstword $(wildcard mta/lib/sys/context_$(CONTEXT).S) mta/lib/sys/context_ucontext.c)
LIB_SRC     := $(filter-out mta/lib/sys/context_%,$(call not_test,$(sort $(wildcard mta/lib/*/*.c)))) $(CONTEXT_SRC)
OS_SRC      := $(filter-out mta/os/main.c,$(call not_test,$(sort $(wildcard mta/os/*.c))))
PROGRAM_SRC := $(call not_test,$(sort $(wildcard mta/daemon/*/*.c mta/command/*/*.c)))
SIM_SRC     := $(filter-out sim/host/%_main.c,$(call not_test,$(sort $(wildcard sim/*/*.c))))
PEER_SRC    := $(filter sim/peer/%,$(SIM_SRC))
# Not the contract suite of sys: mta/lib/sys/sys.mk.
TEST_SRC    := $(filter-out mta/lib/sys/sys_test.c mta/lib/sys/contract_%,$(sort $(wildcard \
    mta/lib/*/*_test.c mta/daemon/*/*_test.c mta/command/*/*_test.c mta/os/*_test.c)))
SIM_TEST_SRC := $(sort $(wildcard sim/*/*_test.c))

objects = $(patsubst %,$(OBJ)/%.o,$(1))
LIB_OBJ := $(call objects,$(LIB_SRC))
OS_OBJ  := $(call objects,$(OS_SRC))
SIM_OBJ := $(call objects,$(SIM_SRC))
PROGRAM_OBJ := $(call objects,$(PROGRAM_SRC))

# Only programs whose folder has a source file are built.
program_list = $(shell sed -n 's/^$(1)(\([a-z0-9_]*\), *\([a-z0-9_-]*\)).*/\1:\2/p' mta/programs.def)
exists = $(foreach p,$(1),$(if $(wildcard mta/$(2)/$(firstword $(subst :, ,$(p)))/*.c),$(p)))
DAEMONS  := $(call exists,$(call program_list,DAEMON),daemon)
COMMANDS := $(call exists,$(call program_list,COMMAND),command)
ALIASES  := $(call exists,$(call program_list,ALIAS),command)
name = $(firstword $(subst :, ,$(1)))
file_name = $(lastword $(subst :, ,$(1)))

DAEMON_FILES  := $(foreach p,$(DAEMONS),$(LIBEXEC)/$(call file_name,$(p)))
COMMAND_FILES := $(foreach p,$(COMMANDS) $(ALIASES),$(BIN)/$(call file_name,$(p)))
SIM_FILES := $(if $(wildcard sim/host/postsim_main.c),$(BIN)/postsim)

.PHONY: all
all: $(DAEMON_FILES) $(COMMAND_FILES) $(SIM_FILES)

# ---- compile -------------------------------------------------------------------------------

# Only the production backend talks to the kernel beyond POSIX.
$(OBJ)/mta/os/%.c.o: CFLAGS += -D_GNU_SOURCE

$(OBJ)/sim/%.c.o: sim/%.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(SIM_INCLUDE) -c -o $@ $<
$(OBJ)/fuzz/%.c.o: fuzz/%.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(SIM_INCLUDE) -iquote . -c -o $@ $<
$(OBJ)/%.c.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(MTA_INCLUDE) -c -o $@ $<
$(OBJ)/%.S.o: %.S
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -c -o $@ $<

$(OBJ)/libmta.a: $(LIB_OBJ)
	@rm -f $@; mkdir -p $(@D)
	ar qcs $@ $^

# ---- programs: <name>_main on the production backend -----------------------------------------

# $(1) folder kind (daemon, command), $(2) C name, $(3) file
define program_rule
$(OBJ)/main/$(2).o: mta/os/main.c
	@mkdir -p $$(@D)
	$$(CC) $$(CFLAGS) $$(MTA_INCLUDE) -DPROGRAM_NAME=$(2) -DPROGRAM_MAIN=$(2)_main -c -o $$@ $$<
$(3): $(OBJ)/main/$(2).o $(call objects,$(filter mta/$(1)/$(2)/%,$(PROGRAM_SRC))) $(OS_OBJ) $(OBJ)/libmta.a
	@mkdir -p $$(@D)
	$$(CC) $$(LDFLAGS) -o $$@ $$^ $$(OS_LIBS)
endef
$(foreach p,$(DAEMONS),$(eval $(call program_rule,daemon,$(call name,$(p)),$(LIBEXEC)/$(call file_name,$(p)))))
$(foreach p,$(COMMANDS),$(eval $(call program_rule,command,$(call name,$(p)),$(BIN)/$(call file_name,$(p)))))
define alias_rule
$(BIN)/$(2): $(BIN)/$(1)
	ln -sf $$(notdir $$<) $$@
endef
$(foreach p,$(ALIASES),$(eval $(call alias_rule,$(call file_name,$(filter $(call name,$(p)):%,$(COMMANDS))),$(call file_name,$(p)))))

# ---- the simulator: every <name>_main in one program ------------------------------------------

$(OBJ)/libsim.a: $(SIM_OBJ) $(PROGRAM_OBJ)
	@rm -f $@; mkdir -p $(@D)
	ar qcs $@ $^

# The two archives call each other: sys is declared in one and defined in the other.
SIM_LINK = -Wl,--start-group $^ -Wl,--end-group $(SIM_LIBS)
$(BIN)/postsim: $(OBJ)/sim/host/postsim_main.c.o $(OBJ)/libsim.a $(OBJ)/libmta.a
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $(SIM_LINK)

# ---- unit tests: one program per *_test.c ------------------------------------------------------

# Pure layers and those over sys link the production backend.
OS_TESTS  := $(patsubst %.c,$(TEST)/%,$(TEST_SRC))
SIM_TESTS := $(patsubst %.c,$(TEST)/%,$(SIM_TEST_SRC))

$(OS_TESTS): $(TEST)/%: $(OBJ)/%.c.o $(OS_OBJ) $(OBJ)/libmta.a
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $(filter %.o,$^) $(filter %.a,$^) $(OS_LIBS) -lcmocka

# A test of a program's file links the other files of its folder.
$(foreach t,$(filter mta/daemon/% mta/command/%,$(TEST_SRC)),$(eval \
    $(TEST)/$(basename $(t)): $(call objects,$(filter $(dir $(t))%,$(PROGRAM_SRC)))))

$(SIM_TESTS): $(TEST)/%: $(OBJ)/%.c.o $(OBJ)/libsim.a $(OBJ)/libmta.a
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $(SIM_LINK) -lcmocka

# ---- goals ---------------------------------------------------------------------------------------

-include mta/lib/sys/sys.mk
-include fuzz/fuzz.mk

## make            build everything into build/bin and build/libexec (VARIANT=asan|debug|clang|fuzz: build/VARIANT/...)

## make run        install what is missing, build, show one message travel, replay the scenario library
.PHONY: run
run:
	@tools/setup
	@mkdir -p build
	@$(MAKE) --no-print-directory all >build/make.log 2>&1 || { tail -n 40 build/make.log; exit 1; }
	@tools/run

## make test       every check and test that CI runs
.PHONY: test
test:
	@tools/setup --test --peers
	@tools/test

## make unit       the unit tests
.PHONY: unit
unit: $(OS_TESTS) $(SIM_TESTS)
	@tools/unit $^

## make check      the rules of the house: format, layers, objects, symbols, order, parameters, twins, mutants, warnings
.PHONY: check
check: all
	@$(MAKE) --no-print-directory VARIANT=clang all
	@tools/check $(OBJ)

## make canaries   broken copies that each check and the runner must notice
.PHONY: canaries
canaries: all
	@tools/canaries

## make mutants    faults planted in the mail system: which the simulator catches, and after how many seeds; an hour
.PHONY: mutants
mutants: all
	@tools/mutate

## make scenarios  the scenario library, every 20th call of a sweep
.PHONY: scenarios
scenarios: all
	$(BIN)/postsim run -j 2 --every 20 scenarios

## make sweeps     the sweeps of the library at every call
.PHONY: sweeps
sweeps: all
	$(BIN)/postsim run -j 2 --only-sweeps scenarios

## make explore    random worlds, each twice: make explore SEEDS=1..10000
.PHONY: explore
SEEDS ?= 1..1000
explore: all
	$(BIN)/postsim explore -j 2 --twice --seeds $(SEEDS)

## make fuzz       fuzz one target: make fuzz TARGET=smtp_command SECONDS=60 [DRIVER=afl]
## make contract   the OS interface's contract suite on both backends, compared
## make bench      durable accept against Debian's Postfix, as ratios
## make bench-deferred  200,000 deferred messages: start, memory, listing, an idle hour; 25 minutes
.PHONY: bench bench-deferred
bench bench-deferred: all
	@tools/setup --test --peers
	@tools/$@

.PHONY: clean help
## make clean      remove build/
clean:
	rm -rf build
## make help       this list
help:
	@sed -n 's/^## //p' Makefile

-include $(shell find $(OBJ) -name '*.d' 2>/dev/null)
