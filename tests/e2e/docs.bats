#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The manual and the README against the program's own tables.

bats_require_minimum_version 1.5.0

setup() {
    cd "$BATS_TEST_DIRNAME/../.."
    dir=$BATS_TEST_TMPDIR
    "$COMCERT" completion words >"$dir/words"
    # As text, without the markup between "--" and a name or between the words of a list.
    sed 's/\\-/-/g' src/comcert.1 >"$dir/manual"
}

words() {
    sed -n "s/^$1 //p" "$dir/words"
}

# Every line of standard input stands in the file, with neither letter, digit nor hyphen around it.
all_in() {
    awk -v name="$1" '
        NR == FNR { words[$0]; next }
        { text = text "\n" $0 }
        END {
            for (w in words) {
                from = 1
                while ((at = index(substr(text, from), w)) > 0) {
                    at += from - 1
                    around = substr(text, at - 1, 1) " " substr(text, at + length(w), 1)
                    if (around !~ /[a-z0-9-]/) break
                    from = at + 1
                }
                if (at == 0) { print "not in " name ": " w; missing = 1 }
            }
            exit missing
        }' - "$1"
}

@test "manual: every command" {
    words command | all_in "$dir/manual"
    words command | all_in README.md
}

@test "manual: every option of every command" {
    words option | sed 's/.* --/Fl -/' | sort -u | all_in "$dir/manual"
}

@test "manual: no option that does not exist" {
    { words option | sed 's/.* --//'; echo help; echo version; } | sort -u >"$dir/options"
    grep -oE 'Fl -[a-z-]+' "$dir/manual" | sed 's/Fl -//' | sort -u | comm -23 - "$dir/options" >"$dir/strange"
    [ ! -s "$dir/strange" ] || { cat "$dir/strange"; false; }
}

@test "manual and README: every exit status" {
    for status in $(words exit); do
        grep -q "^\.It $status\$" "$dir/manual"
        grep -qE "^\| *$status *\|" README.md
    done
}

@test "manual: every fault of the emulated device" {
    words fault | all_in "$dir/manual"
}

# leaves KIND: the keys that hold a value and not keys of their own
leaves() {
    words "$1" | awk '{ keys[$0] }
        END { for (k in keys) {
            group = 0
            for (o in keys) group += index(o, k ".") == 1 || index(o, k "[]") == 1
            if (!group) print k } }'
}

@test "manual: every key of a job file" {
    leaves job-key | all_in "$dir/manual"
}

@test "manual: every key of a profile" {
    leaves profile-key | all_in "$dir/manual"
}

@test "README: job keys and commands that it shows exist" {
    grep -oE '^ *comcert [a-z]+' README.md | awk '{print $2}' | sort -u | while read -r command; do
        grep -qx "command $command" "$dir/words" || { echo "$command"; exit 1; }
    done
}

@test "manual: well-formed" {
    command -v mandoc >/dev/null || skip "no mandoc"
    sed 's/@VERSION@/0/' src/comcert.1 | mandoc -Tlint -W warning >"$dir/lint" || { cat "$dir/lint"; false; }
}

@test "the word list is not offered to users" {
    ! "$COMCERT" completion --help | grep -q words
}

# block WORD: the code block of the README whose first line begins with it
block() {
    awk -v word="$1" '/^```$/ { inside = !inside; first = inside; show = 0; next }
        inside && first { show = index($0, word) == 1; first = 0 }
        inside && show' README.md
}

@test "README: its profile is in order" {
    block 'schema = 1' >"$dir/acme.cfg"
    [ -s "$dir/acme.cfg" ]
    "$COMCERT" profile check "$dir/acme.cfg"
}

@test "README and manual: their job files are right but for the files they name" {
    block '# pump-7.cfg' >"$dir/job.cfg"
    sed -n '/^profile = "infinite"$/,/^\.Ed/p' src/comcert.1 | grep -v '^\.Ed' >"$dir/manual.cfg"
    for job in job manual; do
        [ -s "$dir/$job.cfg" ]
        run -3 "$COMCERT" check "$dir/$job.cfg" --json
        [ "$(grep -c '"severity":"error"' <<<"$(printf '%s\n' "${lines[@]}" | grep '"type":"finding"')")" -eq 3 ]
        [ "$(printf '%s\n' "${lines[@]}" | grep '"type":"finding"' | grep -c file-missing)" -eq 3 ]
    done
}
