"""What a kiosk is started with, and its pace."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from wire.address import BrokerAddress, Credentials


@dataclasses.dataclass(frozen=True)
class KioskSettings:
    """One kiosk in one classroom; everything that it writes is under `state`.

    `hint` is shown in the foot. `leave_with_ctrl_c` and `typed_cards` are for a demonstration: the first lets
    ctrl-C end the program, the second lets a person type a card's digits slowly and see them.
    """

    classroom: str
    site: str
    user: str
    state: Path
    broker: BrokerAddress
    credentials: Credentials
    client: str = "1"
    hint: str = ""
    leave_with_ctrl_c: bool = False
    typed_cards: bool = False


@dataclasses.dataclass(frozen=True)
class Pace:
    """How long things stay, in seconds."""

    greeting_s: float = 2.0
    page_s: float = 15.0
    dj_s: float = 60.0
    told_s: float = 3.5
    reader_pause_s: float = 0.1
    typed_pause_s: float = 5.0
    calm_s: float = 0.35
    """A touch this soon after a screen appeared belongs to the screen before, and is ignored."""
