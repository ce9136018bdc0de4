#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Boots the guest, is the device at the far end of its serial cable, pulls and plugs the adapter,
and counts. Literal bytes of the vendor guide; shares nothing with comcert.
host.py WORK-FOLDER TOP-FOLDER"""
import json, os, re, socket, subprocess, sys, threading, time

WORK, TOP = sys.argv[1:3]
LIMIT = 600  # seconds for everything; 15 to 60 are usual
SLOTS = {b"9270,10": "server-ca", b"9270,11": "device-cert", b"9270,12": "device-key"}


def connect(path):
    for _ in range(200):
        s = socket.socket(socket.AF_UNIX)
        try:
            s.connect(path)
            return s
        except OSError:
            s.close()
            time.sleep(0.05)
    sys.exit("QEMU did not open " + path)


class Device(threading.Thread):
    """Line by line until a command, then byte by byte until `*`."""

    def __init__(self, line, pull):
        super().__init__(daemon=True)
        self.line, self.pull_adapter = line, pull
        self.begin("")

    def begin(self, options):
        options = dict(o.split("=") for o in options.split())
        self.echo = options.get("echo", "on") == "on"
        self.pull = int(options.get("pull", -1))
        self.stored, self.received, self.command, self.body = {}, 0, b"", None

    def say(self, data):
        self.line.sendall(data)

    def take(self, c):
        self.received += 1
        if self.echo:
            self.say(b"\r\n" if c in b"\r\n" else c)
        if self.body is not None:
            if c == b"*":
                self.stored[self.command], self.body, self.command = self.body, None, b""
                # QEMU's adapter has no line rate; on a line of 9600 baud the end of the body would
                # take this long to arrive, and comcert does not believe an earlier answer.
                time.sleep(0.1)
                return self.say(b"\r\nCOMMAND PROCESSED OK\r\n")
            self.body += c
            if len(self.body) == self.pull:
                self.pull_adapter()
        elif c not in b"\r\n":
            self.command += c
        elif self.command in SLOTS:
            self.body = b""
            self.say(b"SEND FILE...\r\n")
        elif self.command:
            self.say(b"ERROR 1\r\n")
            self.command = b""

    def run(self):
        while True:
            data = self.line.recv(4096)
            if not data:
                return
            for c in data:
                self.take(bytes([c]))


class Host:
    def __init__(self):
        self.passed = self.failed = self.plugs = 0
        self.done = False
        for name in ("ser", "mon"):
            if os.path.exists(f"{WORK}/{name}"):
                os.unlink(f"{WORK}/{name}")
        self.qemu = subprocess.Popen(
            ["qemu-system-x86_64", "-M", "q35", "-accel", "tcg", "-cpu", "max", "-m", "256",
             "-display", "none", "-nodefaults", "-no-reboot", "-serial", "stdio",
             "-kernel", f"{WORK}/kernel/vmlinuz", "-initrd", f"{WORK}/initramfs.gz",
             "-append", "console=ttyS0 quiet panic=-1", "-device", "qemu-xhci",
             "-chardev", "socket,id=c0,path=ser,server=on,wait=off",
             "-device", "usb-serial,chardev=c0,id=u0,always-plugged=on",
             "-qmp", "unix:mon,server=on,wait=off"],
            cwd=WORK, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=open(f"{WORK}/qemu.log", "wb"))
        timer = threading.Timer(LIMIT, self.qemu.kill)
        timer.daemon = True
        timer.start()
        os.chdir(WORK)  # the path of a socket must be short
        self.device = Device(connect("ser"), self.pull)
        self.monitor = connect("mon")
        self.answers, self.turn = self.monitor.makefile("r"), threading.Lock()
        self.order("qmp_capabilities")
        self.device.start()

    def order(self, command, **arguments):
        """One command over QMP; True if it was carried out."""
        with self.turn:
            text = json.dumps({"execute": command, "arguments": arguments})
            self.monitor.sendall(text.encode() + b"\n")
            for line in self.answers:
                answer = json.loads(line)
                if "return" in answer or "error" in answer:
                    return "return" in answer
        return False

    def pull(self):
        self.order("device_del", id=f"u{self.plugs}")

    def plug(self, _):
        """QEMU lets go of the old adapter's end of the cable a moment after it was pulled."""
        self.plugs += 1
        for _ in range(100):
            if self.order("device_add", driver="usb-serial", chardev="c0", id=f"u{self.plugs}",
                          **{"always-plugged": True}):
                return
            time.sleep(0.05)

    def result(self, good, name, why=""):
        self.passed, self.failed = self.passed + good, self.failed + (not good)
        print(f"{'ok' if good else 'not ok'} {self.passed + self.failed} - {name}", flush=True)
        if not good and why:
            print(f"#   {why}", flush=True)

    def compare(self, name):
        """The fixtures are clean armour already, so what travels is the file."""
        job = open(f"{TOP}/fixtures/jobs/pump-7.cfg").read()
        for command, slot in SLOTS.items():
            path = re.search(rf'{slot}\s*=\s*"([^"]+)"', job).group(1)
            want = open(os.path.join(TOP, "fixtures/jobs", path), "rb").read()
            got = self.device.stored.get(command, b"")
            self.result(got == want, f"{name}: {slot} arrived byte for byte",
                        f"{len(got)} bytes instead of {len(want)}")

    def untouched(self, name):
        self.result(self.device.received == 0, name, f"{self.device.received} bytes did")

    def request(self, line):
        verb, _, rest = line.partition(" ")
        {"@begin": self.device.begin, "@compare": self.compare, "@untouched": self.untouched,
         "@plug": self.plug, "@pull": lambda _: self.pull(),
         "@done": lambda _: setattr(self, "done", True)}[verb](rest)

    def run(self):
        log = open("console.log", "w")
        for raw in self.qemu.stdout:
            line = raw.decode("utf-8", "replace").rstrip()
            print(line, file=log, flush=True)
            match = re.search(r"(?:^|\x1b\S*)(ok|not ok) - (.*)", line)
            if match:
                self.result(match.group(1) == "ok", match.group(2))
            elif line.startswith("@"):
                self.request(line)
            elif line.startswith("#"):
                print(line, flush=True)
        if not self.done:
            self.result(False, "the guest runs to its end", f"see {WORK}/console.log and qemu.log")
        print(f"{self.passed} passed, {self.failed} failed")
        return 1 if self.failed else 0


sys.exit(Host().run())
