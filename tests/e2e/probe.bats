#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# comcert probe: every rung against a real broker and its broken variants.

bats_require_minimum_version 1.5.0

# One broker with a listener for each way in which it can be set up; ports stand in $pki/ports.
setup_file() {
    cd "$BATS_TEST_DIRNAME/../.."
    dir=$BATS_FILE_TMPDIR
    . tests/e2e/material.bash
    . tests/e2e/broker.bash
    export pki=$dir/pki
    make_pki "$pki"
    make_servers
    make_devices
    start_brokers
    start_faults
}

teardown_file() {
    kill $(sed -nE 's/^(broker|listener) //p' "$BATS_FILE_TMPDIR/pki/ports") 2>/dev/null || true
}

# Servers that do something wrong; see listener.py.
start_faults() {
    local http='say:HTTP/1.1 400 Bad Request\r\n\r\n'
    python3 tests/e2e/listener.py "$pki/ports" "$pki" full=full silent=silent reset=reset "http=$http" \
        'ssh=say:SSH-2.0-OpenSSH_9.2\r\n' 'smtp=say:220 mail.example ESMTP\r\n' alert40=alert:40 \
        alert70=alert:70 alert80=alert:80 alert112=alert:112 tls12=connack:0@tls,ca,tls12 \
        connack1=connack:1@tls connack2=connack:2@tls connack3=connack:3@tls connack4=connack:4@tls \
        connack5=connack:5@tls tls-close=close@tls tls-silent=silent@tls "tls-http=$http$(printf 'x%.0s' $(seq 200))@tls" \
        leave=leave@tls deaf=deaf@tls refuse=refuse@tls \
        garbage=garbage@tls stray=stray@tls giant=giant@tls drip=drip \
        other-last=leave@tls,tls12,4=other-server named-last=leave@tls,tls12,5=named-server \
        gone-last=leave@tls,tls12,5= >"$dir/listener.log" 2>&1 3>&- &
    until_true grep -q listener "$pki/ports"
}

# All with the keys of server and dev-1: it is the certificates that differ.
same_key() {
    local from=$1 name
    shift
    for name in "$@"; do
        cp "$pki/$from.key" "$pki/$name.key"
    done
}

make_servers() {
    same_key server other-server mid-server old-server young-server named-server client-server soon-server
    new_ca "$pki" other "Other Root"
    issue "$pki" other other-server /CN=localhost "$server_extensions"
    issue "$pki" root old-server /CN=localhost "$server_extensions" 20200101000000Z 20210101000000Z
    issue "$pki" root young-server /CN=localhost "$server_extensions" 20450101000000Z 20460101000000Z
    issue "$pki" root named-server /CN=broker.example \
        'basicConstraints=CA:FALSE;subjectAltName=DNS:broker.example'
    issue "$pki" root client-server /CN=localhost \
        'basicConstraints=CA:FALSE;extendedKeyUsage=clientAuth;subjectAltName=DNS:localhost'
    issue "$pki" root soon-server /CN=localhost "$server_extensions" 20200101000000Z \
        "$(date -u -d '+5 days +1 hour' +%Y%m%d%H%M%SZ)"
    new_key "$pki/self.key"
    openssl req -x509 -key "$pki/self.key" -subj /CN=localhost -days 30 -out "$pki/self.crt" \
        -addext subjectAltName=DNS:localhost 2>/dev/null
}

