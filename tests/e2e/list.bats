#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# comcert check --list: every row a job, and the rows against each other.

setup_file() {
    cd "$BATS_TEST_DIRNAME/../.."
    made=$BATS_FILE_TMPDIR
    openssl ecparam -name prime256v1 -genkey -noout -out "$made/ca.key" 2>/dev/null
    openssl req -x509 -new -key "$made/ca.key" -subj '/CN=Test CA' -days 3650 -out "$made/own-ca.pem" 2>/dev/null
    for i in 1 2 3 4 5 6; do
        make_pair "d$i" 2000
    done
    make_pair short 60
    # A key whose passphrase takes long to try.
    openssl pkcs8 -topk8 -in "$made/d2.key" -out "$made/slow.key" -passout pass:Sesame-9 -iter 900000
}

# make_pair NAME DAYS: NAME.key and NAME.crt, whose CN is NAME
make_pair() {
    openssl ecparam -name prime256v1 -genkey -noout 2>/dev/null | openssl pkey -out "$made/$1.key"
    chmod 600 "$made/$1.key"
    openssl req -x509 -key "$made/$1.key" -subj "/CN=$1" -days "$2" -out "$made/$1.crt" \
        -addext basicConstraints=critical,CA:FALSE -addext extendedKeyUsage=clientAuth 2>/dev/null
}

setup() {
    cd "$BATS_TEST_DIRNAME/../.."
    dir=$BATS_TEST_TMPDIR
    load material.bash
    cp -p "$BATS_FILE_TMPDIR"/* "$dir/"
    cp src/pki/roots/digicert-global-root-g2.pem "$dir/ca.pem"
    cat >"$dir/job.cfg" <<JOB
profile = "infinite"
mqtt: { preset = "azure"  hub = "my-hub" }
certificates: { server-ca = "ca.pem" }
accept-assumed = true
JOB
    list d1 d2 d3 d4 d5 d6
}

# list NAME...: list.csv with one row for each
list() {
    {
        echo device-id,device-cert,device-key
        for name in "$@"; do echo "$name,$name.crt,$name.key"; done
    } >"$dir/list.csv"
}

check_list() {
    streams "$COMCERT" check "$dir/job.cfg" --list "$dir/list.csv" "$@"
    echo "$out"
    echo "$err"
}

# spoilt CODE ROWS SUMMARY: exit 3, an error of that code that names the rows, the last line
spoilt() {
    [ "$status" -eq 3 ]
    for row in $2; do
        grep -q "error $1: row $row " "$dir/out"
    done
    [ "$(tail -1 "$dir/out")" = "$3" ]
}

@test "a list in order: one line for what is alike in all rows, the count, exit 0" {
    check_list
    [ "$status" -eq 0 ]
    [ -z "$err" ]
    [ "$(tail -1 "$dir/out")" = "6 rows: 6 fit to send, 0 not" ]
    [ "$(grep -c 'cert-fresh: all 6 rows' "$dir/out")" -eq 1 ]
    ! grep -q ^error "$dir/out"
}

@test "every row is checked whole: key, name, plan; with row, device and line" {
    sed -i 's/^d3,.*/d3,d3.crt,short.key/; s/^d5,/D-five,/' "$dir/list.csv"
    check_list
    spoilt key-mismatch 3 "6 rows: 5 fit to send, 1 not"
    grep -q "error key-mismatch: row 3 (d3), $dir/list.csv:4: " "$dir/out"
    grep -q 'cn-mismatch: row 5 (D-five)' "$dir/out"
    sed -i 's/^d6,d6.crt/d6,none.crt/' "$dir/list.csv"
    check_list
    grep -q 'error file-missing: row 6 (d6)' "$dir/out"
    # What only the plan knows.
    sed 's/^upload: *{/&  max-bytes = 700/' src/profiles/infinite.cfg >"$dir/small.cfg"
    check_list --set profile="$dir/small.cfg"
    [ "$status" -eq 3 ]
    grep -q 'error size-limit: ' "$dir/out"
}

