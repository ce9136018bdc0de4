#!/bin/sh
# SPDX-License-Identifier: MIT
# Runs the test programs named as arguments, five seconds of $MONKEY if that is set, and (but with
# E2E=0) every tests/e2e/*.bats, and adds up what they say in TAP. Most of them wait for a line most of
# the time, so $JOBS suites run side by side (twice as many as there are processors). A suite that dies
# early, runs nothing or reports fewer results than it planned counts as failed. Ends with "N passed, N
# failed"; skips stand above it, each with its reason.
set -u

here=$(cd "$(dirname "$0")" && pwd)
logs=${BUILD:?}/log
rm -rf "$logs"
mkdir -p "$logs"
export CMOCKA_MESSAGE_OUTPUT=TAP
export LC_ALL=C.UTF-8
# The interpreter itself: a version manager's wrapper takes ten times as long to start, and there are
# hundreds of starts.
python=$(python3 -c 'import os, sys; print(os.path.dirname(sys.executable))') && PATH=$python:$PATH

# The longest first: a short one at the end keeps nobody waiting.
suites() {
    for file in "$here"/e2e/*.bats; do
        [ "${E2E:-1}" != 0 ] || break
        echo "$(basename "$file" .bats) bats --tap $file"
    done
    for program in "$@"; do
        echo "$(basename "$program") $program"
    done
    [ -z "${MONKEY:-}" ] || echo "monkey $here/ui/monkey.sh $MONKEY 5 -- ${COMCERT:?}"
}

suites "$@" | tr '\n' '\0' |
    xargs -0 -P "${JOBS:-$((2 * $(nproc)))}" -I{} sh -c "exec '$here/suite.sh' '$logs' {}"

cat "$logs"/*.skips 2>/dev/null | sort
cat "$logs"/*.count | awk '
    { passed += $1; failed += $2 }
    END { print passed + 0 " passed, " failed + 0 " failed"; exit failed > 0 || passed == 0 }'
