#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# comcert new: keys and certificates, judged by openssl.

bats_require_minimum_version 1.5.0

setup() {
    cd "$BATS_TEST_DIRNAME/../.."
    dir=$BATS_TEST_TMPDIR
    load material.bash
    printf 'correct horse\n' >"$dir/pw"
    umask 0
}

# new KIND OPTION...: comcert new, with streams apart
new() {
    streams "$COMCERT" new "$@"
    echo "$out$err"
}

# a CA whose key is open, in $dir/pki: no test but those about passphrases pays for the rounds
make_ca() {
    new ca --name Bench --out "$dir/pki" --key ec:p256 --no-passphrase
    [ "$status" -eq 0 ]
    ca=$dir/pki/Bench.crt
}

mode() {
    stat -c %a "$1"
}

strict() {
    openssl verify -x509_strict "$@"
}

text() {
    openssl x509 -in "$1" -noout -text
}

public() {
    openssl pkey -in "$1" -pubout
}

certified() {
    openssl x509 -in "$1" -noout -pubkey
}

# --- self-signed ---------------------------------------------------------------------------------

@test "self-signed: what openssl says of every kind of key" {
    for key in rsa:2048 rsa:3072 ec:p256 ec:p384; do
        id=dev-${key/:/-}
        new self-signed --device "$id" --key "$key" --out "$dir"
        [ "$status" -eq 0 ]
        strict -CAfile "$dir/$id.crt" "$dir/$id.crt"
        [ "$(openssl x509 -in "$dir/$id.crt" -noout -subject -nameopt RFC2253)" = "subject=CN=$id" ]
        text "$dir/$id.crt" >"$dir/text"
        grep -A1 'Basic Constraints: critical' "$dir/text" | grep -q CA:FALSE
        grep -q 'TLS Web Client Authentication' "$dir/text"
        grep -q 'Version: 3' "$dir/text"
        if [[ $key == rsa* ]]; then
            grep -A1 'Key Usage: critical' "$dir/text" | grep -q 'Digital Signature, Key Encipherment'
            grep -q "Public-Key: (${key#rsa:} bit)" "$dir/text"
        else
            grep -A1 'Key Usage: critical' "$dir/text" | grep -qE 'Digital Signature *$'
            grep -q "NIST CURVE: P-${key#ec:p}" "$dir/text"
        fi
        openssl x509 -in "$dir/$id.crt" -noout -purpose | grep -q '^SSL client : Yes'
        openssl x509 -in "$dir/$id.crt" -noout -purpose | grep -q '^SSL server CA : No'
        [ "$(public "$dir/$id.key")" = "$(certified "$dir/$id.crt")" ]
        openssl pkey -in "$dir/$id.key" -noout -check
        head -1 "$dir/$id.key" | grep -qx -- '-----BEGIN PRIVATE KEY-----'
        [ "$(mode "$dir/$id.key") $(mode "$dir/$id.crt")" = "600 644" ]
    done
    text "$dir/dev-ec-p384.crt" | grep -q ecdsa-with-SHA384
}

@test "self-signed: both thumbprints, the end, the files and where to paste, as text and as JSON" {
    new self-signed --device pump-7 --key ec:p256 --out "$dir/made" --days 30
    [ "$status" -eq 0 ]
    [ -z "$err" ]
    for digest in sha1 sha256; do
        print=$(openssl x509 -in "$dir/made/pump-7.crt" -noout -fingerprint -$digest | tr -d : | cut -d= -f2)
        [[ $out == *"$print"* ]]
    done
    [[ $out == *"30 days left"* && $out == *made/pump-7.crt* && $out == *"--am x509_thumbprint --ptp"* ]]
    [[ $out == *"device-key = "* ]]
    openssl x509 -in "$dir/made/pump-7.crt" -noout -checkend $((29 * 86400 + 86000))
    ! openssl x509 -in "$dir/made/pump-7.crt" -noout -checkend $((30 * 86400 + 60))
    new self-signed --device pump-8 --key ec:p256 --out "$dir/made" --json
    [ "$(json 'result["type"] + result["id"]')" = newpump-8 ]
    [ "$(json 'result["sha1"]')" = "$(openssl x509 -in "$dir/made/pump-8.crt" -noout -fingerprint | tr -d : | cut -d= -f2)" ]
    [ "$(json 'result["serial"]')" = "$(openssl x509 -in "$dir/made/pump-8.crt" -noout -serial | cut -d= -f2)" ]
    [ "$(json 'result["not_after"]')" = "$(date -d "$(openssl x509 -in "$dir/made/pump-8.crt" -noout -enddate | cut -d= -f2)" +%s)" ]
    ! grep -rF -- "$(sed -n 2p "$dir/made/pump-8.key")" "$dir/out"
}