@test "a device ID twice, and twice but for upper and lower case" {
    list d1 d2 d3
    echo d2,d4.crt,d4.key >>"$dir/list.csv"
    echo D3,d5.crt,d5.key >>"$dir/list.csv"
    check_list
    spoilt list-device-id-twice "2 4" "5 rows: 3 fit to send, 2 not"
    grep -q 'warning list-device-id-case: row 3 (d3)' "$dir/out"
    grep -q 'warning list-device-id-case: row 5 (D3)' "$dir/out"
    ! grep -q list-client-id-twice "$dir/out"
}

@test "a client ID twice at one broker, but not at two" {
    printf 'mqtt.client-id,mqtt.broker\nc1,b.example\nc2,b.example\nc1,B.example\nc2,other.example\n' >"$dir/list.csv"
    sed -i 's/^mqtt.*//' "$dir/job.cfg"
    check_list
    spoilt list-client-id-twice "1 3" "4 rows: 2 fit to send, 2 not"
    ! grep -q 'list-client-id-twice: row 2 ' "$dir/out"
}

@test "a file named twice is told as that alone" {
    sed -i 's/^d2,.*/d2,d1.crt,d1.key/' "$dir/list.csv"
    check_list
    [ "$(grep -c 'error list-file-twice: row 1 ' "$dir/out")" -eq 2 ]
    [ "$(grep -c 'error list-file-twice: row 2 ' "$dir/out")" -eq 2 ]
    ! grep -qE 'list-key-shared|list-cert-twice' "$dir/out"
}

@test "a private key and a certificate in two files" {
    cp -p "$dir/d1.key" "$dir/again.key"
    cp "$dir/d1.crt" "$dir/again.crt"
    sed -i 's/^d4,.*/d4,again.crt,again.key/' "$dir/list.csv"
    check_list
    spoilt list-key-shared "1 4" "6 rows: 4 fit to send, 2 not"
    spoilt list-cert-twice "1 4" "6 rows: 4 fit to send, 2 not"
    # One key under two certificates.
    openssl req -x509 -key "$dir/d1.key" -subj /CN=d4 -days 2000 -out "$dir/again.crt" \
        -addext basicConstraints=critical,CA:FALSE -addext extendedKeyUsage=clientAuth 2>/dev/null
    check_list
    spoilt list-key-shared "1 4" "6 rows: 4 fit to send, 2 not"
    ! grep -q list-cert-twice "$dir/out"
}

@test "a certificate that ends much before the others" {
    list d1 d2 d3 short
    check_list
    [ "$status" -eq 0 ]
    end=$(date -u -d "$(openssl x509 -in "$dir/short.crt" -noout -enddate | cut -d= -f2)" +%F)
    grep -q "warning list-cert-early: row 4 (short).* ends on $end, " "$dir/out"
    [ "$(grep -c list-cert-early "$dir/out")" -eq 1 ]
    # All of them short: none is early. Two of them: nothing to compare.
    list d1 short
    check_list
    ! grep -q list-cert-early "$dir/out"
}

@test "thumbprints of the list are held against the certificates" {
    fingerprint() { openssl x509 -in "$dir/$1.crt" -noout -fingerprint "-$2" | cut -d= -f2; }
    {
        echo device-id,device-cert,device-key,sha256,SHA1,not-after
        echo "d1,d1.crt,d1.key,$(fingerprint d1 sha256),$(fingerprint d1 sha1 | tr A-F a-f),2030-01-01"
        echo "d2,d2.crt,d2.key,$(fingerprint d1 sha256 | tr -d :),,"
        echo "d3,d3.crt,d3.key,,$(fingerprint d1 sha1),"
        echo "d4,d4.crt,d4.key,not a number,,"
    } >"$dir/list.csv"
    check_list
    [ "$status" -eq 3 ]
    [ "$(tail -1 "$dir/out")" = "4 rows: 1 fit to send, 3 not" ]
    grep -q 'error list-sha256-differs: row 2 ' "$dir/out"
    grep -q 'error list-sha1-differs: row 3 ' "$dir/out"
    grep -q 'error list-sha256-differs: row 4 .*64 hexadecimal digits' "$dir/out"
}

