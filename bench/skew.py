"""Part `skew`: many starts after silence in two rooms, ours and the peers', on a quiet machine and on a busy one."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence

from bench.children import busy_cores
from bench.figures import number, spread, spread_of_sizes, times
from bench.meter import Heard, Span, hear_all, listening
from bench.mpd import Mpd
from bench.mpv import Mpv
from bench.music import LOSSLESS
from bench.ours import NAMES, Speakers
from bench.report import Table
from bench.run import Run
from bench.school import Piece, school
from bench.snapcast import Snapcast
from tests.waiting import until

MUSIC_S = 2.5
SLOT_S = 3.5
FROM_S, TO_S = 0.25, MUSIC_S - 0.1
"""Looked at behind the fade that a set begins with, and up to the one that it ends with."""
SETTLED_S = 4.0
OURS, SNAPCAST, MPD, MPV = "ours", "Snapcast", "MPD", "mpv"
QUIET, BUSY = "quiet machine", "every core busy"


@dataclasses.dataclass(frozen=True)
class Played:
    """All starts of one system."""

    system: str
    starts: tuple[Heard, ...]


async def measure_quiet(run: Run) -> list[Table]:
    """All systems on the machine as it is, and ours with every kind of file."""
    played = await _all_systems(run, busy=False)
    ours = played[0].starts
    lossless = tuple(one for one in ours if one.span.kind == LOSSLESS)
    return [skew_table(QUIET, [Played(OURS, lossless), *played[1:]]), codec_table(ours)]


async def measure_busy(run: Run) -> list[Table]:
    """All systems while every core is kept busy."""
    return [skew_table(BUSY, await _all_systems(run, busy=True))]


async def _all_systems(run: Run, *, busy: bool) -> list[Played]:
    situation = BUSY if busy else QUIET
    played: list[Played] = []
    for system, starts in ((OURS, _ours), (SNAPCAST, _snapcast), (MPD, _mpd), (MPV, _mpv)):
        run.say(f"skew: {system}, {situation}")
        heard = await starts(run, busy)
        run.notes[f"skew/{system}/{situation}"] = [_raw(one) for one in heard]
        played.append(Played(system, tuple(heard)))
    return played


def skew_table(situation: str, played: Sequence[Played]) -> Table:
    """One row for each system, beside Snapcast."""
    peer = next((skews for one in played if one.system == SNAPCAST and (skews := _skews(one.starts))), None)
    beside = None if peer is None else spread_of_sizes(peer)
    rows: list[tuple[str, ...]] = []
    for one in played:
        skews = _skews(one.starts)
        sounded = sum(1 for start in one.starts if start.looks)
        lost = str(sum(start.missed for start in one.starts))
        heard = f"{sounded} of {len(one.starts)}"
        if not skews:
            rows.append((one.system, heard, *["-"] * 5, lost))
            continue
        found = spread_of_sizes(skews)
        ratios = ("-", "-")
        if beside is not None and one.system != SNAPCAST:
            ratios = (times(found.median, beside.median), times(found.p95, beside.p95))
        rows.append((one.system, heard, number(found.median), number(found.p95), number(found.worst), *ratios, lost))
    return Table(
        f"Skew between two rooms: {situation}",
        f"Starts after silence, {MUSIC_S:g} s of music each, looked at from {FROM_S:g} s on. {_HOW[situation]} *Beside "
        "Snapcast*: the row's figure as so many times Snapcast's. *Lost*: looks at which a room did not sound it.",
        ("player", "starts heard", "median", "p95", "max", "median beside Snapcast", "p95 beside Snapcast", "lost"),
        tuple(rows),
    )


_HOW = {
    QUIET: "Ours: two `unmissable speaker`, a real Mosquitto, tracks over HTTP, the clock by question and answer, the "
    "programme published ahead. Snapcast: one server, fed with the same PCM by a pipe that is idle between the starts, "
    "and two clients. MPD: two instances told `play` at the same instant. mpv: two, pre-rolled and let go at the same "
    "instant.",
    BUSY: "The same players, beside one endless loop of normal niceness for each core.",
}


def codec_table(starts: Sequence[Heard]) -> Table:
    """Our error against the programme's instant, for each kind of file."""
    rows: list[tuple[str, ...]] = []
    for kind in dict.fromkeys(one.span.kind for one in starts):
        of_kind = [one for one in starts if one.span.kind == kind]
        errors = [error for one in of_kind for look in one.looks for error in (look.east_ms, look.west_ms)]
        if not errors:
            rows.append((kind, f"0 of {len(of_kind)}", "-", "-", "-"))
            continue
        sizes, signed = spread_of_sizes(errors), spread(errors)
        sounded = sum(1 for one in of_kind if one.looks)
        cells = (number(sizes.median), number(sizes.p95), f"{signed.median:+.2f}")
        rows.append((kind, f"{sounded} of {len(of_kind)}", *cells))
    return Table(
        "Error of our speakers against the programme's instant",
        "On the quiet machine, both rooms, by the kind of file (as ffmpeg encodes it). With its sign, + is late.",
        ("file", "starts heard", "median", "p95", "median with its sign"),
        tuple(rows),
    )


