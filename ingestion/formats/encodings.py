"""Which encoding a file is really in: 1C and sites declare one and write another."""

from __future__ import annotations

import re

_DECLARED = re.compile(rb"""^\s*<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_SIGNS = re.compile("[^\\x00-\\x7f]")
_WORDS = re.compile("[А-Яа-яЁё]{2,}")
_CAPITALS_AMID = re.compile("[а-яё]{2}[А-ЯЁ][а-яё]")  # cp866 read as cp1251 and the reverse


def valid_utf8(sample: bytes) -> bool:
    """Whether the bytes are UTF-8; the last character may be cut in the middle."""
    try:
        sample.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.reason == "unexpected end of data"
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


def text_encoding(sample: bytes, declared: str | None = None, *, not_utf8: bool = False) -> str:
    """The encoding of a text file: UTF-8 if it is that, else the declared one unless its reading looks wrong, else cp1251 or cp866.

    Args:
        sample: the beginning of the file.
        declared: what it says of itself, or what it is most often.
        not_utf8: that is known of the whole file already.
    """
    if sample.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if not not_utf8 and valid_utf8(sample):
        return "utf-8-sig"
    candidates = [name for name in (declared, "cp1251", "cp866") if name]
    scores = {name: _oddness(sample, name) for name in candidates}
    return min(candidates, key=lambda name: (scores[name], candidates.index(name)))


def _oddness(sample: bytes, encoding: str) -> int:
    """How many of the signs beyond ASCII are not in Russian words, in steps, so that a declaration wins where both readings are much alike.

    Of all signs it would be next to nothing in a table of numbers, and the declaration would always win.
    """
    text = sample.decode(encoding, "replace")
    signs = len(_SIGNS.findall(text))
    odd = signs - sum(map(len, _WORDS.findall(text))) + len(_CAPITALS_AMID.findall(text))
    return odd * 20 // max(signs, 1)
