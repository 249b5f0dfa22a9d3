"""The demo, run: for people in a terminal with the kiosk, or headless with a story that taps and picks by itself."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import os
import shutil
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from unmissable.demo_config import CLASSROOM, DJ_CARDS, SITE, Demo, make_demo
from unmissable.enrolling import DESK, kiosk_user
from unmissable.errors import UnmissableError, WrongUse
from unmissable.house import House
from unmissable.narrator import Happened, Narrator
from unmissable.running import CHILD, stop_on_signals
from wire.asking import Asker
from wire.cards import card_hash
from wire.clock import HeardClock, follow
from wire.errors import WireError
from wire.link import Link
from wire.requests import (
    OPEN,
    PICK,
    ROSTER,
    TAP,
    TRACKS,
    TURN,
    ApprovedTrack,
    Nothing,
    OpenAsk,
    PickAsk,
    RosterAnswer,
    RosterAsk,
    TapAsk,
    TracksAsk,
)

LEAD_S = 55.0
SHORTEST_S = 30.0
LAST_S = 12.0
"""So long before its end a headless demo's School DJ set begins: until then a slow machine has time to start."""
HINT = f"type {DJ_CARDS['break']} Enter: today's DJ · {DJ_CARDS['lunch']} Enter: at lunch · ctrl-C leaves"
_TAPS = 12


