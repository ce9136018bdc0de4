#!/bin/sh
# SPDX-License-Identifier: MIT
# The serial back end on a real driver: QEMU emulates an FTDI adapter, the guest's own ftdi_sio drives
# it, and host.py is the device at the far end of its cable. Ends with "N passed, N failed"; where the
# packages cannot be had, with one line that says so.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
work=$top/build/usb
root=$work/root
log=$work/log
comcert=${COMCERT:-$top/comcert}
lib=${LIB:-$(find "$top/build" -path '*/release-*/libcomcert.a' | head -1)}
mkdir -p "$work"

skip() {
    echo "skipped: $*"
    exit 0
}

# --- packages ------------------------------------------------------------------------------------

[ "$(uname -m)" = x86_64 ] || skip "the guest's kernel is for x86_64, this is $(uname -m)"
missing=
for pair in qemu-system-x86_64:qemu-system-x86 busybox:busybox-static cpio:cpio \
    python3:python3-minimal; do
    command -v "${pair%%:*}" >/dev/null 2>&1 || missing="$missing ${pair##*:}"
done
# The busybox of the guest has no libraries; another package of the same name has.
if [ -z "$missing" ] && ldd "$(command -v busybox)" >/dev/null 2>&1; then
    missing=busybox-static
fi
sudo=
[ "$(id -u)" -eq 0 ] || sudo="sudo -n"
get() {
    # shellcheck disable=SC2086 # a list of names
    DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -q --no-install-recommends $missing
}
if [ -n "$missing" ]; then
    command -v apt-get >/dev/null 2>&1 || skip "this needs$missing, and there is no apt-get to get it"
    echo "Installing what the virtual machine needs:$missing"
    get >"$log" 2>&1 || { $sudo apt-get update -q && get; } >>"$log" 2>&1 ||
        skip "apt-get could not install$missing (see $log)"
fi

# The kernel is unpacked, not installed; only what is used is kept.
modules="common/usb-common core/usbcore host/xhci-hcd host/xhci-pci serial/usbserial serial/ftdi_sio"
if [ ! -e "$work/kernel/complete" ]; then
    fetch() {
        package=$(apt-cache depends linux-image-amd64 | awk '$1 == "Depends:" { print $2; exit }')
        [ -n "$package" ] && (cd "$work" && rm -f linux-image-*.deb && apt-get download -q "$package")
    }
    fetch >"$log" 2>&1 || { $sudo apt-get update -q && fetch; } >>"$log" 2>&1 ||
        skip "apt-get could not download a kernel (see $log)"
    rm -rf "$work/kernel" "$work/unpacked"
    mkdir -p "$work/kernel"
    dpkg -x "$work"/linux-image-*.deb "$work/unpacked"
    cp "$work"/unpacked/boot/vmlinuz-* "$work/kernel/vmlinuz"
    for m in $modules; do
        cp "$work"/unpacked/lib/modules/*/kernel/drivers/usb/"$m.ko" "$work/kernel/"
    done
    rm -rf "$work/unpacked" "$work"/linux-image-*.deb
    : >"$work/kernel/complete"
fi

# --- the guest -----------------------------------------------------------------------------------

# put PROGRAM NAME: with every library that it names
put() {
    cp "$1" "$root/bin/$2"
    ldd "$1" | awk '/=> \//{ print $3 } /^[ \t]*\//{ print $1 }' | while read -r so; do
        mkdir -p "$root$(dirname "$so")"
        cp -L "$so" "$root$so"
    done
}

# The port room alone, before the whole program.
# shellcheck disable=SC2046 # flags
${CC:-cc} -std=c11 -D_GNU_SOURCE -O1 -g -Wall -Wextra -I"$top/src" -o "$work/driver" \
    "$here/driver.c" "$lib" $(pkg-config --libs libserialport libcrypto libconfig jansson)

rm -rf "$root"
mkdir -p "$root/bin" "$root/dev" "$root/proc" "$root/sys" "$root/tmp" "$root/etc" "$root/modules" \
    "$root/var/lock"
cp "$(command -v busybox)" "$root/bin/busybox"
put "$comcert" comcert
put "$work/driver" driver
put "$(command -v flock)" flock
cp "$work"/kernel/*.ko "$root/modules/"
cp -R "$top/fixtures" "$root/fixtures"
chmod -R a+rX "$root/fixtures" # one case runs as nobody
cp "$here/init.sh" "$root/init"
chmod 755 "$root/init"
cat >"$root/etc/passwd" <<END
root:x:0:0:root:/:/bin/sh
nobody:x:65534:65534:nobody:/:/bin/sh
END
printf 'root:x:0:\ndialout:x:20:\nnogroup:x:65534:\n' >"$root/etc/group"
echo "$modules" | tr ' ' '\n' | sed 's|.*/||' >"$root/modules/order"
(cd "$root" && find . | cpio -o -H newc --quiet | gzip -1) >"$work/initramfs.gz"

exec python3 "$here/host.py" "$work" "$top"
