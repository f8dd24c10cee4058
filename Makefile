# Everything happens in .venv, which needs python3 (3.11 or newer) and this file, and is made on the way.

PYTHON ?= python3
BIN := .venv/bin
CODE := $(wildcard datalife sample_data tests benchmarks)

.DEFAULT_GOAL := help
.PHONY: help install demo format lint type test check bench docs clean

help:  ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: .venv/package.stamp  ## make .venv and install datalife into it

demo: .venv/package.stamp  ## walk through the five commands on the sample data
	@PATH="$(CURDIR)/$(BIN):$$PATH" sh sample_data/tour.sh

format: .venv/develop.stamp  ## put the code into its canonical layout
	@$(BIN)/ruff format $(CODE)
	@$(BIN)/ruff check --fix $(CODE)

lint: .venv/develop.stamp  ## look for mistakes and for code that is not in its layout
	@$(BIN)/ruff check $(CODE)
	@$(BIN)/ruff format --check $(CODE)

type: .venv/develop.stamp  ## check the types
	@$(BIN)/mypy

test: .venv/develop.stamp  ## run the tests
	@$(BIN)/pytest -n 2 --dist loadgroup --max-worker-restart 0  # a worker that died and is replaced hangs the rest

check: lint type test  ## all three: what the CI runs

bench: .venv/develop.stamp  ## measure time and memory beside other tools, and write the table of the README
	@$(BIN)/python benchmarks/run.py --output benchmarks/results.md --readme README.md

docs: .venv/develop.stamp  ## write the help texts of the documents and the editor schema of configs/ anew
	@$(BIN)/python tests/test_docs.py

clean:  ## remove everything that the other commands made
	rm -rf .venv .demo build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage

.venv/pip.stamp:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "datalife needs Python 3.11 or newer; try: make PYTHON=python3.13")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'
	@touch $@

.venv/package.stamp: .venv/pip.stamp pyproject.toml
	$(BIN)/python -m pip install --quiet --editable .
	@touch $@

.venv/develop.stamp: .venv/package.stamp
	$(BIN)/python -m pip install --quiet --group dev
	@touch $@
