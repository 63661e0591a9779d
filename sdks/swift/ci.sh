#!/bin/bash
# Checks, builds and tests the Swift SDK. The last line counts the tests.
# Runs where toolchain.sh has put Swift, or where SEGOPS_CI_SWIFT=1 asks for it. Elsewhere it does nothing and says so.
set -euo pipefail
cd "$(dirname "$0")"

if [ ! -e "${SEGOPS_SWIFT_ROOT:-$HOME/.cache/segops/swift-trixie}/etc/segops-toolchain" ]; then
    if [ "${SEGOPS_CI_SWIFT:-}" != 1 ]; then
        echo "Swift is not installed. SEGOPS_CI_SWIFT=1 installs it (527 MB)."
        echo "0 passed, 0 failed, 0 skipped"
        exit 0
    fi
fi
./toolchain.sh
export SEGOPS_STRICT=1

echo "== format and lint"
bin/swift format lint --strict --recursive --parallel Package.swift Sources Tests example conformance bench

echo "== driver, example and benchmark, release"
bin/swift build -c release

echo "== tests"
log="$(mktemp)"
trap 'rm -f "$log"' EXIT
status=0
bin/swift test 2>&1 | tee "$log" || status=$?

# XCTest: "Executed 101 tests, with 2 tests skipped and 1 failure (0 unexpected) in …"; the last such line sums up.
summary="$(grep -E 'Executed [0-9]+ tests?, with' "$log" | tail -1 || true)"
number() { grep -oE "$1" <<<"$summary" | grep -oE '[0-9]+' | head -1 || true; }
total="$(number 'Executed [0-9]+')"
skipped="$(number '[0-9]+ tests? skipped')"
failed="$(grep -cE "^Test Case '.*' failed" "$log" || true)"
if [ "${total:-0}" = 0 ] || { [ "$status" != 0 ] && [ "$failed" = 0 ]; }; then
    # The tests did not run to their end.
    failed=$((failed + 1)) status=1
    total=$((${total:-0} + 1))
fi
echo "$((total - failed - ${skipped:-0})) passed, $failed failed, ${skipped:-0} skipped"
exit "$status"
