"""The topics of the contract: `unmissable/<site>/v1/…`, made and read in this module alone."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re

from wire.requests import Service

_ID = re.compile(r"[a-z0-9-]{1,32}")


@dataclasses.dataclass(frozen=True)
class Topics:
    """The topics of one site."""

    site: str

    def __post_init__(self) -> None:
        if not _ID.fullmatch(self.site):
            raise ValueError(f"site {self.site!r}: 1 to 32 of a-z, 0-9 and -")

    @property
    def prefix(self) -> str:
        """What every topic of the site begins with."""
        return f"unmissable/{self.site}/v1/"

    def programme(self, zone: str = "+") -> str:
        """Retained: what should sound in a zone."""
        return f"{self.prefix}programme/{zone}"

    def hold(self, zone: str = "+") -> str:
        """Retained: a mute or another volume for a zone."""
        return f"{self.prefix}hold/{zone}"

    @property
    def silence(self) -> str:
        """Retained: the whole school silent."""
        return f"{self.prefix}silence"

    def call(self, zone: str = "+") -> str:
        """An announcement or a bell, now."""
        return f"{self.prefix}call/{zone}"

    @property
    def calendar(self) -> str:
        """Retained: the programme's days."""
        return f"{self.prefix}calendar"

    def turn(self, date: dt.date, slot: str) -> str:
        """Retained, expires: a pupil's School DJ turn."""
        return f"{self.prefix}turn/{date.isoformat()}/{slot}"

    @property
    def turns(self) -> str:
        """Every turn."""
        return f"{self.prefix}turn/+/+"

    def speaker(self, speaker: str = "+") -> str:
        """Retained, will: a speaker of itself."""
        return f"{self.prefix}speaker/{speaker}"

    def kiosk(self, kiosk: str = "+") -> str:
        """Retained, will: a kiosk of itself."""
        return f"{self.prefix}kiosk/{kiosk}"

    def program(self, name: str = "+") -> str:
        """Retained, will: the scheduler or the office of itself."""
        return f"{self.prefix}program/{name}"

    def ask(self, service: Service, who: str = "+") -> str:
        """A request to a service by a user."""
        return f"{self.prefix}ask/{service.value}/{who}"

    def answer(self, who: str, client: str = "+") -> str:
        """Answers to one running program of a user."""
        return f"{self.prefix}answer/{who}/{client}"

    def tail(self, topic: str) -> tuple[str, ...]:
        """The levels behind the prefix, or an empty tuple for a topic of another site."""
        return tuple(topic.removeprefix(self.prefix).split("/")) if topic.startswith(self.prefix) else ()
