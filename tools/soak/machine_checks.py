"""What the programs took and said: their memory from evening to evening, and their logs. Pure."""

from __future__ import annotations

import re

from .rehearsal import Lived
from .story import Day, Kind
from .tables import Table

GROWTH = 1.10
GROWTH_MIB = 6.0
"""Memory is flat when the last evening has at most a tenth and so much more than the first."""
_EXPECTED = (
    r"connection to .* lost",
    r"no packet from .* for .* s; connecting again",
    r"as-run records wait: ",
    r"cannot be reached: Connection refused",
)
"""What a kill and a night of sleep make the programs say."""


def memory(lived: Lived) -> Table:
    """Each process at the first evening of its life and at the last of the week, while nothing sounds."""
    lines = [f"{'process':<22} {'first evening':>22} {'last evening':>22}   MiB resident (its own)"]
    failures: list[str] = []
    evenings = [day for day in lived.story.days if day.date in lived.memory]
    for name in lived.memory[evenings[-1].date]:
        first_day = _first_whole_day(lived, name, evenings)
        first, last = lived.memory[first_day.date][name], lived.memory[evenings[-1].date][name]
        lines.append(
            f"{name:<22} {f'{first_day.date:%a} {first.resident_mib:.1f} ({first.own_mib:.1f})':>22} "
            f"{f'{evenings[-1].date:%a} {last.resident_mib:.1f} ({last.own_mib:.1f})':>22}"
        )
        for what, before, after in (
            ("resident", first.resident_mib, last.resident_mib),
            ("own", first.own_mib, last.own_mib),
        ):
            if after > before * GROWTH + GROWTH_MIB:
                failures.append(f"{name}: {what} memory grew from {before:.1f} to {after:.1f} MiB")
    return Table("Memory", tuple(lines), tuple(failures))


def _first_whole_day(lived: Lived, name: str, evenings: list[Day]) -> Day:
    """The first evening, or for what was killed that of the day of the kill: it is another process since."""
    killed = {kill.speaker or str(kill.what) for kill in lived.kills}
    if name not in killed:
        return evenings[0]
    return next((day for day in evenings if day.kind is Kind.TROUBLE), evenings[0])


def logs(lived: Lived) -> Table:
    """Warnings and errors of every program: those that the kills explain are counted, others are failures."""
    lines: list[str] = []
    failures = [f"{name}: ended before the week did" for name in lived.ended]
    for name, text in lived.logs.items():
        told = [line for line in text.splitlines() if _complains(line)]
        strange = [line for line in told if not any(re.search(one, line) for one in _EXPECTED)]
        held_up_s = [float(one) for one in re.findall(r"held up for (\S+) s", text)]
        starved = f"; held up {len(held_up_s)} times, {max(held_up_s):.1f} s the longest" if held_up_s else ""
        lines.append(f"{name:<22} {len(told):>4} warnings and errors, {len(strange)} of them not expected{starved}")
        failures += [f"{name}: {line}" for line in strange[:10]]
    return Table("Logs", tuple(lines), tuple(failures))


def _complains(line: str) -> bool:
    return bool(re.search(r" (WARNING|ERROR  |ERROR|CRITICAL) |^Traceback|^\w+Error: ", line))
