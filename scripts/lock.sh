#!/bin/sh
# Write requirements.lock and requirements-dev.lock: what is pinned, with the hashes of its files.
set -eu
tools=$(mktemp -d)
trap 'rm -rf "$tools"' EXIT
.venv/bin/python -m venv "$tools"
"$tools/bin/pip" install --quiet --disable-pip-version-check pip-tools==7.6.2
for set in requirements requirements-dev; do
    "$tools/bin/pip-compile" --quiet --generate-hashes --allow-unsafe --no-header --no-annotate \
        --no-emit-index-url --no-emit-find-links --no-emit-trusted-host \
        --output-file "$set.lock" "$set.txt"
done
