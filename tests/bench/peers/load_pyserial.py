#!/usr/bin/python3
"""The usual pyserial script. load_pyserial.py PORT BAUD FILE10 FILE11 FILE12"""
import sys
import serial

port = serial.Serial(sys.argv[1], int(sys.argv[2]), timeout=20)
for number, name in enumerate(sys.argv[3:6], 10):
    port.write(b"9270,%d\r" % number)
    if b"SEND FILE..." not in port.read_until(b"SEND FILE..."):
        sys.exit(4)
    port.write(open(name, "rb").read() + b"*")
    port.flush()
    while True:
        line = port.readline()
        if b"COMMAND PROCESSED OK" in line:
            break
        if b"ERROR" in line:
            sys.exit(3)
        if not line:
            sys.exit(4)
