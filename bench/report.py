"""docs/benchmarks.md: the tables of one run, and how to read them; pure text, nothing is measured here."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence


@dataclasses.dataclass(frozen=True)
class Table:
    """One table of a part: `about` says how it was measured, each row has a cell for each column."""

    title: str
    about: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row) != len(self.columns):
                raise ValueError(f"{self.title}: {len(row)} cells for {len(self.columns)} columns: {row}")


@dataclasses.dataclass(frozen=True)
class Fact:
    """Something about the machine or the run: `kernel`, `6.1.0`."""

    name: str
    value: str


HEAD = """\
# Benchmarks of the speakers

Written whole by `make bench`; a part that was not run is not here. Change nothing by hand.

How to read it: **skew** is how far apart the two rooms sound, without its sign, looked at every quarter of a second in
recordings of both rooms' outputs; **error** is how far a room sounds from the instant that the programme names. All
are in milliseconds unless a column says otherwise. "x" is our figure as so many times the peer's, so less than 1 is
better than the peer. The rooms are two sinks of one private PulseAudio, each with a render timer of its own, as two
sound cards have; every player has the same music, the same sinks and the same meter in the same run.
"""


def as_markdown(table: Table) -> str:
    """One table, its words above it."""
    lines = [f"## {table.title}", "", table.about, "", _row(table.columns)]
    lines.append(_row(["---", *["--:"] * (len(table.columns) - 1)]))
    lines += [_row(row) for row in table.rows]
    return "\n".join(lines) + "\n"


def page(facts: Sequence[Fact], tables: Sequence[Table]) -> str:
    """The whole page."""
    told = "\n".join(f"- {fact.name}: {fact.value}" for fact in facts)
    return "\n".join([HEAD, told, "", *(as_markdown(table) for table in tables)]).rstrip() + "\n"


def as_text(table: Table) -> str:
    """One table for a terminal."""
    cells = [table.columns, *table.rows]
    widths = [max(len(row[place]) for row in cells) for place in range(len(table.columns))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells]
    return "\n".join([f"== {table.title}", *lines])


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
