"""What goes on just now, and the one command that stops all sound: status, speakers, silence."""

from __future__ import annotations

import getpass
import json
import re
from pathlib import Path

import click

from unmissable.commands.options import config, talk
from unmissable.enrolling import DESK
from unmissable.errors import UnmissableError
from unmissable.narrator import UNHEARD
from unmissable.on_the_wire import LISTEN_S, at_school_time, retained, while_, with_link
from unmissable.places import Places
from wire.link import Heard, Link
from wire.requests import Role
from wire.states import ProgramState, Silence, SpeakerState


@click.command()
@config
@talk
@click.option("--json", "as_json", is_flag=True, help="For a program to read.")
def speakers(places: Places, broker: str | None, credentials: Path | None, as_json: bool) -> None:
    """Tell each speaker's zone, what it plays, and its fault if it has one."""
    heard = retained(places, broker, credentials, lambda link: link.topics.speaker(), SpeakerState)
    if as_json:
        click.echo(json.dumps({name: state.model_dump(mode="json") for name, state in sorted(heard.items())}))
        return
    for name, state in sorted(heard.items()):
        click.echo(f"{name}: {_speaker_line(state)}")
    if not heard:
        click.echo("no speaker has been heard of yet")


def _speaker_line(state: SpeakerState) -> str:
    if not state.online:
        return f"{state.zone}, offline"
    if state.playing is not None:
        doing = f"plays {state.playing.called} ({state.playing.set})"
    else:
        doing = "silenced" if state.silent else "quiet"
    fault = f"; {state.fault}" if state.fault else ""
    unheard = f"; not heard: {state.output.removeprefix(UNHEARD)}" if state.output.startswith(UNHEARD) else ""
    return f"{state.zone}, {doing}, {state.cache.ready} tracks ready, {state.cache.missing} missing{unheard}{fault}"


@click.command()
@config
@talk
@click.option("--json", "as_json", is_flag=True, help="For a program to read.")
def status(places: Places, broker: str | None, credentials: Path | None, as_json: bool) -> None:
    """Tell whether the scheduler and the office run, and what was wrong last."""
    heard = retained(places, broker, credentials, lambda link: link.topics.program(), ProgramState)
    states = {name: heard.get(name) or ProgramState(online=False) for name in ("scheduler", "office")}
    if as_json:
        click.echo(json.dumps({name: state.model_dump(mode="json") for name, state in states.items()}))
    for name, state in states.items():
        if not as_json:
            running = f"runs, version {state.version}" if state.online else "does not run"
            click.echo(f"{name}: {running}{'; ' + state.error if state.error else ''}")
    if not all(state.online and not state.error for state in states.values()):
        raise SystemExit(1)


@click.command()
@click.argument("switch", type=click.Choice(["on", "off"]))
@config
@talk
@click.option("--reason", default="", metavar="TEXT", help="Why, for the other screens.")
def silence(places: Places, broker: str | None, credentials: Path | None, switch: str, reason: str) -> None:
    """Silence the whole school, until it is lifted; names the speakers that have not confirmed."""
    on = switch == "on"
    enrolled = [one.user for one in places.enrolled().users if one.role is Role.SPEAKER]

    async def work(link: Link) -> None:
        states: dict[str, SpeakerState] = {}

        def note(heard: Heard[SpeakerState]) -> None:
            if heard.message is not None:
                states[heard.tail[-1]] = heard.message

        link.listen(link.topics.speaker(), SpeakerState, note)
        by = re.sub(r"[^a-z0-9.-]", "", getpass.getuser().lower()) or DESK
        async with at_school_time(link) as (clock, _):
            message = Silence(on=on, reason=reason[:300], by=by, at=clock.now())
        link.publish(link.topics.silence, message, retain=True)
        await while_(lambda: True, LISTEN_S)  # a speaker that is not enrolled here is known by what it says
        waiting = [name for name, state in states.items() if state.online]
        await while_(lambda: any(states[name].silent is not on for name in waiting), 3.0)
        all_of_them = sorted({*enrolled, *states})
        missing = [name for name in all_of_them if name not in states or not _confirmed(states[name], on)]
        confirmed = len(all_of_them) - len(missing)
        click.echo(f"silence is {switch}; {confirmed} of {len(all_of_them)} speakers confirmed")
        if missing:
            raise UnmissableError(f"not confirmed by: {', '.join(missing)}")

    with_link(places, broker, credentials, lambda _link: None, work)


def _confirmed(state: SpeakerState, on: bool) -> bool:
    return state.online and state.silent is on
