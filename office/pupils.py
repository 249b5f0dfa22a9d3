"""Who is in a class: names as they stand on the tiles, pictures, and what a kiosk may know of each pupil."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from office.database import card_salt
from office.models import Classroom, Pupil
from wire.requests import RosterAnswer, RosterPupil

_ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789"


def new_pupil_id() -> str:
    """An opaque id for the wire: it tells nothing of the child."""
    return "p-" + "".join(secrets.choice(_ALPHABET) for _ in range(8))


def active_pupils(session: Session, classroom_id: str | None = None) -> Sequence[Pupil]:
    """The pupils on the roll, of one class or of the school."""
    wanted = select(Pupil).where(Pupil.left_on.is_(None)).order_by(Pupil.id)
    if classroom_id is not None:
        wanted = wanted.where(Pupil.classroom_id == classroom_id)
    return session.scalars(wanted).all()


def active_pupil(session: Session, pupil_id: str) -> Pupil | None:
    """One pupil on the roll."""
    pupil = session.get(Pupil, pupil_id)
    return pupil if pupil is not None and pupil.left_on is None else None


def tile_names(pupils: Sequence[Pupil]) -> dict[str, str]:
    """What stands on each pupil's tile, by id: the first name, with as much of the last as tells namesakes apart."""
    names = {pupil.id: pupil.called for pupil in pupils}
    longest = max((len(pupil.last_name) for pupil in pupils), default=0)
    for letters in range(1, longest + 1):
        counts = Counter(name.casefold() for name in names.values())
        for pupil in pupils:
            if counts[names[pupil.id].casefold()] > 1:
                names[pupil.id] = f"{pupil.called} {pupil.last_name[:letters].strip()}"
    return names


def roster(session: Session, classroom_id: str) -> RosterAnswer | None:
    """One class as a kiosk may know it, in the order of its tiles; None when the school has no such class."""
    classroom = session.get(Classroom, classroom_id)
    if classroom is None:
        return None
    pupils = active_pupils(session, classroom_id)
    names = tile_names(pupils)
    return RosterAnswer(
        classroom=classroom.id,
        name=classroom.name,
        salt=card_salt(session),
        pupils=tuple(
            RosterPupil(
                id=pupil.id,
                first_name=names[pupil.id],
                picture=pupil.picture,
                card_hashes=tuple(sorted(card.card_hash for card in pupil.cards)),
                language=pupil.language,
            )
            for pupil in sorted(pupils, key=lambda pupil: (names[pupil.id].casefold(), pupil.id))
        ),
    )
