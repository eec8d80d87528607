#!/usr/bin/env bash
# Gather all that an installation without a network needs: wheels at the pinned versions, their
# hashes, the files of deploy, and this script.
#   tools/wheelhouse.sh wheelhouse                          on a machine that reaches an index
#   bash wheelhouse/wheelhouse.sh --install /opt/liandong   on one that does not
# EXTRAS says which extras come along; PYTHON, which interpreter either machine uses.
set -euo pipefail

gather() {
  local to work extras=${EXTRAS:-postgres,pdf,oidc}
  mkdir -p "$1"
  to=$(cd "$1" && pwd)
  cd "$(dirname "$0")/.."
  if [ -n "$(ls -A "$to")" ]; then
    echo "$to is not empty: what lies there would be carried along" >&2
    exit 1
  fi
  work=$(mktemp -d)
  trap "rm -rf '$work'" EXIT
  "${PYTHON:-python3}" -m venv "$work"
  # Nothing is built but liandong itself, so that the other machine gets what was tested.
  "$work/bin/pip" wheel --quiet --disable-pip-version-check --only-binary :all: \
    --constraint requirements/dev.txt --wheel-dir "$to" ".[$extras]"
  echo "$extras" >"$to/extras.txt"
  cp -r deploy tools/wheelhouse.sh "$to"
  (cd "$to" && find . -type f ! -name SHA256SUMS | sort | xargs -d '\n' sha256sum >SHA256SUMS)
  echo "$(ls "$to"/*.whl | wc -l) wheels in $to"
}

install() {
  local from
  from=$(cd "$(dirname "$0")" && pwd)
  (cd "$from" && sha256sum --check --quiet SHA256SUMS)
  "${PYTHON:-python3}" -m venv "$1"
  # Nothing that pip is configured to use elsewhere, so that what is missing here is told.
  PIP_CONFIG_FILE=/dev/null "$1/bin/pip" install --isolated --quiet --disable-pip-version-check \
    --no-index --find-links "$from" "liandong[$(cat "$from/extras.txt")]"
  "$1/bin/liandong" --version
}

if [ "${1:-}" = --install ]; then install "${2:?where to install}"
else gather "${1:?where the wheels go}"; fi
