#!/bin/sh
# A terminal program fed from a pipe: load_terminal.sh picocom|tio PORT BAUD FILE10 FILE11 FILE12
tool=$1 port=$2 baud=$3
shift 3
feed() {
    sleep 0.2
    number=10
    for file in "$@"; do
        printf '9270,%d\r' $number
        sleep 0.1
        cat "$file"
        printf '*'
        sleep 0.4
        number=$((number + 1))
    done
}
case $tool in
picocom) feed "$@" | picocom -q -b "$baud" --imap '' -x 800 "$port" >/dev/null 2>&1 ;;
tio) feed "$@" | tio -b "$baud" "$port" >/dev/null 2>&1 ;;
esac
