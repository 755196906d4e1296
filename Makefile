# The user's commands; CMakePresets.json has the build's own.
#   make quickstart   set up, build, train SmolLM2-135M with TEMPO on sums, about 5 minutes of training on 2 cores
#   make test         set up, build everything, run every test
#   make build        set up and build the programs
#   make install      install programs, libraries and headers below PREFIX (default /usr/local)
#   make format       format the C++ sources
#   make clean        remove the build (not .deps, which holds what was fetched)
# TEMPO_TORCH=DIR uses your own libtorch.

SHELL := /bin/bash
PRESET ?= release
BUILD := build/$(PRESET)
PREFIX ?= /usr/local
PROGRAMS := tempo-train tempo-eval tempo-sample tempo-tree tempo-verify
LAUNCHER := $(shell command -v ccache)
CONFIGURE := cmake --preset $(PRESET) $(if $(TEMPO_TORCH),-DTEMPO_TORCH=$(abspath $(TEMPO_TORCH))) \
  $(if $(CI),-DTEMPO_WERROR=ON) $(if $(LAUNCHER),-DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
export TEMPO_TORCH
# Threads that wait give the core back soon, so that other work on the machine does not stall runs and tests.
export GOMP_SPINCOUNT ?= 5000

.PHONY: help quickstart test build install format clean setup
help:
	@sed -n '2,8s/^# \{0,1\}//p' Makefile

setup:
	@scripts/setup.sh

build: setup
	@$(CONFIGURE) --log-level=WARNING
	@cmake --build $(BUILD) --target $(PROGRAMS)

quickstart: build
	@$(BUILD)/bin/tempo-train examples/quickstart.yaml

test: setup
	@$(CONFIGURE) --log-level=WARNING
	@cmake --build $(BUILD)
	@ctest --test-dir $(BUILD) --output-on-failure --parallel 3

install: build
	@cmake --install $(BUILD) --prefix $(PREFIX)

format:
	@scripts/format.sh

clean:
	@rm -rf build
