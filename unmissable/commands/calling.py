"""What staff have heard in a zone other than its programme: call and hold."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

import click
from pydantic import ValidationError

from unmissable.commands.options import config, talk
from unmissable.errors import UnmissableError, WrongUse
from unmissable.on_the_wire import LISTEN_S, ask_scheduler, at_school_time, while_, with_link
from unmissable.places import Places
from wire.link import Heard, Link
from wire.programme import Calendar, Programme
from wire.requests import CALL, HOLD, CallAsk, HoldAsk
from wire.states import Hold, Silence, SpeakerState
from wire.values import Message, WireModel, instant_of

_MOST_MINUTES = 24 * 60

B = TypeVar("B", bound=WireModel)
M = TypeVar("M", bound=Message)


@click.command()
@click.argument("name", required=False)
@config
@talk
@click.option("--zone", "zones", multiple=True, metavar="ZONE", help="Only there; may be given again.")
@click.option("--list", "listing", is_flag=True, help="List what can be called.")
def call(
    places: Places,
    broker: str | None,
    credentials: Path | None,
    name: str | None,
    zones: tuple[str, ...],
    listing: bool,
) -> None:
    """Have the call NAME of the timetable heard now, in every zone; the music goes down under it."""
    if listing:
        if name is not None or zones:
            raise WrongUse("--list goes alone")
        _list_calls(places)
        return
    if name is None:
        raise WrongUse("name a call; unmissable call --list tells what there is")
    around = _Around()

    async def work(link: Link) -> None:
        if not zones:
            await while_(lambda: True, LISTEN_S)  # nothing says when the last zone's programme came
        wanted = zones or tuple(sorted(around.programmes))
        if not wanted:
            raise UnmissableError("no zone has a programme yet; see: unmissable status")
        async with at_school_time(link) as (clock, asker):
            answer = await ask_scheduler(asker, CALL, _body(CallAsk, call=name, zones=wanted))
            if zones:
                await while_(lambda: True, LISTEN_S)
            now = clock.now()
        click.echo(f"{name} sounds at {around.wall_clock(answer.at, '%H:%M:%S')} in {' and '.join(answer.zones)}")
        unheard = list(around.unheard(answer.zones, now))
        if len(unheard) == len(answer.zones):
            raise UnmissableError(f"nobody hears it: {'; '.join(unheard)}")
        for line in unheard:
            click.echo(f"unmissable: it is not heard everywhere: {line}", err=True)

    with_link(places, broker, credentials, around.listen, work)


@click.command()
@config
@talk
@click.option("--zone", "zones", multiple=True, required=True, metavar="ZONE", help="Where; may be given again.")
@click.option("--mute", is_flag=True, help="No sound at all, bells and calls neither.")
@click.option("--volume", type=click.IntRange(0, 100), metavar="N", help="The music at another volume, 0 to 100.")
@click.option("--end", is_flag=True, help="Back to the programme, now.")
@click.option(
    "--for", "minutes", type=click.IntRange(1, _MOST_MINUTES), metavar="MINUTES", help="Default: until midnight."
)
def hold(
    places: Places,
    broker: str | None,
    credentials: Path | None,
    zones: tuple[str, ...],
    mute: bool,
    volume: int | None,
    end: bool,
    minutes: int | None,
) -> None:
    """Mute zones, or give them another volume, for some minutes or until the end of the day."""
    if mute + (volume is not None) + end != 1:
        raise WrongUse("name one of --mute, --volume N and --end")
    if end and minutes is not None:
        raise WrongUse("--end ends the hold now; leave out --for")
    around = _Around()

    async def work(link: Link) -> None:
        async with at_school_time(link) as (clock, asker):
            until = instant_of(clock.unix_s() + minutes * 60) if minutes is not None else None
            body = _body(HoldAsk, zones=zones, mute=mute, volume=volume, until=until)
            answer = await ask_scheduler(asker, HOLD, body)
        await while_(lambda: any(zone not in around.programmes for zone in answer.zones), LISTEN_S)
        for zone in answer.zones:
            if answer.until is None:
                click.echo(f"{zone}: back to the programme")
            else:
                click.echo(f"{zone}: {around.held(zone, volume)} until {around.wall_clock(answer.until, '%H:%M')}")

    with_link(places, broker, credentials, around.listen, work)


def _list_calls(places: Places) -> None:
    """Say each call of the timetable with its sound, and why it cannot be made if that is so."""
    from scheduler.call_sounds import not_callable
    from scheduler.errors import LibraryError
    from scheduler.tracks import Library
    from unmissable.commands.timetable import library_of, timetable_of

    timetable = timetable_of(places)
    try:
        library = library_of(places, timetable) or Library()
    except LibraryError as wrong:
        raise UnmissableError(str(wrong)) from None
    for sound in timetable.calls.values():
        why = not_callable(library, sound)
        click.echo(f"{sound.name}: {sound.sound if why is None else f'not ready: {why}'}")
    if not timetable.calls:
        click.echo("the timetable has no calls; write them under calls:, such as  calls: {lunch: calls/lunch.ogg}")


def _body(kind: type[B], **fields: object) -> B:
    """A request's body; raises WrongUse for what cannot be the name of anything."""
    try:
        return kind.model_validate(fields)
    except ValidationError as wrong:
        first = wrong.errors(include_url=False)[0]
        raise WrongUse(f"{first['input']!r}: should be 1 to 32 of a-z, 0-9 and -") from None


