#!/usr/bin/env bash
# `make check`: every step in turn, all of them even when one fails, and one count at the end.
set -uo pipefail
cd "$(dirname "$0")/.."
passed=0
failed=0
log=$(mktemp)
trap 'rm -f "$log"' EXIT

# A step that counts closes with "N passed, N failed"; any other is one check.
step() {
    local name=$1 start=$SECONDS status last
    shift
    "$@" >"$log" 2>&1
    status=$?
    last=$(grep -E '^[0-9]+ passed, [0-9]+ failed$' "$log" | tail -1)
    [ -n "$last" ] || { [ $status = 0 ] && last="1 passed, 0 failed" || last="0 passed, 1 failed"; }
    passed=$((passed + ${last%% *}))
    local bad=${last#*, }
    bad=${bad%% *}
    [ $status != 0 ] && [ "$bad" = 0 ] && bad=1
    failed=$((failed + bad))
    [ "$bad" = 0 ] || cat "$log"
    printf '%-34s %5d s   %s\n' "$name" $((SECONDS - start)) "$last"
}

step "format" $MAKE format-check
step "layers" $MAKE layers
step "generated files" $MAKE generated
step "unit tests" $MAKE unit
step "unit tests, ASan and UBSan" $MAKE unit-san
step "golden vectors, in Python" /usr/bin/python3 tests/vectors/verify.py
step "end to end, real processes" $MAKE e2e
step "fuzzing, short" $MAKE fuzz
step "commands of every README" /usr/bin/python3 tests/readme.py "$BUILD"
step "clang-tidy and cppcheck" $MAKE tidy
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
