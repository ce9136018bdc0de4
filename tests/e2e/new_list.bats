#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# comcert new device --list: many devices, and every way in which that can be interrupted.

bats_require_minimum_version 1.5.0

setup() {
    cd "$BATS_TEST_DIRNAME/../.."
    dir=$BATS_TEST_TMPDIR
    load material.bash
    "$COMCERT" new ca --name Bench --out "$dir/pki" --key ec:p256 --no-passphrase -q
    index=$dir/pki/Bench.issued
}

issue() {
    streams "$COMCERT" new device --ca "$dir/pki" --key ec:p256 --out "$dir/o" --list "$dir/ids" "$@"
    echo "$out$err"
}

# the file in which the CA's runs note what is in flight
note() {
    echo "$dir/o/.comcert-list/in-flight.$(openssl x509 -in "$dir/pki/Bench.crt" -noout -fingerprint -sha256 | cut -d= -f2 | tr -d : | head -c 16)"
}

# Every ID of the list has a pair that fits and that openssl verifies; nothing else is in the folder.
all_there() {
    while read -r id; do
        [ "$(openssl pkey -in "$dir/o/$id.key" -pubout)" = "$(openssl x509 -in "$dir/o/$id.crt" -noout -pubkey)" ]
        [ "$(openssl x509 -in "$dir/o/$id.crt" -noout -subject)" = "subject=CN = $id" ]
    done <"$dir/ids"
    (cd "$dir/o" && openssl verify -x509_strict -CAfile "$dir/pki/Bench.crt" ./*.crt) | grep -c OK >"$dir/count"
    [ "$(cat "$dir/count")" -eq "$(wc -l <"$dir/ids")" ]
    [ "$(ls -A "$dir/o" | wc -l)" -eq $((2 * $(wc -l <"$dir/ids") + 1)) ]
    [ "$(find "$dir/o" -name '*.key' ! -perm 600 | wc -l)" -eq 0 ]
}

# Serial numbers in the index that are not taken back, and those of the files: the same.
index_agrees() {
    awk 'NR > 1 { if ($2 == "void") delete s[$1]; else s[$1] = 1 } END { for (i in s) print i }' "$index" | sort >"$dir/indexed"
    for f in "$dir"/o/*.crt; do openssl x509 -in "$f" -noout -serial | cut -d= -f2; done | sort >"$dir/filed"
    cmp "$dir/indexed" "$dir/filed"
}

@test "a list: pairs, index, manifest in the list's order; comments, blank lines, BOM, CRLF" {
    printf '\xef\xbb\xbf# devices\r\npump-3\r\n\r\n  pump-1 \r\npump-2' >"$dir/ids"
    issue
    [ "$status" -eq 0 ]
    [[ $out == *"Made 3 keys"*manifest.csv* ]]
    [ "$(head -1 "$dir/o/manifest.csv")" = device-id,device-cert,device-key,sha1,sha256,not-after ]
    [ "$(cut -d, -f1-3 "$dir/o/manifest.csv" | tail -n +2 | tr '\n' ' ')" = \
        "pump-3,pump-3.crt,pump-3.key pump-1,pump-1.crt,pump-1.key pump-2,pump-2.crt,pump-2.key " ]
    print=$(openssl x509 -in "$dir/o/pump-1.crt" -noout -fingerprint -sha256 | tr -d : | cut -d= -f2)
    grep -q "^pump-1,.*,$print,20[0-9-]*T[0-9:]*Z\$" "$dir/o/manifest.csv"
    printf 'pump-3\npump-1\npump-2\n' >"$dir/ids"
    all_there
    index_agrees
    [ "$(cut -d' ' -f1 "$index" | tail -n +2 | sort -u | wc -l)" -eq 3 ]
}

@test "a list with commas and quotes: the manifest is CSV that Python reads back" {
    printf '%s\n' 'a,b' "it's" 'x=1' >"$dir/ids"
    issue
    [ "$status" -eq 0 ]
    [[ $out == *device-id-special* ]]
    python3 -c '
import csv, os, sys
rows = list(csv.DictReader(open(sys.argv[1] + "/manifest.csv")))
assert [r["device-id"] for r in rows] == ["a,b", "it'"'"'s", "x=1"], rows
assert all(os.path.exists(sys.argv[1] + "/" + r[k]) for r in rows for k in ("device-cert", "device-key"))' "$dir/o"
}

@test "a list that is wrong: every line is named, nothing is made" {
    printf 'a\nb b\na\n\n%065d\nc/d\n' 0 >"$dir/ids"
    issue
    [ "$status" -eq 3 ]
    for line in 2 3 5 6; do
        [[ $out == *"ids:$line:"* ]]
    done
    [ ! -e "$dir/o" ]
    [ "$(wc -l <"$index")" -eq 1 ]
    printf 'a\nb\n' | iconv -t UTF-16 >"$dir/ids"
    issue
    [ "$status" -eq 3 ]
    [[ $out == *UTF-16* ]]
    : >"$dir/ids"
    issue
    [ "$status" -eq 3 ]
    [[ $out == *"names no device"* ]]
    printf 'Pump\npump\n' >"$dir/ids"
    issue
    [ "$status" -eq 0 ]
    [[ $out == *device-id-case* ]]
}

@test "again: everything is kept; halves are mended; strangers are not touched" {
    seq -f 'd%g' 6 >"$dir/ids"
    issue
    before=$(cat "$dir"/o/d*.key)
    issue
    [ "$status" -eq 0 ]
    [[ $out == *"Made 0"*"6 were there"* ]]
    [ "$(cat "$dir"/o/d*.key)" = "$before" ]
    # A key without a certificate, as an interruption leaves it: the key stays.
    printf 'd7\n' >>"$dir/ids"
    openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$dir/o/d7.key" 2>/dev/null
    chmod 600 "$dir/o/d7.key"
    key=$(cat "$dir/o/d7.key")
    issue
    [ "$status" -eq 0 ]
    [ "$(cat "$dir/o/d7.key")" = "$key" ]
    all_there
    index_agrees
    # What is somebody else's is named, and nothing is made.
    printf 'd8\n' >>"$dir/ids"
    cp "$dir/o/d1.key" "$dir/o/d2.key"
    issue
    [ "$status" -eq 3 ]
    [[ $out == *"ids:2:"*"does not belong"* ]]
    [ ! -e "$dir/o/d8.key" ]
    rm "$dir/o/d2.key"
    issue
    [ "$status" -eq 3 ]
    [[ $out == *"ids:2:"*--reissue* ]]
    issue --reissue
    [ "$status" -eq 0 ]
    all_there
}

@test "a name that was issued elsewhere is refused before anything is made" {
    "$COMCERT" new device --ca "$dir/pki" --device d3 --key ec:p256 --out "$dir/elsewhere" -q
    seq -f 'd%g' 5 >"$dir/ids"
    issue
    [ "$status" -eq 3 ]
    [[ $out == *"ids:3:"*serial* ]]
    [ -z "$(ls -A "$dir/o")" ]
    issue --reissue
    [ "$status" -eq 0 ]
    all_there
}

@test "SIGKILL anywhere, and again: it goes on, and the index agrees with the files" {
    seq -f 'd%g' 1500 >"$dir/ids"
    for wait in 0.02 0.08 0.15 0.3 0.5; do
        timeout -s KILL $wait "$COMCERT" new device --ca "$dir/pki" --key ec:p256 --out "$dir/o" --list "$dir/ids" -q || true
        [ "$(find "$dir/o" -maxdepth 1 -name '*.crt' -size 0 | wc -l)" -eq 0 ]
    done
    issue
    [ "$status" -eq 0 ]
    [ "$(ls -A "$dir/o" | wc -l)" -eq 3001 ]
    [ "$(wc -l <"$dir/o/manifest.csv")" -eq 1501 ]
    issue
    [[ $out == *"Made 0"*"1500 were there"* ]]
    # Each certificate's SHA-256 in the index, none twice.
    awk 'NR > 1 { if ($2 == "void") delete s[$1]; else s[$1] = $3 } END { for (i in s) print s[i] }' "$index" | sort >"$dir/indexed"
    tail -n +2 "$dir/o/manifest.csv" | cut -d, -f5 | sort | cmp - "$dir/indexed"
}

@test "SIGKILL between index and files: what never became a file is taken back" {
    seq -f 'd%g' 3 >"$dir/ids"
    issue
    serial=$(openssl x509 -in "$dir/o/d2.crt" -noout -serial | cut -d= -f2)
    other=$(openssl x509 -in "$dir/o/d1.crt" -noout -serial | cut -d= -f2)
    # As it stands at that moment.
    mkdir -m 700 "$dir/o/.comcert-list"
    printf '%s d1\n%s d2\n' "$other" "$serial" >"$(note)"
    touch "$dir/o/.comcert-list/1.key"
    rm "$dir/o/d2.crt" "$dir/o/d2.key" "$dir/o/manifest.csv"
    issue
    [ "$status" -eq 0 ]
    [[ $out == *"Made 1 key"*"2 were there"* ]]
    grep -qx "$serial void" "$index"
    ! grep -qx "$other void" "$index"
    all_there
    index_agrees
}

@test "what one CA had in flight is taken back by it, whoever fills the folder in between" {
    seq -f 'd%g' 2 >"$dir/ids"
    issue
    serial=$(openssl x509 -in "$dir/o/d2.crt" -noout -serial | cut -d= -f2)
    mkdir -m 700 "$dir/o/.comcert-list"
    printf '%s d2\n' "$serial" >"$(note)"
    rm "$dir"/o/d2.* "$dir/o/manifest.csv"
    echo other >"$dir/one"
    "$COMCERT" new ca --name Second --out "$dir/pki2" --key ec:p256 --no-passphrase -q
    "$COMCERT" new device --ca "$dir/pki2" --key ec:p256 --out "$dir/o" --list "$dir/one" -q
    "$COMCERT" new device --ca "$dir/pki" --no-index --key ec:p256 --out "$dir/o" --list "$dir/one" --force -q
    rm "$dir"/o/other.*
    issue
    [ "$status" -eq 0 ]
    grep -qx "$serial void" "$index"
    all_there
    index_agrees
}

@test "Ctrl-C: status 130, what was begun is finished, the same command goes on" {
    seq -f 'd%g' 60 >"$dir/ids"
    "$COMCERT" new device --ca "$dir/pki" --key rsa:2048 --out "$dir/o" --list "$dir/ids" >"$dir/out" 2>&1 &
    pid=$!
    until_true test -d "$dir/o/.comcert-list"
    kill -INT $pid
    status=0
    wait $pid || status=$?
    cat "$dir/out"
    [ "$status" -eq 130 ]
    grep -q 'goes on from here' "$dir/out"
    [ ! -e "$dir/o/.comcert-list" ]
    [ ! -e "$dir/o/manifest.csv" ]
    [ "$(ls "$dir/o" | grep -c crt)" -lt 60 ]
    head -8 "$dir/ids" >"$dir/few" && mv "$dir/few" "$dir/ids"
    issue
    [ "$status" -eq 0 ]
}

@test "a full disk: an error in words, and the next run goes on" {
    mkdir "$dir/o"
    mount -t tmpfs -o size=300k tmpfs "$dir/o" 2>/dev/null || skip "cannot mount"
    seq -f 'd%g' 600 >"$dir/ids"
    issue
    failed=$status
    used=$(ls -A "$dir/o" | wc -l)
    mount -o remount,size=20M "$dir/o"
    issue
    again=$status
    [ "$again" -eq 0 ] && [ "$(ls -A "$dir/o" | wc -l)" -eq 1201 ]
    ok=$?
    umount "$dir/o"
    [ "$failed" -eq 3 ]
    [ "$again" -eq 0 ]
    [ "$ok" -eq 0 ]
}

@test "an intermediate: the manifest names the chain files, and a lost one is mended" {
    "$COMCERT" new intermediate --ca "$dir/pki" --name Line --key ec:p256 --no-passphrase --out "$dir/pki" -q >"$dir/unused"
    seq -f 'd%g' 3 >"$dir/ids"
    issue
    [ "$status" -eq 3 ]
    for i in 1 2; do
        streams "$COMCERT" new device --ca "$dir/pki/Line.crt" --key ec:p256 --out "$dir/o" --list "$dir/ids" --json
        [ "$status" -eq 0 ]
        openssl verify -x509_strict -CAfile "$dir/pki/Bench.crt" -untrusted "$dir/o/d2.chain.pem" "$dir/o/d2.chain.pem"
        rm "$dir/o/d2.chain.pem"
    done
    grep -q '^d2,d2.chain.pem,d2.key,' "$dir/o/manifest.csv"
    [ "$(json 'result["type"] + str(result["made"]) + str(result["kept"])')" = new-list03 ]
}

@test "somebody's own manifest.csv is not replaced" {
    mkdir "$dir/o"
    echo 'my,own,table' >"$dir/o/manifest.csv"
    echo d1 >"$dir/ids"
    issue
    [ "$status" -eq 3 ]
    [ "$(cat "$dir/o/manifest.csv")" = my,own,table ]
    issue --force
    [ "$status" -eq 0 ]
}

@test "a list that names the CA: its key is nobody's, with --force or without" {
    printf 'pump-1\nBench\n' >"$dir/ids"
    for force in "" --force; do
        streams "$COMCERT" new device --ca "$dir/pki" --key ec:p256 --out "$dir/pki" --list "$dir/ids" $force
        [ "$status" -eq 3 ]
        [[ $out$err == *"ids:2"*"the name of the CA itself"* ]]
        [ ! -e "$dir/pki/manifest.csv" ]
        [ ! -e "$dir/pki/pump-1.key" ]
        openssl x509 -in "$dir/pki/Bench.crt" -noout -ext basicConstraints | grep -q CA:TRUE
    done
}

@test "a folder for what is in flight that somebody else has laid there: no key goes into it" {
    [ "$(id -u)" -eq 0 ] || skip "only root can give a folder away"
    mkdir -p "$dir/o/.comcert-list"
    chmod 777 "$dir/o/.comcert-list"
    chown nobody "$dir/o/.comcert-list"
    echo d1 >"$dir/ids"
    issue
    [ "$status" -eq 3 ]
    [[ $err == *"belongs to another user"* ]]
    [ -z "$(ls -A "$dir/o/.comcert-list")" ]
    [ ! -e "$dir/o/d1.key" ]
}
