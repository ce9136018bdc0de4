#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# comcert settings: a job file that says the same as the sheet.

bats_require_minimum_version 1.5.0

setup() {
    cd "$BATS_TEST_DIRNAME/../.."
    dir=$BATS_TEST_TMPDIR
    load material.bash
}

# row LABEL: the value on the sheet
row() {
    sed -n "s/^  $1  *//p" "$dir/out"
}

@test "azure: every field of the window" {
    streams "$COMCERT" settings azure --hub my-hub --device pump-7
    [ "$status" -eq 0 ]
    [ -z "$err" ]
    [ "$(row 'Use SSL (tick box)')" = ticked ]
    [ "$(row 'Broker IP')" = my-hub.azure-devices.net ]
    [ "$(row 'Broker port')" = 8883 ]
    [ "$(row 'Client ID')" = pump-7 ]
    [ "$(row Username)" = 'my-hub.azure-devices.net/pump-7/?api-version=2021-04-12' ]
    [ "$(row Topic)" = devices/pump-7/messages/events/ ]
    [[ $(row 'Server Certificate (CA)') == *"DigiCert Global Root G2"* ]]
    [ -n "$(row 'Device Certificate')" ]
    [ -n "$(row 'Device Private Key')" ]
    # The two documents, where they say otherwise.
    [[ $out == *"vendor guide: "*2018-06-30* && $out == *Baltimore*2025-05-12* ]]
    [[ $out == *"article: "*"leaves out"* ]]
}

@test "the fields are called as in the profile's manual steps" {
    streams "$COMCERT" settings azure --hub my-hub --device pump-7
    cp "$dir/out" "$dir/sheet"
    streams "$COMCERT" profile show infinite --json
    json '"\n".join(l["value"].strip("\"") for l in lines if l.get("key", "").startswith("manual.") and l["key"] != "manual.where")' >"$dir/fields"
    [ "$(wc -l <"$dir/fields")" -eq 7 ]
    while read -r field; do
        grep -qF "  $field  " "$dir/sheet"
    done <"$dir/fields"
    grep -qF "$(json '[l["value"].strip("\"") for l in lines if l.get("key") == "manual.where"][0]')" "$dir/sheet"
}

@test "--job: a job file, which check reads to the same values" {
    make_material
    (cd "$dir" && "$COMCERT" settings azure --hub my-hub --device dev-1 --server-ca ca.pem \
        --device-cert dev.crt --device-key dev.key --profile bench --job >made.cfg)
    streams "$COMCERT" check "$dir/made.cfg"
    echo "$out"
    [ "$status" -eq 0 ]
    [[ $out == *'my-hub.azure-devices.net/dev-1/?api-version=2021-04-12'* ]]
    "$COMCERT" settings azure --hub my-hub --device dev-1 --job >"$dir/small.cfg"
    streams "$COMCERT" check "$dir/small.cfg"
    [ "$status" -eq 3 ] # nothing to send: the profile has no command for a setting
    [[ $out == *plan-empty* && $(grep -c ^error "$dir/out") -eq 1 ]]
}

@test "aws" {
    streams "$COMCERT" settings aws --endpoint a1-ats.iot.eu-west-1.amazonaws.com --device t-1 --topic t/1
    [ "$status" -eq 0 ]
    [ "$(row 'Broker IP')" = a1-ats.iot.eu-west-1.amazonaws.com ]
    [ "$(row 'Client ID')" = t-1 ]
    [ "$(row Username)" = '(empty)' ]
    [ "$(row Topic)" = t/1 ]
    [[ $(row 'Server Certificate (CA)') == *"Amazon Root CA 1"* ]]
    [[ $out != *Baltimore* && $out != *api-version* ]]
    streams "$COMCERT" settings aws --endpoint a1.iot.eu-west-1.amazonaws.com --device t-1
    [ "$status" -eq 0 ]
    [[ $err == *"lacks -ats"* && $err == *topic-missing* ]]
}

