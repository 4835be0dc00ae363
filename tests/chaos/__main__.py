"""`make chaos`: faults tried and survived, as a table; the same seed tries the same."""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tests.chaos.stage import Stage, staged
from tests.chaos.trials import FAULTS, STEPS, WHOLE, Result, Trial


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="another number, other instants")
    parser.add_argument("--kills", type=int, default=20, help="kills of single steps, spread over them")
    parser.add_argument("--whole", type=int, default=0, help="kills of the build, and as many of the whole job (minutes each)")
    parser.add_argument("--only", default="", help="trials whose name contains this")
    arguments = parser.parse_args()
    plan: list[tuple[str, Trial, int]] = [(name, trial, 1) for name, trial in FAULTS.items()]
    steps = list(STEPS.items())
    plan += [(name, trial, arguments.kills // len(steps) + (n < arguments.kills % len(steps))) for n, (name, trial) in enumerate(steps)]
    plan += [(name, trial, arguments.whole) for name, trial in WHOLE.items()]
    with tempfile.TemporaryDirectory(prefix="skvoz-chaos-") as name, staged(Path(name) / "stage", arguments.seed) as stage:
        tell(f"seed {arguments.seed}; an undisturbed reading takes {stage.sync_seconds:.0f} s")
        tell(f"{'fault':<34} {'tried':>5} {'survived':>8} {'s each':>7}  what was said")
        lost = sum(try_out(stage, fault, trial, times) for fault, trial, times in plan if times and arguments.only in fault)
    tell("everything was survived" if not lost else f"{lost} trials were not survived")
    sys.exit(1 if lost else 0)


def try_out(stage: Stage, fault: str, trial: Trial, times: int) -> int:
    """Try it so often and print its line; how often it was not survived."""
    began = time.monotonic()
    results: list[Result] = []
    for _ in range(times):
        results.append(trial(stage))
        stage.tidy()
    survived = sum(result.survived for result in results)
    told = next((result.said for result in results if not result.survived), results[-1].said)
    killed = sum(result.said == "killed" for result in results)
    if killed and survived == times:
        told = f"{killed} killed on the way"
    tell(f"{fault:<34} {times:>5} {survived:>8} {(time.monotonic() - began) / times:>7.1f}  {told}")
    return times - survived


def tell(line: str) -> None:
    """One line of the table."""
    print(line, flush=True)  # noqa: T201 - a campaign is for a terminal


if __name__ == "__main__":
    main()
