"""What the numbers of an exchange file stand for: a file of 1 GB numbers some 800,000 objects, and a dict of their guids takes 240 MB."""

from __future__ import annotations

import re

_GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_BYTES = 16
_SPARE = 10_000  # numbers ahead of those that came: more are a damaged number, for which no memory is kept


class NumberedKeys:
    """Number in the file -> key; guids lie in 16 bytes at the place of their number."""

    def __init__(self) -> None:
        self._guids = bytearray()
        self._others: dict[str, str] = {}
        self._count = 0

    def put(self, number: str, key: str) -> None:
        """The number stands for this key from now on."""
        self._count += 1
        place = self._place(number)
        if place is None or not _GUID.fullmatch(key):
            self._others[number] = key
            return
        self._others.pop(number, None)
        if place + _BYTES > len(self._guids):
            self._guids.extend(bytes(place + _BYTES - len(self._guids)))
        self._guids[place : place + _BYTES] = bytes.fromhex(key.replace("-", ""))

    def get(self, number: str) -> str:
        """The key of a number, '' if it was not met."""
        if number in self._others:
            return self._others[number]
        place = self._place(number)
        held = b"" if place is None else bytes(self._guids[place : place + _BYTES])
        if not any(held):
            return ""
        text = held.hex()
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"

    def _place(self, number: str) -> int | None:
        if not (number.isascii() and number.isdigit()) or number != str(int(number[:12])):
            return None
        value = int(number)
        return value * _BYTES if value < 4 * self._count + _SPARE else None
