#!/bin/sh
# SPDX-License-Identifier: MIT
# Installs what is missing, says what and why. deps.sh build|check LIBRARY...
set -u

what=$1
shift

# name of the pkg-config module, or of a header where there is none -> Debian package
package_of() {
    case $1 in
    libserialport) echo libserialport-dev ;;
    libcrypto | libssl) echo libssl-dev ;;
    libconfig) echo libconfig-dev ;;
    libmosquitto) echo libmosquitto-dev ;;
    jansson) echo libjansson-dev ;;
    csv.h) echo libcsv-dev ;;
    cmocka) echo libcmocka-dev ;;
    ncursesw | formw | menuw | panelw) echo libncurses-dev ;;
    vterm) echo libvterm-dev ;;
    esac
}

missing=
need() { # need COMMAND PACKAGE
    command -v "$1" >/dev/null 2>&1 || missing="$missing $2"
}

need "${PKG_CONFIG:-pkg-config}" pkg-config
need "${CC:-cc}" "$(case ${CC:-cc} in *clang*) echo clang ;; *) echo gcc libc6-dev ;; esac)"
is_there() { # is_there LIBRARY
    case $1 in
    *.h) echo "#include <$1>" | ${CC:-cc} ${CPPFLAGS:-} ${CFLAGS:-} -E -x c - >/dev/null 2>&1 ;;
    *) "${PKG_CONFIG:-pkg-config}" --exists "$1" 2>/dev/null ;;
    esac
}
for lib in "$@"; do
    is_there "$lib" || missing="$missing $(package_of "$lib")"
done
case ${CC:-cc}/${VARIANT:-} in
*clang*/asan)
    # A package of its own in some releases, without which nothing can be linked.
    echo 'int main(void) { return 0; }' | "$CC" -fsanitize=address -x c - -o /dev/null 2>/dev/null ||
        missing="$missing libclang-rt-dev"
    ;;
esac
if [ "$what" = check ]; then
    need bats bats
    need openssl openssl
    need python3 python3
    PATH=$PATH:/usr/sbin need mosquitto mosquitto
    need mosquitto_sub mosquitto-clients
    need pkill procps
fi

missing=$(echo $missing | tr ' ' '\n' | sort -u | tr '\n' ' ')
[ -n "${missing# }" ] || exit 0

if ! command -v apt-get >/dev/null 2>&1; then
    echo "comcert needs these libraries and tools, and this system has no apt-get to get them with:"
    echo "    C11 compiler, pkg-config, $*"
    [ "$what" = check ] && echo "    and for the tests: bats, openssl, python3, mosquitto and its clients"
    echo "Install them with your package manager (the -dev or -devel packages) and run make again."
    exit 1
fi
sudo=
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null 2>&1 || {
        echo "Missing: $missing"
        echo "Run as root:  apt-get install --no-install-recommends $missing"
        exit 1
    }
    sudo=sudo
fi
echo "Installing what comcert is $( [ "$what" = check ] && echo 'built and tested' || echo built) with: $missing"
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
# shellcheck disable=SC2086 # a list of names
if $sudo apt-get install -y -q --no-install-recommends $missing >"$log" 2>&1 ||
    { $sudo apt-get update -q >"$log" 2>&1 &&
        $sudo apt-get install -y -q --no-install-recommends $missing >"$log" 2>&1; }; then
    rm -f "$log"
    exit 0
fi
tail -20 "$log"
rm -f "$log"
echo "apt-get could not install: $missing"
exit 1
