#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# comcert emulate: options, link, store, detaching, the end.

setup() {
    cd "$BATS_TEST_DIRNAME/../.."
    dir=$BATS_TEST_TMPDIR
    load material.bash
    make_material
    emulator=
}

teardown() {
    stop_emulator
    [ ! -e "$dir/detached" ] || kill "$(cat "$dir/detached")" 2>/dev/null || true
}

@test "prints the pty's name first; the link leads there and goes at SIGTERM and SIGINT" {
    for signal in TERM INT; do
        start_emulator
        [ "$(head -1 "$dir/emulator.log")" = "$(readlink "$dir/dev")" ]
        [ -c "$dir/dev" ]
        kill -$signal "$emulator"
        wait "$emulator"
        [ ! -L "$dir/dev" ]
    done
    emulator=
}

@test "tells what it stores and refuses" {
    start_emulator --profile bench
    "$COMCERT" load "$dir/job.cfg" --set profile=bench --port "$dir/dev" --quiet
    grep -q "^stored device-cert, $(stat -c %s "$dir/got/device-cert.pem") bytes" "$dir/emulator.log"
    grep -q "^set client-id = dev-1" "$dir/emulator.log"
    stop_emulator
    start_emulator --fault refuse:device-cert
    "$COMCERT" load "$dir/job.cfg" --port "$dir/dev" --accept-assumed --quiet || true
    grep -q "^refused device-cert" "$dir/emulator.log"
}

@test "--detach: returns at once, the link is there, the device answers, the link goes" {
    streams timeout 10 "$COMCERT" emulate --link "$dir/dev" --store "$dir/got" --detach
    [ "$status" -eq 0 ]
    [ "$out" = "$(readlink "$dir/dev")" ]
    sed -n 's/.*: kill //p' "$dir/err" >"$dir/detached"
    "$COMCERT" load "$dir/job.cfg" --port "$dir/dev" --accept-assumed --quiet
    openssl x509 -in "$dir/dev.crt" | cmp - "$dir/got/device-cert.pem"
    kill "$(cat "$dir/detached")"
    until_true test ! -L "$dir/dev"
}

@test "stored files are for the owner only" {
    start_emulator
    "$COMCERT" load "$dir/job.cfg" --port "$dir/dev" --accept-assumed --quiet
    for name in server-ca device-cert device-key; do
        [ "$(stat -c %a "$dir/got/$name.pem")" = 600 ]
    done
}

@test "a file where the link should be stays" {
    echo precious >"$dir/dev"
    streams timeout 10 "$COMCERT" emulate --link "$dir/dev"
    [ "$status" -eq 4 ]
    [ "$(cat "$dir/dev")" = precious ]
}

@test "a link to a living device stays; one that leads nowhere is replaced" {
    start_emulator
    target=$(readlink "$dir/dev")
    streams timeout 10 "$COMCERT" emulate --link "$dir/dev"
    [ "$status" -eq 4 ]
    [ "$(readlink "$dir/dev")" = "$target" ]
    stop_emulator
    ln -s "$dir/nowhere" "$dir/dev"
    start_emulator
    [ -c "$dir/dev" ]
}

@test "--store that is no folder" {
    echo precious >"$dir/got"
    streams timeout 10 "$COMCERT" emulate --store "$dir/got"
    [ "$status" -eq 4 ]
    [[ $err == *"not a folder"* ]]
}

@test "every shape of echo and answer that a device may have loads" {
    while read -r options; do
        # shellcheck disable=SC2086 # several words
        start_emulator $options
        echo "$options"
        "$COMCERT" load "$dir/job.cfg" --port "$dir/dev" --accept-assumed
        openssl pkey -in "$dir/dev.key" | cmp - "$dir/got/device-key.pem"
        stop_emulator
        rm -r "$dir/got"
    done <<'ROWS'
--echo off
--echo commands
--echo-eol lf
--echo-eol none
--echo-delay 5 --latency 50
--fifo 64 --away 2
--colour --fault noise --fault split
--no-rate-limit
--fault glued --fault no-eol
ROWS
}

@test "mistakes: unknown fault, profile and word" {
    streams "$COMCERT" emulate --fault refus
    [ "$status" -eq 2 ]
    [[ $err == *refuse* ]]
    streams "$COMCERT" emulate --fault lostx0
    [ "$status" -eq 2 ]
    streams "$COMCERT" emulate --profile infinit
    [ "$status" -eq 3 ]
    streams "$COMCERT" emulate --echo loud
    [ "$status" -eq 2 ]
    streams "$COMCERT" emulate --echo-delay -3
    [ "$status" -eq 2 ]
}

@test "--help explains every fault" {
    streams "$COMCERT" emulate --help
    for fault in $("$COMCERT" completion words | sed -n 's/^fault //p'); do
        [[ $out == *"  $fault "* ]]
    done
}
