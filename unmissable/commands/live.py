"""What goes on just now, and the one command that stops all sound: status, speakers, silence."""

from __future__ import annotations

import datetime as dt
import getpass
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import click

from unmissable.commands.options import config, talk
from unmissable.enrolling import DESK
from unmissable.errors import UnmissableError
from unmissable.narrator import UNHEARD
from unmissable.on_the_wire import LISTEN_S, at_school_time, listen_a_while, note, retained, while_, with_link
from unmissable.places import Places
from wire.link import Heard, Link
from wire.requests import Role
from wire.states import Hold, ProgramState, Silence, SpeakerState


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
    """Tell whether the scheduler and the office run, what was wrong last, and what staff have silenced or held."""
    heard: dict[str, ProgramState] = {}
    silences: dict[str, Silence] = {}
    holds: dict[str, Hold] = {}

    def prepare(link: Link) -> None:
        link.listen(link.topics.program(), ProgramState, lambda one: note(heard, one, one.tail[-1]))
        link.listen(link.topics.silence, Silence, lambda one: note(silences, one, one.tail[-1]))
        link.listen(link.topics.hold(), Hold, lambda one: note(holds, one, one.tail[-1]))

    with_link(places, broker, credentials, prepare, listen_a_while)
    states = {name: heard.get(name) or ProgramState(online=False) for name in ("scheduler", "office")}
    silent = next((one for one in silences.values() if one.on), None)
    now = dt.datetime.now(dt.UTC)
    held = {zone: one for zone, one in sorted(holds.items()) if one.until > now}
    if as_json:
        told: dict[str, object] = {name: state.model_dump(mode="json") for name, state in states.items()}
        told["silence"] = None if silent is None else silent.model_dump(mode="json")
        told["holds"] = {zone: one.model_dump(mode="json") for zone, one in held.items()}
        click.echo(json.dumps(told))
    for name, state in states.items():
        if not as_json:
            running = f"runs, version {state.version}" if state.online else "does not run"
            click.echo(f"{name}: {running}{'; ' + state.error if state.error else ''}")
    if not as_json:
        for line in _by_staff(silent, held):
            click.echo(line)
    if not all(state.online and not state.error for state in states.values()):
        raise SystemExit(1)


def _by_staff(silent: Silence | None, held: Mapping[str, Hold]) -> Iterator[str]:
    """What staff have silenced or held: a quiet school is to be told from a broken one."""
    if silent is not None:
        reason = f" ({silent.reason})" if silent.reason else ""
        since = f"{silent.at.astimezone():%a %H:%M}"
        yield f"silence: on since {since}, by {silent.by}{reason}; staff lift it: unmissable silence off"
    for zone, hold in held.items():
        what = "muted" if hold.mute else f"at volume {hold.volume}"
        yield f"{zone}: {what} until {hold.until.astimezone():%H:%M}, by {hold.by}"


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
