# Everything a developer runs; `make` lists it. Needs make, a shell and Python 3.11 or newer.
# The first target sets up .venv from the pinned, checksummed lists in requirements/.

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.hep-vision-ready
RENDER_READY := $(VENV)/.hep-vision-render-ready

# Only ready-made packages with the checksums of the lists; nothing is compiled here.
INSTALL := $(BIN)/python -m pip --disable-pip-version-check --quiet install --only-binary :all:

LOCK := $(BIN)/uv pip compile --quiet --universal --fork-strategy fewest --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-header --no-annotate

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup demo test lint accuracy month years lock sample-videos pictures live-pictures month-pictures page-pictures wheel check-wheel clean

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' Makefile

setup: $(READY) ## set up .venv; every other target does this too

# The first of these that is new enough. A .venv that is already here is used as it is.
$(BIN)/python:
	@for python in $(or $(PYTHON),python3 python3.13 python3.12 python3.11); do \
		$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 || continue; \
		echo "Setting up $(VENV) with $$($$python --version), once: a minute or two, about 800 MB ..."; \
		$$python -m venv $(VENV) && exit 0; \
		rm -rf $(VENV); \
	done; \
	echo 'make: needs Python 3.11 or newer with its venv module (on Debian and Ubuntu: sudo apt-get install python3-venv); name another one with: make PYTHON=/path/to/python3' >&2; \
	exit 1

$(READY): requirements/dev.txt pyproject.toml | $(BIN)/python
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(BIN)/python -m ensurepip
	@$(INSTALL) --require-hashes -r requirements/dev.txt
	@$(INSTALL) --no-deps --no-build-isolation --no-index --editable .
	@$(BIN)/python scripts/system_libraries.py
	@touch $@

demo: $(READY) ## analyse every sample video and compare with its truth
	@$(BIN)/python scripts/demo.py

test: $(READY) ## run the tests; make test ARGS='-k squat' for some of them
	@$(BIN)/python -m pytest --numprocesses auto --dist worksteal $(ARGS)

lint: $(READY) ## check style, types and the direction of imports
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

accuracy: $(READY) ## count hard cases beside common ways of counting; ARGS='--data FOLDER' adds recordings
	@$(BIN)/python -m benchmarks.accuracy $(ARGS)

month: $(READY) ## make the log of a simulated patient's month, in build/month
	@rm -rf build/month
	@$(BIN)/python -m benchmarks.month --data-dir build/month $(ARGS)

years: $(READY) ## measure how long questions to a log of five years take; it is kept in build/years
	@$(BIN)/python -m benchmarks.years --data-dir build/years $(ARGS)

UPGRADE ?= --upgrade
lock: $(READY) ## pin the newest versions that fit pyproject.toml; UPGRADE= keeps what can stay
	$(LOCK) $(UPGRADE) pyproject.toml --group dev --output-file requirements/dev.txt >/dev/null
	$(LOCK) $(UPGRADE) pyproject.toml --constraint requirements/dev.txt --output-file requirements/runtime.txt >/dev/null
	$(LOCK) $(UPGRADE) --group render --constraint requirements/dev.txt --output-file requirements/render.txt >/dev/null

$(RENDER_READY): $(READY) requirements/render.txt
	@$(INSTALL) --require-hashes -r requirements/render.txt
	@touch $@

sample-videos: $(RENDER_READY) ## render the sample videos again (about 15 minutes on two cores)
	@$(BIN)/python -m sample_videos.render $(ARGS)

pictures: $(READY) ## make the pictures of the README and the manuals again
	@$(BIN)/python scripts/pictures.py

live-pictures: $(READY) ## make the pictures of the live session again (needs xvfb and openbox)
	@$(BIN)/python scripts/live_pictures.py

month-pictures: $(READY) ## make the pictures of progress again, of a simulated month (needs chromium)
	@$(BIN)/python scripts/month_pictures.py

page-pictures: $(READY) ## make the pictures of the pages again (needs chromium)
	@$(BIN)/python scripts/page_pictures.py

wheel: $(READY) ## build dist/*.whl and dist/*.tar.gz
	@rm -rf dist
	@$(BIN)/hatchling build

check-wheel: wheel ## install the wheel by itself and use it
	@$(BIN)/python scripts/check_wheel.py

clean: ## remove what the other targets made, except .venv
	@rm -rf dist build demo_output .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis .coverage
	@find . -name __pycache__ -not -path './$(VENV)/*' -prune -exec rm -rf {} +
