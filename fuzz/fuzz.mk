# SPDX-License-Identifier: ISC
# Fuzz targets: one program per fuzz/*_fuzz.c, whose main depends on the variant.

CC_afl     = afl-clang-fast
CFLAGS_afl = -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer -DFUZZING

HARNESS := $(BUILD)/harness
FUZZ_TARGETS := $(patsubst fuzz/%_fuzz.c,%,$(sort $(wildcard fuzz/*_fuzz.c)))
# These need the simulator; all others are pure.
FUZZ_SIM_TARGETS := $(filter messages scenario qmgr_% %_session,$(FUZZ_TARGETS))
FUZZ_PURE_TARGETS := $(filter-out $(FUZZ_SIM_TARGETS),$(FUZZ_TARGETS))

FUZZ_MAIN_fuzz = -fsanitize=fuzzer
FUZZ_MAIN_afl  = $(OBJ)/fuzz/afl_main.c.o
FUZZ_MAIN = $(or $(FUZZ_MAIN_$(VARIANT)),$(OBJ)/fuzz/replay_main.c.o)

$(FUZZ_PURE_TARGETS:%=$(HARNESS)/%): $(HARNESS)/%: $(OBJ)/fuzz/%_fuzz.c.o \
		$(OBJ)/fuzz/fuzz_assert.c.o $(filter %.o,$(FUZZ_MAIN)) $(OBJ)/libmta.a
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) $(filter -%,$(FUZZ_MAIN)) -o $@ $^ $(MTA_LIBS)
$(filter %_session,$(FUZZ_SIM_TARGETS:%=$(HARNESS)/%)): $(OBJ)/fuzz/session.c.o
$(FUZZ_SIM_TARGETS:%=$(HARNESS)/%): $(HARNESS)/%: $(OBJ)/fuzz/%_fuzz.c.o \
		$(filter %.o,$(FUZZ_MAIN)) $(OBJ)/libsim.a $(OBJ)/libmta.a
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) $(filter -%,$(FUZZ_MAIN)) -o $@ $(filter %.o,$^) \
		-Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(SIM_LIBS)

.PHONY: fuzz-harness fuzz-replay fuzz fuzz-libfuzzer fuzz-afl
fuzz-harness: $(FUZZ_TARGETS:%=$(HARNESS)/%)

## make fuzz-replay  every fuzz target over its committed seeds
fuzz-replay: fuzz-harness
	@for target in $(FUZZ_TARGETS); do $(HARNESS)/$$target fuzz/corpus/$$target || exit 1; done

TARGET  ?=
SECONDS ?= 60
DRIVER  ?= libfuzzer
FUZZ_DICTIONARY = $(wildcard fuzz/dict/$(TARGET).dict)

fuzz:
	@[ -f "fuzz/$(TARGET)_fuzz.c" ] || { \
		echo "make fuzz: set TARGET to one of: $(FUZZ_TARGETS)"; exit 1; }
	@$(MAKE) --no-print-directory VARIANT=$(if $(filter afl,$(DRIVER)),afl,fuzz) fuzz-$(DRIVER)

fuzz-libfuzzer: $(HARNESS)/$(TARGET)
	@mkdir -p $(BUILD)/corpus/$(TARGET) $(BUILD)/findings
	$< -max_total_time=$(SECONDS) -timeout=10 -print_final_stats=1 \
		-artifact_prefix=$(BUILD)/findings/$(TARGET)- $(FUZZ_DICTIONARY:%=-dict=%) \
		$(BUILD)/corpus/$(TARGET) fuzz/corpus/$(TARGET)

fuzz-afl: $(HARNESS)/$(TARGET)
	@mkdir -p $(BUILD)/findings
	AFL_SKIP_CPUFREQ=1 AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 AFL_NO_UI=1 AFL_AUTORESUME=1 \
		afl-fuzz -V $(SECONDS) -t 1000 -i fuzz/corpus/$(TARGET) -o $(BUILD)/findings/$(TARGET) \
		$(FUZZ_DICTIONARY:%=-x %) -- $<
