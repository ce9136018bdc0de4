#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The wizard's command line. What happens on its screen is tested in tests/ui.

bats_require_minimum_version 1.5.0

setup() {
    cd "$BATS_TEST_DIRNAME/../.."
}

@test "without a terminal: refused with what to use instead, exit 2" {
    run -2 --separate-stderr "$COMCERT" tui </dev/null
    [ -z "$output" ]
    [[ $stderr == *"comcert load JOB"* ]]
    run -2 --separate-stderr "$COMCERT" demo --tui </dev/null
    [ -z "$output" ]
}

@test "a job that cannot be read is told with file and line, exit 3" {
    run -3 --separate-stderr "$COMCERT" tui fixtures/jobs/unknown-key.cfg
    [[ $stderr == *"unknown-key.cfg:2:"*"certificates"* ]]
    run -3 --separate-stderr "$COMCERT" tui "$BATS_TEST_TMPDIR/none.cfg"
    [[ $stderr == *"none.cfg"* ]]
}

@test "what is wrong with the command line: exit 2" {
    run -2 --separate-stderr "$COMCERT" tui --set mqtt.hub=x
    [[ $stderr == *"no job is named"* ]]
    run -2 --separate-stderr "$COMCERT" tui fixtures/jobs/pump-7.cfg --set mqtt.hubb=x
    [[ $stderr == *"hubb"* ]]
    run -2 --separate-stderr "$COMCERT" tui --baud fast
    run -2 --separate-stderr "$COMCERT" tui a b
}

@test "the help of the program names the wizard" {
    run -0 "$COMCERT" --help
    [[ $output == *"comcert tui [JOB]"* ]]
    [[ $output == *"on a terminal: the wizard"* ]]
}
