# `make run` starts the shop, `make test` tries all of it. Nothing needs to be installed before
# but Python 3.11, 3.12 or 3.13.

HOST ?= 127.0.0.1
PORT ?= 8000
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help run serve test check soak bench lock clean

help:  ## list the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

run: .venv/shop .env explorer  ## install, prepare the database and the demo shop, serve
	@$(BIN)/python manage.py migrate --verbosity 0
	@$(BIN)/python manage.py demo --once
	@$(BIN)/python scripts/run.py $(HOST) $(PORT)

serve: .venv/shop  ## the production server, a process for each core; settings as in README
	@$(BIN)/granian --interface wsgi --workers $${WORKERS:-$$(getconf _NPROCESSORS_ONLN)} \
		--blocking-threads 256 --respawn-failed-workers --workers-kill-timeout 30 \
		--host $(HOST) --port $(PORT) shop.wsgi:application

test: .venv/dev explorer  ## the whole suite on SQLite, then on PostgreSQL
	@$(BIN)/python scripts/test.py

soak: .venv/dev  ## what takes long: random histories, servers that are killed, random carts
	@LIVES=$${LIVES:-1000} HISTORIES=$${HISTORIES:-200} PURCHASES=$${PURCHASES:-200} KILLS=$${KILLS:-60} CARTS=$${CARTS:-10000} \
		HOSTILE=$${HOSTILE:-1000} LARGE=$${LARGE:-1} FAULTS=$${FAULTS:-20} RESTARTS=$${RESTARTS:-5} \
		SLOW=$${SLOW:-60} SLOW_CLIENTS=$${SLOW_CLIENTS:-200} CORPUS=$${CORPUS:-5000} DOCUMENTS=$${DOCUMENTS:-5000} \
		CASES=$${CASES:-10000} HOSTILE_REQUESTS=$${HOSTILE_REQUESTS:-1000} \
		$(BIN)/python scripts/test.py tests/machine tests/checkout/test_histories.py tests/soak tests/faults \
		tests/checkout/test_totals_at_stripe.py tests/catalog/test_hostile_files.py \
		tests/schema/execution/test_corpus.py tests/schema/execution/test_growth.py \
		tests/fuzzing

bench: .venv/dev  ## the shop beside views written by hand (PostgreSQL), then the webhook
	@$(BIN)/python -m benchmarks

check: .venv/dev  ## style, types, import directions, migrations, the committed schema
	@scripts/check.sh

lock: .venv/shop  ## write the files with hashes of all that is pinned
	@scripts/lock.sh

clean:  ## remove what the other targets made, the demo database included
	rm -rf .venv .env db.sqlite3* sandbox.json media private staticfiles schema/explorer/node_modules schema/explorer/static/explorer/vendor

# Where npm is there, GraphiQL's files are kept here and the page needs no internet.
explorer: .venv/shop
	@DJANGO_SETTINGS_MODULE=tests.settings $(BIN)/python manage.py explorer_files

.env: | .venv/shop
	@$(BIN)/python scripts/first_env.py

.venv/shop: requirements.txt
	@scripts/venv.sh
	@$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

.venv/dev: requirements.txt requirements-dev.txt
	@scripts/venv.sh
	@$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@ .venv/shop
