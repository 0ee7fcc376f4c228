PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help install bench quick reference summary check-reference test smoke lint format benchmarks docs site package constraints clean

# The run that check-reference compares with the committed one.
RUN ?= results/quick

# The run whose summary the wheel carries; one of the profile beside may be added to that of standard.
SUMMARY_OF ?= results/reference

# The order of the tests, another one each time: make prints its number, and ORDER=number repeats it.
ORDER := $(or $(ORDER),$(shell date +%s))

help:  ## Show what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | awk -F'\t' '{printf "  make %-15s %s\n", $$1, $$2}'

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "cryptobench needs Python 3.11 or newer; say which: make PYTHON=python3.12 ..."; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dask,dev,docs,learned]'
	@touch $@

install: $(READY)  ## Make the virtual environment .venv with pinned dependencies

bench: $(READY)  ## Measure every cipher (25 to 45 minutes on two cores) into results/standard
	$(BIN)/cryptobench run --all

quick: $(READY)  ## Measure every cipher on one small image (3 to 7 minutes on two cores) into results/quick
	$(BIN)/cryptobench run --all --profile quick

reference: $(READY)  ## Renew results/reference: standard and quick runs of every cipher (half an hour to an hour), then the README's table
	$(BIN)/python docs/make_reference.py
	$(BIN)/python docs/make_summary.py results/reference
	$(BIN)/python docs/update_readme.py results/reference

summary: $(READY)  ## Renew the summary of a run (SUMMARY_OF=folder) that the wheel carries for --beside reference
	$(BIN)/python docs/make_summary.py $(SUMMARY_OF)

check-reference: $(READY)  ## Compare a quick run (make quick, or RUN=folder) with the committed one
	@if [ -d results/reference/quick ]; then $(BIN)/cryptobench check $(RUN) --against results/reference/quick; \
	else echo "there is no results/reference/quick yet, so nothing was compared; make reference writes it"; fi

test: $(READY)  ## Check style, types and layers, and run the tests
	$(MAKE) lint
	$(BIN)/python -m compileall -q cryptobench
	$(BIN)/python -m pytest -n logical --maxprocesses 8 --dist worksteal --ignore tests/speed --random-order-seed=$(ORDER)
	$(BIN)/python -m pytest tests/speed

smoke: $(READY)  ## Install the wheel without extras for each Python from 3.11 to 3.13 that is found, and use it
	$(BIN)/python tests/smoke_wheel.py

package: $(READY)  ## Build sdist and wheel into dist/, install each in a fresh environment, and use it
	rm -rf dist
	$(BIN)/python -m hatchling build -d dist
	for file in dist/*; do $(BIN)/python tests/smoke_wheel.py --wheel "$$file" --python $(BIN)/python || exit 1; done

lint: $(READY)  ## ruff, mypy, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(READY)  ## Format the code and fix what ruff can fix
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

benchmarks: $(READY)  ## Time kernels, ciphers and the harness, as ratios (tests/speed)
	$(BIN)/python -m pytest tests/speed --benchmark-enable --benchmark-only

docs: $(READY)  ## Build the documentation into docs/_build/html
	$(BIN)/sphinx-build -W --keep-going docs docs/_build/html

site: $(READY)  ## Build leaderboard, pages of ciphers and documentation (minutes) into docs/_build/site
	rm -rf docs/_build/site
	$(BIN)/sphinx-build -q -W --keep-going -t site -d docs/_build/doctrees docs docs/_build/site/docs
	$(BIN)/cryptobench site results/reference docs/_build/site --calibration results/calibration --docs docs
	@test $$(du -sk docs/_build/site | cut -f 1) -lt 25000 || { echo "the site has 25 MB or more"; exit 1; }

constraints: $(READY)  ## Write the installed versions to constraints.txt
	$(BIN)/python -m pip freeze --exclude-editable --exclude torch | grep -v '^-e' > constraints.txt
	echo 'torch==2.13.0' >> constraints.txt

clean:  ## Remove the virtual environment and caches
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .benchmarks .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