@test "other addresses: the device calls them, the user name has the classic one" {
    streams "$COMCERT" settings azure --hostname my-hub.device.azure-devices.net --device pump-7
    [ "$status" -eq 0 ]
    [ "$(row 'Broker IP')" = my-hub.device.azure-devices.net ]
    [ "$(row Username)" = 'my-hub.azure-devices.net/pump-7/?api-version=2021-04-12' ]
    streams "$COMCERT" settings azure --hub my-hub --hostname my-hub.azure-devices.cn --device pump-7
    [ "$(row Username)" = 'my-hub.azure-devices.cn/pump-7/?api-version=2021-04-12' ]
    [[ $out == *"sovereign cloud"* && $out != *Baltimore* ]]
    streams "$COMCERT" settings azure --hub my-hub --hostname gate.example.com --device pump-7
    [ "$(row 'Broker IP')" = gate.example.com ]
    [ "$(row Username)" = 'my-hub.azure-devices.net/pump-7/?api-version=2021-04-12' ]
    streams "$COMCERT" settings azure --hostname gate.example.com --device pump-7
    [ "$status" -eq 2 ]
    streams "$COMCERT" settings azure --hub my-hub --hostname other.azure-devices.net --device pump-7
    [ "$status" -eq 2 ]
    [[ $err == *"two different hubs"* ]]
}

@test "a module" {
    streams "$COMCERT" settings azure --hub my-hub --device d --module m
    [ "$status" -eq 0 ]
    [ "$(row 'Client ID')" = d/m ]
    [ "$(row Username)" = 'my-hub.azure-devices.net/d/m/?api-version=2021-04-12' ]
    [ "$(row Topic)" = devices/d/modules/m/messages/events/ ]
}

@test "--json: a row each, then the job" {
    streams "$COMCERT" settings azure --hub my-hub --device pump-7 --json
    [ "$status" -eq 0 ]
    [ "$(json 'len([l for l in lines if l["type"] == "sheet-row"])')" = 10 ]
    [ "$(json '[l["value"] for l in lines if l.get("setting") == "client-id"][0]')" = pump-7 ]
    [ "$(json '[l["what"] for l in lines if l.get("slot") == "device-key"][0]')" = "the PEM text of the device's private key, not encrypted" ]
    json 'result["text"]' >"$dir/a"
    "$COMCERT" settings azure --hub my-hub --device pump-7 --job | diff -B "$dir/a" -
}

@test "names that cannot be: findings, exit 3, no sheet" {
    for arguments in '--hub my_hub --device d' '--hub my-hub --device d#1' \
        '--hub my-hub.service.azure-devices.net --device d'; do
        # shellcheck disable=SC2086
        streams "$COMCERT" settings azure $arguments --job
        [ "$status" -eq 3 ]
        [ -z "$out" ]
        [[ $err == error* ]]
    done
}

@test "a command line that is wrong: exit 2" {
    while read -r -a arguments; do
        streams "$COMCERT" settings "${arguments[@]}"
        echo "${arguments[*]}: $err"
        [ "$status" -eq 2 ]
        [ -z "$out" ]
    done <<'ROWS'
none --hub my-hub --device d
azure --device d
azure --hub my-hub
azure --hub my-hub --device d --endpoint e
azure --hub my-hub --device d --topic t
azure --hub my-hub --device=
aws --device d
aws --endpoint e --hub my-hub --device d
azure --hub my-hub --device d --job --json
ROWS
}

@test "a connection string in the place of a name: its key is not repeated" {
    string='HostName=h.azure-devices.net;DeviceId=d;SharedAccessKey=bm90IHRvIGJlIHNlZW4='
    printf 'profile = "infinite"\nmqtt: { preset = "azure" hub = "%s" device-id = "d" }\n' "$string" >"$BATS_TEST_TMPDIR/job.cfg"
    printf 'NMgJDvdKTxjLi+xBxxkDDEwDJxEvOE5u8BiT0mVgPeg=\n' >"$BATS_TEST_TMPDIR/key"
    while read -r -a arguments; do
        streams "$COMCERT" "${arguments[@]}"
        echo "${arguments[*]}: $out$err"
        [ "$status" -eq 3 ]
        [[ $err == *"SharedAccessKey=..."* ]]
        [[ $out$err != *bm90* ]]
    done <<ROWS
settings azure --hub $string --device d
settings azure --hub my-hub --hostname $string --device d
settings azure --hub my-hub --device $string
sas --hub $string --device d --key-file $BATS_TEST_TMPDIR/key
sas --hub my-hub --device $string --key-file $BATS_TEST_TMPDIR/key
ROWS
    streams "$COMCERT" check "$BATS_TEST_TMPDIR/job.cfg"
    [ "$status" -eq 3 ]
    [[ $out$err == *"SharedAccessKey=..."* ]]
    [[ $out$err != *bm90* ]]
}
