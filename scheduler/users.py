"""Who is enrolled, as the file says now: a device enrolled while the scheduler runs is known at once."""

from __future__ import annotations

import logging
from pathlib import Path

from wire.enrolment import Enrolment
from wire.errors import BrokerError
from wire.requests import Role

_log = logging.getLogger(__name__)


class Users:
    """The users of the broker; raises BrokerError when it is made without a readable file, and keeps the last good."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._stamp = self._stamp_now()
        self._enrolment = Enrolment.load(file)

    @property
    def site(self) -> str:
        """The site that all of them belong to."""
        return self._enrolment.site

    def role_of(self, user: str) -> Role | None:
        """The role of a user, or None for one that is not enrolled."""
        stamp = self._stamp_now()
        if stamp != self._stamp:
            self._stamp = stamp
            self._read_again()
        return self._enrolment.role_of(user)

    def _read_again(self) -> None:
        try:
            self._enrolment = Enrolment.load(self._file)
        except BrokerError as wrong:
            _log.error("%s; who was enrolled before stays so", wrong)

    def _stamp_now(self) -> tuple[int, ...]:
        try:
            status = self._file.stat()
        except OSError:
            return ()
        return status.st_mtime_ns, status.st_size, status.st_ino
