# The verbs of the project. A fresh machine needs python3 (3.11 or later) and make.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes
COMPILE := $(BIN)/uv pip compile --quiet --universal --generate-hashes \
	--no-emit-index-url --python-version 3.11 --custom-compile-command "make lock" \
	pyproject.toml
SUGGESTIONS := requirements-suggestions.lock

GRAPHIQL := portal/static/graphiql
VIEWER := frontend/viewer/dist
PATIENCE_S ?= 300
PATIENTLY := $(abspath $(BIN)/python) $(abspath frontend/patiently.py) $(PATIENCE_S)
NPM := $(PATIENTLY) ./with-node npm
BUILT ?= frontend viewer
PAGES := frontend/dist/index.html
PAGES_FROM := $(wildcard frontend/*.ts frontend/*.html frontend/*.json) \
	$(shell find frontend/src -type f)

.PHONY: demo serve suggestions test check bench lock graphiql frontend viewer pages \
	test-frontend

demo: .venv/runtime pages  ## the portal with a small demo hospital, at PORTAL_PORT (8000)
	exec $(BIN)/python -m portal.embedded --demo

serve: .venv/runtime pages  ## the same server without demo data
	exec $(BIN)/python -m portal.embedded

suggestions: .venv/suggestions  ## an optional model, for "did you mean" in questions

frontend: $(PAGES)  ## the portal's pages, where their sources have changed

pages:  # a server without them is of use as well
	@[ -z "$(BUILT)" ] || $(MAKE) --no-print-directory $(BUILT) || { \
		echo "Not all could be built (see above). The portal starts with what is there:"; \
		[ -e $(PAGES) ] || echo "- no pages, but the admin, GraphQL and DICOMweb"; \
		[ -e $(VIEWER)/index.html ] || echo "- no viewer, but the images in the pages"; \
		echo "To try again: make $(BUILT)"; }

test-frontend: frontend/node_modules  ## style, types and tests of the pages alone
	cd frontend && $(NPM) run --silent check && $(NPM) run --silent test

test: .venv/dev  ## all tests, two at a time
	$(BIN)/python -m pytest -n 3

check: .venv/dev  ## lint, format, types, layers, GraphQL schema
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/mypy
	$(BIN)/python manage.py schema --check

bench: .venv/dev  ## the benchmarks, side by side with Orthanc where it is installed
	$(BIN)/python -m bench

lock: .venv/dev  ## new versions of everything
	$(BIN)/python -m pip install --quiet uv
	$(COMPILE) -o requirements.lock --upgrade
	$(COMPILE) --group dev -c requirements.lock -o requirements-dev.lock --upgrade
	$(subst pyproject.toml,--no-deps --group suggestions,$(COMPILE)) -o $(SUGGESTIONS) \
		--upgrade
	$(subst pyproject.toml,frontend/node.in,$(COMPILE)) -o frontend/node.lock --upgrade

graphiql:  ## what /graphql shows in a browser, fetched anew; needs npm
	tmp=$$(mktemp -d) && trap 'rm -r $$tmp' EXIT && \
	for name in graphiql@2.4.7 react@18.3.1 react-dom@18.3.1; do \
		mkdir $$tmp/$${name%@*} && npm pack --silent --pack-destination $$tmp $$name && \
		tar xzf $$tmp/$${name%@*}-$${name#*@}.tgz -C $$tmp/$${name%@*} || exit 1; \
	done && \
	sed '/^@font-face {$$/,/^}$$/d' $$tmp/graphiql/package/graphiql.min.css \
		>$(GRAPHIQL)/graphiql.min.css && \
	cp $$tmp/graphiql/package/graphiql.min.js $$tmp/react/package/umd/react.production.min.js \
		$$tmp/react-dom/package/umd/react-dom.production.min.js $(GRAPHIQL) && \
	cp $$tmp/graphiql/package/LICENSE $(GRAPHIQL)/LICENSE.graphiql && \
	cp $$tmp/react/package/LICENSE $(GRAPHIQL)/LICENSE.react

viewer: $(VIEWER)/index.html  ## OHIF, which the portal serves at /viewer/

# What was built elsewhere and copied needs no packages: they are no prerequisite.
$(VIEWER)/index.html: $(wildcard frontend/viewer/*.js frontend/viewer/*.mjs \
	frontend/viewer/*.html) | .venv/python
	@$(MAKE) --no-print-directory frontend/node_modules
	cd frontend && $(PATIENTLY) ./with-node node viewer/build.mjs viewer/dist

$(PAGES): $(PAGES_FROM) | .venv/python
	@$(MAKE) --no-print-directory frontend/node_modules
	cd frontend && $(NPM) run --silent build

# A registry that is silent is found out by one question: npm asks many at a time.
frontend/node_modules: frontend/package-lock.json | .venv/python
	@cd frontend && $(NPM) view --silent --prefer-online events name >/dev/null || { \
		echo "No registry of npm packages answers: npm config get registry" >&2; exit 1; }
	cd frontend && $(NPM) ci --loglevel=error --no-progress
	touch $@

.venv/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and \
		"The portal needs Python 3.11 or later: make PYTHON=python3.12")'
	$(PYTHON) -m venv .venv || { echo "python3 cannot make virtual environments: \
	install its venv package (Debian: apt-get install python3-venv)"; exit 1; }
	touch $@

.venv/runtime: requirements.lock | .venv/python
	$(PIP) -r requirements.lock
	touch $@

.venv/dev: requirements-dev.lock .venv/suggestions | .venv/python
	$(PIP) -r requirements-dev.lock
	touch $@ .venv/runtime

# Without what they declare to need, which is a program to train models with, of 3 GB.
.venv/suggestions: $(SUGGESTIONS) | .venv/python
	$(PIP) --no-deps -r $(SUGGESTIONS)
	touch $@
