#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# comcert emulate --go-live: from an empty device to a message that a subscriber sees.

bats_require_minimum_version 1.5.0

setup_file() {
    cd "$BATS_TEST_DIRNAME/../.."
    dir=$BATS_FILE_TMPDIR
    load material.bash
    load broker.bash
    pki=$BATS_FILE_TMPDIR/pki
    make_pki "$pki"
    issue "$pki" root dev-2 /CN=dev-2 "$device_extensions"
    issue "$pki" root elsewhere /CN=elsewhere \
        'basicConstraints=CA:FALSE;extendedKeyUsage=serverAuth;subjectAltName=DNS:elsewhere.example'
    new_ca "$pki" stranger "Another Root"
}

setup() {
    cd "$BATS_TEST_DIRNAME/../.."
    dir=$BATS_TEST_TMPDIR
    load material.bash
    load broker.bash
    pki=$BATS_FILE_TMPDIR/pki
    emulator= broker= subscriber= reader= mute=
}

teardown() {
    stop_emulator
    stop_subscriber
    stop_broker
    for process in $reader $mute; do
        kill "$process" 2>/dev/null || true
        wait "$process" 2>/dev/null || true
    done
}

# make_device_job NAME [SED...]: $dir/job.cfg for dev-N with NAME's credentials, changed
make_device_job() {
    make_broker_job "$pki" | sed "s/dev-1/$1/g" >"$dir/job.cfg"
    shift
    for change in "$@"; do
        sed -i "$change" "$dir/job.cfg"
    done
}

# load_device [OPTION...]: must succeed. Over $dir/dev by its dialect
load_device() {
    streams "$COMCERT" load "$dir/job.cfg" --port "$dir/dev" --accept-assumed --trace "$dir/trace" "$@"
    [ "$status" -eq 0 ] || { cat "$dir/err"; return 1; }
}

# What the device says when nobody loads it lands in $dir/serial.
listen() {
    cat "$dir/dev" >"$dir/serial" 3>&- &
    reader=$!
}

said() {
    until_true grep -q -- "$1" "$dir/emulator.log" || { cat "$dir/emulator.log"; return 1; }
}

said_on_line() {
    until_true grep -q -- "$1" "$dir/serial" || { cat "$dir/serial"; return 1; }
}

# A server that takes connections and never says a word, at $broker_port.
start_mute_server() {
    python3 -c '
import socket, sys
s = socket.create_server(("127.0.0.1", 0))
print(s.getsockname()[1], flush=True)
held = []
while True:
    held.append(s.accept())' >"$dir/mute" 3>&- &
    mute=$!
    until_true test -s "$dir/mute"
    broker_port=$(cat "$dir/mute")
}

children() {
    pgrep -P "$emulator"
}

has_child() {
    [ -n "$(children)" ]
}

@test "settings and certificates by serial: a subscriber sees the device's message" {
    start_broker "$pki"
    start_subscriber 'devices/dev-1/messages/events/#'
    make_device_job dev-1
    start_emulator --profile bench --go-live
    load_device
    listen
    said_on_line '^MQTT: disconnected'
    until_true grep -q '^devices/dev-1/messages/events/ {' "$dir/received"
    [ "$(grep -c '^devices/dev-1/' "$dir/received")" -eq 1 ]
    bytes=$(sed -n 's,^devices/dev-1/messages/events/ ,,p' "$dir/received" | tr -d '\n' | wc -c)
    printf '%s\r\n' "MQTT: connecting to localhost:$broker_port" 'MQTT: connected' \
        "MQTT: published $bytes bytes to devices/dev-1/messages/events/" 'MQTT: disconnected' |
        cmp - "$dir/serial"
    # The same on standard output, behind what was stored.
    grep '^MQTT: ' "$dir/emulator.log" | sed 's/$/\r/' | cmp - "$dir/serial"
    # The broker saw a clean end, of the device that the certificate names.
    grep -q "Received DISCONNECT from dev-1" "$dir/broker.log"
    grep -q "New client connected .* as dev-1 .*u'dev-1'" "$dir/broker.log"
}

@test "settings by form, certificates by serial: the vendor guide's own way" {
    start_broker "$pki"
    start_subscriber 'devices/dev-1/messages/events/#'
    make_device_job dev-1 's/"bench"/"infinite"/'
    start_emulator --go-live --settings "$dir/job.cfg"
    load_device
    listen
    said_on_line '^MQTT: published'
    until_true grep -q '^devices/dev-1/messages/events/ {' "$dir/received"
}

