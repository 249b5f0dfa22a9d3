"""Reading a roll: the ways an MIS writes it, and what is wrong with a row."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from office.errors import RollError
from office.roll_file import Group, RollFile, RollRow, class_id, read_roll
from tests.office.schools import HEADER, MONDAY, ROWS, write_roll

GOOD = "X100000000001,Bramble,,Otterby,Oak,2018-03-09,1001,English,yes,"


def read(folder: Path, *rows: str, header: str = HEADER) -> RollFile:
    return read_roll(write_roll(folder, rows, header), today=MONDAY)


def only(roll: RollFile) -> RollRow:
    assert roll.bad == ()
    (row,) = roll.rows
    return row


def test_an_ordinary_roll_is_read(tmp_path: Path) -> None:
    roll = read(tmp_path, *ROWS)
    assert (len(roll.rows), roll.bad, roll.notes) == (5, (), ())
    clem = roll.rows[1]
    assert (clem.line, clem.upn, clem.preferred_name, clem.language) == (3, "X100000000002", "Clem", "pl")
    assert (clem.cards, clem.dj_name_consent) == (("1002",), False)
    assert clem.groups == (Group("pupil-premium", dt.date(2026, 9, 2), dt.date(2027, 7, 20)),)
    assert roll.rows[3].groups == (Group("eal"),)


def test_the_headers_of_an_mis_are_known_in_any_case(tmp_path: Path) -> None:
    header = "Unique Pupil Number,Legal Forename,LEGAL SURNAME,Reg Group,D.O.B.,Shoe size"
    roll = read(tmp_path, "x100000000001,Bramble,Otterby,Year 3 Elm,09/03/2018,31", header=header)
    row = only(roll)
    assert (row.upn, row.classroom_id, row.date_of_birth) == ("X100000000001", "year-3-elm", dt.date(2018, 3, 9))
    assert (row.cards, row.language, row.dj_name_consent, row.groups, row.contact_name) == (None,) * 5
    assert roll.notes == ("column 'Shoe size' is not used",)


@pytest.mark.parametrize("above", ["Pupil list, Autumn 2026\n\nprinted 23/11/2026;\n", "sep=;\n"])
def test_a_reports_title_may_stand_above_the_header(tmp_path: Path, above: str) -> None:
    path = tmp_path / "roll.csv"
    header = above + "UPN;Forename;Surname;Class;DOB"
    path.write_text(f"{header}\nX100000000001;Bramble;Otterby;Oak;2018-03-09\n;Wren;;;\n", encoding="utf-8")
    roll = read_roll(path, today=MONDAY)
    assert [row.first_name for row in roll.rows] == ["Bramble"]
    assert roll.bad[0].line == header.count("\n") + 3


@pytest.mark.parametrize(
    "cell", ["09/03/18", "9/3/2018", "09-Mar-2018", "9 March 2018", "2018-03-09T00:00:00", "09/03/2018 00:00"]
)
def test_a_birthday_is_read_as_exports_write_it(tmp_path: Path, cell: str) -> None:
    row = only(read(tmp_path, GOOD.replace("2018-03-09", cell)))
    assert row.date_of_birth == dt.date(2018, 3, 9)


@pytest.mark.parametrize(
    ("encoding", "name"),
    [("utf-8", "Zoë Łucja"), ("utf-8-sig", "Zoë Łucja"), ("cp1252", "Zoë O’Hare"), ("utf-16", "Zoë Łucja")],
)
def test_every_usual_encoding_is_read(tmp_path: Path, encoding: str, name: str) -> None:
    path = tmp_path / "roll.csv"
    path.write_bytes(f"{HEADER}\r\n{GOOD.replace('Bramble', name)}\r\n".encode(encoding))
    assert only(read_roll(path, today=MONDAY)).first_name == name


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_semicolons_and_tabs_separate_too(tmp_path: Path, delimiter: str) -> None:
    row = read(tmp_path, GOOD.replace(",", delimiter), header=HEADER.replace(",", delimiter))
    assert only(row).last_name == "Otterby"


def test_a_quoted_text_may_hold_commas_and_line_breaks_and_lines_still_count(tmp_path: Path) -> None:
    roll = read(tmp_path, 'X100000000001,"Bramble\nRose",,"Otterby, the",Oak,2018-03-09,,,,', "", "bad,row")
    assert (roll.rows[0].first_name, roll.rows[0].last_name) == ("Bramble Rose", "Otterby, the")
    assert [row.line for row in roll.bad] == [5]


@pytest.mark.parametrize(
    ("row", "column", "right"),
    [
        (",Bramble,,Otterby,Oak,2018-03-09,,,,", "upn", "a letter and 12"),
        ("X1 00-1,Bramble,,Otterby,Oak,2018-03-09,,,,", "upn", "a letter and 12"),
        ("X100000000001,,,Otterby,Oak,2018-03-09,,,,", "first_name", "1 to 60"),
        (f"X100000000001,{'B' * 61},,Otterby,Oak,2018-03-09,,,,", "first_name", "1 to 60"),
        ("X100000000001,Bram\x1bble,,Otterby,Oak,2018-03-09,,,,", "first_name", "1 to 60"),
        ("X100000000001,Bramble,,,Oak,2018-03-09,,,,", "last_name", "1 to 60"),
        ("X100000000001,Bramble,,Otterby,,2018-03-09,,,,", "class", "1 to 60"),
        ("X100000000001,Bramble,,Otterby,***,2018-03-09,,,,", "class", "letters or digits"),
        ("X100000000001,Bramble,,Otterby,Oak,2018-02-30,,,,", "date_of_birth", "2018-03-09"),
        ("X100000000001,Bramble,,Otterby,Oak,03/25/2018,,,,", "date_of_birth", "09/03/2018"),
        ("X100000000001,Bramble,,Otterby,Oak,1961-03-09,,,,", "date_of_birth", "a child in school"),
        ("X100000000001,Bramble,,Otterby,Oak,2018-03-09,1.0E+03,,,", "card", "3 to 20 digits"),
        ("X100000000001,Bramble,,Otterby,Oak,2018-03-09,12,,,", "card", "3 to 20 digits"),
        ("X100000000001,Bramble,,Otterby,Oak,2018-03-09,,,perhaps,", "dj_name_consent", "yes or no"),
        ("X100000000001,Bramble,,Otterby,Oak,2018-03-09,,,,eal 2026-13-01..", "groups", "2018-03-09"),
        ("X100000000001,Bramble,,Otterby,Oak,2018-03-09,,,,eal 2026-09-02..2026-09-01", "groups", "groups such as"),
        ("X100000000001,Bramble,,Otterby,Oak,2018-03-09,,,,eal; EAL", "groups", "groups such as"),
        ("X100000000001,Bramble,,Otterby,Oak,2018-03-09,,,,,surplus", "row", "10 as in the header"),
    ],
)
def test_a_bad_row_says_its_line_what_is_wrong_and_what_would_be_right(
    tmp_path: Path, row: str, column: str, right: str
) -> None:
    roll = read(tmp_path, "X100000000009,Wren,,Applegarth,Oak,2018-01-02,,,,", row)
    assert len(roll.rows) == 1
    (bad,) = roll.bad
    assert (bad.line, bad.column) == (3, column)
    assert right in bad.right
    assert str(bad).startswith(f"line 3: {column}: ")
    assert roll.nameless == (column == "upn")


def test_a_telephone_number_needs_digits(tmp_path: Path) -> None:
    header = "upn,first name,last name,class,date of birth,contact name,contact phone"
    rows = ["X1,Wren,Applegarth,Oak,2018-01-02,Fern Applegarth,", "X2,Moss,Quill,Oak,2018-01-02,,call me"]
    roll = read(tmp_path, *rows, header=header)
    assert roll.rows[0].contact_name == "Fern Applegarth"
    assert (roll.bad[0].column, roll.bad[0].right) == ("contact_phone", "a telephone number")
    assert roll.notes == ("2 UPNs are not a letter, 11 digits and a letter or digit; taken as they are",)


def test_a_upn_and_a_card_are_in_a_file_once(tmp_path: Path) -> None:
    roll = read(tmp_path, GOOD, GOOD, "X100000000002,Wren,,Applegarth,Oak,2018-01-02,1001,,,")
    assert [(bad.line, bad.column) for bad in roll.bad] == [(3, "upn"), (4, "card")]
    assert "line 2 already" in roll.bad[0].wrong
    assert "1001" not in str(roll.bad[1])  # a card's code is not printed


def test_a_pupil_may_have_two_cards(tmp_path: Path) -> None:
    assert only(read(tmp_path, GOOD.replace("1001", "1001; 2001 "))).cards == ("1001", "2001")


@pytest.mark.parametrize(
    ("content", "wrong"),
    [
        (b"", "empty"),
        (b"\r\n \r\n", "empty"),
        (b"PK\x03\x04rest", "Excel"),
        (b"\x00\x01\x02\x81", "not a text file"),
        (b"upn,first_name,class\n", r"roll\.csv:1: no column last_name, date_of_birth; the header line has 'upn'"),
        (b"upn,UPN,first_name,last_name,class,dob\n", "both mean upn"),
        (b'upn,first_name,last_name,class,dob\n"X1,' + b"x" * 200_000, "field larger than"),
    ],
)
def test_a_file_that_is_no_roll_is_refused_in_one_line(tmp_path: Path, content: bytes, wrong: str) -> None:
    path = tmp_path / "roll.csv"
    path.write_bytes(content)
    with pytest.raises(RollError, match=wrong) as refused:
        read_roll(path, today=MONDAY)
    assert "\n" not in str(refused.value)
    assert str(path) in str(refused.value)


def test_a_file_that_is_not_there_and_a_folder_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(RollError, match="should be a CSV file that can be read"):
            read_roll(path, today=MONDAY)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.one_of(st.binary(max_size=300), st.text(max_size=300).map(lambda text: f"{HEADER}\n{text}".encode())))
def test_no_file_at_all_ends_in_anything_but_rows_or_one_clear_error(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "roll.csv"
    path.write_bytes(content)
    try:
        roll = read_roll(path, today=MONDAY)
    except RollError:
        return
    assert all(row.upn in roll.named for row in roll.rows)


@pytest.mark.parametrize(
    ("name", "wire_id"), [("Oak", "oak"), ("Year 3 / Elm", "year-3-elm"), ("  ", ""), ("R" * 40, "r" * 32)]
)
def test_a_class_gets_an_id_for_the_wire(name: str, wire_id: str) -> None:
    assert class_id(name) == wire_id
