# Two commands: `make run` serves the page, `make test` checks everything. Both create .venv and install what is missing.
# The rest is for the one who develops: `make check` (lint and types), `make unit` (no browser), `make clean`.
# Settings: PYTHON=/path/to/python3.12, TORCH_INDEX=URL (scripts/set_up.sh says what they do).

.PHONY: run test check unit browser clean
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory
export PYTHON TORCH_INDEX

python := .venv/bin/python

run: .venv/run.stamp
	@$(python) app.py

test: check browser
	@$(python) -m pytest -n 2 --no-loadscope-reorder

check: .venv/test.stamp
	@$(python) -m ruff check .
	@$(python) -m pyright --warnings

unit: .venv/test.stamp
	@$(python) -m pytest -m "not browser"

# Not a stamp: a browser can be removed behind our back, and asking one to start takes a second.
browser: .venv/test.stamp
	@scripts/set_up.sh browser

clean:
	@rm -rf .venv .pytest_cache .ruff_cache

# The order of the two matters: whoever tests also has what running needs.
.venv/run.stamp: requirements.txt
	@scripts/set_up.sh run
	@touch $@

.venv/test.stamp: requirements.txt requirements-dev.txt
	@scripts/set_up.sh test
	@touch .venv/run.stamp $@
