# docqa: every command of the project. `make` alone lists them.
# They need no terminal and no input, and run with the make and sh of Debian and macOS.

.DEFAULT_GOAL := help
SHELL := /bin/sh

PYTHON ?= python3
PY := .venv/bin/python
# uv trusts the certificates that the system trusts, as pip does, and pip's settings hold for it too, where it has
# none of its own. None is required.
UV_SETTINGS := $(if $(UV_SYSTEM_CERTS),,UV_SYSTEM_CERTS=true) \
	$(if $(UV_DEFAULT_INDEX),,$(if $(PIP_INDEX_URL),UV_DEFAULT_INDEX="$(PIP_INDEX_URL)")) \
	$(if $(UV_HTTP_TIMEOUT),,$(if $(PIP_DEFAULT_TIMEOUT),UV_HTTP_TIMEOUT="$(PIP_DEFAULT_TIMEOUT)")) \
	$(if $(SSL_CERT_FILE),,$(if $(PIP_CERT),SSL_CERT_FILE="$(PIP_CERT)"))
# Progress bars for people, silence for logs.
UV = env $(UV_SETTINGS) .venv/bin/uv --no-progress --quiet
ifneq ($(shell test -t 2 && echo terminal),)
UV = env $(UV_SETTINGS) .venv/bin/uv
endif
# Without bytecode each of a hundred short processes would compile all of its libraries again.
unexport PYTHONDONTWRITEBYTECODE
# sam builds with the interpreter it finds: the project's own.
export PATH := $(CURDIR)/.venv/bin:$(CURDIR)/.tools/sam/bin:$(PATH)

VENV := .venv/.installed
SAM := .tools/sam/.installed
CHECKOV := .tools/checkov/.installed
AUDIT := .tools/audit/.installed

## Use it

.PHONY: help
help: ## list the commands
	@awk 'BEGIN { FS = ":.*## " } \
		/^## / { printf "\n%s\n", substr($$0, 4) } \
		/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

.PHONY: demo
demo: setup ## the whole of it on this machine: start, deploy, drop documents, ask, print cited answers
	@$(PY) -m devstack.demo

.PHONY: up admin down reset status
up: setup ## start the one-machine cloud
	@$(PY) -m devstack up

admin: setup ## make the demo's person an administrator, who may run `docqa export-feedback` (until `make reset`)
	@$(PY) -m devstack admin

down: setup ## stop what `make up` or `make demo` started
	@$(PY) -m devstack down

reset: setup ## stop it and forget its data
	@$(PY) -m devstack reset

status: setup ## what runs where
	@$(PY) -m devstack status

## Work on it

.PHONY: setup
setup: $(VENV) $(SAM) ## install everything, hash-locked, into .venv and .tools (the other commands do it by themselves)
	@:

.PHONY: test
test: setup ## every test: unit, integration, infrastructure, end to end
	@$(PY) -m tools.run_tests

.PHONY: unit
unit: $(VENV) ## the quick tests only: no network, no services
	@$(PY) -m pytest tests/unit

.PHONY: check
check: setup $(CHECKOV) check-format check-lint check-types check-locks check-templates check-docs ## every gate: format, lint, types, locks, templates, docs freshness
	@echo "Every gate is open."

.PHONY: bench bench-ingest bench-load eval-attacks count cost
bench: setup ## measure the main path on the running one-machine cloud (after make demo)
	@$(PY) -m benchmarks.main_path

bench-ingest: setup ## measure ingestion there: pace, sizes, cost, bursts, odd files; fails when a target is missed (ARGS=--quick)
	@$(PY) -m benchmarks.ingest $(ARGS)

bench-load: setup ## measure heavy loads in process: calls, costs of routes, admission, throttles, quotas (ARGS="--only live": on the cloud)
	@$(PY) -m benchmarks.load $(ARGS)

eval-attacks: setup ## plant instructions in documents and see what comes out (DATA=FOLDER; a running one-machine cloud)
	@AWS_ENDPOINT_URL_BEDROCK_RUNTIME=http://127.0.0.1:$${DOCQA_MODELS_PORT:-4580} AWS_ACCESS_KEY_ID=local \
		AWS_SECRET_ACCESS_KEY=local AWS_DEFAULT_REGION=us-east-1 $(PY) -m evaluation.attacks --data "$(DATA)" \
		--opensearch http://127.0.0.1:$${DOCQA_OPENSEARCH_PORT:-9200} $(ARGS)

count: setup ## count the calls of a document and of a question there, for make cost
	@$(PY) -m benchmarks.count_calls

