#!/usr/bin/env bash
# From a clean clone: gets the tools (apt, npm), checks the format, builds everything that can be built here and runs the tests.
# The last line is `N passed, N failed, N skipped`, from the test runner's own summary. `ci.sh build` leaves out format and tests.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

readonly kotlin=node_modules/kotlin-compiler/lib
readonly junit=/usr/share/java
passed=0 failed=0 skipped=0

finish() {
    local code=$?
    ((code == 0)) || echo "The Kotlin SDK failed (exit code $code)."
    ((code == 0 || failed > 0)) || failed=1
    echo "$passed passed, $failed failed, $skipped skipped"
    exit "$code"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

step() { printf '\n== %s\n' "$*"; }

as_root() { if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo -n "$@"; fi; }

tools() {
    local missing=()
    command -v javac >/dev/null || missing+=(default-jdk-headless)
    command -v npm >/dev/null || missing+=(npm)
    [ -e "$junit/junit-platform-console.jar" ] || missing+=(junit5)
    if ((${#missing[@]} > 0)); then
        step "Installing ${missing[*]}"
        as_root apt-get update -q
        as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends "${missing[@]}"
    fi
    if [ ! -e node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
        step "Getting the Kotlin compiler and ktlint"
        npm ci --no-audit --no-fund
    fi
}

# compile OUT CLASSPATH ARGUMENTS...: without warnings.
compile() {
    local out=$1 classpath=$2
    shift 2
    local compiler=
    for jar in kotlin-compiler kotlin-stdlib kotlin-script-runtime kotlin-reflect kotlin-daemon annotations-13.0 kotlinx-coroutines-core-jvm; do
        compiler+="$kotlin/$jar.jar:"
    done
    rm -rf "$out"
    java -Xmx1g -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -cp "$compiler" org.jetbrains.kotlin.cli.jvm.K2JVMCompiler \
        -no-stdlib -no-reflect -Werror -Xjdk-release=8 -cp "build/lib/kotlin-stdlib.jar:build/lib/kotlinx-coroutines-core-jvm.jar:$classpath" \
        -d "$out" "$@"
}

build() {
    mkdir -p build/lib
    cp "$kotlin/kotlin-stdlib.jar" "$kotlin/kotlinx-coroutines-core-jvm.jar" build/lib
    step "Building the library"
    compile build/classes . -Xexplicit-api=strict -module-name segops src/main/kotlin
    jar --create --file build/segops.jar -C build/classes . -C src/main/resources .
    step "Building the conformance driver and the benchmark"
    compile build/tools build/segops.jar -Xfriend-paths=build/segops.jar -module-name tools conformance bench
    step "Building the example and the Android part, against stubs"
    compile build/usage build/segops.jar -module-name usage example android/src android/stubs
}

check_format() {
    step "Checking the format"
    node_modules/.bin/ktlint "src/**/*.kt" "conformance/**/*.kt" "bench/**/*.kt" "example/**/*.kt" "android/**/*.kt" "*.gradle.kts" "android/*.gradle.kts"
}

run_tests() {
    step "Building the tests"
    local tests="$kotlin/kotlin-test.jar:$kotlin/kotlin-test-junit5.jar"
    for jar in junit-jupiter-api junit-jupiter-engine junit-jupiter-params junit-platform-commons junit-platform-console \
        junit-platform-engine junit-platform-launcher junit-platform-reporting opentest4j apiguardian-api picocli univocity-parsers; do
        [ ! -e "$junit/$jar.jar" ] || tests+=":$junit/$jar.jar"
    done
    local friend=build/segops.jar
    compile build/test-classes "$friend:build/usage:$tests" -Xfriend-paths=$friend -module-name tests src/test/kotlin
    javac -Xlint:all,-options,-path -Werror --release 8 -cp "$friend:build/lib/*:$tests" -d build/test-classes $(find src/test/java -name '*.java')
    step "Running the tests"
    local code=0
    java -XX:+UseSerialGC -cp "build/test-classes:build/usage:$friend:build/lib/*:$tests" org.junit.platform.console.ConsoleLauncher \
        --scan-classpath build/test-classes --disable-banner --details=tree --disable-ansi-colors >build/tests.txt 2>&1 || code=$?
    count() { sed -n "s/^\[ *\([0-9]*\) tests $1 *\]\$/\1/p" build/tests.txt | tail -n 1; }
    passed=$(count successful) failed=$(count failed)
    skipped=$(($(count skipped) + $(count aborted)))
    ((code == 0)) || cat build/tests.txt
    ((code == 0 && passed > 0))
}

tools
[ "${1:-}" = build ] || check_format
build
[ "${1:-}" = build ] || run_tests
