#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A device that shares nothing with comcert: the literal bytes of the vendor guide on a pty.
device.py LINK STORE [key=value ...] prints "ready" and stores each upload as STORE/<number>."""
import os, pty, select, sys, termios, time, tty

LINK, STORE = sys.argv[1:3]
OPT = dict(a.split("=", 1) for a in sys.argv[3:])
ECHO = OPT.get("echo", "on")                # on, off, commands
EOL = {"crlf": b"\r\n", "lf": b"\n", "cr": b"\r", "none": b""}[OPT.get("eol", "crlf")]
FAULT, SLOT = OPT.get("fault", ""), OPT.get("slot", "9270,10")
AT = int(OPT.get("at", "300"))
TIMES = int(OPT.get("times", "99"))
OK = b"COMMAND PROCESSED OK"

master, slave = pty.openpty()
tty.setraw(slave)
if os.path.islink(LINK):
    os.unlink(LINK)
os.symlink(os.ttyname(slave), LINK)
print("ready", flush=True)

def say(data, pieces=False):
    for part in ([data[i:i + 3] for i in range(0, len(data), 3)] if pieces else [data]):
        os.write(master, part)
        if pieces:
            time.sleep(0.02)

def struck(name):
    """True if the fault of this name is to happen now, in this slot."""
    global TIMES
    if FAULT != name or command != SLOT or TIMES <= 0:
        return False
    TIMES -= 1
    return True

def answer():
    text = b"\r\n" + OK + b"\r\n"
    if FAULT == "glued":
        text = OK + b"\r\n"
    if FAULT == "no-eol":
        text = b"\r\n" + OK
    if FAULT == "ok-in-log":
        text = b"\r\nlast: COMMAND PROCESSED OK (3)\r\n" + text
    if FAULT == "only-log":
        text = b"\r\nlast: COMMAND PROCESSED OK (3)\r\n"
    if struck("refuse-end"):
        text = b"\r\nERROR 7\r\n"
    if not struck("no-answer"):
        say(text, FAULT == "split")

def body():
    data = b""
    while True:
        for byte in os.read(master, 64):
            c = bytes([byte])
            if len(data) == AT:
                if struck("lost"):
                    continue
                if struck("changed"):
                    c = b"?"
                if struck("refuse-body"):
                    return say(b"\r\nERROR 3\r\n")
                if struck("early"):
                    say(b"\r\n" + OK + b"\r\n")
                if struck("reboot"):
                    termios.tcflush(slave, termios.TCIOFLUSH)
                    time.sleep(0.2)
                    return say(b"\r\nBOOT v1.2\r\n")
                if struck("hang-up"):
                    os._exit(0)
            if ECHO == "on" and not (FAULT == "echo-stops" and len(data) >= AT):
                say(EOL if c in b"\r\n" else c)
            if c == b"*":
                with open(os.path.join(STORE, command.split(",")[1]), "wb") as f:
                    f.write(data)
                return answer()
            data += c

line = b""
while True:
    byte = os.read(master, 1)
    if FAULT == "deaf":
        continue
    if ECHO != "off":
        say(b"\r\n" if byte in b"\r\n" else byte)
    if byte not in b"\r\n":
        line += byte
        continue
    command, line = line.decode("latin-1"), b""
    if not command or struck("no-prompt"):
        continue
    if command not in ("9270,10", "9270,11", "9270,12") or struck("refuse"):
        say(b"ERROR 1\r\n")
        continue
    prompt = b"SEND FILE..." + (b"" if FAULT == "no-eol" else b"\r\n")
    if FAULT == "noise":
        prompt = b"\x1b[33m12:03 heartbeat\x1b[0m\r\n\x1b[32m" + prompt + b"\x1b[0m"
    say(prompt, FAULT == "split")
    body()
