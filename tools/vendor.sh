#!/usr/bin/env bash
# Copy the browser libraries named in package.json, with their licences, into the source tree.
# They are committed, so that a browser asks no other host for anything.
set -euo pipefail
cd "$(dirname "$0")/.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp package.json "$work"
npm install --prefix "$work" --ignore-scripts --no-package-lock --silent
modules=$work/node_modules
vendor=src/liandong/console/static/vendor

# take PACKAGE FOLDER FILE...: the files of a package, and its version
take() {
  local from=$modules/$1 to=$vendor/$2
  shift 2
  rm -rf "$to"
  mkdir -p "$to"
  for file in "$@"; do install -m 644 "$from/$file" "$to/"; done
  node -p "require('$from/package.json').version" >"$to/VERSION"
}

take echarts echarts dist/echarts.min.js LICENSE NOTICE licenses/LICENSE-d3
# zrender and tslib are inside the file of echarts.
install -m 644 "$modules/zrender/LICENSE" "$vendor/echarts/LICENSE-zrender"
install -m 644 "$modules/tslib/LICENSE.txt" "$vendor/echarts/LICENSE-tslib"
take htmx.org htmx dist/htmx.min.js LICENSE
