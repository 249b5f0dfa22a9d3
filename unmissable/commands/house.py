"""The whole house: up, and the demo."""

from __future__ import annotations

import asyncio
import contextlib
import sys

import click

from unmissable import parts
from unmissable.commands.options import config
from unmissable.errors import UnmissableError
from unmissable.places import Places


@click.command()
@config
@click.option("--output", default="default", show_default=True, metavar="NAME", help="A sound device's name, or null.")
def up(places: Places, output: str) -> None:
    """Run the school: broker, office, scheduler and the speakers of this machine, until ctrl-C."""
    from unmissable.up import run_school
    from wire.errors import WireError

    parts.need(*parts.SCHOOL)
    try:
        asyncio.run(run_school(places, output, _tell))
    except WireError as wrong:
        raise UnmissableError(str(wrong)) from None


@click.command()
@click.option("--headless", is_flag=True, help="Without a terminal: taps and picks by itself, and tells what happens.")
@click.option("--for", "for_s", type=float, default=40.0, show_default=True, help="Seconds that --headless takes.")
@click.option("--output", default="default", show_default=True, metavar="NAME", help="A sound device's name, or null.")
def demo(headless: bool, for_s: float, output: str) -> None:
    """Show a made-up school around now: music in two zones, and a kiosk in this terminal."""
    from office.errors import OfficeError
    from scheduler.errors import SchedulerError
    from unmissable.demo import headless as run_headless
    from unmissable.demo import show
    from wire.errors import WireError

    parts.need(*parts.SCHOOL)
    if not headless and not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UnmissableError("the demo shows a kiosk and needs a terminal; without one: unmissable demo --headless")
    try:
        status = asyncio.run(run_headless(for_s, output, _tell) if headless else show(output, _tell))
    except (WireError, OfficeError, SchedulerError) as wrong:
        raise UnmissableError(str(wrong)) from None
    sys.exit(status)


def _tell(line: str) -> None:
    """Print a line, if there is still somebody to read it: a terminal that went away ends no school."""
    with contextlib.suppress(OSError):
        click.echo(line)