def _skews(starts: Sequence[Heard]) -> list[float]:
    return [look.skew_ms for one in starts for look in one.looks]


def _raw(one: Heard) -> dict[str, object]:
    at_s = [round(look.unix_s - one.span.second_0_unix_s, 3) for look in one.looks]
    return {
        "kind": one.span.kind,
        "at_s": at_s,
        "east_ms": [round(look.east_ms, 4) for look in one.looks],
        "west_ms": [round(look.west_ms, 4) for look in one.looks],
        "missed": one.missed,
    }


@contextlib.contextmanager
def _situation(run: Run, busy: bool) -> Iterator[None]:
    with busy_cores(run.started) if busy else contextlib.nullcontext():
        yield


async def _ours(run: Run, busy: bool) -> list[Heard]:
    others = [] if busy else [kind for kind in run.tunes.short if kind != LOSSLESS]
    kinds = [LOSSLESS] * run.starts + [kind for kind in others for _ in range(max(2, run.starts // 4))]
    async with school(run.place(f"school-{'busy' if busy else 'quiet'}")) as one:
        speakers = Speakers(one, run.started, run.pulse)
        one.serve(*run.tunes.short.values())
        speakers.start_all()
        try:
            first_s = round(time.time() + 8.0 + SETTLED_S, 3)
            starts = [first_s + number * SLOT_S for number in range(len(kinds))]
            one.publish(
                [Piece(run.tunes.short[kind], at_s, at_s + MUSIC_S) for kind, at_s in zip(kinds, starts, strict=True)]
            )
            await until(lambda: one.ready(*NAMES), 8.0, "our speakers, with all tracks")
            wanted = min(4, len(set(kinds)))
            await until(lambda: all(speakers.decoded(name) >= wanted for name in NAMES), 8.0, "the decoded tracks")
            with _situation(run, busy):
                await asyncio.sleep(first_s - 1.0 - time.time())
                with listening(run.pulse) as rooms:
                    await asyncio.sleep(starts[-1] + SLOT_S - time.time())
        finally:
            speakers.stop_all()
    spans = [
        Span(run.tunes.short[kind].sound, at_s, FROM_S, TO_S, kind) for kind, at_s in zip(kinds, starts, strict=True)
    ]
    return await asyncio.to_thread(hear_all, rooms[0], spans)


async def _snapcast(run: Run, busy: bool) -> list[Heard]:
    tune = run.tunes.short["wav"]
    snapcast = Snapcast(run.place("snapcast"), run.started, run.pulse)
    spans: list[Span] = []
    try:
        await snapcast.start()
        with _situation(run, busy):
            await asyncio.sleep(SETTLED_S)
            with listening(run.pulse) as rooms:
                for _ in range(run.starts):
                    next_s = time.time() + SLOT_S
                    second_0_s = await snapcast.feed(tune.sound[: round(MUSIC_S * 44_100)])
                    spans.append(Span(tune.sound, second_0_s, FROM_S, TO_S))
                    await asyncio.sleep(max(0.0, next_s - time.time()))
                await asyncio.sleep(1.5)
    finally:
        await snapcast.stop()
    return await asyncio.to_thread(hear_all, rooms[0], spans)


async def _mpd(run: Run, busy: bool) -> list[Heard]:
    mpd = Mpd(run.place("mpd"), run.started, run.pulse, run.tunes.short[LOSSLESS].path)
    return await _told(run, busy, mpd)


async def _mpv(run: Run, busy: bool) -> list[Heard]:
    mpv = Mpv(run.place("mpv"), run.started, run.pulse, run.tunes.short[LOSSLESS].path)
    return await _told(run, busy, mpv)


async def _told(run: Run, busy: bool, players: Mpd | Mpv) -> list[Heard]:
    tune = run.tunes.short[LOSSLESS]
    spans: list[Span] = []
    try:
        await players.start()
        with _situation(run, busy):
            await asyncio.sleep(SETTLED_S / 2)
            with listening(run.pulse) as rooms:
                for _ in range(run.starts):
                    at_s = time.time()
                    await players.play()
                    spans.append(Span(tune.sound, at_s, FROM_S, TO_S))
                    await _at(at_s + MUSIC_S, players.rest)
                    await asyncio.sleep(max(0.0, at_s + SLOT_S - time.time()))
    finally:
        players.stop()
    return await asyncio.to_thread(hear_all, rooms[0], spans)


async def _at(unix_s: float, call: Callable[[], Awaitable[None]]) -> None:
    await asyncio.sleep(max(0.0, unix_s - time.time()))
    await call()
