# Everything needs python3 (3.11 or newer) and make, and nothing else: the rest is installed under .venv and .local.
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
STACK := $(BIN)/python -m local.stack

# What was compiled once is kept, whatever the shell says: every program of a test would compile its libraries anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help
help: ## Show these commands
	@sed -n 's/^\([a-z-]*\):.*## /\1|/p' $(MAKEFILE_LIST) | awk -F'|' '{printf "make %-8s %s\n", $$1, $$2}'

# --- The local stack ---------------------------------------------------------------------------------------------
.PHONY: setup up down status demo invoke sam
setup: ## Install the project and its tools into .venv
	@$(PYTHON) local/stack/bootstrap.py

up: setup ## Start the local stack, or bring it up to date; .local/stack.json says where it is
	@$(STACK) up

down: ## Stop the local stack; its data stays under .local
	@if [ -d .local ]; then $(MAKE) -s setup && $(STACK) down; else echo "The local stack is not running."; fi

status: setup ## Say which parts of the local stack run
	@$(STACK) status

demo: setup ## Submit sample orders to the local stack and watch them being shipped; ORDERS=500: a batch with a brake
	@$(BIN)/python -m local.demo $(ORDERS)

invoke: setup ## Run one built function: make invoke FUNCTION=submit_job EVENT=events/submit_job.json
	@$(STACK) invoke "$(FUNCTION)" "$(EVENT)"

sam: setup ## Prepare .local/sam for `sam local invoke` and `sam local start-api`, which need a container runtime
	@$(STACK) sam

# --- Quality -----------------------------------------------------------------------------------------------------
.PHONY: format unit check test test-all
format: setup ## Format the code, and repair what the linter can
	$(BIN)/ruff check --fix-only --quiet
	$(BIN)/ruff format

unit: setup ## The tests that need neither a database nor a stack
	$(BIN)/pytest tests/unit -n 2 -m "not programs" -q

check: setup ## Formatting, lint, types, import rules, the template, known vulnerabilities
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(STACK) validate
	$(BIN)/python -m local.dependencies

test: setup ## All tests but the slow ones; those of the deployed stack use a stack of their own
	$(BIN)/pytest -n 2 --no-loadscope-reorder

test-all: setup ## All tests, the slow ones too; those in containers where a container runtime is found
	$(BIN)/pytest -n 2 --no-loadscope-reorder -m ""

.PHONY: pictures
pictures: setup ## Take the README's pictures of the operator's page anew, into docs/pictures
	ROBOT_JOBS_PICTURES=docs/pictures $(BIN)/pytest tests/e2e/browser/test_pictures.py -m "" -q

# Options: SEED (an own one each time), SECONDS of faults (5 minutes), WITHOUT a guard (claim, outbox, status, relay or
# deadline), to see that the run then finds harm.
.PHONY: chaos
chaos: setup ## Let everything fail under load, and check that nothing is lost, doubled or stuck
	@$(BIN)/python -m local.chaos $(if $(SEED),--seed $(SEED)) $(if $(SECONDS),--seconds $(SECONDS)) \
		$(if $(WITHOUT),--without $(WITHOUT))

.PHONY: bench
bench: setup ## How fast it is, next to what PostgreSQL and Lambda allow: make bench ONLY="create record" for parts of it
	@$(BIN)/python -m benchmarks $(ONLY)

# --- The database ------------------------------------------------------------------------------------------------
.PHONY: migrate schema
migrate: setup ## Migrate the database that DATABASE_URL names, as its owner
	$(BIN)/alembic upgrade head

schema: setup ## Write shared/db/schema.sql anew, from the migrations
	$(STACK) schema

# --- The API's description ---------------------------------------------------------------------------------------
.PHONY: openapi
openapi: setup ## Write shared/http/openapi.json anew, from the routes of all functions
	$(BIN)/python -m local.openapi

# --- The page's languages ---------------------------------------------------------------------------------------
LOCALES := functions/operator_page/locales
.PHONY: translations
translations: setup ## Gather the page's sentences anew, and compile their translations
	@$(BIN)/pybabel -q extract --mapping-file pyproject.toml --keywords N_ --keywords refusal:2 --no-location \
		--sort-output --output-file .local/page.pot functions/operator_page shared/domain shared/http
	@$(BIN)/pybabel -q update --domain page --input-file .local/page.pot --output-dir $(LOCALES) --locale es \
		--no-fuzzy-matching --ignore-obsolete --omit-header --width 120
	@$(BIN)/pybabel -q compile --domain page --directory $(LOCALES) --locale es --use-fuzzy

