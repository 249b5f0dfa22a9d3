"""Where everything of one school is: the config folder, and the state folder in it that the programs write."""

from __future__ import annotations

import dataclasses
import shlex
from pathlib import Path

from unmissable.errors import WrongUse
from wire.address import BrokerAddress
from wire.enrolment import Enrolment
from wire.errors import BrokerError


@dataclasses.dataclass(frozen=True)
class Places:
    """The files of one school, all below its config folder."""

    config: Path

    @property
    def _quoted(self) -> str:
        """The folder as a shell takes it."""
        return shlex.quote(str(self.config))

    @property
    def schedule(self) -> Path:
        """The timetable, as staff write it."""
        return self.config / "schedule.yaml"

    @property
    def state(self) -> Path:
        """All that the programs write."""
        return self.config / "state"

    @property
    def enrolment(self) -> Path:
        """Who is enrolled at the broker."""
        return self.state / "enrolment.json"

    @property
    def network(self) -> Path:
        """How the school is open to its network; not there while it is not."""
        return self.state / "network.json"

    @property
    def authority(self) -> Path:
        """The folder of the school's certificate authority."""
        return self.state / "authority"

    @property
    def broker(self) -> Path:
        """The private broker's folder."""
        return self.state / "broker"

    @property
    def credentials(self) -> Path:
        """The folder of the users' secrets."""
        return self.state / "credentials"

    @property
    def logs(self) -> Path:
        """What each program logs."""
        return self.state / "logs"

    @property
    def library(self) -> Path:
        """What is known of the music files."""
        return self.state / "library.sqlite"

    def make_state(self) -> None:
        """Make the state folder if there is none: it is about pupils, and so its owner's alone."""
        self.state.mkdir(parents=True, exist_ok=True, mode=0o700)

    def credentials_file(self, user: str) -> Path:
        """One user's secret."""
        return self.credentials / f"{user}.json"

    def state_of(self, user: str) -> Path:
        """What one speaker or kiosk keeps."""
        return self.state / user

    def enrolled(self) -> Enrolment:
        """Who is enrolled; raises WrongUse when the school was never set up."""
        if not self.enrolment.exists():
            start = f"up --config {self._quoted}" if self.schedule.exists() else f"init {self._quoted}"
            raise WrongUse(
                f"{self.config}: no school is set up here; name its folder with --config, or: unmissable {start}"
            )
        try:
            return Enrolment.load(self.enrolment)
        except BrokerError as wrong:
            raise WrongUse(str(wrong)) from None

    def broker_address(self) -> BrokerAddress:
        """Where the school's private broker listens, as it said at its last start; raises WrongUse before the first."""
        try:
            return BrokerAddress("127.0.0.1", int((self.broker / "port").read_text(encoding="ascii")))
        except (OSError, ValueError):
            raise WrongUse(
                f"{self.config}: no broker was started here yet; run: unmissable up --config {self._quoted}, "
                "or name one with --broker"
            ) from None
