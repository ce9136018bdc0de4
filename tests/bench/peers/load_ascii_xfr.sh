#!/bin/sh
# stty and ascii-xfr, 5 ms a line: load_ascii_xfr.sh PORT BAUD FILE10 FILE11 FILE12
port=$1 baud=$2
shift 2
stty -F "$port" "$baud" raw -echo
exec 3<>"$port"
number=10
for file in "$@"; do
    printf '9270,%d\r' $number >&3
    sleep 0.1
    tail -f /dev/null | ascii-xfr -s -n -l5 "$file" >&3 2>/dev/null &
    feeder=$!
    wait $feeder
    printf '*' >&3
    timeout 1 cat <&3 >/dev/null
    number=$((number + 1))
done
