#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# comcert profile list, show, check.

setup() {
    cd "$BATS_TEST_DIRNAME/../.."
    dir=$BATS_TEST_TMPDIR
    load material.bash
}

@test "list: the built-in profiles" {
    streams "$COMCERT" profile list
    [ "$status" -eq 0 ]
    [ -z "$err" ]
    [ "$(cut -d' ' -f1 "$dir/out" | sort | tr '\n' ' ')" = "bench infinite " ]
}

@test "show: every key of the file with provenance and source" {
    streams "$COMCERT" profile show infinite
    [ "$status" -eq 0 ]
    [[ $out =~ slots.server-ca.command\ +\"9270,10\".*documented:\ vendor\ guide ]]
    [[ $out =~ slots.device-key.command\ +\"9270,12\".*assumed: ]]
    [[ $out == *upload.terminator* && $out == *manual.where* && $out == *abort.send* ]]
}

@test "show: lists of commands, escaped bytes, a file" {
    streams "$COMCERT" profile show fixtures/profiles/simcom-sim7600.cfg
    [ "$status" -eq 0 ]
    [[ $out == *'prepare.[0].send'*'"AT"'* ]]
    [[ $out == *seen:* ]]
    streams "$COMCERT" profile show bench
    [[ $out == *'\x18'* ]]
}

@test "show --json: the profile, then its keys" {
    streams "$COMCERT" profile show infinite --json
    [ "$status" -eq 0 ]
    [ "$(json 'lines[0]["id"]')" = infinite ]
    [ "$(json '{l["key"]: l["provenance"] for l in lines[1:]}["slots.device-cert.command"]')" = assumed ]
}

@test "show: an unknown name is suggested for, exit 3" {
    streams "$COMCERT" profile show infinit
    [ "$status" -eq 3 ]
    [[ $out == *infinite* ]]
}

@test "check: the example is in order; mistakes are named with file and line" {
    streams "$COMCERT" profile check fixtures/profiles/simcom-sim7600.cfg
    [ "$status" -eq 0 ]
    [[ $out == *"in order"* ]]
    sed 's/body-eol/body-elo/; s/end = "length"/end = "lenght"/' \
        fixtures/profiles/simcom-sim7600.cfg >"$dir/bad.cfg"
    streams "$COMCERT" profile check "$dir/bad.cfg"
    [ "$status" -eq 3 ]
    [[ $out == *bad.cfg:* && $out == *body-eol* && $out == *length* ]]
}

@test "mistakes on the command line: exit 2" {
    for words in "shwo" "show" "check" "list x"; do
        # shellcheck disable=SC2086 # several words
        streams "$COMCERT" profile $words
        [ "$status" -eq 2 ]
        [ -n "$err" ]
    done
}
