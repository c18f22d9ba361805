# Everything runs from .venv, which `make install` builds from constraints.txt; nothing else is asked of the machine
# than Python 3.11 or newer and make. `make help` lists the targets.
PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3.13 || command -v python3)
BIN := .venv/bin
EXTRAS := s3,dask,browser,postgres
STAMP := .venv/.installed

# Prefect would otherwise report usage statistics; nothing here leaves the machine.
export PREFECT_SERVER_ANALYTICS_ENABLED := false
export DO_NOT_TRACK := 1

.PHONY: help install demo test test-fast faults world mutants lint run serve lock audit dictionary clean

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

install: $(STAMP) ## .venv with newsmill, its extras and the development tools

# uv resolves in seconds what takes pip a minute, with the certificates that the system trusts, as pip does; where it cannot
# be had or cannot reach the index, pip does the same. Bytecode is compiled now: otherwise each first start of a command would.
$(STAMP): pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "No Python found: install Python 3.11 or newer, or say make PYTHON=/path/to/python"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv || { echo "Creating .venv failed: on Debian, install python3-venv"; exit 1; }
	@$(BIN)/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo ".venv has a Python older than 3.11: remove it, then say make PYTHON=python3.11"; exit 1; }
	@{ $(BIN)/python -m pip install -q --disable-pip-version-check uv \
	   && UV_LINK_MODE=copy UV_NATIVE_TLS=1 UV_SYSTEM_CERTS=1 $(BIN)/uv pip install -q --compile-bytecode --python $(BIN)/python -c constraints.txt -e '.[$(EXTRAS)]' --group dev; } \
	 || { echo "uv could not install: trying pip"; \
	      $(BIN)/python -m pip install -q -U 'pip>=25.1' && $(BIN)/python -m pip install -q -c constraints.txt -e '.[$(EXTRAS)]' --group dev; }
	@touch $@

demo: install ## crawl the embedded sample web, clean it, and write data/demo/
	$(BIN)/newsmill demo

# Four at most: each process that meets a test of Prefect or PostgreSQL starts a server of its own.
test: install ## the tests, in as many processes as there are cores
	$(BIN)/pytest -n auto --maxprocesses 4 --dist loadgroup

world: install ## WordPress, Hexo, Jekyll, … with stock themes, filled, crawled, edited and crawled again: the scorecard
	$(BIN)/python -m tests.world.toolbox
	$(BIN)/pytest -m world -s tests/world

test-fast: install ## the tests that crawl nothing, serve nothing and kill nothing
	$(BIN)/pytest --hypothesis-profile=fast -m "not slow and not browser and not postgres and not world"

mutants: install ## break the core on purpose: the score of each module, and what no fast test noticed
	@test -x .venv-mutants/bin/mutmut || { $(PYTHON) -m venv .venv-mutants \
	   && UV_LINK_MODE=copy UV_NATIVE_TLS=1 UV_SYSTEM_CERTS=1 $(BIN)/uv pip install -q --python .venv-mutants/bin/python \
	      -c constraints.txt -e '.[$(EXTRAS)]' --group dev --group mutants; }
	.venv-mutants/bin/python -m benchmarks.mutants

faults: install ## attack it: kills, faults, hostile inputs; prints a table of cases and what survived
	$(BIN)/pytest tests/faults

lint: install ## ruff, mypy --strict, the layers, the data dictionary
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/newsmill dictionary --check

docs: install ## the documentation site in site/; a warning or a broken link fails
	$(BIN)/uv pip install -q --python $(BIN)/python -c constraints.txt --group docs \
	  || $(BIN)/python -m pip install -q -c constraints.txt --group docs
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

run: install ## crawl the sources that are enabled in spiders/sources/ into data/ (needs NEWSMILL_CONTACT)
	$(BIN)/newsmill run

serve: install ## a Prefect server, the work pool, the deployments of prefect.yaml and a worker, until Ctrl-C
	$(BIN)/newsmill serve

lock: install ## resolve constraints.txt and requirements.lock anew; they name no package host
	$(BIN)/uv pip compile --universal --python-version 3.11 --no-header --no-annotate --no-emit-index-url \
	  --all-extras --group dev --group docs --group mutants -o constraints.txt pyproject.toml
	$(BIN)/uv pip compile --universal --python-version 3.11 --no-header --no-annotate --no-emit-index-url \
	  --all-extras --generate-hashes -c constraints.txt -o requirements.lock pyproject.toml

# What an index serves today against the hashes of the day the lock was made: a file that was swapped does not install.
audit: install ## install what the wheel needs into a scratch environment, each file checked against its hash
	rm -rf .audit && $(BIN)/uv venv -q --python $(BIN)/python .audit
	UV_LINK_MODE=copy UV_NATIVE_TLS=1 UV_SYSTEM_CERTS=1 $(BIN)/uv pip install -q --no-cache --python .audit/bin/python \
	  --require-hashes --no-deps -r requirements.lock
	$(BIN)/uv pip check -q --python .audit/bin/python
	@echo "$$(grep -c '^[a-z0-9]' requirements.lock) pinned packages, each file as its hash says"
	rm -rf .audit

dictionary: install ## write data/README.md from cleaning/records
	$(BIN)/newsmill dictionary

clean: ## remove .venv and what the demo wrote
	rm -rf .venv data/demo* site
