#!/usr/bin/env bash
# Runs one kind of test and counts: steps.sh unit DIR NAME… | fuzz DIR SECONDS NAME… | e2e BUILD FILE…
# The last line is "N passed, N failed", N being checks (unit), targets (fuzz) or steps (e2e).
set -uo pipefail
kind=$1
folder=$2
shift 2
passed=0
failed=0

# Check closes with "100%: Checks: 12, Failures: 0, Errors: 0".
run_unit() {
    local name output status checks bad
    for name in "$@"; do
        output=$("$folder/$name" 2>&1)
        status=$?
        checks=$(sed -n 's/^[0-9]*%: Checks: \([0-9]*\), .*/\1/p' <<<"$output" | awk '{n += $1} END {print n + 0}')
        bad=$(sed -n 's/.*Failures: \([0-9]*\), Errors: \([0-9]*\).*/\1 \2/p' <<<"$output" | awk '{n += $1 + $2} END {print n + 0}')
        if [ $status -ne 0 ] && [ "$bad" = 0 ]; then bad=1; fi
        if [ "$checks" = 0 ] && [ "$bad" = 0 ]; then bad=1; echo "$name ran no check"; fi
        passed=$((passed + (checks > bad ? checks - bad : 0)))
        failed=$((failed + bad))
        if [ "$bad" != 0 ]; then
            printf '%s\n' "$output" | tail -60
            echo "FAILED $folder/$name"
        fi
    done
}

run_fuzz() {
    local seconds=$1 name log
    shift
    log=$(mktemp)
    for name in "$@"; do
        if "$folder/$name" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -verbosity=0 \
            -print_final_stats=0 -artifact_prefix="$folder/" >"$log" 2>&1; then
            passed=$((passed + 1))
        else
            failed=$((failed + 1))
            tail -60 "$log"
            echo "FAILED $folder/$name"
        fi
    done
    rm -f "$log"
}

# Each file prints its own steps and closes with "N passed, N failed".
run_e2e() {
    local file log last
    log=$(mktemp)
    for file in "$@"; do
        BUILD=$folder timeout 600 /usr/bin/python3 "$file" >"$log" 2>&1
        local status=$?
        last=$(grep -E '^[0-9]+ passed, [0-9]+ failed$' "$log" | tail -1)
        if [ -z "$last" ]; then last="0 passed, 1 failed"; fi
        passed=$((passed + ${last%% *}))
        local bad=${last#*, }
        bad=${bad%% *}
        if [ "$bad" = 0 ] && [ $status -ne 0 ]; then bad=1; fi
        failed=$((failed + bad))
        echo "$(basename "$file"): $last"
        if [ "$bad" != 0 ]; then
            tail -80 "$log"
            echo "FAILED $file"
        fi
    done
    rm -f "$log"
}

"run_$kind" "$@"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