# Devices with a certificate that is good by itself, and intermediates that only the broker sees.
make_devices() {
    local ca='basicConstraints=critical,CA:TRUE;keyUsage=keyCertSign'
    same_key dev-1 stranger dev-of-mid dev-of-old-mid dev-of-young-mid dev-of-server-mid revoked
    same_key server mid old-mid young-mid server-mid
    issue "$pki" other stranger /CN=dev-1 "$device_extensions"
    issue "$pki" root mid "/CN=Bench Mid" "$ca"
    issue "$pki" root old-mid "/CN=Old Mid" "$ca" 20200101000000Z 20210101000000Z
    issue "$pki" root young-mid "/CN=Young Mid" "$ca" 20450101000000Z 20460101000000Z
    issue "$pki" root server-mid "/CN=Server Mid" "$ca;extendedKeyUsage=serverAuth"
    issue "$pki" mid mid-server /CN=localhost "$server_extensions"
    for m in mid old-mid young-mid server-mid; do
        issue "$pki" $m dev-of-$m /CN=dev-1 "$device_extensions"
    done
    cat "$pki/dev-of-mid.crt" "$pki/mid.crt" >"$pki/dev-chain.crt"
    issue "$pki" root revoked /CN=dev-1 "$device_extensions"
    openssl ca -config "$pki/revoked.cnf" -cert "$pki/root.crt" -keyfile "$pki/root.key" \
        -revoke "$pki/revoked.crt" 2>/dev/null
    openssl ca -config "$pki/revoked.cnf" -cert "$pki/root.crt" -keyfile "$pki/root.key" -gencrl \
        -crldays 30 -out "$pki/root.crl" 2>/dev/null
    cat "$pki/root.crt" "$pki/old-mid.crt" "$pki/young-mid.crt" "$pki/server-mid.crt" >"$pki/mids.crt"
}

# add_listener NAME CAFILE SERVER LINE...
add_listener() {
    local name=$1 ca=$2 server=$3 port=$next_port
    shift 3
    next_port=$((next_port + 1))
    echo "$name $port" >>"$pki/ports"
    printf '%s\n' "listener $port 127.0.0.1" "cafile $pki/$ca.crt" "certfile $pki/$server.crt" \
        "keyfile $pki/$server.key" "tls_version tlsv1.2" "$@" >>"$dir/more.conf"
}

write_listeners() {
    local hub=("require_certificate true" "use_identity_as_username true" "allow_anonymous false"
        "acl_file $dir/broker.acl")
    : >"$pki/ports"
    : >"$dir/more.conf"
    rm -f "$dir/broker.log"
    for s in mid-server old-server young-server named-server client-server soon-server self; do
        add_listener "$s" root "$s" "${hub[@]}"
    done
    add_listener other-ca other server "${hub[@]}"
    add_listener mids mids server "${hub[@]}"
    add_listener crl root server "${hub[@]}" "crlfile $pki/root.crl"
    add_listener password root server "allow_anonymous false" "password_file $dir/passwd"
    add_listener open root server "allow_anonymous true"
    add_listener no-read root server "allow_anonymous true" "acl_file $dir/write.acl"
    add_listener no-write root server "allow_anonymous true" "acl_file $dir/read.acl"
}

start_brokers() {
    : >"$dir/passwd"
    mosquitto_passwd -b "$dir/passwd" dev-1 canary-password
    chmod 644 "$dir/passwd"
    echo 'topic write #' >"$dir/write.acl"
    echo 'topic read #' >"$dir/read.acl"
    for _ in 1 2 3; do
        next_port=$((20000 + RANDOM % 10000))
        write_listeners
        run_broker && return 0
        kill "$broker" 2>/dev/null || true
    done
    cat "$dir/broker.out" "$dir/broker.log"
    return 1
}

# On ports that follow each other; fails if somebody has one of them.
run_broker() {
    broker_port=$next_port plain_port=$((next_port + 1))
    echo "hub $broker_port" >>"$pki/ports"
    echo "plain $plain_port" >>"$pki/ports"
    write_broker_config "$pki"
    cat "$dir/more.conf" >>"$dir/broker.conf"
    mosquitto -c "$dir/broker.conf" >"$dir/broker.out" 2>&1 3>&- &
    broker=$!
    until_true grep -qs ' running$' "$dir/broker.log" && kill -0 "$broker" && listens "$plain_port" || return 1
    echo "broker $broker" >>"$pki/ports"
}

setup() {
    cd "$BATS_TEST_DIRNAME/../.."
    dir=$BATS_TEST_TMPDIR
    . tests/e2e/material.bash
    . tests/e2e/broker.bash
    broker_port=$(port_of hub)
    make_broker_job "$pki" >"$dir/job.cfg"
}

