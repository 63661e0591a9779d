#!/usr/bin/env bash
# Does from a clean clone what CI does: installs, checks, builds and tests the SDK, and builds the conformance driver.
# Writes below this folder and the user's caches only. The last line counts the tests.
set -euo pipefail
cd "$(dirname "$0")"

if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
    apt-get update -qq
    apt-get install -y --no-install-recommends nodejs npm
fi

npm ci --no-audit --no-fund
npm run build
npm run check
npm run check:package
log=build/test.log
status=0
npm test --silent >"$log" 2>&1 || status=$?
grep -E '^(# (tests|pass|fail|skipped)|not ok)' "$log" || true
[ "$status" -eq 0 ] || cat "$log"

count() { sed -n "s/^# $1 //p" "$log"; }
echo "$(count pass) passed, $(($(count fail) + $(count cancelled))) failed, $(count skipped) skipped"
exit "$status"
