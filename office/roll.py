"""Importing a roll: the school's pupils become what the MIS's file says, by UPN, however often it is imported.

Good rows are applied together in one transaction and bad rows are reported by line; a bad row's pupil stays as known.
In a whole-school roll a pupil without a row has left, unless so many are missing that the file must be half a file.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from office.database import Database, audit, card_salt
from office.errors import RollError
from office.models import Card, Classroom, Membership, Pupil
from office.pictures import picture_for
from office.pupils import active_pupils, new_pupil_id
from office.roll_file import BadRow, RollFile, RollRow, read_roll
from wire.cards import card_hash

MOST_LEAVING = 0.3
"""A roll that would make a larger part of the school leave is taken for half a file."""


@dataclass(frozen=True)
class RollReport:
    """What an import did: counts, one line for each change, bad rows by line, and what else is worth knowing."""

    added: int
    changed: int
    unchanged: int
    left: int
    bad: tuple[BadRow, ...]
    changes: tuple[str, ...]
    notes: tuple[str, ...]

    def lines(self) -> Iterator[str]:
        """The report as lines for a member of staff; UPNs, no names."""
        yield from (str(row) for row in self.bad)
        yield from self.changes
        yield from self.notes
        yield (
            f"{self.added} added, {self.changed} changed, {self.unchanged} unchanged, {self.left} left, "
            f"{len(self.bad)} bad rows"
        )


def import_roll(
    database: Database, path: Path, *, today: dt.date, whole_school: bool = True, force: bool = False
) -> RollReport:
    """Apply a roll; raises RollError, with nothing applied, when it is no roll or would make too many leave.

    `force` allows any number of leavers; without `whole_school` nobody leaves.
    """
    roll = read_roll(path, today=today)
    if not roll.rows:
        first = f" ({roll.bad[0]})" if roll.bad else ""
        raise RollError(f"{path}: no row with a pupil that can be read{first}; nothing was changed")
    with database.write() as session:
        return _Import(session, roll, today).apply(path, whole_school=whole_school, force=force)


class _Import:
    """One import within its transaction."""

    def __init__(self, session: Session, roll: RollFile, today: dt.date) -> None:
        self.session = session
        self.roll = roll
        self.today = today
        self.salt = card_salt(session)
        self.known = {pupil.upn: pupil for pupil in session.scalars(select(Pupil))}
        self.notes = list(roll.notes)
        self.gave_up: set[str] = set()

    def apply(self, path: Path, *, whole_school: bool, force: bool) -> RollReport:
        leavers = self._leavers(path, force=force) if whole_school else []
        rows, bad = self._without_others_cards(leavers)
        for row in rows:
            self._name_class(row)
        self.session.flush()
        self._give_up_cards(rows, leavers)
        changes: list[str] = []
        added = changed = 0
        for row in rows:
            pupil = self.known.get(row.upn)
            if pupil is None:
                self._add(row)
                added += 1
                changes.append(f"line {row.line}: {row.upn}: added to {row.classroom}")
            elif told := self._change(pupil, row):
                changed += 1
                changes.append(f"line {row.line}: {row.upn}: {', '.join(told)}")
        for pupil in leavers:
            pupil.left_on = self.today
            changes.append(f"{pupil.upn}: not in this roll, has left")
        report = RollReport(
            added=added,
            changed=changed,
            unchanged=len(rows) - added - changed,
            left=len(leavers),
            bad=tuple(sorted((*self.roll.bad, *bad), key=lambda row: row.line)),
            changes=tuple(changes),
            notes=tuple(self.notes),
        )
        if added or changed or leavers:
            counts = f"added {added}, changed {changed}, left {len(leavers)}, bad {len(report.bad)}"
            audit(self.session, at=dt.datetime.now(dt.UTC), who="roll import", what="roll", about=counts)
        return report

    def _leavers(self, path: Path, *, force: bool) -> list[Pupil]:
        on_roll = active_pupils(self.session)
        leavers = [pupil for pupil in on_roll if pupil.upn not in self.roll.named]
        if leavers and self.roll.nameless:
            self.notes.append(
                f"{len(leavers)} pupils have no row, but stay: a row without a readable UPN may be theirs"
            )
            return []
        if not force and len(leavers) > MOST_LEAVING * len(on_roll):
            raise RollError(
                f"{path}: {len(leavers)} of {len(on_roll)} pupils have no row and would leave; should be the whole "
                "school's roll (or import it as a part, or by force); nothing was changed"
            )
        return leavers

    def _without_others_cards(self, leavers: list[Pupil]) -> tuple[list[RollRow], list[BadRow]]:
        """Set aside each row with a card that is another pupil's, and stays so after this import."""
        holder = {card.card_hash: card.pupil_id for card in self.session.scalars(select(Card))}
        upn_of = {pupil.id: pupil.upn for pupil in self.known.values()}
        gone = {pupil.id for pupil in self.known.values() if pupil.left_on is not None}
        gone |= {pupil.id for pupil in leavers}
        bad: dict[str, BadRow] = {}
        while True:  # a row set aside keeps its pupil's cards, which may set aside another
            giving = {row.upn for row in self.roll.rows if row.cards is not None and row.upn not in bad}
            found = len(bad)
            for row in self.roll.rows:
                for code in row.cards or ():
                    owner = holder.get(card_hash(code, self.salt))
                    if owner is None or owner in gone or upn_of[owner] == row.upn or upn_of[owner] in giving:
                        continue
                    bad[row.upn] = BadRow(row.line, "card", f"the card of {upn_of[owner]} already", "one pupil's only")
            if len(bad) == found:
                return [row for row in self.roll.rows if row.upn not in bad], list(bad.values())

    def _give_up_cards(self, rows: list[RollRow], leavers: list[Pupil]) -> None:
        """Take back the cards that change hands before they are given, so that two pupils may swap."""
        wanted = {card_hash(code, self.salt): row.upn for row in rows for code in row.cards or ()}
        told = [self.known[row.upn] for row in rows if row.upn in self.known and row.cards is not None]
        gone = [pupil for pupil in self.known.values() if pupil.left_on is not None]
        for pupil in (*told, *leavers, *gone):
            kept = [card for card in pupil.cards if wanted.get(card.card_hash) in (None, pupil.upn)]
            if len(kept) < len(pupil.cards):
                pupil.cards = kept
                self.gave_up.add(pupil.upn)
        self.session.flush()

    def _name_class(self, row: RollRow) -> None:
        classroom = self.session.get(Classroom, row.classroom_id)
        if classroom is None:
            self.session.add(Classroom(id=row.classroom_id, name=row.classroom))
        elif classroom.name != row.classroom:
            classroom.name = row.classroom

    def _picture(self, pupil_id: str, classroom_id: str) -> str:
        self.session.flush()
        return picture_for(pupil_id, {other.picture for other in active_pupils(self.session, classroom_id)})

    def _add(self, row: RollRow) -> None:
        pupil_id = new_pupil_id()
        picture = self._picture(pupil_id, row.classroom_id)
        pupil = Pupil(
            id=pupil_id,
            upn=row.upn,
            first_name=row.first_name,
            last_name=row.last_name,
            date_of_birth=row.date_of_birth,
            classroom_id=row.classroom_id,
            picture=picture,
            joined_on=self.today,
            preferred_name=row.preferred_name or "",
            language=row.language or "en",
            dj_name_consent=bool(row.dj_name_consent),
            contact_name=row.contact_name or "",
            contact_phone=row.contact_phone or "",
        )
        self.session.add(pupil)
        self.session.flush()
        self._set_cards(pupil, row)
        self._set_groups(pupil, row)

    def _change(self, pupil: Pupil, row: RollRow) -> list[str]:
        """Make a known pupil what the row says; what was changed, by column."""
        told: list[str] = []
        if pupil.left_on is not None:
            pupil.picture = self._picture(pupil.id, row.classroom_id)
            pupil.classroom_id = row.classroom_id
            pupil.left_on = None
            told.append("is back")
        elif pupil.classroom_id != row.classroom_id:
            told.append(f"class {pupil.classroom_id} to {row.classroom_id}")
            taken = {other.picture for other in active_pupils(self.session, row.classroom_id)}
            if pupil.picture in taken:
                pupil.picture = picture_for(pupil.id, taken)
            pupil.classroom_id = row.classroom_id
        for column in (
            "first_name",
            "last_name",
            "date_of_birth",
            "preferred_name",
            "language",
            "dj_name_consent",
            "contact_name",
            "contact_phone",
        ):
            value = getattr(row, column)
            if value is not None and getattr(pupil, column) != value:
                setattr(pupil, column, value)
                told.append(column)
        if self._set_cards(pupil, row):
            told.append("card")
        if self._set_groups(pupil, row):
            told.append("groups")
        self.session.flush()
        return told

    def _set_cards(self, pupil: Pupil, row: RollRow) -> bool:
        if row.cards is None:
            return False
        wanted = {card_hash(code, self.salt) for code in row.cards}
        have = {card.card_hash for card in pupil.cards}
        if wanted == have:
            return pupil.upn in self.gave_up
        pupil.cards = [card for card in pupil.cards if card.card_hash in wanted]
        pupil.cards += [Card(card_hash=code_hash) for code_hash in sorted(wanted - have)]
        return True

    def _set_groups(self, pupil: Pupil, row: RollRow) -> bool:
        """Bring the memberships in line: as told, and what is open but no longer told ended yesterday."""
        if row.groups is None:
            return False
        before = {(group.group_name, group.from_date, group.to_date) for group in pupil.groups}
        keep: set[int] = set()
        for told in row.groups:
            same = [group for group in pupil.groups if group.group_name == told.name]
            if told.from_date is None:
                found = next((group for group in same if group.to_date is None), None)
            else:
                found = next((group for group in same if group.from_date == told.from_date), None)
            if found is None:
                found = Membership(group_name=told.name, from_date=told.from_date or self.today)
                pupil.groups.append(found)
            found.to_date = told.to_date
            keep.add(id(found))
        yesterday = self.today - dt.timedelta(days=1)
        for group in list(pupil.groups):
            if id(group) in keep or group.to_date is not None:
                continue
            if group.from_date > yesterday:
                pupil.groups.remove(group)
            else:
                group.to_date = yesterday
        return before != {(group.group_name, group.from_date, group.to_date) for group in pupil.groups}
