# SPDX-License-Identifier: MIT
# Keys, certificates and jobs for the command line's tests, made anew with openssl.

# streams COMMAND...: runs it with the streams apart: $status, $out, $err
streams() {
    status=0
    "$@" >"$dir/out" 2>"$dir/err" </dev/null || status=$?
    out=$(cat "$dir/out")
    err=$(cat "$dir/err")
}

# A pipe that nothing is ever written to: to wait at it costs no process, as sleep does.
exec {idle}<> <(:)

# until_true COMMAND...: waits for it to succeed, about twenty seconds at most
until_true() {
    for _ in {1..600}; do
        "$@" && return 0
        read -rt 0.03 -u "$idle" || true
    done
    return 1
}

# make_material: ca.pem, dev.crt, dev.key, other.key and job.cfg in $dir; the keys are made once for a
# file of tests
make_material() {
    local kept=$BATS_FILE_TMPDIR/material
    [ -d "$kept" ] || { mkdir "$kept" && make_keys "$kept"; }
    cp -p "$kept"/* "$dir"
    make_job >"$dir/job.cfg"
}

make_keys() {
    local to=$1
    openssl ecparam -name prime256v1 -genkey -noout -out "$to/dev.ec" 2>/dev/null
    openssl pkey -in "$to/dev.ec" -out "$to/dev.key"
    openssl req -x509 -key "$to/dev.key" -subj /CN=dev-1 -days 300 -out "$to/dev.crt" \
        -addext basicConstraints=critical,CA:FALSE -addext extendedKeyUsage=clientAuth 2>/dev/null
    openssl ecparam -name prime256v1 -genkey -noout 2>/dev/null |
        openssl pkey -out "$to/other.key"
    chmod 600 "$to/dev.key" "$to/other.key"
    cp src/pki/roots/digicert-global-root-g2.pem "$to/ca.pem"
}

# make_job [PROFILE [LINE...]]: a job file on standard output, with further lines
make_job() {
    local profile=${1:-infinite}
    [ $# -gt 0 ] && shift
    cat <<JOB
profile = "$profile"
mqtt: { preset = "azure"  hub = "my-hub"  device-id = "dev-1" }
certificates: {
  server-ca = "ca.pem"
  device-cert = "dev.crt"
  device-key = "dev.key"
}
JOB
    [ $# -eq 0 ] || printf '%s\n' "$@"
}

# start_emulator OPTION...: at $dir/dev, storing in $dir/got; $emulator is its process
start_emulator() {
    rm -f "$dir/emulator.log" # an earlier one's would show that this one is ready
    "$COMCERT" emulate --link "$dir/dev" --store "$dir/got" "$@" >"$dir/emulator.log" 2>&1 3>&- &
    emulator=$!
    until_true test -s "$dir/emulator.log"
}

stop_emulator() {
    [ -z "${emulator:-}" ] || { kill "$emulator" 2>/dev/null && wait "$emulator" 2>/dev/null; } || true
    emulator=
}

# json EXPRESSION: evaluates Python over `lines` (all objects of $dir/out) and `result` (the last)
json() {
    python3 -c '
import json, sys
lines = [json.loads(l) for l in open(sys.argv[1])]
result = lines[-1]
print(eval(sys.argv[2]))' "$dir/out" "$1"
}
