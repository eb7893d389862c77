# Every job of this tree, by one name. `make help` lists them.

SHELL := /bin/bash
PREFIX ?= /usr/local
DESTDIR ?=
SEED ?= 1
TARGET ?= procfile
DURATION ?= 60
JOBS ?= $(shell nproc)

.PHONY: all run test test-long quick format tidy lint sim mutants fuzz bench bench-growth bench-peers bench-plots order rewrite install package clean help
.DEFAULT_GOAL := all

all:  ## build reeve into build/release/: programs in bin/, personalities in compat/
	@tools/install_packages build
	@cmake --preset release > /dev/null
	@ninja -C build/release -j $(JOBS) programs

run: all  ## the demo: examples/shop under reeve, until Ctrl-C
	@tools/demo build/release/bin

test:  ## everything that a change has to pass (CONTRIBUTING.md, "The budget")
	@tools/install_packages build test
	@tools/test all

test-long:  ## test, the long runs, and the fuzzers
	@tools/install_packages build test long
	@tools/test long

quick:  ## what every commit has to pass: checks and unit tests
	@tools/install_packages build test
	@tools/test quick

format:  ## format every C++ file
	@tools/install_packages test
	@tools/format

tidy:  ## the rules of STYLE.md and the include table, without building
	@tools/check_layers
	@tools/tidy

lint:  ## clang-tidy over every source file (minutes; make test-long does it too)
	@tools/install_packages build test
	@cmake --preset dev > /dev/null
	@tools/clang_tidy build/dev

sim:  ## run the simulator with SEED=n and print what happens
	@tools/install_packages build test
	@cmake --preset dev > /dev/null
	@ninja -C build/dev -j $(JOBS) sim_runner
	@build/dev/bin/sim_runner --seed $(SEED)

mutants:  ## plant each bug of tests/sim/mutants, and see it caught
	@tools/install_packages build test
	@tools/mutants

fuzz:  ## run the fuzzer TARGET=procfile|http|journal|… (fuzz/*_fuzz.cc) for DURATION=60
	@tools/install_packages build test
	@cmake --preset fuzz > /dev/null
	@ninja -C build/fuzz -j $(JOBS) fuzz_$(TARGET)
	@mkdir -p build/fuzz/corpus/$(TARGET)
	@build/fuzz/bin/fuzz_$(TARGET) -max_total_time=$(DURATION) -max_len=8192 \
	    -artifact_prefix=build/fuzz/$(TARGET)- \
	    build/fuzz/corpus/$(TARGET) fuzz/corpus/$(TARGET) tests/golden/procfile

bench: all  ## measure reeve beside the least that can be done (docs/benchmarks.md)
	@bench/bench.py

bench-growth: all  ## the same with 10 to 5,000 services, and with a memory limit
	@bench/bench.py --growth

bench-peers:  ## measure the other supervisors, which it installs, in the same way
	@tools/install_packages build peers
	@bench/install_pm2
	@bench/bench.py --peers all

bench-plots:  ## draw what both have measured (docs/benchmarks/*.svg)
	@tools/install_packages plots
	@bench/bench.py --plots

order: all  ## write cmake/function_order.ld anew, when much has changed (decision 0021)
	@tools/order_functions

rewrite:  ## write golden and scenario files and the reference page anew; read the difference then
	@tools/install_packages build test
	@cmake --preset dev > /dev/null
	@ninja -C build/dev -j $(JOBS)
	@REWRITE=1 ctest --test-dir build/dev -L 'golden|scenario' > /dev/null
	@REWRITE=1 ctest --test-dir build/dev -R TheReferencePage > /dev/null
	@git --no-pager diff --stat -- tests docs

package: all  ## a Debian package: build/release/reeve_VERSION_ARCH.deb
	@tools/install_packages package
	@cd build/release && cpack -G DEB

install: all  ## install below PREFIX (and DESTDIR)
	@DESTDIR="$(DESTDIR)" cmake --install build/release --strip --prefix "$(PREFIX)"

clean:  ## remove build/
	@rm -rf build

help:  ## this list
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' Makefile | expand -t 20
