#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""comcert beside what people use today, in one run, on emulated devices in other processes.

Figures are ratios of things measured here and now; nothing passes or fails by the clock. The exit
status is 1 only if a device that did not store what was sent was reported as loaded.
"""
import os
import pty
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import tty

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
COMCERT = os.environ.get("COMCERT", os.path.join(ROOT, "comcert"))
JOB = os.path.join(ROOT, "fixtures/jobs/pump-7.cfg")
FILES = [os.path.join(ROOT, "fixtures/pem", f)
         for f in ("digicert-global-root-g2.pem", "pump-7.crt", "pump-7.key")]
STORED = ["server-ca.pem", "device-cert.pem", "device-key.pem"]
RUNS = int(os.environ.get("RUNS", "3"))
P = os.path.join(HERE, "peers")

PEERS = {
    "comcert": lambda port, baud: [COMCERT, "load", JOB, "--port", port, "--baud", str(baud),
                                   "--accept-assumed=device-cert,device-key", "--quiet"],
    "expect": lambda port, baud: [P + "/load.exp", port, str(baud)] + FILES,
    "pyserial": lambda port, baud: [P + "/load_pyserial.py", port, str(baud)] + FILES,
    "picocom": lambda port, baud: [P + "/load_terminal.sh", "picocom", port, str(baud)] + FILES,
    "tio": lambda port, baud: [P + "/load_terminal.sh", "tio", port, str(baud)] + FILES,
    "ascii-xfr": lambda port, baud: [P + "/load_ascii_xfr.sh", port, str(baud)] + FILES,
}


def median(values):
    values = sorted(values)
    return values[len(values) // 2]


class Device:
    """An emulated device in a process of its own."""

    def __init__(self, *options, baud=115200):
        self.dir = tempfile.mkdtemp(prefix="comcert-bench-")
        self.port = os.path.join(self.dir, "dev")
        self.process = subprocess.Popen(
            [COMCERT, "emulate", "--profile", "infinite", "--link", self.port, "--store", self.dir,
             "--baud", str(baud), "--latency", "20", *options],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while not os.path.exists(self.port):
            if self.process.poll() is not None:
                sys.exit("the emulated device did not start: " + " ".join(options))
            time.sleep(0.002)

    def content_is_right(self):
        for name, path in zip(STORED, FILES):
            try:
                want = open(path, "rb").read()
                if open(os.path.join(self.dir, name), "rb").read() != want:
                    return False
            except OSError:
                return False
        return True

    def timing(self):
        """slot -> body bytes per second at the device, first window included."""
        rates = {}
        for line in open(os.path.join(self.dir, "timing.txt")):
            slot, *pairs = line.split()
            v = dict(p.split("=") for p in pairs)
            span = int(v["last_us"]) - int(v["first_us"])
            rates[slot] = ((int(v["bytes"]) - 1) / span * 1e6 if span else 0, span / 1e6)
        return rates

    def close(self):
        self.process.terminate()
        self.process.wait()
        subprocess.run(["rm", "-rf", self.dir])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def run(peer, port, baud, limit=60):
    """Exit status (None: had to be killed) and wall time."""
    began = time.monotonic()
    try:
        status = subprocess.run(PEERS[peer](port, baud), stdout=subprocess.DEVNULL,
                                stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL,
                                timeout=limit).returncode
    except subprocess.TimeoutExpired:
        status = None
    return status, time.monotonic() - began


def heading(text):
    print("\n" + text + "\n" + "-" * len(text), flush=True)


def line_rate():
    heading("Rate of each body at the device, as a share of the line's (goal 97 % up to 1 ms)")
    print(f"{'baud':>7} {'echo':>5} {'delay':>6}   {'server-ca':>10} {'device-cert':>12} {'device-key':>11}")
    for baud in (9600, 115200):
        for echo, delay in (("off", 0), ("on", 0), ("on", 1), ("on", 16)):
            rates = {s: [] for s in ("server-ca", "device-cert", "device-key")}
            for _ in range(RUNS):
                with Device("--echo", echo, "--echo-delay", str(delay), baud=baud) as d:
                    status, _wall = run("comcert", d.port, baud)
                    if status != 0 or not d.content_is_right():
                        print(f"{baud:>7} {echo:>5} {delay:>4}ms   FAILED (exit {status})")
                        continue
                    for slot, (rate, _span) in d.timing().items():
                        rates[slot].append(100 * rate / (baud / 10))
            cells = [f"{median(r):.1f} %" if r else "-" for r in rates.values()]
            print(f"{baud:>7} {echo:>5} {delay:>4}ms   {cells[0]:>10} {cells[1]:>12} {cells[2]:>11}",
                  flush=True)


def whole_job():
    heading("Whole job, three files, echo on: wall time (ratio to the expect script)")
    for baud in (115200, 9600):
        walls = {}
        print(f"{baud} baud")
        for peer in PEERS:
            times, right, statuses = [], 0, set()
            for _ in range(RUNS if baud == 115200 else 1):
                with Device("--echo", "on", baud=baud) as d:
                    status, wall = run(peer, d.port, baud)
                    times.append(wall)
                    right += d.content_is_right()
                    statuses.add(status)
            walls[peer] = median(times)
            if peer == "expect":
                base = walls[peer]
        for peer, wall in walls.items():
            print(f"  {peer:<10} {wall:6.3f} s   {wall / base:5.2f} x")
        sys.stdout.flush()


def slow_firmware():
    heading("Slow firmware: 64-byte FIFO, away for 10 ms a line, echo on, 115200, no tuning")
    lines = [open(f).read().count("\n") for f in FILES]
    sizes = [os.path.getsize(f) for f in FILES]
    own = sum(max(n * 0.010, s * 10 / 115200) for n, s in zip(lines, sizes))
    for peer in PEERS:
        right, statuses, spans = 0, [], []
        for _ in range(RUNS):
            with Device("--echo", "on", "--fifo", "64", "--away", "10", "--lenient") as d:
                status, _wall = run(peer, d.port, 115200, limit=30)
                statuses.append(status)
                right += d.content_is_right()
                if status == 0 and d.content_is_right():
                    spans.append(sum(span for _r, span in d.timing().values()))
        ratio = f"{median(spans) / own:.2f} x the device's own time" if spans else ""
        print(f"  {peer:<10} right {right}/{RUNS}   exit {sorted(set(map(str, statuses)))}   {ratio}",
              flush=True)


FAULTS = ["refuse-end:device-key", "refuse:device-cert", "silent:device-key", "lost:device-cert:300",
          "changed:device-key:500", "ok-early:device-cert", "ok-in-log:device-key"]


def false_success():
    heading("False success: exit 0 although the device did not store all three files")
    false_of_comcert = 0
    for peer in PEERS:
        false = 0
        for fault in FAULTS:
            with Device("--echo", "on", "--lenient", "--fault", fault) as d:
                status, _wall = run(peer, d.port, 115200, limit=45)
                lied = status == 0 and not d.content_is_right()
                false += lied
                if peer == "comcert":
                    false_of_comcert += lied
        print(f"  {peer:<10} {false} of {len(FAULTS)}", flush=True)
    return false_of_comcert


def plain_pty():
    master, slave = pty.openpty()
    tty.setraw(slave)
    return master, slave, os.ttyname(slave)


def until_readable(master, limit=10):
    return bool(select.select([master], [], [], limit)[0])


def first_byte():
    heading("Exec to first byte on the line (goal 12 ms, and not later than expect)")
    for peer in ("comcert", "expect", "pyserial", "picocom"):
        times = []
        for _ in range(max(RUNS * 3, 9)):
            master, slave, name = plain_pty()
            began = time.monotonic()
            p = subprocess.Popen(PEERS[peer](name, 115200), stdout=subprocess.DEVNULL,
                                 stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL,
                                 start_new_session=True)
            if until_readable(master):
                times.append(time.monotonic() - began)
            os.killpg(p.pid, signal.SIGKILL)
            p.wait()
            os.close(master)
            os.close(slave)
        note = " (0.2 s of it the usual pause)" if peer == "picocom" else ""
        print(f"  {peer:<10} {1000 * median(times):6.1f} ms{note}", flush=True)


def converse(master, replies):
    """Answers each (what to wait for, what to say); returns when the last was said."""
    seen = b""
    for wanted, reply in replies:
        while wanted not in seen:
            if not until_readable(master):
                return time.monotonic()
            seen += os.read(master, 4096)
        seen = b""
        os.write(master, reply)
    return time.monotonic()


def verdicts():
    heading("Verdicts and waiting")
    for peer in ("comcert", "expect", "pyserial"):
        times = []
        for _ in range(RUNS):
            master, slave, name = plain_pty()
            # A refused body that was not echoed is tried again, slower; the verdict is what counts here.
            more = ["--set", "transfer.retries=0"] if peer == "comcert" else []
            p = subprocess.Popen(PEERS[peer](name, 115200) + more, stdout=subprocess.DEVNULL,
                                 stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
            said = converse(master, [(b"9270,10\r", b"SEND FILE...\r\n"), (b"*", b"\r\nERROR 3\r\n")])
            p.wait()
            times.append(time.monotonic() - said)
            os.close(master)
            os.close(slave)
        print(f"  refusal to exit       {peer:<10} {1000 * median(times):7.1f} ms")

    master, slave, name = plain_pty()
    p = subprocess.Popen(PEERS["comcert"](name, 115200) + ["--set", "transfer.prompt-timeout-ms=5000"],
                         stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    until_readable(master)
    began = time.monotonic()
    _pid, _status, usage = os.wait4(p.pid, 0)
    waited = time.monotonic() - began
    p.returncode = 0
    cpu = usage.ru_utime + usage.ru_stime
    print(f"  silent device         limit 5.000 s, verdict after {waited:.3f} s")
    print(f"  CPU of that run       {1000 * cpu:.0f} ms, start and checks included")
    with Device("--echo", "on") as d:
        peak = 0
        p = subprocess.Popen(PEERS["comcert"](d.port, 115200), stdout=subprocess.DEVNULL,
                             stderr=subprocess.DEVNULL)
        while p.poll() is None:  # ru_maxrss would count this interpreter, before the exec
            try:
                lines = open(f"/proc/{p.pid}/status").read().splitlines()
                peak = max([peak] + [int(l.split()[1]) for l in lines if l.startswith("VmHWM")])
            except (OSError, ValueError):
                pass
            time.sleep(0.005)
    print(f"  memory, whole load    {peak / 1024:.1f} MB at the most")
    times = []
    for _ in range(max(RUNS * 3, 9)):
        began = time.monotonic()
        subprocess.run([COMCERT, "check", JOB], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        times.append(time.monotonic() - began)
    print(f"  comcert check JOB     {1000 * median(times):.1f} ms (goal 15)")


# The same work for each device: does the key belong to the certificate, who signed it, how long is it valid?
OPENSSL_LOOP = r"""
while IFS=, read -r id cert key; do
    [ "$(openssl x509 -in "$cert" -noout -pubkey)" = "$(openssl pkey -in "$key" -pubout)" ] || echo "$id: key"
    openssl verify -CAfile ca.pem "$cert" >/dev/null || echo "$id: chain"
    openssl x509 -in "$cert" -noout -checkend 2592000 >/dev/null || echo "$id: ends"
