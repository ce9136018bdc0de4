#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# comcert ports.

setup() {
    cd "$BATS_TEST_DIRNAME/../.."
    dir=$BATS_TEST_TMPDIR
    load material.bash
}

@test "lists what is there, or says that nothing is and names the emulator; exit 0" {
    streams "$COMCERT" ports
    [ "$status" -eq 0 ]
    [ -z "$err" ]
    [[ $out == /dev/* || $out == *"no serial port"*"comcert emulate"* ]]
}

@test "a machine without ports: says so, exit 0" {
    unshare -rm true 2>/dev/null || skip "no mount namespaces here"
    mkdir "$dir/empty"
    streams unshare -rm sh -c "mount --bind '$dir/empty' /sys/class/tty && exec '$COMCERT' ports"
    echo "$out $err"
    [ "$status" -eq 0 ]
    [[ $out == *"no serial port"*"comcert emulate"* ]]
}

@test "--json: objects only" {
    streams "$COMCERT" ports --json
    [ "$status" -eq 0 ]
    python3 -c 'import json, sys
for line in open(sys.argv[1]):
    port = json.loads(line)
    assert port["type"] == "port" and port["name"].startswith("/dev/"), port' "$dir/out"
}
