"""The retained turns on the broker, made what the database says: sent where they differ, cleared where none is."""

from __future__ import annotations

import datetime as dt
import logging
from zoneinfo import ZoneInfo

from wire.link import Heard, Link
from wire.programme import Turn

_log = logging.getLogger(__name__)


class TurnBoard:
    """What this office keeps on the turns' topics; the link sends it again after every connect."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._kept: dict[str, Turn] = {}
        self._seen: set[str] = set()
        link.listen(link.topics.turns, Turn, self._hear)

    def show(self, turns: tuple[Turn, ...], zone: ZoneInfo, now: dt.datetime) -> None:
        """Keep these turns until their date is over, and clear every other that the broker still has."""
        wanted = {self._link.topics.turn(turn.date, turn.slot): turn for turn in turns}
        for topic in (self._kept.keys() | self._seen) - wanted.keys():
            _log.info("%s: cleared", topic.removeprefix(self._link.topics.prefix))
            self._link.keep(topic, None)
            self._kept.pop(topic, None)
            self._seen.discard(topic)
        for topic, turn in wanted.items():
            if self._kept.get(topic) != turn:
                self._link.keep(topic, turn, expiry_s=_left_of_date_s(turn.date, zone, now))
                self._kept[topic] = turn

    def _hear(self, heard: Heard[Turn]) -> None:
        if heard.message is None:
            self._seen.discard(heard.topic)
        else:
            self._seen.add(heard.topic)


def _left_of_date_s(date: dt.date, zone: ZoneInfo, now: dt.datetime) -> float:
    midnight = dt.datetime.combine(date + dt.timedelta(days=1), dt.time(), zone)
    return max(1.0, midnight.timestamp() - now.timestamp())  # two times of one zone subtract as wall times
