#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# comcert sas: tokens as Python and openssl make them; nothing secret but the signature.

bats_require_minimum_version 1.5.0

KEY=+XLy+MVZ+aTeOnVzN2kLeB16O+kSxmz6g3rS6fAf6rw=

setup() {
    cd "$BATS_TEST_DIRNAME/../.."
    dir=$BATS_TEST_TMPDIR
    load material.bash
    umask 077
    echo "$KEY" >"$dir/key"
    hub=(--hub my-hub --device pump-7 --key-file "$dir/key")
}

# judge URI KEY EXPIRY [POLICY]: the token as Azure's own command-line program builds it
judge() {
    python3 - "$@" <<'PY'
import base64, hashlib, hmac, sys
from urllib.parse import quote_plus, urlencode
uri, key, expiry = sys.argv[1:4]
text = "%s\n%s" % (quote_plus(uri), expiry)
sig = base64.b64encode(hmac.new(base64.b64decode(key), text.encode(), hashlib.sha256).digest())
fields = {"sr": uri, "sig": sig, "se": expiry}
if len(sys.argv) > 4:
    fields["skn"] = sys.argv[4]
print("SharedAccessSignature " + urlencode(fields))
PY
}

# No run of eight characters of the key is in what was printed.
no_key() {
    for ((i = 0; i + 8 <= ${#1}; i++)); do
        [[ "$out$err" != *"${1:i:8}"* ]] || { echo "part of the key was printed"; return 1; }
    done
}

@test "a device's token is that of Python and of openssl" {
    streams "$COMCERT" sas "${hub[@]}" --expiry 1999999999
    [ "$status" -eq 0 ]
    [ "$out" = "$(judge my-hub.azure-devices.net/devices/pump-7 "$KEY" 1999999999)" ]
    [ "$(wc -l <"$dir/out")" -eq 1 ]
    [[ $err == *"device pump-7 at my-hub.azure-devices.net; good until 2033-05-18T03:33:19Z"* ]]
    no_key "$KEY"
    hex=$(base64 -d "$dir/key" | od -An -tx1 | tr -d ' \n')
    sig=$(printf 'my-hub.azure-devices.net%%2Fdevices%%2Fpump-7\n1999999999' |
        openssl dgst -sha256 -mac HMAC -macopt "hexkey:$hex" -binary | base64 | sed 's/+/%2B/g; s:/:%2F:g; s/=/%3D/g')
    [[ $out == *"&sig=$sig&"* ]]
}

@test "module, policy, special characters, a full host name" {
    while IFS='|' read -r uri policy arguments; do
        eval "streams \"\$COMCERT\" sas --key-file \"\$dir/key\" --expiry 1999999999 $arguments"
        echo "$uri: $err"
        [ "$status" -eq 0 ]
        [ "$out" = "$(judge "$uri" "$KEY" 1999999999 ${policy:+"$policy"})" ]
    done <<'ROWS'
h-1.azure-devices.net/devices/d/modules/m||--hub h-1 --device d --module m
h-1.azure-devices.net|iothubowner|--hub h-1 --policy iothubowner
h-1.azure-devices.net/devices/d|device|--hub h-1 --device d --policy device
h-1.azure-devices.us/devices/D||--hub h-1.azure-devices.us --device D
h-1.device.azure-devices.net/devices/D||--hub h-1.device.azure-devices.net --device D
h-1.azure-devices.net/devices/a!b'c(d)*e,f:g=h@i$j%k_l.m-n?||--hub h-1 --device "a!b'c(d)*e,f:g=h@i\$j%k_l.m-n?"
ROWS
}

@test "--ttl counts from now; an hour if nothing is said" {
    before=$(date +%s)
    streams "$COMCERT" sas "${hub[@]}" --ttl 600
    [ "$status" -eq 0 ]
    se=${out##*se=}
    [ "$se" -ge $((before + 600)) ]
    [ "$se" -le $(($(date +%s) + 600)) ]
    [ "$out" = "$(judge my-hub.azure-devices.net/devices/pump-7 "$KEY" "$se")" ]
    [[ $err == *"(10 minutes)"* ]]
    streams "$COMCERT" sas "${hub[@]}"
    [[ $err == *"(1 hour)"* ]]
    [ "${out##*se=}" -ge $((before + 3600)) ]
}

@test "provisioning: its own token, and a device's key derived from the group's" {
    streams "$COMCERT" sas --dps 0ne00000A0A --registration sn-7 --key-file "$dir/key" --expiry 1999999999
    [ "$status" -eq 0 ]
    [ "$out" = "$(judge 0ne00000A0A/registrations/sn-7 "$KEY" 1999999999 registration)" ]
    # As Microsoft's documentation derives it.
    id=sn-007-888-abc-mac-a1-b2-c3-d4-e5-f6
    derived=Jsm0lyGpjaVYVP2g3FnmnmG9dI/9qU24wNoykUmermc=
    echo 8isrFI1sGsIlvvFSSFRiMfCNzv21fjbE/+ah/lSh3lF8e2YG1Te7w1KpZhJFFXJrqYKi9yegxkqIChbqOS9Egw== >"$dir/group"
    streams "$COMCERT" sas --dps 0ne00000A0A --registration "$id" --group-key --key-file "$dir/group" --expiry 1999999999
    [ "$out" = "$(judge "0ne00000A0A/registrations/$id" "$derived" 1999999999 registration)" ]
    streams "$COMCERT" sas --hub my-hub --device "$id" --group-key --key-file "$dir/group" --expiry 1999999999
    [ "$out" = "$(judge "my-hub.azure-devices.net/devices/$id" "$derived" 1999999999)" ]
    streams "$COMCERT" sas --hub my-hub --device d7 --registration "$id" --group-key --key-file "$dir/group" --expiry 1999999999
    [ "$out" = "$(judge my-hub.azure-devices.net/devices/d7 "$derived" 1999999999)" ]
    no_key "$derived"
}

@test "the key by a descriptor; a pipe as file is told how" {
    want=$(judge my-hub.azure-devices.net/devices/pump-7 "$KEY" 1999999999)
    [ "$("$COMCERT" sas --hub my-hub --device pump-7 --expiry 1999999999 --key-fd 3 3< <(echo "$KEY"))" = "$want" ]
    [ "$(echo "$KEY" | "$COMCERT" sas --hub my-hub --device pump-7 --expiry 1999999999 --key-fd 0)" = "$want" ]
    streams "$COMCERT" sas --hub my-hub --device pump-7 --key-file <(echo "$KEY")
    [ "$status" -eq 2 ]
    [[ $err == *--key-fd* ]]
    streams "$COMCERT" sas --hub my-hub --device pump-7 --key-fd 9
    [ "$status" -eq 2 ]
    [ -z "$out" ]
}

@test "--json and --quiet" {
    streams "$COMCERT" sas "${hub[@]}" --expiry 1999999999 --json
    [ "$status" -eq 0 ]
    [ "$(json 'result["token"]')" = "$(judge my-hub.azure-devices.net/devices/pump-7 "$KEY" 1999999999)" ]
    [ "$(json 'result["expiry"], result["expires"]')" = "(1999999999, '2033-05-18T03:33:19Z')" ]
    streams "$COMCERT" sas "${hub[@]}" --quiet
    [ "$status" -eq 0 ]
    [ -z "$err" ]
}

@test "what is no key: the reason, exit 3, and nothing of it is shown" {
    while IFS='|' read -r text reason; do
        printf '%b' "$text" >"$dir/key"
        streams "$COMCERT" sas "${hub[@]}" --json
        echo "$text: $err"
        [ "$status" -eq 3 ]
        ! grep -q SharedAccessSignature\ sr "$dir/out"
        [[ $err == *"$reason"* ]]
        no_key C4n4ryC4n4ryC4n4ryC4n4ryC4n4ryC4n4ryC4n4ryC=
    done <<'ROWS'
|sas-key-empty
HostName=my-hub.azure-devices.net;DeviceId=pump-7;SharedAccessKey=C4n4ryC4n4ryC4n4ryC4n4ryC4n4ryC4n4ryC4n4ryA=\n|part number 3
HostName=my-hub.azure-devices.net;SharedAccessKeyName=iothubowner;SharedAccessKey=C4n4ryC4n4ryC4n4ryC4n4ryC4n4ryC4n4ryC4n4ryA=|a policy of the hub
SharedAccessSignature sr=x&sig=C4n4ryC4n4ryC4n4ryC4n4ryC4n4ryC4n4ryC4n4ryA%3D&se=1|finished token
-----BEGIN PRIVATE KEY-----\nC4n4ryC4n4ryC4n4ry|PEM
{"primaryKey": "C4n4ryC4n4ryC4n4ryC4n4ryC4n4ryC4n4ryC4n4ryA="}|JSON
"C4n4ryC4n4ryC4n4ryC4n4ryC4n4ryC4n4ryC4n4ryA="|quotation marks
C4n4ryC4n4ryC4n4 yC4n4ryC4n4ryC4n4ryC4n4ryA=|character 17 is a blank
C4n4ryC4n4ryC4n4ryC4n4ryC4n4ryC4n4ryC4n4ryA|is missing
C4n4ryC4n4ry|9 bytes
ROWS
}

@test "a thumbprint for a key: a token, and a warning" {
    openssl rand -hex 32 >"$dir/key"
    streams "$COMCERT" sas "${hub[@]}"
    [ "$status" -eq 0 ]
    [[ $err == *sas-key-thumbprint* ]]
    no_key "$(cat "$dir/key")"
}

@test "a key that others can read, a life of years, a policy: warnings" {
    chmod 644 "$dir/key"
    streams "$COMCERT" sas "${hub[@]}" --policy iothubowner --ttl 40000000
    [ "$status" -eq 0 ]
    [[ $err == *key-readable* && $err == *sas-long* && $err == *sas-policy* ]]
}

@test "names that the hub cannot have: exit 3" {
    streams "$COMCERT" sas --hub my_hub --device 'pump 7' --key-file "$dir/key"
    [ "$status" -eq 3 ]
    [ -z "$out" ]
    [[ $err == *"--hub: "* && $err == *"--device: "* ]]
    streams "$COMCERT" sas --hub my-hub --device d --module 'a/b' --key-file "$dir/key"
    [ "$status" -eq 3 ]
    streams "$COMCERT" sas --hub my-hub.azure-device.net --device d --key-file "$dir/key"
    [[ $err == *"Did you mean my-hub.azure-devices.net"* ]]
    streams "$COMCERT" sas --dps 'a b' --registration 'c/d' --key-file "$dir/key"
    [ "$status" -eq 3 ]
    [[ $err == *dps-scope* && $err == *dps-registration* ]]
}

@test "a command line that is wrong: exit 2, no token" {
    while read -r -a arguments; do
        streams "$COMCERT" sas "${arguments[@]}"
        echo "${arguments[*]}: $err"
        [ "$status" -eq 2 ]
        [ -z "$out" ]
    done <<ROWS
--hub my-hub --device d
--hub my-hub --key-file $dir/key
--device d --key-file $dir/key
--dps 0ne1 --key-file $dir/key
--hub my-hub --device d --key-file $dir/key --key-fd 0
--hub my-hub --device d --key-file $dir/key --ttl 0
--hub my-hub --device d --key-file $dir/key --ttl -5
--hub my-hub --device d --key-file $dir/key --ttl 99999999999
--hub my-hub --device d --key-file $dir/key --ttl 60 --expiry 1999999999
--hub my-hub --device d --key-file $dir/key --expiry 1471940363
--hub my-hub --device d --key-file $dir/key --expiry 1999999999000
--hub my-hub --device d --key-file $dir/key --registration r
--hub my-hub --module m --policy p --key-file $dir/key
--hub my-hub --dps 0ne1 --registration r --key-file $dir/key
--hub my-hub --device= --key-file $dir/key
ROWS
}

@test "a key file that is not there, is a folder, is large: exit 3" {
    head -c 5000 /dev/zero >"$dir/large"
    for file in none . large; do
        streams "$COMCERT" sas --hub my-hub --device d --key-file "$dir/$file"
        [ "$status" -eq 3 ]
        [ -z "$out" ]
        [ -n "$err" ]
    done
}

@test "a token that could not be written is no success" {
    [ -w /dev/full ] || skip "no /dev/full"
    run -1 bash -c '"$COMCERT" sas "$@" 2>&1 >/dev/full' - "${hub[@]}"
    [[ $output == *"No space left on device"* ]]
    [[ $output != *"good until"* ]]
}