teardown() {
    [ -z "${mute:-}" ] || { kill "$mute" && wait "$mute"; } 2>/dev/null || true
    stop_subscriber
}

port_of() {
    sed -n "s/^$1 //p" "$pki/ports"
}

# probe_at PORT OPTION...: the job, tried there, with $limit seconds (3) a rung
probe_at() {
    local port=$1
    shift
    streams "$COMCERT" probe "$dir/job.cfg" --set mqtt.port="$port" --timeout "${limit:-3}" "$@"
    echo "$status: $out $err"
}

# as DEVICE: options for another certificate
as() {
    echo "--set certificates.device-cert=$pki/$1.crt --set certificates.device-key=$pki/${2:-$1}.key"
}

# failed RUNG SYMPTOM [WORDS]: the last probe (with --json) did that and nothing else
failed() {
    local result
    result=$(tail -n 1 "$dir/out")
    [ "$status" -eq 7 ]
    [[ $result == '{"type":"result","exit":7,"stands":false,"failed":"'$1'","symptom":"'$2'",'* ]]
    [ "$(grep -c '"outcome":"failed"' "$dir/out")" -eq 1 ]
    [[ $result == *"${3:-}"* ]]
}

# outcome_of RUNG: all its outcomes but "begun"
outcomes_of() {
    sed -nE '/"outcome":"begun"/d; s/^\{"type":"rung","rung":"'"$1"'","outcome":"([a-z]*)".*/\1/p' "$dir/out" |
        tr '\n' ' '
}

@test "the whole ladder: each rung a line, exit 0; the broker has seen the device" {
    start=$(grep -c 'as dev-1 ' "$BATS_FILE_TMPDIR/broker.log" || true)
    probe_at "$broker_port"
    [ "$status" -eq 0 ]
    for rung in name port 'TLS, as device' certificate 'MQTT connect'; do
        grep -qE "^  ok   $rung" "$dir/out"
    done
    grep -q '^  note TLS, own roots .*CN=Bench Root' "$dir/out"
    [[ $out == *"OK These settings and credentials work, from here."* ]]
    [[ $err == *"a device that is connected as dev-1 at this moment will be thrown off"* ]]
    [ "$(grep -c 'as dev-1 ' "$BATS_FILE_TMPDIR/broker.log")" -eq $((start + 1)) ]
    # MQTT 3.1.1, clean session; user name from the certificate
    grep "as dev-1 " "$BATS_FILE_TMPDIR/broker.log" | tail -1 | grep -q "(p2, c1,.*u'dev-1')"
}

@test "published, and received by an independent subscriber, byte for byte" {
    plain_port=$(port_of plain)
    cp "$BATS_FILE_TMPDIR/broker.log" "$dir/broker.log"
    mosquitto_sub -h 127.0.0.1 -p "$plain_port" -i "watcher-$$" -t 'devices/#' -v -C 1 >"$dir/received" 3>&- &
    subscriber=$!
    until_true grep -q "Sending SUBACK to watcher-$$" "$BATS_FILE_TMPDIR/broker.log"
    probe_at "$broker_port" --message 'it is "7" °C'
    [ "$status" -eq 0 ]
    grep -q '^  ok   publish .*PUBACK.*no proof' "$dir/out"
    wait "$subscriber"
    subscriber=
    [ "$(cat "$dir/received")" = 'devices/dev-1/messages/events/ it is "7" °C' ]
}

@test "--watch: the message comes back where it may be read" {
    probe_at "$(port_of open)" --watch --json
    [ "$status" -eq 0 ]
    [ "$(outcomes_of subscribe)$(outcomes_of publish)$(outcomes_of watch)" = "ok ok ok " ]
    probe_at "$(port_of open)" --watch='devices/+/#'
    [ "$status" -eq 0 ]
    grep -q '^  ok   message back' "$dir/out"
}

@test "--watch: acknowledged and dropped is told apart from received" {
    for where in no-write no-read; do
        limit=1 probe_at "$(port_of $where)" --watch --json
        failed watch not-back
        [ "$(outcomes_of publish)" = "ok " ]
    done
}

