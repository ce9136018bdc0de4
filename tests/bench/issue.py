#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Keys and certificates for a list of devices, beside a shell loop of openssl doing the same."""
import os
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
COMCERT = os.environ.get("COMCERT", os.path.join(ROOT, "comcert"))
DEVICES = int(os.environ.get("DEVICES", "1000"))
LOOP = int(os.environ.get("LOOP", "50"))  # the loop's rate does not depend on how long it is
RUNS = int(os.environ.get("RUNS", "3"))

# What the usual recipes do for a device: a key, a request, a certificate with extensions.
SCRIPT = r"""
set -eu
cd "$1"
printf '%s\n' basicConstraints=critical,CA:FALSE keyUsage=critical,digitalSignature \
    extendedKeyUsage=clientAuth subjectKeyIdentifier=hash authorityKeyIdentifier=keyid >ext
for i in $(seq "$2"); do
    openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "dev-$i.key" 2>/dev/null
    openssl req -new -key "dev-$i.key" -subj "/CN=dev-$i" -out "dev-$i.csr"
    openssl x509 -req -in "dev-$i.csr" -CA "$3/Bench.crt" -CAkey "$3/Bench.key" -CAcreateserial \
        -days 1825 -sha256 -extfile ext -out "dev-$i.crt" 2>/dev/null
done
"""


def median(values):
    return sorted(values)[len(values) // 2]


def timed(*command):
    began = time.monotonic()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - began


def main():
    text = f"EC P-256 keys and certificates for devices ({os.cpu_count()} processors; goal 10 x the loop)"
    print("\n" + text + "\n" + "-" * len(text), flush=True)
    ours, loop = [], []
    with tempfile.TemporaryDirectory(prefix="comcert-bench-") as top:
        ca = os.path.join(top, "ca")
        subprocess.run([COMCERT, "new", "ca", "--name", "Bench", "--key", "ec:p256", "--no-passphrase",
                        "--out", ca, "--quiet"], check=True)
        ids = os.path.join(top, "ids")
        with open(ids, "w") as f:
            f.writelines(f"dev-{i}\n" for i in range(DEVICES))
        for n in range(RUNS):
            out = os.path.join(top, f"out-{n}")
            ours.append(DEVICES / timed(COMCERT, "new", "device", "--ca", ca, "--key", "ec:p256", "--list",
                                        ids, "--out", out, "--reissue", "--quiet"))
            folder = os.path.join(top, f"loop-{n}")
            os.mkdir(folder)
            loop.append(LOOP / timed("sh", "-c", SCRIPT, "sh", folder, str(LOOP), ca))
        again = timed(COMCERT, "new", "device", "--ca", ca, "--key", "ec:p256", "--list", ids, "--out", out,
                      "--quiet")
        verified = subprocess.run(["openssl", "verify", "-x509_strict", "-CAfile", ca + "/Bench.crt"] +
                                  [f"{out}/dev-{i}.crt" for i in range(DEVICES)],
                                  stdout=subprocess.PIPE, text=True).stdout.count(": OK")
    print(f"  comcert, {DEVICES} devices   {median(ours):8.0f} a second, synced, indexed, with manifest")
    print(f"  openssl loop, {LOOP}      {median(loop):8.0f} a second, not synced")
    print(f"  ratio                 {median(ours) / median(loop):8.1f}")
    print(f"  the same list again   {again:8.2f} s: every pair read and found complete")
    print(f"  openssl verifies      {verified} of {DEVICES}")
    return 0 if verified == DEVICES else 1


if __name__ == "__main__":
    sys.exit(main())
