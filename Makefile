# Everything a developer or a visitor runs. Needs python3, python3-venv, make; each target sets up what it needs.
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
PORT ?= 8080
PYTEST ?= -n 2 --dist loadfile --no-loadscope-reorder

.PHONY: run test soak mutants check check-docs check-types check-strict check-rest clauses bench docs lock setup setup-dev

run: .venv/.run
	NIKTOKROMENAS_HTTP_PORT=$(PORT) NIKTOKROMENAS_ESIA_EMULATOR_PORT=$$(($(PORT) + 1)) $(BIN)/niktokromenas demo

test: .venv/.dev
	@bash scripts/test-tools.sh
	$(BIN)/python -m pytest $(PYTEST)

soak: .venv/.dev
	KILLS=$(or $(KILLS),2000) $(BIN)/python -m pytest -s tests/integration/faults/test_kills_sqlite.py \
	  tests/integration/faults/test_kills_postgresql.py

mutants: .venv/.dev
	$(BIN)/mutmut run --max-children $(or $(WORKERS),2) $(MUTANTS)
	$(BIN)/python -m tests.mutation_score

# Side by side, the longest first.
check: .venv/.dev
	@$(MAKE) --no-print-directory -j 2 $(if $(filter output-sync,$(.FEATURES)),--output-sync) \
	  check-docs check-types check-strict check-rest

check-docs:
	$(BIN)/python -m sphinx -q -W -b html docs docs/_build/html

check-types:
	$(BIN)/mypy

check-strict:
	$(BIN)/pyright

check-rest:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/python -m tests.clauses --quiet
	$(BIN)/python -m tests.migrations_in_step

clauses: .venv/.dev
	$(BIN)/python -m tests.clauses

bench: .venv/.dev
	$(BIN)/python -m benchmarks

docs: .venv/.dev
	$(BIN)/python -m sphinx -W -b html docs docs/_build/html

lock: .venv/.dev
	UV_CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/uv pip compile -q --universal --generate-hashes \
	  --python-version 3.11 --extra postgresql --group build pyproject.toml -o requirements.lock
	UV_CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/uv pip compile -q --universal --generate-hashes \
	  --python-version 3.11 --extra postgresql --group dev -c requirements.lock pyproject.toml -o requirements-dev.lock

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/.run: requirements.lock pyproject.toml | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.venv/.dev: requirements-dev.lock pyproject.toml | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@ .venv/.run
