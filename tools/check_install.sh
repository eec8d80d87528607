#!/usr/bin/env bash
# Install the project as a user does, with plain pip into an empty environment, and start it.
set -euo pipefail
cd "$(dirname "$0")/.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
.venv/bin/python -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check .
cd "$work" # away from the source tree, so that only what was installed can be imported
venv/bin/liandong --version
venv/bin/liandong steps >/dev/null
venv/bin/liandong bench >/dev/null
