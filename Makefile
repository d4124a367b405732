# hostaudit. Everything that is made goes under build/.
#   make            the program            make STATIC=1   the same, without any shared library
#   make check      all tests              make lint       style, layers, manual pages
#   make demo       a run on this machine  make bench      figures

VERSION := 0.1.0
BUILD   ?= build
CC      ?= gcc
CFLAGS  ?= -O2 -g
STATIC  ?=

prefix    ?= /usr/local
bindir    ?= $(prefix)/bin
datadir   ?= $(prefix)/lib/hostaudit
mandir    ?= $(prefix)/share/man

WARNINGS := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith \
	-Wvla -Wwrite-strings -Wformat=2 -Wundef -Wimplicit-fallthrough
HARDENING := -D_FORTIFY_SOURCE=2 -fstack-protector-strong
HA_CFLAGS := -std=gnu11 -D_GNU_SOURCE -Isrc -DVERSION='"$(VERSION)"' -DDATADIR='"$(datadir)"' \
	$(WARNINGS) $(HARDENING) -MMD -MP

ROOMS := cmd cli policy host probes judge audit reports base
SOURCES := $(sort $(wildcard src/*.c $(ROOMS:%=src/%/*.c)))
LISTS := probes reports commands
OBJECTS := $(SOURCES:src/%.c=$(BUILD)/%.o) $(LISTS:%=$(BUILD)/gen/%.o)

LIBS := -Wl,-Bstatic -linih -lz -lsodium -Wl,-Bdynamic -lmount

all: $(BUILD)/hostaudit

$(BUILD)/hostaudit: $(OBJECTS)
	@echo "  LINK $@"
	@$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(OBJECTS) $(LIBS)

$(BUILD)/%.o: src/%.c
	@mkdir -p $(@D)
	@echo "  CC   $<"
	@$(CC) $(HA_CFLAGS) $(CFLAGS) -c -o $@ $<

$(BUILD)/gen/%.o: $(BUILD)/gen/%.c
	@$(CC) $(HA_CFLAGS) $(CFLAGS) -c -o $@ $<

# The lists of probes, reports and commands, from the names of the files in their rooms. A list is
# only written when it changes, so that adding a file builds that file, its list, and the link.
names_in = $(sort $(basename $(notdir $(wildcard src/$(1)/*.c))))
define list
	@mkdir -p $(BUILD)/gen
	@{ echo '#include "$(3)"'; echo '#include <stddef.h>'; \
	for name in $(4); do echo "extern const struct $(1) $(1)_$$name;" | tr - _; done; \
	echo "const struct $(1) *const $(2)[] = {"; \
	for name in $(4); do echo "	&$(1)_$$name," | tr - _; done; \
	echo "	NULL,"; echo "};"; } >$@.new
	@if cmp -s $@ $@.new; then rm $@.new; else mv $@.new $@; fi
endef
$(BUILD)/gen/probes.c: FORCE
	$(call list,probe,probes,probes/probe.h,$(call names_in,probes))
$(BUILD)/gen/reports.c: FORCE
	$(call list,report,reports,reports/report.h,$(call names_in,reports))
$(BUILD)/gen/commands.c: FORCE
	$(call list,command,commands,cli/command.h,$(call names_in,cmd))

clean:
	rm -rf $(BUILD)

FORCE:
.PHONY: all clean FORCE
.SECONDARY:
-include $(OBJECTS:.o=.d)
