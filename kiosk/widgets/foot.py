"""The two lines at the foot: what plays where, what to try, and a small sign for staff."""

from __future__ import annotations

import dataclasses

from rich.cells import cell_len
from rich.text import Text
from textual.widget import Widget

from kiosk.safe_text import clean, cut, padded
from kiosk.school import MusicNow
from kiosk.theme import FOOT, FOOT_INK, FOOT_SOFT
from kiosk.words import until_words, zone_words

_BETWEEN = " · "


@dataclasses.dataclass(frozen=True)
class FootFacts:
    """What the foot tells."""

    music: MusicNow = dataclasses.field(default_factory=MusicNow)
    hint: str = ""
    digits: str = ""
    connected: bool = True
    waiting: int = 0


def music_line(music: MusicNow, cells: int) -> str:
    """What plays where, and when the next School DJ set begins; a title is cut before a zone is lost."""
    ahead = f"🎧 School DJ set in {until_words(music.next_dj_s)}" if music.next_dj_s is not None else ""
    room = cells - (cell_len(ahead) + len(_BETWEEN) if ahead else 0)
    places: dict[tuple[str, str | None], list[str]] = {}
    for zone in music.zones:
        places.setdefault((zone.title, zone.dj), []).append(zone_words(clean(zone.zone)))
    shown = list(places.items())[: max(1, room // 18)]
    room -= len(_BETWEEN) * (len(shown) - 1)
    parts = []
    for at, ((title, dj), zones) in enumerate(shown):
        later = sum(_least(other) for other in shown[at + 1 :])
        parts.append(_place(title, dj, zones, max(8, room - later)))
        room -= cell_len(parts[-1])
    if ahead:
        parts.append(ahead)
    return _BETWEEN.join(parts) if parts else "♪ Quiet just now"


_Place = tuple[tuple[str, str | None], list[str]]
_SHORT_TITLE = 12


def _least(place: _Place) -> int:
    """The cells that a place needs with a short title."""
    (title, dj), zones = place
    return cell_len(_place(cut(title, _SHORT_TITLE), dj, zones, 200))


def _place(title: str, dj: str | None, zones: list[str], cells: int) -> str:
    """One place and what plays there; the title is cut first, so that the School DJ is named."""
    before = f"♪ {' + '.join(zones)}: "
    behind = f" (DJ {cut(dj, 16)})" if dj else ""
    title_room = max(4, cells - cell_len(before) - cell_len(behind))
    return cut(f"{before}{cut(title, title_room) or 'music'}{behind}", cells)


class Foot(Widget, can_focus=False):
    """Shows the facts on two lines."""

    def __init__(self) -> None:
        super().__init__()
        self._facts = FootFacts()

    @property
    def facts(self) -> FootFacts:
        """What is shown now."""
        return self._facts

    def tell(self, facts: FootFacts) -> None:
        """Show other facts."""
        if facts != self._facts:
            self._facts = facts
            self.refresh()

    def render(self) -> Text:
        """The music above; below it the hint or the digits typed, and at the right the sign for staff."""
        width = max(10, self.size.width - 2)
        facts = self._facts
        shown = Text(" " + padded(music_line(facts.music, width), width) + " \n", f"{FOOT_INK} on {FOOT}")
        sign = ""
        if not facts.connected:
            sign = f"◌ not connected · {facts.waiting} kept here" if facts.waiting else "◌ not connected"
        left = f"Card: {facts.digits}▏" if facts.digits else facts.hint
        shown.append(" " + padded(left, width - cell_len(sign) - 1) + " ", f"{FOOT_SOFT} on {FOOT}")
        shown.append(sign + " ", f"{FOOT_INK} on {FOOT}")
        return shown
