# `make` lists what there is.  `make demo` and `make test` need nothing to be set up first.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup demo test check slow process crash browser bench lock clean

# The first of these that is 3.11, 3.12 or 3.13; `make setup PYTHON=...` names another.
PYTHON ?= $(or $(shell for python in python3 python3.13 python3.12 python3.11; do \
  $$python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null && { echo $$python; break; }; \
  done),python3)
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.ready
# One more than there are processors: some tests wait for a disk or a database.
WORKERS ?= $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)
PACKAGES := adapters bot scheduler smbot storage
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Where it is set each start of a process compiles all of its modules anew, and the tests start many.
unexport PYTHONDONTWRITEBYTECODE

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(STAMP)  ## make .venv with everything in it, the command `.venv/bin/smbot` too

$(STAMP): requirements-dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo 'smbot needs Python 3.11 or later, and $(PYTHON) is not that: install it, or name it, as in `make $(or $(firstword $(MAKECMDGOALS)),setup) PYTHON=python3.12`.' >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "Python's venv module is missing: on Debian and Ubuntu install the package python3-venv (\`apt install python3-venv\`)." >&2; exit 1; }
	@echo 'Setting up $(VENV) (once, about a minute) ...'
	@test -x $(BIN)/python || $(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements-dev.lock
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

demo: setup  ## try it: a made-up university on http://127.0.0.1:8080
	@$(BIN)/smbot demo

test: setup  ## the tests, without those that start processes or a browser, or live through weeks and years
	@$(BIN)/pytest -n $(WORKERS) --dist worksteal -m "not process and not long and not crash and not browser"

check: setup  ## lint, format, types, import contracts
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

# With one more at once: those that kill processes wait half a minute each until what a dead one held is free again.
slow: setup  ## what `make process`, `make crash` and `make browser` do, all in one go
	@$(BIN)/pytest -n $$(($(WORKERS) + 1)) --maxschedchunk 1 -rP -m "process or long or crash or browser"

process: setup  ## smbot as a process: the one story on Slack and Teams and what differs, starts, stops, forged requests; weeks and years
	@$(BIN)/pytest -n $(WORKERS) --maxschedchunk 1 -rP -m "process or long"

crash: setup  ## kill processes at bad moments; nothing is lost, nothing said twice
	@$(BIN)/pytest tests/crash -n $$(($(WORKERS) + 1)) --maxschedchunk 1 -rP -m crash

browser: setup  ## the local page in Chromium (needs Chromium on this machine)
	@$(BIN)/pytest tests/browser -n 2 --maxschedchunk 1 -rP -m browser

bench: setup  ## measure: ratios against a bare program (ARGS=--quick: fewer of each)
	@$(BIN)/python -m benchmarks $(ARGS)

# Takes the newest versions that pyproject.toml allows; needs uv.
lock:  ## renew the lock files
	@$(LOCK) pyproject.toml --upgrade -o requirements.lock
	@$(LOCK) pyproject.toml --upgrade --group dev -c requirements.lock -o requirements-dev.lock

LOCK := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
  --no-header --no-annotate --no-emit-index-url --no-emit-find-links

clean:  ## remove .venv and caches
	@rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
