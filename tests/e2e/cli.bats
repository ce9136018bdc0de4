#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The command line itself: usage, help, versions, mistakes, exit codes, standard streams.

setup() {
    cd "$BATS_TEST_DIRNAME/../.."
    dir=$BATS_TEST_TMPDIR
    job=fixtures/jobs/pump-7.cfg
}

# streams COMMAND...: runs it with the streams apart: $status, $out, $err
streams() {
    status=0
    "$@" >"$dir/out" 2>"$dir/err" </dev/null || status=$?
    out=$(cat "$dir/out")
    err=$(cat "$dir/err")
}

commands() {
    "$COMCERT" completion words | sed -n 's/^command //p'
}

@test "without arguments: usage on standard error, exit 2" {
    streams "$COMCERT"
    [ "$status" -eq 2 ]
    [ -z "$out" ]
    [[ $err == *"Usage:"*"comcert load JOB"* ]]
}

@test "--help: usage and exit codes on standard output, exit 0" {
    for flag in --help -h; do
        streams "$COMCERT" "$flag"
        [ "$status" -eq 0 ]
        [ -z "$err" ]
        [[ $out == *"Usage:"*"Exit status:"*"130"* ]]
    done
}

@test "--help of every command names all of its options" {
    for command in $(commands); do
        streams "$COMCERT" "$command" --help
        [ "$status" -eq 0 ]
        [ -z "$err" ]
        [[ $out == "Usage: comcert $command"* ]]
        for option in $("$COMCERT" completion words | sed -n "s/^option $command //p"); do
            [[ $out == *" $option"* ]] || { echo "$command $option"; false; }
        done
    done
}

@test "--version: the program and its libraries" {
    streams "$COMCERT" --version
    [ "$status" -eq 0 ]
    [[ $out == comcert\ * ]]
    [[ $out == *OpenSSL* && $out == *libserialport* && $out == *libconfig* && $out == *jansson* ]]
}

@test "unknown command: named, with a suggestion, exit 2" {
    streams "$COMCERT" laod
    [ "$status" -eq 2 ]
    [ -z "$out" ]
    [[ $err == *'`laod`; did you mean `load`?'* ]]
    streams "$COMCERT" frobnicate
    [ "$status" -eq 2 ]
    [[ $err == *frobnicate* && $err != *"did you mean"* ]]
}

@test "unknown command with control characters does not reach the terminal" {
    streams "$COMCERT" $'\e]0;x\a'
    [ "$status" -eq 2 ]
    [[ $err != *$'\e'* ]]
}

@test "unknown option: near miss, unique beginning, or none" {
    streams "$COMCERT" load x --prot /dev/null
    [ "$status" -eq 2 ]
    [[ $err == *"did you mean --port?"* ]]
    streams "$COMCERT" load x --accept
    [[ $err == *"did you mean --accept-assumed?"* ]]
    streams "$COMCERT" load x --at 2026-01-01
    [ "$status" -eq 2 ]
    [[ $err == *"no option --at"* ]]
    streams "$COMCERT" ports -x
    [ "$status" -eq 2 ]
}

@test "values: missing, superfluous, given twice" {
    streams "$COMCERT" load x --port
    [ "$status" -eq 2 ]
    [[ $err == *"--port needs a value"* ]]
    streams "$COMCERT" load x --json=yes
    [ "$status" -eq 2 ]
    [[ $err == *"takes no value"* ]]
    streams "$COMCERT" load x --port a --port b
    [ "$status" -eq 2 ]
    [[ $err == *"given twice"* ]]
}

@test "operands: too few, too many, after --" {
    streams "$COMCERT" load
    [ "$status" -eq 2 ]
    [[ $err == *"needs JOB"* ]]
    streams "$COMCERT" load a b
    [ "$status" -eq 2 ]
    [[ $err == *'`b`'* ]]
    streams "$COMCERT" check -- --json
    [ "$status" -eq 3 ]
}

@test "a bundle of thousands of letters is no trouble" {
    streams "$COMCERT" load x "-$(printf 'q%.0s' $(seq 5000))x"
    [ "$status" -eq 2 ]
}

