#!/usr/bin/env bash
# Debian packages of the browser tests: Chromium, and a font with Chinese characters.
set -euo pipefail

want=()
command -v chromium >/dev/null || command -v chromium-browser >/dev/null || want+=(chromium)
command -v fc-list >/dev/null || want+=(fontconfig)
[ -n "$(fc-list :lang=zh 2>/dev/null)" ] || want+=(fonts-noto-cjk)
[ ${#want[@]} -gt 0 ] || exit 0

if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
  echo "Browser tests will be skipped: no ${want[*]}, and only root can install with apt-get."
  echo "To run them: sudo apt-get install ${want[*]}"
  exit 0
fi
export DEBIAN_FRONTEND=noninteractive
if ! { apt-get -qq update && apt-get -qq install --no-install-recommends "${want[@]}"; } >/dev/null
then
  echo "Browser tests will be skipped: apt-get could not install ${want[*]}."
fi
