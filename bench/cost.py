"""Part `cost`: processor time and memory of one playing speaker, beside Snapcast's client, MPD and mpv."""

from __future__ import annotations

import asyncio
import dataclasses
import time

from bench.figures import number, times
from bench.meter import SINKS
from bench.mpd import Mpd
from bench.mpv import Mpv
from bench.ours import NAMES, Speakers
from bench.report import Table
from bench.run import Run
from bench.school import Piece, school
from bench.snapcast import Snapcast
from bench.usage import Memory, memory, processor_s
from tests.waiting import until

OVER_S = 60.0
QUICK_OVER_S = 10.0
SETTLED_S = 8.0


@dataclasses.dataclass(frozen=True)
class Cost:
    """What a player used: the share of one core, and its memory at the end."""

    player: str
    core: float
    memory: Memory


async def measure(run: Run) -> list[Table]:
    """All four play the same file at once, for the same minute."""
    over_s = OVER_S if run.starts >= 10 else QUICK_OVER_S
    tune = run.tunes.long
    snapcast = Snapcast(run.place("snapcast-cost"), run.started, run.pulse)
    mpd = Mpd(run.place("mpd-cost"), run.started, run.pulse, tune.path)
    mpv = Mpv(run.place("mpv-cost"), run.started, run.pulse, tune.path)
    feeding: asyncio.Task[float] | None = None
    run.say(f"cost: all players for {over_s:g} s")
    async with school(run.place("school-cost")) as one:
        speakers = Speakers(one, run.started, run.pulse)
        start_s = round(time.time() + 1.0, 3)
        one.publish([Piece(tune, start_s, start_s + tune.duration_s)])
        try:
            ours = speakers.start(NAMES[0])
            await snapcast.start()
            feeding = asyncio.create_task(snapcast.feed(run.tunes.long_wav.sound))
            for other in (mpd, mpv):
                await other.start(SINKS[:1])
                await other.play()
            await until(lambda: one.plays(NAMES[0]), 10.0, "our speaker's music")
            await asyncio.sleep(SETTLED_S)
            players = {
                "ours": ours.pid,
                "Snapcast's client": snapcast.client(0).pid,
                "MPD": mpd.processes[0].pid,
                "mpv": mpv.processes[0].pid,
            }
            begun_s, before = time.monotonic(), {name: processor_s(pid) for name, pid in players.items()}
            await asyncio.sleep(over_s)
            took_s = time.monotonic() - begun_s
            costs = [
                Cost(name, (processor_s(pid) - before[name]) / took_s, memory(pid)) for name, pid in players.items()
            ]
        finally:
            mpv.stop()
            mpd.stop()
            await snapcast.stop()
            speakers.stop_all()
            if feeding is not None:
                await feeding
    run.notes["cost"] = [dataclasses.asdict(cost) for cost in costs]
    return [cost_table(costs, over_s)]


def cost_table(costs: list[Cost], over_s: float) -> Table:
    """One row for each player; the first one is ours."""
    ours = costs[0]
    rows = tuple(
        (
            cost.player,
            f"{cost.core * 100:.2f} %",
            "" if cost is ours else times(ours.core, cost.core),
            number(cost.memory.own_mib),
            "" if cost is ours else times(ours.memory.own_mib, cost.memory.own_mib),
            number(cost.memory.music_mib) if cost is ours else "-",
        )
        for cost in costs
    )
    return Table(
        "What a playing speaker costs",
        f"All play the same FLAC at once for {over_s:g} s. Processor: the share of one core, with that of children "
        "that ended. Memory: what is resident; the decoded music that our speaker has mapped is page cache that the "
        "system takes back when it needs it, so it stands apart. Our figure beside the peer's is in the peer's row.",
        ("player", "processor", "ours beside it", "memory (MiB)", "ours beside it", "mapped music (MiB)"),
        rows,
    )
