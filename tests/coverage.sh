#!/bin/sh
# SPDX-License-Identifier: MIT
# Line coverage of src/ after "make check VARIANT=coverage": a line for each room, then the whole.
set -eu
build=$1
gcov=${GCOV:-gcov}

find "$build/src" -name '*.gcda' -exec "$gcov" -n -r -s "$PWD" {} + 2>/dev/null |
    awk '
    /^File / { file = $2; gsub(/\047/, "", file) }
    /^Lines executed:/ && file ~ /^src\/.*\.c$/ && !(file in seen) {
        seen[file] = 1
        split($0, part, /[:% ]+/)
        covered = part[3] * part[5] / 100
        split(file, path, "/")
        room = path[3] == "" ? "main" : path[2]
        lines[room] += part[5]; hit[room] += covered
        total += part[5]; total_hit += covered
    }
    END {
        for (room in lines)
            printf "  %-8s %5.1f %% of %d lines\n", room, 100 * hit[room] / lines[room], lines[room] | "sort"
        close("sort")
        if (total == 0) { print "no coverage data"; exit 1 }
        printf "src/ %.1f %% of %d lines\n", 100 * total_hit / total, total
    }'
