"""Part `silence`: from the word `silence` to silence in every room, of fifty speakers and as recorded."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path

from bench.figures import spread
from bench.meter import last_sound_s, listening
from bench.music import LOSSLESS
from bench.ours import NAMES, Speakers
from bench.report import Table
from bench.run import Run
from bench.school import CROWD, SITE, ZONES, Piece, School, school
from tests.waiting import until

PROCESSES = 5
SILENT_S = 1.5
SOUND_S = 1.5
MUSIC_S = 600.0


async def measure(run: Run) -> list[Table]:
    """The crowd, then the two rooms."""
    run.say(f"silence: {len(CROWD)} speakers")
    crowd = await _crowd(run)
    run.say("silence: as recorded in two rooms")
    recorded = await _recorded(run)
    run.notes["silence/crowd"] = crowd
    run.notes["silence/recorded"] = recorded
    return [silence_table(crowd, recorded)]


def silence_table(crowd: list[list[float]], recorded: list[list[float]]) -> Table:
    """Seconds until each speaker was silent, by the silence: of the crowd, and of the recorded rooms."""
    rows: list[tuple[str, ...]] = []
    for name, silences in (
        (f"{len(CROWD)} speakers, null outputs", crowd),
        ("2 speakers, recorded on a sound server", recorded),
    ):
        found = spread(wait for one in silences for wait in one)
        last = spread(max(one) for one in silences)
        figures = (found.median, found.p99, found.worst, last.median, last.worst)
        rows.append((name, str(len(silences)), *(f"{1e3 * figure:.0f}" for figure in figures)))
    return Table(
        "From the word silence to silence",
        "From the publish of `silence` to the first sample that is zero: of any speaker, and of the last of them. The "
        "null outputs hand nothing over ahead, so the first row is the message, the look and the fade; the second row "
        "has what a sound server holds as well. In milliseconds.",
        (
            "speakers",
            "silences",
            "any: median",
            "any: p99",
            "any: max",
            "last of them: median",
            "last of them: max",
        ),
        tuple(rows),
    )


async def _on_and_off(run: Run, one: School) -> list[float]:
    told: list[float] = []
    for _ in range(run.starts):
        told.append(one.silence(True))
        await asyncio.sleep(SILENT_S)
        one.silence(False)
        await asyncio.sleep(SOUND_S)
    return told


async def _crowd(run: Run) -> list[list[float]]:
    tune = run.tunes.short[LOSSLESS]
    async with school(run.place("school-crowd")) as one:
        start_s = round(time.time(), 3)
        one.publish([Piece(tune, start_s, start_s + MUSIC_S)])
        states = {name: one.folder / "crowd" / name for name in CROWD}
        processes = []
        try:
            for first in range(PROCESSES):
                names = CROWD[first::PROCESSES]
                settings = await asyncio.to_thread(_settings, one, {name: states[name] for name in names}, first)
                command = [sys.executable, "-m", "bench.crowd", str(settings)]
                processes.append(run.started.start(f"crowd-{first}", command))
            await until(lambda: one.ready(*CROWD) and one.plays(*CROWD), 90.0, "the music of fifty speakers")
            await asyncio.sleep(2.0)
            told = await _on_and_off(run, one)
        finally:
            for process in processes:
                run.started.end(process)
        return [[_first_after(states[name], told_s) for name in CROWD] for told_s in told]


def _settings(one: School, states: dict[str, Path], number: int) -> Path:
    for state in states.values():
        state.mkdir(parents=True)
    path = one.folder / f"crowd-{number}.json"
    speakers = [
        {"id": name, "state": str(state), "credentials": str(one.credentials(name))} for name, state in states.items()
    ]
    told = {"site": SITE, "zone": ZONES["east"], "broker": one.address, "speakers": speakers}
    path.write_text(json.dumps(told), encoding="utf-8")
    return path


def _first_after(state: Path, told_s: float) -> float:
    silences = [float(line) for line in (state / "silences").read_text(encoding="ascii").split()]
    found = [at_s - told_s for at_s in silences if 0.0 <= at_s - told_s < SILENT_S]
    assert found, f"{state.name} did not fall silent within {SILENT_S:g} s"
    return found[0]


async def _recorded(run: Run) -> list[list[float]]:
    tune = run.tunes.short[LOSSLESS]
    async with school(run.place("school-silence")) as one:
        speakers = Speakers(one, run.started, run.pulse)
        start_s = round(time.time(), 3)
        one.publish([Piece(tune, start_s, start_s + MUSIC_S)])
        speakers.start_all()
        try:
            await until(lambda: one.ready(*NAMES) and one.plays(*NAMES), 15.0, "our speakers' music")
            with listening(run.pulse) as rooms:
                await asyncio.sleep(2.0)
                told = await _on_and_off(run, one)
        finally:
            speakers.stop_all()
    waits: list[list[float]] = []
    for told_s in told:
        ends = [last_sound_s(room, told_s, SILENT_S) for room in (rooms[0].east, rooms[0].west)]
        sounded = [end_s - told_s for end_s in ends if end_s is not None]
        assert len(sounded) == len(ends), "a room was silent before the word"
        assert max(sounded) < SILENT_S - 0.01, "a room did not fall silent"
        waits.append(sounded)
    return waits
