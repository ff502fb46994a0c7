#!/bin/sh
# Everything that can be said about the code without running it.
set -eu
export DJANGO_SETTINGS_MODULE=tests.settings
bin=.venv/bin
$bin/ruff format --check .
$bin/ruff check .
$bin/mypy
$bin/lint-imports
$bin/python manage.py check --fail-level WARNING
$bin/python manage.py makemigrations --check --dry-run
current=$(mktemp)
trap 'rm -f "$current"' EXIT
$bin/python manage.py export_schema schema.root:schema --path "$current" >/dev/null
diff schema/schema.graphql "$current" || {
    echo "schema/schema.graphql is not current: see README, \"Where to change what\"." >&2
    exit 1
}
echo "All checks passed."
