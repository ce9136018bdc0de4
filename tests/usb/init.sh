#!/bin/busybox sh
# SPDX-License-Identifier: MIT
# The guest: loads the drivers, waits for the adapter and runs the cases. Lines that begin with "ok",
# "not ok" and "#" are results; those with "@" are requests to host.py, which answers by doing them.
/bin/busybox --install -s /bin
export PATH=/bin HOME=/ LANG=C.UTF-8 NO_COLOR=1
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
stty -F /dev/ttyS0 -opost 2>/dev/null
while read -r m; do insmod "/modules/$m.ko"; done </modules/order

port=/dev/ttyUSB0
job=/fixtures/jobs/pump-7.cfg
until_true() {
    for _ in $(seq 100); do
        "$@" 2>/dev/null && return 0
        usleep 100000
    done
    return 1
}
plugged() { test -c $port; }
unplugged() { ! test -c $port; }

# ask REQUEST: of host.py, which needs a moment
ask() {
    echo "@$1"
    usleep 300000
}

# check NAME COMMAND...: what it wrote is shown where it failed
check() {
    name=$1
    shift
    if "$@" >/tmp/why 2>&1; then
        echo "ok - $name"
    else
        echo "not ok - $name"
        sed 's/^/#   /' /tmp/why
    fi
}

# run WANTED-STATUS COMMAND...: output to /tmp/out
run() {
    want=$1
    shift
    timeout 90 "$@" >/tmp/out 2>&1
    got=$?
    [ "$got" -eq "$want" ] && return 0
    echo "exit $got instead of $want: $*"
    cat /tmp/out
    return 1
}

says() {
    grep -qF -- "$1" /tmp/out && return 0
    echo "does not say: $1"
    cat /tmp/out
    return 1
}

load() { # load WANTED-STATUS PORT [OPTION...]
    want=$1 where=$2
    shift 2
    run "$want" comcert load "$job" --port "$where" --accept-assumed "$@"
}

check "the adapter appears" until_true plugged
driver $port

lists_adapter() { run 0 comcert ports && says $port && says 0403:6001; }
check "comcert ports shows the adapter and its identity" lists_adapter

ask "begin"
check "a full load by path" load 0 $port
ask "compare by path"
ask "begin"
check "a full load by selector" load 0 usb:0403:6001
ask "compare by selector"
ask "begin echo=off"
check "a full load without echo, flow control rtscts" load 0 $port --set port.flow=rtscts
ask "compare without echo"

# The port is the user's own mistake in these: nothing may reach the device.
ask "begin"
held() {
    flock $port sleep 60 &
    holder=$!
    usleep 300000
    load 4 $port && says "$port is in use by process" && says "sleep 60"
    rc=$?
    # shellcheck disable=SC2046 # numbers
    kill $holder $(pidof sleep)
    wait
    return $rc
}
check "a port held by another program: exit 4, named" held
locked_by_minicom() {
    mkdir -p /var/lock
    printf '%10d minicom root\n' 1 >/var/lock/LCK..ttyUSB0
    load 4 $port && says "in use by process 1"
    rc=$?
    rm /var/lock/LCK..ttyUSB0
    return $rc
}
check "a port with a lock file: exit 4" locked_by_minicom
not_in_group() {
    chgrp 20 $port
    chmod 660 $port
    run 4 su nobody -c "comcert load $job --port $port --accept-assumed" &&
        says "sudo usermod -aG dialout"
}
check "a port without permission: exit 4, the group named" not_in_group
check "a port that is not there: exit 4" load 4 /dev/ttyUSB7
ask "untouched nothing reached the device"

ask "begin pull=400"
check "the adapter pulled out in mid-body: exit 4" load 4 $port --baud 9600
check "the name goes once the port is closed" until_true unplugged
ask "plug"
check "the adapter comes back under its name" until_true plugged
ask "begin"
check "and takes a full load" load 0 $port
ask "compare after the pull"
ask "done"
poweroff -f