cost: $(VENV) ## what a stack costs, from counted calls and dated prices
	@$(PY) -m benchmarks.cost

.PHONY: eval eval-check
eval: $(VENV) ## how good the answers are, on question sets below DATA (ARGS="--limit 100"); the figures go into the README
	@$(PY) -m evaluation.all_sets --data "$(DATA)" $(ARGS)

eval-check: $(VENV) ## the same on a small set of its own, against its baseline: fails when a figure got worse
	@$(PY) -m evaluation.regression $(ARGS)

.PHONY: promises
promises: $(VENV) ## what docqa promises, and what the last `make test` says about it
	@$(PY) -m tools.promises

.PHONY: docs
docs: $(VENV) ## write the generated pages and contracts again
	@$(PY) -m tools.docs write

.PHONY: audit
audit: $(VENV) $(AUDIT) ## look for known vulnerabilities in every locked package (asks the package index)
	@for lock in requirements/*.txt; do \
		echo "auditing $$lock"; \
		.tools/audit/bin/pip-audit --progress-spinner=off --strict --disable-pip --require-hashes --requirement $$lock || exit 1; \
	done

.PHONY: format
format: $(VENV) ## put the code into the one format
	@.venv/bin/ruff format --quiet .
	@.venv/bin/ruff check --quiet --fix .

.PHONY: lock
lock: $(VENV) ## lock the dependencies again after an .in file changed (UPGRADE=1: raise all versions)
	@env $(UV_SETTINGS) $(PY) -m tools.locks make $(if $(UPGRADE),--upgrade)

.PHONY: clean
clean: ## remove what was built and installed (stop the cloud first: make down)
	rm -rf .venv .tools .aws-sam build .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage

# --- the gates ------------------------------------------------------------------------------------------

CODE := $(wildcard layers/docqa functions cli devstack evaluation benchmarks models tools)

.PHONY: check-format check-lint check-types check-locks check-templates check-docs
check-format: $(VENV)
	@echo "format"
	@.venv/bin/ruff format --quiet --check . || { echo "run: make format" >&2; exit 1; }

check-lint: $(VENV)
	@echo "lint"
	@.venv/bin/ruff check --quiet .

check-types: $(VENV)
	@echo "types"
	@.venv/bin/mypy --no-error-summary $(CODE)

check-locks: $(VENV)
	@echo "locks"
	@$(PY) -m tools.locks check
	@env $(UV_SETTINGS) $(PY) -m tools.locks deploy

check-templates: $(VENV) $(SAM) $(CHECKOV)
	@echo "templates"
	@mkdir -p build
	@SAM_CLI_TELEMETRY=0 .tools/sam/bin/sam validate --lint --region eu-west-1 > build/validate.log 2>&1 \
		|| { cat build/validate.log >&2; exit 1; }
	@$(PY) -m tools.translate > build/template.json
	@.tools/sam/bin/cfn-lint --config-file tools/cfn-lint.yaml --template build/template.json
	@.tools/checkov/bin/checkov --config-file .checkov.yaml --file build/template.json
	@SAM_CLI_TELEMETRY=0 .tools/sam/bin/sam validate --lint --region eu-west-1 --template models/template.yaml > build/validate.log 2>&1 \
		|| { cat build/validate.log >&2; exit 1; }
	@rm -rf build/hosting
	@$(PY) -m models.deployments build/hosting
	@.tools/sam/bin/cfn-lint --config-file tools/cfn-lint.yaml --template models/template.yaml build/hosting/*.json
	@.tools/checkov/bin/checkov --config-file models/checkov.yaml --directory build/hosting

check-docs: $(VENV)
	@echo "docs"
	@$(PY) -m tools.docs check

# --- what setup installs -----------------------------------------------------------------------------

$(VENV): requirements/uv.txt requirements/dev.txt requirements/models.txt pyproject.toml
	@tools/make_venv "$(PYTHON)"
	@echo "Installing the development environment (.venv)"
	@.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
	@$(UV) pip sync --python $(PY) --require-hashes requirements/uv.txt requirements/dev.txt requirements/models.txt
	@$(UV) pip install --python $(PY) --no-deps --no-build-isolation --editable .
	@touch $@

$(SAM) $(CHECKOV) $(AUDIT): .tools/%/.installed: requirements/%.txt | $(VENV)
	@echo "Installing $* (.tools/$*)"
	@test -x .tools/$*/bin/python || $(UV) venv --python $(PY) .tools/$*
	@$(UV) pip sync --python .tools/$*/bin/python --require-hashes requirements/$*.txt
	@touch $@
