# hostaudit. Everything that is made goes under build/.
#   make            the program            make STATIC=1   the same, without any shared library
#   make check      all tests              make ASAN=1     the same, with sanitizers
#   make quick      the fast ones          make CC=clang   the same, by another compiler
#   make demo       a run on this machine  make bench      figures
#   make lint       style, layers, manual  make TSAN=1     the same, with threads watched
#   make fuzz       the parsers        SECONDS=60      so long for each of them
#   make format     lays out the sources
#   make install    prefix=… DESTDIR=…     make V=1        shows each command

VERSION := 0.1.0
STATIC  ?=
ASAN    ?=
TSAN    ?=
FUZZ    ?=
V       ?=

ifeq ($(origin CC),default)
CC := gcc
endif

# Each kind of build has its own directory, so that one does not undo another.
ifneq ($(FUZZ),)
CC := clang
BUILD := build/fuzz
CFLAGS := -O1 -g -fno-omit-frame-pointer -fno-sanitize-recover=all \
	-fsanitize=fuzzer-no-link,address,undefined
ASAN := 1
else ifneq ($(ASAN),)
BUILD  ?= build/asan
CFLAGS ?= -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
else ifneq ($(TSAN),)
BUILD  ?= build/tsan
CFLAGS ?= -O1 -g -fsanitize=thread -fno-omit-frame-pointer
else ifneq ($(STATIC),)
BUILD  ?= build/static
else ifneq ($(CC),gcc)
BUILD  ?= build/$(notdir $(CC))
endif
BUILD  ?= build
CFLAGS ?= -O2 -g

prefix  ?= /usr/local
bindir  ?= $(prefix)/bin
datadir ?= $(prefix)/lib/hostaudit
mandir  ?= $(prefix)/share/man
docdir  ?= $(prefix)/share/doc/hostaudit

WARNINGS := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith \
	-Wvla -Wwrite-strings -Wformat=2 -Wundef -Wimplicit-fallthrough
ifeq ($(CI),true)
WARNINGS += -Werror
endif
HARDENING := $(if $(ASAN)$(TSAN),,-D_FORTIFY_SOURCE=2 -fstack-protector-strong)

# Libraries that may be missing: each touches exactly one file, which tells what it cannot see.
ifeq ($(STATIC),)
OPTIONAL := -DWITH_LIBMOUNT=1 -DWITH_SDBUS=1 -DWITH_LIBUDEV=1
LIBS     := -Wl,-Bstatic -linih -lz -lsodium -lseccomp -laudit -lyaml -Wl,-Bdynamic -lmount -ludev
LINKING  := -Wl,-z,relro,-z,now
else
OPTIONAL :=
LIBS     := -linih -lz -lsodium -lseccomp -laudit -lyaml
LINKING  := -static
endif

HA_CFLAGS := -std=gnu11 -D_GNU_SOURCE -pthread -Isrc -DVERSION='"$(VERSION)"' \
	-DDATADIR='"$(datadir)"' $(OPTIONAL) $(WARNINGS) $(HARDENING) -MMD -MP

ROOMS := cmd cli reports fix intents audit policy probes host judge guard base
SOURCES := $(sort $(wildcard src/*.c $(ROOMS:%=src/%/*.c) src/host/*/*.c))
LISTS := probes reports commands intents intent_names
OBJECTS := $(SOURCES:src/%.c=$(BUILD)/%.o) $(LISTS:%=$(BUILD)/gen/%.o)

ifneq ($(V),)
Q :=
say = @:
else ifneq ($(findstring s,$(firstword -$(MAKEFLAGS))),)
Q := @
say = @:
else
Q := @
say = @printf '  %-4s %s\n'
endif

all: $(BUILD)/hostaudit

$(BUILD)/hostaudit: $(OBJECTS)
	$(say) LINK $@
	$(Q)$(CC) -pthread $(CFLAGS) $(LDFLAGS) $(LINKING) -o $@ $(OBJECTS) $(LIBS)

$(BUILD)/%.o: src/%.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(say) CC $<
	$(Q)$(CC) $(HA_CFLAGS) $(CFLAGS) -c -o $@ $<

$(BUILD)/gen/%.o: $(BUILD)/gen/%.c $(BUILD)/flags
	$(Q)$(CC) $(HA_CFLAGS) $(CFLAGS) -c -o $@ $<

# A file that is only written when what goes into it changes.
replace = if cmp -s $@ $@.new; then rm $@.new; else mv $@.new $@; fi

# Other flags, other objects.
$(BUILD)/flags: FORCE
	@mkdir -p $(@D)
	@echo '$(CC) $(subst ','\'',$(HA_CFLAGS)) $(CFLAGS)' >$@.new
	@$(replace)

