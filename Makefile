# facegate: everything a person needs is one of these. `make help` lists them.
.DEFAULT_GOAL := help
SHELL := /bin/sh

VENV   ?= .venv
BIN    := $(VENV)/bin
STAMPS := $(VENV)/.stamps
PHOTOS ?=
ARGS   ?=
# Processes that share the quick tests; 0 is none but pytest's own.
JOBS   ?= 2

.PHONY: help run ui test test-all check fix bench accuracy docs lock clean

help: ## Show this list
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(STAMPS)/run ## Set up everything and serve on http://127.0.0.1:8000 (ARGS="--port 9000")
	@$(BIN)/facegate serve $(ARGS)

ui: $(STAMPS)/ui ## Serve the web page on http://127.0.0.1:8501 beside a running server
	@$(BIN)/facegate ui $(ARGS)

test: $(STAMPS)/dev ## Set up everything and run the quick tests (ARGS="-k gallery", JOBS=0 for one process)
	@# A file stays in one process and files keep their order: some hold a server for as long as their folder lasts.
	@$(BIN)/python -m pytest -m "not slow" -n $(JOBS) --dist loadfile --no-loadscope-reorder $(ARGS)

test-all: $(STAMPS)/dev ## Run every test, the slow ones too
	@$(BIN)/python -m pytest $(ARGS)

check: $(STAMPS)/dev ## Lint, types, layers, lock file
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

fix: $(STAMPS)/dev ## Format and mend what can be mended
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: $(STAMPS)/dev ## Measure speed and memory; writes benchmarks/results/
	@$(BIN)/python -m benchmarks run $(ARGS)

accuracy: $(STAMPS)/dev ## Measure true accepts on PHOTOS="folder of name/*.jpg ..."
	@$(BIN)/python -m benchmarks accuracy $(PHOTOS) $(ARGS)

docs: $(STAMPS)/dev ## Write docs/settings.md and sample.env anew from the settings
	@$(BIN)/python -m facegate.settings.reference_page docs/settings.md

lock: $(STAMPS)/dev ## Resolve the locked versions anew
	@sh tools/lock.sh $(BIN)

clean: ## Remove the environment and build output (never the data folder)
	rm -rf $(VENV) build .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

$(VENV)/.made:
	@sh tools/make-venv.sh $(VENV)
	@touch $@

$(STAMPS)/run: $(VENV)/.made requirements/run.txt pyproject.toml
	@sh tools/install.sh $(BIN) requirements/run.txt
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/ui: $(VENV)/.made requirements/ui.txt pyproject.toml
	@sh tools/install.sh $(BIN) requirements/ui.txt
	@mkdir -p $(STAMPS) && touch $@ $(STAMPS)/run

$(STAMPS)/dev: $(VENV)/.made requirements/dev.txt pyproject.toml
	@sh tools/install.sh $(BIN) requirements/dev.txt
	@mkdir -p $(STAMPS) && touch $@ $(STAMPS)/run
