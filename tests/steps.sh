#!/usr/bin/env bash
# Runs one kind of test and counts: steps.sh unit DIR NAME… | fuzz DIR SECONDS NAME… | e2e BUILD FILE…
# Some at a time, told in their order at the end. The last line is "N passed, N failed", N being
# checks (unit), targets (fuzz) or steps (e2e).
set -uo pipefail
kind=$1
folder=$2
shift 2
passed=0
failed=0
logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT

# at_a_time COUNT COMMAND NAME…: the command with each name as its argument; what it printed is in
# $logs/NAME, its exit code in $logs/NAME.status.
at_a_time() {
    local count=$1 command=$2
    shift 2
    printf '%s\n' "$@" | LOGS=$logs COMMAND=$command xargs -P "$count" -I{} bash -c '
        name=$(basename "$1")
        eval "$COMMAND" >"$LOGS/$name" 2>&1
        echo $? >"$LOGS/$name.status"' - {}
}

# told NAME PASSED FAILED LINES: counts, and shows the end of what a failed one printed.
told() {
    passed=$((passed + $2))
    failed=$((failed + $3))
    [ "$3" = 0 ] || { tail -"$4" "$logs/$(basename "$1")"; echo "FAILED $1"; }
}

# Check closes with "100%: Checks: 12, Failures: 0, Errors: 0".
run_unit() {
    local name log status checks bad
    at_a_time 2 "$folder/\$1" "$@"
    for name in "$@"; do
        log=$logs/$name
        status=$(cat "$log.status")
        checks=$(sed -n 's/^[0-9]*%: Checks: \([0-9]*\), .*/\1/p' "$log" | awk '{n += $1} END {print n + 0}')
        bad=$(sed -n 's/.*Failures: \([0-9]*\), Errors: \([0-9]*\).*/\1 \2/p' "$log" | awk '{n += $1 + $2} END {print n + 0}')
        if [ "$status" != 0 ] && [ "$bad" = 0 ]; then bad=1; fi
        if [ "$checks" = 0 ] && [ "$bad" = 0 ]; then bad=1; echo "$name ran no check"; fi
        told "$name" $((checks > bad ? checks - bad : 0)) "$bad" 60
    done
}

run_fuzz() {
    local seconds=$1 name
    shift
    at_a_time 2 "$folder/\$1 -max_total_time=$seconds -timeout=10 -rss_limit_mb=2048 -verbosity=0 \
        -print_final_stats=0 -artifact_prefix=$folder/" "$@"
    for name in "$@"; do
        if [ "$(cat "$logs/$name.status")" = 0 ]; then told "$name" 1 0 0; else told "$name" 0 1 60; fi
    done
}

# Each file prints its own steps and closes with "N passed, N failed". Much of it is waiting.
run_e2e() {
    local file log last bad
    BUILD=$folder at_a_time 3 'timeout 600 /usr/bin/python3 "$1"' "$@"
    for file in "$@"; do
        log=$logs/$(basename "$file")
        last=$(grep -E '^[0-9]+ passed, [0-9]+ failed$' "$log" | tail -1)
        if [ -z "$last" ]; then last="0 passed, 1 failed"; fi
        bad=${last#*, }
        bad=${bad%% *}
        if [ "$bad" = 0 ] && [ "$(cat "$log.status")" != 0 ]; then bad=1; fi
        echo "$(basename "$file"): $last"
        told "$file" "${last%% *}" "$bad" 80
    done
}

"run_$kind" "$@"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