@test "300 rows: what is alike is one line with the rows, what is not is told" {
    { echo device-id; seq -f 'pump-%g' 300; } >"$dir/list.csv"
    sed -i '12s/.*/pump 11/; 102s/.*/pump-5/' "$dir/list.csv"
    check_list
    [ "$status" -eq 3 ]
    [ "$(wc -l <"$dir/out")" -lt 40 ]
    grep -qE '^(warning|note) [a-z-]+: all 300 rows: ' "$dir/out"
    grep -q 'error list-device-id-twice: row 5 (pump-5)' "$dir/out"
    grep -q 'error list-device-id-twice: row 101 (pump-5)' "$dir/out"
    grep -q 'error device-id-charset: row 11 (pump 11), ' "$dir/out"
    [ "$(tail -1 "$dir/out")" = "300 rows: 297 fit to send, 3 not" ]
}

@test "many errors of one kind are one line with the rows as ranges" {
    { echo device-id,device-cert; seq 40 | sed 's/.*/p&,&.crt/'; } >"$dir/list.csv"
    sed -i '21s/.*/p20,/' "$dir/list.csv"
    check_list
    [ "$status" -eq 3 ]
    grep -q 'error file-missing: 39 rows: 1-19, 21-40: for example row ' "$dir/out"
    [ "$(wc -l <"$dir/out")" -lt 30 ]
}

@test "--json: an object for each row and the result; nothing else" {
    sed -i 's/^d3,.*/d3,d3.crt,short.key/' "$dir/list.csv"
    check_list --json
    [ "$status" -eq 3 ]
    [ -z "$err" ]
    [ "$(json '[l["row"] for l in lines if l["type"] == "row"]')" = "[1, 2, 3, 4, 5, 6]" ]
    [ "$(json '[l["line"] for l in lines[:2]]')" = "[2, 3]" ]
    [ "$(json '[l["device"] for l in lines if not l.get("fit", True)]')" = "['d3']" ]
    [ "$(json '"key-mismatch" in [f["code"] for f in lines[2]["findings"]]')" = True ]
    [ "$(json '(result["type"], result["exit"], result["rows"], result["fit"], result["unfit"])')" = "('result', 3, 6, 5, 1)" ]
    sha=$(openssl x509 -in "$dir/d1.crt" -noout -fingerprint -sha256 | cut -d= -f2 | tr -d :)
    [ "$(json 'lines[0]["sha256"]')" = "$sha" ]
    # Texts are not shortened to a few, as they are for people.
    { echo device-id,device-cert; seq 40 | sed 's/.*/p&,&.crt/'; } >"$dir/list.csv"
    check_list --json >/dev/null
    [ "$(json 'sum(f["what"].count(".crt") for l in lines[:-1] for f in l["findings"] if f["code"] == "file-missing")')" = 40 ]
}

@test "--quiet: errors only" {
    check_list --quiet
    [ "$status" -eq 0 ]
    [ -z "$out$err" ]
    sed -i 's/^d3,.*/d3,d3.crt,short.key/' "$dir/list.csv"
    check_list --quiet
    [ "$(wc -l <"$dir/out")" -eq 3 ]
}