@test "JSON: objects and nothing else; the last is the result" {
    probe_at "$broker_port" --json --publish
    [ "$status" -eq 0 ]
    [ "$(json "[result['type'], result['exit'], result['stands']]")" = "['result', 0, True]" ]
    [ "$(json "[l['rung'] for l in lines if l['type'] == 'rung' and l['outcome'] == 'ok']")" = \
        "['names', 'tcp', 'tls-device', 'certificate', 'connect', 'publish', 'disconnect']" ]
    [ "$(json "[l['rung'] for l in lines if l['type'] == 'rung' and l['outcome'] == 'skipped']")" = \
        "['subscribe', 'watch']" ]
}

@test "--no-connect: as far as TLS, no login" {
    before=$(grep -c 'New client connected' "$BATS_FILE_TMPDIR/broker.log")
    probe_at "$broker_port" --no-connect
    [ "$status" -eq 0 ]
    [[ $out == *"whether the broker lets the device in was not tried"* ]]
    [[ $err != *"thrown off"* ]]
    [ "$(grep -c 'New client connected' "$BATS_FILE_TMPDIR/broker.log")" -eq "$before" ]
}

@test "this machine's own roots: trusted is said, and enough where the job has no server CA" {
    export SSL_CERT_FILE=$pki/root.crt
    probe_at "$broker_port" --json
    [ "$status" -eq 0 ]
    [ "$(outcomes_of tls-system)" = "ok " ]
    grep -v server-ca "$dir/job.cfg" >"$dir/job2.cfg"
    mv "$dir/job2.cfg" "$dir/job.cfg"
    probe_at "$broker_port" --json
    [ "$status" -eq 0 ]
    grep -q '"rung":"tls-device","outcome":"skipped","text":"the job has no server CA' "$dir/out"
    SSL_CERT_FILE=$pki/other.crt probe_at "$broker_port" --json
    failed tls-system wrong-root "Name the broker's root certificate"
}

@test "the right server and the wrong root: said to be the file's fault" {
    SSL_CERT_FILE=$pki/root.crt probe_at "$broker_port" --set certificates.server-ca="$pki/other.crt" --json
    failed tls-device wrong-root "the file in the slot is the wrong one"
    for rung in certificate connect disconnect; do
        [ "$(outcomes_of $rung)" = "untried " ]
    done
}

# --- names and TCP ---

@test "a name that does not exist" {
    streams "$COMCERT" probe "$dir/job.cfg" --set mqtt.broker=no-such-broker.invalid --json
    [ "$status" -eq 7 ]
    # without a network there is no name server either
    failed names name-unknown no-such-broker.invalid || failed names name-server no-such-broker.invalid
}

@test "addresses in place of names, IPv4 and IPv6" {
    streams "$COMCERT" probe "$dir/job.cfg" --set mqtt.broker=127.0.0.1
    [ "$status" -eq 0 ]
    grep -q '^  ok   name .*127.0.0.1 is an address' "$dir/out"
    streams "$COMCERT" probe "$dir/job.cfg" --set mqtt.broker=::1 --json
    echo "$out $err"
    # nobody listens there; without IPv6 there is no way
    failed tcp refused || failed tcp unreachable
}

@test "nothing listens" {
    probe_at "$(free_port)" --json
    failed tcp refused "nothing listens"
}

@test "a connection that is never taken" {
    limit=1 probe_at "$(port_of full)" --json
    failed tcp timeout || failed tcp blocked
}

# --- what is no TLS ---

@test "no TLS on the port: plain broker, web server, SSH, silence, hanging up" {
    probe_at "$(port_of plain)" --json
    failed tls-system closed "does not speak TLS" || failed tls-system reset "does not speak TLS"
    probe_at "$(port_of http)" --json
    failed tls-system http "web server"
    probe_at "$(port_of ssh)" --json
    failed tls-system ssh
    probe_at "$(port_of smtp)" --json
    failed tls-system not-tls
    probe_at "$(port_of reset)" --json
    failed tls-system reset
}