# --- Building for AWS --------------------------------------------------------------------------------------------
.PHONY: build build-SharedLayer build-PageLayer
build: setup ## Build for AWS into .aws-sam (ARCHITECTURE=x86_64 where not arm64); `make deploy` does so, too
	@$(STACK) build $(ARCHITECTURE)

# --- AWS ---------------------------------------------------------------------------------------------------------
.PHONY: deploy destroy
deploy: setup ## Bring an environment on AWS up, or up to date: make deploy ENV=dev
	@$(BIN)/python -m local.cloud deploy "$(ENV)"

destroy: setup ## Take an environment away: make destroy ENV=dev CONFIRM=robot-jobs-dev
	@$(BIN)/python -m local.cloud destroy "$(ENV)" --confirm "$(CONFIRM)"

# `sam build` calls the targets below, with ARTIFACTS_DIR set.
UV := $(firstword $(wildcard $(BIN)/uv) uv)
ARCHITECTURE ?= arm64
LAYER_TARGET ?= --python-platform $(subst arm64,aarch64,$(ARCHITECTURE))-manylinux_2_28 --python-version 3.13
INSTALL = $(UV) pip install --quiet --only-binary :all: $(LAYER_TARGET) \
	--requirement "$(ARTIFACTS_DIR)/requirements.txt" --target

# The versions are pinned, so what the cache holds is as good as what the registry has, and needs no network.
build-SharedLayer:
	mkdir -p "$(ARTIFACTS_DIR)/python"
	$(UV) export --quiet --frozen --no-dev --no-emit-project --output-file "$(ARTIFACTS_DIR)/requirements.txt"
	$(INSTALL) "$(ARTIFACTS_DIR)/python" --offline 2>/dev/null || $(INSTALL) "$(ARTIFACTS_DIR)/python"
	cp -R shared "$(ARTIFACTS_DIR)/python/"
	cd "$(ARTIFACTS_DIR)" && rm -rf requirements.txt python/bin python/.lock
	find "$(ARTIFACTS_DIR)" -name __pycache__ -prune -exec rm -rf {} +

# What the operator's page alone needs; what is in the other layer comes from there.
build-PageLayer:
	mkdir -p "$(ARTIFACTS_DIR)/python"
	$(UV) export --quiet --frozen --only-group page --output-file "$(ARTIFACTS_DIR)/requirements.txt"
	$(INSTALL) "$(ARTIFACTS_DIR)/python" --offline 2>/dev/null || $(INSTALL) "$(ARTIFACTS_DIR)/python"
	cd "$(ARTIFACTS_DIR)" && rm -rf requirements.txt python/bin python/.lock
	find "$(ARTIFACTS_DIR)" -name __pycache__ -prune -exec rm -rf {} +

# The one function that needs Alembic brings it; the migrations are in the layer.
build-MigrateDatabaseFunction: copy-MigrateDatabaseFunction
	$(UV) export --quiet --frozen --only-group migrate --output-file "$(ARTIFACTS_DIR)/requirements.txt"
	$(INSTALL) "$(ARTIFACTS_DIR)" --offline 2>/dev/null || $(INSTALL) "$(ARTIFACTS_DIR)"
	cd "$(ARTIFACTS_DIR)" && rm -rf requirements.txt bin .lock
	find "$(ARTIFACTS_DIR)" -name __pycache__ -prune -exec rm -rf {} +

build-%Function: copy-%Function ;

# SubmitJobFunction is functions/submit_job.
copy-%Function:
	name=$$(echo "$*" | sed 's/\([a-z]\)\([A-Z]\)/\1_\2/g' | tr 'A-Z' 'a-z') && \
	mkdir -p "$(ARTIFACTS_DIR)/functions" && \
	cp functions/__init__.py "$(ARTIFACTS_DIR)/functions/" && \
	cp -R functions/$$name "$(ARTIFACTS_DIR)/functions/" && \
	find "$(ARTIFACTS_DIR)/functions" -name __pycache__ -prune -exec rm -rf {} +
