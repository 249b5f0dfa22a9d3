"""Importing a roll: the school becomes what the file says, as often as it is imported, and never by half."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from sqlalchemy import func, select

from office.database import Database, card_salt
from office.errors import RollError
from office.models import AuditEntry, Card, Membership, Pupil
from office.pictures import PICTURES
from office.pupils import roster
from office.roll import RollReport, import_roll
from tests.office.schools import HEADER, MONDAY, ROWS, pupil_ids, upn, write_roll
from wire.cards import card_hash

BRAMBLE, CLEM, WREN, MOSS, JUNIPER = ROWS


def bring_in(
    database: Database, folder: Path, rows: Sequence[str], *, header: str = HEADER, today: dt.date = MONDAY,
    whole_school: bool = True, force: bool = False,
) -> RollReport:  # fmt: skip
    path = write_roll(folder, rows, header)
    return import_roll(database, path, today=today, whole_school=whole_school, force=force)


def counts(report: RollReport) -> tuple[int, int, int, int, int]:
    return report.added, report.changed, report.unchanged, report.left, len(report.bad)


def cards_of(database: Database, name: str) -> set[str]:
    with database.read() as session:
        salt = card_salt(session)
        hashes = set(session.scalars(select(Card.card_hash).where(Card.pupil_id == pupil_ids(database)[name])))
        return {code for code in ("1001", "1002", "1003", "1004", "1005", "7777") if card_hash(code, salt) in hashes}


def test_a_first_import_adds_and_a_second_changes_nothing(database: Database, tmp_path: Path) -> None:
    assert counts(bring_in(database, tmp_path, ROWS)) == (5, 0, 0, 0, 0)
    before = pupil_ids(database)
    with database.read() as session:
        pictures = {pupil.id: pupil.picture for pupil in session.scalars(select(Pupil))}
    assert counts(bring_in(database, tmp_path, list(reversed(ROWS)))) == (0, 0, 5, 0, 0)
    assert pupil_ids(database) == before
    with database.read() as session:
        assert {pupil.id: pupil.picture for pupil in session.scalars(select(Pupil))} == pictures
        assert session.scalar(select(func.count(AuditEntry.id))) == 1


def test_wire_ids_are_opaque(school: Database) -> None:
    assert all(re.fullmatch(r"p-[a-z0-9]{8}", wire_id) for wire_id in pupil_ids(school).values())


def test_a_change_is_told_by_line_without_a_childs_name(school: Database, tmp_path: Path) -> None:
    moved = WREN.replace("Oak", "Elm").replace(",yes,", ",no,")
    report = bring_in(school, tmp_path, [BRAMBLE, CLEM, moved, MOSS, JUNIPER])
    assert counts(report) == (0, 1, 4, 0, 0)
    assert report.changes == (f"line 4: {upn(3)}: class oak to elm, dj_name_consent",)
    said = "\n".join(report.lines())
    assert not any(name in said for name in ("Wren", "Applegarth", "Bramble"))
    assert said.endswith("0 added, 1 changed, 4 unchanged, 0 left, 0 bad rows")


def test_a_pupil_without_a_row_has_left_and_may_come_back(school: Database, tmp_path: Path) -> None:
    wren = pupil_ids(school)["Wren"]
    assert counts(bring_in(school, tmp_path, [BRAMBLE, CLEM, MOSS, JUNIPER])) == (0, 0, 4, 1, 0)
    with school.read() as session:
        assert session.get_one(Pupil, wren).left_on == MONDAY
        found = roster(session, "oak")
        assert found is not None
        assert wren not in [pupil.id for pupil in found.pupils]
    report = bring_in(school, tmp_path, ROWS)
    assert counts(report) == (0, 1, 4, 0, 0)
    assert "is back" in report.changes[0]
    assert pupil_ids(school)["Wren"] == wren


def test_half_a_file_makes_nobody_leave(school: Database, tmp_path: Path) -> None:
    with pytest.raises(RollError, match=r"2 of 5 pupils have no row .* nothing was changed"):
        bring_in(school, tmp_path, [BRAMBLE, CLEM, WREN])
    assert counts(bring_in(school, tmp_path, [BRAMBLE, CLEM, WREN], whole_school=False)) == (0, 0, 3, 0, 0)
    assert counts(bring_in(school, tmp_path, [BRAMBLE, CLEM, WREN], force=True)) == (0, 0, 3, 2, 0)


def test_a_roll_without_a_good_row_is_refused(school: Database, tmp_path: Path) -> None:
    for rows in ((), (WREN.replace("2018", "1918"),)):
        with pytest.raises(RollError, match="nothing was changed"):
            bring_in(school, tmp_path, rows)
    assert len(pupil_ids(school)) == 5


def test_a_bad_row_leaves_its_pupil_as_known_and_the_good_ones_are_applied(school: Database, tmp_path: Path) -> None:
    rows = [BRAMBLE.replace("Otterby", "Otterby-Reed"), CLEM, WREN.replace("2018-01-02", "soon"), MOSS, JUNIPER]
    report = bring_in(school, tmp_path, rows)
    assert counts(report) == (0, 1, 3, 0, 1)
    assert "Wren" in pupil_ids(school)


def test_nobody_leaves_while_a_row_has_no_upn(school: Database, tmp_path: Path) -> None:
    report = bring_in(school, tmp_path, [BRAMBLE, CLEM, WREN.replace(upn(3), ""), MOSS, JUNIPER])
    assert counts(report) == (0, 0, 4, 0, 1)
    assert "may be theirs" in report.notes[0]


def test_the_card_of_another_pupil_is_a_bad_row(school: Database, tmp_path: Path) -> None:
    thief = f"{upn(6)},Pip,,Pebble,Oak,2018-01-01,1003,,no,"
    report = bring_in(school, tmp_path, [BRAMBLE, thief], whole_school=False)
    assert [(bad.line, bad.column) for bad in report.bad] == [(3, "card")]
    assert "Pip" not in pupil_ids(school)
    assert cards_of(school, "Wren") == {"1003"}


def test_cards_may_be_swapped_replaced_and_handed_on(school: Database, tmp_path: Path) -> None:
    swapped = [BRAMBLE.replace("1001", "1003"), CLEM, WREN.replace("1003", "1001"), MOSS, JUNIPER]
    assert counts(bring_in(school, tmp_path, swapped)) == (0, 2, 3, 0, 0)
    assert (cards_of(school, "Bramble"), cards_of(school, "Wren")) == ({"1003"}, {"1001"})
    handed_on = [swapped[0].replace("1003", ""), CLEM, swapped[2].replace("1001", "1003;7777"), MOSS, JUNIPER]
    assert counts(bring_in(school, tmp_path, handed_on)) == (0, 2, 3, 0, 0)
    assert (cards_of(school, "Bramble"), cards_of(school, "Wren")) == (set(), {"1003", "7777"})


def test_a_leavers_card_can_be_given_to_another(school: Database, tmp_path: Path) -> None:
    joiner = f"{upn(6)},Pip,,Pebble,Oak,2018-01-01,1003,,no,"
    assert counts(bring_in(school, tmp_path, [BRAMBLE, CLEM, MOSS, JUNIPER, joiner])) == (1, 0, 4, 1, 0)
    assert cards_of(school, "Pip") == {"1003"}


def test_no_card_code_is_kept_anywhere(school: Database, tmp_path: Path) -> None:
    bring_in(school, tmp_path, [ROWS[0].replace("1001", "98765432101234"), *ROWS[1:]])
    with school.write() as session:
        session.connection().exec_driver_sql("select 1")
    school.close()
    content = b"".join(path.read_bytes() for path in (tmp_path / "state").iterdir() if path.is_file())
    assert b"Otterby" in content
    assert b"98765432101234" not in content


def test_a_column_that_the_file_does_not_have_leaves_what_is_known(school: Database, tmp_path: Path) -> None:
    short = [",".join([cells[0], cells[1], *cells[3:6]]) for cells in (row.split(",") for row in ROWS)]
    header = "upn,first_name,last_name,class,date_of_birth"
    assert counts(bring_in(school, tmp_path, short, header=header)) == (0, 0, 5, 0, 0)
    assert cards_of(school, "Wren") == {"1003"}


def test_group_memberships_are_dated(school: Database, tmp_path: Path) -> None:
    tuesday = MONDAY + dt.timedelta(days=1)
    bring_in(school, tmp_path, [BRAMBLE, CLEM, WREN, MOSS.replace("eal", "sen"), JUNIPER], today=tuesday)
    moss = pupil_ids(school)["Moss"]
    with school.read() as session:
        kept = session.scalars(select(Membership).where(Membership.pupil_id == moss).order_by(Membership.id)).all()
        assert [(group.group_name, group.from_date, group.to_date) for group in kept] == [
            ("eal", MONDAY, MONDAY),
            ("sen", tuesday, None),
        ]


def test_namesakes_in_a_class_are_told_apart_by_as_many_letters_as_it_takes(database: Database, tmp_path: Path) -> None:
    names = [("Robin", "Otter"), ("Robin", "Osprey"), ("Robin", "Pike"), ("Rowan", "Pike")]
    rows = [f"{upn(n)},{first},,{last},Oak,2018-01-01,,,," for n, (first, last) in enumerate(names)]
    rows.append(f"{upn(9)},Robin,,Elsewhere,Elm,2018-01-01,,,,")
    bring_in(database, tmp_path, rows)
    with database.read() as session:
        oak, elm = roster(session, "oak"), roster(session, "elm")
    assert oak is not None
    assert elm is not None
    assert [pupil.first_name for pupil in oak.pupils] == ["Robin Os", "Robin Ot", "Robin P", "Rowan"]
    assert [pupil.first_name for pupil in elm.pupils] == ["Robin"]


def test_pictures_are_unique_in_a_class_also_after_a_move(database: Database, tmp_path: Path) -> None:
    rows = [f"{upn(n)},Pip,,P{n},{'Oak' if n % 2 else 'Elm'},2018-01-01,,,," for n in range(80)]
    bring_in(database, tmp_path, rows)
    bring_in(database, tmp_path, [row.replace("Elm", "Oak") if n < 30 else row for n, row in enumerate(rows)])
    for classroom in ("oak", "elm"):
        with database.read() as session:
            found = roster(session, classroom)
        assert found is not None
        pictures = [pupil.picture for pupil in found.pupils]
        assert len(pictures) == len(set(pictures))
        assert set(pictures) <= set(PICTURES)


def test_a_school_of_two_hundred_is_imported_in_seconds(database: Database, tmp_path: Path) -> None:
    rows = [f"{upn(n)},Pip,,P{n},Class {n // 30},2018-01-01,{5000 + n},,," for n in range(200)]
    assert counts(bring_in(database, tmp_path, rows)) == (200, 0, 0, 0, 0)
    assert counts(bring_in(database, tmp_path, rows)) == (0, 0, 200, 0, 0)