@test "no TLS on the port: silence, within the limit" {
    began=$SECONDS
    limit=1 probe_at "$(port_of silent)" --json
    failed tls-system timeout "then says nothing to TLS for 1 s"
    [ $((SECONDS - began)) -le 4 ]
}

@test "TLS that drips: begun and not done, within the limit" {
    began=$SECONDS
    limit=3 probe_at "$(port_of drip)" --json
    failed tls-system tls-slow "not done within 3 s"
    [ $((SECONDS - began)) -le 8 ]
}

@test "alerts before a certificate: version, name, no cipher" {
    for alert in 70:tls-version 112:unrecognized-name 40:handshake-failure 80:alert; do
        probe_at "$(port_of "alert${alert%:*}")" --json
        failed tls-system "${alert#*:}"
        grep -q "\"detail\":\"TLS alert ${alert%:*}, " "$dir/out"
    done
}

# --- the server's certificate ---

@test "server certificate: expired, with date and this machine's clock" {
    probe_at "$(port_of old-server)" --json
    failed tls-device server-expired "CN=localhost, on 2021-01-01"
    failed tls-device server-expired "This machine's clock says $(date -u +%Y-)"
}

@test "server certificate: not yet valid" {
    probe_at "$(port_of young-server)" --json
    failed tls-device server-not-yet-valid "from 2045-01-01"
}

@test "server certificate: another name" {
    probe_at "$(port_of named-server)" --json
    failed tls-device wrong-host "is for another name than localhost: it is for DNS:broker.example"
    streams "$COMCERT" probe "$dir/job.cfg" --set mqtt.broker=127.0.0.1 --set mqtt.port="$(port_of client-server)" --json
    [ "$(json "result['failed']")" = tls-device ]
}

@test "server certificate: not for servers" {
    probe_at "$(port_of client-server)" --json
    failed tls-device server-purpose serverAuth
}

@test "server certificate: signed by itself" {
    probe_at "$(port_of self)" --json
    failed tls-device self-signed
}

@test "server certificate: ends soon, which is a note" {
    probe_at "$(port_of soon-server)"
    [ "$status" -eq 0 ]
    [[ $out == *"the server's certificate ends in 5 days"* ]]
}

@test "server CA: another root; one of the same name; an intermediate" {
    probe_at "$broker_port" --set certificates.server-ca="$pki/other.crt" --json
    failed tls-device wrong-root "issued by CN=Bench Root"
    mkdir "$dir/twin"
    new_ca "$dir/twin" root "Bench Root"
    probe_at "$broker_port" --set certificates.server-ca="$dir/twin/root.crt" --json
    failed tls-device lookalike-root || failed tls-device wrong-root
}

@test "server CA: an intermediate; the root, with an intermediate that the server does not send" {
    probe_at "$(port_of mid-server)" --set certificates.server-ca="$pki/mid.crt" --json
    failed tls-device intermediate "it is called CN=Bench Root"
    probe_at "$(port_of mid-server)" --json
    failed tls-device wrong-root "it is the server that has to be set up to send it"
    # Known to be the root's fault, the server is not blamed.
    SSL_CERT_FILE=$pki/root.crt probe_at "$broker_port" --set certificates.server-ca="$pki/other.crt" --json
    failed tls-device wrong-root "does not lead to the server CA of this job"
    [[ $out != *"set up to send it"* ]]
}

@test "a server whose certificate is another one, further up the ladder" {
    probe_at "$(port_of other-last)" --json
    failed certificate wrong-root "several servers stand behind this name"
    [[ $out != *"names no server CA"* ]]
    probe_at "$(port_of named-last)" --json
    failed connect wrong-host "is for another name than localhost: it is for DNS:broker.example. On the connection before"
}

@test "a server that is gone, further up the ladder" {
    probe_at "$(port_of gone-last)" --json
    failed connect refused
}

@test "this machine's own roots: known, but not good" {
    SSL_CERT_FILE=$pki/root.crt probe_at "$(port_of old-server)" --json
    failed tls-device server-expired
    grep -q '"rung":"tls-system","outcome":"note".*certificate has expired' "$dir/out"
    [[ $out != *"as it should be"* ]]
}

