"""A short look at the school's broker for a command: what is retained there, and a link to work with."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import datetime as dt
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path
from typing import TypeVar

from unmissable.commands.options import broker_of, credentials_of
from unmissable.enrolling import DESK
from unmissable.errors import UnmissableError, WrongUse
from unmissable.places import Places
from wire.address import BrokerAddress, Credentials
from wire.asking import Asker
from wire.clock import HeardClock, follow
from wire.errors import NoAnswer, PayloadError, Refused
from wire.link import Heard, Link
from wire.programme import Programme, Turn
from wire.requests import AnswerBody, AskBody, Verb
from wire.values import Message

CONNECT_S = 5.0
LISTEN_S = 0.6
"""Retained state is there at once on a healthy network; nothing says when the last of it came."""

CLOCK_S = 2.0
_WRONG_NAMES = ("no-call", "no-zone")

M = TypeVar("M", bound=Message)
Prepare = Callable[[Link], None]
Work = Callable[[Link], Awaitable[None]]


def with_link(
    places: Places,
    broker: str | None,
    credentials: Path | None,
    prepare: Prepare,
    work: Work,
) -> None:
    """Do some work over a link of the desk's user; raises UnmissableError when the broker is not reached."""
    site = places.enrolled().site
    address = broker_of(broker, places)  # before the secret, which is made when the broker first starts
    secret = credentials_of(credentials, places, DESK)
    asyncio.run(_with_link(address, secret, site, prepare, work))


async def _with_link(address: BrokerAddress, secret: Credentials, site: str, prepare: Prepare, work: Work) -> None:
    link = Link(broker=address, credentials=secret, site=site, client=f"command-{secrets.token_hex(4)}")
    prepare(link)
    await link.start()
    try:
        if not await link.wait_connected(CONNECT_S):
            raise UnmissableError(link.fault or f"nothing answers at {address}; is the school up? unmissable up")
        await work(link)
    finally:
        await link.stop()


def retained(
    places: Places, broker: str | None, credentials: Path | None, topic: Callable[[Link], str], kind: type[M]
) -> dict[str, M]:
    """The retained messages of a topic filter, by the topics' last level; raises UnmissableError."""
    found: dict[str, M] = {}

    def prepare(link: Link) -> None:
        link.listen(topic(link), kind, lambda heard: note(found, heard, heard.tail[-1]))

    with_link(places, broker, credentials, prepare, listen_a_while)
    return found


async def listen_a_while(_link: Link) -> None:
    """Hear what is retained."""
    await asyncio.sleep(LISTEN_S)


def note(found: dict[str, M], heard: Heard[M], key: str) -> None:
    """Keep what was heard under a key."""
    if heard.message is not None:
        found[key] = heard.message


@contextlib.asynccontextmanager
async def at_school_time(link: Link) -> AsyncIterator[tuple[HeardClock, Asker]]:
    """The school's clock, heard from the scheduler, and who asks by it; without a scheduler this machine's must do."""
    clock = HeardClock()
    asker = Asker(link, clock.unix_s)
    following = asyncio.create_task(follow(clock, asker))
    try:
        await while_(lambda: not clock.known, CLOCK_S)
        yield clock, asker
    finally:
        following.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await following


async def ask_scheduler(asker: Asker, verb: Verb[AskBody, AnswerBody], body: AskBody) -> AnswerBody:
    """The scheduler's answer; raises WrongUse for a name that it does not know, UnmissableError for any other no."""
    try:
        return await asker.ask(verb, body)
    except Refused as no:
        raise (WrongUse if no.reason in _WRONG_NAMES else UnmissableError)(no.message) from None
    except NoAnswer:
        raise UnmissableError("the scheduler does not answer; see: unmissable status") from None
    except PayloadError as wrong:
        raise UnmissableError(str(wrong)) from None


async def while_(condition: Callable[[], bool], most_s: float) -> None:
    """Wait while a condition holds, at most so long."""
    deadline = asyncio.get_running_loop().time() + most_s
    while condition() and asyncio.get_running_loop().time() < deadline:
        await asyncio.sleep(0.02)


@dataclasses.dataclass(frozen=True)
class KnownDay:
    """What the broker holds of the coming days; `note` says why it may be less than there is."""

    turns: Mapping[tuple[dt.date, str], Turn] = dataclasses.field(default_factory=dict)
    programmes: tuple[Programme, ...] = ()
    note: str = ""


def day_on_the_wire(places: Places, broker: str | None, credentials: Path | None, today: dt.date) -> KnownDay:
    """The School DJ turns and the published programmes; without a school that is up, nothing and a note."""
    if broker is None and not (places.enrolment.exists() and (places.broker / "port").exists()):
        return KnownDay()
    turns: dict[str, Turn] = {}
    programmes: dict[str, Programme] = {}

    def prepare(link: Link) -> None:
        link.listen(link.topics.turns, Turn, lambda heard: note(turns, heard, "/".join(heard.tail[1:])))
        link.listen(link.topics.programme(), Programme, lambda heard: note(programmes, heard, heard.tail[-1]))

    try:
        with_link(places, broker, credentials, prepare, listen_a_while)
    except UnmissableError as away:
        return KnownDay(note=f"School DJ picks are not in this: {away}")
    current = {(turn.date, turn.slot): turn for turn in turns.values() if turn.date >= today}
    return KnownDay(current, tuple(programmes.values()))
