#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Servers that each do one thing wrong, on free ports of 127.0.0.1, for whoever connects.

listener.py PORTS-FILE PKI NAME=WHAT[@FLAG,...]...

Flags: tls (with PKI/server.crt), ca (a client certificate of PKI/root.crt is demanded), tls12 (no
newer version), N=NAME (from the Nth connection on with PKI/NAME.crt; without NAME: there is none, as
nobody listens any more). WHAT:
  silent        takes the connection and says nothing
  full          does not even take it: its queue is full
  close         hangs up once something has come
  reset         the same, rudely
  say:TEXT      answers with this text (\\r\\n as written out), then hangs up
  alert:N       answers with this TLS alert, in clear text
  connack:N     answers CONNECT with this code
  leave         lets in, hangs up at the next packet
  deaf          lets in, says nothing more
  refuse        lets in, refuses every subscription
  garbage       lets in, answers the next packet with what is no MQTT
  stray         lets in, acknowledges a subscription that nobody asked for
  giant         lets in, begins a message of 256 MiB
  drip          begins a TLS record, a byte each 0.05 s
Lines "NAME PORT" are added to PORTS-FILE; then "listener PID", once all of them listen.
"""
import itertools
import os
import socket
import ssl
import struct
import sys
import threading
import time


def packet(s):
    """One MQTT packet, or None when the other side has gone."""
    first = s.recv(2)
    if len(first) < 2:
        return None
    length, shift, byte = first[1] & 0x7F, 7, first[1]
    while byte & 0x80:
        byte = s.recv(1)[0]
        length |= (byte & 0x7F) << shift
        shift += 7
    body = b""
    while len(body) < length:
        body += s.recv(length - len(body))
    return first[0], body


def let_in(s, code=0):
    if packet(s):
        s.sendall(bytes([0x20, 2, 0, code]))


def act(s, what):
    what, _, value = what.partition(":")
    if what in ("garbage", "stray", "giant"):
        let_in(s)
        packet(s)
        s.sendall({"garbage": b"\xff" * 6, "stray": b"\x90\3\x7f\x7f\1",
                   "giant": b"\x30\xff\xff\xff\x7f\0\1a"}[what])
        s.recv(1)
    elif what == "drip":
        for byte in b"\x16\3\3\1\0" + bytes(256):
            s.sendall(bytes([byte]))
            time.sleep(0.05)
    elif what in ("silent", "deaf", "leave", "refuse"):
        if what != "silent":
            let_in(s)
        while (got := packet(s) if what != "silent" else s.recv(4096)):
            if what == "leave":
                return
            if what == "refuse" and got[0] >> 4 == 8:
                s.sendall(bytes([0x90, 3]) + got[1][:2] + b"\x80")
    elif what == "connack":
        let_in(s, int(value))
        s.recv(1)
    elif what in ("close", "reset"):
        s.recv(4096)
        if what == "reset":
            s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    elif what == "alert":
        s.recv(4096)
        s.sendall(bytes([0x15, 3, 3, 0, 2, 2, int(value)]))
    elif what == "say":
        s.recv(4096)
        s.sendall(value.replace("\\r\\n", "\r\n").encode())


def serve(s, what, context):
    try:
        if context is not None:
            s = context.wrap_socket(s, server_side=True)
        act(s, what)
    except OSError:
        pass
    finally:
        s.close()


def tls_contexts(pki, flags):
    """By the number of the connection from which on they count."""
    if "tls" not in flags:
        return {0: None}
    names = dict(f.split("=") for f in flags if "=" in f)
    return {int(n): name and tls_context(pki, flags, name) for n, name in [("0", "server"), *names.items()]}


def tls_context(pki, flags, name):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(f"{pki}/{name}.crt", f"{pki}/{name}.key")
    if "tls12" in flags:
        context.maximum_version = ssl.TLSVersion.TLSv1_2
    if "ca" in flags:
        context.load_verify_locations(pki + "/root.crt")
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def accept(server, what, contexts):
    for number in itertools.count(1):
        context = contexts[max(n for n in contexts if n <= number)]
        if context == "":
            return server.close()
        s, _ = server.accept()
        threading.Thread(target=serve, args=(s, what, context), daemon=True).start()


def listen(what, contexts, held):
    server = socket.socket()
    server.bind(("127.0.0.1", 0))
    server.listen(0 if what == "full" else 16)
    held.append(server)
    if what == "full":
        for _ in range(8):
            s = socket.socket()
            s.setblocking(False)
            s.connect_ex(server.getsockname())
            held.append(s)
    else:
        threading.Thread(target=accept, args=(server, what, contexts), daemon=True).start()
    return server.getsockname()[1]


def main():
    ports, pki, *specs = sys.argv[1:]
    held = []
    with open(ports, "a") as f:
        for spec in specs:
            name, _, rest = spec.partition("=")
            what, _, flags = rest.partition("@")
            print(name, listen(what, tls_contexts(pki, flags.split(",")), held), file=f)
        print("listener", os.getpid(), file=f)
    while True:
        time.sleep(60)


main()