# --- the device's certificate ---

@test "device certificate: of a CA that the broker does not know; its CAs are named" {
    # shellcheck disable=SC2046
    probe_at "$broker_port" $(as stranger) --json
    failed certificate unknown-ca "does not know the CA that issued the device certificate"
    grep -q '"detail":"TLS alert 48, unknown ca"' "$dir/out"
}

@test "device certificate: with its intermediate it is taken, without it is not" {
    # shellcheck disable=SC2046
    probe_at "$broker_port" $(as dev-chain dev-of-mid) --json
    [ "$status" -eq 0 ]
    # shellcheck disable=SC2046
    probe_at "$broker_port" $(as dev-of-mid) --json
    failed certificate unknown-ca "intermediate"
}

@test "device certificate: expired, not yet valid, not for clients, revoked, by the broker's word" {
    # shellcheck disable=SC2046
    probe_at "$(port_of mids)" $(as dev-of-old-mid) --json
    failed certificate certificate-expired
    # shellcheck disable=SC2046
    probe_at "$(port_of mids)" $(as dev-of-young-mid) --json
    failed certificate bad-certificate "not valid yet"
    # shellcheck disable=SC2046
    probe_at "$(port_of mids)" $(as dev-of-server-mid) --json
    failed certificate unsupported-certificate clientAuth
    # shellcheck disable=SC2046
    probe_at "$(port_of crl)" $(as revoked) --json
    failed certificate certificate-revoked
}

@test "device certificate: none in the job, and the broker wants one (TLS 1.3 and 1.2)" {
    make_broker_job "$pki" | sed '/device-cert =/d; /device-key =/d' >"$dir/job.cfg"
    probe_at "$broker_port" --json
    failed certificate certificate-missing
    probe_at "$(port_of tls12)" --json
    failed certificate certificate-missing
}

@test "device certificate: not shown where the server takes no such key; said to be the key's fault" {
    for version in tls1_2 tls1_3; do
        port=$(free_port)
        openssl s_server -quiet -$version -accept "$port" -cert "$pki/server.crt" \
            -key "$pki/server.key" -CAfile "$pki/root.crt" -Verify 2 -client_sigalgs RSA-PSS+SHA256 \
            >/dev/null 2>&1 </dev/null 3>&- &
        mute=$!
        until_true listens "$port"
        probe_at "$port" --json
        failed certificate certificate-kind "none with the kind of key that the job's has"
        kill "$mute" && wait "$mute" || true
        mute=
    done
}

@test "TLS 1.2: certificate accepted in the handshake; a stranger's refused in it" {
    probe_at "$(port_of tls12)" --json
    [ "$status" -eq 0 ]
    grep -q '"rung":"certificate","outcome":"ok",.*TLSv1.2' "$dir/out"
    # shellcheck disable=SC2046
    probe_at "$(port_of tls12)" $(as stranger) --json
    failed certificate unknown-ca
}

@test "the broker asks for no certificate: said, and no proof" {
    probe_at "$(port_of open)" --json
    [ "$status" -eq 0 ]
    grep -q '"rung":"certificate","outcome":"note".*does not ask for a client certificate' "$dir/out"
}

# --- MQTT ---

password_job() {
    (umask 077 && echo "$1" >"$dir/password")
    make_broker_job "$pki" 'mqtt.password-file = "x"' | sed "/device-cert =/d; /device-key =/d; /^mqtt.password/d;
        s|client-id = \"dev-1\"|client-id = \"dev-1\"  password-file = \"$dir/password\"|" >"$dir/job.cfg"
}

@test "user name and password: the right one, a wrong one" {
    password_job canary-password
    probe_at "$(port_of password)"
    [ "$status" -eq 0 ]
    [[ $out == *"no device certificate: user name and password have to do"* ]]
    [[ $out$err != *canary* ]]
    password_job canary-mistaken
    probe_at "$(port_of password)" --json
    failed connect connack-5 "user name, password"
    [[ $out$err != *canary* ]]
}

