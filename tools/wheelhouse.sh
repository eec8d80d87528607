#!/usr/bin/env bash
# Gather all that an installation without a network needs: pinned wheels and their hashes.
#   tools/wheelhouse.sh wheelhouse                       on a machine that reaches an index
#   tools/wheelhouse.sh --install wheelhouse /opt/liandong   on one that does not
set -euo pipefail

gather() {
  local to
  mkdir -p "$1"
  to=$(cd "$1" && pwd)
  cd "$(dirname "$0")/.."
  .venv/bin/pip download --quiet --disable-pip-version-check --only-binary :all: \
    --requirement requirements/base.txt --dest "$to"
  # The driver of PostgreSQL and the build tool, at the versions of the pins where there are any.
  grep -E '^psycopg(-binary)?==' requirements/dev.txt >"$to/more.txt"
  .venv/bin/pip download --quiet --disable-pip-version-check --only-binary :all: --no-deps \
    --requirement "$to/more.txt" --dest "$to"
  .venv/bin/pip wheel --quiet --disable-pip-version-check --no-deps --wheel-dir "$to" .
  cp requirements/base.txt "$to/requirements.txt"
  (cd "$to" && sha256sum ./*.whl ./*.txt >SHA256SUMS)
  echo "$(ls "$to"/*.whl | wc -l) wheels in $to"
}

install() {
  local from
  from=$(cd "$1" && pwd)
  (cd "$from" && sha256sum --check --quiet SHA256SUMS)
  "${PYTHON:-python3}" -m venv "$2"
  # Nothing that pip is configured to use elsewhere, so that what is missing here is told.
  PIP_CONFIG_FILE=/dev/null "$2/bin/pip" install --isolated --quiet --disable-pip-version-check \
    --no-index --find-links "$from" --requirement "$from/requirements.txt" --requirement "$from/more.txt" \
    liandong
  "$2/bin/liandong" --version
}

if [ "${1:-}" = --install ]; then install "${2:?the wheelhouse}" "${3:?where to install}"
else gather "${1:?where the wheels go}"; fi
