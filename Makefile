# SPDX-License-Identifier: MIT
#
#   make            build ./comcert
#   make demo       install what is missing, build, load an emulated device
#   make check      install what is missing, build, run every test; ends with "N passed, N failed"
#   make help       everything else
#
# UI=0 leaves the wizard out, and with it ncurses (and, in the tests, libvterm).
# CFLAGS, CPPFLAGS, LDFLAGS, CC, PREFIX and DESTDIR are yours. V=1 shows whole commands, WERROR=1 makes
# warnings errors.

PREFIX  ?= /usr/local
BINDIR  ?= $(PREFIX)/bin
MANDIR  ?= $(PREFIX)/share/man
COMPDIR ?= $(PREFIX)/share/bash-completion/completions
CFLAGS  ?= -O2 -g
PKG_CONFIG ?= pkg-config
V ?= 0
WERROR ?= 0
UI ?= 1
LEAKS ?= 1

VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo 0.1.0)

LIBS      := libserialport libssl libcrypto libconfig jansson libmosquitto
TEST_LIBS := cmocka
UI_TEST_LIBS :=
ifneq ($(UI),0)
LIBS += ncursesw
UI_TEST_LIBS += vterm
endif

# A variant is a set of flags with a folder of its own for objects (O) and what is linked from them (B):
# make check VARIANT=asan. UI=0 links the same objects, all but main's, without the wizard's.
VARIANT ?= release
FLAGS_release  := -D_FORTIFY_SOURCE=2
FLAGS_asan     := -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
FLAGS_coverage := --coverage -O0
CC_NAME := $(notdir $(firstword $(CC)))
O := build/$(VARIANT)-$(CC_NAME)
B := $(O)$(if $(filter 0,$(UI)),-noui)

WARN := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wvla \
        -Wformat=2 -Wpointer-arith -Wundef
ifeq ($(WERROR),1)
WARN += -Werror
endif

# What the code needs whatever the user's flags are.
OUR_CPPFLAGS = -D_GNU_SOURCE -Isrc $(UI_CPPFLAGS) $(PKG_CFLAGS)
OUR_CFLAGS   = -std=c11 $(WARN) -fPIE -fstack-protector-strong $(FLAGS_$(VARIANT))
OUR_LDFLAGS  = -pie -Wl,-z,relro,-z,now $(FLAGS_$(VARIANT))

# Asked only when something is built: "make deps" must work before they exist.
PKG_CFLAGS  = $(eval PKG_CFLAGS := $$(shell $(PKG_CONFIG) --cflags $(LIBS)))$(PKG_CFLAGS)
PKG_LIBS    = $(eval PKG_LIBS := $$(shell $(PKG_CONFIG) --libs $(LIBS)) -lcsv)$(PKG_LIBS)

# libcsv comes without a pkg-config file: whether it is there, its header tells.
HAVE_CSV = echo '\#include <csv.h>' | $(CC) $(CPPFLAGS) $(CFLAGS) -E -x c - >/dev/null 2>&1

