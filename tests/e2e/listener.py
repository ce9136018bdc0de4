#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Servers that each do one thing wrong, on free ports of 127.0.0.1, for whoever connects.

listener.py PORTS-FILE PKI NAME=WHAT[@FLAG,...]...

Flags: tls (with PKI/server.crt), ca (a client certificate of PKI/root.crt is demanded), tls12 (no
newer version). WHAT:
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
Lines "NAME PORT" are added to PORTS-FILE; then "listener PID", once all of them listen.
"""
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
    if what in ("silent", "deaf", "leave", "refuse"):
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
        if context:
            s = context.wrap_socket(s, server_side=True)
        act(s, what)
    except OSError:
        pass
    finally:
        s.close()


def tls_context(pki, flags):
    if "tls" not in flags:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pki + "/server.crt", pki + "/server.key")
    if "tls12" in flags:
        context.maximum_version = ssl.TLSVersion.TLSv1_2
    if "ca" in flags:
        context.load_verify_locations(pki + "/root.crt")
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def accept(server, what, context):
    while True:
        s, _ = server.accept()
        threading.Thread(target=serve, args=(s, what, context), daemon=True).start()


def listen(what, context, held):
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
        threading.Thread(target=accept, args=(server, what, context), daemon=True).start()
    return server.getsockname()[1]


def main():
    ports, pki, *specs = sys.argv[1:]
    held = []
    with open(ports, "a") as f:
        for spec in specs:
            name, _, rest = spec.partition("=")
            what, _, flags = rest.partition("@")
            print(name, listen(what, tls_context(pki, flags.split(",")), held), file=f)
        print("listener", os.getpid(), file=f)
    while True:
        time.sleep(60)


main()
