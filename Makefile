# comesh: the one build file. `make help` lists what it does.
# Variants of the same objects live side by side: build/release (what is installed), build/san
# (ASan, UBSan, failpoints) and build/fuzz (clang's libFuzzer).

.DEFAULT_GOAL := all
MAKEFLAGS     += --no-builtin-rules
.SUFFIXES:

BUILD  ?= build
PREFIX ?= /usr/local
CC     := gcc
CLANG  := clang

include tests/packages.mk

PKG_NAMES := libczmq libzmq libsodium msgpack jansson sqlite3 nettle libxxhash
PKG_CFLAGS = $(shell pkg-config --cflags $(PKG_NAMES) 2>/dev/null)
PKG_LIBS   = $(shell pkg-config --libs $(PKG_NAMES) 2>/dev/null)

WARNINGS := -Wall -Wextra -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
            -Wformat=2 -Wundef -Wvla -Wpointer-arith -Wcast-qual -Wwrite-strings
ifdef CI
WARNINGS += -Werror
endif
HARDENING      := -fstack-protector-strong -fstack-clash-protection -fcf-protection -fPIE
HARDENING_LINK := -pie -Wl,-z,relro,-z,now,-z,noexecstack

VERSION := 0.1.0
BASE_CFLAGS = -std=c11 -D_GNU_SOURCE -DCOMESH_VERSION=\"$(VERSION)\" -g -I. -I$(BUILD)/gen -MMD -MP $(WARNINGS) $(PKG_CFLAGS) $(CFLAGS)

CFLAGS_release := -O2 -D_FORTIFY_SOURCE=2 $(HARDENING)
LDFLAGS_release := $(HARDENING_LINK)
CFLAGS_san := -O1 -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all \
              -DCOMESH_FAILPOINTS
LDFLAGS_san := -fsanitize=address,undefined
CFLAGS_fuzz := -O1 -fno-omit-frame-pointer -fsanitize=fuzzer-no-link,address,undefined \
               -fno-sanitize-recover=all
LDFLAGS_fuzz := -fsanitize=fuzzer,address,undefined
CC_release := $(CC)
CC_san     := $(CC)
CC_fuzz    := $(CLANG)

LIB_SOURCES   := $(wildcard proto/*.c keys/*.c node/*/*.c)
DAEMON_SOURCES := $(wildcard node/*.c)
TOOL_SOURCES  := $(wildcard tools/comesh/*.c)
BENCH_SOURCES := $(wildcard tools/bench/*.c)
UNIT_SOURCES  := $(wildcard tests/unit/*_test.c)
FUZZ_SOURCES  := $(wildcard tests/fuzz/*_fuzz.c)
PROGRAMS      := comeshd $(if $(TOOL_SOURCES),comesh) \
                 $(if $(BENCH_SOURCES),comesh-bench)

# $(1) is the variant.
define variant_rules
$(BUILD)/$(1)/%.o: %.c
	@mkdir -p $$(@D)
	$$(CC_$(1)) $$(BASE_CFLAGS) $$(CFLAGS_$(1)) -c $$< -o $$@
$(BUILD)/$(1)/libcomesh.a: $$(LIB_SOURCES:%.c=$(BUILD)/$(1)/%.o)
	@rm -f $$@
	ar rcs $$@ $$^
$(BUILD)/$(1)/comeshd: $$(DAEMON_SOURCES:%.c=$(BUILD)/$(1)/%.o) $(BUILD)/$(1)/libcomesh.a
	$$(CC_$(1)) $$(LDFLAGS_$(1)) $$^ -o $$@ $$(PKG_LIBS) -lpthread $$(LDFLAGS)
$(BUILD)/$(1)/comesh: $$(TOOL_SOURCES:%.c=$(BUILD)/$(1)/%.o) $(BUILD)/$(1)/libcomesh.a
	$$(CC_$(1)) $$(LDFLAGS_$(1)) $$^ -o $$@ $$(PKG_LIBS) -lpthread $$(LDFLAGS)
$(BUILD)/$(1)/comesh-bench: $$(BENCH_SOURCES:%.c=$(BUILD)/$(1)/%.o) $(BUILD)/$(1)/libcomesh.a
	$$(CC_$(1)) $$(LDFLAGS_$(1)) $$^ -o $$@ $$(PKG_LIBS) -lpthread $$(LDFLAGS)
$(BUILD)/$(1)/unit/%: $(BUILD)/$(1)/tests/unit/%.o $(BUILD)/$(1)/libcomesh.a
	@mkdir -p $$(@D)
	$$(CC_$(1)) $$(LDFLAGS_$(1)) $$^ -o $$@ $$(PKG_LIBS) $$(shell pkg-config --libs check) -lpthread
$(BUILD)/$(1)/fuzz/%: $(BUILD)/$(1)/tests/fuzz/%.o $(BUILD)/$(1)/libcomesh.a
	@mkdir -p $$(@D)
	$$(CC_$(1)) $$(LDFLAGS_$(1)) $$^ -o $$@ $$(PKG_LIBS) -lpthread
endef
$(foreach variant,release san fuzz,$(eval $(call variant_rules,$(variant))))
.PRECIOUS: $(BUILD)/release/%.o $(BUILD)/san/%.o $(BUILD)/fuzz/%.o

.PHONY: all unit unit-san fuzz format tidy clean
all: $(PROGRAMS:%=$(BUILD)/release/%)

T ?= *
UNIT_PICKED = $(patsubst tests/unit/%.c,%,$(wildcard tests/unit/$(T)_test.c))
FUZZ_PICKED = $(patsubst tests/fuzz/%.c,%,$(wildcard tests/fuzz/$(T)_fuzz.c))
FUZZ_SECONDS ?= 10

unit: $(UNIT_PICKED:%=$(BUILD)/release/unit/%)
	@set -e; for test in $^; do $$test; done
unit-san: $(UNIT_PICKED:%=$(BUILD)/san/unit/%)
	@set -e; for test in $^; do $$test; done
fuzz: $(FUZZ_PICKED:%=$(BUILD)/fuzz/fuzz/%)
	@set -e; for target in $^; do echo "== $$target"; \
	    $$target -max_total_time=$(FUZZ_SECONDS) -verbosity=0 -rss_limit_mb=1024 -artifact_prefix=$(BUILD)/; done

F ?= $(LIB_SOURCES) $(TOOL_SOURCES) $(BENCH_SOURCES)
format:
	clang-format -i $(wildcard proto/*.[ch] keys/*.[ch] node/*.[ch] node/*/*.[ch] tools/*/*.[ch] tests/*/*.[ch])
tidy:
	clang-tidy --quiet --warnings-as-errors='*' $(filter %.c,$(F)) -- -std=c11 -D_GNU_SOURCE -I. -I$(BUILD)/gen $(PKG_CFLAGS)
	cppcheck --quiet --std=c11 --enable=warning,performance,portability --inline-suppr \
	    --error-exitcode=1 --suppress=missingInclude -I. $(filter %.c,$(F))

clean:
	rm -rf $(BUILD)

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
