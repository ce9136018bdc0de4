#!/bin/sh
# SPDX-License-Identifier: MIT
# Runs the monkey (the arguments) where its random keys can do no harm, if this system has namespaces:
# no file outside of its own folder can be written, no process but its own can be signalled, and no
# serial port is listed. Without namespaces it runs unfenced, as the wizard offers nothing worse than
# to write a file; never let it play so with a program that does (htop kills what is selected).
set -eu

play=$(mktemp -d)
trap 'rm -rf "$play"' EXIT
mkdir "$play/none"
export TMPDIR=$play

fence='
play=$1 log=$2
shift 2
mount --bind "$play" "$play"
mount --bind "$log" "$log"
mount --bind "$play/none" /sys/class/tty 2>/dev/null || true
awk "{ print \$2 }" /proc/self/mounts | while read -r at; do
    at=$(printf %b "$at")
    case $at in
    "$play" | "$log" | /proc | /proc/* | /sys | /sys/* | /dev/pts | /dev/pts/*) ;;
    *) mount -o remount,bind,ro "$at" 2>/dev/null || true ;;
    esac
done
exec "$@"
'
if unshare -rmpf --mount-proc true 2>/dev/null; then
    unshare -rmpf --mount-proc --kill-child sh -c "$fence" fence "$play" "${BUILD:?}/log" "$@"
else
    "$@"
fi
