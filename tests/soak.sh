#!/usr/bin/env bash
# `make soak`: the long tests. Each decoder fuzzed for a minute, nodes killed at random for minutes, a
# store of a million certificates. Ends by itself, in about half an hour; one count at the end.
# SOAK_FUZZ_SECONDS, SOAK_KILLS and SOAK_COUNT set how long each part takes.
set -uo pipefail
cd "$(dirname "$0")/.."
passed=0
failed=0
log=$(mktemp)
trap 'rm -f "$log"' EXIT

# Shows a part while it runs, and adds what its last line counts.
part() {
    local name=$1 start=$SECONDS last bad
    shift
    echo "== $name"
    "$@" 2>&1 | tee "$log"
    last=$(grep -E '^[0-9]+ passed, [0-9]+ failed$' "$log" | tail -1)
    last=${last:-0 passed, 1 failed}
    bad=${last#*, }
    passed=$((passed + ${last%% *}))
    failed=$((failed + ${bad%% *}))
    echo "== $name: $last in $((SECONDS - start)) s"
}

export BUILD=${BUILD:-build}
part "fuzzing" ${MAKE:-make} fuzz FUZZ_SECONDS="${SOAK_FUZZ_SECONDS:-60}"
part "kills at random" env KILLS="${SOAK_KILLS:-100}" /usr/bin/python3 tests/e2e/test_kills.py
part "a large store" env SOAK_COUNT="${SOAK_COUNT:-1000000}" /usr/bin/python3 tests/e2e/soak_store.py
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