@dataclasses.dataclass
class _Around:
    """What is retained at the broker around a call or a hold, by zone or speaker."""

    programmes: dict[str, Programme] = dataclasses.field(default_factory=dict)
    holds: dict[str, Hold] = dataclasses.field(default_factory=dict)
    speakers: dict[str, SpeakerState] = dataclasses.field(default_factory=dict)
    silence: dict[str, Silence] = dataclasses.field(default_factory=dict)
    calendar: dict[str, Calendar] = dataclasses.field(default_factory=dict)

    def listen(self, link: Link) -> None:
        """Note all of it."""
        _note(link, link.topics.programme(), Programme, self.programmes)
        _note(link, link.topics.hold(), Hold, self.holds)
        _note(link, link.topics.speaker(), SpeakerState, self.speakers)
        _note(link, link.topics.silence, Silence, self.silence)
        _note(link, link.topics.calendar, Calendar, self.calendar)

    def wall_clock(self, at: dt.datetime, form: str) -> str:
        """An instant as the school's clocks show it; as this machine's do while the school's zone is not heard."""
        calendar = next(iter(self.calendar.values()), None)
        return f"{at.astimezone(ZoneInfo(calendar.timezone) if calendar is not None else None):{form}}"

    def held(self, zone: str, volume: int | None) -> str:
        """What a hold makes of a zone."""
        if volume is None:
            return "muted"
        programme = self.programmes.get(zone)
        if programme is not None and programme.limit < volume:
            return f"volume {programme.limit}, its limit,"
        return f"volume {volume}"

    def unheard(self, zones: Iterable[str], now: dt.datetime) -> Iterator[str]:
        """For each zone in which a call is not heard, why."""
        silence = next(iter(self.silence.values()), None)
        online = {state.zone for state in self.speakers.values() if state.online}
        for zone in zones:
            held = self.holds.get(zone)
            if silence is not None and silence.on:
                yield f"{zone} is silenced with the school by {silence.by}"
            elif held is not None and held.mute and now < held.until:
                yield f"{zone} is muted until {self.wall_clock(held.until, '%H:%M')}"
            elif zone not in online:
                yield f"{zone} has no speaker that is there"


def _note(link: Link, topic: str, kind: type[M], into: dict[str, M]) -> None:
    """Have the newest message of each topic of a filter noted by the topic's last level."""

    def hear(heard: Heard[M]) -> None:
        if heard.message is not None:
            into[heard.tail[-1]] = heard.message

    link.listen(topic, kind, hear)