# The lists of probes, reports and commands, from the names of the files in their rooms: adding a
# file builds that file, its list, and the link.
names_in = $(sort $(basename $(notdir $(wildcard src/$(1)/*.c))))
define list
	@mkdir -p $(BUILD)/gen
	@{ echo '#include "$(3)"'; echo '#include <stddef.h>'; \
	for name in $(4); do echo "extern const struct $(1) $(1)_$$name;" | tr - _; done; \
	echo "const struct $(1) *const $(2)[] = {"; \
	for name in $(4); do echo "	&$(1)_$$name," | tr - _; done; \
	echo "	NULL,"; echo "};"; } >$@.new
	@$(replace)
endef
$(BUILD)/gen/probes.c: FORCE
	$(call list,probe,probes,probes/probe.h,$(call names_in,probes))
$(BUILD)/gen/reports.c: FORCE
	$(call list,report,reports,reports/report.h,$(call names_in,reports))
$(BUILD)/gen/commands.c: FORCE
	$(call list,command,commands,cli/command.h,$(call names_in,cmd))
$(BUILD)/gen/intents.c: FORCE
	$(call list,intent,intents,intents/intent.h,$(call names_in,intents))
# Their names alone, for policy/, which knows nothing of them.
$(BUILD)/gen/intent_names.c: FORCE
	@mkdir -p $(BUILD)/gen
	@{ echo '#include "policy/rule.h"'; echo 'const char *const intent_names[] = {'; \
	for name in $(call names_in,intents); do echo "	\"$$name\","; done; \
	echo "	NULL,"; echo "};"; } >$@.new
	@$(replace)

# Unit tests: each tests/unit/test_*.c is a program with all of hostaudit in it but main.
UNITS := $(patsubst tests/%.c,$(BUILD)/%,$(wildcard tests/unit/test_*.c))
units: $(UNITS)
$(BUILD)/unit/%: tests/unit/%.c $(filter-out $(BUILD)/main.o,$(OBJECTS)) $(BUILD)/flags
	@mkdir -p $(@D)
	$(say) UNIT $<
	$(Q)$(CC) $(HA_CFLAGS) -Itests/unit $(CFLAGS) $(LDFLAGS) $(LINKING) -o $@ $< \
		$(filter %.o,$^) -lcmocka $(LIBS)

# Fuzzers, with all of hostaudit in them but main: `make fuzz` builds and runs them.
FUZZERS := $(patsubst tests/%.c,$(BUILD)/%,$(wildcard tests/fuzz/fuzz_*.c))
fuzzers: $(FUZZERS)
$(BUILD)/fuzz/%: tests/fuzz/%.c $(filter-out $(BUILD)/main.o,$(OBJECTS)) $(BUILD)/flags
	@mkdir -p $(@D)
	$(say) FUZZ $<
	$(Q)$(CC) $(HA_CFLAGS) $(CFLAGS) -fsanitize=fuzzer $(LINKING) -o $@ $< $(filter %.o,$^) $(LIBS)
fuzz:
	+@tests/fuzz/run $(SECONDS)

# Small programs that tests need.
TOOLS := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/tools/*.c tests/bench/*.c))
tools: $(TOOLS)
$(BUILD)/tests/%: tests/%.c
	@mkdir -p $(@D)
	$(say) TOOL $<
	$(Q)$(CC) -std=gnu11 -D_GNU_SOURCE $(WARNINGS) -O2 -g -MMD -MP -o $@ $<

# tests/run builds what it is going to run.
check: setup
	+@tests/run
quick:
	+@tests/run --quick
demo: setup
	+@tests/demo/run
bench:
	+@tests/setup build bench
	+@tests/bench/run
	+@tests/bench/walk
	+@tests/bench/containers.py
lint:
	+@tests/setup lint
	+@tests/lint/run
setup:
	+@tests/setup build check lint

format:
	clang-format -i $(wildcard src/*.[ch] src/*/*.[ch] src/host/*/*.[ch] tests/*/*.[ch])

# What a package holds: the program, its manual, its data.
DATA := $(wildcard benchmarks/*.ini os-profiles/*.ini remediations/*.ini)
install: all
	install -d $(DESTDIR)$(bindir) $(DESTDIR)$(datadir) $(DESTDIR)$(docdir)
	install -m 755 $(BUILD)/hostaudit $(DESTDIR)$(bindir)/hostaudit
	install -m 644 LICENSE README.md $(DESTDIR)$(docdir)/
	install -m 644 $(wildcard man/*.json) $(DESTDIR)$(datadir)/
	for file in $(DATA); do \
		install -D -m 644 $$file $(DESTDIR)$(datadir)/$$file || exit 1; done
	for page in $(wildcard man/*.[1-9]); do \
		install -D -m 644 $$page $(DESTDIR)$(mandir)/man$${page##*.}/$${page##*/} || exit 1; done

clean:
	rm -rf build

FORCE:
.PHONY: all units tools fuzzers fuzz check quick demo bench lint setup format install clean FORCE
.SECONDARY:
-include $(OBJECTS:.o=.d) $(addsuffix .d,$(UNITS) $(TOOLS))
