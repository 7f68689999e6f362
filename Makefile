# cpdflow: build, test, install. `make help` lists the targets.
#
# One make, no recursion into folders. A *flavour* is one combination of compiler and options; its
# objects live in build/<flavour>/, so flavours never mix:
#   CC=clang  DEBUG=1  SANITIZE=address,undefined  COVERAGE=1  STATIC=1  PORTABLE=1
# PORTABLE=1 (and every system but Linux) builds x_portable.c instead of x_linux.c.
# LAYERS="base value" builds and tests these layers alone. V=1 shows the commands.

ifeq ($(origin CC),default)
CC := gcc
endif
AR       ?= ar
PREFIX   ?= /usr/local
BINDIR   ?= $(PREFIX)/bin
MANDIR   ?= $(PREFIX)/share/man
DATADIR  ?= $(PREFIX)/share/cpdflow

.DEFAULT_GOAL := all

comma := ,
empty :=
space := $(empty) $(empty)
Q     := $(if $(V),,@)
say    = $(if $(V),,@printf '  %-7s %s\n' $(1) $(2);)
MAKEFLAGS += --no-print-directory --no-builtin-rules

# ---- flavour ------------------------------------------------------------------------------------
COMPILER := $(if $(findstring clang,$(shell $(CC) --version 2>/dev/null)),clang,gcc)
FLAVOUR  := $(notdir $(CC))$(if $(DEBUG),-debug)$(if $(SANITIZE),-$(subst $(comma),-,$(SANITIZE)))$(if \
            $(COVERAGE),-coverage)$(if $(STATIC),-static)$(if $(PORTABLE),-portable)
B        := build/$(FLAVOUR)

# ---- flags --------------------------------------------------------------------------------------
WARN := -Wall -Wextra -Wpedantic -Wshadow -Wformat=2 -Wstrict-prototypes -Wold-style-definition \
        -Wmissing-prototypes -Wwrite-strings -Wpointer-arith -Wcast-qual -Wswitch-enum -Wvla -Wundef \
        -Wimplicit-fallthrough -Wnull-dereference -Wfloat-conversion -Wconversion -Werror
WARN_gcc   := -Wduplicated-cond -Wduplicated-branches -Wlogical-op -Wjump-misses-init
WARN_clang := -Wunreachable-code -Wcomma -Wassign-enum -Wconditional-uninitialized
WARN += $(WARN_$(COMPILER))

OPTIMIZE := -O2 -g
ifdef DEBUG
OPTIMIZE := -O0 -g3
endif
ifdef COVERAGE
OPTIMIZE := -O0 -g --coverage
endif
ifdef SANITIZE
OPTIMIZE := -O1 -g -fno-omit-frame-pointer -fsanitize=$(SANITIZE) -fno-sanitize-recover=all
# The checks that sanitizers insert make gcc's flow analysis see paths that are not in the source.
WARN += $(if $(filter gcc,$(COMPILER)),-Wno-null-dereference -Wno-maybe-uninitialized)
endif
ifdef STATIC
LINK_STATIC := -static-pie
endif
HARDEN := -fstack-protector-strong $(if $(DEBUG)$(COVERAGE)$(SANITIZE),,-D_FORTIFY_SOURCE=2)

PKGS := "libuv >= 1.42" "libcjson >= 1.7.14" "libpcre2-8 >= 10.34" "yaml-0.1 >= 0.2.2"
PKG_CFLAGS := $(patsubst -I%,-isystem %,$(shell pkg-config --cflags $(PKGS) 2>/dev/null))
ifndef STATIC
PKG_LIBS := $(shell pkg-config --libs $(PKGS) 2>/dev/null)
else
# Debian packages all static libraries but cJSON's, which is made from its source where it is missing.
STATIC_CJSON := $(or $(wildcard $(shell $(CC) -print-file-name=libcjson.a)),$(B)/libcjson.a)
PKG_LIBS := $(STATIC_CJSON) $(shell pkg-config --static --libs libuv-static libpcre2-8 yaml-0.1 2>/dev/null)
$(B)/cpdflow: | $(STATIC_CJSON)
$(B)/libcjson.a:
	$(call say,SOURCE,libcjson.a)
	$(Q)CC=$(CC) docker/libcjson.sh $@
