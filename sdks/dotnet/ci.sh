#!/usr/bin/env bash
# The SDK's gate: restores the locked packages, checks the format, builds without a warning, runs the tests, packs, and publishes the
# conformance driver trimmed, which fails on a trim warning. Needs the .NET 10 SDK. Ends with `N passed, N failed, N skipped`.
set -euo pipefail
exec 2>&1
cd "$(dirname "${BASH_SOURCE[0]}")"

readonly solution=SegOps.Client.sln
passed=0 failed=0 skipped=0

# No build server may stay behind.
export MSBUILDDISABLENODEREUSE=1 UseSharedCompilation=false DOTNET_CLI_USE_MSBUILD_SERVER=0
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 TESTINGPLATFORM_TELEMETRY_OPTOUT=1 NO_COLOR=1

output=$(mktemp)
finish() {
    local code=$?
    ((code != 0 || failed == 0)) || code=1
    rm -f "$output"
    ((code == 0)) || echo "ci.sh failed (exit code $code)."
    echo "$passed passed, $failed failed, $skipped skipped"
    exit "$code"
}
trap finish EXIT

if ! command -v dotnet >/dev/null; then
    echo "The .NET 10 SDK is missing: https://dotnet.microsoft.com/download/dotnet/10.0"
    exit 1
fi

echo "== Restoring the locked packages"
dotnet restore "$solution" --locked-mode -v quiet

echo "== Checking the format"
dotnet format whitespace "$solution" --no-restore --verify-no-changes

echo "== Building, a warning being an error"
dotnet build "$solution" -c Release --no-restore -warnaserror -v quiet -clp:NoSummary

echo "== Testing"
SegOps.Client.Tests/bin/Release/net10.0/SegOps.Client.Tests -noColor -noLogo | tee "$output" || true
summary=$(grep -E 'Total: [0-9]+, Errors: [0-9]+, Failed: [0-9]+, Skipped: [0-9]+' "$output" | tail -n 1)
figure() { sed -E "s/.*$1: ([0-9]+).*/\1/" <<<"$summary"; }
failed=$(($(figure Failed) + $(figure Errors)))
skipped=$(figure Skipped)
passed=$(($(figure Total) - $(figure Failed) - skipped))
((passed > 0)) || exit 1

echo "== Packing"
dotnet pack SegOps.Client -c Release --no-build -v quiet -o artifacts

echo "== Publishing the conformance driver, trimmed"
dotnet publish conformance/driver -c Release --no-restore -o conformance/driver/bin/publish -warnaserror -v quiet -clp:NoSummary
