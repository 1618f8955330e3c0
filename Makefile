# comesh: the one build file; `make help` lists what it does.
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

PKG_NAMES := libczmq libzmq libsodium msgpack jansson sqlite3 nettle libxxhash libxml-2.0 libqrencode \
             libmicrohttpd libcurl gnutls
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
GEN_SOURCES   := $(BUILD)/gen/code_lists.c $(BUILD)/gen/menu_texts.c $(BUILD)/gen/word_list.c \
                 $(BUILD)/gen/bridge_texts.c
UNIT_SOURCES  := $(wildcard tests/unit/*_test.c)
FUZZ_SOURCES  := $(wildcard tests/fuzz/*_fuzz.c)
PROGRAMS      := comeshd $(if $(TOOL_SOURCES),comesh) \
                 $(if $(BENCH_SOURCES),comesh-bench)

# A line for each file, the whole command with V=1.
ifdef V
say :=
else
say = @printf '%-5s %s\n' '$(1)' '$(2)';
endif

# $(1) is the variant.
define variant_rules
$(BUILD)/$(1)/%.o: %.c | $(BUILD)/packages-build
	@mkdir -p $$(@D)
	$$(call say,CC,$$@)$$(CC_$(1)) $$(BASE_CFLAGS) $$(CFLAGS_$(1)) -c $$< -o $$@
$(BUILD)/$(1)/libcomesh.a: $$(LIB_SOURCES:%.c=$(BUILD)/$(1)/%.o) $$(GEN_SOURCES:%.c=$(BUILD)/$(1)/%.o)
	@rm -f $$@
	$$(call say,AR,$$@)ar rcs $$@ $$^
$(BUILD)/$(1)/comeshd: $$(DAEMON_SOURCES:%.c=$(BUILD)/$(1)/%.o) $(BUILD)/$(1)/libcomesh.a
	$$(call say,LD,$$@)$$(CC_$(1)) $$(LDFLAGS_$(1)) $$^ -o $$@ $$(PKG_LIBS) -lpthread $$(LDFLAGS)
$(BUILD)/$(1)/comesh: $$(TOOL_SOURCES:%.c=$(BUILD)/$(1)/%.o) $(BUILD)/$(1)/libcomesh.a
	$$(call say,LD,$$@)$$(CC_$(1)) $$(LDFLAGS_$(1)) $$^ -o $$@ $$(PKG_LIBS) -lpthread $$(LDFLAGS)
$(BUILD)/$(1)/comesh-bench: $$(BENCH_SOURCES:%.c=$(BUILD)/$(1)/%.o) $(BUILD)/$(1)/tools/comesh/client.o $(BUILD)/$(1)/libcomesh.a
	$$(call say,LD,$$@)$$(CC_$(1)) $$(LDFLAGS_$(1)) $$^ -o $$@ $$(PKG_LIBS) -lpthread $$(LDFLAGS)
$(BUILD)/$(1)/tests/%.o: tests/%.c | $(BUILD)/packages-check
	@mkdir -p $$(@D)
	$$(call say,CC,$$@)$$(CC_$(1)) $$(BASE_CFLAGS) $$(CFLAGS_$(1)) -c $$< -o $$@
$(BUILD)/$(1)/unit/%: $(BUILD)/$(1)/tests/unit/%.o $(BUILD)/$(1)/libcomesh.a
	@mkdir -p $$(@D)
	$$(call say,LD,$$@)$$(CC_$(1)) $$(LDFLAGS_$(1)) $$^ -o $$@ $$(PKG_LIBS) $$(shell pkg-config --libs check) -lpthread
$(BUILD)/$(1)/fuzz/%: $(BUILD)/$(1)/tests/fuzz/%.o $(BUILD)/$(1)/libcomesh.a
	@mkdir -p $$(@D)
	$$(call say,LD,$$@)$$(CC_$(1)) $$(LDFLAGS_$(1)) $$^ -o $$@ $$(PKG_LIBS) -lpthread
endef
$(foreach variant,release san fuzz,$(eval $(call variant_rules,$(variant))))

# The examples of the OpenAPI document.
OPENAPI_SAMPLES := $(addprefix tests/samples/,kr-id-co.json kr-id-amendment.json \
                   id-kr-cancelation-status.json id-kr-feedback.json)
# Code lists, menus and words are data that people read; the build makes C of them.
$(BUILD)/gen/code_lists.c: proto/lists/lists.awk $(wildcard proto/lists/*.csv)
$(BUILD)/gen/menu_texts.c: GEN_WITH = -v type=menu_text -v header=proto/menu.h
$(BUILD)/gen/menu_texts.c: proto/texts.awk $(wildcard proto/menus/*.menu)
$(BUILD)/gen/word_list.c: keys/words.awk keys/words.txt
$(BUILD)/gen/bridge_texts.c: GEN_WITH = -v type=bridge_text -v header=node/bridge/texts.h
$(BUILD)/gen/bridge_texts.c: proto/texts.awk node/bridge/openapi_schemas.json $(OPENAPI_SAMPLES)
$(GEN_SOURCES):
	@mkdir -p $(@D)
	@LC_ALL=C awk $(GEN_WITH) -f $^ >$@.new && mv $@.new $@
.SECONDARY:

SOURCES := $(wildcard proto/*.[ch] keys/*.[ch] node/*.[ch] node/*/*.[ch] tools/*/*.[ch] tests/*/*.[ch])
C_FILES := $(LIB_SOURCES) $(DAEMON_SOURCES) $(TOOL_SOURCES) $(BENCH_SOURCES)

