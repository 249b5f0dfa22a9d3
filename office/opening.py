"""A pupil's own things, opened by a card at one kiosk for some minutes: sessions in memory, gone with the office."""

from __future__ import annotations

import dataclasses
import datetime as dt
import secrets

from wire.errors import Refused

LASTS = dt.timedelta(minutes=3)
"""A child who reads through the music asks for nothing meanwhile; the kiosk closes the page itself much sooner."""
LONGEST = dt.timedelta(minutes=10)


@dataclasses.dataclass(frozen=True)
class Opening:
    """A pupil's things are open at the kiosk `who`, on the screen `client`, until an instant; `last` is the latest."""

    token: str
    who: str
    client: str
    pupil_id: str
    until: dt.datetime
    last: dt.datetime


class Openings:
    """All openings; each use keeps one open for as long again, because choosing music takes a while."""

    def __init__(self) -> None:
        self._by_token: dict[str, Opening] = {}

    def open(self, who: str, client: str, pupil_id: str, now: dt.datetime) -> Opening:
        """A new opening; one that the same screen had before is closed."""
        self._by_token = {
            token: one
            for token, one in self._by_token.items()
            if one.until > now and (one.who, one.client) != (who, client)
        }
        opening = Opening(secrets.token_urlsafe(24), who, client, pupil_id, now + LASTS, now + LONGEST)
        self._by_token[opening.token] = opening
        return opening

    def pupil_at(self, who: str, token: str | None, now: dt.datetime) -> str:
        """The pupil whose things are open at a kiosk; raises Refused when they are closed."""
        opening = self._by_token.get(token or "")
        if opening is None or opening.who != who or now >= opening.until:
            raise Refused("closed", "Show your card again, please.")
        self._by_token[opening.token] = dataclasses.replace(opening, until=min(now + LASTS, opening.last))
        return opening.pupil_id
