# Everything a developer runs. Nothing is needed but Python 3.11 or later, make, and a package index.
#
#   make demo     the whole system with no tokens and no accounts; ARGS are handed on
#   make quick    the tests that take seconds, on SQLite
#   make test     all of them, on PostgreSQL too
#   make lint     style, types, arrows             make format rewrite to the style
#   make bench    the benchmarks; ARGS are handed on
#   make soak     an hour of members, with every fault and kills, in minutes
#   make crash    broadcasts killed 200 times with every fault on, in about 15 minutes
#   make fuzz     a hundred thousand bad requests at both webhooks
#   make requirements   pin the newest versions that pyproject.toml allows
#
# Each makes its own .venv when there is none, and renews it when the pins have changed.

PYTHON ?= python3
# Three workers on two cores: tests wait for sockets and time-outs about as long as they compute.
WORKERS ?= 3

BIN := .venv/bin
PIP := $(BIN)/python -m pip -qq --disable-pip-version-check --no-input
COMPILE := CUSTOM_COMPILE_COMMAND='make requirements' $(BIN)/pip-compile --quiet --upgrade \
	--generate-hashes --strip-extras --allow-unsafe --no-emit-index-url \
	--no-emit-trusted-host --no-emit-find-links
RUN_TIME := .venv/.run-time
DEVELOPMENT := .venv/.development

.DELETE_ON_ERROR:
.PHONY: demo test quick lint format bench soak crash fuzz requirements clean

demo: $(RUN_TIME)
	$(BIN)/convoke demo $(ARGS)

test: $(DEVELOPMENT)
	$(BIN)/pytest -n $(WORKERS) --dist worksteal $(ARGS)

quick: $(DEVELOPMENT)
	$(BIN)/pytest -n $(WORKERS) --dist worksteal -m 'not slow and not e2e and not postgres' $(ARGS)

lint: $(DEVELOPMENT)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(DEVELOPMENT)
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

bench: $(DEVELOPMENT)
	$(BIN)/pytest -s --timeout 0 -o python_files='bench_*.py' tests/benchmarks $(ARGS)

soak: $(DEVELOPMENT)
	$(BIN)/pytest -s --timeout 0 -o python_files='soak_*.py' tests/soak $(ARGS)

crash: $(DEVELOPMENT)
	$(BIN)/pytest --timeout 0 -n 3 -rP -o python_files='crash_*.py' tests/crash $(ARGS)

fuzz: $(DEVELOPMENT)
	$(BIN)/pytest -s --timeout 0 -o python_files='bench_storm.py' tests/benchmarks $(ARGS)

requirements: $(DEVELOPMENT)
	$(COMPILE) --build-deps-for wheel -o requirements.txt pyproject.toml
	$(COMPILE) --extra dev -c requirements.txt -o requirements-dev.txt pyproject.toml

clean:
	rm -rf .venv build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache \
		.import_linter_cache .grimp_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The environment. A stamp is written last, so that one half made is made again.

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo 'Convoke needs Python 3.11 or later. Name one: make PYTHON=/path/to/python3.11 …' >&2; \
		exit 1; }
	@echo 'Making .venv: the first time takes a minute'
	@$(PYTHON) -m venv .venv

# setuptools warns, at every editable install, that the folder at hand comes first on the path.
$(RUN_TIME): requirements.txt pyproject.toml | .venv/bin/python
	@$(PIP) install --require-hashes -r requirements.txt
	@PYTHONWARNINGS=ignore $(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(DEVELOPMENT): requirements-dev.txt $(RUN_TIME)
	@$(PIP) install --require-hashes -r requirements-dev.txt
	@touch $@
