"""Who is enrolled at a new school: one user for each program, one for each kiosk, and the speaker of this machine.

Later, speakers of other machines are added and revoked here, one change of the file at a time.
"""

from __future__ import annotations

import contextlib
import fcntl
from collections.abc import Iterable, Iterator

from unmissable.errors import WrongUse
from unmissable.places import Places
from wire.enrolment import Enrolled, Enrolment
from wire.requests import Role

DESK = "desk"
"""The user of the staff's commands on the school's own server."""


def kiosk_user(classroom: str) -> str:
    """The broker's user of a class's kiosk."""
    return f"kiosk-{classroom}"[:32].rstrip("-")


def speaker_user(zone: str) -> str:
    """The broker's user of a speaker that this machine plays for a zone."""
    return f"{zone}-1"[-32:].lstrip("-")


def first_enrolment(site: str, *, classrooms: Iterable[str], zones_here: Iterable[str]) -> Enrolment:
    """The users of a school on one machine."""
    return Enrolment(
        site=site,
        users=(
            Enrolled(user="scheduler", role=Role.SCHEDULER),
            Enrolled(user="office", role=Role.OFFICE),
            Enrolled(user=DESK, role=Role.STAFF),
            *(Enrolled(user=speaker_user(zone), role=Role.SPEAKER, zone=zone, here=True) for zone in zones_here),
            *(Enrolled(user=kiosk_user(one), role=Role.KIOSK, classrooms=(one,)) for one in classrooms),
        ),
    )


def with_kiosks(enrolment: Enrolment, classrooms: Iterable[str]) -> Enrolment:
    """The same with a kiosk for each class that has none."""
    there = {one for user in enrolment.users for one in user.classrooms}
    for one in classrooms:
        if one not in there:
            enrolment = enrolment.with_user(Enrolled(user=kiosk_user(one), role=Role.KIOSK, classrooms=(one,)))
    return enrolment


@contextlib.contextmanager
def changing(places: Places) -> Iterator[None]:
    """Hold the enrolment for a change: nobody else's change between reading and writing it is lost."""
    places.make_state()
    with (places.state / "enrolment.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def with_speaker(enrolment: Enrolment, user: str, zone: str) -> Enrolment:
    """The same with a speaker of another machine; raises WrongUse when the name is another user's."""
    there = enrolment.get(user)
    if there is not None:
        _check_elsewhere(there)
    return enrolment.with_user(Enrolled(user=user, role=Role.SPEAKER, zone=zone))


def without_speaker(enrolment: Enrolment, user: str) -> Enrolment:
    """The same with a speaker of another machine revoked; raises WrongUse when there is none of that name."""
    there = enrolment.get(user)
    if there is None:
        others = ", ".join(one.user for one in enrolment.users if one.role is Role.SPEAKER and not one.here)
        raise WrongUse(f"{user}: no such speaker is enrolled; there are: {others or 'none'}")
    _check_elsewhere(there)
    return enrolment.without_user(user)


def _check_elsewhere(there: Enrolled) -> None:
    """Raise WrongUse for a user that is no speaker of another machine."""
    if there.role is not Role.SPEAKER:
        whose = f"a {there.role}" if there.role in (Role.KIOSK, Role.STAFF) else f"the {there.role}"
        raise WrongUse(f"{there.user} is no speaker: here that is the name of {whose}")
    if there.here:
        raise WrongUse(f"{there.user} is this machine's own speaker; one of another machine needs a name of its own")
