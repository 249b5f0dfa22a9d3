"""The School DJ turns as the office publishes them: heard, checked against their topic, and held for the programme."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Mapping

from wire.link import Heard, Link
from wire.programme import Turn

_log = logging.getLogger(__name__)


class HeardTurns:
    """Every turn on the broker, by date and slot; `changed` is called when one came, changed or went."""

    def __init__(self, link: Link, changed: Callable[[], None]) -> None:
        self._changed = changed
        self._turns: dict[tuple[dt.date, str], Turn] = {}
        link.listen(link.topics.turns, Turn, self._hear)

    def from_date(self, date: dt.date) -> Mapping[tuple[dt.date, str], Turn]:
        """The turns from a date on; earlier ones are forgotten."""
        self._turns = {key: turn for key, turn in self._turns.items() if key[0] >= date}
        return dict(self._turns)

    def _hear(self, heard: Heard[Turn]) -> None:
        try:
            key = dt.date.fromisoformat(heard.tail[1]), heard.tail[2]
        except (ValueError, IndexError):
            _log.warning("a turn on %s: no such date, ignored", heard.topic)
            return
        turn = heard.message
        if turn is None:
            if self._turns.pop(key, None) is not None:
                self._changed()
        elif (turn.date, turn.slot) != key:
            _log.warning("a turn on %s is for another slot, ignored", heard.topic)
        elif self._turns.get(key) != turn:
            self._turns[key] = turn
            self._changed()
