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
same() {
    diff "$1" "$current" || {
        echo "$1 is not current: see README, \"Where to change what\"." >&2
        exit 1
    }
}
$bin/python manage.py export_schema schema.root:schema --path "$current" >/dev/null
same schema/schema.graphql
$bin/python manage.py authorization_table --path "$current" >/dev/null
same schema/AUTHORIZATION.md
echo "All checks passed."
