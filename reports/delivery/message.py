"""What is delivered: made once for one recipient, kept in the outbox until its fate is known, never changed on the way."""

import json
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path

MANIFEST = "message.json"


@dataclass(frozen=True)
class Attached:
    """A file that goes along."""

    name: str
    data: bytes


@dataclass(frozen=True)
class Message:
    """An immutable message.

    Attributes:
        report: what it is.
        period: what it covers.
        state: ok, partial or empty, as the report was.
        subject: one line.
        text: the plain twin.
        html: the page, for folders and webhooks; empty for Telegram.
        mail: the whole mail as it goes over the wire; empty for other channels.
        blocks: the Telegram summary: blocks of balanced HTML units, see telegram_text.
        pictures: PNG files, their names and captions.
        files: documents.
        failures: (block, reason) of every failed block.
        note: why the journal calls it partial or stale, empty otherwise.
    """

    report: str
    period: str
    state: str
    subject: str
    text: str
    html: str = ""
    mail: bytes = b""
    blocks: tuple[tuple[str, ...], ...] = ()
    pictures: tuple[tuple[Attached, str], ...] = ()
    files: tuple[Attached, ...] = ()
    failures: tuple[tuple[str, str], ...] = ()
    note: str = ""


class Outbox:
    """Messages on their way, `<path>/state/outbox/<delivery>/`: a retry sends the same bytes, whatever is published meanwhile."""

    def __init__(self, folder: Path) -> None:
        """Takes the outbox folder; made when first used."""
        self._folder = folder

    def save(self, number: int, message: Message) -> None:
        """Keeps a message under its delivery's number; the manifest is renamed into place last, so a half-written one does not exist."""
        folder = self._folder / str(number)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True, mode=0o700)
        blobs = {"mail": message.mail}
        blobs |= {f"picture-{place}": picture.data for place, (picture, _) in enumerate(message.pictures)}
        blobs |= {f"file-{place}": file.data for place, file in enumerate(message.files)}
        for name, data in blobs.items():
            (folder / name).write_bytes(data)
        plain = {**asdict(message), "mail": "", "pictures": [], "files": []}
        plain["pictures"] = [[picture.name, caption] for picture, caption in message.pictures]
        plain["files"] = [file.name for file in message.files]
        half = folder / f"{MANIFEST}.half"
        half.write_text(json.dumps(plain, ensure_ascii=False), encoding="utf-8")
        half.replace(folder / MANIFEST)

    def load(self, number: int) -> Message | None:
        """The message kept under a number; None if there is none."""
        folder = self._folder / str(number)
        try:
            plain = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        plain["mail"] = (folder / "mail").read_bytes()
        plain["pictures"] = tuple(
            (Attached(name, (folder / f"picture-{place}").read_bytes()), caption) for place, (name, caption) in enumerate(plain["pictures"])
        )
        plain["files"] = tuple(Attached(name, (folder / f"file-{place}").read_bytes()) for place, name in enumerate(plain["files"]))
        plain["blocks"] = tuple(tuple(block) for block in plain["blocks"])
        plain["failures"] = tuple((name, reason) for name, reason in plain["failures"])
        return Message(**plain)

    def drop(self, number: int) -> None:
        """Forgets a message whose fate is known."""
        shutil.rmtree(self._folder / str(number), ignore_errors=True)
