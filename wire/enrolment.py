"""Who is enrolled at this school: the users of the broker, each with its role, and the classes of a kiosk.

The file is written by the set-up and read by the broker's configuration, the scheduler and the office. It holds no
secret.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError

from wire.errors import BrokerError
from wire.requests import Role
from wire.values import Id, WireModel


class Enrolled(WireModel):
    """A user of the broker; `classrooms` are a kiosk's classes, `zone` is a speaker's.

    `here` is set for a speaker that runs on the school's own server, started with the rest.
    """

    user: Id
    role: Role
    classrooms: tuple[Id, ...] = ()
    zone: Id | None = None
    here: bool = False


class Enrolment(WireModel):
    """All users of one school's broker; `revoked` are the speakers that were and are no more."""

    site: Id
    users: Annotated[tuple[Enrolled, ...], Field(max_length=2_000)] = ()
    revoked: tuple[Id, ...] = ()

    @classmethod
    def load(cls, path: Path) -> Enrolment:
        """Read the file; raises BrokerError with what is wrong with it."""
        try:
            return cls.model_validate_json(path.read_bytes())
        except OSError as wrong:
            raise BrokerError(f"{path}: cannot read who is enrolled: {wrong.strerror}") from None
        except ValidationError as wrong:
            first = wrong.errors(include_url=False)[0]
            raise BrokerError(f"{path}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from None

    def save(self, path: Path) -> None:
        """Write the file beside and rename it, so that a reader never sees half of it."""
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_suffix(".new")
        beside.write_text(self.model_dump_json(indent=1) + "\n", encoding="utf-8")
        beside.replace(path)

    def get(self, user: str) -> Enrolled | None:
        """The enrolled user of that name, if any."""
        return next((one for one in self.users if one.user == user), None)

    def role_of(self, user: str) -> Role | None:
        """The role of a user, or None for one that is not enrolled."""
        found = self.get(user)
        return found.role if found else None

    def with_user(self, one: Enrolled) -> Enrolment:
        """The same with one user added or replaced."""
        others = tuple(other for other in self.users if other.user != one.user)
        revoked = tuple(user for user in self.revoked if user != one.user)
        return self.model_copy(update={"users": (*others, one), "revoked": revoked})

    def without_user(self, user: str) -> Enrolment:
        """The same with one user revoked."""
        others = tuple(other for other in self.users if other.user != user)
        return self.model_copy(update={"users": others, "revoked": (*self.revoked, user)})
