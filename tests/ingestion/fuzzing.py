"""How long readers are fuzzed: the same few examples in every run of the suite, many new ones with SKVOZ_FUZZ=thorough (`make fuzz`)."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

THOROUGH = os.environ.get("SKVOZ_FUZZ") == "thorough"
_TIMES = 50


def fuzzed(examples: int) -> settings:
    """Settings of a fuzz test; no deadlines, which a busy machine would miss."""
    return settings(
        max_examples=examples * (_TIMES if THOROUGH else 1),
        derandomize=not THOROUGH,
        deadline=None,
        database=None,
        phases=(Phase.explicit, Phase.generate, Phase.shrink),
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
    )


@st.composite
def damaged(draw: st.DrawFn, good: bytes) -> bytes:
    """The bytes of a good file after something happened to it: cut off, overwritten, torn out, doubled, bits turned."""
    place = draw(st.integers(0, len(good)))
    match draw(st.sampled_from(["cut", "noise", "gap", "doubled", "bits", "empty"])):
        case "cut":
            return good[:place]
        case "noise":
            noise = draw(st.binary(min_size=1, max_size=60))
            return good[:place] + noise + good[place + len(noise) :]
        case "gap":
            return good[:place] + good[place + draw(st.integers(1, 200)) :]
        case "doubled":
            return good[:place] + good[max(0, place - draw(st.integers(1, 200))) :]
        case "bits":
            turned = bytearray(good)
            for at in draw(st.lists(st.integers(0, max(0, len(good) - 1)), max_size=8)):
                if turned:
                    turned[at] ^= 1 << draw(st.integers(0, 7))
            return bytes(turned)
    return b""
