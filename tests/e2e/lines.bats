#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Bad lines and bad devices: every row runs against the emulator and against tests/e2e/device.py, which
# shares no code with it.

setup() {
    cd "$BATS_TEST_DIRNAME/../.."
    dir=$BATS_TEST_TMPDIR
    load material.bash
    mkdir "$dir/got"
    job=fixtures/jobs/pump-7.cfg
    pids=
}

# Leaves nothing of the last device: its link leads to a pty whose number another process may have by
# now, and its log says that it is ready.
stop() {
    for pid in $pids; do kill "$pid" 2>/dev/null || true; done
    wait 2>/dev/null || true
    rm -f "$dir/dev" "$dir/device.log"
    pids=
}

teardown() {
    stop
}

# A device that was just killed may still be there, and a new one needs a moment: what shows that one
# is ready must not be the old one's.
forget_device() { rm -f "$dir/dev" "$dir/device.log"; }

# The two devices speak the same faults under the same names.
independent() {
    forget_device
    tests/e2e/device.py "$dir/dev" "$dir/got" "$@" >"$dir/device.log" 2>&1 3>&- &
    pids="$pids $!"
    until_true grep -qs ready "$dir/device.log"
}

emulated() {
    forget_device
    "$COMCERT" emulate --profile infinite --link "$dir/dev" --store "$dir/got" "$@" \
        >"$dir/device.log" 2>&1 3>&- &
    pids="$pids $!"
    until_true test -e "$dir/dev"
}

# States of the three slots in the JSON result: "loaded unknown untouched".
states() {
    python3 -c '
import json, sys
result = [json.loads(l) for l in open(sys.argv[1]) if "\"result\"" in l][-1]
state = {x["name"]: x["state"] for x in result["exchanges"]}
print(state["server-ca"], state["device-cert"], state["device-key"])' "$dir/out"
}

load_json() {
    local status=0
    timeout 60 "$COMCERT" load "$job" --port "$dir/dev" --accept-assumed --json "$@" \
        >"$dir/out" 2>"$dir/err" || status=$?
    echo "$status"
}

# row EXIT STATE DEVICE-ARGUMENTS: the second slot is struck; CA loaded, key untouched
row() {
    local want=$1 want_state=$2 got
    shift 2
    got=$(load_json --set transfer.prompt-timeout-ms=700 --set transfer.result-timeout-ms=700 "$@")
    states=$(states)
    echo "exit $got: $states"
    tail -3 "$dir/err"
    [ "$got" = "$want" ]
    [ "$states" = "loaded $want_state untouched" ]
}

@test "both devices: loads, byte for byte" {
    independent
    [ "$(load_json)" = 0 ]
    openssl x509 -in "fixtures/pem/pump-7.crt" | cmp - "$dir/got/11"
    openssl pkey -in "fixtures/pem/pump-7.key" | cmp - "$dir/got/12"
    stop
    emulated
    [ "$(load_json)" = 0 ]
    openssl x509 -in "fixtures/pem/pump-7.crt" | cmp - "$dir/got/device-cert.pem"
    openssl pkey -in "fixtures/pem/pump-7.key" | cmp - "$dir/got/device-key.pem"
    [ "$(stat -c %a "$dir/got/device-key.pem")" = 600 ]
}

@test "independent device: echo of commands only, no echo, other line ends" {
    for how in "echo=off" "echo=commands" "eol=lf" "eol=cr" "eol=none"; do
        independent $how
        echo "$how"
        [ "$(load_json)" = 0 ]
        openssl pkey -in "fixtures/pem/pump-7.key" | cmp - "$dir/got/12"
        stop
    done
}

@test "independent device: split, glued, unterminated, noisy and coloured replies load normally" {
    for how in split glued no-eol noise ok-in-log; do
        independent fault=$how
        echo "$how"
        [ "$(load_json)" = 0 ]
        stop
    done
}

@test "independent device: success inside a log line alone counts for nothing" {
    independent fault=only-log
    [ "$(load_json --set transfer.result-timeout-ms=700)" = 6 ]
    [ "$(states)" = "unknown untouched untouched" ]
}

@test "silent after the command: no body byte leaves" {
    independent fault=deaf
    [ "$(load_json --set transfer.prompt-timeout-ms=300)" = 6 ]
    [ -z "$(ls "$dir/got")" ]
}

@test "echoed but not prompted: may be inside an earlier upload" {
    independent fault=no-prompt slot=9270,11
    row 6 unknown
    grep -qi "earlier upload" "$dir/err"
}

@test "refused at once: untouched" {
    independent fault=refuse slot=9270,11
    row 5 untouched
    stop
    emulated --fault refuse:device-cert
    row 5 untouched
}