.PHONY: all deps deps-check demo check bench soak unit unit-san fuzz e2e layers generate generated \
        lists format format-check tidy install clean help
all: $(PROGRAMS:%=$(BUILD)/release/%)

help:
	@echo 'make demo          install what is missing, build, run three parties on loopback, show the result'
	@echo '                   (KEEP=1 leaves the mesh running and says how to stop it)'
	@echo 'make check         install, build, pass every test'
	@echo 'make all           build comeshd, comesh and comesh-bench into $(BUILD)/release'
	@echo 'make install       install them (DESTDIR, PREFIX=$(PREFIX))'
	@echo 'make bench         measure, beside the floor of this machine; writes $(BUILD)/bench.json'
	@echo 'make soak          the long tests: fuzzing for minutes, kills at random, a large store'
	@echo 'make deps          install the Debian packages that building needs'
	@echo 'make unit T=NAME   one unit test (unit-san: under ASan and UBSan); make fuzz T=NAME'
	@echo 'make generate      write schemas and tables again, after a change of the dataset'
	@echo 'make lists         write the ISO code lists again, from the package iso-codes'
	@echo 'make format layers generated format-check tidy clean'

# ---- packages: installed when missing, with sudo when not root ----
deps: $(BUILD)/packages-build
deps-check: $(BUILD)/packages-check
$(BUILD)/packages-build: tests/packages.mk
	@tests/packages.sh $(PACKAGES_BUILD)
	@mkdir -p $(@D) && touch $@
$(BUILD)/packages-check: tests/packages.mk | $(BUILD)/packages-build
	@tests/packages.sh $(PACKAGES_CHECK)
	@mkdir -p $(@D) && touch $@

# From npm, for the tests alone: judges of documents and of the OpenAPI document.
$(BUILD)/npm/installed: tests/packages.mk | $(BUILD)/packages-check
	@mkdir -p $(@D)
	@npm install --silent --no-audit --no-fund --prefix $(@D) $(PACKAGES_NPM)
	@touch $@

# ---- use ----
demo: all
	@KEEP=$(KEEP) BUILD=$(BUILD) tools/demo.sh
bench: all | $(BUILD)/packages-check
	@$(BUILD)/release/comesh-bench --programs $(BUILD)/release --json $(BUILD)/bench.json
	@tools/bench/measure_http.py $(BUILD)
