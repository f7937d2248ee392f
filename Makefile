# Two commands for a stranger: `make demo` and `make test`. Recipes are silent: stdout belongs to the program they
# run, and what an installer says is shown only when it fails.
#
#   make demo [ARGS='--once --json']      the whole job on real figures
#   make test · check · soak · bench      tests; format, lint, types, contracts, licences; long runs; figures
#   make wheelhouse                       every package as a file, for a site without a network
#   make demo WHEELHOUSE=dir              install from such a folder and nowhere else

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
ARGS ?=
WHEELHOUSE ?=
TESTS ?= tests

ENV := .venv
ORACLE := .venv-oracle
LOG := $(ENV)/install.log
RUN := $(ENV)/bin/python
# Three for two cores: many tests wait for a lease or a partner. More than four only compete for the disk: each has a
# PostgreSQL of its own.
WORKERS := $(shell echo $$(( ($$(getconf _NPROCESSORS_ONLN) * 3 + 1) / 2 )))
PYTEST := $(RUN) -m pytest -p tests.house.skips --numprocesses $(WORKERS) --maxprocesses 4 --dist worksteal

PIP := $(RUN) -m pip --disable-pip-version-check --no-input
ifneq ($(WHEELHOUSE),)
PIP := PIP_CONFIG_FILE=/dev/null $(PIP) --isolated
FROM := --no-index --find-links "$(WHEELHOUSE)"
endif

# $(call quietly,what people read,commands): the commands' words go to the log, which is shown when they fail.
define quietly
	@echo '… $(1)' >&2; \
	{ $(2); } >$(LOG).new 2>&1 && mv $(LOG).new $(LOG) || { cat $(LOG).new >&2; exit 1; }
endef

.NOTPARALLEL:
.PHONY: help demo test check soak bench wheelhouse setup setup-dev tools oracle

help:
	@sed -n 's/^#   //p' Makefile >&2

demo: setup
	@$(RUN) -m gateway demo $(ARGS)

test: tools setup-dev
	@$(PYTEST) $(TESTS) $(ARGS)

check: setup-dev
	@$(RUN) -m ruff format --check --quiet .
	@$(RUN) -m ruff check --quiet .
	@$(RUN) -m mypy
	@$(RUN) $(ENV)/bin/lint-imports --no-logo --debug  # without it a broken configuration fails in silence
	@$(RUN) -m pytest tests/house

# Nothing collected (5) is no failure: a tree without long runs has none to run.
soak: tools setup-dev oracle
	@$(PYTEST) -m soak $(TESTS) $(ARGS) || [ $$? -eq 5 ]

bench: setup
	@$(RUN) -m gateway bench all $(ARGS)

# The development lock holds the other one: a closed site can run the tests as well.
wheelhouse: $(ENV)/made
	$(call quietly,collecting packages in wheelhouse/,$(PIP) download --require-hashes --dest wheelhouse \
		-r requirements-dev.lock)

# Another implementation to compare signatures with. It wants its own lxml, so it has an environment of its own; where
# it cannot be had its tests are skipped by name.
oracle: $(ENV)/made
	@[ -n "$(WHEELHOUSE)" ] || [ $(ORACLE)/made -nt requirements-oracle.lock ] || { echo '… making $(ORACLE)' >&2; \
		{ $(PYTHON) -m venv $(ORACLE) && $(ORACLE)/bin/python -m pip --disable-pip-version-check --no-input install \
			--require-hashes -r requirements-oracle.lock && touch $(ORACLE)/made; } >$(ENV)/oracle.log 2>&1 || \
		{ tail -3 $(ENV)/oracle.log; echo 'no oracle'; } >&2; }

setup: $(ENV)/locked $(ENV)/project

setup-dev: $(ENV)/locked-dev $(ENV)/project

# Only root can; a tool that cannot be had is no end: tests that need it are skipped by name, and in CI that fails.
tools: $(ENV)/made
	@[ "$$(id -u)" = 0 ] && [ -z "$(WHEELHOUSE)" ] && command -v apt-get >/dev/null || exit 0; \
	missing=; for tool in $$(sed 's/#.*//' apt.txt); do \
		[ "$$(dpkg-query -W -f '$${db:Status-Abbrev}' "$$tool" 2>/dev/null)" = 'ii ' ] || missing+=" $$tool"; \
	done; \
	[ -n "$$missing" ] || exit 0; echo "… installing$$missing" >&2; \
	export DEBIAN_FRONTEND=noninteractive; \
	{ apt-get -q update && apt-get -qy -o DPkg::Lock::Timeout=120 install --no-install-recommends $$missing; } \
		>$(ENV)/tools.log 2>&1 </dev/null || { cat $(ENV)/tools.log; echo "not installed:$$missing"; } >&2

$(ENV)/made:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' || \
		{ echo 'Python 3.11, 3.12 or 3.13 is needed: make PYTHON=python3.x …' >&2; exit 1; }
	@mkdir -p $(ENV)
	$(call quietly,making $(ENV),$(PYTHON) -m venv $(ENV))
	@touch $@

$(ENV)/locked: requirements.lock $(ENV)/made
	$(call quietly,installing packages,$(PIP) install $(FROM) --require-hashes -r requirements.lock)
	@touch $@

$(ENV)/locked-dev: requirements-dev.lock $(ENV)/made
	$(call quietly,installing packages and test tools,$(PIP) install $(FROM) --require-hashes -r requirements-dev.lock)
	@touch $(ENV)/locked $@

$(ENV)/project: pyproject.toml $(ENV)/locked
	$(call quietly,installing the gateway,$(PIP) install --no-index --no-deps --no-build-isolation --editable .)
	@touch $@
