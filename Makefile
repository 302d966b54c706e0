# `make demo` shows what cadence does; `make test` proves it. Both set up everything they need.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
SHOP := demo/shop
KILLS ?= 2000
SEED ?= 1
STORE ?=

.DEFAULT_GOAL := help
.PHONY: help demo test soak mutants lint types reference bench clean

help: ## list what can be made
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r constraints.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(READY)

demo: $(READY) ## preview a week for three trades, then rehearse it; sends nothing
	@rm -rf $(SHOP) && mkdir -p demo
	$(BIN)/cadence init $(SHOP)
	$(BIN)/cadence -C $(SHOP) validate
	$(BIN)/cadence -C $(SHOP) dry-run --days 7
	$(BIN)/cadence -C $(SHOP) dry-run --days 7 --html demo/week.html
	$(BIN)/cadence -C $(SHOP) rehearse --days 7

test: lint types ## run every check
	$(BIN)/python -m pytest -n 2 --dist worksteal

soak: $(READY) ## kill thousands of ticks and print the figures: make soak KILLS=5000 SEED=7 STORE=postgresql
	cd tests && ../$(BIN)/python -m support.kill.soak --kills $(KILLS) --seed $(SEED) $(addprefix --store ,$(STORE))

mutants: $(READY) ## one slip after another in the starter playbooks: do their tests notice? ONLY="roofer --kind timing"
	$(BIN)/python tools/mutate_playbooks.py $(ONLY)

lint: $(READY) ## style
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/python tools/make_reference.py --check

types: $(READY) ## types
	$(BIN)/mypy

reference: $(READY) ## write the generated pages of the documentation anew
	$(BIN)/python tools/make_reference.py

bench: $(READY) ## measure, against floors written by hand; BENCH="--small" for a quick look
	$(BIN)/python -m benchmarks $(BENCH)

clean: ## remove what was made
	rm -rf $(VENV) .bench .node demo build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
