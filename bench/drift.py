"""Part `drift`: two sound cards whose crystals are 500 ppm apart, ours and Snapcast on the same two cards.

Three stretches of each: the first seconds of programs that are started in the middle of a track, when nothing is known
of the crystals; music that has played on for a minute; and starts after silence. The cards are simulated, and the meter
is checked on them first: a known player that follows no crystal must drift apart as the crystals do.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import time
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from bench.calibrating import ATTEMPTS, play_known
from bench.figures import number, spread_of_sizes, times
from bench.meter import Heard, Rooms, Span, first_sound_s, hear, hear_all
from bench.music import LOSSLESS
from bench.ours import NAMES, Speakers
from bench.report import Table
from bench.run import Run
from bench.school import Piece, school
from bench.skew import FROM_S, MUSIC_S, OURS, SLOT_S, SNAPCAST, TO_S
from bench.snapcast import Snapcast
from tests.cards import Cards, drifting_cards
from tests.waiting import until

PPMS = (250.0, -250.0)
APART_PPM = PPMS[0] - PPMS[1]
CLOSE_PPM = 20.0
"""The meter is refused when it sees the known player drift apart by another pace than that, or..."""
CLOSE_MS = 3.0
"""...when it begins so far apart: one block of a simulated card is 23 ms, and a lost one would be seen."""
BEGINS_S = 10.0
FADED_S = 0.35
WARM_UP_S = 60.0
STEADY_S = 60.0
LONG_S = WARM_UP_S + STEADY_S + 5.0
BETWEEN_S = 4.0
JUMP_MS = 5.0
"""What a room moves by between two looks beyond this is heard; drift moves it by 0.06 ms."""


@dataclasses.dataclass(frozen=True)
class Drifted:
    """One system: its first seconds, its steady music, its starts; `timed` if it has a programme to be late for."""

    system: str
    begins: tuple[Heard, ...]
    steady: tuple[Heard, ...]
    starts: tuple[Heard, ...]
    timed: bool


async def measure(run: Run) -> list[Table]:
    """Check the meter on the cards, then measure both systems on them."""
    with drifting_cards(run.place("cards") / "pa", PPMS) as cards:
        on_cards = dataclasses.replace(run, pulse=cards.pulse)
        apart_ppm = await _check(on_cards, cards)
        run.say(f"drift: the meter is good: a known player drifts apart by {apart_ppm:.0f} ppm")
        played: list[Drifted] = []
        for system in (_ours, _snapcast):
            run.say(f"drift: {system.__name__[1:]}")
            one = await system(on_cards, cards)
            run.notes[f"drift/{one.system}"] = {
                "begins": [_raw(heard) for heard in one.begins],
                "steady": [_raw(heard) for heard in one.steady],
                "starts": [_raw(heard) for heard in one.starts],
            }
            played.append(one)
    return [drift_table(played, apart_ppm)]


def drift_table(played: Sequence[Drifted], apart_ppm: float) -> Table:
    """A row for each stretch of each system, beside the same stretch of Snapcast."""
    rows: list[tuple[str, ...]] = []
    peers = next((one for one in played if one.system == SNAPCAST), None)
    for stretch, of in _STRETCHES.items():
        beside = None if peers is None else _skews(of(peers))
        for one in played:
            rows.append(_row(f"{one.system}, {stretch}", one, of(one), beside if one is not peers else None))
    return Table(
        f"Skew between two cards whose crystals are {APART_PPM:g} ppm apart",
        f"Two simulated cards that take frames at {PPMS[0]:+g} and {PPMS[1]:+g} ppm, their recordings laid on true "
        f"time; a known player that follows no crystal drifts apart by {apart_ppm:.0f} ppm in them. *First seconds*: "
        f"the programs are started in the middle of a track; from {FADED_S:g} s behind the first sound in both rooms, "
        f"for {BEGINS_S:g} s. *Steady*: {STEADY_S:g} s of music that has played on for a minute. *Starts*: as on the "
        f"quiet machine. *Jumps*: how often a room moved by more than {JUMP_MS:g} ms between two looks.",
        (
            "player",
            "looks",
            "median",
            "p95",
            "max",
            "p95 beside Snapcast",
            "error median",
            "error p95",
            "jumps",
            "lost",
        ),
        tuple(rows),
    )


_STRETCHES: dict[str, Callable[[Drifted], tuple[Heard, ...]]] = {
    "first seconds": lambda one: one.begins,
    "steady": lambda one: one.steady,
    "starts": lambda one: one.starts,
}


def _row(name: str, one: Drifted, heard: Sequence[Heard], beside: Sequence[float] | None) -> tuple[str, ...]:
    lost, skews = str(sum(span.missed for span in heard)), _skews(heard)
    if not skews:
        return (name, "0", *["-"] * 7, lost)
    found = spread_of_sizes(skews)
    ratio = times(found.p95, spread_of_sizes(beside).p95) if beside else "-"
    late = ("-", "-")
    if one.timed:
        errors = spread_of_sizes(ms for span in heard for look in span.looks for ms in (look.east_ms, look.west_ms))
        late = (number(errors.median), number(errors.p95))
    figures = (number(found.median), number(found.p95), number(found.worst), ratio, *late)
    return (name, str(found.count), *figures, str(sum(jumps(span) for span in heard)), lost)


def jumps(heard: Heard) -> int:
    """How often a room moved between two looks as only a jump moves it."""
    rooms = ([look.east_ms for look in heard.looks], [look.west_ms for look in heard.looks])
    return sum(int((np.abs(np.diff(late_ms)) > JUMP_MS).sum()) for late_ms in rooms)


def _skews(heard: Sequence[Heard]) -> list[float]:
    return [look.skew_ms for span in heard for look in span.looks]


def _raw(one: Heard) -> dict[str, object]:
    return {
        "at_s": [round(look.unix_s - one.span.second_0_unix_s, 3) for look in one.looks],
        "east_ms": [round(look.east_ms, 4) for look in one.looks],
        "west_ms": [round(look.west_ms, 4) for look in one.looks],
        "missed": one.missed,
    }


@contextlib.contextmanager
def _listening(cards: Cards) -> Iterator[list[Rooms]]:
    heard: list[Rooms] = []
    cards.begin()
    try:
        yield heard
    finally:
        east, west = (take.on_true_time() for take in cards.end())
        heard.append(Rooms(east, west, (0.0, 0.0)))


async def _check(run: Run, cards: Cards) -> float:
    """By how many ppm a known player is seen to drift apart; raises ValueError when the meter does not see it."""
    tune = run.tunes.short["wav"]
    seen: list[str] = []
    for _ in range(ATTEMPTS):
        with _listening(cards) as rooms:
            second_0_s = await play_known(cards.pulse, run.started, tune.path)
        looks = hear(rooms[0], Span(tune.sound, second_0_s, 0.5, 4.0)).looks
        if len(looks) < 8:
            seen.append("no sound")
            continue
        slope, start_ms = np.polyfit([look.unix_s - second_0_s for look in looks], [look.skew_ms for look in looks], 1)
        if abs(slope * 1e3 - APART_PPM) < CLOSE_PPM and abs(start_ms) < CLOSE_MS:
            return float(slope) * 1e3
        seen.append(f"{slope * 1e3:.0f} ppm from {start_ms:.1f} ms on")
    raise ValueError(f"on drifting cards a known player reads {', '.join(seen)}, not {APART_PPM:g} ppm")


async def _ours(run: Run, cards: Cards) -> Drifted:
    long, short = run.tunes.long, run.tunes.short[LOSSLESS]
    async with school(run.place("school-drift")) as one:
        speakers = Speakers(one, run.started, run.pulse)
        second_0_s = round(time.time(), 3)
        end_s = second_0_s + LONG_S
        starts = [round(end_s + BETWEEN_S + place * SLOT_S, 3) for place in range(run.starts)]
        one.publish([Piece(long, second_0_s, end_s), *(Piece(short, at_s, at_s + MUSIC_S) for at_s in starts)])
        with _listening(cards) as rooms:
            begun_s = time.time()
            speakers.start_all()
            try:
                await until(lambda: one.ready(*NAMES), 20.0, "our speakers, with all tracks")
                await asyncio.sleep(starts[-1] + SLOT_S - time.time())
            finally:
                speakers.stop_all()
    spans = [Span(short.sound, at_s, FROM_S, TO_S) for at_s in starts]
    music = Span(long.sound, second_0_s, 0.0, LONG_S)
    return await asyncio.to_thread(_drifted, OURS, rooms[0], music, begun_s, spans)


async def _snapcast(run: Run, cards: Cards) -> Drifted:
    long, short = run.tunes.long_wav, run.tunes.short["wav"]
    snapcast = Snapcast(run.place("snapcast-drift"), run.started, run.pulse)
    feeding: asyncio.Task[float] | None = None
    spans: list[Span] = []
    try:
        await snapcast.start()
        second_0_s = time.time() + 1.0
        feeding = asyncio.create_task(snapcast.feed(long.sound[: round(LONG_S * 44_100)]))
        await asyncio.sleep(2.0)
        for room in range(len(NAMES)):
            snapcast.kill_client(room)
        with _listening(cards) as rooms:
            begun_s = time.time()
            for room in range(len(NAMES)):
                snapcast.start_client(room)
            await asyncio.sleep(second_0_s + LONG_S + BETWEEN_S - time.time())
            await feeding
            for _ in range(run.starts):
                next_s = time.time() + SLOT_S
                spans.append(
                    Span(short.sound, await snapcast.feed(short.sound[: round(MUSIC_S * 44_100)]), FROM_S, TO_S)
                )
                await asyncio.sleep(max(0.0, next_s - time.time()))
            await asyncio.sleep(1.5)
    finally:
        await snapcast.stop()
        if feeding is not None:
            await feeding
    music = Span(long.sound, second_0_s, 0.0, LONG_S)
    return await asyncio.to_thread(_drifted, SNAPCAST, rooms[0], music, begun_s, spans)


def _drifted(system: str, rooms: Rooms, music: Span, begun_s: float, spans: Sequence[Span]) -> Drifted:
    second_0_s, end_s = music.second_0_unix_s, music.to_s
    firsts = [first_sound_s(room, begun_s, BEGINS_S) for room in (rooms.east, rooms.west)]
    begins: list[Heard] = []
    if firsts[0] is not None and firsts[1] is not None:
        from_s = max(firsts[0], firsts[1]) + FADED_S - second_0_s
        begins.append(hear(rooms, dataclasses.replace(music, from_s=from_s, to_s=from_s + BEGINS_S)))
    steady = hear(rooms, dataclasses.replace(music, from_s=end_s - 1.0 - STEADY_S, to_s=end_s - 1.0))
    return Drifted(system, tuple(begins), (steady,), tuple(hear_all(rooms, spans)), system == OURS)
