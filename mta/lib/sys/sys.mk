# SPDX-License-Identifier: ISC
# The contract suite of sys: one program, linked once with each backend; the outputs must be equal.

CONTRACT_SRC := mta/lib/sys/sys_test.c $(sort $(wildcard mta/lib/sys/contract_*_test.c))
CONTRACT_OBJ := $(call objects,$(CONTRACT_SRC))

$(OBJ)/main/sys_test.o: mta/os/main.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(MTA_INCLUDE) -DPROGRAM_NAME=sys_test -DPROGRAM_MAIN=sys_test_main -c -o $@ $<

$(TEST)/contract-os: $(OBJ)/main/sys_test.o $(CONTRACT_OBJ) $(OS_OBJ) $(OBJ)/libmta.a
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $^ $(OS_LIBS)

$(TEST)/contract-sim: $(OBJ)/sim/host/contract_main.c.o $(CONTRACT_OBJ) $(OBJ)/libsim.a $(OBJ)/libmta.a
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $(SIM_LINK)

.PHONY: contract
contract: $(TEST)/contract-os $(TEST)/contract-sim
	@tools/contract $^
