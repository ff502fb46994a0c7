#!/bin/sh
# Ask for known advisories on what is pinned: a found one fails. Where the service cannot be
# reached nothing is known, which is said and is no failure of the code.
set -eu
tools=$(mktemp -d)
trap 'rm -rf "$tools"' EXIT
.venv/bin/python -m venv "$tools/venv"
"$tools/venv/bin/pip" install --quiet --disable-pip-version-check pip-audit==2.10.1
if timeout 120 "$tools/venv/bin/pip-audit" --progress-spinner off --disable-pip --require-hashes \
    -r requirements.lock >"$tools/found" 2>"$tools/said" && ! grep -q "Skip Reason" "$tools/found"
then
    cat "$tools/said"
elif grep -q "Fix Versions" "$tools/said" "$tools/found"; then
    cat "$tools/found" "$tools/said" >&2
    exit 1
else
    echo "Advisories were not looked up, or not for every package: the service did not tell." >&2
fi