ROOMS := base pki job device port run broker cmd
SRC   := $(sort $(foreach r,$(ROOMS),$(wildcard src/$(r)/*.c)))
ifneq ($(UI),0)
SRC   += $(sort $(wildcard ui/*.c))
UI_CPPFLAGS := -I.
endif
GEN   := $(O)/gen/roots.c $(O)/gen/profiles.c $(O)/gen/demo.c
OBJ   := $(SRC:%.c=$(O)/%.o) $(GEN:%.c=%.o)
LIB   := $(B)/libcomcert.a
UNIT  := $(patsubst tests/unit/%.c,%,$(sort $(wildcard tests/unit/test_*.c)))
UNIT_BIN := $(UNIT:%=$(B)/tests/%)
UNIT_HELP := $(patsubst %.c,$(O)/%.o,$(filter-out $(wildcard tests/unit/test_*.c),$(wildcard tests/unit/*.c)))

# The wizard's tests drive the real binary in a terminal's model. Beside them stand programs that run
# for longer or make pictures; all of them share the other files of the folder.
ifneq ($(UI),0)
UI_PROGRAMS := monkey screens
UI_TESTS    := $(patsubst tests/ui/%.c,%,$(sort $(wildcard tests/ui/test_*.c)))
UI_HELP     := $(patsubst %.c,$(O)/%.o,$(filter-out $(UI_TESTS:%=tests/ui/%.c) $(UI_PROGRAMS:%=tests/ui/%.c),$(wildcard tests/ui/*.c)))
UI_TEST_BIN := $(UI_TESTS:%=$(B)/tests/ui/%)
UI_BIN      := $(UI_TEST_BIN) $(UI_PROGRAMS:%=$(B)/tests/ui/%)
endif

ifeq ($(V),1)
Q :=
say = @:
else
Q := @
say = @printf '  %-5s %s\n'
endif

.DEFAULT_GOAL := all
.SUFFIXES:
.SECONDARY:
.PHONY: all
all: comcert

# By rename: a copy that is running (an emulated device) is left alone.
comcert: $(B)/comcert
	$(Q)cp $< $@.new && mv $@.new $@

$(B)/comcert: $(B)/main.o $(LIB)
	$(say) LINK $@
	$(Q)$(CC) $(OUR_LDFLAGS) $(LDFLAGS) -o $@ $^ $(PKG_LIBS)

$(LIB): $(OBJ)
	$(say) AR $@
	$(Q)mkdir -p $(@D) && rm -f $@ && ar rcs $@ $^

$(O)/%.o: %.c | need-libs
	$(say) CC $<
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(OUR_CPPFLAGS) $(CPPFLAGS) $(CFLAGS) $(OUR_CFLAGS) -MMD -MP -c -o $@ $<

$(B)/main.o: src/main.c | need-libs
	$(say) CC $<
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(OUR_CPPFLAGS) $(CPPFLAGS) $(CFLAGS) $(OUR_CFLAGS) -MMD -MP -c -o $@ $<

$(O)/gen/%.o: $(O)/gen/%.c | need-libs
	$(say) CC $<
	$(Q)$(CC) $(OUR_CPPFLAGS) $(CPPFLAGS) $(CFLAGS) $(OUR_CFLAGS) -Wno-overlength-strings -c -o $@ $<

$(O)/gen/roots.c: $(sort $(wildcard src/pki/roots/*.pem)) src/embed.awk
	$(Q)mkdir -p $(@D)
	$(Q)awk -v table=embedded_roots -f src/embed.awk $(filter %.pem,$^) > $@

$(O)/gen/profiles.c: $(sort $(wildcard src/profiles/*.cfg)) src/embed.awk
	$(Q)mkdir -p $(@D)
	$(Q)awk -v table=embedded_profiles -f src/embed.awk $(filter %.cfg,$^) > $@

$(O)/gen/demo.c: $(sort $(wildcard src/cmd/demo/*.pem)) src/embed.awk
	$(Q)mkdir -p $(@D)
	$(Q)awk -v table=embedded_demo -f src/embed.awk $(filter %.pem,$^) > $@

# The version is compiled into one file only, anew when it changes.
VERSION_SEEN := $(shell mkdir -p $(O) && { echo '$(VERSION)' | cmp -s - $(O)/version || echo '$(VERSION)' > $(O)/version; })
$(O)/src/cmd/version.o: $(O)/version
$(O)/src/cmd/version.o: OUR_CPPFLAGS += -DCOMCERT_VERSION='"$(VERSION)"'

ifneq ($(UI),0)
$(B)/main.o: OUR_CPPFLAGS += -DWITH_UI
endif

# --- what has to be installed ------------------------------------------------------------------

# Says in one line what is missing instead of a page of compiler errors.
.PHONY: need-libs
need-libs:
	@{ $(PKG_CONFIG) --exists $(LIBS) 2>/dev/null && $(HAVE_CSV); } || { \
	  echo "comcert needs $(LIBS) (with pkg-config) and libcsv. 'make deps' installs them."; exit 1; }

.PHONY: deps
deps:
	@PKG_CONFIG='$(PKG_CONFIG)' CC='$(CC)' VARIANT='$(VARIANT)' tests/deps.sh build $(LIBS) csv.h

.PHONY: deps-check
deps-check:
	@PKG_CONFIG='$(PKG_CONFIG)' CC='$(CC)' VARIANT='$(VARIANT)' tests/deps.sh check $(LIBS) csv.h $(TEST_LIBS) $(UI_TEST_LIBS)

# --- running it --------------------------------------------------------------------------------

.PHONY: demo
demo: deps
	$(Q)$(MAKE) --no-print-directory all
	./comcert demo

.PHONY: check
check: deps-check
	$(Q)$(MAKE) --no-print-directory check-only

.PHONY: check-only
check-only: comcert-for-tests $(UNIT_BIN) $(UI_BIN)
	@$(TEST_ENV) CC='$(CC)' MONKEY='$(MONKEY)' LEAKS='$(LEAKS)' tests/run.sh $(UNIT_BIN) $(UI_TEST_BIN)

# Without the command line's tests and the wizard's, which take most of the time.
.PHONY: check-unit
check-unit: deps-check
	$(Q)$(MAKE) --no-print-directory check-unit-only
.PHONY: check-unit-only
check-unit-only: comcert-for-tests $(UNIT_BIN)
	@$(TEST_ENV) CC='$(CC)' E2E=0 tests/run.sh $(UNIT_BIN)

TEST_ENV := COMCERT=$(CURDIR)/$(B)/comcert BUILD=$(CURDIR)/$(B)

MONKEY = $(filter %/monkey,$(UI_BIN))

# The tests use the variant's own binary; ./comcert stays what "make" built.
.PHONY: comcert-for-tests
comcert-for-tests: $(B)/comcert

$(B)/tests/%: $(O)/tests/unit/%.o $(UNIT_HELP) $(LIB)
	$(say) LINK $@
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(OUR_LDFLAGS) $(LDFLAGS) -o $@ $^ $(PKG_LIBS) $(shell $(PKG_CONFIG) --libs $(TEST_LIBS)) -lutil

$(O)/tests/unit/%.o: OUR_CPPFLAGS += -Itests/unit

$(UI_BIN): $(B)/tests/ui/%: $(O)/tests/ui/%.o $(UI_HELP) $(LIB)
	$(say) LINK $@
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(OUR_LDFLAGS) $(LDFLAGS) -o $@ $^ $(PKG_LIBS) $(shell $(PKG_CONFIG) --libs $(TEST_LIBS) $(UI_TEST_LIBS)) -lutil

$(O)/tests/ui/%.o: OUR_CPPFLAGS += -Itests/ui

# A minute of random keys, pastes, clicks and resizes. Prints its seed; SEED=N repeats.
.PHONY: monkey monkey-only
monkey: deps-check
	$(Q)$(MAKE) --no-print-directory monkey-only VARIANT=asan
monkey-only: comcert-for-tests $(B)/tests/ui/monkey
	@mkdir -p $(B)/log
	@$(TEST_ENV) tests/ui/monkey.sh $(B)/tests/ui/monkey 60 $(SEED) -- $(CURDIR)/$(B)/comcert

# Pictures of the wizard for the README.
.PHONY: screens
screens: comcert-for-tests $(B)/tests/ui/screens
	$(Q)mkdir -p fixtures/screens
	$(Q)$(TEST_ENV) $(B)/tests/ui/screens fixtures/screens

.PHONY: check-asan
check-asan:
	$(Q)$(MAKE) --no-print-directory check VARIANT=asan

.PHONY: check-usb
check-usb: all
	tests/usb/run.sh

.PHONY: check-headers
check-headers:
	$(Q)for h in $$(ls src/*/*.h $(if $(filter 0,$(UI)),,ui/*.h) 2>/dev/null); do \
	  printf '#include "%s"\ntypedef int not_empty;\n' "$${h#src/}" | $(CC) $(OUR_CPPFLAGS) $(OUR_CFLAGS) -Werror -fsyntax-only -x c - || exit 1; done

.PHONY: bench
bench: all
	tests/bench/run.sh

.PHONY: coverage
coverage:
	$(Q)$(MAKE) --no-print-directory check VARIANT=coverage
	@tests/coverage.sh $(subst /$(VARIANT)-,/coverage-,$(B))

.PHONY: fmt
fmt:
	clang-format -i $$(git ls-files '*.c' '*.h')

# --- installing --------------------------------------------------------------------------------

.PHONY: install
install: all
	install -d $(DESTDIR)$(BINDIR) $(DESTDIR)$(MANDIR)/man1 $(DESTDIR)$(COMPDIR)
	install -m 755 comcert $(DESTDIR)$(BINDIR)/comcert
	sed 's/@VERSION@/$(VERSION)/' src/comcert.1 > $(DESTDIR)$(MANDIR)/man1/comcert.1
	chmod 644 $(DESTDIR)$(MANDIR)/man1/comcert.1
	./comcert completion bash > $(DESTDIR)$(COMPDIR)/comcert
	chmod 644 $(DESTDIR)$(COMPDIR)/comcert

.PHONY: uninstall
uninstall:
	rm -f $(DESTDIR)$(BINDIR)/comcert $(DESTDIR)$(MANDIR)/man1/comcert.1 $(DESTDIR)$(COMPDIR)/comcert

.PHONY: clean
clean:
	rm -rf build comcert

.PHONY: help
help:
	@echo "make                build ./comcert (CFLAGS, LDFLAGS, CC as usual)"
	@echo "make deps           install the libraries it needs"
	@echo "make demo           install, build, load an emulated device"
	@echo "make check          install, build, run every test   (CC=clang, VARIANT=asan, UI=0)"
	@echo "make check-unit     the unit tests alone"
	@echo "make check-asan     the same under AddressSanitizer and UndefinedBehaviorSanitizer (LEAKS=0: sooner)"
	@echo "make check-usb      one load through the kernel's own ftdi_sio, in a virtual machine"
	@echo "make monkey         a minute of random keys against the wizard (SEED=N repeats)"
	@echo "make screens        pictures of the wizard into fixtures/screens"
	@echo "make check-headers  every header compiles alone"
	@echo "make bench          measure against what people use today"
	@echo "make coverage       line coverage of src/ by the tests"
	@echo "make install        PREFIX=$(PREFIX) DESTDIR=$(DESTDIR)   (uninstall, clean, fmt)"

-include $(OBJ:.o=.d) $(B)/main.d $(UNIT:%=$(O)/tests/unit/%.d) $(UNIT_HELP:.o=.d) \
  $(UI_HELP:.o=.d) $(UI_BIN:$(B)/%=$(O)/%.d)
