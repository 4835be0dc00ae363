"""Which encoding a file is really in: 1C and sites declare one and write another."""

from __future__ import annotations

import re

_DECLARED = re.compile(rb"""^\s*<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_BOX_DRAWING = re.compile("[\u0402-\u040f\u0452-\u045f\u2500-\u257f]")  # rare letters and frames: what a wrong guess is full of


def valid_utf8(sample: bytes, *, cut: bool = True) -> bool:
    """Whether the bytes are UTF-8; with `cut` the last character may be cut in the middle."""
    try:
        sample.decode("utf-8")
    except UnicodeDecodeError as error:
        return cut and error.reason == "unexpected end of data"
    return True


def xml_encoding(head: bytes) -> str | None:
    """What to tell the XML parser instead of the declaration, None where the declaration (or a byte order mark) can be believed."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return None
    if head.startswith(b"\xef\xbb\xbf"):
        return "utf-8"
    match = _DECLARED.match(head)
    declared = match.group(1).decode("ascii").lower() if match else "utf-8"
    if head.isascii():
        return None
    if valid_utf8(head):
        return "utf-8"
    return "windows-1251" if declared in {"utf-8", "utf8"} else None


def text_encoding(sample: bytes, declared: str | None = None) -> str:
    """The encoding of a text file: UTF-8 if it is that, else the declared one unless its reading looks wrong, else cp1251 or cp866."""
    if sample.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if valid_utf8(sample):
        return "utf-8-sig"
    candidates = [name for name in (declared, "cp1251", "cp866") if name]
    scores = {name: _oddness(sample, name) for name in candidates}
    return min(candidates, key=lambda name: (scores[name], candidates.index(name)))


def _oddness(sample: bytes, encoding: str) -> int:
    """How many characters look out of place, in steps, so that a declaration wins where both readings are much alike."""
    text = sample.decode(encoding, "replace")
    odd = len(_BOX_DRAWING.findall(text)) + text.count("\ufffd")
    letters = re.findall("[а-яё]{2}[А-Я][а-яё]", text)  # a capital amid small letters: cp866 read as cp1251 and the reverse
    return (odd + len(letters)) * 20 // max(len(text), 1)