@test "refused in mid-body and after it: unknown" {
    independent fault=refuse-body slot=9270,11
    row 5 unknown
    stop
    independent fault=refuse-end slot=9270,11
    row 5 unknown
    grep -q "ERROR 7" "$dir/err"
    stop
    emulated --fault refuse-body:device-cert
    row 5 unknown
}

@test "success before the end of the body: answered-early" {
    independent fault=early slot=9270,11
    row 5 unknown
    grep -q answered-early "$dir/out"
    stop
    independent fault=early slot=9270,11 echo=off
    row 5 unknown
    grep -q answered-early "$dir/out"
}

@test "no answer: unknown, and nothing more is sent" {
    independent fault=no-answer slot=9270,11
    row 6 unknown
    [ ! -e "$dir/got/12" ]
    grep -qi "power" "$dir/err"
}

@test "a lost or changed byte is noticed" {
    independent fault=lost slot=9270,11 at=301
    row 5 unknown
    grep -q echo-mismatch "$dir/out"
    stop
    independent fault=changed slot=9270,11 at=64
    row 5 unknown
}

@test "the device reboots in mid-body" {
    independent fault=reboot slot=9270,11
    row 5 unknown
}

@test "the adapter goes in mid-body: noticed within a second" {
    independent fault=hang-up slot=9270,11
    row 4 unknown
    stop
    emulated --fault hang-up:device-cert
    row 4 unknown
}

@test "echo that stops half-way: loads, and says so" {
    independent fault=echo-stops
    [ "$(load_json)" = 0 ]
    grep -q echo-lost "$dir/out"
}

@test "refused private key: its echo is nowhere" {
    independent fault=refuse-body slot=9270,12
    [ "$(load_json --trace "$dir/trace")" = 5 ]
    line=$(openssl pkey -in fixtures/pem/pump-7.key | sed -n 3p)
    ! grep -F "${line:0:16}" "$dir/out" "$dir/err" "$dir/trace"
    line=$(openssl pkey -in fixtures/pem/pump-7.key | sed -n 5p)
    ! grep -F "${line:8:16}" "$dir/out" "$dir/err" "$dir/trace"
}

@test "wrong line speed is recognised and named" {
    emulated --baud 9600
    [ "$(load_json --set transfer.prompt-timeout-ms=700)" = 6 ]
    grep -qi "speed" "$dir/err"
}

@test "a flood ends in time" {
    emulated --fault flood
    # AddressSanitizer needs more address space than there is.
    case $COMCERT in *asan*) limit=unlimited ;; *) limit=200000 ;; esac
    run bash -c "ulimit -v $limit; timeout 60 '$COMCERT' load $job --port $dir/dev --accept-assumed \
        --set transfer.prompt-timeout-ms=500 --set transfer.result-timeout-ms=500 2>&1 | tail -c 2000; \
        exit \${PIPESTATUS[0]}"
    echo "$output"
    [ "$status" = 5 ] || [ "$status" = 6 ]
}

start_slow() { # at 9600 a body takes more than a second
    emulated --baud 9600
    # A shell starts background commands with SIGINT ignored.
    env --default-signal=INT timeout 60 "$COMCERT" load "$job" --port "$dir/dev" \
        --accept-assumed="$1" --baud 9600 --json >"$dir/out" 2>"$dir/err" 3>&- &
    loader=$!
    until_true grep -q '"progress"' "$dir/out"
}

@test "Ctrl-C once in a body finishes it and stops before the next" {
    start_slow device-cert,device-key
    pkill -INT -P $loader
    status=0; wait $loader || status=$?
    [ "$status" = 130 ]
    [ "$(states)" = "loaded untouched untouched" ]
    cmp "$dir/got/server-ca.pem" fixtures/pem/digicert-global-root-g2.pem
}

@test "Ctrl-C twice stops at once and says that the device still waits" {
    start_slow device-cert,device-key
    pkill -INT -P $loader
    pkill -INT -P $loader
    status=0; wait $loader || status=$?
    [ "$status" = 130 ]
    [ "$(states)" = "unknown untouched untouched" ]
    grep -q 'still waits' "$dir/err"
    [ ! -e "$dir/got/server-ca.pem" ]
}

@test "--recover ends the upload that was left open, then loads" {
    start_slow device-cert,device-key
    pkill -INT -P $loader
    pkill -INT -P $loader
    wait $loader || true
    [ "$(load_json --baud 9600 --recover)" = 0 ]
    openssl pkey -in "fixtures/pem/pump-7.key" | cmp - "$dir/got/device-key.pem"
}

@test "stopped for longer than the limit while the answer waits in the kernel: it counts" {
    start_slow device-cert,device-key
    child=$(pgrep -P $loader)
    kill -STOP "$child"
    sleep 2
    kill -CONT "$child"
    status=0; wait $loader || status=$?
    [ "$status" = 0 ]
}
