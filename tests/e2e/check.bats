#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# comcert check: findings, summary, plan; touches no port.

setup() {
    cd "$BATS_TEST_DIRNAME/../.."
    dir=$BATS_TEST_TMPDIR
    load material.bash
    make_material
}

@test "the example job: summary, thumbprints, plan, manual steps; exit 0 without a port" {
    streams "$COMCERT" check fixtures/jobs/pump-7.cfg
    echo "$out $err"
    [ "$status" -eq 0 ]
    [ -z "$err" ]
    sha1=$(openssl x509 -in fixtures/pem/pump-7.crt -noout -fingerprint -sha1 | tr -d : | cut -d= -f2)
    sha256=$(openssl x509 -in fixtures/pem/pump-7.crt -noout -fingerprint -sha256 | tr -d : | cut -d= -f2)
    [[ $out == *"$sha1"* && $out == *"$sha256"* ]]
    [[ $out == *"days left"* ]]
    [[ $out == *"By hand"* && $out == *"Client ID"* ]]
    [[ $out == *assumed-not-accepted* ]]
    [[ $out == *"Fit to send once 2 assumed commands are accepted"* ]]
}

@test "accepted on the command line or in the job: fit" {
    streams "$COMCERT" check "$dir/job.cfg" --accept-assumed
    [ "$status" -eq 0 ]
    [[ $out == *"Fit to send:"* && $out != *assumed-not-accepted* ]]
    make_job infinite 'accept-assumed = [ "device-cert", "device-key" ]' >"$dir/job.cfg"
    streams "$COMCERT" check "$dir/job.cfg"
    [ "$status" -eq 0 ]
    [[ $out == *"Fit to send:"* ]]
}

@test "the exact values for the portal and the maker's software" {
    streams "$COMCERT" check "$dir/job.cfg"
    [ "$status" -eq 0 ]
    [[ $out == *"my-hub.azure-devices.net/dev-1/?api-version=2021-04-12"* ]]
    [[ $out == *"devices/dev-1/messages/events/"* ]]
    [[ $out == *"WA Manager, Edit Device window"* ]]
}

@test "key that does not match: error first, remedy, exit 3, no plan" {
    streams "$COMCERT" check "$dir/job.cfg" --set certificates.device-key="$dir/other.key"
    [ "$status" -eq 3 ]
    [[ $out == *"error key-mismatch"* && $out == *"fix: "* ]]
    [[ $out == error* ]]
    [[ $out == *"Not fit to send"* && $out != *"Plan"* ]]
}

@test "errors stand before warnings, warnings before notes" {
    printf '\xef\xbb\xbf' | cat - "$dir/dev.crt" >"$dir/bom.crt"
    streams "$COMCERT" check "$dir/job.cfg" --set certificates.device-cert="$dir/bom.crt" \
        --set certificates.device-key="$dir/other.key"
    [ "$status" -eq 3 ]
    order=$(grep -oE '^(error|warning|note)' "$dir/out" | uniq | tr '\n' ' ')
    case $order in
        "error warning " | "error warning note ") ;;
        *) echo "order: $order"; false ;;
    esac
}

@test "mistakes in the job file: file, line, suggestion; all at once" {
    sed 's/device-cert/device-crt/; s/preset = "azure"/preset = "azur"/' "$dir/job.cfg" >"$dir/bad.cfg"
    streams "$COMCERT" check "$dir/bad.cfg"
    [ "$status" -eq 3 ]
    [[ $out == *"bad.cfg:5"* && $out == *"device-cert"* ]]
    [[ $out == *"bad.cfg:2"* && $out == *azure* ]]
    echo 'profile = "bench"' >>"$dir/job.cfg"
    streams "$COMCERT" check "$dir/job.cfg"
    [ "$status" -eq 3 ]
    [[ $out == *config-duplicate* ]]
    streams "$COMCERT" check "$dir/none.cfg"
    [ "$status" -eq 3 ]
    [[ $out == *none.cfg* ]]
}

@test "--at judges as of another day" {
    streams "$COMCERT" check "$dir/job.cfg" --at 2060-01-01
    [ "$status" -eq 3 ]
    [[ $out == *cert-expired* ]]
}

@test "--set: unknown key is a mistake of the command line, secrets are refused" {
    streams "$COMCERT" check "$dir/job.cfg" --set mqtt.clientid=x
    [ "$status" -eq 2 ]
    [[ $out == *"Did you mean"*client-id* ]]
    streams "$COMCERT" check "$dir/job.cfg" --set mqtt.password=x
    [ "$status" -eq 2 ]
}

@test "--dry-run: every byte of the certificate, none of the key" {
    streams "$COMCERT" check "$dir/job.cfg" --dry-run
    [ "$status" -eq 0 ]
    line=$(openssl x509 -in "$dir/dev.crt" | sed -n 3p)
    [[ $out == *"> $line\\n"* ]]
    [[ $out == *'> 9270,10\r'* && $out == *'< SEND FILE...'* && $out == *'> *'* ]]
    while read -r line; do
        [[ $out != *"$line"* ]] || { echo "$line"; false; }
    done < <(openssl pkey -in "$dir/dev.key" | grep -v -- -----)
    [[ $out == *"bytes: secret>"* ]]
}