install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/doc/comesh \
	    $(DESTDIR)$(PREFIX)/share/comesh/schema
	install -m 0755 $(BUILD)/release/comeshd $(BUILD)/release/comesh $(DESTDIR)$(PREFIX)/bin
	install -m 0644 README.md LICENSE $(DESTDIR)$(PREFIX)/share/doc/comesh
	install -m 0644 proto/schema/*.json proto/schema/*.xsd $(DESTDIR)$(PREFIX)/share/comesh/schema

# ---- tests ----
T ?= *
UNIT_NAMES := $(patsubst tests/unit/%.c,%,$(UNIT_SOURCES))
FUZZ_NAMES := $(patsubst tests/fuzz/%.c,%,$(FUZZ_SOURCES))
UNIT_PICKED = $(patsubst tests/unit/%.c,%,$(wildcard tests/unit/$(T)_test.c))
FUZZ_PICKED = $(patsubst tests/fuzz/%.c,%,$(wildcard tests/fuzz/$(T)_fuzz.c))
E2E_PICKED = $(sort $(filter tests/e2e/test_%,$(wildcard tests/e2e/$(T).py tests/e2e/test_$(T).py)))
FUZZ_SECONDS ?= 5

unit: $(UNIT_PICKED:%=$(BUILD)/release/unit/%)
	@tests/steps.sh unit $(BUILD)/release/unit $(UNIT_PICKED)
unit-san: $(UNIT_PICKED:%=$(BUILD)/san/unit/%)
	@tests/steps.sh unit $(BUILD)/san/unit $(UNIT_PICKED)
fuzz: $(FUZZ_PICKED:%=$(BUILD)/fuzz/fuzz/%)
	@tests/steps.sh fuzz $(BUILD)/fuzz/fuzz $(FUZZ_SECONDS) $(FUZZ_PICKED)
e2e: all $(BUILD)/san/comeshd $(BUILD)/san/comesh $(BUILD)/npm/installed | $(BUILD)/packages-check
	@tests/steps.sh e2e $(BUILD) $(E2E_PICKED)
layers:
	@tests/layers.sh

# ---- generated from the dataset, and committed: schemas, the tables of proto/README.md ----
generate: $(BUILD)/release/comesh
	@tests/generated.sh write $< $(BUILD)
generated: $(BUILD)/release/comesh
	@tests/generated.sh compare $< $(BUILD)
lists:
	/usr/bin/python3 proto/lists/generate.py

format:
	clang-format -i $(SOURCES)
format-check: | $(BUILD)/packages-check
	@clang-format --dry-run --Werror $(SOURCES)
	@echo "format: $(words $(SOURCES)) files keep the form"
F ?= $(C_FILES)
tidy: | $(BUILD)/packages-check
	@echo $(F) | tr ' ' '\n' | xargs -P 2 -n 4 tests/tidy.sh -std=c11 -D_GNU_SOURCE \
	    -DCOMESH_VERSION='"$(VERSION)"' -I. -I$(BUILD)/gen $(PKG_CFLAGS) --
	@cppcheck --quiet --std=c11 --enable=warning,performance,portability --inline-suppr -j 2 \
	    --error-exitcode=1 --suppress=missingInclude -I. $(F)
	@echo "tidy: $(words $(F)) files pass clang-tidy and cppcheck"

CHECK_PARTS := all $(BUILD)/san/comeshd $(BUILD)/san/comesh \
               $(UNIT_NAMES:%=$(BUILD)/release/unit/%) $(UNIT_NAMES:%=$(BUILD)/san/unit/%) \
               $(FUZZ_NAMES:%=$(BUILD)/fuzz/fuzz/%)
# The objects are made by a second make, so that two are made at a time and warnings are errors.
check: | $(BUILD)/packages-check
	@$(MAKE) --no-print-directory -j2 CI=1 check-parts
	@MAKE='$(MAKE) --no-print-directory CI=1' BUILD=$(BUILD) tests/check.sh
.PHONY: check-parts
check-parts: $(CHECK_PARTS)
soak: check-parts
	@MAKE='$(MAKE) --no-print-directory' BUILD=$(BUILD) tests/soak.sh

clean:
	rm -rf $(BUILD)

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
