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
        grep -qE "^  $name +loaded +[0-9]+ bytes  [0-9.]+ s  [0-9]+ % of line rate" "$dir/err"
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
    [ "$status" -eq 2 ]
    [ "$(cat "$dir/file")" = precious ]
    streams "$COMCERT" load "$dir/job.cfg" --port "$dir/dev" --accept-assumed --trace /dev/full
    [ "$status" -eq 2 ]
}

@test "--trace: no file is lost but an earlier trace, and that only once the port is open" {
    start_emulator
    for name in dev.key dev.crt ca.pem job.cfg; do
        cp "$dir/$name" "$dir/before"
        streams "$COMCERT" load "$dir/job.cfg" --port "$dir/dev" --accept-assumed --trace "$dir/$name"
        [ "$status" -eq 2 ]
        [[ $err == *"$name exists and is no trace: choose another name"* ]]
        cmp "$dir/before" "$dir/$name"
    done
    [ -z "$(ls "$dir/got")" ]
    sed '1i # comcert job' "$dir/job.cfg" >"$dir/noted.cfg"
    cp "$dir/noted.cfg" "$dir/before"
    streams "$COMCERT" load "$dir/noted.cfg" --port "$dir/dev" --accept-assumed --trace "$dir/noted.cfg"
    [ "$status" -eq 2 ]
    cmp "$dir/before" "$dir/noted.cfg"
    streams "$COMCERT" load "$dir/job.cfg" --port "$dir/nothing" --accept-assumed --trace "$dir/new"
    [ "$status" -eq 4 ]
    [ ! -e "$dir/new" ]
    : >"$dir/trace"
    streams "$COMCERT" load "$dir/job.cfg" --port "$dir/dev" --accept-assumed --trace "$dir/trace"
    [ "$status" -eq 0 ]
    cp "$dir/trace" "$dir/before"
    streams "$COMCERT" load "$dir/job.cfg" --port "$dir/nothing" --accept-assumed --trace "$dir/trace"
    [ "$status" -eq 4 ]
    cmp "$dir/before" "$dir/trace"
    streams "$COMCERT" load "$dir/job.cfg" --port "$dir/dev" --accept-assumed --trace "$dir/trace"
    [ "$status" -eq 0 ]
    [ "$(grep -c finished "$dir/trace")" -eq 1 ]
}

@test "no echo: loaded, and said that nothing was compared" {
    start_emulator --echo off
    streams "$COMCERT" load "$dir/job.cfg" --port "$dir/dev" --accept-assumed --json
    [ "$status" -eq 0 ]
    [[ $err == *"accepted by the device; not compared: it does not echo"* ]]
    [ "$(json '[x["compared"] for x in result["exchanges"]]')" = "[False, False, False]" ]
    stop_emulator
    start_emulator
    streams "$COMCERT" load "$dir/job.cfg" --port "$dir/dev" --accept-assumed --json
    [[ $err != *"not compared"* ]]
    [ "$(json '[x["compared"] for x in result["exchanges"]]')" = "[True, True, True]" ]
}

@test "refusals: what to do fits what happened; the reason is told once" {
    while IFS='|' read -r options want; do
        # shellcheck disable=SC2086 # several words
        start_emulator $options
        streams "$COMCERT" load "$dir/job.cfg" --port "$dir/dev" --accept-assumed \
            --set transfer.retries=0
        stop_emulator
        echo "$options: $status $err"
        [ "$status" -eq 5 ]
        [[ $err == *"$want"* && $err != *ower-cycle* ]]
        [ "$(grep -c 'the device refused it' "$dir/err")" -eq 1 ]
    done <<'ROWS'
--fault refuse:device-key|--only device-key cannot change that
--fault refuse-end:device-key|the device does not like it
--fault refuse-end:device-key --echo off|try a lower --baud, or flow control
ROWS
}

@test "asked by sync: not stored is no refusal" {
    make_job bench >"$dir/job.cfg"
    start_emulator --profile bench --fault silent:device-key
    streams "$COMCERT" load "$dir/job.cfg" --port "$dir/dev" --set transfer.result-timeout-ms=300
    echo "$err"
    [ "$status" -eq 5 ]
    [[ $err == *"asked, the device said that it has not stored it"* ]]
    [[ $err == *"private key: not stored"* && $err != *"refused it"* && $err != *"not shown"* ]]
}

@test "80 columns on a terminal: no line is longer, whatever the end" {
    for fault in none refuse:device-key lost:device-cert:300; do
        case $fault in none) start_emulator ;; *) start_emulator --fault "$fault" ;; esac
        python3 - "$COMCERT" "$dir" <<'PY'
import fcntl, os, pty, re, struct, sys, termios
comcert, d = sys.argv[1:3]
pid, fd = pty.fork()
if pid == 0:
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    os.environ["TERM"] = "xterm"
    os.execv(comcert, [comcert, "load", "--no-color", d + "/job.cfg", "--port", d + "/dev",
                       "--accept-assumed", "--set", "transfer.retries=0"])
seen = b""
while True:
    try:
        data = os.read(fd, 65536)
    except OSError:
        break
    if not data:
        break
    seen += data
os.waitpid(pid, 0)
lines = [l.rsplit("\r", 1)[-1] for l in seen.decode().replace("\r\n", "\n").split("\n")]
for line in lines:
    print(line)
    # One word may be longer: a path, a thumbprint.
    assert len(line) <= 80 or " " not in line.strip(), line
PY
        stop_emulator
    done
}

@test "interrupted: what happens now is said at once" {
    start_emulator --baud 9600
    "$COMCERT" load "$dir/job.cfg" --port "$dir/dev" --baud 9600 --accept-assumed --json \
        >"$dir/out" 2>"$dir/err" 3>&- &
    load=$!
    until_true grep -q '"progress"' "$dir/out"
    kill -INT "$load"
    until_true grep -qE '^finishing this file \([0-9]+ s\), then stopping; Ctrl-C again stops at once' "$dir/err"
    kill -INT "$load"
    wait "$load" || true
    [ "$(grep -c stopping "$dir/err")" -eq 1 ]
    stop_emulator
    rm "$dir/out" "$dir/err"
    start_emulator --fault deaf
    "$COMCERT" load "$dir/job.cfg" --port "$dir/dev" --accept-assumed --json \
        >"$dir/out" 2>"$dir/err" 3>&- &
    load=$!
    until_true grep -qs '"sent"' "$dir/out"
    kill -INT "$load"
    wait "$load" || true
    cat "$dir/err"
    grep -q '^stopping' "$dir/err"
    grep -q 'The device may still wait for `\*`' "$dir/err"
}

@test "standard error that cannot be written is no success" {
    [ -w /dev/full ] || skip "no /dev/full"
    start_emulator
    status=0
    "$COMCERT" load "$dir/job.cfg" --port "$dir/dev" --accept-assumed 2>/dev/full || status=$?
    [ "$status" -eq 1 ]
    status=0
    "$COMCERT" load "$dir/job.cfg" --port "$dir/dev" --accept-assumed --json 2>"$dir/err" \
        >/dev/full || status=$?
    [ "$status" -eq 1 ]
    grep -q 'cannot write standard output: No space left' "$dir/err"
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
        rm -f "$dir/out" # the first one's would show that the second is under way
        "$COMCERT" load "$dir/job.cfg" --port "$dir/dev" --baud 9600 --accept-assumed --json \
            --recover >"$dir/out" 2>"$dir/err" 3>&- &
        load=$!
        until_true grep -qs '"progress"' "$dir/out"
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
