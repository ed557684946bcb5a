# Customer Desk. `make help` lists what there is. Needs Python 3.11 or newer, make and the package registries.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
FLASK := $(BIN)/flask --app wsgi

.DEFAULT_GOAL := help
.PHONY: help install install-dev install-otel run serve check test test-postgresql bench scan soak translations

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "make %-16s %s\n", $$1, $$2}'

$(VENV)/.installed: requirements.txt
	$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Customer Desk needs Python 3.11 or newer.")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/.installed-dev: requirements-dev.txt requirements-otel.txt $(VENV)/.installed
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

$(VENV)/.translated: $(VENV)/.installed $(wildcard webapp/translations/*/LC_MESSAGES/*.po)
	$(BIN)/pybabel --quiet compile --use-fuzzy --directory webapp/translations # a catalog without a header counts as fuzzy
	@touch $@

install: $(VENV)/.installed $(VENV)/.translated ## Create .venv, install what the service runs on, compile the translations

install-dev: $(VENV)/.installed-dev $(VENV)/.translated ## Install what tests and checks need as well

install-otel: install ## Install what OPENTELEMETRY=1 needs on top
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-otel.txt

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

check: install-dev ## Format, lint, types, templates, imports, known slips
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/djlint --quiet --check templates
	$(BIN)/djlint --quiet --lint templates
	$(BIN)/lint-imports --no-logo
	$(BIN)/bandit --quiet --configfile pyproject.toml --recursive webapp bench migrations scripts wsgi.py asgi.py

test: check ## All checks, then all tests with branch coverage
	@sh scripts/install_debian_packages.sh
	$(BIN)/pytest

test-postgresql: install-dev ## The tests again with everything on PostgreSQL, but those that are about SQLite itself
	@sh scripts/install_debian_packages.sh
	TEST_DATABASE=postgresql $(BIN)/pytest --no-cov

soak: install-dev ## The safety tests of writes, and schemathesis, at full size; some minutes
	SOAK=1 $(BIN)/pytest --no-cov tests/safety tests/openapi

$(VENV)/wapiti/.installed: requirements-scan.txt
	$(PYTHON) -m venv $(VENV)/wapiti # a venv of its own: the scanner's needs contradict ours
	$(VENV)/wapiti/bin/pip install --quiet --disable-pip-version-check -r requirements-scan.txt
	@touch $@

scan: install $(VENV)/wapiti/.installed ## Serve a demo and scan it for known holes with wapiti, signed in; about twelve minutes
	@$(BIN)/python scripts/scan_with_wapiti.py $(VENV)/wapiti/bin/wapiti

bench: install-dev ## Load a million customers once, then time requests beside their floor, on SQLite and PostgreSQL
	@sh scripts/install_debian_packages.sh wrk
	@$(BIN)/python -m bench