done < rows.csv
"""
DISTINCT, LOOP_ROWS = 200, 50


def make_pairs(folder, n):
    def run(command):
        subprocess.run(command, shell=True, cwd=folder, check=True, stderr=subprocess.DEVNULL)

    run("openssl ecparam -name prime256v1 -genkey -noout | openssl pkey -out ca.key && openssl req -x509"
        " -key ca.key -subj '/CN=Bench CA' -days 3650 -out ca.pem")
    with open(os.path.join(folder, "ext"), "w") as f:
        f.write("basicConstraints=critical,CA:FALSE\nextendedKeyUsage=clientAuth\n")
    for i in range(n):
        run(f"openssl ecparam -name prime256v1 -genkey -noout | openssl pkey -out p{i}.key && openssl req -new"
            f" -key p{i}.key -subj /CN=dev-{i} | openssl x509 -req -CA ca.pem -CAkey ca.key -set_serial {i + 1}"
            f" -days 3650 -extfile ext -out p{i}.crt && chmod 600 p{i}.key")


def make_list(folder, rows):
    with open(os.path.join(folder, f"list{rows}.csv"), "w") as f:
        f.write("device-id,device-cert,device-key\n")
        for i in range(rows):
            for end in ("crt", "key"):
                path = os.path.join(folder, f"d{i}.{end}")
                if not os.path.exists(path):
                    shutil.copy(os.path.join(folder, f"p{i % DISTINCT}.{end}"), path)
            f.write(f"dev-{i},d{i}.crt,d{i}.key\n")


def timed(command, folder, **more):
    began = time.monotonic()
    p = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **more)
    _pid, _status, usage = os.wait4(p.pid, 0)
    p.returncode = 0
    return time.monotonic() - began, usage.ru_utime + usage.ru_stime


def checklist():
    heading(f"Checking a list of EC credentials ({DISTINCT} pairs, repeated under other names; all CPUs)")
    folder = tempfile.mkdtemp(prefix="comcert-bench-")
    make_pairs(folder, DISTINCT)
    with open(os.path.join(folder, "job.cfg"), "w") as f:
        f.write('profile = "infinite"\nmqtt: { broker = "broker.example.com" }\n'
                'certificates: { server-ca = "ca.pem" }\n')
    for rows in (100, 1000, 10000):
        make_list(folder, rows)
        took, cpu = min(timed([COMCERT, "check", "job.cfg", "--list", f"list{rows}.csv"], folder)
                        for _ in range(RUNS))
        rate = rows / took
        print(f"  comcert        {rows:6d} rows  {took:7.2f} s  {rate:7.0f} rows/s  CPU {cpu:6.2f} s", flush=True)
    with open(os.path.join(folder, "list100.csv")) as f:
        lines = f.read().splitlines()[1:LOOP_ROWS + 1]
    with open(os.path.join(folder, "rows.csv"), "w") as f:
        f.write("\n".join(lines) + "\n")
    took, cpu = min(timed(["sh", "-c", OPENSSL_LOOP], folder) for _ in range(RUNS))
    print(f"  openssl, shell {LOOP_ROWS:6d} rows  {took:7.2f} s  {LOOP_ROWS / took:7.0f} rows/s  CPU {cpu:6.2f} s")
    print(f"  comcert is {rate * took / LOOP_ROWS:.0f} times as fast (goal 50)")
    shutil.rmtree(folder)


def main():
    parts = {"rate": line_rate, "job": whole_job, "slow": slow_firmware, "false": false_success,
             "first": first_byte, "verdicts": verdicts, "checklist": checklist}
    wanted = sys.argv[1:] or list(parts)
    lies = 0
    for name in wanted:
        lies += parts[name]() or 0
    return 1 if lies else 0


if __name__ == "__main__":
    sys.exit(main())
