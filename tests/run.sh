#!/bin/sh
# SPDX-License-Identifier: MIT
# Runs the test programs named as arguments, five seconds of $MONKEY if that is set, then every
# tests/e2e/*.bats, and adds up what they say in TAP. A suite that dies early, runs nothing or reports
# fewer results than it planned counts as failed. Ends with "N passed, N failed"; skips stand above
# it, each with its reason.
set -u

here=$(cd "$(dirname "$0")" && pwd)
logs=${BUILD:?}/log
rm -rf "$logs"
mkdir -p "$logs"
export CMOCKA_MESSAGE_OUTPUT=TAP
export LC_ALL=C.UTF-8
passed=0
failed=0
skips=$logs/skips
: >"$skips"

# suite NAME COMMAND...
suite() {
    name=$1
    shift
    log=$logs/$name.tap
    timeout -k 10 "${SUITE_TIMEOUT:-300}" "$@" </dev/null >"$log" 2>&1
    status=$?
    set -- $(awk '
        /^[0-9]+\.\.[0-9]+/ { split($1, r, /\.\./); plan += r[2] }
        /^(not )?ok .*# ?[Ss][Kk][Ii][Pp]/ { skip++; next }
        /^ok / { ok++ }
        /^not ok / { bad++ }
        END { print plan + 0, ok + 0, bad + 0, skip + 0 }' "$log")
    plan=$1 ok=$2 bad=$3 skip=$4
    note=
    if [ "$plan" -eq 0 ]; then
        bad=$((bad + 1))
        note="ran nothing (exit $status)"
    elif [ $((ok + bad + skip)) -lt "$plan" ]; then
        note="died early: $((ok + bad + skip)) of $plan (exit $status)"
        bad=$((bad + 1))
    elif [ "$status" -ne 0 ] && [ "$bad" -eq 0 ]; then
        bad=1
        note="exit $status"
    fi
    passed=$((passed + ok))
    failed=$((failed + bad))
    grep -iE '^(not )?ok .*# ?skip' "$log" | sed -E "s/^(not )?ok [0-9]*/  skipped: $name:/" >>"$skips"
    if [ "$bad" -eq 0 ]; then
        printf '  ok    %-24s %d\n' "$name" "$ok"
    else
        printf '  FAIL  %-24s %d passed, %d failed  %s\n' "$name" "$ok" "$bad" "$note"
        grep -vE '^ok ' "$log" | tail -60 | sed 's/^/        /'
    fi
}

for program in "$@"; do
    suite "$(basename "$program")" "$program"
done
[ -z "${MONKEY:-}" ] || suite monkey "$here/ui/monkey.sh" "$MONKEY" 5 -- "${COMCERT:?}"
for file in "$here"/e2e/*.bats; do
    [ -e "$file" ] || continue
    suite "$(basename "$file" .bats)" bats --tap "$file"
done

sort "$skips"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
