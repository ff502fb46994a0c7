#!/bin/sh
# Make .venv with the newest Python that the pinned packages are tested with.
set -eu
[ -x .venv/bin/python ] && exit 0
supported='import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))'
for python in python3.13 python3.12 python3.11 python3 python; do
    if "$python" -c "$supported" 2>/dev/null && "$python" -m venv .venv 2>/dev/null; then
        exit 0
    fi
done
echo "This shop needs Python 3.11, 3.12 or 3.13 (with venv); found: $(python3 --version 2>&1 || echo none)." >&2
exit 1
