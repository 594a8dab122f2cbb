# The commands of everyday work; `make help` lists them. The build itself is CMake's (CMakePresets.json).
.DEFAULT_GOAL := build
PRESET ?= release
JOBS ?= $(shell nproc)
PROFILE ?= quick
RESULTS ?= results/runs
PART ?=
TARGETS ?= all

.PHONY: help bootstrap build test reproduce report bench scaling package docs site format check-format lint tidy sanitize sanitize-threads coverage valgrind fuzz clean

help:  ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-13s %s\n", $$1, $$2 }' Makefile

bootstrap:  ## install what is missing from Debian or Ubuntu packages
	@tools/bootstrap

build/%/build.ninja:
	cmake --preset $*

build: build/$(PRESET)/build.ninja  ## build the program (PRESET=release|debug|sanitize|clang; TARGETS="all tests admmbench_benchmarks")
	cmake --build --preset $(PRESET) --parallel $(JOBS) --target $(TARGETS)

test: bootstrap  ## install what is missing, build program and tests, run all tests
	@$(MAKE) --no-print-directory TARGETS="all tests" build
	ctest --preset $(PRESET) --parallel $(JOBS)

reproduce: bootstrap  ## install what is missing, build, fetch data, run the experiments, write the tables (PROFILE=quick|full|claims|times|own, PART=NAME/DATASET/LABEL)
	@$(MAKE) --no-print-directory build
	@tools/reproduce --profile $(PROFILE) $(PART:%=--part %) --jobs $(JOBS) --program build/$(PRESET)/bin/admmbench

report: build  ## every result of `make reproduce` as one page -> build/report/index.html (RESULTS=results/runs)
	build/$(PRESET)/bin/admmbench report $(RESULTS) -o build/report

bench: bootstrap  ## install what is missing, build, time everything (about 4 minutes) -> build/bench/REVISION.json
	@$(MAKE) --no-print-directory TARGETS="all admmbench_benchmarks" build
	@tools/timings/bench --program build/$(PRESET)/bin/admmbench_benchmarks

scaling: bootstrap  ## install what is missing, build, calibrate the cost model (minutes on an idle machine) -> docs/measured/scaling.md
	@$(MAKE) --no-print-directory TARGETS="all admmbench_benchmarks" build
	@tools/timings/bench --program build/$(PRESET)/bin/admmbench_benchmarks --scaling --out build/bench/scaling.json
	build/$(PRESET)/bin/admmbench scaling --calibration build/bench/scaling.json \
	  --save-calibration results/timings/scaling.json --figures results/figures/scaling
	tools/update-docs --program build/$(PRESET)/bin/admmbench

package:  ## install what is missing, build, make Debian packages for any machine -> build/package/*.deb
	@tools/bootstrap --package
	@$(MAKE) --no-print-directory build
	cd build/$(PRESET) && cpack -B ../package

docs:  ## the documentation as a site (needs doxygen) -> build/docs/html/index.html
	@command -v doxygen >/dev/null || \
	  { echo "make docs: doxygen is missing: apt install doxygen, or tools/bootstrap --dev" >&2; exit 2; }
	@mkdir -p build/docs
	doxygen docs/Doxyfile

site: docs  ## documentation, claims and the report of the committed runs as one static site, links checked -> build/site/index.html
	@$(MAKE) --no-print-directory TARGETS=admmbench build
	@tools/site --program build/$(PRESET)/bin/admmbench

format:  ## format all sources in place
	git ls-files '*.cpp' '*.hpp' | xargs clang-format -i

check-format:  ## fail if a source is not formatted
	@git ls-files '*.cpp' '*.hpp' | xargs clang-format --dry-run -Werror

lint:  ## shellcheck and flake8 over scripts and Python files
	@tools/lint

tidy: build/tidy/build.ninja  ## static analysis with clang-tidy
	@tools/tidy --jobs $(JOBS)

sanitize: bootstrap  ## unit and property tests under the address and undefined-behaviour sanitizers
	@$(MAKE) --no-print-directory PRESET=sanitize TARGETS="tests_unit tests_property" build
	ctest --preset sanitize --parallel $(JOBS)

sanitize-threads: build/tsan/build.ninja  ## tests of the code that uses several threads under the thread sanitizer
	cmake --build --preset tsan --parallel $(JOBS)
	ctest --preset tsan

coverage: bootstrap  ## the lines that the tests run, by part of the suite (needs gcovr: tools/bootstrap --dev)
	@$(MAKE) --no-print-directory PRESET=coverage TARGETS="all tests" build
	ctest --preset coverage --parallel $(JOBS)
	tools/coverage

valgrind: bootstrap  ## unit tests under Valgrind, on a build without AVX-512 (needs valgrind: tools/bootstrap --dev)
	@$(MAKE) --no-print-directory PRESET=valgrind TARGETS="tests_unit" build
	tools/valgrind

SECONDS_EACH ?= 60
fuzz:  ## every reader against libFuzzer and mutants (SECONDS_EACH=60; needs clang: tools/bootstrap --dev)
	tools/fuzz --seconds $(SECONDS_EACH) --jobs $(JOBS) --seed random --corpus build/fuzz/corpus

clean:  ## remove what was built; data and results stay
	rm -rf build