@test "the command line changes the job, a row has the last word" {
    # What is no pty, the emulated device's profile refuses; of a port that is not there it cannot tell.
    { echo device-id,port; echo p1,; echo p2,/dev/none; } >"$dir/list.csv"
    sed 's/"infinite"/"bench"/; /^accept/d' "$dir/job.cfg" >"$dir/bench.cfg"
    streams "$COMCERT" check "$dir/bench.cfg" --list "$dir/list.csv" --port /dev/null
    echo "$out"
    [ "$(grep -c 'error emulator-only: row ' "$dir/out")" -eq 1 ]
    grep -q 'error emulator-only: row 1 (p1)' "$dir/out"
    sed -i 's/none/null/' "$dir/list.csv"
    streams "$COMCERT" check "$dir/bench.cfg" --list "$dir/list.csv"
    [ "$(grep -c 'error emulator-only: row ' "$dir/out")" -eq 1 ]
    grep -q 'error emulator-only: row 2 (p2)' "$dir/out"
    check_list --set mqtt.clientid=x
    [ "$status" -eq 2 ]
    check_list --dry-run
    [ "$status" -eq 2 ]
}

@test "values of the row are held to the job file's schema, at the row's line" {
    printf 'device-id,mqtt.port,mqtt.tls\np1,8883,TRUE\np2,70000,true\np3,8883,maybe\n' >"$dir/list.csv"
    check_list
    [ "$status" -eq 3 ]
    grep -q "row 2 (p2), $dir/list.csv:3" "$dir/out"
    grep -q "row 3 (p3), $dir/list.csv:4" "$dir/out"
    ! grep -q 'error .*row 1 ' "$dir/out"
}

@test "columns: unknown with a suggestion, twice, none at all" {
    sed -i 1s/device-cert/device_cert/ "$dir/list.csv"
    check_list
    [ "$status" -eq 3 ]
    [[ $out == *"list.csv:1: "*"\`device_cert\`"*"Did you mean \`device-cert\`"* ]]
    printf 'device-id,mqtt.device-id\np,p\n' >"$dir/list.csv"
    check_list
    [[ $out == *"error manifest-column"*"twice"* ]]
    printf 'p1,x.crt,x.key\n' >"$dir/list.csv"
    check_list
    [[ $out == *"error manifest-column"*"first row"* ]]
    streams "$COMCERT" check "$dir/job.cfg" --list "$dir/none.csv"
    [ "$status" -eq 3 ]
    [[ $out == *manifest-unreadable* ]]
}

@test "what spreadsheets write: mark, CR LF, semicolons, hint, quotes, empty rows and columns" {
    {
        printf '\xef\xbb\xbf"Device-ID";device-cert;device-key;equipment;\r\n'
        printf 'd1;"d1.crt";d1.key;"pump; hall\r\n3";\r\n'
        printf ';;;;\r\n\r\n'
        printf ' d2 ;d2.crt;d2.key;"a ""quoted"" name";\r\n'
    } >"$dir/list.csv"
    check_list
    [ "$status" -eq 0 ]
    [ "$(tail -1 "$dir/out")" = "2 rows: 2 fit to send, 0 not" ]
    [[ $out == *"note manifest-separator"*semicolons* ]]
    check_list --json
    [ "$(json '[(l["line"], l["equipment"]) for l in lines if l["type"] == "row"]')" = \
        "[(2, 'pump; hall\\r\\n3'), (6, 'a \"quoted\" name')]" ]
    printf 'sep=;\r\ndevice-id;device-cert;device-key\r\nd1;d1.crt;d1.key\r\n' >"$dir/list.csv"
    check_list
    [ "$status" -eq 0 ]
    iconv -f utf-8 -t utf-16 "$dir/list.csv" >"$dir/u16.csv"
    streams "$COMCERT" check "$dir/job.cfg" --list "$dir/u16.csv"
    [ "$status" -eq 3 ]
    [[ $out == *manifest-encoding*UTF-16*"CSV UTF-8"* ]]
}

