# Works on a machine with Python 3.11+ and nothing else of ours; every target sets up what it needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEMO ?= demo
SCALE ?= 1
SEED ?= 1
KILLS ?= 20
WHOLE ?= 0

.PHONY: setup setup-dev browser demo serve-demo test lint bench chaos fuzz sbom audit lock clean

setup: $(VENV)/.run browser
setup-dev: $(VENV)/.dev browser

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; name one: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements.lock pyproject.toml | $(VENV)/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint requirements.lock --editable .
	@touch $@

$(VENV)/.dev: requirements.lock pyproject.toml | $(VENV)/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint requirements.lock --editable '.[dev]'
	@touch $@ $(VENV)/.run

# Pictures in mails and browser tests need Chromium; without it reports go out with tables and HTML bars.
browser:
	@{ command -v chromium && fc-list | grep -i liberation; } >/dev/null 2>&1 || { \
	  if command -v apt-get >/dev/null 2>&1 && [ "$$(id -u)" = 0 ]; then \
	    echo "installing chromium for the pictures in reports"; \
	    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core fonts-liberation >/dev/null; } \
	      || echo "chromium could not be installed: reports will have tables and bars, but no pictures"; \
	  else \
	    echo "chromium is missing and cannot be installed from here: reports will have tables and bars, but no pictures (Debian: apt install chromium)"; \
	  fi; }

# The sandbox company's systems, the real main job against them, the director's report.
demo: setup
	$(BIN)/skvoz demo --out $(DEMO) --scale $(SCALE)

serve-demo: demo
	$(BIN)/skvoz dashboard --config $(DEMO)/skvoz.toml

test: setup-dev
	PYTHONDONTWRITEBYTECODE= $(BIN)/pytest -n 3 --dist loadfile --no-loadscope-reorder

lint: setup-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/sqlfluff lint --processes 2 dbt_project/models dbt_project/tests

bench: setup-dev
	$(BIN)/python -m tests.bench --write docs/benchmarks.md

# Kills, broken answers, full disks and damaged files against the sandbox company; the same seed tries the same.
chaos: setup-dev
	$(BIN)/python -m tests.chaos --seed $(SEED) --kills $(KILLS) --whole $(WHOLE)

# Every reader against damaged files, new ones each time and 50 times as many as in the suite.
fuzz: setup-dev
	SKVOZ_FUZZ=thorough $(BIN)/pytest tests/ingestion -k "damage or whatever"

build/tools/.ready:
	$(PYTHON) -m venv build/tools
	build/tools/bin/pip install --quiet --disable-pip-version-check 'cyclonedx-bom>=7.5' 'pip-audit>=2.10' safety-db packaging
	@touch $@

# The software bill of materials (CycloneDX, JSON) of what is installed, without the project's own tools.
sbom: setup build/tools/.ready
	build/tools/bin/cyclonedx-py environment $(BIN)/python --pyproject pyproject.toml --output-reproducible --of JSON -o build/skvoz.cdx.json
	@echo build/skvoz.cdx.json

# Known faults of the pinned packages: OSV's, or where that is out of reach the old ones that a package ships.
audit: build/tools/.ready
	@if build/tools/bin/python -c 'import socket; socket.create_connection(("api.osv.dev", 443), 10)' 2>/dev/null; then \
	  build/tools/bin/pip-audit --vulnerability-service osv --requirement requirements.lock --no-deps --disable-pip; \
	else \
	  echo "api.osv.dev is not reached from here"; build/tools/bin/python -m tests.advisories; \
	fi

# Pins everything; carries no index address.
lock:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet uv
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --no-header --all-extras pyproject.toml -o requirements.lock

clean:
	rm -rf $(VENV) $(DEMO) build *.egg-info
