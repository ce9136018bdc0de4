#!/bin/sh
# SPDX-License-Identifier: MIT
# suite.sh LOGS NAME COMMAND...: runs one suite, says in a line how it went (with what it printed if
# it failed), and leaves LOGS/NAME.count ("passed failed") and LOGS/NAME.skips. Several may run at once.
set -u

logs=$1 name=$2
shift 2
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
echo "$ok $bad" >"$logs/$name.count"
grep -iE '^(not )?ok .*# ?skip' "$log" | sed -E "s/^(not )?ok [0-9]*/  skipped: $name:/" >"$logs/$name.skips"
{
    if [ "$bad" -eq 0 ]; then
        printf '  ok    %-24s %d\n' "$name" "$ok"
    else
        printf '  FAIL  %-24s %d passed, %d failed  %s\n' "$name" "$ok" "$bad" "$note"
        grep -vE '^ok ' "$log" | tail -60 | sed 's/^/        /'
    fi
} >"$logs/$name.said"
# In one piece, whoever else speaks.
flock "$logs" cat "$logs/$name.said"
exit 0
