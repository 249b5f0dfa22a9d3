"""A pupil's own things, opened by a card at one kiosk for a minute: sessions in memory, gone with the office."""

from __future__ import annotations

import datetime as dt
import secrets
from dataclasses import dataclass

from wire.errors import Refused

LASTS = dt.timedelta(seconds=60)
MOST = 2_000


@dataclass(frozen=True)
class Opening:
    """A pupil's things are open at the kiosk `who` until an instant."""

    token: str
    who: str
    pupil_id: str
    until: dt.datetime


class Openings:
    """All openings; each use keeps one open for another minute, because choosing music takes a while."""

    def __init__(self) -> None:
        self._by_token: dict[str, Opening] = {}

    def open(self, who: str, pupil_id: str, now: dt.datetime) -> Opening:
        """A new opening; one that the same kiosk had before is closed."""
        self._by_token = {token: one for token, one in self._by_token.items() if one.until > now and one.who != who}
        opening = Opening(secrets.token_urlsafe(24), who, pupil_id, now + LASTS)
        self._by_token[opening.token] = opening
        return opening

    def pupil_at(self, who: str, token: str | None, now: dt.datetime) -> str:
        """The pupil whose things are open at a kiosk; raises Refused when they are closed."""
        opening = self._by_token.get(token or "")
        if opening is None or opening.who != who or now >= opening.until:
            raise Refused("closed", "Show your card again, please.")
        self._by_token[opening.token] = Opening(opening.token, who, opening.pupil_id, now + LASTS)
        return opening.pupil_id