@test "end to end: new ca, new device, load over a pty, go live, seen by a subscriber" {
    echo 'a passphrase for the bench' >"$dir/pw"
    chmod 600 "$dir/pw"
    pki=$dir/new
    "$COMCERT" new ca --name Bench --key ec:p256 --out "$pki" --passphrase-file "$dir/pw" --quiet
    "$COMCERT" new device --ca "$pki" --device pump-7 --key ec:p256 --out "$pki" --passphrase-file "$dir/pw" \
        --quiet
    openssl verify -x509_strict -CAfile "$pki/Bench.crt" "$pki/pump-7.crt"
    # The broker's own certificate is of the same CA, by openssl; the device must check both ways.
    cp "$pki/Bench.crt" "$pki/root.crt"
    openssl pkey -in "$pki/Bench.key" -passin "file:$dir/pw" -out "$pki/root.key"
    issue "$pki" root server /CN=localhost "$server_extensions"
    start_broker "$pki"
    start_subscriber 'devices/pump-7/messages/events/#'
    make_device_job pump-7 's/"bench"/"infinite"/'
    start_emulator --go-live --settings "$dir/job.cfg"
    load_device
    listen
    said_on_line '^MQTT: disconnected'
    until_true grep -q '^devices/pump-7/messages/events/ {' "$dir/received"
    grep -q "New client connected .* as pump-7 .*u'pump-7'" "$dir/broker.log"
}

@test "--set over the job of --settings; certificates that come in two loads" {
    start_broker "$pki"
    start_subscriber 'devices/+/messages/events/#'
    make_device_job dev-1 's/"bench"/"infinite"/' 's/client-id = "dev-1"/client-id = "dev-9"/'
    start_emulator --go-live --settings "$dir/job.cfg" --set mqtt.client-id=dev-1
    load_device --only server-ca
    said '^does not go live yet; still missing: device-cert, device-key$'
    load_device --only device-cert,device-key
    said '^MQTT: published'
    until_true grep -q '^devices/dev-1/messages/events/ {' "$dir/received"
    [ "$(grep -c '^MQTT: connecting' "$dir/emulator.log")" -eq 1 ]
}

@test "loaded anew, it goes live anew, with the new credentials" {
    start_broker "$pki"
    start_subscriber 'devices/+/messages/events/#'
    start_emulator --profile bench --go-live
    for device in dev-1 dev-2; do
        make_device_job "$device"
        load_device
        until_true grep -q "^devices/$device/messages/events/ {" "$dir/received"
    done
    said "^MQTT: published .* to devices/dev-2/messages/events/"
    grep -q "New client connected .* as dev-2 .*u'dev-2'" "$dir/broker.log"
}

@test "loaded while it connects: answers as always, ends the attempt, goes live with what is new" {
    start_mute_server
    make_device_job dev-1
    start_emulator --profile bench --go-live
    load_device
    said '^MQTT: connecting'
    until_true has_child
    first=$(children)
    stop_port=$broker_port
    start_broker "$pki"
    start_subscriber 'devices/+/messages/events/#'
    make_device_job dev-2
    load_device
    [[ $err == *"loaded"* ]]
    said '^MQTT: published .* to devices/dev-2/messages/events/'
    until_true grep -q '^devices/dev-2/messages/events/ {' "$dir/received"
    ! kill -0 "$first" 2>/dev/null
    grep -q "^MQTT: connecting to localhost:$stop_port" "$dir/emulator.log"
    ! grep -q '^MQTT: failed' "$dir/emulator.log"
}

@test "what it says while a loader waits is in the trace, and no answer" {
    start_broker "$pki"
    make_device_job dev-1
    echo 'transfer: { result-timeout-ms = 2500 }' >>"$dir/job.cfg"
    # The answer to the first body is lost: until it asks, the loader waits.
    start_emulator --profile bench --go-live --fault lost-ok:server-cax2
    load_device
    said '^MQTT: disconnected'
    load_device
    for line in "MQTT: connecting to localhost:$broker_port" 'MQTT: connected' 'MQTT: published'; do
        grep -qF "$line" "$dir/trace" || { cat "$dir/trace"; false; }
    done
}

# fails CAUSE LINE...: the device of $dir/job.cfg says why it cannot, on its line and here
fails() {
    start_emulator --profile bench --go-live
    load_device
    listen
    said_on_line '^MQTT: failed: '
    said '^MQTT: failed: '
    grep '^MQTT: failed: ' "$dir/emulator.log"
    grep -qE -- "^MQTT: failed: .*($1)" "$dir/emulator.log"
    grep -qE -- "^MQTT: failed: .*($1)" "$dir/serial" || { cat "$dir/serial"; return 1; }
    ! grep -q '^MQTT: published' "$dir/emulator.log"
    [ "$(grep -c '^MQTT: failed' "$dir/emulator.log")" -eq 1 ]
}

@test "fails: nobody listens at the broker's port" {
    broker_port=$(free_port)
    make_device_job dev-1
    fails 'othing listens|obody listens|refuse'
}

@test "fails: no such host" {
    broker_port=8883
    make_device_job dev-1 's/broker = "localhost"/broker = "no-such-host.invalid"/'
    fails 'no-such-host.invalid'
}

@test "fails: another CA than the broker's" {
    start_broker "$pki"
    make_device_job dev-1 's,/root.crt,/stranger.crt,'
    fails 'root|CA|issuer'
}

