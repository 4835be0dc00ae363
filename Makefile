# Works on a machine with Python 3.11+ and nothing else of ours; every target sets up what it needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEMO ?= demo
SCALE ?= 1
SEED ?= 1
KILLS ?= 20
WHOLE ?= 0

.PHONY: setup setup-dev browser demo serve-demo test lint bench chaos lock clean

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
	@command -v chromium >/dev/null 2>&1 || { \
	  if command -v apt-get >/dev/null 2>&1 && [ "$$(id -u)" = 0 ]; then \
	    echo "installing chromium for the pictures in reports"; \
	    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core >/dev/null; } \
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
	$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder

lint: setup-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/sqlfluff lint --processes 2 dbt_project/models dbt_project/tests

bench: setup-dev
	$(BIN)/python -m tests.bench

# Kills, broken answers, full disks and damaged files against the sandbox company; the same seed tries the same.
chaos: setup-dev
	$(BIN)/python -m tests.chaos --seed $(SEED) --kills $(KILLS) --whole $(WHOLE)

# Pins everything; carries no index address.
lock:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet uv
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --no-header --all-extras pyproject.toml -o requirements.lock

clean:
	rm -rf $(VENV) $(DEMO) build *.egg-info
