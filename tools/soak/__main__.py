"""`python -m tools.soak`: a school week in accelerated time; prints what was found, status 1 when it failed."""

from __future__ import annotations

import asyncio
import datetime as dt
import tempfile
from pathlib import Path

import click

from .checks import all_checks
from .rehearsal import Lived, Rehearsal, Size
from .story import HOURS, WEEK, Hours, Story

WARM_UP_REAL_S = 4.0
WARM_UP_EACH_S = 0.5
"""Speakers start, and fetch the week's music, within so many real seconds, and so many more each."""


def rehearse(folder: Path, *, days: int, size: Size, hours: Hours) -> Lived:
    """Live through some days of the week in a folder."""
    warm_up_s = (WARM_UP_REAL_S + WARM_UP_EACH_S * size.speakers) * size.speed
    story = Story.of(hours, days, warm_up_s)
    real_s = sum(one.length_s for one in story.stretches()) / size.speed
    _say(f"{days} days, {size.speakers} speakers, {size.speed:g} times real time: about {real_s / 60:.0f} minutes")
    return asyncio.run(Rehearsal(folder, story, size, _say).run())


def report(lived: Lived) -> int:
    """Print every table and failure; the exit status."""
    failures: list[str] = []
    for table in all_checks(lived):
        click.echo("\n".join(["", table.title, *(f"  {line}" for line in table.lines)]))
        failures += table.failures
    used = ", ".join(f"{name} {seconds:.0f}" for name, seconds in lived.cpu_s.items())
    click.echo(f"\n{lived.real_s:.0f} s real time; seconds of CPU since the last start: {used}")
    for failure in failures:
        click.echo(f"FAILED  {failure}")
    click.echo("FAILED" if failures else "all as it should be")
    return 1 if failures else 0


def _say(text: str) -> None:
    click.echo(f"{dt.datetime.now().astimezone():%H:%M:%S}  {text}")


@click.command()
@click.option("--days", type=click.IntRange(1, len(WEEK)), default=len(WEEK), show_default=True)
@click.option("--speakers", type=click.IntRange(2, 200), default=60, show_default=True)
@click.option("--whole", type=click.IntRange(1, 8), default=2, show_default=True, help="So many decode with libvlc.")
@click.option("--speed", type=click.FloatRange(1, 60), default=14.0, show_default=True, help="Times real time.")
@click.option("--ppm", type=click.FloatRange(-500, 500), default=100.0, show_default=True, help="The speakers' drift.")
@click.option(
    "--hours", type=click.Choice(list(HOURS)), default="half", show_default=True, help="How long the slots are."
)
@click.option("--keep", type=click.Path(path_type=Path, file_okay=False), help="Work in this folder, and leave it.")
def main(days: int, speakers: int, whole: int, speed: float, ppm: float, hours: str, keep: Path | None) -> None:
    """Live through a school week and judge it."""
    size = Size(speakers, min(whole, speakers), speed, ppm)
    with tempfile.TemporaryDirectory(prefix="soak-") as temporary:
        folder = keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        status = report(rehearse(folder, days=days, size=size, hours=HOURS[hours]))
    raise SystemExit(status)


if __name__ == "__main__":
    main()
