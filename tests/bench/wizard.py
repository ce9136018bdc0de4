#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The wizard in a pty: when its first screen is there, how long a key waits while a transfer runs,
what the screen costs the line, and what it costs to do nothing. Figures only: nothing passes or fails
by the clock."""
import os
import pty
import select
import struct
import fcntl
import termios
import subprocess
import sys
import tempfile
import time

from bench import COMCERT, RUNS, Device, FILES, heading, median, run

PRESSES = 50
QUIT = b"Quit"  # the last word of the first screen that is drawn


def make_job(port, baud):
    f = tempfile.NamedTemporaryFile("w", suffix=".cfg", delete=False)
    f.write('profile = "infinite"\nport: { device = "%s" baud = %d }\n' % (port, baud) +
            'mqtt: { preset = "azure" hub = "my-hub" device-id = "pump-7" }\n' +
            'accept-assumed = true\ncertificates: {\n' +
            "".join('  %s = "%s"\n' % pair
                    for pair in zip(("server-ca", "device-cert", "device-key"), FILES)) + "}\n")
    f.close()
    return f.name


class Wizard:
    """80 x 24 in 256 colours; what it draws is read by `until` only."""

    def __init__(self, job):
        self.job = job
        self.seen = b""
        env = dict(os.environ, TERM="xterm-256color", LC_ALL="C.UTF-8")
        self.began = time.monotonic()
        self.pid, self.master = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
            os.execve(COMCERT, [COMCERT, "tui", job], env)

    def press(self, keys):
        self.seen = b""
        os.write(self.master, keys)

    def until(self, text, limit=20):
        """Reads until the text was drawn; when that was, or None."""
        end = time.monotonic() + limit
        while text not in self.seen:
            if not select.select([self.master], [], [], max(0, end - time.monotonic()))[0]:
                return None
            try:
                self.seen += os.read(self.master, 65536)
            except OSError:
                return None
        return time.monotonic()

    def to_review(self):
        self.until(b"goes on to")
        while True:  # not while a file is still being read
            self.press(b"\x1b4")
            if self.until(b">4 Review", 0.2):
                return

    def start_load(self):
        self.to_review()
        self.press(b"\x1b[Z\r")
        self.until(b"begins")

    def cpu_ms(self):
        fields = open(f"/proc/{self.pid}/stat").read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) * 1000 // os.sysconf("SC_CLK_TCK")

    def close(self):
        os.kill(self.pid, 15)
        self.until(b"\0never", 0.5)
        os.close(self.master)
        os.waitpid(self.pid, 0)
        os.unlink(self.job)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def first_screen():
    heading("Wizard: exec to the first screen (and `comcert check` of the same job, for scale)")
    times, checks = [], []
    for _ in range(max(RUNS * 3, 9)):
        with Wizard(make_job("/dev/null", 115200)) as w:
            times.append(w.until(QUIT) - w.began)
            began = time.monotonic()
            subprocess.run([COMCERT, "check", w.job], stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL)
            checks.append(time.monotonic() - began)
    print(f"  first screen          {1000 * median(times):6.1f} ms, worst {1000 * max(times):.1f}")
    print(f"  comcert check         {1000 * median(checks):6.1f} ms", flush=True)


def echo_of_nothing():
    """What the pty and this interpreter take of each figure below: cat, in raw mode."""
    pid, master = pty.fork()
    if pid == 0:
        os.execvp("sh", ["sh", "-c", "stty raw -echo; echo ready; exec cat"])
    while b"ready" not in os.read(master, 100):
        pass
    times = []
    for _ in range(PRESSES):
        began = time.monotonic()
        os.write(master, b"x")
        os.read(master, 100)
        times.append(time.monotonic() - began)
        time.sleep(0.005)
    os.kill(pid, 9)
    os.waitpid(pid, 0)
    os.close(master)
    return times


def keys_in_a_transfer():
    heading("Wizard: a key until it is drawn, while a transfer runs (goal 16 ms)")
    base = echo_of_nothing()
    print(f"  cat, for scale        median {1000 * median(base):5.2f} ms, worst {1000 * max(base):.2f}")
    for baud in (115200, 9600):
        times = []
        while len(times) < PRESSES:
            with Device("--echo", "on", baud=baud) as d, Wizard(make_job(d.port, baud)) as w:
                w.start_load()
                for _ in range(5):
                    for keys, text in ((b"\x1bOP", b"draw the screen"), (b"\x1b", b"Transcript")):
                        began = time.monotonic()
                        w.press(keys)
                        at = w.until(text, 2)
                        if at is not None and len(times) < PRESSES and keys != b"\x1b":
                            times.append(at - began)
                        time.sleep(0.01)
        print(f"  at {baud:>6} baud        median {1000 * median(times):5.2f} ms, "
              f"worst of {PRESSES} {1000 * max(times):.2f}", flush=True)


def span_in_batch(baud):
    with Device("--echo", "on", baud=baud) as d:
        status, _wall = run("comcert", d.port, baud)
        right = status == 0 and d.content_is_right()
        return sum(span for _r, span in d.timing().values()) if right else None


def span_in_wizard(baud):
    with Device("--echo", "on", baud=baud) as d, Wizard(make_job(d.port, baud)) as w:
        w.start_load()
        w.until(b"Next device", 60)
        right = d.content_is_right()
        return sum(span for _r, span in d.timing().values()) if right else None


def line_rate():
    heading("Wizard: time of the three bodies on the line, beside comcert load")
    size = sum(os.path.getsize(f) for f in FILES)
    for baud in (115200, 9600):
        batch = [span_in_batch(baud) for _ in range(RUNS)]
        wizard = [span_in_wizard(baud) for _ in range(RUNS)]
        if None in batch + wizard:
            print(f"  {baud:>6} baud   FAILED")
            continue
        ideal, b, w = size * 10 / baud, median(batch), median(wizard)
        print(f"  {baud:>6} baud   load {100 * ideal / b:5.1f} % of the line, wizard "
              f"{100 * ideal / w:5.1f} %   {w / b:5.3f} x the time", flush=True)


def idle():
    heading("Wizard: CPU while nothing happens, 5 s")
    with Device("--echo", "on") as d, Wizard(make_job(d.port, 115200)) as w:
        w.until(b"goes on to")
        time.sleep(0.5)
        before = w.cpu_ms()
        time.sleep(5)
        print(f"  step Port             {w.cpu_ms() - before} ms (the kernel counts in 10)", flush=True)


def main():
    for part in (first_screen, keys_in_a_transfer, line_rate, idle):
        part()
    return 0


sys.exit(main())
