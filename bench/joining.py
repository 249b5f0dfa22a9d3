"""Part `join`: a speaker that starts again in the middle of a track, ours and Snapcast's client: how well, how soon."""

from __future__ import annotations

import asyncio
import dataclasses
import shutil
import time

from bench.figures import number, spread, spread_of_sizes, times
from bench.meter import Heard, Rooms, Span, first_sound_s, hear, listening
from bench.ours import NAMES, Speakers
from bench.report import Table
from bench.run import Run
from bench.school import Piece, school
from bench.snapcast import Snapcast
from tests.waiting import until

JOIN_AT_S = 14.0
GONE_S = 0.5
STAYS_S = 5.0
FADED_S = 0.35
"""Looked at from so long behind the first sound: the quick fade of a late join is over."""
EAST, WEST = NAMES


@dataclasses.dataclass(frozen=True)
class Join:
    """One start in mid-track: the instant of the process's start, and what was heard."""

    started_unix_s: float
    first_sound_s: float | None
    heard: Heard | None


async def measure(run: Run) -> list[Table]:
    """Both systems, one after the other; ours again without anything on its disk."""
    run.say("late join: ours")
    kept = await _ours(run, run.starts, fresh=False)
    run.say("late join: ours, with nothing on its disk")
    fresh = await _ours(run, max(2, run.starts // 4), fresh=True)
    run.say("late join: Snapcast")
    snapcast = await _snapcast(run)
    for name, joins in (("ours", kept), ("ours, fresh", fresh), ("Snapcast", snapcast)):
        run.notes[f"join/{name}"] = [_raw(one) for one in joins]
    return [join_table({"ours": kept, "ours, with nothing on its disk": fresh, "Snapcast": snapcast})]


def join_table(joined: dict[str, list[Join]]) -> Table:
    """One row for each system; the last one is the peer."""
    *_, peer = joined.values()
    peer_skews = [look.skew_ms for one in peer if one.heard for look in one.heard.looks]
    rows: list[tuple[str, ...]] = []
    for name, joins in joined.items():
        skews = [look.skew_ms for one in joins if one.heard for look in one.heard.looks]
        soon = [one.first_sound_s for one in joins if one.first_sound_s is not None]
        heard = f"{len(soon)} of {len(joins)}"
        if not skews or not soon:
            rows.append((name, heard, *["-"] * 6))
            continue
        found, wait = spread_of_sizes(skews), spread(soon)
        beside = times(found.median, spread_of_sizes(peer_skews).median) if joins is not peer and peer_skews else "-"
        figures = (number(found.median), number(found.p95), number(found.worst), beside)
        rows.append((name, heard, *figures, f"{wait.median:.2f}", f"{wait.worst:.2f}"))
    return Table(
        "Late join in the middle of a track",
        f"One room plays on; the other's process is killed and started again, {JOIN_AT_S:g} s into a track or later. "
        f"Looked at from {FADED_S:g} s behind its first sound for the {STAYS_S:g} s that it stays. First sound: from "
        "the start of the process to the first sample heard in the recording, in seconds. With nothing on its disk "
        "our speaker first fetches and decodes a track of 300 s.",
        (
            "player",
            "joins heard",
            "skew median",
            "p95",
            "max",
            "median beside Snapcast",
            "first sound median (s)",
            "max (s)",
        ),
        tuple(rows),
    )


async def _ours(run: Run, joins: int, *, fresh: bool) -> list[Join]:
    tune = run.tunes.long
    async with school(run.place(f"school-join-{'fresh' if fresh else 'kept'}")) as one:
        speakers = Speakers(one, run.started, run.pulse)
        second_0_s = round(time.time(), 3)
        one.publish([Piece(tune, second_0_s, second_0_s + tune.duration_s)])
        speakers.start_all()
        starts: list[float] = []
        try:
            await until(lambda: one.plays(*NAMES) and one.ready(*NAMES), 20.0, "our speakers' music")
            await asyncio.sleep(max(0.0, second_0_s + JOIN_AT_S - time.time()))
            with listening(run.pulse) as rooms:
                for _ in range(joins):
                    speakers.kill(WEST)
                    if fresh:
                        await asyncio.to_thread(shutil.rmtree, speakers.state(WEST))
                    await asyncio.sleep(GONE_S)
                    starts.append(time.time())
                    speakers.start(WEST)
                    await asyncio.sleep(STAYS_S)
        finally:
            speakers.stop_all()
    return await asyncio.to_thread(_joins, rooms[0], starts, Span(tune.sound, second_0_s, 0.0, tune.duration_s))


async def _snapcast(run: Run) -> list[Join]:
    tune = run.tunes.long_wav
    snapcast = Snapcast(run.place("snapcast-join"), run.started, run.pulse)
    feeding: asyncio.Task[float] | None = None
    starts: list[float] = []
    try:
        await snapcast.start()
        second_0_s = time.time() + 1.0
        feeding = asyncio.create_task(snapcast.feed(tune.sound))
        await asyncio.sleep(JOIN_AT_S)
        with listening(run.pulse) as rooms:
            for _ in range(run.starts):
                snapcast.kill_client(1)
                await asyncio.sleep(GONE_S)
                starts.append(time.time())
                snapcast.start_client(1)
                await asyncio.sleep(STAYS_S)
    finally:
        await snapcast.stop()
        if feeding is not None:
            await feeding
    return await asyncio.to_thread(_joins, rooms[0], starts, Span(tune.sound, second_0_s, 0.0, tune.duration_s))


def _joins(rooms: Rooms, starts: list[float], span: Span) -> list[Join]:
    joins: list[Join] = []
    for started_s in starts:
        first_s = first_sound_s(rooms.west, started_s, STAYS_S)
        if first_s is None:
            joins.append(Join(started_s, None, None))
            continue
        from_s, to_s = (at_s - span.second_0_unix_s for at_s in (first_s + FADED_S, started_s + STAYS_S))
        heard = hear(rooms, dataclasses.replace(span, from_s=from_s, to_s=to_s))
        joins.append(Join(started_s, first_s - started_s, heard))
    return joins


def _raw(one: Join) -> dict[str, object]:
    looks = one.heard.looks if one.heard else ()
    return {
        "first_sound_s": one.first_sound_s,
        "at_s": [round(look.unix_s - one.started_unix_s, 3) for look in looks],
        "east_ms": [round(look.east_ms, 4) for look in looks],
        "west_ms": [round(look.west_ms, 4) for look in looks],
    }
