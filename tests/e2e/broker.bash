# SPDX-License-Identifier: MIT
# A real MQTT broker on loopback, configured as IoT Hub is, with a PKI of its own. Load after
# material.bash; $dir is the test's folder.
#
#   make_pki DIR       once for a file of tests: a CA, a server, a device; see there
#   start_broker       sets $broker_port (TLS, client certificate) and $plain_port (everything goes)
#   stop_broker        in teardown

PATH=$PATH:/usr/sbin

# new_key FILE: EC, PKCS#8, mode 0600
new_key() {
    (umask 077 && openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1" 2>/dev/null)
}

# new_ca DIR NAME [CN]: NAME.crt and NAME.key, a root of its own
new_ca() {
    new_key "$1/$2.key"
    openssl req -x509 -key "$1/$2.key" -subj "/CN=${3:-$2}" -days 400 -out "$1/$2.crt" \
        -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign 2>/dev/null
}

# issue DIR CA NAME SUBJECT EXTENSIONS [FROM TO]: NAME.crt and NAME.key (a new one unless it is there),
# signed by CA; EXTENSIONS are lines "name=value" with ';' between them. Valid for a year from now
# unless FROM and TO (YYYYMMDDHHMMSSZ) say otherwise, which openssl req cannot but openssl ca can.
issue() {
    local d=$1 ca=$2 name=$3
    [ -e "$d/$name.key" ] || new_key "$d/$name.key"
    printf '%s\n' "[req]" "distinguished_name=dn" "x509_extensions=x" "[dn]" "[x]" "${5//;/$'\n'}" "[ca]" \
        "default_ca=c" "[c]" "database=$d/$ca.db" "rand_serial=yes" "new_certs_dir=$d" \
        "default_md=sha256" "policy=p" "unique_subject=no" "[p]" "commonName=optional" >"$d/$name.cnf"
    if [ $# -lt 6 ]; then
        openssl req -x509 -new -config "$d/$name.cnf" -CA "$d/$ca.crt" -CAkey "$d/$ca.key" \
            -key "$d/$name.key" -subj "$4" -days 364 -out "$d/$name.crt" 2>"$d/$name.log"
        return
    fi
    : >>"$d/$ca.db"
    openssl req -new -config "$d/$name.cnf" -key "$d/$name.key" -subj "$4" -out "$d/$name.csr" &&
        openssl ca -batch -config "$d/$name.cnf" -extensions x -notext -cert "$d/$ca.crt" \
            -keyfile "$d/$ca.key" -in "$d/$name.csr" -out "$d/$name.crt" -startdate "$6" -enddate "$7"
} 2>/dev/null

server_extensions='basicConstraints=CA:FALSE;extendedKeyUsage=serverAuth;subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1'
device_extensions='basicConstraints=critical,CA:FALSE;keyUsage=digitalSignature;extendedKeyUsage=clientAuth'

# make_pki DIR: root.crt; server.crt for localhost, 127.0.0.1 and ::1; dev-1.crt (all with .key); the
# root is named so that nobody takes it for a known one.
make_pki() {
    mkdir -p "$1"
    new_ca "$1" root "Bench Root"
    issue "$1" root server /CN=localhost "$server_extensions"
    issue "$1" root dev-1 /CN=dev-1 "$device_extensions"
}

# free_port: one that nobody listens on at the moment, below those that the system hands out
free_port() {
    local port
    for _ in $(seq 20); do
        port=$((20000 + RANDOM % 12000))
        listens "$port" || break
    done
    echo "$port"
}

listens() {
    (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

# write_broker_config PKI [LINE...]: further lines are for the TLS listener and win over what stands
# here by coming later; SERVER names the server's certificate (default: server).
write_broker_config() {
    local pki=$1
    shift
    printf 'pattern write devices/%%c/messages/events/#\npattern read devices/%%c/messages/devicebound/#\n' \
        >"$dir/broker.acl"
    cat >"$dir/broker.conf" <<CONF
per_listener_settings true
log_dest file $dir/broker.log
log_type all
$([ "$(id -u)" -ne 0 ] || echo "user root")
listener $broker_port 127.0.0.1
cafile $pki/root.crt
certfile $pki/${SERVER:-server}.crt
keyfile $pki/${SERVER:-server}.key
tls_version tlsv1.2
CONF
    if [ $# -eq 0 ]; then
        printf '%s\n' 'require_certificate true' 'use_identity_as_username true' \
            'allow_anonymous false' "acl_file $dir/broker.acl"
    else
        printf '%s\n' "$@"
    fi >>"$dir/broker.conf"
    printf '%s\n' "listener $plain_port 127.0.0.1" 'allow_anonymous true' >>"$dir/broker.conf"
}

# start_broker PKI [LINE...]: as write_broker_config; waits until it listens
start_broker() {
    for _ in 1 2 3; do
        broker_port=$(free_port)
        plain_port=$(free_port)
        write_broker_config "$@"
        mosquitto -c "$dir/broker.conf" >"$dir/broker.out" 2>&1 3>&- &
        broker=$!
        until_true broker_is_up && kill -0 "$broker" && return 0
        stop_broker
    done
    cat "$dir/broker.out" "$dir/broker.log" >&2
    return 1
}

# Ends the waiting at once if the broker could not start.
broker_is_up() {
    kill -0 "$broker" 2>/dev/null || return 0
    listens "$broker_port" && listens "$plain_port"
}

stop_broker() {
    [ -z "${broker:-}" ] || { kill "$broker" 2>/dev/null && wait "$broker" 2>/dev/null; } || true
    broker=
}

# start_subscriber FILTER: what arrives lands in $dir/received, one "TOPIC PAYLOAD" a line
start_subscriber() {
    mosquitto_sub -h 127.0.0.1 -p "$plain_port" -i watcher -t "$1" -v -q 1 >"$dir/received" 2>&1 3>&- &
    subscriber=$!
    until_true grep -q "Sending SUBACK to watcher" "$dir/broker.log"
}

stop_subscriber() {
    [ -z "${subscriber:-}" ] || { kill "$subscriber" 2>/dev/null && wait "$subscriber" 2>/dev/null; } || true
    subscriber=
}

# make_broker_job PKI [LINE...]: a job for this broker and dev-1 on standard output, in which further
# lines stand
make_broker_job() {
    local pki=$1
    shift
    cat <<JOB
profile = "bench"
mqtt: {
  broker = "localhost"  port = $broker_port  tls = true
  client-id = "dev-1"  username = "dev-1"  topic = "devices/dev-1/messages/events/"
}
certificates: {
  server-ca = "$pki/root.crt"
  device-cert = "$pki/dev-1.crt"
  device-key = "$pki/dev-1.key"
}
JOB
    [ $# -eq 0 ] || printf '%s\n' "$@"
}