@test "a plain broker: TLS rungs left out with the reason, password in clear text pointed out" {
    password_job canary-password
    probe_at "$(port_of plain)" --set mqtt.tls=false
    [ "$status" -eq 0 ]
    [[ $out == *"the device speaks no TLS"* ]]
    [[ $out == *"in clear text"* ]]
    [[ $out$err != *canary* ]]
}

@test "TLS off at a TLS port; a web server in place of a broker" {
    password_job canary-password
    probe_at "$(port_of password)" --set mqtt.tls=false --json
    failed connect tls-port "mqtt.tls = true"
    probe_at "$(port_of http)" --set mqtt.tls=false --json
    failed connect http
}

@test "every CONNACK code in words" {
    for code in 1 2 3 4 5; do
        probe_at "$(port_of "connack$code")" --json
        failed connect "connack-$code"
    done
}

@test "no CONNACK: hanging up, silence, something else" {
    probe_at "$(port_of tls-close)" --json
    failed connect closed "hung up instead of answering CONNECT"
    limit=1 probe_at "$(port_of tls-silent)" --json
    failed connect timeout "did not answer CONNECT within 1 s"
    probe_at "$(port_of tls-http)" --json
    failed connect not-mqtt
}

@test "after the login: hanging up on the message, no PUBACK, no subscription" {
    probe_at "$(port_of leave)" --publish --json
    failed publish closed "hung up on the message"
    probe_at "$(port_of leave)" --watch --json
    failed subscribe closed
    limit=1 probe_at "$(port_of deaf)" --publish --json
    failed publish timeout
    probe_at "$(port_of refuse)" --watch --json
    failed subscribe denied
}

@test "after the login: what is no MQTT, a stray acknowledgement, a message of 256 MiB" {
    probe_at "$(port_of garbage)" --publish --json
    failed publish not-mqtt "then sent something that is no MQTT"
    limit=1 probe_at "$(port_of stray)" --watch --json
    failed subscribe timeout
    ASAN_OPTIONS=${ASAN_OPTIONS:-}:allocator_may_return_null=1 probe_at "$(port_of giant)" --watch --json
    failed subscribe flood
}

# --- before anything goes over the network ---

@test "a job that is not fit: exit 3, nobody was spoken to" {
    openssl ecparam -name prime256v1 -genkey -noout 2>/dev/null | openssl pkey -out "$dir/k.key"
    chmod 600 "$dir/k.key"
    lines=$(wc -l <"$BATS_FILE_TMPDIR/broker.log")
    streams "$COMCERT" probe "$dir/job.cfg" --set certificates.device-key="$dir/k.key"
    [ "$status" -eq 3 ]
    [[ $out == *key-mismatch* && $err == *"nothing went over the network"* ]]
    [ "$(wc -l <"$BATS_FILE_TMPDIR/broker.log")" -eq "$lines" ]
}

@test "port and profile do not matter" {
    sed -i 's/profile = "bench"/profile = "no-such-family"/' "$dir/job.cfg"
    streams "$COMCERT" check "$dir/job.cfg"
    [ "$status" -eq 3 ]
    probe_at "$broker_port"
    [ "$status" -eq 0 ]
}

@test "wrong command lines: exit 2, or 3 for what the job lacks" {
    streams "$COMCERT" probe "$dir/job.cfg" --timeout 0
    [ "$status" -eq 2 ]
    streams "$COMCERT" probe "$dir/job.cfg" --no-connect --publish
    [ "$status" -eq 2 ]
    streams "$COMCERT" probe "$dir/job.cfg" --watch=other/topic
    [ "$status" -eq 3 ]
    [[ $err == *"does not match the topic"* ]]
    streams "$COMCERT" probe fixtures/jobs/pump-7.cfg --watch
    [ "$status" -eq 3 ]
    [[ $err == *"monitor-events"* ]]
}

# --- stopping it ---

