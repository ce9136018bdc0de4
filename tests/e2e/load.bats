#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# comcert load against the emulated device, as a user types it.

setup() {
    cd "$BATS_TEST_DIRNAME/../.."
    dir=$BATS_TEST_TMPDIR
    load material.bash
    make_material
    emulator=
}

teardown() {
    stop_emulator
    [ ! -e "$dir/pid" ] || kill "$(cat "$dir/pid")" 2>/dev/null || true
}

@test "the tour: emulate, check, load; exit 0, stored byte for byte; without acceptance exit 3" {
    streams "$COMCERT" emulate --profile infinite --link "$dir/dev" --store "$dir/got" --detach
    [ "$status" -eq 0 ]
    sed -n 's/.*: kill //p' "$dir/err" >"$dir/pid"
    streams "$COMCERT" check fixtures/jobs/pump-7.cfg
    [ "$status" -eq 0 ]
    streams "$COMCERT" load fixtures/jobs/pump-7.cfg --port "$dir/dev" --accept-assumed
    echo "$err"
    [ "$status" -eq 0 ]
    [ -z "$out" ]
    [[ $err == *"OK The device is loaded"* && $err == *"By hand"* ]]
    openssl x509 -in fixtures/pem/pump-7.crt | cmp - "$dir/got/device-cert.pem"
    openssl pkey -in fixtures/pem/pump-7.key | cmp - "$dir/got/device-key.pem"
    rm "$dir"/got/*
    streams "$COMCERT" load fixtures/jobs/pump-7.cfg --port "$dir/dev"
    [ "$status" -eq 3 ]
    [ "$(grep -c assumed-not-accepted "$dir/err")" -eq 2 ]
    streams "$COMCERT" load fixtures/jobs/mismatch.cfg --port "$dir/dev" --accept-assumed --json
    [ "$status" -eq 3 ]
    [ "$(json 'result["exit"]')" = 3 ]
    [ -z "$(ls "$dir/got")" ]
}

@test "one line for each exchange with the measured rate; no bar, no colour in a pipe" {
    start_emulator
    streams "$COMCERT" load "$dir/job.cfg" --port "$dir/dev" --accept-assumed
    [ "$status" -eq 0 ]
    for name in server-ca device-cert device-key; do
        grep -qE "^  $name +loaded +[0-9]+ bytes in [0-9.]+ s, [0-9.]+ kB/s of 11.52" "$dir/err"
    done
    [[ $err != *$'\r'* && $err != *$'\e'* ]]
}

@test "accepted by name: only those are sent" {
    start_emulator
    streams "$COMCERT" load "$dir/job.cfg" --port "$dir/dev" --accept-assumed=device-cert
    [ "$status" -eq 3 ]
    [[ $err == *device-key* ]]
    streams "$COMCERT" load "$dir/job.cfg" --port "$dir/dev" --accept-assumed=device-cert,device-key --json
    [ "$status" -eq 0 ]
    [ "$(json 'result["accepted"]')" = "['device-cert', 'device-key']" ]
}

@test "--only: one slot; the pair is judged" {
    start_emulator
    streams "$COMCERT" load "$dir/job.cfg" --port "$dir/dev" --accept-assumed --only device-cert
    [ "$status" -eq 0 ]
    [[ $err == *"the key was not part of this run"* ]]
    [ "$(ls "$dir/got" | grep -c pem)" -eq 1 ]
}

@test "new certificate, old key: said in one line" {
    start_emulator --fault refuse:device-key
    streams "$COMCERT" load "$dir/job.cfg" --port "$dir/dev" --accept-assumed
    [ "$status" -eq 5 ]
    [[ $err == *"certificate is new, key is not: this device cannot connect until the private key is loaded"* ]]
    [[ $err == *"untouched: private key"* ]]
}

@test "no answer: unknown, how to recover, and --recover loads" {
    start_emulator --fault silent:server-cax1
    streams "$COMCERT" load "$dir/job.cfg" --port "$dir/dev" --accept-assumed \
        --set transfer.result-timeout-ms=300
    echo "$err"
    [ "$status" -eq 6 ]
    [[ $err == *"unknown: server CA"* && $err == *"Power-cycle"* && $err == *--recover* ]]
    streams "$COMCERT" load "$dir/job.cfg" --port "$dir/dev" --accept-assumed --recover
    [ "$status" -eq 0 ]
}

@test "profile bench: settings, uploads, no manual steps; refused where the port is no pty" {
    make_job bench >"$dir/job.cfg"
    start_emulator --profile bench
    streams "$COMCERT" load "$dir/job.cfg" --port "$dir/dev"
    [ "$status" -eq 0 ]
    [[ $err == *"6 settings"* && $err != *"By hand"* ]]
    streams "$COMCERT" load "$dir/job.cfg" --port /dev/null
    [ "$status" -eq 3 ]
    [[ $err == *emulator-only* ]]
}

@test "--dry-run: the plan on standard output, nothing opened" {
    streams "$COMCERT" load "$dir/job.cfg" --port /nowhere --accept-assumed --dry-run
    [ "$status" -eq 0 ]
    [[ $out == *'> 9270,10\r'* && $out == *"WA Manager"* ]]
    ! grep -F -f <(openssl pkey -in "$dir/dev.key" | grep -v -- -----) "$dir/out"
}

@test "--json: events and one result; progress in step; nothing else on standard output" {
    start_emulator
    streams "$COMCERT" load "$dir/job.cfg" --port "$dir/dev" --accept-assumed --json
    [ "$status" -eq 0 ]
    [ "$(json '[l["type"] for l in lines].count("result")')" = 1 ]
    [ "$(json 'result["outcome"]')" = done ]
    [ "$(json '[x["state"] for x in result["exchanges"]]')" = "['loaded', 'loaded', 'loaded']" ]
    [ "$(json '[l["exchange"] for l in lines if l["type"] == "done"]')" = \
        "['server-ca', 'device-cert', 'device-key']" ]
    ! grep -F -f <(openssl pkey -in "$dir/dev.key" | grep -v -- -----) "$dir/out"
}

@test "--trace: timed, escaped, without the key; 0600; a link is not followed" {
    start_emulator
    streams "$COMCERT" load "$dir/job.cfg" --port "$dir/dev" --accept-assumed --trace "$dir/trace"
    [ "$status" -eq 0 ]
    [ "$(stat -c %a "$dir/trace")" = 600 ]
    grep -qE '^ +[0-9.]+ server-ca +> 9270,10\\r' "$dir/trace"
    grep -qE 'server-ca +< COMMAND PROCESSED OK' "$dir/trace"
    grep -qE 'finished: done' "$dir/trace"
    ! grep -F -f <(openssl pkey -in "$dir/dev.key" | grep -v -- -----) "$dir/trace"
    echo precious >"$dir/file"
    ln -s "$dir/file" "$dir/link"
    streams "$COMCERT" load "$dir/job.cfg" --port "$dir/dev" --accept-assumed --trace "$dir/link"
    [ "$status" -eq 3 ]
    [ "$(cat "$dir/file")" = precious ]
    streams "$COMCERT" load "$dir/job.cfg" --port "$dir/dev" --accept-assumed --trace /dev/full
    [ "$status" -eq 3 ]
}

@test "--quiet: nothing when all is well, the verdict when not" {
    start_emulator --fault refuse:device-keyx1
    streams "$COMCERT" load "$dir/job.cfg" --port "$dir/dev" --accept-assumed --quiet
    [ "$status" -eq 5 ]
    [[ $err == *"NOT OK"* ]]
    streams "$COMCERT" load "$dir/job.cfg" --port "$dir/dev" --accept-assumed --quiet
    [ "$status" -eq 0 ]
    [ -z "$out$err" ]
}

@test "ports that are none: exit 4, nothing written" {
    echo precious >"$dir/file"
    for port in "$dir/nothing" "$dir/file" "$dir" /dev/null; do
        streams "$COMCERT" load "$dir/job.cfg" --port "$port" --accept-assumed --json
        echo "$port: $status $err"
        [ "$status" -eq 4 ]
        [ "$(json 'result["exit"]')" = 4 ]
        [ -n "$(json 'result["state"]')" ]
    done
    [ "$(cat "$dir/file")" = precious ]
}

@test "a port that another load holds: by whom, exit 4" {
    start_emulator --fault silent:server-ca
    "$COMCERT" load "$dir/job.cfg" --port "$dir/dev" --accept-assumed --json \
        --set transfer.result-timeout-ms=5000 >"$dir/first" 2>&1 3>&- &
    first=$!
    until_true grep -q started "$dir/first"
    streams "$COMCERT" load "$dir/job.cfg" --port "$dir/dev" --accept-assumed
    kill "$first"
    wait "$first" || true
    [ "$status" -eq 4 ]
    [[ $err == *"$first"* ]]
}

@test "interrupted in a body: state told, exit 130; the second time at once" {
    start_emulator --baud 9600
    for times in 1 2; do
        "$COMCERT" load "$dir/job.cfg" --port "$dir/dev" --baud 9600 --accept-assumed --json \
            --recover >"$dir/out" 2>"$dir/err" 3>&- &
        load=$!
        until_true grep -q '"progress"' "$dir/out"
        for _ in $(seq $times); do
            kill -INT "$load"
            until_true true
        done
        status=0
        wait "$load" || status=$?
        [ "$status" -eq 130 ]
        [ "$(json 'result["outcome"]')" = cancelled ]
        [[ $(json 'result["state"]') == *"untouched: "* ]]
    done
}

@test "a bar on a terminal: bytes, percent, time left; gone at the end; no colour when asked" {
    start_emulator --baud 9600
    for mode in plain colour; do
        python3 - "$COMCERT" "$dir" "$mode" <<'PY'
import os, pty, sys
comcert, d, mode = sys.argv[1:4]
pid, fd = pty.fork()
if pid == 0:
    os.environ["TERM"] = "xterm"
    os.environ.pop("NO_COLOR", None)
    os.execv(comcert, [comcert, "load", d + "/job.cfg", "--port", d + "/dev", "--baud", "9600",
                       "--accept-assumed", "--only", "device-cert"] +
             (["--no-color"] if mode == "plain" else []))
seen = b""
while True:
    try:
        data = os.read(fd, 65536)
    except OSError:
        break
    if not data:
        break
    seen += data
status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
print(status, seen)
assert status == 0
assert b"%" in seen and b" bytes" in seen and b" left" in seen and b"\r" in seen
assert (b"\x1b" in seen) == (mode == "colour")
PY
    done
}
