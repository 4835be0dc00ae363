"""The exchange's calls as files of Asterisk, Cisco, Panasonic and Avaya."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import timedelta

from ingestion.sandbox.clock import wall
from ingestion.sandbox.feeds.exchange import OWN_NUMBER, ExchangeCall, Leg

_DISPOSITIONS = {"answered": "ANSWERED", "no_answer": "NO ANSWER", "missed": "NO ANSWER", "busy": "BUSY"}
_CISCO_NAMES = (
    "cdrRecordType", "globalCallID_callManagerId", "globalCallID_callId", "origLegCallIdentifier", "dateTimeOrigination",
    "origNodeId", "callingPartyNumber", "origCause_value", "destLegIdentifier", "originalCalledPartyNumber", "finalCalledPartyNumber",
    "destCause_value", "dateTimeConnect", "dateTimeDisconnect", "lastRedirectDn", "pkid", "origDeviceName", "destDeviceName",
    "duration", "globalCallId_ClusterID", "outpulsedCalledPartyNumber",
)  # fmt: skip


def master_csv(calls: Iterable[ExchangeCall], *, columns: int = 21) -> str:
    """Master.csv: strings in quotes, whole numbers and empty dates bare; 16, 18 or 21 columns."""
    lines = [_asterisk_line(leg, columns) for call in calls for leg in call.legs]
    return "".join(line + "\n" for line in lines)


def _asterisk_line(leg: Leg, columns: int) -> str:
    client = leg.client if leg.direction == "internal" else f"+{leg.client}"
    trunk, phone = "PJSIP/trunk-00000a1f", f"PJSIP/{leg.extension}-00000{leg.number:03x}"
    outward = leg.kind in {"out", "internal"}
    src, dst = (
        (leg.extension, leg.client if leg.direction == "internal" else "8" + leg.client[1:]) if outward else (client, leg.extension or "s")
    )
    channel = phone if outward else trunk
    target = {"ivr": "", "voicemail": "", "internal": f"PJSIP/{leg.client}-000001", "out": trunk}.get(leg.kind, phone)
    # a menu answers itself, whether the caller then waits in a queue or an extension is dialled that no telephone is registered for
    menu = ("Queue", "600,t,,,60") if leg.talked % 2 else ("Dial", f"PJSIP/{leg.extension or 100},30")
    application = {"ivr": menu, "voicemail": ("VoiceMail", f"{leg.extension}@default,u")}.get(leg.kind, ("Dial", f"{target},30"))
    answered = leg.at + timedelta(seconds=leg.waited)
    ended = answered + timedelta(seconds=leg.talked)
    texts = [
        "", src, dst, "from-internal" if outward else "from-trunk", f'"{src}" <{src}>', channel, target, *application,
        f"{wall(leg.at):%Y-%m-%d %H:%M:%S}", f"{wall(answered):%Y-%m-%d %H:%M:%S}" if leg.result == "answered" else None,
        f"{wall(ended):%Y-%m-%d %H:%M:%S}",
    ]  # fmt: skip
    numbers = [leg.waited + leg.talked, leg.talked]
    tail = [_DISPOSITIONS[leg.result], "DOCUMENTATION", f"{leg.call}{leg.number}", "", "", leg.call]
    cells = ["" if one is None else _quoted(one) for one in texts] + [str(one) for one in numbers]
    cells += [_quoted(one) for one in tail] + [str(leg.number + 1)]
    return ",".join(cells[:columns])


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def cisco_file(calls: Iterable[ExchangeCall]) -> str:
    """One CDR file: names, types, records; a redirected call keeps the number first called."""
    out = io.StringIO()
    out.write(",".join(_quoted(name) for name in _CISCO_NAMES) + "\n")
    out.write(",".join("INTEGER" if name.startswith(("date", "duration")) else "VARCHAR(50)" for name in _CISCO_NAMES) + "\n")
    writer = csv.writer(out, lineterminator="\n")
    for call in calls:
        for leg in call.legs:
            if leg.kind == "ivr":
                continue
            begun = int(leg.at.timestamp())
            connected = begun + leg.waited if leg.result == "answered" else 0
            client = leg.client if leg.direction == "internal" else f"+{leg.client}"
            outward = leg.kind in {"out", "internal"}
            caller, called = (leg.extension, client) if outward else (client, leg.extension)
            first = OWN_NUMBER if not outward else called
            cause = {"answered": "16", "busy": "17"}.get(leg.result, "19")
            device = "VMPilot" if leg.kind == "voicemail" else "SEP001"
            writer.writerow([
                1, 1, int(call.id.partition(".")[2]), leg.number * 2 + 1, begun, 1, caller, 0 if connected else cause, leg.number * 2 + 2,
                first, called, cause, connected, begun + leg.waited + leg.talked, "", f"{call.id}-{leg.number}", "SIPTrunk", device,
                leg.talked if connected else 0, "StandAloneCluster", "",
            ])  # fmt: skip
    return out.getvalue()


def panasonic_listing(calls: Iterable[ExchangeCall], *, page: int = 50) -> str:
    """SMDR of format A: a heading and dashes on every page, the time is the end of the call, minutes only."""
    lines: list[str] = []
    for call in calls:
        for leg in call.legs:
            if leg.kind == "ivr":
                continue
            if len(lines) % page == 0:
                lines += ["  Date    Time    Ext CO        Dial Number         Ring Duration  Acc code  CD", "-" * 80]
            lines.append(_panasonic_line(leg))
    return "".join(line + "\r\n" for line in lines)


def _panasonic_line(leg: Leg) -> str:
    ended = wall(leg.at + timedelta(seconds=leg.waited + leg.talked))
    number = {"in": f"<I>{'8' + leg.client[1:]}", "out": "8" + leg.client[1:]}.get(leg.direction, f"EXT{leg.client}")
    code = {"ring": "NA", "talk": "AN", "voicemail": "AN"}.get(leg.kind, "")
    talk = f"{leg.talked // 3600:02d}:{leg.talked // 60 % 60:02d}'{leg.talked % 60:02d}"
    ring = f"{leg.waited // 60}'{leg.waited % 60:02d}" if leg.direction == "in" else ""
    return f"{ended:%d/%m/%y} {ended:%I:%M%p} {leg.extension:<5}{'01':<3} {number:<25} {ring:<4} {talk:<8} {'':<10} {code:<3}"


def avaya_lines(calls: Iterable[ExchangeCall]) -> str:
    """SMDR of IP Office: segments of a call share its start and id, all but the last say that more follows."""
    lines: list[str] = []
    for number, call in enumerate(calls, start=1_000_001):
        legs = [leg for leg in call.legs if leg.kind in {"talk", "voicemail", "out", "internal"}] or [call.legs[-1]]
        for place, leg in enumerate(legs):
            inward = leg.direction == "in"
            client = leg.client if leg.direction == "internal" else "8" + leg.client[1:]
            caller, called = (client, OWN_NUMBER) if inward else (leg.extension, client)
            answered = leg.extension and leg.result == "answered"
            # the menu and voicemail answer on a channel of voicemail
            party = "V9501" if leg.kind in {"voicemail", "ivr"} else f"E{leg.extension}" if answered else ""
            ends = (party, "Voicemail" if party[:1] == "V" else "Сотрудник") if inward else (f"T{9000}", "Line 1")
            first = (f"T{9000}", "Line 1") if inward else (f"E{leg.extension}", "Сотрудник")
            second = (f"E{leg.client}", "Сотрудник") if leg.direction == "internal" else ends
            talk = f"{leg.talked // 3600:02d}:{leg.talked // 60 % 60:02d}:{leg.talked % 60:02d}"
            cells = [
                f"{wall(call.at):%Y/%m/%d %H:%M:%S}", talk, str(leg.waited), caller, "I" if inward else "O", called, called, "",
                "1" if leg.direction == "internal" else "0", str(number), "1" if place < len(legs) - 1 else "0", *first, *second,
                "0", "0", "n/a", "", "", "", "", "", "", "", "", "", "", "",
            ]  # fmt: skip
            lines.append(",".join(cells))
    return "".join(line + "\n" for line in lines)
