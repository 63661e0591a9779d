#!/usr/bin/env bash
# Checks, builds and tests the SDK. The last line is "N passed, N failed, N skipped".
set -euo pipefail
cd "$(dirname "$0")"
export GOPROXY=off GOTOOLCHAIN=local CGO_ENABLED=1 # the race detector needs cgo

if ! command -v go >/dev/null || ! command -v gcc >/dev/null || [ ! -e /usr/include/stdlib.h ]; then
    apt-get update -q
    apt-get install -qy --no-install-recommends golang-go gcc libc6-dev
fi
mkdir -p build

unformatted=$(gofmt -l .)
if [ -n "$unformatted" ]; then
    echo "gofmt would change: $unformatted"
    exit 1
fi
go vet ./...
go build ./...
go build -trimpath -o conformance/bin/driver ./conformance

status=0
go test -race -count=1 -v ./... >build/tests.txt 2>&1 || status=$?
if [ $status -ne 0 ]; then
    cat build/tests.txt
fi
for target in FuzzNewItem FuzzReadAnswer; do
    go test -run '^$' -fuzz "^$target" -fuzztime 10000x . >build/fuzz.txt 2>&1 || { status=$?; cat build/fuzz.txt; }
done

count() { grep -c "^--- $1: " build/tests.txt || true; }
failed=$(count FAIL)
if [ $status -ne 0 ] && [ "$failed" -eq 0 ]; then
    failed=1 # a package that did not compile, a panic, or a fuzz target
fi
echo "$(count PASS) passed, $failed failed, $(count SKIP) skipped"
exit $status
