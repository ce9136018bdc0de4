#!/bin/sh
# SPDX-License-Identifier: MIT
# Installs what people use today, then measures comcert beside it, in one run.
set -eu
cd "$(dirname "$0")/../.."

missing=
for tool in expect picocom tio ascii-xfr python3; do
    command -v $tool >/dev/null 2>&1 && continue
    case $tool in
    ascii-xfr) missing="$missing minicom" ;;
    *) missing="$missing $tool" ;;
    esac
done
/usr/bin/python3 -c 'import serial' 2>/dev/null || missing="$missing python3-serial"
if [ -n "$missing" ]; then
    echo "Installing what comcert is compared with:$missing"
    sudo=; [ "$(id -u)" -eq 0 ] || sudo=sudo
    $sudo apt-get install -y -q --no-install-recommends $missing >/dev/null 2>&1 ||
        { $sudo apt-get update -q >/dev/null && $sudo apt-get install -y -q --no-install-recommends $missing >/dev/null; }
fi
# "wizard" or "issue" alone, or any of bench.py's parts, or all.
[ "${1:-}" != wizard ] || exec /usr/bin/python3 tests/bench/wizard.py
[ "${1:-}" != issue ] || exec /usr/bin/python3 tests/bench/issue.py
/usr/bin/python3 tests/bench/bench.py "$@"
[ $# -gt 0 ] || /usr/bin/python3 tests/bench/issue.py
[ $# -gt 0 ] || [ "${UI:-1}" = 0 ] || /usr/bin/python3 tests/bench/wizard.py
