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
SLOT_S = 4.0
FROM_S, TO_S = 0.25, MUSIC_S - 0.1
"""Looked at behind the fade that a set begins with, and up to the one that it ends with."""
SETTLED_S = 4.0
OURS, SNAPCAST, MPD, MPV = "ours", "Snapcast", "MPD", "mpv"
QUIET, BUSY = "quiet machine", "every core busy"


@dataclasses.dataclass(frozen=True)
class Played:
    """All starts of one system in one situation."""

    system: str
    situation: str
    starts: tuple[Heard, ...]


async def measure(run: Run) -> list[Table]:
    """Measure all systems in both situations."""
    played: list[Played] = []
    codecs: list[Heard] = []
    for situation in (QUIET, BUSY):
        for system, starts in (
            (OURS, _ours),
            (SNAPCAST, _snapcast),
            (MPD, _mpd),
            (MPV, _mpv),
        ):
            run.say(f"skew: {system}, {situation}")
            heard = await starts(run, situation == BUSY)
            if system == OURS and situation == QUIET:
                codecs = heard
                heard = [one for one in heard if one.span.kind == LOSSLESS]
            played.append(Played(system, situation, tuple(heard)))
            run.notes[f"skew/{system}/{situation}"] = [_raw(one) for one in heard]
    run.notes["skew/codecs"] = [_raw(one) for one in codecs]
    return [skew_table(played), codec_table(codecs)]


def skew_table(played: Sequence[Played]) -> Table:
    """One row for each system and situation, beside Snapcast in the same situation."""
    medians = {
        one.situation: spread_of_sizes(_skews(one.starts)) for one in played if one.system == SNAPCAST and one.starts
    }
    rows: list[tuple[str, ...]] = []
    for one in played:
        skews = _skews(one.starts)
        if not skews:
            rows.append((one.system, one.situation, f"0 of {len(one.starts)}", *["-"] * 6))
            continue
        found, peer = spread_of_sizes(skews), medians.get(one.situation)
        beside = (
            (times(found.median, peer.median), times(found.p95, peer.p95))
            if peer is not None and one.system != SNAPCAST
            else ("-", "-")
        )
        sounded = sum(1 for start in one.starts if start.looks)
        lost = sum(start.missed for start in one.starts)
        figures = (number(found.median), number(found.p95), number(found.worst))
        rows.append((one.system, one.situation, f"{sounded} of {len(one.starts)}", *figures, *beside, str(lost)))
    return Table(
        "Skew between two rooms",
        "Starts after silence, 2.5 s of music each, looked at from 0.25 s on. Ours: two `unmissable speaker`, a real "
        "Mosquitto, tracks over HTTP, the clock by question and answer, the programme published ahead. Snapcast: one "
        "server fed with the same PCM by a pipe that is idle between the starts, two clients. MPD: two instances told "
        "`play` at the same instant. mpv: two, pre-rolled and let go at the same instant. *Every core busy*: one endless "
        "loop of normal niceness for each core. *Lost*: looks at which one of the rooms did not sound the track.",
        (
            "player",
            "situation",
            "starts heard",
            "skew median",
            "p95",
            "max",
            "median beside Snapcast",
            "p95 beside Snapcast",
            "lost",
        ),
        tuple(rows),
    )


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
        ("file", "starts heard", "error median", "p95", "median with its sign"),
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
        snapcast.stop()
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