@test "fails: the broker's certificate is for another name" {
    SERVER=elsewhere start_broker "$pki"
    make_device_job dev-1
    fails 'localhost|name'
}

@test "fails: the broker refuses the device" {
    start_broker "$pki" 'require_certificate true' 'allow_anonymous false'
    make_device_job dev-1
    fails 'does not let this client in'
}

@test "fails: the broker does not know the device's CA" {
    start_broker "$pki"
    issue "$pki" stranger "dev-1-stranger" /CN=dev-1 "$device_extensions"
    make_device_job dev-1 's,/dev-1\.,/dev-1-stranger.,'
    fails 'CA|certificate'
}

@test "fails: the key is another certificate's" {
    start_broker "$pki"
    start_emulator --profile bench --go-live
    make_device_job dev-1
    load_device --only server-ca,device-cert
    make_device_job dev-2
    load_device
    said '^MQTT: published'
    make_device_job dev-1
    load_device --only device-key
    said '^MQTT: failed: the private key does not belong to the device certificate'
    listen
    said_on_line '^MQTT: failed: the private key does not belong'
    [ "$(grep -c 'New client connected .* as dev-' "$dir/broker.log")" -eq 1 ]
}

@test "fails: what a lenient device took for a certificate" {
    start_broker "$pki"
    make_device_job dev-1
    start_emulator --profile bench --go-live --lenient
    load_device
    said '^MQTT: disconnected'
    printf '9270,11\rno certificate\n*' >"$dir/dev"
    said '^MQTT: failed: what is stored as device certificate is no certificate'
}

@test "ended while it connects: the attempt ends too" {
    start_mute_server
    make_device_job dev-1
    for signal in TERM INT; do
        start_emulator --profile bench --go-live
        load_device
        until_true has_child
        child=$(children)
        kill -$signal "$emulator"
        wait "$emulator"
        ! kill -0 "$child" 2>/dev/null
        [ ! -L "$dir/dev" ]
    done
    emulator=
}

@test "--quiet: says it on the line alone; nobody needs to listen" {
    start_broker "$pki"
    start_subscriber 'devices/+/messages/events/#'
    make_device_job dev-1
    start_emulator --profile bench --go-live --quiet
    load_device
    until_true grep -q '^devices/dev-1/messages/events/ {' "$dir/received"
    [ "$(wc -l <"$dir/emulator.log")" -eq 1 ]
    listen
    said_on_line '^MQTT: published'
}

@test "--detach goes live too" {
    start_broker "$pki"
    start_subscriber 'devices/+/messages/events/#'
    make_device_job dev-1
    "$COMCERT" emulate --profile bench --go-live --link "$dir/dev" --detach >"$dir/out" 2>"$dir/err" 3>&-
    emulator=$(sed -n 's/.*: kill //p' "$dir/err")
    load_device
    until_true grep -q '^devices/dev-1/messages/events/ {' "$dir/received"
    kill "$emulator"
    until_true test ! -L "$dir/dev"
}

@test "no key and no password in what is said, in arguments, in the environment" {
    start_mute_server
    printf 'open-sesame' >"$dir/password"
    chmod 600 "$dir/password"
    make_device_job dev-1 "s,username = ,password-file = \"$dir/password\"  username = ,"
    start_emulator --profile bench --go-live
    load_device
    until_true has_child
    for process in "$emulator" $(children); do
        cat /proc/"$process"/cmdline /proc/"$process"/environ
    done >"$dir/proc"
    part=$(openssl pkey -in "$pki/dev-1.key" | sed -n 2p | cut -c 20-40)
    for file in emulator.log trace proc out err; do
        ! grep -aqF "$part" "$dir/$file"
        ! grep -aqF open-sesame "$dir/$file"
    done
}

@test "mistakes on the command line and in the job" {
    broker_port=8883
    make_device_job dev-1
    streams timeout 10 "$COMCERT" emulate --go-live
    [ "$status" -eq 2 ]
    [[ $err == *"--settings JOB"* ]]
    streams timeout 10 "$COMCERT" emulate --settings "$dir/job.cfg"
    [ "$status" -eq 2 ]
    streams timeout 10 "$COMCERT" emulate --profile bench --go-live --set mqtt.client-id=x
    [ "$status" -eq 2 ]
    streams timeout 10 "$COMCERT" emulate --go-live --settings "$dir/job.cfg" --set mqtt.client=x
    [ "$status" -eq 2 ]
    streams timeout 10 "$COMCERT" emulate --go-live --settings "$dir/nowhere.cfg"
    [ "$status" -eq 3 ]
    sed -i 's/client-id = "dev-1"//' "$dir/job.cfg"
    streams timeout 10 "$COMCERT" emulate --go-live --settings "$dir/job.cfg" --link "$dir/dev"
    [ "$status" -eq 3 ]
    [[ $err == *mqtt.client-id* ]]
    [ -z "$out" ]
    [ ! -L "$dir/dev" ]
}
