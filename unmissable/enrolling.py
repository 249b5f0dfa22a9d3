"""Who is enrolled at a new school: one user for each program, one for each kiosk, and the speaker of this machine."""

from __future__ import annotations

from collections.abc import Iterable

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