@test "rows that are too long, too short, never closed: row and line" {
    printf 'device-id,equipment\np1,"a\nb"\np2\np3,x,y\n' >"$dir/list.csv"
    check_list
    [ "$status" -eq 3 ]
    [[ $out == *"list.csv:4: row 2 has 1 field"* ]]
    [[ $out == *"list.csv:5: row 3 has 3 field"* ]]
    printf 'device-id,equipment\np1,a\np2,"b\np3,c\n' >"$dir/list.csv"
    check_list
    [[ $out == *"list.csv:3: row 2 has a quote that is never closed"* ]]
}

@test "an encrypted key: nobody is asked; the passphrase comes from a file" {
    openssl pkcs8 -topk8 -in "$dir/d2.key" -out "$dir/locked.key" -passout pass:Sesame-9 -iter 2000
    chmod 600 "$dir/locked.key"
    sed -i 's/^d2,.*/d2,d2.crt,locked.key/' "$dir/list.csv"
    check_list
    spoilt key-encrypted 2 "6 rows: 5 fit to send, 1 not"
    echo Sesame-9 >"$dir/pw"
    check_list --passphrase-file "$dir/pw"
    [ "$status" -eq 0 ]
    [ "$(tail -1 "$dir/out")" = "6 rows: 6 fit to send, 0 not" ]
}

@test "nothing secret is taken from a list or printed" {
    printf 'device-id,mqtt.password\nd1,Hunter-2-Hunter\n' >"$dir/list.csv"
    check_list
    [ "$status" -eq 3 ]
    [[ $out == *"error manifest-secret"*password-file* && $out$err != *Hunter* ]]
    { echo device-id,device-key; printf 'd1,"%s"\n' "$(cat "$dir/d1.key")"; } >"$dir/list.csv"
    line=$(sed -n 2p "$dir/d1.key")
    for how in "" --json; do
        check_list $how
        [ "$status" -eq 3 ]
        [[ $out == *manifest-secret* && $out$err != *"$line"* ]]
    done
    openssl pkcs8 -topk8 -in "$dir/d2.key" -out "$dir/locked.key" -passout pass:Sesame-9 -iter 2000
    list d1 d2 d3
    sed -i 's/^d2,.*/d2,d2.crt,locked.key/; s/^d3,.*/d3,d3.crt,short.key/' "$dir/list.csv"
    echo Sesame-9 >"$dir/pw"
    for how in "" --json; do
        check_list $how --passphrase-file "$dir/pw"
        [[ $out$err != *Sesame* ]]
        for key in d1 d2 d3 short; do
            while read -r line; do
                [[ $out$err != *"$line"* ]]
            done < <(grep -v -- ----- "$dir/$key.key")
        done
    done
}

# Rows that take long.
slow_list() {
    echo Sesame-9 >"$dir/pw"
    { echo device-id,device-key; seq -f 'p%g,slow.key' 200; } >"$dir/list.csv"
    "$COMCERT" check "$dir/job.cfg" --list "$dir/list.csv" --passphrase-file "$dir/pw" \
        >"$dir/out" 2>"$dir/err" 3>&- &
    main=$!
    until_true pgrep -P "$main" >/dev/null
    workers=$(pgrep -P "$main")
}

gone() {
    ! kill -0 $workers 2>/dev/null
}

@test "a process that is killed is an error that names its rows" {
    slow_list
    kill -9 "${workers%%$'\n'*}"
    status=0
    wait "$main" || status=$?
    cat "$dir/err"
    [ "$status" -eq 1 ]
    grep -qE 'rows [0-9]+ to [0-9]+ could not all be checked' "$dir/err"
    [ ! -s "$dir/out" ]
    until_true gone
}

@test "interrupted: 130 at once, and no process is left" {
    slow_list
    kill -INT "$main"
    status=0
    wait "$main" || status=$?
    [ "$status" -eq 130 ]
    [ ! -s "$dir/out" ]
    until_true gone
    # Also if there was no time to end them.
    slow_list
    kill -9 "$main"
    wait "$main" || true
    until_true gone
}
