"""`skvoz demo`: the sandbox company's systems on loopback ports, then the real main job against them, then the director's report."""

from __future__ import annotations

import sys
from pathlib import Path

import click


@click.command()
@click.option("--scale", default=1.0, show_default=True, help="Size of the company: 1 is about 400 customers.")
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), default=Path("demo"), show_default=True, help="Folder of the demo."
)
@click.option("--seed", default=1, show_default=True, help="Another number makes another company.")
@click.option("--config", type=click.Path(path_type=Path), help="Accepted like everywhere; the demo writes its own.", hidden=True)
def demo(scale: float, out: Path, seed: int, config: Path | None) -> None:  # noqa: ARG001 - every command takes --config
    """Everything, on made-up data: five systems speaking their real protocols, a published warehouse, the director's report."""
    from orchestration.demo import run_demo

    sys.exit(0 if run_demo(out, scale=scale, seed=seed) else 1)
