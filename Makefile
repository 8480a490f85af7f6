# Everything a fresh clone needs: `make demo` shows the whole path, `make test` runs all tests.

RIGHT := import sys; sys.exit(sys.version_info[:2] not in ((3, 11), (3, 12)))
# The first that runs and is right: a name can be on the PATH and still not run (version managers leave such names).
PYTHON ?= $(shell for name in python3.12 python3.11 python3; do \
  $$name -c '$(RIGHT)' 2>/dev/null && echo $$name && break; done)
VENV := .venv
RUN := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.PHONY: demo test unit lint clean

demo: $(VENV)/demo data/synthetic/manifest.json
	$(RUN)/htr-harness submit submissions/example

data/synthetic/manifest.json: | $(VENV)/demo
	$(RUN)/htr-harness data make synthetic

test: $(VENV)/dev
	$(RUN)/python -m pytest

unit: $(VENV)/dev
	$(RUN)/python -m pytest -m "not slow"

lint: $(VENV)/dev
	$(RUN)/ruff check .
	$(RUN)/ruff format --check .
	$(RUN)/mypy

clean:
	rm -rf $(VENV) data runs site build dist

$(VENV)/demo $(VENV)/dev: $(VENV)/%: pyproject.toml | $(VENV)/bin/python
	$(RUN)/pip install --quiet --editable '.[$*]'
	touch $@

$(VENV)/bin/python:
	@test -n "$(PYTHON)" && $(PYTHON) -c '$(RIGHT)' || \
	  { echo "htr-harness needs Python 3.11 or 3.12; say which: make PYTHON=/path/to/python3.12"; exit 2; }
	$(PYTHON) -m venv $(VENV)
