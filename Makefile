# Everything a clone can do. The environment lives in .venv/.
SHELL := /bin/bash
BIN := .venv/bin
.DEFAULT_GOAL := help
.PHONY: help demo test bench lint docs format clean

help:
	@echo "make demo   run the main job on the sample bulletins (sets everything up)"
	@echo "make test   everything that CI runs: lint, types, import laws, tests"
	@echo "make bench  every benchmark, figures as JSON"
	@echo "make lint   ruff, mypy, import-linter"
	@echo "make docs   build the documents into site/"

.venv/base: pyproject.toml .ci/environment
	@.ci/environment base

.venv/dev: .venv/base
	@.ci/environment dev

.venv/docs: .venv/base
	@.ci/environment docs

.venv/bench: .venv/base
	@.ci/environment bench

.venv/voice: .venv/base
	@.ci/environment voice

demo: .venv/voice
	@$(BIN)/broadcaster demo

lint: .venv/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo 2>/dev/null || $(BIN)/lint-imports

# pytest comes last: its closing line is the verdict that is read.
test: .venv/dev .venv/docs
	@.ci/debian-packages
	@$(MAKE) --no-print-directory lint
	$(BIN)/mkdocs build --strict --quiet
	$(BIN)/python -m pytest --numprocesses=auto --dist=loadfile --cov --cov-report=term:skip-covered

bench: .venv/bench
	@.ci/debian-packages
	@for file in benchmarks/*.py; do echo "== $$file"; $(BIN)/python $$file --json || exit 1; done

docs: .venv/docs
	$(BIN)/mkdocs build --strict

format: .venv/dev
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

clean:
	rm -rf .venv site build dist *.egg-info .coverage .hypothesis .mypy_cache .pytest_cache .ruff_cache