@test "self-signed: check of a job with it finds no fault" {
    cp src/pki/roots/digicert-global-root-g2.pem "$dir/ca.pem"
    make_job bench >"$dir/job.cfg"
    new self-signed --device dev-1 --key ec:p256 --out "$dir"
    mv "$dir/dev-1.crt" "$dir/dev.crt"
    mv "$dir/dev-1.key" "$dir/dev.key"
    streams "$COMCERT" check "$dir/job.cfg" --json
    [ "$status" -eq 0 ]
    [ "$(json '[l["code"] for l in lines if l["type"] == "finding" and l["severity"] != "note"]')" = "[]" ]
}

@test "nothing is overwritten; --force replaces both; a pair stays a pair" {
    new self-signed --device d --key ec:p256 --out "$dir/o"
    before=$(cat "$dir/o/d.key" "$dir/o/d.crt")
    new self-signed --device d --key ec:p256 --out "$dir/o"
    [ "$status" -eq 3 ]
    [[ $err == *"d.key exists already"*--force* ]]
    rm "$dir/o/d.key"
    new self-signed --device d --key ec:p256 --out "$dir/o"
    [ "$status" -eq 3 ]
    [ ! -e "$dir/o/d.key" ]
    new self-signed --device d --key ec:p256 --out "$dir/o" --force
    [ "$status" -eq 0 ]
    [ "$(cat "$dir/o/d.key" "$dir/o/d.crt")" != "$before" ]
    [ "$(public "$dir/o/d.key")" = "$(certified "$dir/o/d.crt")" ]
    [ "$(ls -A "$dir/o")" = "d.crt
d.key" ]
    # The certificate cannot be put in place: the old key is back.
    old=$(cat "$dir/o/d.key")
    rm "$dir/o/d.crt"
    mkdir "$dir/o/d.crt"
    new self-signed --device d --key ec:p256 --out "$dir/o" --force
    [ "$status" -eq 3 ]
    [ "$(cat "$dir/o/d.key")" = "$old" ]
    [ "$(ls -A "$dir/o")" = "d.crt
d.key" ]
    rm "$dir/o/d.key"
    new self-signed --device d --key ec:p256 --out "$dir/o" --force
    [ "$status" -eq 3 ]
    [ ! -e "$dir/o/d.key" ]
}

@test "device IDs: refused with the reason, or written under a name that is safe" {
    for id in '' 'a b' 'a/b' 'pümp' "$(printf '%065d' 0)" $'a\nb'; do
        new self-signed --device "$id" --key ec:p256 --out "$dir/o"
        [ "$status" -eq 3 ]
        [ ! -e "$dir/o" ]
        [[ $out$err != *device-id-special* ]]
    done
    [[ $err == *"character"* ]]
    for pair in '.=%2E' '..=%2E.' '-rf=%2Drf' '*=%2A' "it's=it%27s" '100%=100%25' 'a:b=a%3Ab' 'NUL=%4EUL' 'com1.x=%63om1.x'; do
        id=${pair%%=*}
        new self-signed --device="$id" --key ec:p256 --out "$dir/o"
        [ "$status" -eq 0 ]
        openssl x509 -in "$dir/o/${pair#*=}.crt" -noout -subject -nameopt multiline,-esc_msb | grep -qF "= $id"
    done
    [ "$(ls -A "$dir/o" | wc -l)" -eq 18 ]
    new self-signed --device 'a*#b' --key ec:p256 --out "$dir/o"
    [[ $out == *"warning device-id-special"*"#"* ]]
}

@test "folders: made one level deep, otherwise plain words; a read-only one too" {
    new self-signed --device d --key ec:p256 --out "$dir/a/b"
    [ "$status" -eq 3 ]
    [[ $err == *"folder above it"* ]]
    touch "$dir/file"
    new self-signed --device d --key ec:p256 --out "$dir/file"
    [ "$status" -eq 3 ]
    [[ $err == *"not a folder"* ]]
    new self-signed --device d --key ec:p256 --out "$dir/a"
    [ "$(mode "$dir/a")" = 755 ]
}

@test "past 2049: openssl reads the end, and accepts it" {
    new self-signed --device d --key ec:p256 --out "$dir" --days 36500
    [ "$status" -eq 0 ]
    strict -CAfile "$dir/d.crt" "$dir/d.crt"
    openssl asn1parse -in "$dir/d.crt" | grep -q GENERALIZEDTIME
    new self-signed --device e --key ec:p256 --out "$dir" --days 36501
    [ "$status" -eq 2 ]
}

# --- a CA and what it signs ------------------------------------------------------------------------

@test "as in the manual: a CA with a passphrase, a device, and openssl verifies it" {
    new ca --name Bench --out "$dir/pki" --passphrase-file "$dir/pw" --key ec:p256
    [ "$status" -eq 0 ]
    strict -CAfile "$dir/pki/Bench.crt" "$dir/pki/Bench.crt"
    text "$dir/pki/Bench.crt" >"$dir/text"
    grep -A1 'Basic Constraints: critical' "$dir/text" | grep -qE 'CA:TRUE *$'
    grep -A1 'Key Usage: critical' "$dir/text" | grep -q 'Certificate Sign, CRL Sign'
    [ "$(mode "$dir/pki/Bench.key")" = 600 ]
    openssl asn1parse -in "$dir/pki/Bench.key" | grep -q hmacWithSHA256
    openssl asn1parse -in "$dir/pki/Bench.key" | grep -q aes-256-cbc
    openssl pkey -in "$dir/pki/Bench.key" -passin file:"$dir/pw" -noout
    ! openssl pkey -in "$dir/pki/Bench.key" -passin pass:x -noout
    new device --ca "$dir/pki" --device pump-7 --out "$dir/pki" --passphrase-file "$dir/pw" --key ec:p256
    [ "$status" -eq 0 ]
    strict -CAfile "$dir/pki/Bench.crt" "$dir/pki/pump-7.crt"
    strict -purpose sslclient -CAfile "$dir/pki/Bench.crt" "$dir/pki/pump-7.crt"
    [ ! -e "$dir/pki/pump-7.chain.pem" ]
    [[ $out == *'device-cert = "'*pump-7.crt* && $out == *"--am x509_ca"* ]]
    printf 'wrong\n' >"$dir/wrong"
    new device --ca "$dir/pki" --device pump-8 --out "$dir/pki" --passphrase-file "$dir/wrong"
    [ "$status" -eq 3 ]
    [[ $err == *passphrase* ]]
    new device --ca "$dir/pki" --device pump-8 --key ec:p256 --out "$dir/pki" --passphrase-fd 5 5<"$dir/pw"
    [ "$status" -eq 0 ]
}

@test "a passphrase: none is refused, empty is refused, an open key is said" {
    new ca --name A --out "$dir/pki" --json
    [ "$status" -eq 2 ]
    [[ $err == *--passphrase-file*--no-passphrase* ]]
    : >"$dir/empty"
    new ca --name A --out "$dir/pki" --passphrase-file "$dir/empty"
    [ "$status" -eq 3 ]
    [[ $err == *empty* ]]
    new ca --name A --out "$dir/pki" --passphrase-file "$dir/pw" --no-passphrase
    [ "$status" -eq 2 ]
    [ ! -e "$dir/pki" ]
    new ca --name A --key ec:p256 --out "$dir/pki" --no-passphrase
    [[ $out == *"warning ca-key-open"* ]]
    openssl pkey -in "$dir/pki/A.key" -noout
}

@test "a passphrase is asked for twice on the terminal, without echo" {
    ask() {
        COMCERT=$COMCERT python3 - "$dir" "$@" <<'PY'
import os, pty, signal, sys, termios, time
signal.alarm(30)
out, words = sys.argv[1], sys.argv[2:]
pid, fd = pty.fork()
if pid == 0:
    os.execv(os.environ["COMCERT"], ["comcert", "new", "ca", "--name", "T", "--key", "ec:p256", "--out", out + "/t"])
seen = b""
while True:
    try:
        data = os.read(fd, 1000)
    except OSError:
        break
    if not data:
        break
    seen += data
    if seen.rstrip(b" ").endswith(b":") and words and seen.count(b": ") + len(words) == len(sys.argv[2:]) + 1:
        while termios.tcgetattr(fd)[3] & termios.ECHO:  # what is typed before is dropped
            time.sleep(0.005)
        os.write(fd, words.pop(0).encode() + b"\n")
sys.stdout.write(seen.decode())
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
PY
    }
    run -3 ask one-secret other-secret
    [[ $output == *"not the same"* && $output != *secret* ]]
    [ ! -e "$dir/t" ]
    run -0 ask the-secret the-secret
    echo "$output"
    [[ $output != *secret* ]]
    openssl pkey -in "$dir/t/T.key" -passin pass:the-secret -noout
}

@test "intermediate: path length 0, chain leaf first, and no CA below it" {
    make_ca
    new intermediate --ca "$dir/pki" --name 'Line 3' --key ec:p256 --out "$dir/pki" --no-passphrase
    [ "$status" -eq 0 ]
    strict -CAfile "$ca" "$dir/pki/Line%203.crt"
    text "$dir/pki/Line%203.crt" | grep -q 'CA:TRUE, pathlen:0'
    new device --ca "$dir/pki" --device pump-7 --out "$dir/d"
    [ "$status" -eq 3 ]
    [[ $err == *"2 CAs"*Bench.crt* && $err == *Line* ]]
    new device --ca "$dir/pki/Line%203.crt" --device pump-7 --key ec:p256 --out "$dir/d"
    [ "$status" -eq 0 ]
    [[ $out == *'device-cert = "'*pump-7.chain.pem* ]]
    ! strict -CAfile "$ca" "$dir/d/pump-7.crt" 2>/dev/null
    strict -CAfile "$ca" -untrusted "$dir/d/pump-7.chain.pem" "$dir/d/pump-7.chain.pem"
    [ "$(grep -c BEGIN "$dir/d/pump-7.chain.pem")" -eq 2 ]
    cmp <(openssl x509 -in "$dir/d/pump-7.chain.pem") "$dir/d/pump-7.crt"
    new intermediate --ca "$dir/pki/Line%203.crt" --name X --key ec:p256 --no-passphrase --out "$dir/d"
    [ "$status" -eq 3 ]
    [[ $err == *"path length"* ]]
    [ ! -e "$dir/d/X.key" ]
}

@test "days: cut to the CA's end with a note, refused when asked for" {
    new ca --name Short --days 100 --key ec:p256 --no-passphrase --out "$dir/pki"
    new device --ca "$dir/pki" --device a --key ec:p256 --days 101 --out "$dir/pki"
    [ "$status" -eq 3 ]
    [[ $err =~ outlive.*(99|100)" days" ]]
    [ ! -e "$dir/pki/a.key" ]
    new device --ca "$dir/pki" --device a --key ec:p256 --out "$dir/pki"
    [ "$status" -eq 0 ]
    [[ $out == *"when its CA ends"* ]]
    [ "$(openssl x509 -in "$dir/pki/a.crt" -noout -enddate)" = "$(openssl x509 -in "$dir/pki/Short.crt" -noout -enddate)" ]
    new device --ca "$dir/pki" --device b --key ec:p256 --days 99 --out "$dir/pki"
    [ "$status" -eq 0 ]
}

@test "a CA that cannot sign: each reason in words" {
    make_ca
    new device --ca "$dir/pki" --device dev --key ec:p256 --out "$dir/pki"
    new device --ca "$dir/pki/dev.crt" --device x
    [ "$status" -eq 3 ]
    [[ $err == *"not a CA"* ]]
    cp "$dir/pki/dev.key" "$dir/pki/Bench.key.other"
    mkdir "$dir/k" && cp "$ca" "$dir/k/Bench.crt" && cp "$dir/pki/dev.key" "$dir/k/Bench.key"
    new device --ca "$dir/k/Bench.crt" --device x
    [ "$status" -eq 3 ]
    [[ $err == *"not the key of the CA"* ]]
    rm "$dir/k/Bench.key"
    new device --ca "$dir/k/Bench.crt" --device x
    [ "$status" -eq 3 ]
    [[ $err == *"key of the CA is not there"* ]]
    new device --ca "$dir/nowhere" --device x
    [ "$status" -eq 3 ]
    mkdir "$dir/none"
    new device --ca "$dir/none" --device x
    [ "$status" -eq 3 ]
    [[ $err == *"no CA in"*"new ca"* ]]
    new device --device x
    [ "$status" -eq 2 ]
}

@test "proof of possession: CN is the code, no key is left" {
    make_ca
    code=75B86466DA34D2B04C0C4C9557A119687ADAE7D4732BDDB3
    new proof --ca "$dir/pki" --code $code --out "$dir/p"
    [ "$status" -eq 0 ]
    [ "$(ls -A "$dir/p")" = Bench.proof.pem ]
    strict -CAfile "$ca" "$dir/p/Bench.proof.pem"
    openssl x509 -in "$dir/p/Bench.proof.pem" -noout -subject | grep -q "CN *= *$code\$"
    openssl x509 -in "$dir/p/Bench.proof.pem" -noout -checkend 0
    ! openssl x509 -in "$dir/p/Bench.proof.pem" -noout -checkend $((31 * 86400))
    [[ $out == *"certificate verify"*--etag* ]]
    new proof --ca "$dir/pki" --code 'not a code' --out "$dir/p"
    [ "$status" -eq 3 ]
}

@test "a request: ours by openssl, openssl's by us; extensions are never taken over" {
    make_ca
    new csr --device d9 --key ec:p256 --out "$dir/dev"
    [ "$status" -eq 0 ]
    openssl req -in "$dir/dev/d9.csr" -verify -noout -subject | grep -q 'CN *= *d9'
    [ "$(mode "$dir/dev/d9.key")" = 600 ]
    new sign --ca "$dir/pki" "$dir/dev/d9.csr" --out "$dir/s"
    [ "$status" -eq 0 ]
    strict -CAfile "$ca" "$dir/s/d9.crt"
    [ "$(public "$dir/dev/d9.key")" = "$(certified "$dir/s/d9.crt")" ]
    openssl req -new -newkey rsa:2048 -nodes -keyout "$dir/r.key" -out "$dir/r.csr" -subj /O=Evil/CN=d10 \
        -addext basicConstraints=CA:TRUE -addext subjectAltName=DNS:evil.example 2>/dev/null
    new sign --ca "$dir/pki" "$dir/r.csr" --out "$dir/s"
    [ "$status" -eq 0 ]
    strict -CAfile "$ca" "$dir/s/d10.crt"
    text "$dir/s/d10.crt" >"$dir/text"
    ! grep -qE 'evil|Evil|CA:TRUE' "$dir/text"
    new sign --ca "$dir/pki" "$dir/r.csr" --device d11 --out "$dir/s"
    [ "$status" -eq 0 ]
    [[ $out == *"warning request-name"*d10*d11* ]]
    openssl x509 -in "$dir/s/d11.crt" -noout -subject | grep -q 'CN *= *d11$'
}

@test "a request that is not to be trusted: changed, weak, nameless, no request" {
    make_ca
    openssl req -new -newkey rsa:1024 -nodes -keyout "$dir/w.key" -out "$dir/w.csr" -subj /CN=w 2>/dev/null
    new sign --ca "$dir/pki" "$dir/w.csr" --out "$dir/s"
    [ "$status" -eq 3 ]
    [[ $err == *"RSA 1024"* ]]
    openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$dir/n.key" -out "$dir/n.csr" -subj /O=x 2>/dev/null
    new sign --ca "$dir/pki" "$dir/n.csr" --out "$dir/s"
    [ "$status" -eq 3 ]
    [[ $err == *"no common name"*--device* ]]
    openssl req -new -key "$dir/n.key" -subj /CN=abcdef -outform DER | LC_ALL=C sed 's/abcdef/abcdeg/' >"$dir/c.csr"
    new sign --ca "$dir/pki" "$dir/c.csr" --out "$dir/s"
    [ "$status" -eq 3 ]
    [[ $err == *signature* ]]
    new sign --ca "$dir/pki" "$ca" --out "$dir/s"
    [ "$status" -eq 3 ]
    [[ $err == *"no certificate request"* ]]
    [ ! -e "$dir/s" ] || [ -z "$(ls -A "$dir/s")" ]
    [ "$(wc -l <"$dir/pki/Bench.issued")" -eq 1 ]
}

@test "the index: one line each, a second certificate is refused, --reissue makes one" {
    make_ca
    new device --ca "$dir/pki" --device a --key ec:p256 --out "$dir/1"
    serial=$(openssl x509 -in "$dir/1/a.crt" -noout -serial | cut -d= -f2)
    [ ${#serial} -ge 16 ]
    grep -q "^$serial .* a\$" "$dir/pki/Bench.issued"
    new device --ca "$dir/pki" --device a --key ec:p256 --out "$dir/2"
    [ "$status" -eq 3 ]
    [[ $err == *"$serial"* && $err == *--reissue* ]]
    [ ! -e "$dir/2/a.key" ]
    new device --ca "$dir/pki" --device a --key ec:p256 --out "$dir/2" --reissue
    [ "$status" -eq 0 ]
    [ "$(grep -c ' a$' "$dir/pki/Bench.issued")" -eq 2 ]
    new device --ca "$dir/pki" --device A --key ec:p256 --out "$dir/2"
    [ "$status" -eq 0 ]
    # What did not become a file is not held against the next try.
    mkdir -p "$dir/3/b.crt"
    new device --ca "$dir/pki" --device b --key ec:p256 --out "$dir/3" --force
    [ "$status" -eq 3 ]
    grep -q ' void$' "$dir/pki/Bench.issued"
    rmdir "$dir/3/b.crt"
    new device --ca "$dir/pki" --device b --key ec:p256 --out "$dir/3"
    [ "$status" -eq 0 ]
}

@test "the index: damage is an error with its line; so is a file that is none" {
    make_ca
    new device --ca "$dir/pki" --device a --key ec:p256 --out "$dir/1"
    new device --ca "$dir/pki" --device b --key ec:p256 --out "$dir/1"
    cp "$dir/pki/Bench.issued" "$dir/good"
    for edit in '3s/^./x/' '3s/Z/z/' '2s/ a$//' '3s/[0-9A-F] b/ b/' '2p' '1d'; do
        sed "$edit" "$dir/good" >"$dir/pki/Bench.issued"
        new device --ca "$ca" --device c --key ec:p256 --out "$dir/1"
        [ "$status" -eq 3 ]
        [[ $err =~ Bench.issued:[123]: ]]
    done
    head -c -1 "$dir/good" >"$dir/pki/Bench.issued"
    new device --ca "$ca" --device c --key ec:p256 --out "$dir/1"
    [ "$status" -eq 3 ]
    [[ $err == *"Bench.issued:3:"*"cut off"* ]]
    [ ! -e "$dir/1/c.key" ]
    new device --ca "$ca" --device c --key ec:p256 --out "$dir/1" --no-index
    [ "$status" -eq 0 ]
    [[ $out == *ca-no-index* ]]
}

@test "two at once: every line is whole, no name twice" {
    make_ca
    for i in 1 2 3 4 5 6; do
        "$COMCERT" new device --ca "$ca" --device same --key ec:p256 --out "$dir/$i" -q 2>/dev/null &
        "$COMCERT" new device --ca "$ca" --device "own-$i" --key ec:p256 --out "$dir/$i" -q &
    done
    wait
    [ "$(grep -c ' same$' "$dir/pki/Bench.issued")" -eq 1 ]
    [ "$(grep -c ' own-.$' "$dir/pki/Bench.issued")" -eq 6 ]
    [ "$(find "$dir" -name same.crt | wc -l)" -eq 1 ]
    new device --ca "$ca" --device one-more --key ec:p256 --out "$dir/1"
    [ "$status" -eq 0 ]
}

@test "a CA's name is not taken twice, and --force keeps the old index" {
    make_ca
    new device --ca "$ca" --device a --key ec:p256 --out "$dir/1"
    new ca --name Bench --out "$dir/pki" --key ec:p256 --no-passphrase
    [ "$status" -eq 3 ]
    new ca --name Bench --out "$dir/pki" --key ec:p256 --no-passphrase --force
    [ "$status" -eq 0 ]
    [ "$(wc -l <"$dir/pki/Bench.issued")" -eq 1 ]
    grep -q ' a$' "$dir"/pki/Bench.issued.before-*
}

# --- the two documents' own commands -------------------------------------------------------------

@test "the vendor guide's certificate: accepted, and what is unusual is named" {
    openssl req -x509 -nodes -sha256 -days 365 -newkey rsa:2048 -keyout "$dir/device.key" -out "$dir/device.crt" \
        -subj /CN=dev-1 2>/dev/null
    openssl x509 -in "$dir/device.crt" -out "$dir/device.pem" -outform PEM
    streams "$COMCERT" show "$dir/device.pem" "$dir/device.key"
    [ "$status" -eq 0 ]
    cp "$dir/device.crt" "$dir/dev.crt"
    install -m 600 "$dir/device.key" "$dir/dev.key"
    cp src/pki/roots/digicert-global-root-g2.pem "$dir/ca.pem"
    make_job bench >"$dir/job.cfg"
    streams "$COMCERT" check "$dir/job.cfg" --json
    echo "$out"
    [ "$(json 'any("CA" in l.get("what","") for l in lines if l["type"] == "finding")')" = True ]
}

@test "the article's CA: encrypted as it was, it issues for us; its version 1 leaf cannot" {
    openssl genrsa -des3 -passout file:"$dir/pw" -out "$dir/ca.key" 2048 2>/dev/null
    openssl req -new -x509 -days 1826 -key "$dir/ca.key" -passin file:"$dir/pw" -out "$dir/ca.crt" -subj /CN=Gaz
    openssl x509 -in "$dir/ca.crt" -out "$dir/ca.pem"
    new device --ca "$dir" --device gaz-device-2 --key ec:p256 --out "$dir/d" --passphrase-file "$dir/pw"
    [ "$status" -eq 0 ]
    # Not strict: the article's CA has no key usage.
    openssl verify -CAfile "$dir/ca.crt" "$dir/d/gaz-device-2.crt"
    new proof --ca "$dir/ca.pem" --code 75B86466DA34 --out "$dir/d" --passphrase-file "$dir/pw"
    [ "$status" -eq 0 ]
    openssl verify -CAfile "$dir/ca.crt" "$dir/d/ca.proof.pem"
    openssl genrsa -out "$dir/device2.key" 2048 2>/dev/null
    openssl req -new -out "$dir/device2.csr" -key "$dir/device2.key" -subj /CN=gaz-device-3
    new sign --ca "$dir/ca.crt" "$dir/device2.csr" --out "$dir/d" --passphrase-file "$dir/pw"
    [ "$status" -eq 0 ]
    openssl x509 -req -in "$dir/device2.csr" -CA "$dir/ca.crt" -CAkey "$dir/ca.key" -passin file:"$dir/pw" \
        -CAcreateserial -out "$dir/device2.crt" -days 360 2>/dev/null
    new device --ca "$dir/device2.crt" --device x --out "$dir/d"
    [ "$status" -eq 3 ]
    [[ $err == *"version 1"* || $err == *"not a CA"* ]]
}

# --- the command line ------------------------------------------------------------------------------

@test "wrong command lines: status 2 and the right words" {
    new selfsigned
    [ "$status" -eq 2 ]
    [[ $err == *"did you mean \`self-signed\`"* ]]
    new self-signed --name x
    [ "$status" -eq 2 ]
    [[ $err == *"no option --name"* ]]
    new device --ca x
    [ "$status" -eq 2 ]
    [[ $err == *"--device ID or --list FILE"* ]]
    new self-signed --device d --key rsa:512
    [ "$status" -eq 2 ]
    [[ $err == *ec:p256* ]]
    new sign --ca x
    [ "$status" -eq 2 ]
    new ca x --name y
    [ "$status" -eq 2 ]
    run -0 "$COMCERT" new --help
    [[ $output == *self-signed* && $output == *proof* && $output == *chain.pem* ]]
}

# --- what a CA must not sign, and what must not become of its files ------------------------------

@test "nothing made for a device replaces a CA's files or takes them for its own, even with --force" {
    make_ca
    cp -r "$dir/pki" "$dir/before"
    for id in Bench bench; do
        new device --ca "$ca" --device "$id" --out "$dir/pki" --force
        [ "$status" -eq 3 ]
        [[ $err == *"the name of the CA itself"* ]]
        new intermediate --ca "$ca" --name "$id" --out "$dir/pki" --force --no-passphrase
        [ "$status" -eq 3 ]
    done
    new self-signed --device Bench --out "$dir/pki" --force --key ec:p256
    [ "$status" -eq 3 ]
    [[ $err == *"a CA has its files under the name Bench"* ]]
    new csr --device Bench --out "$dir/pki" --force --key ec:p256
    [ "$status" -eq 3 ]
    # a CA whose file is not called what it is: there is no index for the stem
    mv "$dir/pki/Bench.crt" "$dir/pki/pump-9.crt"
    mv "$dir/pki/Bench.key" "$dir/pki/pump-9.key"
    new device --ca "$dir/pki/pump-9.crt" --no-index --device pump-9 --out "$dir/pki" --force
    [ "$status" -eq 3 ]
    cmp "$dir/pki/pump-9.key" "$dir/before/Bench.key"
    cmp "$dir/pki/pump-9.crt" "$dir/before/Bench.crt"
}

@test "a CA for servers only, and one that is limited to other names, issue nothing" {
    printf '[req]\ndistinguished_name=dn\nx509_extensions=x\n[dn]\n[x]\nbasicConstraints=critical,CA:TRUE\n' >"$dir/base"
    printf 'keyUsage=critical,keyCertSign\n' >>"$dir/base"
    { cat "$dir/base"; echo 'extendedKeyUsage=serverAuth'; } >"$dir/server.cnf"
    { cat "$dir/base"; printf 'nameConstraints=critical,permitted;dirName:n\n[n]\nO=Acme\n'; } >"$dir/named.cnf"
    for kind in server named; do
        openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$dir/$kind.key" \
            -out "$dir/$kind.crt" -subj "/CN=$kind CA" -days 30 -config "$dir/$kind.cnf" 2>/dev/null
        new device --ca "$dir/$kind.crt" --device pump-7 --out "$dir/o" --key ec:p256
        [ "$status" -eq 3 ]
        [[ $err == *"every broker would refuse"* ]]
        [ ! -e "$dir/o/pump-7.key" ]
        if [ -e "$dir/$kind.issued" ]; then [ "$(wc -l <"$dir/$kind.issued")" -le 1 ]; fi
    done
}

@test "sign: a request that says it is encrypted makes nobody ask on the terminal" {
    make_ca
    printf '%s\n' '-----BEGIN CERTIFICATE REQUEST-----' 'Proc-Type: 4,ENCRYPTED' \
        'DEK-Info: AES-256-CBC,00112233445566778899AABBCCDDEEFF' '' 'MIIBAAAA' \
        '-----END CERTIFICATE REQUEST-----' >"$dir/x.csr"
    run script -qec "timeout 20 $COMCERT new sign --ca $ca $dir/x.csr" /dev/null </dev/null
    [ "$status" -eq 3 ]
    [[ $output != *"pass phrase"* ]]
    [[ $output == *"holds no certificate request"* ]]
}

@test "a passphrase in UTF-16 is refused, and not cut down to its first letter" {
    printf 'h\0o\0r\0s\0e\0\n\0' >"$dir/wide"
    new ca --name Bench --out "$dir/pki" --key ec:p256 --passphrase-file "$dir/wide"
    [ "$status" -eq 3 ]
    [[ $err == *"is not plain text"*UTF-8* ]]
    new ca --name Bench --out "$dir/pki" --key ec:p256 --passphrase-fd 3 3<"$dir/wide"
    [ "$status" -eq 3 ]
    [ ! -e "$dir/pki" ]
}
