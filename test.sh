#!/usr/bin/env bash
# Proves everything: installs what the tests need, builds, runs every suite.
# The last line is "N passed, N failed, N skipped"; the exit code is 0 only when nothing failed.
#
#   ./test.sh            every suite
#   ./test.sh Unit Crash only these suites
#   CANDLEFISH_LONG=1    the long campaigns too (hours)
set -u
cd "$(dirname "$(readlink -f "$0")")" || exit 1
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

all_suites=(Architecture Unit Contract Integration Conformance Crash Fuzz)
suites=("$@")
[ ${#suites[@]} -gt 0 ] || suites=("${all_suites[@]}")

say() { printf '\n== %s\n' "$*"; }

command -v dotnet >/dev/null || { echo "test.sh: the .NET 10 SDK is missing: install it from https://dot.net and run again" >&2; exit 1; }

# Tools that some tests drive. A test that finds its tool missing is skipped and says so.
install_tools() {
    local missing=() pair
    for pair in openssl:openssl strace:strace node:nodejs npm:npm curl:curl; do
        command -v "${pair%%:*}" >/dev/null || missing+=("${pair##*:}")
    done
    [ ${#missing[@]} -eq 0 ] && return
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        say "installing ${missing[*]}"
        { apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}"; } >/dev/null 2>&1 ||
            echo "could not install ${missing[*]}: their tests will be skipped"
    else
        echo "not installed (needs root and apt-get): ${missing[*]}: their tests will be skipped"
    fi
}

# Clients of other makers, for the conformance tests.
install_clients() {
    [ -f test/Conformance/clients/package.json ] && command -v npm >/dev/null || return
    say "installing the clients of test/Conformance/clients"
    (cd test/Conformance/clients && npm ci --no-audit --no-fund --ignore-scripts --loglevel=error) ||
        echo "could not install them: their tests will be skipped"
}

install_tools
install_clients

say "building"
dotnet build Candlefish.slnx -c Release -v q -clp:NoSummary || { echo "the build failed"; echo "0 passed, 1 failed, 0 skipped"; exit 1; }

passed=0 failed=0 skipped=0
log=$(mktemp)
trap 'rm -f "$log"' EXIT
for suite in "${suites[@]}"; do
    runner=artifacts/bin/$suite/release/Candlefish.Secrets.Tests.$suite
    [ -x "$runner" ] || { echo "no suite named $suite: choose from ${all_suites[*]}"; failed=$((failed + 1)); continue; }
    say "$suite"
    timeout --kill-after=30 1200 "$runner" -noColor >"$log" 2>&1
    code=$?
    grep -vE '^\s+(Discovering|Discovered|Starting|Finished):|^xUnit.net' "$log" | grep -v '\[SKIP\]' || true
    summary=$(grep -oE 'Total: [0-9]+, Errors: [0-9]+, Failed: [0-9]+, Skipped: [0-9]+' "$log" | tail -n 1)
    if [ -z "$summary" ]; then
        if grep -q 'Total: 0' "$log"; then continue; fi
        echo "$suite ended with code $code and no summary"
        failed=$((failed + 1))
        continue
    fi
    read -r total errors fails skips < <(tr -cd '0-9 \n' <<<"$summary" | tr -s ' ')
    passed=$((passed + total - fails - skips))
    failed=$((failed + fails + errors))
    skipped=$((skipped + skips))
    [ "$skips" -eq 0 ] || grep -A1 '\[SKIP\]' "$log" | grep -v '^--' | sed 's/^/  /'
done

echo
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
