# Every command of the project. Needs make and Python 3.11 or later; the rest is installed here.

BIN := .venv/bin
CASES ?= 10000

.DEFAULT_GOAL := help
.PHONY: help setup demo test bench fuzz chaos lint audit lock

help: ## Show these commands
	@sed -n 's/^\([a-z][a-z-]*\):.*## \(.*\)/  \1\t\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 14

setup: .venv/.dev ## Install everything for work on the project into .venv

demo: .venv/.embedded ## Start the whole system and play a morning of reports; DEMO_EXIT=1 stops after it
	@$(BIN)/suishoupai demo

test: .venv/.dev ## Run every test, two files at a time; the integration tests start stacks of their own
	@$(BIN)/pytest --numprocesses 2 --dist loadfile

bench: .venv/.dev ## Make lifelike cases over two years and time every question of the board (CASES=1000000)
	@$(BIN)/python -m bench.fill --folder .bench/$(CASES) --cases $(CASES)
	@$(BIN)/python -m bench.board --folder .bench/$(CASES) --out .bench/$(CASES).json

chaos: .venv/.dev ## Kill, double, disorder, poison and fill up; say what was lost (CHAOS="--help" for parts)
	@$(BIN)/python -m tests.chaos $(CHAOS)

fuzz: .venv/.dev ## Send everything the API's description allows, and does not, for minutes (FUZZ="--help")
	@$(BIN)/python -m tests.fuzz $(FUZZ)

lint: .venv/.dev ## Check style, types, which module may import which, secrets and known vulnerabilities
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m scripts.secret_scan
	$(BIN)/python -m scripts.audit

audit: .venv/.dev ## Look up known vulnerabilities of every pinned package (AUDIT=strict: of each something must be known)
	@$(BIN)/python -m scripts.audit

lock: .venv/.dev ## Pin every package of pyproject.toml anew into requirements/
	scripts/lock

# What is installed is remembered by a stamp each; `dev` holds all of `embedded` and stamps both.
.venv/.%: requirements/%.txt
	@scripts/setup $*
