"""Ports for servers that must be told theirs."""

import random
import socket

# below those that the kernel gives to outgoing connections (32768-60999), one of which could take a free port before its server does
_RANGE = range(15_000, 32_000)
_given: set[int] = set()


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on, another one each time; two processes that ask at once hardly meet."""
    for port in random.SystemRandom().sample(sorted(set(_RANGE) - _given), 100):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            _given.add(port)
            return port
    message = "no port is free"
    raise AssertionError(message)