# interrupted PORT OPTION...: SIGINT to all of its group while that rung is tried, as a terminal does
interrupted_at() {
    local rung=$1
    shift
    rm -f "$dir/out"
    setsid "$COMCERT" probe "$dir/job.cfg" --timeout 60 --json "$@" >"$dir/out" 2>"$dir/err" </dev/null 3>&- &
    local pid=$! began
    until_true grep -qs "\"rung\":\"$rung\",\"outcome\":\"begun\"" "$dir/out"
    [ "$(pgrep -c -g "$pid")" -eq 2 ]
    # what stands on no command line
    ! tr '\0' '\n' <"/proc/$pid/cmdline" | grep -q BEGIN
    began=$(date +%s%N)
    kill -INT -- "-$pid"
    status=0
    wait "$pid" || status=$?
    [ $((($(date +%s%N) - began) / 1000000)) -lt 1500 ]
    [ "$status" -eq 130 ]
    ! pgrep -g "$pid"
    grep -q '^{"type":"result","exit":130,"stands":false}' "$dir/out"
}

@test "Ctrl-C while a connection is not taken: exit 130 at once, no process left" {
    interrupted_at tcp --set mqtt.port="$(port_of full)"
}

@test "Ctrl-C while TLS is not answered" {
    interrupted_at tls-system --set mqtt.port="$(port_of silent)"
}

@test "Ctrl-C while CONNECT is not answered" {
    interrupted_at connect --set mqtt.port="$(port_of tls-silent)"
}

@test "Ctrl-C while a name is looked up; and its limit" {
    [ "$(id -u)" -eq 0 ] || skip "only root can give a process a name server that never answers"
    unshare -m true 2>/dev/null || skip "no mount namespaces here"
    python3 -c '
import socket, sys, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("127.0.0.53", 53))
open(sys.argv[1], "w").write("x")
time.sleep(60)' "$dir/port" 3>&- 2>/dev/null &
    mute=$!
    until_true test -s "$dir/port" || skip "nobody may listen for DNS here"
    echo "nameserver 127.0.0.53" >"$dir/resolv.conf"
    printf '#!/bin/sh\nmount --bind %s /etc/resolv.conf && exec %s "$@"\n' "$dir/resolv.conf" "$COMCERT" >"$dir/run"
    chmod +x "$dir/run"
    printf '#!/bin/sh\nexec unshare -m %s "$@"\n' "$dir/run" >"$dir/comcert"
    chmod +x "$dir/comcert"
    COMCERT=$dir/comcert
    interrupted_at names --set mqtt.broker=broker.example
    streams "$COMCERT" probe "$dir/job.cfg" --set mqtt.broker=broker.example --timeout 1 --json
    failed names timeout "did not answer within 1 s"
}

@test "the child does not outlive its parent" {
    setsid "$COMCERT" probe "$dir/job.cfg" --timeout 60 --json --set mqtt.port="$(port_of silent)" >"$dir/out" 2>&1 </dev/null 3>&- &
    pid=$!
    until_true grep -q '"rung":"tls-system"' "$dir/out"
    kill -KILL "$pid"
    wait "$pid" || true
    until_true bash -c "! pgrep -g $pid"
}

@test "the child dies: said to be the probe's fault, and nothing of the device" {
    setsid "$COMCERT" probe "$dir/job.cfg" --timeout 60 --set mqtt.port="$(port_of silent)" >"$dir/out" 2>&1 </dev/null 3>&- &
    pid=$!
    until_true grep -q '^  ok   port' "$dir/out"
    kill -KILL "$(pgrep -P "$pid")"
    status=0
    wait "$pid" || status=$?
    [ "$status" -eq 7 ]
    grep -q '^  FAIL .*The probe ended of itself' "$dir/out"
    grep -q '^NOT OK Whether a device .* is not known' "$dir/out"
}

@test "nothing secret in any output" {
    key=$(sed -n 2p "$pki/dev-1.key" | cut -c1-32)
    probe_at "$broker_port" --json --publish
    [[ $out$err != *"$key"* ]]
    # shellcheck disable=SC2046
    probe_at "$broker_port" $(as stranger)
    [[ $out$err != *"$(sed -n 2p "$pki/stranger.key" | cut -c1-32)"* ]]
    [[ $out$err != *"PRIVATE KEY"* ]]
}