@test "--json: objects only, the last is the result" {
    streams "$COMCERT" check "$dir/job.cfg" --json
    [ "$status" -eq 0 ]
    [ -z "$err" ]
    [ "$(json 'result["type"]')" = result ]
    [ "$(json 'result["exit"]')" = 0 ]
    [ "$(json '[x["name"] for l in lines if l["type"] == "plan" for x in l["exchanges"]]')" = \
        "['server-ca', 'device-cert', 'device-key']" ]
    [ "$(json 'len(result["manual_steps"]) > 3')" = True ]
    streams "$COMCERT" check "$dir/job.cfg" --json --set certificates.device-key="$dir/other.key"
    [ "$status" -eq 3 ]
    [ "$(json '"key-mismatch" in [f["code"] for f in result["findings"]]')" = True ]
    [ "$(json '[l["severity"] for l in lines if l["type"] == "finding"][0]')" = error ]
}

@test "--quiet: nothing to say, nothing said" {
    streams "$COMCERT" check "$dir/job.cfg" --quiet --accept-assumed
    [ "$status" -eq 0 ]
    [ -z "$out$err" ]
}

@test "--only: the rest is not in the plan; an unknown name is a finding" {
    streams "$COMCERT" check "$dir/job.cfg" --only server-ca --json
    [ "$status" -eq 0 ]
    [ "$(json '[x["name"] for l in lines if l["type"] == "plan" for x in l["exchanges"]]')" = \
        "['server-ca']" ]
    streams "$COMCERT" check "$dir/job.cfg" --only server-cb
    [ "$status" -eq 3 ]
    [[ $out == *only-unknown* ]]
}

@test "encrypted key: by file, by descriptor, wrong, none" {
    openssl pkcs8 -topk8 -in "$dir/dev.key" -passout pass:hunter-2 -out "$dir/enc.key" 2>/dev/null
    chmod 600 "$dir/enc.key"
    set_key=(--set certificates.device-key="$dir/enc.key" --accept-assumed)
    echo hunter-2 >"$dir/pass"
    echo wrong >"$dir/wrong"
    streams "$COMCERT" check "$dir/job.cfg" "${set_key[@]}" --passphrase-file "$dir/pass"
    [ "$status" -eq 0 ]
    status=0
    "$COMCERT" check "$dir/job.cfg" "${set_key[@]}" --passphrase-fd 7 7<"$dir/pass" >"$dir/out" || status=$?
    [ "$status" -eq 0 ]
    streams "$COMCERT" check "$dir/job.cfg" "${set_key[@]}" --passphrase-file "$dir/wrong"
    [ "$status" -eq 3 ]
    [[ $out == *passphrase-wrong* ]]
    streams setsid -w "$COMCERT" check "$dir/job.cfg" "${set_key[@]}"
    [ "$status" -eq 3 ]
    [[ $out == *key-encrypted* ]]
    ! grep -r hunter "$dir/out" "$dir/err"
}

@test "the prompt does not echo, and the terminal echoes again afterwards" {
    openssl pkcs8 -topk8 -in "$dir/dev.key" -passout pass:hunter-2 -out "$dir/enc.key" 2>/dev/null
    chmod 600 "$dir/enc.key"
    python3 - "$COMCERT" "$dir" <<'PY'
import os, pty, select, sys, termios, time
comcert, d = sys.argv[1:3]
def run(answers, want):
    pid, fd = pty.fork()
    if pid == 0:
        os.execv(comcert, [comcert, "check", d + "/job.cfg", "--accept-assumed",
                           "--set", "certificates.device-key=" + d + "/enc.key"])
    seen, asked, end = b"", 0, time.time() + 20
    while time.time() < end:
        if select.select([fd], [], [], 0.1)[0]:
            try:
                data = os.read(fd, 65536)
            except OSError:
                break
            if not data:
                break
            seen += data
        if seen.count(b"Passphrase for") + seen.count(b"passphrase for") > asked and answers:
            # Typed only once echo is off: what comes earlier is flushed.
            if not termios.tcgetattr(fd)[3] & termios.ECHO:
                os.write(fd, answers.pop(0))
                asked += 1
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    print(status, seen.decode(errors="replace"))
    assert status == want, status
    assert b"hunter" not in seen and b"wrong" not in seen.replace(b"passphrase-wrong", b"")
run([b"hunter-2\n"], 0)
run([b"bogus\n", b"hunter-2\n"], 0)
run([b"\x03"], 130)
PY
}

@test "a control character in a setting that the profile has no command for: not fit" {
    for key in broker client-id username topic hub device-id; do
        streams "$COMCERT" check "$dir/job.cfg" --set "mqtt.$key=$(printf 'x\r9270,12\033[31m')" --accept-assumed
        [ "$status" -eq 3 ]
        [[ $out == *"error value-unsafe"* && $out$err != *$'\e'* ]]
    done
}

@test "one cause is one error, whether check or plan meets it first" {
    make_job bench >"$dir/job.cfg"
    streams "$COMCERT" check "$dir/job.cfg" --set "mqtt.client-id=$(printf 'a\tb')"
    [ "$status" -eq 3 ]
    [ "$(grep -c '^error ' <<<"$out")" -eq 1 ]
    streams "$COMCERT" check "$dir/job.cfg" --set "certificates.device-cert=$dir/dev.key" \
        --set "certificates.device-key=$dir/dev.crt"
    [ "$status" -eq 3 ]
    [ "$(grep -c '^error ' <<<"$out")" -eq 1 ]
    [[ $out == *"error wrong-slot"*"swap them"* ]]
}

@test "text of a job that could harm a terminal is escaped" {
    make_job >"$dir/job.cfg"
    streams "$COMCERT" check "$dir/job.cfg" --set "mqtt.client-id=$(printf 'a\033[2Jb')" --accept-assumed
    [[ $out != *$'\e'* ]]
    printf 'profile = "\\x1b[2J"\n' >"$dir/esc.cfg"
    streams "$COMCERT" check "$dir/esc.cfg"
    [ "$status" -eq 3 ]
    [[ $out$err != *$'\e'* ]]
}