endif

LINUX := $(filter Linux,$(shell uname -s))
BASE_CFLAGS := -std=c17 -D_GNU_SOURCE $(if $(PORTABLE),-DCPDFLOW_PORTABLE) -Iinclude -fno-common
ALL_CFLAGS  := $(BASE_CFLAGS) $(WARN) $(OPTIMIZE) $(HARDEN) $(PKG_CFLAGS) $(CPPFLAGS) $(CFLAGS)
ALL_LDFLAGS := $(OPTIMIZE) $(LINK_STATIC) $(if $(LINUX),-Wl$(comma)-z$(comma)relro) $(LDFLAGS)
ALL_LIBS    := $(PKG_LIBS) -pthread -lm
# Children of the tests are plain programs: a sanitizer would change their start, limits and exit.
PLAIN_CFLAGS := $(BASE_CFLAGS) $(WARN) -O1 -g
TEST_CFLAGS := -Isrc -Itests -DTEST_TOP='"$(CURDIR)"' -DTEST_HELPER_DIR='"$(CURDIR)/$(B)/helper"'

# ---- sources ------------------------------------------------------------------------------------
OTHER_SYSTEM := $(if $(and $(LINUX),$(if $(PORTABLE),,yes)),%_portable.c,%_linux.c)
ALL_LAYERS := $(patsubst src/%/,%,$(wildcard src/*/))
UNIT_DIRS  := $(patsubst tests/unit/%/,%,$(wildcard tests/unit/*/))
ifdef LAYERS
ONLY := -$(subst $(space),-,$(sort $(LAYERS)))
USE_LAYERS := $(LAYERS)
UNIT_DIRS  := $(filter $(LAYERS),$(UNIT_DIRS))
else
USE_LAYERS := $(ALL_LAYERS)
endif
SRC  := $(filter-out src/cli/main.c $(OTHER_SYSTEM),$(foreach l,$(USE_LAYERS),$(wildcard src/$(l)/*.c)))
DATA_KINDS := catalogue css template
DATA := $(foreach l,$(USE_LAYERS),$(foreach k,$(DATA_KINDS),$(wildcard src/$(l)/*.$(k))))
OBJ  := $(SRC:%.c=$(B)/%.o) $(DATA:%=$(B)/%.o)
LIB  := $(B)/libcpdflow$(ONLY).a
MAIN := $(if $(filter cli,$(USE_LAYERS)),$(wildcard src/cli/main.c))
BIN  := $(if $(MAIN),$(B)/cpdflow)

UNIT_SRC := $(foreach d,$(or $(L),$(UNIT_DIRS)),$(wildcard tests/unit/$(d)/$(or $(T),test_*).c))
UNIT_BIN := $(UNIT_SRC:%.c=$(B)/%)
TEST_SUPPORT := $(filter-out $(wildcard tests/unit/*/test_*.c),$(wildcard tests/unit/*/*.c))
SUPPORT_LIBS := $(patsubst tests/unit/%/,$(B)/support/%.a,$(sort $(dir $(TEST_SUPPORT))))

HELPER_BIN := $(patsubst tests/helper/%.c,$(B)/helper/%,$(wildcard tests/helper/*.c))
FAULT_LIB  := $(if $(LINUX),$(patsubst tests/fault/%.c,$(B)/helper/%.so,$(wildcard tests/fault/*.c)))
DIFF_BIN   := $(patsubst tests/diff/%.c,$(B)/diff/%,$(wildcard tests/diff/*.c))
STANDIN_MAIN := $(wildcard tests/standin/*_main.c)
STANDIN_OBJ  := $(patsubst %.c,$(B)/%.o,$(filter-out $(STANDIN_MAIN),$(wildcard tests/standin/*.c)))
STANDIN_BIN  := $(STANDIN_MAIN:tests/standin/%_main.c=$(B)/standin/%)
FLOW := $(wildcard tests/flow/$(or $(T),*).bats)

# ---- build --------------------------------------------------------------------------------------
.PHONY: all lib FORCE
.DELETE_ON_ERROR:
.SECONDARY:

all: lib $(if $(BIN),build/cpdflow) ## build build/cpdflow (the default)

lib: $(LIB) ## build the library alone; LAYERS="base value" restricts it

build/cpdflow: $(BIN) FORCE
	@[ "$$(readlink $@)" = $(FLAVOUR)/cpdflow ] || ln -sfn $(FLAVOUR)/cpdflow $@

$(foreach l,$(ALL_LAYERS),$(eval .PHONY: layer-$(l)))
$(foreach l,$(ALL_LAYERS),$(eval layer-$(l): $(filter $(B)/src/$(l)/%,$(OBJ))))

# A file whose text is everything that an object or archive depends on beside sources; it changes
# only when that text does, and then all that stands on it is built again.
define text_stamp
	@mkdir -p $(@D)
	@printf '%s\n' '$(subst ','\'',$(1))' > $@.new; if cmp -s $@.new $@; then rm $@.new; else $(2) mv $@.new $@; fi
endef
need_packages := command -v pkg-config >/dev/null || { echo "cpdflow: pkg-config is missing: make deps installs what the build needs" >&2; exit 1; }; \
    pkg-config --print-errors --exists $(PKGS) || { echo "cpdflow: make deps installs what the build needs" >&2; exit 1; };

$(B)/flags: FORCE
	$(call text_stamp,$(CC) $(ALL_CFLAGS) $(TEST_CFLAGS) $(ALL_LDFLAGS) $(ALL_LIBS),$(need_packages))

$(LIB:.a=.list): FORCE
	$(call text_stamp,$(OBJ),)

$(LIB): $(OBJ) $(LIB:.a=.list)
	$(call say,AR,$@)
	$(Q)rm -f $@ && $(AR) rcs $@ $(OBJ)

$(B)/src/%.o: src/%.c $(B)/flags
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D) && $(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

# Files that are a part of the program: src/LAYER/NAME.KIND becomes the bytes KIND_NAME_text and their number KIND_NAME_len.
define data_kind
$(B)/src/%.$(1).c: src/%.$(1)
	$$(call say,DATA,$$<)
	$$(Q)mkdir -p $$(@D) && n=$(1)_$$(notdir $$*) && { \
	    printf '#include <stddef.h>\nextern const unsigned char %s_text[];\nextern const size_t %s_len;\n' $$$$n $$$$n; \
	    printf 'const unsigned char %s_text[] = {\n' $$$$n; od -An -v -tu1 $$< | sed 's/  */,/g; s/^,//; s/$$$$/,/'; \
	    printf '};\nconst size_t %s_len = sizeof %s_text;\n' $$$$n $$$$n; } >$$@
$(B)/src/%.$(1).o: $(B)/src/%.$(1).c $(B)/flags
	$$(Q)$$(CC) $$(ALL_CFLAGS) -c -o $$@ $$<
endef
$(foreach k,$(DATA_KINDS),$(eval $(call data_kind,$(k))))

$(B)/cpdflow: $(B)/src/cli/main.o $(LIB)
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(ALL_LIBS)

# ---- test programs ------------------------------------------------------------------------------
$(B)/tests/%.o: tests/%.c $(B)/flags
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D) && $(CC) $(ALL_CFLAGS) $(TEST_CFLAGS) -MMD -MP -c -o $@ $<

# What the tests of a layer share is an archive of its own; a test takes from its own layer's first.
define support_lib
$(B)/support/$(1).list: FORCE
	$$(call text_stamp,$(2),)
$(B)/support/$(1).a: $(2) $(B)/support/$(1).list
	$(Q)rm -f $$@ && $(AR) rcs $$@ $(2)
endef
objects_in = $(patsubst %.c,$(B)/%.o,$(filter tests/unit/$(1)/%,$(TEST_SUPPORT)))
$(foreach l,$(SUPPORT_LIBS:$(B)/support/%.a=%),$(eval $(call support_lib,$(l),$(call objects_in,$(l)))))
own_support = $(filter %/support/$(notdir $(@D)).a,$(SUPPORT_LIBS))

$(B)/tests/unit/%: $(B)/tests/unit/%.o $(SUPPORT_LIBS) $(LIB)
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $< $(own_support) $(SUPPORT_LIBS) $(LIB) $(ALL_LIBS) -lcmocka

$(B)/helper/%: tests/helper/%.c $(B)/flags
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D) && $(CC) $(PLAIN_CFLAGS) -MMD -MP -o $@ $< -pthread

