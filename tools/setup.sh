#!/usr/bin/env bash
# Make .venv: uv by pip, the pinned requirements by uv, then this project itself, editable.
set -euo pipefail
cd "$(dirname "$0")/.."

# python: the first that is new enough
find_python() {
  local name
  for name in "${PYTHON:-}" python3 python3.13 python3.12 python3.11; do
    [ -n "$name" ] || continue
    "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue
    echo "$name"
    return
  done
  echo "liandong needs Python 3.11 or later; name it: make setup PYTHON=/path/to/python" >&2
  return 1
}

if ! .venv/bin/python -c '' 2>/dev/null; then
  python=$(find_python)
  if ! "$python" -m venv --clear .venv; then
    echo "$python cannot make environments; on Debian: apt-get install python3-venv" >&2
    exit 1
  fi
fi
.venv/bin/pip install --quiet --disable-pip-version-check --requirement requirements/uv.txt

# uv does not read pip's configuration: hand over the index and certificates that are set there.
pip_set() { .venv/bin/pip config get "global.$1" 2>/dev/null || true; }
index=${PIP_INDEX_URL:-$(pip_set index-url)}
cert=${PIP_CERT:-$(pip_set cert)}
[ -z "$index" ] || export UV_DEFAULT_INDEX="${UV_DEFAULT_INDEX:-$index}"
[ -z "$cert" ] || export SSL_CERT_FILE="${SSL_CERT_FILE:-$cert}"

export VIRTUAL_ENV=$PWD/.venv
.venv/bin/uv pip install --quiet --requirement requirements/dev.txt
.venv/bin/uv pip install --quiet --no-deps --editable .
