#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# comcert show: what is in a file; never a private key.

setup() {
    cd "$BATS_TEST_DIRNAME/../.."
    dir=$BATS_TEST_TMPDIR
    load material.bash
    make_material
}

print_of() {
    openssl x509 -in "$1" -noout -fingerprint "-$2" | tr -d : | cut -d= -f2
}

@test "a certificate: subject, dates, key, thumbprints, slot" {
    streams "$COMCERT" show "$dir/dev.crt"
    echo "$out"
    [ "$status" -eq 0 ]
    [ -z "$err" ]
    [[ $out == *CN=dev-1* && $out == *"EC P-256"* && $out == *"days left"* ]]
    [[ $out == *"$(print_of "$dir/dev.crt" sha1)"* && $out == *"$(print_of "$dir/dev.crt" sha256)"* ]]
    [[ $out == *"fits"*"device-cert"* && $out == *clientAuth* ]]
}

@test "a root: CA, fits server-ca" {
    streams "$COMCERT" show "$dir/ca.pem"
    [ "$status" -eq 0 ]
    [[ $out == *"DigiCert Global Root G2"* && $out == *"server-ca"* ]]
    [[ $out =~ CA\ +yes ]]
}

@test "a key: its kind, never itself" {
    streams "$COMCERT" show "$dir/dev.key"
    [ "$status" -eq 0 ]
    [[ $out == *"EC P-256"* && $out == *device-key* ]]
    ! grep -F -f <(openssl pkey -in "$dir/dev.key" | grep -v -- -----) "$dir/out"
}

@test "PKCS#12 with its passphrase: certificate and key that belong together" {
    echo p12-pass >"$dir/pass"
    openssl pkcs12 -export -in "$dir/dev.crt" -inkey "$dir/dev.key" -passout file:"$dir/pass" \
        -out "$dir/dev.p12"
    streams "$COMCERT" show "$dir/dev.p12" --passphrase-file "$dir/pass"
    echo "$out"
    [ "$status" -eq 0 ]
    [[ $out == *CN=dev-1* && $out == *"the certificate in this file"* ]]
}

@test "DER, several files, a date" {
    openssl x509 -in "$dir/dev.crt" -outform DER -out "$dir/dev.der"
    streams "$COMCERT" show "$dir/dev.der" "$dir/ca.pem" --at 2060-01-01
    [ "$status" -eq 0 ]
    [[ $out == *dev.der* && $out == *ca.pem* && $out == *expired* ]]
}

@test "damaged, missing, a folder, nothing of ours: finding, exit 3, the others are shown" {
    sed '3s/./0/' "$dir/dev.crt" | sed 5d >"$dir/bad.crt"
    streams "$COMCERT" show "$dir/bad.crt" "$dir/none.pem" "$dir" README.md "$dir/dev.crt"
    [ "$status" -eq 3 ]
    [[ $out == *pem-damaged* && $out == *file-missing* && $out == *not-pem* ]]
    [[ $out == *CN=dev-1* ]]
}

@test "--json: an object for each file, no key" {
    streams "$COMCERT" show --json "$dir/dev.crt" "$dir/dev.key"
    [ "$status" -eq 0 ]
    [ "$(json 'lines[0]["certificates"][0]["sha1"]')" = "$(print_of "$dir/dev.crt" sha1)" ]
    [ "$(json 'lines[0]["fits"]')" = device-cert ]
    [ "$(json 'result["private_key"]["key"]')" = "EC P-256" ]
}
