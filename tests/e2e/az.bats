#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# comcert az: the script is run, with an az that writes down what it was given.

bats_require_minimum_version 1.5.0

setup_file() {
    cd "$BATS_TEST_DIRNAME/../.."
    dir=$BATS_FILE_TMPDIR
    load material.bash
    make_material
    make_az
}

setup() {
    cd "$BATS_TEST_DIRNAME/../.."
    dir=$BATS_TEST_TMPDIR
    load material.bash
    cp -a "$BATS_FILE_TMPDIR/." "$dir"
}

# make_az: an az that keeps its arguments in $dir/argv, a line "[a][b]..." for each call, and knows
# what $dir/there names ("device", "ca", "verified")
make_az() {
    mkdir "$dir/bin"
    touch "$dir/there" "$dir/argv"
    cat >"$dir/bin/az" <<'AZ'
#!/usr/bin/env bash
dir=${0%/*}/..
printf -v line '[%s]' "$@"
echo "$line" >>"$dir/argv"
there() { [[ " $(<"$dir/there") " == *[[:space:]]$1[[:space:]]* ]]; }
case "$1 $2 $3 $4" in
"iot hub show "*) echo "$(<"$dir/host")" ;;
"iot hub device-identity show") there device && echo '{}' ;;
"iot hub device-identity create") echo device >>"$dir/there" ;;
"iot hub device-identity connection-string")
    echo "HostName=my-hub.azure-devices.net;DeviceId=x;SharedAccessKey=$(<"$dir/key")" ;;
"iot hub certificate create") echo ca >>"$dir/there" ;;
"iot hub certificate generate-verification-code") echo C0DE; echo second >"$dir/etag" ;;
"iot hub certificate verify") echo verified >>"$dir/there" ;;
"iot hub certificate show")
    there ca || exit 3
    case "$*" in
    *isVerified*) there verified && echo true || echo false ;;
    *etag*) echo "$(<"$dir/etag")" ;;
    esac ;;
esac
AZ
    # Stands for `comcert new`; everything else is the real one.
    cat >"$dir/bin/comcert" <<'COMCERT'
#!/usr/bin/env bash
dir=${0%/*}/..
[ "$1" = new ] || exec "$COMCERT" "$@"
printf '[%s]' comcert "$@" >>"$dir/argv"
echo >>"$dir/argv"
while [ "$1" != --out ]; do shift; done
touch "$2/Bench.proof.pem"
COMCERT
    chmod +x "$dir/bin/az" "$dir/bin/comcert"
    echo my-hub.azure-devices.net >"$dir/host"
    echo first >"$dir/etag"
    echo '+XLy+MVZ+aTeOnVzN2kLeB16O+kSxmz6g3rS6fAf6rw=' >"$dir/key"
}

# make_script ARGUMENT...: $dir/script
make_script() {
    streams "$COMCERT" az "$@"
    echo "$err"
    [ "$status" -eq 0 ]
    cp "$dir/out" "$dir/script"
    sh -n "$dir/script"
}

# run_script [NAME=VALUE...]: as a user does, in $dir
run_script() {
    : >"$dir/argv"
    (cd "$dir" && env PATH="$dir/bin:$PATH" COMCERT="$COMCERT" "$@" sh "$dir/script") >"$dir/said" 2>&1
}

called() {
    grep -qxF -- "$1" "$dir/argv" || { echo "not called: $1"; cat "$dir/argv"; false; }
}

not_called() {
    ! grep -F -- "$1" "$dir/argv"
}

thumbprint() {
    openssl x509 -in "$1" -noout -fingerprint -sha256 | tr -d : | cut -d= -f2
}

# make_ca: Bench.crt, and dev.crt signed by it
make_ca() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$dir/Bench.key" \
        -subj "/CN=Bench it's" -days 400 -out "$dir/Bench.crt" 2>/dev/null
    openssl req -new -key "$dir/dev.key" -subj /CN=dev-1 -out "$dir/dev.csr"
    openssl x509 -req -in "$dir/dev.csr" -CA "$dir/Bench.crt" -CAkey "$dir/Bench.key" -days 300 \
        -CAcreateserial -extfile <(echo extendedKeyUsage=clientAuth) -out "$dir/dev.crt" 2>/dev/null
}

@test "self-signed: registered by its SHA-256 thumbprint, every argument as it should be" {
    make_script "$dir/job.cfg"
    run_script
    diff "$dir/argv" - <<ARGV
[extension][add][--name][azure-iot]
[iot][hub][show][--name][my-hub][--query][properties.hostName][--output][tsv]
[iot][hub][device-identity][show][--hub-name][my-hub][--device-id][dev-1]
[iot][hub][device-identity][create][--hub-name][my-hub][--device-id][dev-1][--auth-method][x509_thumbprint][--primary-thumbprint][$(thumbprint "$dir/dev.crt")]
[iot][hub][device-identity][show][--hub-name][my-hub][--device-id][dev-1][--query][{device:deviceId, status:status, auth:authentication.type, thumbprint:authentication.x509Thumbprint.primaryThumbprint}][--output][table]
ARGV
}

@test "twice: what is there is not made again" {
    make_script "$dir/job.cfg"
    run_script
    run_script
    not_called '[create]'
}

@test "nothing that costs or deletes happens unasked" {
    make_script "$dir/job.cfg"
    run_script
    not_called '[group]'
    not_called '[delete]'
    not_called '[iot][hub][create]'
    not_called '[monitor-events]'
    grep -q 'S1, which' "$dir/script"
    run_script CREATE_HUB=yes
    called '[group][create][--name][my-hub][--location][westeurope]'
    called '[iot][hub][create][--name][my-hub][--resource-group][my-hub][--location][westeurope][--sku][F1][--partition-count][2]'
}

@test "--resource-group and --location" {
    make_script "$dir/job.cfg" --resource-group "it's mine" --location norwayeast
    run_script CREATE_HUB=yes
    called "[group][create][--name][it's mine][--location][norwayeast]"
}

@test "the commands that are commented out are right as well" {
    make_script "$dir/job.cfg"
    sed -i 's/^# az /az /' "$dir/script"
    sh -n "$dir/script"
    run_script
    called '[extension][remove][--name][azure-cli-iot-ext]'
    called '[iot][hub][monitor-events][--hub-name][my-hub][--device-id][dev-1][--props][all][--timeout][0]'
    called '[iot][hub][device-identity][update][--hub-name][my-hub][--device-id][dev-1][--set][status=disabled]'
    called '[iot][hub][device-identity][delete][--hub-name][my-hub][--device-id][dev-1]'
    called '[iot][hub][delete][--name][my-hub][--resource-group][my-hub]'
    called '[group][delete][--name][my-hub]'
}

@test "device IDs that a shell or az would take apart" {
    printf '#!/bin/sh\ntouch %s/pwned' "$dir" >"$dir/bin/pwn"
    chmod +x "$dir/bin/pwn"
    for id in "it's" "a\$HOME*!'\$(pwn)'" '-x' '@x'; do
        # The common name need not be the device ID of a self-signed certificate.
        make_script "$dir/job.cfg" --set "mqtt.device-id=$id"
        : >"$dir/there"
        run_script
        case $id in
        -* | @*) id="-id=$id" ;;
        *) id="-id][$id" ;;
        esac
        called "[iot][hub][device-identity][create][--hub-name][my-hub][--device$id][--auth-method][x509_thumbprint][--primary-thumbprint][$(thumbprint "$dir/dev.crt")]"
    done
    [ ! -e "$dir/pwned" ]
}

@test "CA-signed: uploaded, proved with the etag of the moment, registered" {
    make_ca
    make_script "$dir/job.cfg" --ca "$dir/Bench.crt"
    run_script
    work=$(grep -oE '/[^]]*/Bench.proof.pem' "$dir/argv")
    work=${work%/*}
    name="[--hub-name][my-hub][--name][Bench_it_s]"
    diff <(sed -n '3,/verify/p' "$dir/argv") - <<ARGV
[iot][hub][certificate][show]$name
[iot][hub][certificate][create]$name[--path][$dir/Bench.crt]
[iot][hub][certificate][show]$name[--query][properties.isVerified][--output][tsv]
[iot][hub][certificate][show]$name[--query][etag][--output][tsv]
[iot][hub][certificate][generate-verification-code]$name[--etag][first][--query][properties.verificationCode][--output][tsv]
[comcert][new][proof][--ca][$dir/Bench.crt][--code][C0DE][--out][$work]
[iot][hub][certificate][show]$name[--query][etag][--output][tsv]
[iot][hub][certificate][verify]$name[--etag][second][--path][$work/Bench.proof.pem]
ARGV
    called '[iot][hub][device-identity][create][--hub-name][my-hub][--device-id][dev-1][--auth-method][x509_ca]'
    [ ! -e "$work" ]
    run_script
    not_called generate-verification-code
}

@test "CA-signed without --ca: the script asks for the file by name" {
    make_ca
    make_script "$dir/job.cfg"
    grep -q "Bench it's" "$dir/script"
    ! run_script
    grep -q CA_FILE "$dir/said"
    not_called certificate
    run_script CA_FILE=Bench.crt
    called '[iot][hub][certificate][create][--hub-name][my-hub][--name][device-ca][--path][Bench.crt]'
}

@test "a CA that did not sign, a key beside the CA, a CA for no reason: exit 3, no script" {
    streams "$COMCERT" az "$dir/job.cfg" --ca "$dir/ca.pem"
    [ "$status" -eq 3 ]
    [ -z "$out" ]
    make_ca
    streams "$COMCERT" az "$dir/job.cfg" --ca "$dir/ca.pem"
    [ "$status" -eq 3 ]
    [ -z "$out" ]
    [[ $err == *"did not sign"* ]]
    cat "$dir/Bench.key" "$dir/Bench.crt" >"$dir/both.pem"
    chmod 600 "$dir/both.pem"
    streams "$COMCERT" az "$dir/job.cfg" --ca "$dir/both.pem"
    [ "$status" -eq 3 ]
    [[ $err == *"private key"* ]]
    streams "$COMCERT" az "$dir/job.cfg" --ca "$dir/none.crt"
    [ "$status" -eq 3 ]
    [[ $err == *file-missing* ]]
}

@test "shared key: in a file of one's own, and a token is made with it; the key is in no argument" {
    cat >"$dir/job.cfg" <<JOB
profile = "infinite"
mqtt: { preset = "azure"  hub = "my-hub"  device-id = "dev-1"  password-file = "the token" }
certificates: { server-ca = "ca.pem" }
JOB
    make_script "$dir/job.cfg"
    run_script
    called '[iot][hub][device-identity][create][--hub-name][my-hub][--device-id][dev-1][--auth-method][shared_private_key]'
    called '[iot][hub][device-identity][connection-string][show][--hub-name][my-hub][--device-id][dev-1][--query][connectionString][--output][tsv]'
    cmp "$dir/dev-1.sas-key" "$dir/key"
    [ "$(stat -c %a "$dir/dev-1.sas-key" "$dir/the token")" = $'600\n600' ]
    grep -q '^SharedAccessSignature sr=my-hub.azure-devices.net%2Fdevices%2Fdev-1&sig=' "$dir/the token"
    ! grep -F "$(cat "$dir/key")" "$dir/argv" "$dir/said"
    ! grep -F "sig=" "$dir/argv" "$dir/said"
    # The job is complete now.
    streams "$COMCERT" check "$dir/job.cfg"
    [ "$status" -eq 0 ]
    # A key that is none: the token that is in use stays.
    cp "$dir/the token" "$dir/before"
    chmod 644 "$dir/dev-1.sas-key"
    echo 'no key!' >"$dir/key"
    ! run_script
    cmp "$dir/the token" "$dir/before"
    [ "$(stat -c %a "$dir/dev-1.sas-key")" = 600 ]
}

@test "a hub of another name is told; other clouds of Azure's" {
    echo MY-HUB2.azure-devices.net >"$dir/host"
    make_script "$dir/job.cfg"
    run_script
    grep -q "host name is MY-HUB2" "$dir/said"
    make_script "$dir/job.cfg" --set mqtt.hub=my-hub.azure-devices.us
    grep -q AzureUSGovernment "$dir/script"
    make_script "$dir/job.cfg" --set mqtt.hub=my-hub.azure-devices.cn
    grep -q AzureChinaCloud "$dir/script"
}

@test "not Azure: plain words, exit 3" {
    cat >"$dir/aws.cfg" <<JOB
profile = "infinite"
mqtt: { preset = "aws"  broker = "abc-ats.iot.eu-west-1.amazonaws.com"  device-id = "t-1"  topic = "t" }
JOB
    streams "$COMCERT" az "$dir/aws.cfg"
    [ "$status" -eq 3 ]
    [ -z "$out" ]
    [[ $err == *"for AWS IoT"* && $err == *"attach a policy"* ]]
    streams "$COMCERT" az "$dir/job.cfg" --set mqtt.preset=none --set mqtt.broker=mq.example.com
    [ "$status" -eq 3 ]
    [[ $err == *"not for Azure IoT Hub"* ]]
}

@test "a job that is not fit: the findings of check, exit 3, no script" {
    streams "$COMCERT" az "$dir/job.cfg" --set "certificates.device-key=$dir/other.key"
    [ "$status" -eq 3 ]
    [ -z "$out" ]
    [[ $err == *key-mismatch* ]]
    streams "$COMCERT" az "$dir/none.cfg"
    [ "$status" -eq 3 ]
    [ -z "$out" ]
    streams "$COMCERT" az "$dir/job.cfg" --at 2060-01-01
    [ "$status" -eq 3 ]
    [[ $err == *cert-expired* ]]
}

@test "the server's root is not what az needs: it may be missing" {
    rm "$dir/ca.pem"
    make_script "$dir/job.cfg"
    [[ $err == *file-missing* ]]
}
