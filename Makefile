# Customer Desk. `make help` lists what there is. Needs Python 3.11 or newer, make and the package registries.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
FLASK := $(BIN)/flask --app wsgi

.DEFAULT_GOAL := help
.PHONY: help install install-dev run serve check test bench soak translations

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

$(VENV)/.translated: $(VENV)/.installed $(wildcard webapp/translations/*/LC_MESSAGES/*.po)
	$(BIN)/pybabel --quiet compile --use-fuzzy --directory webapp/translations # a catalog without a header counts as fuzzy
	@touch $@

install: $(VENV)/.installed $(VENV)/.translated ## Create .venv, install what the service runs on, compile the translations

install-dev: $(VENV)/.installed-dev $(VENV)/.translated ## Install what tests and checks need as well

run: install ## Set everything up and serve the desk with demo data
	@$(BIN)/python -m webapp.secret_key
	@$(FLASK) db upgrade
	@$(FLASK) demo
	@$(MAKE) --no-print-directory serve

serve: install ## Serve with the production server alone (migrations are yours to run)
	@exec $(BIN)/python -m webapp.server

translations: install-dev ## Take new texts of the code into the catalogs of webapp/translations
	$(BIN)/pybabel --quiet extract --mapping-file webapp/translations/babel.cfg --keywords "phrase plural_phrase:1,2" \
	  --no-location --sort-output --omit-header --output-file webapp/translations/messages.pot webapp templates
	$(BIN)/pybabel --quiet update --no-fuzzy-matching --no-wrap --omit-header --ignore-obsolete \
	  --input-file webapp/translations/messages.pot --output-dir webapp/translations

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
