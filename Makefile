# Ferrospike. `make help` lists what there is.
SWIFT ?= swift
PREFIX ?= /usr/local
DEMO ?= demo
FERROSPIKE = .build/release/ferrospike
# Swift's libraries and the others inside the program: it starts sooner and runs where they are not installed.
LINKED = --static-swift-stdlib -Xswiftc -use-ld=lld $(shell .ci/archives)
VENV = .cache/venv
BENCH_VENV = .cache/bench-venv

ifdef CPU
export FERROSPIKE_CPU := $(CPU)
endif

.DEFAULT_GOAL := help
.PHONY: help setup build demo test bench calibrate interop fuzz sanitize format lint docs install clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## install the system libraries that are missing (apt; with sudo when not root)
	@.ci/setup

build: setup ## build the command line, optimised for this machine (CPU=x86-64-v3: for any since 2013)
	$(SWIFT) build -c release --product ferrospike $(LINKED)

demo: build ## simulate a cohort with known effects, analyse it, and say where the report is
	@rm -rf $(DEMO)
	$(FERROSPIKE) simulate cohort fixtures/cohorts/demo.yaml -o $(DEMO)/cohort
	$(FERROSPIKE) study run $(DEMO)/cohort/study.yaml -o $(DEMO)/results
	@echo
	@echo "What was simulated:"
	@sed 's/^/  /' $(DEMO)/cohort/truth.csv
	@echo "The report: $(abspath $(DEMO))/results/report.html"

test: setup ## run every test
	$(SWIFT) test

bench: build ## compare with SpikeInterface, SciPy, MNE and a C program, time every kernel (QUICK=1: a small part)
	@test -x $(BENCH_VENV)/bin/python || python3 -m venv $(BENCH_VENV)
	$(BENCH_VENV)/bin/python -m pip install --quiet --requirement .ci/bench/requirements.txt
	$(SWIFT) run -c release ferrospike-bench
	$(BENCH_VENV)/bin/python .ci/bench/compare.py $(FERROSPIKE) $(if $(QUICK),--quick,--append docs/performance.md)

calibrate: setup ## simulate studies without and with effects and count how often the statistics err (writes into docs/statistics.md)
	$(SWIFT) run -c release ferrospike-calibrate docs/statistics.md
	$(SWIFT) run -c release ferrospike-calibrate docs/statistics.md --cohort fixtures/cohorts/demo.yaml

interop: build ## open the results with PyNWB, pynapple, SpikeInterface, Neo and NWBInspector
	@test -x $(VENV)/bin/python || python3 -m venv $(VENV)
	$(VENV)/bin/python -m pip install --quiet --requirement .ci/interop-requirements.txt
	$(VENV)/bin/python .ci/interop.py $(FERROSPIKE) .cache/interop

fuzz: build ## feed 5,000 damaged recordings to the command line (COUNT=300: fewer; SEED=2: others)
	@test -x $(VENV)/bin/python || python3 -m venv $(VENV)
	$(VENV)/bin/python -m pip install --quiet --requirement .ci/interop-requirements.txt
	$(VENV)/bin/python .ci/fuzz.py $(FERROSPIKE) .cache/fuzz --count $(or $(COUNT),5000) --seed $(or $(SEED),1)

sanitize: setup ## let libFuzzer and the address sanitizer at our own decoding (TIME=300 seconds)
	FERROSPIKE_FUZZER=1 $(SWIFT) build --product ferrospike-fuzz --sanitize=fuzzer --sanitize=address -Xswiftc -sanitize=fuzzer --scratch-path .build-fuzz
	@mkdir -p .cache/fuzz-decoding
	ASAN_OPTIONS=detect_leaks=0 .build-fuzz/debug/ferrospike-fuzz .cache/fuzz-decoding -max_total_time=$(or $(TIME),300) -max_len=4096 -len_control=0 -artifact_prefix=.cache/

format: ## format the sources
	$(SWIFT) format --in-place --recursive Sources Tests Package.swift

lint: ## say where the sources are not formatted
	@for file in $$(git ls-files '*.swift'); do \
	  $(SWIFT) format $$file | cmp -s - $$file || { echo "$$file is not formatted; run make format"; bad=1; }; \
	done; exit $${bad:-0}

docs: build ## write docs/stages.md and docs/pipeline.schema.json from what the program knows
	@.ci/docs $(FERROSPIKE)

install: build ## install the command line to PREFIX (/usr/local)
	install -D -m 755 $(FERROSPIKE) $(DESTDIR)$(PREFIX)/bin/ferrospike

clean: ## remove what was built and generated
	rm -rf .build .build-fuzz .cache $(DEMO)