@test "bad values: speed, frame, flow, date, accepted names, descriptor" {
    while IFS='|' read -r words want; do
        # shellcheck disable=SC2086 # several words
        streams "$COMCERT" $words
        [ "$status" -eq 2 ] || { echo "$words: exit $status: $err"; false; }
        [[ $err == *$want* ]] || { echo "$words: $err"; false; }
        [ -z "$out" ]
    done <<'ROWS'
load fixtures/jobs/pump-7.cfg --baud fast|--baud wants a whole number
load fixtures/jobs/pump-7.cfg --baud 0|--baud wants a whole number
load fixtures/jobs/pump-7.cfg --frame 9N1|--frame wants
load fixtures/jobs/pump-7.cfg --frame 8n1|--frame wants
load fixtures/jobs/pump-7.cfg --flow rtsct|did you mean `rtscts`?
load fixtures/jobs/pump-7.cfg --accept-assumed=device-cret|did you mean `device-cert`?
load fixtures/jobs/pump-7.cfg --accept-assumed=|names nothing
load fixtures/jobs/pump-7.cfg --port=|--port names no port
load fixtures/jobs/pump-7.cfg --passphrase-fd 99|not open
load fixtures/jobs/pump-7.cfg --passphrase-fd 0 --passphrase-file x|exclude each other
check fixtures/jobs/pump-7.cfg --at yesterday|is not a date
check fixtures/jobs/pump-7.cfg --at 2026-02-30|is not a date
check fixtures/jobs/pump-7.cfg --at 26-2-3|is not a date
ROWS
}

@test "--passphrase-file that is a pipe: the option for that is named" {
    mkfifo "$dir/pipe"
    streams timeout 5 "$COMCERT" check "$job" --passphrase-file "$dir/pipe"
    [ "$status" -eq 2 ]
    [[ $err == *"is a pipe"*--passphrase-fd* ]]
}

@test "a wrong --set: said once, before anything about sending" {
    streams "$COMCERT" load "$job" --set nonsense
    [ "$status" -eq 2 ]
    [[ $err != *"--set: --set"* && $err != *"Not fit"* ]]
}

@test "no line of any help is wider than 80 columns" {
    "$COMCERT" --help >"$dir/help"
    for command in $(commands); do
        "$COMCERT" "$command" --help >>"$dir/help"
    done
    awk 'length($0) > 80 { print; bad = 1 } END { exit bad }' "$dir/help"
}

@test "load without a port: says how to name one, exit 2" {
    streams "$COMCERT" load "$job" --accept-assumed
    [ "$status" -eq 2 ]
    [[ $err == *--port* ]]
}

@test "standard output that cannot be written is an error" {
    [ -w /dev/full ] || skip "no /dev/full"
    status=0
    "$COMCERT" profile list >/dev/full 2>"$dir/err" || status=$?
    [ "$status" -eq 1 ]
    grep -q 'cannot write standard output' "$dir/err"
    status=0
    "$COMCERT" profile list >&- 2>"$dir/err" || status=$?
    [ "$status" -eq 1 ]
}

@test "a reader that has gone is an error, not a success" {
    status=0
    ("$COMCERT" profile show infinite 2>"$dir/err" || echo "$?" >"$dir/status") | true
    # The pipe may have taken everything before the reader was gone.
    [ ! -s "$dir/status" ] || [ "$(cat "$dir/status")" -eq 1 ]
}

@test "completion: bash accepts it and completes commands and options" {
    "$COMCERT" completion bash >"$dir/completion"
    bash -n "$dir/completion"
    bash -c '
        source "$1"
        COMP_WORDS=(comcert lo) COMP_CWORD=1; _comcert; [ "${COMPREPLY[*]}" = load ] || exit 1
        COMP_WORDS=(comcert load --dry) COMP_CWORD=2; _comcert
        [ "${COMPREPLY[*]}" = --dry-run ] || exit 2
        COMP_WORDS=(comcert profile sh) COMP_CWORD=2; _comcert
        [ "${COMPREPLY[*]}" = show ] || exit 3
        COMP_WORDS=(comcert load x --flow rt) COMP_CWORD=4; _comcert
        [ "${COMPREPLY[*]}" = rtscts ] || exit 4
        COMP_WORDS=(comcert load x --only server-ca,device-k) COMP_CWORD=4; _comcert
        [ "${COMPREPLY[*]}" = server-ca,device-key ] || exit 5
        COMP_WORDS=(comcert load x --accept-assumed = client) COMP_CWORD=5; _comcert
        [ "${COMPREPLY[*]}" = client-id ] || exit 6' _ "$dir/completion"
}

@test "completion for another shell: exit 2" {
    streams "$COMCERT" completion fish
    [ "$status" -eq 2 ]
    [ -z "$out" ]
}

@test "demo: loads, compares, refuses the wrong key; no files, no colour codes in a pipe" {
    cd "$dir"
    streams timeout 20 "$COMCERT" demo
    [ "$status" -eq 0 ]
    [[ $out == *"The device is loaded"* ]]
    [[ $out == *"3 of 3 equal"* ]]
    [[ $out == *key-mismatch* ]]
    [[ $out != *$'\e'* ]]
    [ -z "$err" ]
}
