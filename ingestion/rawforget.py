"""Rewrites the raw zone without the traces of forgotten persons.

A chunk is written anew under another name, then the manifest is replaced at once, then the old files go. So a crash leaves either the
old manifest with strays that the next extraction removes, or the new one; doing it again finishes it. The ledger of the warehouse knows
files by name and therefore sees which streams are to be loaded anew.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path

import orjson
import zstandard

from ingestion.chunk import MANIFEST, Chunk
from ingestion.durable import sync_folder, write_durably
from ingestion.forgotten import Forgotten, Traces
from ingestion.rawzone import CHECKPOINT, REJECTED, read_manifest, verify_chunk

Suspects = Callable[[bytes], bool]
_NO_DIGITS = bytes(code for code in range(256) if not 48 <= code <= 57)
_NAME = re.compile(r"(\d+)(?:-(\d+))?\.ndjson\.zst")


def forget_in_raw_zone(root: Path, forgotten: Forgotten, suspects: Suspects) -> dict[str, int]:
    """Mask every stream, also of sources that are configured no more; the caller holds the data folder's lock.

    Args:
        root: the raw zone.
        forgotten: the list.
        suspects: tells quickly which lines may hold something.

    Returns:
        Records rewritten by "<source>/<stream>", only where there were any.

    Raises:
        RawZoneError: a file is damaged.
    """
    done = {}
    for folder in sorted(path for path in root.glob("*/*") if path.is_dir()):
        place = f"{folder.parent.name}/{folder.name}"
        changed = _forget_in_stream(folder, place, forgotten, suspects)
        if changed:
            done[place] = changed
    return done


def suspects_of(traces: Traces) -> Suspects:
    """Which lines may hold a trace: by its digits without what stands between, its address, a word of its name, the key of its card."""
    numbers = [number.encode() for number in traces.numbers]
    addresses = [address.strip().lower().encode() for address in traces.emails]
    words = sorted(traces.words)
    keys = [b'{"_key":' + orjson.dumps(key) + b"," for _, key in traces.cards]

    def suspect(line: bytes) -> bool:
        if any(line.startswith(key) for key in keys):
            return True
        digits = line.translate(None, _NO_DIGITS)
        if any(number in digits for number in numbers):
            return True
        text = line.decode(errors="replace").casefold().replace("ё", "е")
        return any(address.decode() in text for address in addresses) or any(word in text for word in words)

    return suspect


def everything(_line: bytes) -> bool:
    """Every line is suspect: of a list that is known by digests only."""
    return True


def _forget_in_stream(folder: Path, place: str, forgotten: Forgotten, suspects: Suspects) -> int:
    chunks = read_manifest(folder, repair=True)
    present = {chunk.file for chunk in chunks}
    for stray in folder.glob("*.ndjson.zst"):
        if stray.name not in present:
            stray.unlink()  # of a rewriting that was interrupted: before the manifest the new file, after it the old one
    rewritten = []
    changed = 0
    for chunk in chunks:
        new, lines = _rewritten(folder, chunk, place, forgotten, suspects)
        rewritten.append(new)
        changed += lines
    changed += _rejected(folder / REJECTED, forgotten, suspects)
    if rewritten != chunks:
        write_durably(folder / MANIFEST, b"".join(orjson.dumps(asdict(chunk)) + b"\n" for chunk in rewritten))
        for old, new in zip(chunks, rewritten, strict=True):
            if old.file != new.file:
                (folder / old.file).unlink()
        (folder / "index.sqlite").unlink(missing_ok=True)  # derived: made anew from the chunks
        sync_folder(folder)
    with suppress(FileNotFoundError):
        before = orjson.loads((folder / CHECKPOINT).read_bytes())
        if (after := forgotten.value(before)) is not before:
            write_durably(folder / CHECKPOINT, orjson.dumps(after))
    return changed


def _rewritten(folder: Path, chunk: Chunk, place: str, forgotten: Forgotten, suspects: Suspects) -> tuple[Chunk, int]:
    """The chunk that takes the place of one, written already, and how many of its records differ."""
    lines = zstandard.ZstdDecompressor().decompress(verify_chunk(folder, chunk), max_output_size=0).splitlines()
    changed = 0
    for number, line in enumerate(lines):
        if not suspects(line):
            continue
        row = orjson.loads(line)
        payload, key = forgotten.payload(place, row["_key"], row["payload"]), forgotten.text(row["_key"])
        if payload is not row["payload"] or key != row["_key"]:
            lines[number] = orjson.dumps({**row, "_key": key, "payload": payload})
            changed += 1
    if not changed:
        return chunk, 0
    data = zstandard.ZstdCompressor(level=1).compress(b"\n".join(lines) + b"\n")
    new = replace(chunk, file=_next_name(chunk.file), bytes=len(data), sha256=hashlib.sha256(data).hexdigest())
    write_durably(folder / new.file, data)
    return new, changed


def _next_name(file: str) -> str:
    match = _NAME.fullmatch(file)
    number, times = (match[1], int(match[2] or 1)) if match else (file.partition(".")[0], 1)
    return f"{number}-{times + 1}.ndjson.zst"


def _rejected(path: Path, forgotten: Forgotten, suspects: Suspects) -> int:
    """What was kept aside as no record, masked."""
    try:
        lines = path.read_bytes().splitlines()
    except FileNotFoundError:
        return 0
    changed = 0
    for place, line in enumerate(lines):
        if suspects(line):
            thing = orjson.loads(line)
            masked = forgotten.value(thing, words=forgotten.value(thing) is not thing)
            if masked is not thing:
                lines[place] = orjson.dumps(masked)
                changed += 1
    if changed:
        write_durably(path, b"\n".join(lines) + b"\n")
    return changed