# What is loaded into a program to make its calls fail. -O2: its vfork() must be a jump.
$(B)/helper/%.so: tests/fault/%.c $(B)/flags
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D) && $(CC) $(PLAIN_CFLAGS) -O2 -fPIC -shared -MMD -MP -MF $(@:.so=.d) -o $@ $< -ldl

$(B)/diff/%: $(B)/tests/diff/%.o $(LIB)
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D) && $(CC) $(ALL_LDFLAGS) -o $@ $^ $(ALL_LIBS)

# Row E7: random runs, disturbed at random.
CHAOS_OBJ := $(patsubst %.c,$(B)/%.o,$(if $(LINUX),$(wildcard tests/chaos/*.c)))
CHAOS_BIN := $(if $(CHAOS_OBJ),$(B)/helper/chaos)
$(B)/helper/chaos: $(CHAOS_OBJ) $(LIB)
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D) && $(CC) $(ALL_LDFLAGS) -o $@ $^ $(ALL_LIBS)

$(B)/standin/%: $(B)/tests/standin/%_main.o $(STANDIN_OBJ) $(LIB)
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D) && $(CC) $(ALL_LDFLAGS) -o $@ $^ $(ALL_LIBS)

-include $(OBJ:.o=.d) $(B)/src/cli/main.d $(DIFF_BIN:$(B)/diff/%=$(B)/tests/diff/%.d) $(UNIT_SRC:%.c=$(B)/%.d) $(TEST_SUPPORT:%.c=$(B)/%.d) \
         $(HELPER_BIN:=.d) $(CHAOS_OBJ:.o=.d) $(FAULT_LIB:.so=.d) $(STANDIN_OBJ:.o=.d) $(STANDIN_MAIN:%.c=$(B)/%.d)

# ---- tests --------------------------------------------------------------------------------------
# Tests run in the sanitized flavour unless SANITIZE was given (SANITIZE= for none).
AS_WIDE_AS_THE_MACHINE = $(if $(filter -j%,$(MAKEFLAGS)),,-j$(shell getconf _NPROCESSORS_ONLN))
IN_TEST_FLAVOUR = $(MAKE) $(AS_WIDE_AS_THE_MACHINE) \
                  $(if $(filter undefined,$(origin SANITIZE)),SANITIZE=address$(comma)undefined)
RUN_TESTS = tests/run.sh -b $(B)

.PHONY: check-unit check-flow check-diff unit-programs test-programs run-unit run-flow run-diff helpers standin
helpers: $(HELPER_BIN) $(CHAOS_BIN) $(FAULT_LIB)
standin: $(STANDIN_BIN) ## build the stand-in cluster
unit-programs: $(UNIT_BIN) helpers
test-programs: unit-programs $(BIN) standin $(DIFF_BIN)

check-unit: ## C unit tests; T=test_json one program, L=expr one layer
	+$(Q)$(IN_TEST_FLAVOUR) run-unit
run-unit: unit-programs
	$(Q)$(RUN_TESTS) $(UNIT_BIN)

check-flow: ## command line tests; T=10-cli one file
	+$(Q)$(IN_TEST_FLAVOUR) run-flow
run-flow: $(BIN) helpers standin $(DIFF_BIN)
	$(Q)$(RUN_TESTS) $(FLOW)

check-diff: deps-test ## generated expressions against another implementation; DIFF_N=100000 DIFF_SEED=7
	+$(Q)$(IN_TEST_FLAVOUR) run-diff
run-diff: $(DIFF_BIN)
	$(Q)$(foreach d,$(DIFF_BIN),node tests/diff/$(notdir $(d:%diff=%)).mjs $(d) &&) :

.PHONY: check run-all
check: deps-test ## install what is missing, build, run every test
	+$(Q)$(IN_TEST_FLAVOUR) run-all
run-all: test-programs
	$(Q)$(RUN_TESTS) $(UNIT_BIN) $(FLOW)

.PHONY: check-image
check-image: ## build docker/Dockerfile without a container engine and measure it; root, a Debian mirror, four minutes
	@tests/deps.sh image
	$(Q)tests/image.sh

.PHONY: check-full
check-full: export CPDFLOW_FULL := 1
check-full: check check-image valgrind-fds ## the same with every loop whole that `check` only samples: an hour or more

.PHONY: deps deps-build deps-test deps-lint demo
deps: deps-build ## install what the build needs
deps-build:
	@tests/deps.sh build
deps-test:
	@tests/deps.sh build demo static test
	$(Q)[ tests/tools/node_modules/.package-lock.json -nt tests/tools/package-lock.json ] || \
	    { cd tests/tools && npm ci --loglevel=error >/dev/null; }
deps-lint:
	@tests/deps.sh build test lint

demo: ## run the MLOps recipe against the stand-in cluster
	@tests/deps.sh build demo
	+$(Q)$(MAKE) $(AS_WIDE_AS_THE_MACHINE) all standin
	$(Q)CPDFLOW=build/cpdflow STANDIN_DIR=$(B)/standin tests/standin/demo.sh

# The text that holds the shell chain of before, of which the cassettes of the pipeline are the recordings too.
SEED_CHAIN ?= ../shared/reference/seed-pipeline.txt

.PHONY: fixtures
fixtures: all standin ## record the fixtures of all recipes anew
	tests/standin/record.sh recipes/mlops.yaml fixtures/mlops
	tests/standin/record.sh recipes/mlops-cpd30.yaml fixtures/mlops-cpd30
	tests/standin/record-library.sh
	tests/chain/record.sh $(SEED_CHAIN) $$(tests/chain/cases.sh | cut -d' ' -f1)

.PHONY: pictures
pictures: all standin ## the README's pictures anew: fixtures/pictures (chromium, tmux, node)
	$(Q)STANDIN_DIR=$(CURDIR)/$(B)/standin tests/pictures.sh

# ---- lint ---------------------------------------------------------------------------------------
# Each step is kept clean; nothing is a warning. Slow ones leave a stamp per file.
C_FILES  := $(wildcard src/*/*.[ch] include/*.h include/*/*.h)
T_FILES  := $(wildcard tests/*/*.[ch] tests/*/*/*.[ch])
SH_FILES := $(wildcard .ci/run tests/*.sh tests/*/*.sh docker/*.sh)
BATS_FILES := $(wildcard tests/flow/*.bats tests/flow/*.bash)
LINT_AWK := awk -f tests/lint/strip.awk -f

.PHONY: lint format format-check tidy cppcheck shellcheck layers headers banned length symbols analyze
lint: format-check layers banned length headers symbols shellcheck cppcheck tidy ## every static check below

format: ## rewrite the sources in the house's format
	$(Q)clang-format -i $(C_FILES) $(T_FILES)
format-check: ## is all formatted?
	$(call say,LINT,format)
	$(Q)clang-format --dry-run -Werror $(C_FILES) $(T_FILES)

layers: ## includes go down the table in src/LAYERS, without cycles
	$(call say,LINT,layers)
	$(Q)$(LINT_AWK) tests/lint/layers.awk src/LAYERS $(C_FILES)
	$(Q)tests/lint/cycles.sh $(filter %.h,$(C_FILES))

banned: ## calls that the house does not make
	$(call say,LINT,banned)
	$(Q)$(LINT_AWK) tests/lint/banned.awk $(C_FILES)

length: ## no file above 800 lines, no function above 100
	$(call say,LINT,length)
	$(Q)$(LINT_AWK) tests/lint/length.awk $(C_FILES) $(T_FILES) $(SH_FILES)

symbols: $(OBJ) $(MAIN:%.c=$(B)/%.o) ## nothing is public that one file alone uses
	$(call say,LINT,symbols)
	$(Q)[ -n "$(ONLY)" ] || tests/lint/symbols.sh tests/lint/seams $^

HEADERS_OK := $(patsubst %,$(B)/lint/%.ok,$(filter %.h,$(C_FILES)))
headers: $(HEADERS_OK) ## each header compiles alone
-include $(HEADERS_OK:.ok=.d)
$(B)/lint/%.h.ok: %.h $(B)/flags
	$(call say,HEADER,$<)
	$(Q)mkdir -p $(@D) && printf '#include "%s"\nextern int not_empty;\n' $< | $(CC) $(BASE_CFLAGS) $(WARN) \
	    -I. $(PKG_CFLAGS) -O2 -MMD -MP -MF $(@:.ok=.d) -MT $@ -x c -c -o /dev/null - && touch $@

TIDY_OK := $(patsubst %,$(B)/lint/%.tidy,$(SRC) $(MAIN))
tidy: $(TIDY_OK) ## clang-tidy, only over what changed
$(B)/lint/%.c.tidy: $(B)/%.o .clang-tidy tests/lint/analyzer.h
	$(call say,TIDY,$*.c)
	$(Q)mkdir -p $(@D) && clang-tidy --quiet $*.c -- $(BASE_CFLAGS) $(PKG_CFLAGS) \
	    $(if $(filter src/base/err,$*),,-include tests/lint/analyzer.h) 2>$@.log || { cat $@.log; exit 1; }
	@touch $@

# The two suppressed checks misread calls through pointers and functions of other files; compilers know better.
cppcheck: ## cppcheck over the sources
	$(call say,LINT,cppcheck)
	$(Q)[ -n "$(SRC)" ] || exit 0; mkdir -p $(B)/lint/cppcheck && cppcheck --quiet --std=c11 --language=c -j2 -Iinclude -D_GNU_SOURCE \
	    --enable=warning,performance,portability --inline-suppr --suppress=missingIncludeSystem \
	    --suppress=returnDanglingLifetime --suppress=CastIntegerToAddressAtReturn \
	    --cppcheck-build-dir=$(B)/lint/cppcheck --error-exitcode=1 $(SRC) $(MAIN)

# bats stops at the first failure (cd, &&), runs each test in a subshell, `load` is not followed, and
# `bash -c '$CPDFLOW …'` is meant as it stands.
BATS_IS_DIFFERENT := SC2015,SC2016,SC2030,SC2031,SC2154,SC2164
shellcheck: ## shellcheck over scripts and bats files
	$(call say,LINT,shellcheck)
	$(Q)shellcheck -x $(SH_FILES)
	$(Q)[ -z "$(BATS_FILES)" ] || shellcheck -e $(BATS_IS_DIFFERENT) $(BATS_FILES)

# Arenas own what gcc takes for leaks; the sanitizer finds the real ones.
ANALYZE_OK := $(patsubst %,$(B)/lint/%.analyzed,$(SRC) $(MAIN))
analyze: $(ANALYZE_OK) ## gcc -fanalyzer: slow, and its findings are to be judged
$(B)/lint/%.c.analyzed: $(B)/%.o
	$(call say,ANALYZE,$*.c)
	$(Q)mkdir -p $(@D) && gcc $(BASE_CFLAGS) $(PKG_CFLAGS) -O2 -fanalyzer -Wno-analyzer-malloc-leak -c -o /dev/null $*.c && touch $@

# ---- other ways to run the tests -----------------------------------------------------------------
.PHONY: asan ubsan valgrind run-valgrind valgrind-fds run-valgrind-fds coverage run-coverage fuzz run-fuzz bench
asan: ## C unit tests with the address sanitizer alone
	+$(Q)$(MAKE) $(AS_WIDE_AS_THE_MACHINE) SANITIZE=address run-unit
ubsan: ## C unit tests with the undefined-behaviour sanitizer alone
	+$(Q)$(MAKE) $(AS_WIDE_AS_THE_MACHINE) SANITIZE=undefined run-unit

valgrind: ## C unit tests of the unsanitized build under valgrind
	+$(Q)$(MAKE) $(AS_WIDE_AS_THE_MACHINE) SANITIZE= run-valgrind
run-valgrind: unit-programs
	$(Q)$(RUN_TESTS) -w "valgrind --quiet --suppressions=$(CURDIR)/tests/valgrind.supp \
	    --leak-check=full --show-leak-kinds=definite,indirect --error-exitcode=99 --child-silent-after-fork=yes" $(UNIT_BIN)

# Programs that close what they open; the others hold libraries' descriptors or hand them to children on purpose.
TRACK_FDS := $(patsubst %,$(B)/tests/unit/%,base/test_file base/test_log event/test_journal proc/test_capture proc/test_loop \
             proc/test_output proc/test_time replay/test_tape)
valgrind-fds: ## units that open files and children, under valgrind: no descriptor left open
	+$(Q)$(MAKE) $(AS_WIDE_AS_THE_MACHINE) SANITIZE= run-valgrind-fds
run-valgrind-fds: unit-programs
	$(Q)$(RUN_TESTS) -w tests/lint/fds.sh $(TRACK_FDS)

coverage: ## lines that the tests reach, file by file
	+$(Q)$(MAKE) $(AS_WIDE_AS_THE_MACHINE) SANITIZE= COVERAGE=1 run-coverage
run-coverage: test-programs
	$(Q)find $(B) -name '*.gcda' -delete
	$(Q)$(RUN_TESTS) $(UNIT_BIN) $(FLOW) || echo "these lines count all the same"
	$(Q)gcov -n $(SRC:%.c=$(B)/%.gcda) 2>/dev/null | awk -f tests/lint/coverage.awk

FUZZ_SECONDS ?= 60
FUZZ_SRC := $(wildcard tests/fuzz/$(or $(T),fuzz_*).c)
FUZZ_BIN := $(FUZZ_SRC:%.c=$(B)/%)
-include $(FUZZ_BIN:=.d)
fuzz: ## every fuzz target for FUZZ_SECONDS each; T=fuzz_json one of them
	+$(Q)$(MAKE) $(AS_WIDE_AS_THE_MACHINE) CC=clang SANITIZE=fuzzer-no-link,address,undefined run-fuzz
run-fuzz: $(FUZZ_BIN)
	$(Q)broken=0; for f in $(FUZZ_BIN); do tests/fuzz/run.sh $$f $(FUZZ_SECONDS) || broken=1; done; exit $$broken
$(B)/tests/fuzz/%: $(B)/tests/fuzz/%.o $(LIB)
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -fsanitize=fuzzer -o $@ $^ $(ALL_LIBS)

BENCH_BIN := $(patsubst tests/bench/%.c,$(B)/tests/bench/%,$(wildcard tests/bench/*.c))
-include $(BENCH_BIN:=.d)
$(B)/tests/bench/%: $(B)/tests/bench/%.o $(LIB)
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(ALL_LIBS)
bench: all standin helpers $(BENCH_BIN) ## benchmarks, each beside its baseline; T=values one of them
	$(Q)CPDFLOW=$(B)/cpdflow STANDIN_DIR=$(B)/standin BENCH_DIR=$(B)/tests/bench HELPER_DIR=$(B)/helper tests/bench/run.sh $(T)

# ---- install, release ----------------------------------------------------------------------------
RECIPES := $(shell find recipes -type f 2>/dev/null)
SCHEMA  := $(wildcard src/report/*.schema.json)
MAN     := $(wildcard src/cpdflow.1)
VERSION  = $(shell sed -n 's/^.define CPDFLOW_VERSION "\(.*\)"/\1/p' include/base/version.h)

# shell:file; each is what `cpdflow completion SHELL` prints.
COMPLETIONS := bash:$(PREFIX)/share/bash-completion/completions/cpdflow \
               zsh:$(PREFIX)/share/zsh/site-functions/_cpdflow \
               fish:$(PREFIX)/share/fish/vendor_completions.d/cpdflow.fish

.PHONY: manpage
manpage: all ## write src/cpdflow.1 anew from what the commands say of themselves
	$(Q)node tests/tools/manpage.mjs $(BIN) >$(B)/cpdflow.1 && mv $(B)/cpdflow.1 src/cpdflow.1

.PHONY: schema
schema: all ## write the schemas in recipes/ anew, by which editors know what recipes and their tests hold
	$(Q)$(BIN) schema >recipes/cpdflow.schema.json
	$(Q)$(BIN) schema test >recipes/cpdflow-test.schema.json

.PHONY: install uninstall static dist clean help
install: all ## to PREFIX, BINDIR, MANDIR, DATADIR under DESTDIR
	$(Q)install -d $(DESTDIR)$(BINDIR) && install -m 755 $(BIN) $(DESTDIR)$(BINDIR)/cpdflow
	$(Q)set -e; for f in $(MAN); do install -d $(DESTDIR)$(MANDIR)/man1; install -m 644 $$f $(DESTDIR)$(MANDIR)/man1; done
	$(Q)install -d $(DESTDIR)$(DATADIR) && install -m 644 $(SCHEMA) $(DESTDIR)$(DATADIR)
	$(Q)set -e; for f in $(RECIPES); do \
	    install -d $(DESTDIR)$(DATADIR)/$${f%/*}; install -m 644 $$f $(DESTDIR)$(DATADIR)/$$f; done
	$(Q)set -e; for c in $(COMPLETIONS); do f=$(DESTDIR)$${c#*:}; \
	    install -d $${f%/*}; $(BIN) completion $${c%%:*} >$$f; chmod 644 $$f; done

uninstall: ## take away what install put there
	$(Q)rm -f $(DESTDIR)$(BINDIR)/cpdflow $(DESTDIR)$(MANDIR)/man1/cpdflow.1
	$(Q)rm -f $(addprefix $(DESTDIR)$(DATADIR)/,$(notdir $(SCHEMA))) $(RECIPES:%=$(DESTDIR)$(DATADIR)/%) $(foreach c,$(COMPLETIONS),$(DESTDIR)$(lastword $(subst :, ,$(c))))
	$(Q)[ ! -d $(DESTDIR)$(DATADIR) ] || find $(DESTDIR)$(DATADIR) -depth -type d -empty -delete

static: ## build/cpdflow-static, one file that runs on any Linux of this processor
	@tests/deps.sh build static
	+$(Q)$(MAKE) $(AS_WIDE_AS_THE_MACHINE) STATIC=1 build/cpdflow-static
build/cpdflow-static: $(B)/cpdflow
	$(Q)strip -o $@ $<

dist: ## build/cpdflow-VERSION.tar.gz of the last commit
	$(Q)mkdir -p build && git archive --prefix=cpdflow-$(VERSION)/ -o build/cpdflow-$(VERSION).tar.gz HEAD

clean: ## remove everything that was built
	$(Q)rm -rf build

help: ## this list
	@sed -n 's/^\([a-z][a-z-]*\):.*## \(.*\)/\1|\2/p' Makefile | awk -F'|' '{ printf "  %-14s %s\n", $$1, $$2 }'
