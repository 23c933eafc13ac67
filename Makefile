# Few and obvious. `make run` and `make test` need Python 3.11+ and nothing else.
.PHONY: run test test-peers setup check bench docs clients format clean help

SUITE ?= core
bin := .venv/bin

run: setup ## start the desk at http://127.0.0.1:8080 and trade on paper
	@$(bin)/quantdesk up $(ARGS)

test: setup ## run the tests
	@$(bin)/pytest $(ARGS)

test-peers: setup ## hold results against other libraries (dependency group `peers`), sweeps on Ray
	@uv=$$(command -v uv || echo .tools/uv/bin/uv); \
	UV_PYTHON_DOWNLOADS=never $$uv sync --locked --quiet --group peers --extra ray
	@$(bin)/pytest -m peers $(ARGS)

setup: ## make .venv from the lock file
	@./tools/setup.sh

check: setup ## lint, types, layers, formatting
	@$(bin)/ruff check src tests benchmarks tools docs/examples
	@$(bin)/ruff format --check --quiet src tests benchmarks tools docs/examples
	@$(bin)/mypy
	@$(bin)/mypy tests/typing
	@$(bin)/lint-imports --no-cache
	@$(bin)/python tools/docs.py --check

bench: setup ## measure (SUITE=core or http, JSON=1 for one JSON object, GATE=1 to fail beyond a bound)
	@$(bin)/python -m benchmarks $(SUITE) $(if $(JSON),--json) $(if $(GATE),--gate)

docs: setup ## write the generated pages: docs/spec.md, docs/errors.md, docs/reference.md, contract/
	@$(bin)/python tools/docs.py

clients: setup ## generate and check the TypeScript client (CHECK=1: fail if it is not up to date)
	@PYTHON=$(bin)/python ./tools/clients.sh $(if $(CHECK),--check)

format: setup ## format and fix what can be fixed
	@$(bin)/ruff check --fix --quiet src tests benchmarks tools docs/examples || true
	@$(bin)/ruff format --quiet src tests benchmarks tools docs/examples

clean: ## remove what the targets made
	rm -rf .venv .tools .mypy_cache .ruff_cache .hypothesis dist

help: ## this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10
