# Two commands to know: `make demo` and `make test`. Needs python3 (3.11 or newer, with venv) and make.

SHELL := /bin/sh
PYTHON := .venv/bin/python
CODE := accounts tasks flags vanguard servers tests bench manage.py bin/demo bin/stack bin/test bin/messages bin/healthy bin/screenshots
INSTALL := $(PYTHON) -m pip install --quiet --disable-pip-version-check --no-input --require-hashes

.DEFAULT_GOAL := help
.PHONY: help demo demo-reset test test-long bench-grab bench-fits bench-report check stack screenshots messages format lock

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' Makefile

demo: .venv/demo ## the demonstration city on http://127.0.0.1:8000 (PORT= changes it)
	@$(PYTHON) bin/demo

demo-reset: .venv/demo ## throw the demonstration city away and fill it anew
	@$(PYTHON) bin/demo --reset

test: .venv/dev ## the whole suite, on SQLite and on a real PostgreSQL
	@$(PYTHON) bin/test

test-long: .venv/dev ## the same with the storms at full length
	@LONG=1 $(PYTHON) bin/test

bench-grab: .venv/dev ## how fast places are grabbed, and whether what everybody is told is true (some minutes)
	@$(PYTHON) -m bench.grab

bench-report: .venv/dev ## what a year costs: the reports, confirming, the wall and the dashboard (some minutes)
	@$(PYTHON) -m bench.report

bench-fits: .venv/dev ## what it costs to say what fits, to one member and to 11,000 (a minute)
	@$(PYTHON) -m bench.fits

check: export DEBUG = 1
check: .venv/dev ## format, lint, types, import rules, migrations, translations
	$(PYTHON) -m ruff format --check $(CODE)
	$(PYTHON) -m ruff check $(CODE)
	find templates -name '*.html' -exec .venv/bin/djade --target-version 5.2 --check {} +
	$(PYTHON) -m mypy accounts tasks flags vanguard servers bench
	.venv/bin/lint-imports
	$(PYTHON) manage.py makemigrations --check --dry-run
	$(PYTHON) bin/messages check

stack: .venv/demo ## PostgreSQL, Redis, web, worker and beat on this machine, without Docker
	@$(PYTHON) bin/stack

screenshots: .venv/dev ## the main pages at 390×844 and 1280×800, into screenshots/
	@$(PYTHON) bin/screenshots

messages: .venv/dev ## gather what is to be translated, into locale/
	@$(PYTHON) bin/messages update

format: .venv/dev ## format code and templates
	$(PYTHON) -m ruff format $(CODE)
	$(PYTHON) -m ruff check --fix $(CODE)
	find templates -name '*.html' -exec .venv/bin/djade --target-version 5.2 {} +

lock: ## pin every package with its hash (needs uv)
	uv lock
	uv export --quiet --no-header --no-emit-project --no-dev --output-file requirements.txt
	uv export --quiet --no-header --no-emit-project --output-file requirements-dev.txt

# Packages are installed once, and again only when the list of them has changed.
.venv/demo: requirements.txt | .venv/bin/python
	$(INSTALL) -r $<
	@touch $@

.venv/dev: requirements-dev.txt | .venv/bin/python
	$(INSTALL) -r $<
	@touch $@ .venv/demo

.venv/bin/python:
	python3 -m venv .venv
