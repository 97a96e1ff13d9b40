# Everything a developer does, by name. `make` alone lists it.
# Needed beforehand: cargo, python3 (3.10 or later) with venv, a C and C++ compiler.

VENV := .venv
PYTHON := $(VENV)/bin/python
STAMP := $(VENV)/.installed
TARGET := $(or $(CARGO_TARGET_DIR),target)
PY_FOLDERS := python tests/python tools bench

# In CI the whole matrix is fetched and a missing debugger fails; elsewhere what is here is tested.
FETCH := $(if $(filter true,$(CI)),fetch --all,fetch)

# One on each processor; more than eight have not been tried.
TESTS_AT_ONCE := --numprocesses $(or $(JOBS),auto) --maxprocesses 8

# The extension module is built once, and packed into the program (see build.rs).
PLUGIN := python/dbg_session/_native.abi3.so
NATIVE := DBG_SESSION_NATIVE=$(CURDIR)/$(PLUGIN)
PACKAGES := build/.packages

.DEFAULT_GOAL := help
.PHONY: help build packages demo test test-rust test-python test-matrix test-kills test-transparency test-transparency-quick debuggers lint format bench clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-23s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

$(STAMP): tools/requirements.txt
	python3 -m venv $(VENV)
	$(PYTHON) -m pip install --quiet --requirement tools/requirements.txt
	@touch $@

$(PLUGIN): $(STAMP) build.rs Cargo.toml Cargo.lock $(shell find src -type f)
	$(VENV)/bin/maturin develop --release --skip-install --quiet
	@touch $@

build: $(PLUGIN) ## build the program and the plugin (python/dbg_session, ready to load)
	$(NATIVE) cargo build --release

packages: $(PACKAGES) ## build what users install: the self-contained program and the wheel (into build/)

$(PACKAGES): $(PLUGIN) $(shell find python -name '*.py*' -not -path '*/__pycache__/*')
	$(NATIVE) cargo install --quiet --locked --no-track --force --path . --root build/installed --target-dir $(TARGET)
	$(VENV)/bin/maturin build --release --quiet --out build/wheels
	@touch $@

demo: build ## debug a small program in GDB and LLDB and look at what was recorded
	@$(PYTHON) tools/debuggers.py fetch
	@$(PYTHON) tools/demo.py $(TARGET)/release/dbg-session

test: test-rust test-python ## run every test: Rust, and Python under the debuggers that are here

test-rust: ## run the Rust tests only
	cargo test --no-fail-fast

# Tests that no debugger's version can matter to run under one GDB and one LLDB: tests/python/conftest.py.
test-python: build packages ## run the Python tests only; DEBUGGERS="gdb-18 lldb-23" picks some, JOBS=2
	@$(PYTHON) tools/debuggers.py $(FETCH)
	@$(PYTHON) tools/debuggers.py list
	$(PYTHON) -m pytest $(TESTS_AT_ONCE)

test-matrix: build packages ## run all Python tests under all debuggers; MARKED="not any_version" leaves some out
	@$(PYTHON) tools/debuggers.py fetch --all
	@$(PYTHON) tools/debuggers.py list
	$(PYTHON) -m pytest $(TESTS_AT_ONCE) --matrix $(if $(MARKED),-m "$(MARKED)")

test-transparency: build ## GDB's own tests and LLDB scenarios with and without the plugin; ONLY="gdb.mi/*" picks, JOBS=2
	@$(PYTHON) tools/debuggers.py $(FETCH)
	$(PYTHON) tests/transparency/transparency.py $(if $(ONLY),--only "$(ONLY)") $(if $(JOBS),--jobs $(JOBS))

test-transparency-quick: build ## the small part of it that CI runs
	@$(PYTHON) tools/debuggers.py $(FETCH)
	$(PYTHON) tests/transparency/transparency.py --quick --fresh

test-kills: build ## kill the debuggers 300 times at any moment, and look at what is left
	KILLS=300 $(PYTHON) -m pytest tests/python/test_kills.py --timeout 3600

debuggers: $(STAMP) ## fetch all debuggers of the test matrix that PyPI carries, and list what is here
	@$(PYTHON) tools/debuggers.py fetch --all
	@$(PYTHON) tools/debuggers.py list

lint: build ## check formatting, lints, types, and which part imports which
	cargo fmt --check
	cargo clippy --all-targets --quiet -- -D warnings
	cargo clippy --all-targets --quiet --features python -- -D warnings
	$(VENV)/bin/ruff check
	$(VENV)/bin/ruff format --check
	$(VENV)/bin/mypy
	$(PYTHON) tools/arrows.py
	MYPYPATH=python PYTHONPATH=python $(PYTHON) -m mypy.stubtest dbg_session._native --allowlist tools/stubtest-allowed.txt

format: $(STAMP) ## format all code
	cargo fmt
	$(VENV)/bin/ruff format
	$(VENV)/bin/ruff check --fix --quiet

bench: build ## measure what recording costs, beside the alternatives
	cargo bench --no-default-features
	@$(PYTHON) tools/debuggers.py fetch
	$(PYTHON) bench/run.py

clean: ## remove what was built; .venv and .debuggers stay
	cargo clean
	rm -rf build dist python/dbg_session/*.so .mypy_cache .ruff_cache .pytest_cache
	find . -name __pycache__ -type d -not -path './.venv/*' -not -path './.debuggers/*' -prune -exec rm -rf {} +
