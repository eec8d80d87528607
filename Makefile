# The verbs of a developer. `make setup` once; every other target calls it when it must.
.PHONY: setup system fmt lint type test installed bench docs site site-serve shots demo serve vendor lock clean
.DEFAULT_GOAL := setup

BIN := .venv/bin
BOARD ?= liandong.board
BENCHES = $(shell $(BIN)/liandong bench)
# Tests start many processes: each would compile all that it imports.
unexport PYTHONDONTWRITEBYTECODE
# Index addresses stay out: they come from the environment of whoever installs.
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 \
	--no-emit-index-url --no-annotate --no-header

setup: .venv/warm

.venv/installed: requirements/dev.txt requirements/uv.txt pyproject.toml tools/setup.sh
	tools/setup.sh
	@touch $@

# Numba compiles at the first call; do it once here. A failure is left to the tests.
# Modules are compiled too, for those who call what is installed where Python may not keep it.
.venv/warm: .venv/installed $(wildcard src/liandong/kernels/*/*.py) tools/warm.py
	-$(BIN)/python -m compileall -q src
	-$(BIN)/python tools/warm.py
	@touch $@

system:
	tools/system.sh

fmt: .venv/installed
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

lint: .venv/installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

type: .venv/installed
	$(BIN)/mypy

test: system lint type setup
	$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder --durations=40 --durations-min=5

# What plain pip makes of this, in an environment of its own.
installed: .venv/installed
	tools/check_install.sh

bench: setup
	$(BIN)/uv pip install --quiet --python $(BIN)/python --requirement requirements/bench.txt
	@for name in $(BENCHES); do $(BIN)/liandong bench $$name --quick --json || exit 1; done

docs: setup
	$(BIN)/python tools/make_docs.py

.venv/documented: .venv/installed requirements/docs.txt
	$(BIN)/uv pip install --quiet --python $(BIN)/python --requirement requirements/docs.txt
	@touch $@

site: .venv/documented
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build

site-serve: .venv/documented
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs serve --dev-addr 127.0.0.1:8001

# Take the documents' pictures anew, on a new board of the demonstration.
shots: system setup
	$(BIN)/liandong demo --once
	LIANDONG_SHOTS=docs/images $(BIN)/pytest -q tests/console/test_days.py

demo: setup
	$(BIN)/liandong demo

serve: setup
	$(BIN)/liandong --board $(BOARD) serve

# Renew the browser libraries from package.json (needs npm).
vendor:
	tools/vendor.sh

# Renew the pinned requirements from pyproject.toml.
lock: .venv/installed
	$(LOCK) --upgrade pyproject.toml -o requirements/base.txt
	$(LOCK) --upgrade pyproject.toml -c requirements/base.txt \
		--extra test --extra lint -o requirements/dev.txt
	$(LOCK) --upgrade pyproject.toml -c requirements/base.txt --extra bench -o requirements/bench.txt
	$(LOCK) --upgrade pyproject.toml -c requirements/base.txt --extra docs -o requirements/docs.txt

clean:
	rm -rf .venv build dist demo site .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
