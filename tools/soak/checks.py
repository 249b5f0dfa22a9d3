"""Every check of what was lived."""

from __future__ import annotations

from .machine_checks import logs, memory
from .record_checks import as_run, turns
from .rehearsal import Lived
from .sound_checks import kills, slots
from .tables import Table


def all_checks(lived: Lived) -> tuple[Table, ...]:
    """The table of each check, in the order of reading."""
    return (slots(lived), kills(lived), as_run(lived), turns(lived), memory(lived), logs(lived))
