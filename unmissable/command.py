"""`unmissable`: the list of its commands, and how their errors are said.

A command's module is imported when the command is used: a kiosk loads no scheduler, a speaker no database.
"""

from __future__ import annotations

import importlib
import sys
from typing import Any

import click

from unmissable.errors import UnmissableError

_COMMANDS = {
    "demo": "unmissable.commands.house:demo",
    "init": "unmissable.commands.school:init",
    "up": "unmissable.commands.house:up",
    "scheduler": "unmissable.commands.programs:scheduler",
    "office": "unmissable.commands.programs:office",
    "speaker": "unmissable.commands.programs:speaker",
    "kiosk": "unmissable.commands.programs:kiosk",
    "enrol": "unmissable.commands.enrol:enrol",
    "check": "unmissable.commands.timetable:check",
    "day": "unmissable.commands.timetable:day",
    "call": "unmissable.commands.calling:call",
    "hold": "unmissable.commands.calling:hold",
    "silence": "unmissable.commands.live:silence",
    "speakers": "unmissable.commands.live:speakers",
    "status": "unmissable.commands.live:status",
    "music": "unmissable.commands.music:music",
    "roll": "unmissable.commands.school:roll",
}


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click gives it
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        place = _COMMANDS.get(cmd_name)
        if place is None:
            return None
        module, name = place.split(":")
        command = getattr(importlib.import_module(module), name)
        return command if isinstance(command, click.Command) else None


@click.command(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="unmissable", message="%(version)s")
def unmissable() -> None:
    """Music, a School DJ and a kind kiosk: making school unmissable."""


def main(arguments: list[str] | None = None) -> None:
    """Run a command and exit: 0 when it did what it says, 1 when it failed, 2 when it was used wrongly."""
    try:
        unmissable.main(args=arguments, prog_name="unmissable")
    except UnmissableError as wrong:
        _say_and_exit(str(wrong), wrong.status)
    except BrokenPipeError:
        sys.exit(1)
    except OSError as wrong:
        # A full disk, a folder that may not be written: what is wrong is not in the program.
        if wrong.filename is None:
            raise
        _say_and_exit(f"{wrong.filename}: {wrong.strerror}", UnmissableError.status)


def _say_and_exit(message: str, status: int) -> Any:
    click.echo(f"unmissable: {message}", err=True)
    sys.exit(status)