@contextlib.asynccontextmanager
async def _running_school(lead_s: float, output: str, say: Callable[[str], None]) -> AsyncIterator[tuple[Demo, House]]:
    """A demo school, up, in a temporary folder that is gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="unmissable-demo-"))
    _keep_sound_files_in(folder)
    try:
        demo = await asyncio.to_thread(make_demo, folder, lead_s)
        house = House(demo.places, output=output, say=say)
        try:
            await house.start()
            yield demo, house
        finally:
            await house.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _keep_sound_files_in(folder: Path) -> None:
    """Where nobody is signed in, PulseAudio's library makes itself a folder in /tmp: give it one in ours.

    Not where it may find a server by its own places.
    """
    known = any(name in os.environ for name in ("XDG_RUNTIME_DIR", "PULSE_RUNTIME_PATH", "PULSE_SERVER"))
    if not known and not any((Path.home() / ".config" / "pulse").glob("*-runtime")):
        os.environ["PULSE_RUNTIME_PATH"] = str(folder / "pulse")


async def show(output: str, say: Callable[[str], None]) -> int:
    """The demo in this terminal: the kiosk of a class, until ctrl-C or a signal; the kiosk's exit status."""
    stop = asyncio.Event()
    stop_on_signals(stop)
    say("Setting up a made-up school: its music starts in a few seconds.")
    async with _unless(stop, _running_school(LEAD_S, output, lambda _line: None)) as (demo, house):
        user = kiosk_user(CLASSROOM)
        kiosk = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "unmissable",
            "kiosk",
            "--config",
            str(demo.places.config),
            "--classroom",
            CLASSROOM,
            "--broker",
            str(house.broker.address),
            "--credentials",
            str(demo.places.credentials_file(user)),
            "--hint",
            HINT,
            "--demonstration",
            env={**os.environ, CHILD: str(os.getpid())},
        )
        ended, stopped = asyncio.create_task(kiosk.wait()), asyncio.create_task(stop.wait())
        await asyncio.wait({ended, stopped}, return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        if not ended.done():
            kiosk.terminate()
        return await ended


@contextlib.asynccontextmanager
async def _unless(
    stop: asyncio.Event, school: contextlib.AbstractAsyncContextManager[tuple[Demo, House]]
) -> AsyncIterator[tuple[Demo, House]]:
    """Enter a school; its making goes to its end even when a signal comes meanwhile, so that it can be undone."""
    async with school as running:
        if stop.is_set():
            raise UnmissableError("stopped before the demo began")
        yield running


@dataclasses.dataclass
class _Story:
    """What the headless demo does by itself: pupils tap in, today's School DJ picks."""

    asker: Asker
    clock: HeardClock
    say: Callable[[str], None]
    taps: int = 0
    picked: tuple[ApprovedTrack, ...] = ()

    async def tell(self) -> None:
        """Tap a dozen pupils in and take the School DJ's turn; raises WireError when it is refused."""
        roster = await self.asker.ask(ROSTER, RosterAsk(classroom=CLASSROOM), wait_s=20)
        wanted = card_hash(DJ_CARDS["break"], roster.salt)
        dj = next(pupil for pupil in roster.pupils if wanted in pupil.card_hashes)
        others = [pupil for pupil in roster.pupils if pupil is not dj]
        for pupil in (dj, *others[: _TAPS - 1]):
            by = "card" if pupil is dj else "touch"
            answer = await self.asker.ask(TAP, TapAsk(pupil=pupil.id, at=self.clock.now(), by=by), wait_s=10)
            self.taps += 1
            more = f", School DJ at {answer.dj_slot}" if answer.dj_slot else ""
            self.say(f"tap: {pupil.picture} {pupil.first_name} checks in by {by}{more}")
        await self._pick(roster, dj.id, wanted)

    async def _pick(self, roster: RosterAnswer, dj: str, card: str) -> None:
        opened = await self.asker.ask(OPEN, OpenAsk(pupil=dj, card=card))
        turn = await self.asker.ask(TURN, Nothing(), session=opened.session)
        if not turn.offers:
            raise UnmissableError(f"no School DJ turn was offered to a pupil of {roster.name} who is in")
        offer = turn.offers[0]
        tracks = (await self.asker.ask(TRACKS, TracksAsk())).tracks
        picked = tuple(sorted(tracks, key=lambda track: -len(track.title))[:2])
        await self.asker.ask(
            PICK,
            PickAsk(date=offer.date, slot=offer.slot, picks=tuple(track.id for track in picked)),
            session=opened.session,
        )
        self.picked = picked
        self.say(f"turn: {', '.join(track.title for track in picked)} picked for {offer.slot}")


async def headless(for_s: float, output: str, say: Callable[[str], None]) -> int:
    """The demo without a terminal, for about `for_s` seconds; 0 only if everything happened that should."""
    if for_s < SHORTEST_S:
        raise WrongUse(f"--for {for_s:g}: should be {SHORTEST_S:g} s or more, so that everything can happen")
    began = time.monotonic()
    stop = asyncio.Event()
    stop_on_signals(stop)

    def line(text: str) -> None:
        say(f"{time.monotonic() - began:5.1f} s  {text}")

    line("a made-up school of 100 pupils is set up")
    async with _unless(stop, _running_school(min(LEAD_S, for_s - LAST_S), output, line)) as (demo, house):
        desk = _link(house, DESK)
        kiosk = _link(house, kiosk_user(CLASSROOM))
        narrator = Narrator(desk, line)
        clock = HeardClock()
        asker = Asker(kiosk, clock.unix_s)
        story = _Story(asker, clock, line)
        await desk.start()
        await kiosk.start()
        following = asyncio.create_task(follow(clock, asker))
        telling = asyncio.create_task(story.tell())
        try:
            await _until(began + for_s, stop)
        finally:
            for task in (telling, following):
                task.cancel()
            wrong = (await asyncio.gather(telling, following, return_exceptions=True))[0]
            await kiosk.stop()
            await desk.stop()
    if isinstance(wrong, WireError | UnmissableError):
        line(f"wrong: {wrong}")
    return _summary(narrator.happened, story, demo, line)


def _summary(happened: Happened, story: _Story, demo: Demo, say: Callable[[str], None]) -> int:
    dj_set = f"{demo.date.isoformat()}/break"
    first_pick = story.picked[0].id if story.picked else ""
    expected = {
        "the office and the scheduler ran": {"office", "scheduler"} <= happened.programs,
        "two speakers were there": len(happened.speakers) == 2,
        "drop-off and break started": {f"{demo.date.isoformat()}/drop-off", dj_set} <= happened.slots,
        "pupils tapped in": story.taps == _TAPS,
        "the School DJ picked": happened.turns > 0 and bool(story.picked),
        "the programme was revised": happened.revisions > 0,
        "the DJ's pick played on both speakers": all(
            (speaker, dj_set, first_pick) in happened.played for speaker in happened.speakers
        ),
    }
    missing = [what for what, done in expected.items() if not done]
    say(
        f"summary: {len(happened.slots)} slots, {happened.tracks} track starts on {len(happened.speakers)} speakers, "
        f"{story.taps} taps, {happened.turns} DJ turns, {happened.revisions} programmes revised: "
        + ("everything happened" if not missing else f"missing: {'; '.join(missing)}")
    )
    return 1 if missing else 0


def _link(house: House, user: str) -> Link:
    assert house.broker.address is not None, "the house is up"
    return Link(broker=house.broker.address, credentials=house.broker.credentials(user), site=SITE, client="demo")


async def _until(deadline_s: float, stop: asyncio.Event) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(max(0.0, deadline_s - time.monotonic())):
            await stop.wait()
