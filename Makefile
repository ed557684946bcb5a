# Customer Desk. `make help` lists what there is. Needs Python 3.11 or newer, make and the package registries.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
FLASK := $(BIN)/flask --app wsgi

.DEFAULT_GOAL := help
.PHONY: help install install-dev run serve check test bench soak

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "make %-12s %s\n", $$1, $$2}'

$(VENV)/.installed: requirements.txt
	$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Customer Desk needs Python 3.11 or newer.")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/.installed-dev: requirements-dev.txt $(VENV)/.installed
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

install: $(VENV)/.installed ## Create .venv and install what the service runs on

install-dev: $(VENV)/.installed-dev ## Install what tests and checks need as well

run: install ## Set everything up and serve the desk with demo data
	@$(BIN)/python -m webapp.secret_key
	@$(FLASK) db upgrade
	@$(FLASK) demo
	@$(MAKE) --no-print-directory serve

serve: install ## Serve with the production server alone (migrations are yours to run)
	@exec $(BIN)/python -m webapp.server

check: install-dev ## Format, lint, types, templates, imports
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/djlint --quiet --check templates
	$(BIN)/djlint --quiet --lint templates
	$(BIN)/lint-imports --no-logo

test: check ## All checks, then all tests with branch coverage
	@sh scripts/install_chromium.sh
	$(BIN)/pytest

soak: install-dev ## The safety tests of writes, and schemathesis, at full size; some minutes
	SOAK=1 $(BIN)/pytest --no-cov tests/safety tests/openapi

bench: install-dev ## Load a million customers once, then time requests and searches, on SQLite and PostgreSQL
	@$(BIN)/python -m bench
