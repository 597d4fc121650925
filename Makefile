# Every target works on a fresh Debian 12 or Ubuntu with only Python 3.11+, make and a package registry.
PYTHON := .venv/bin/python

.PHONY: help setup setup-dev setup-bench demo test check bench drill fuzz lock screenshots clean

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

demo: setup ## set up and run everything with a filled demo; Ctrl-C stops it
	@.venv/bin/sscard demo

test: setup-dev ## all tests (real PostgreSQL, real key service, real browser)
	@scripts/test

check: setup-dev ## lint, types, import contracts, acts, tables, rows of the mission
	@scripts/check

bench: setup-bench ## measure against the limit lines; prints a table, writes build/bench.json
	@$(PYTHON) bench/run.py

drill: setup ## a million postings while database and clients are killed again and again; then every answer is checked
	@scripts/drill

fuzz: setup-dev ## a minute of fuzzing for each parser of the chip: TLV, APDU, PSAM, files, cards, terminals
	@$(PYTHON) bench/fuzz.py

screenshots: setup-dev ## a picture of each page at phone and desktop width, into build/pages
	@SSCARD_PICTURES=1 scripts/test tests/portal -k 'browser'

lock: setup-dev ## pin requirements/*.in with hashes into requirements/*.txt
	@scripts/lock

setup: ## virtual environment with what the product runs on
	@scripts/setup run

setup-dev: ## the same, with what tests and checks need, browser and fonts included
	@scripts/setup dev

setup-bench: ## the same as setup, with the load generator of the benchmark
	@scripts/setup bench

clean: ## remove what can be made again; keeps .venv and the state folder .sscard
	@rm -rf build .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	@find src tests -name __pycache__ -type d -prune -exec rm -rf {} +
