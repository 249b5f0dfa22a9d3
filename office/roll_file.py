"""Reading a roll: a CSV file as the school's MIS writes it, into rows that are right and rows that are wrong.

Knows the names that MIS exports give to columns, dates in British and ISO order, and UTF-8 and Windows-1252.
Knows nothing of who is on the roll already.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from office.errors import RollError
from office.languages import language_code
from wire.cards import CARD_CODE

T = TypeVar("T")
MAX_BYTES = 20 * 1024 * 1024
REQUIRED = ("upn", "first_name", "last_name", "class", "date_of_birth")
SYNONYMS: dict[str, tuple[str, ...]] = {
    "upn": ("uniquepupilnumber", "pupilupn"),
    "first_name": ("forename", "legalforename", "legalfirstname", "givenname", "firstnames", "forenames"),
    "preferred_name": ("preferredforename", "preferredfirstname", "knownas", "chosenname", "chosenforename"),
    "last_name": ("surname", "legalsurname", "legallastname", "familyname"),
    "class": ("classname", "registrationgroup", "reggroup", "registrationform", "reg", "form", "tutorgroup"),
    "date_of_birth": ("dob", "birthdate", "dateofbirthddmmyyyy"),
    "card": ("cards", "cardnumber", "cardcode", "cardid", "cardno"),
    "language": ("firstlanguage", "homelanguage"),
    "dj_name_consent": ("djconsent", "nameconsent"),
    "groups": ("pupilgroups", "groupflags", "flags"),
    "contact_name": ("parentname", "priority1contactname", "emergencycontactname"),
    "contact_phone": ("contacttelephone", "contactmobile", "telephone", "phone", "mobile", "parentphone"),
}
"""The names of a column beside its own, in lower case and without spaces and signs."""

_YES = frozenset({"yes", "y", "true", "1"})
_NO = frozenset({"no", "n", "false", "0", ""})
_UPN = re.compile(r"[A-Z0-9]{1,20}")
_USUAL_UPN = re.compile(r"[A-Z][0-9]{11}[0-9A-Z]")
_TIME_BEHIND = re.compile(r"[ T]\d{1,2}:\d\d.*")
_TITLE_LINES = 8
"""So many lines with a report's title and its date may stand above the header."""
_PERIOD = re.compile(r"(?P<name>[^.]*?)(?:\s+(?P<from>[0-9/-]{8,10})\s*(?:\.\.|to)\s*(?P<to>[0-9/-]{8,10})?)?", re.I)


@dataclass(frozen=True)
class BadRow:
    """A row that was not applied: what is wrong in which column, and what would be right."""

    line: int
    column: str
    wrong: str
    right: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.column}: {self.wrong}, should be {self.right}"


@dataclass(frozen=True)
class Group:
    """A group that a row puts the pupil in; without dates, from the day of the import until a roll has it no more."""

    name: str
    from_date: dt.date | None = None
    to_date: dt.date | None = None


@dataclass(frozen=True)
class RollRow:
    """A row that is right; None is a column that the file does not have, which leaves what is known."""

    line: int
    upn: str
    first_name: str
    last_name: str
    classroom: str
    classroom_id: str
    date_of_birth: dt.date
    preferred_name: str | None = None
    cards: tuple[str, ...] | None = None
    language: str | None = None
    dj_name_consent: bool | None = None
    groups: tuple[Group, ...] | None = None
    contact_name: str | None = None
    contact_phone: str | None = None


@dataclass(frozen=True)
class RollFile:
    """What a file holds; `named` are the UPNs of all rows, `nameless` tells of a row whose UPN could not be read."""

    rows: tuple[RollRow, ...]
    bad: tuple[BadRow, ...]
    named: frozenset[str]
    nameless: bool
    notes: tuple[str, ...]


class _WrongCell(Exception):
    """A cell that cannot be read; becomes a BadRow."""

    def __init__(self, column: str, wrong: str, right: str) -> None:
        super().__init__(wrong)
        self.column, self.wrong, self.right = column, wrong, right


def read_roll(path: Path, *, today: dt.date) -> RollFile:
    """The rows of a roll; raises RollError for a file that is not a roll at all."""
    text = _text(path)
    first_lines = [line for line in text.splitlines() if line.strip()][:_TITLE_LINES]
    header_like = (sign for line in first_lines for sign in ",;\t" if _is_header(line.split(sign)))
    delimiter = next(header_like, None) or max(",;\t", key="".join(first_lines[:1]).count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        lines = list(_numbered(reader))
    except csv.Error as wrong:
        raise RollError(f"{path}:{reader.line_num}: {wrong}; should be a CSV file") from None
    if not lines:
        raise RollError(f"{path}: empty, should be a header line and a line for each pupil")
    above = next((at for at, (_, cells) in enumerate(lines[:_TITLE_LINES]) if _is_header(cells)), 0)
    header_at, header = lines[above]
    places, unknown = _places(path, header_at, header)
    notes = [f"column {name!r} is not used" for name in unknown]
    rows: list[RollRow] = []
    bad: list[BadRow] = []
    first_seen: dict[str, int] = {}
    card_seen: dict[str, int] = {}
    nameless = False
    for line, cells in lines[above + 1 :]:
        record = {column: cells[at].strip() if at < len(cells) else "" for column, at in places.items()}
        upn = record["upn"].upper().replace(" ", "")
        try:
            if not _UPN.fullmatch(upn):
                nameless = True
                raise _WrongCell("upn", _shown(record["upn"]), "a letter and 12 letters or digits")
            if upn in first_seen:
                raise _WrongCell("upn", f"{upn!r} is in line {first_seen[upn]} already", "in the file once")
            first_seen[upn] = line
            if len(cells) > len(header) and any(cell.strip() for cell in cells[len(header) :]):
                raise _WrongCell(
                    "row", f"{len(cells)} cells", f"{len(header)} as in the header; quote a text with commas"
                )
            row = _row(line, upn, record, today)
            for card in row.cards or ():
                if card in card_seen:
                    raise _WrongCell("card", f"this card is in line {card_seen[card]} already", "one pupil's only")
                card_seen[card] = line
        except _WrongCell as cell:
            bad.append(BadRow(line, cell.column, cell.wrong, cell.right))
        else:
            rows.append(row)
    unusual = sum(not _USUAL_UPN.fullmatch(upn) for upn in first_seen)
    if unusual:
        notes.append(f"{unusual} UPNs are not a letter, 11 digits and a letter or digit; taken as they are")
    return RollFile(tuple(rows), tuple(bad), frozenset(first_seen), nameless, tuple(notes))


def class_id(name: str) -> str:
    """A class's id on the wire: `Year 3 Elm` is `year-3-elm`; empty when the name has no letter or digit."""
    return re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-")[:32].strip("-")


def _numbered(reader: Iterator[list[str]]) -> Iterator[tuple[int, list[str]]]:
    before = 0
    for cells in reader:
        if any(cell.strip() for cell in cells):
            yield before + 1, cells
        before = reader.line_num  # type: ignore[attr-defined]  # the csv reader's own attribute


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise RollError(f"{path}: {path.stat().st_size} bytes, should be at most {MAX_BYTES}")
        content = path.read_bytes()
    except OSError as wrong:
        raise RollError(f"{path}: {wrong.strerror}, should be a CSV file that can be read") from None
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise RollError(f"{path}: an Excel workbook, should be saved as CSV (UTF-8)")
    encodings = ("utf-16",) if content.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "cp1252")
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeError:
            continue
        if "\0" not in text:
            return text
    raise RollError(f"{path}: not a text file, should be CSV in UTF-8 or Windows-1252")


def _column(name: str) -> str | None:
    """The column that a name in a header stands for."""
    bare = re.sub(r"[^a-z0-9]", "", name.casefold())
    found = (column for column, others in SYNONYMS.items() if bare in (column.replace("_", ""), *others))
    return next(found, None)


def _is_header(cells: list[str]) -> bool:
    return {"upn", "class"} <= {_column(cell) for cell in cells}


def _places(path: Path, line: int, header: list[str]) -> tuple[dict[str, int], list[str]]:
    places: dict[str, int] = {}
    unknown: list[str] = []
    for at, name in enumerate(header):
        column = _column(name)
        if column is None:
            if name.strip():
                unknown.append(name.strip()[:60])
        elif column in places:
            raise RollError(
                f"{path}:{line}: columns {header[places[column]]!r} and {name!r} both mean {column}, should be one"
            )
        else:
            places[column] = at
    missing = [column for column in REQUIRED if column not in places]
    if missing:
        found = ", ".join(repr(name.strip()[:60]) for name in header if name.strip())
        raise RollError(f"{path}:{line}: no column {', '.join(missing)}; the header line has {found}")
    return places, unknown


def _row(line: int, upn: str, record: dict[str, str], today: dt.date) -> RollRow:
    def optional(column: str, read: Callable[[str], T]) -> T | None:
        return read(record[column]) if column in record else None

    classroom = _name(record, "class")
    if not class_id(classroom):
        raise _WrongCell("class", _shown(classroom), "a name with letters or digits")
    return RollRow(
        line=line,
        upn=upn,
        first_name=_name(record, "first_name"),
        last_name=_name(record, "last_name"),
        classroom=classroom,
        classroom_id=class_id(classroom),
        date_of_birth=_birth(record["date_of_birth"], today),
        preferred_name=optional("preferred_name", lambda cell: _name(record, "preferred_name") if cell else ""),
        cards=optional("card", _cards),
        language=optional("language", language_code),
        dj_name_consent=optional("dj_name_consent", _consent),
        groups=optional("groups", _groups),
        contact_name=optional("contact_name", lambda cell: _name(record, "contact_name") if cell else ""),
        contact_phone=optional("contact_phone", _phone),
    )


def _shown(cell: str) -> str:
    return repr(cell[:40]) if cell else "empty"


def _name(record: dict[str, str], column: str) -> str:
    cell = " ".join(record[column].split())
    if not cell or len(cell) > 60 or not cell.isprintable():
        raise _WrongCell(column, _shown(cell), "1 to 60 characters that can be seen")
    return cell


def _date(column: str, cell: str) -> dt.date:
    date = _TIME_BEHIND.sub("", cell)
    for form in ("%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y", "%d/%m/%y", "%d-%b-%Y", "%d-%b-%y", "%d %b %Y", "%d %B %Y"):
        try:
            return dt.datetime.strptime(date, form).date()  # noqa: DTZ007  # a date alone has no zone
        except ValueError:
            continue
    raise _WrongCell(column, _shown(cell), "a date such as 2018-03-09 or 09/03/2018")


def _birth(cell: str, today: dt.date) -> dt.date:
    born = _date("date_of_birth", cell)
    if not 1 <= today.year - born.year <= 20:
        raise _WrongCell("date_of_birth", _shown(cell), "the birthday of a child in school")
    return born


def _cards(cell: str) -> tuple[str, ...]:
    codes = tuple(dict.fromkeys(re.split(r"[;\s]+", cell.strip("; ")))) if cell.strip("; ") else ()
    for code in codes:
        if not CARD_CODE.fullmatch(code):
            raise _WrongCell("card", _shown(code), "3 to 20 digits, as the reader types them; more cards with ;")
    return codes


def _consent(cell: str) -> bool:
    word = cell.casefold()
    if word not in _YES | _NO:
        raise _WrongCell("dj_name_consent", _shown(cell), "yes or no")
    return word in _YES


def _phone(cell: str) -> str:
    if cell and (len(cell) > 60 or sum(sign.isdigit() for sign in cell) < 6):
        raise _WrongCell("contact_phone", _shown(cell), "a telephone number")
    return cell


def _groups(cell: str) -> tuple[Group, ...]:
    right = "groups such as: pupil-premium 2026-09-02..2027-07-20; eal"
    groups: list[Group] = []
    for part in filter(None, (piece.strip() for piece in cell.split(";"))):
        match = _PERIOD.fullmatch(part)
        name = class_id(match["name"]) if match else ""
        if match is None or not name:
            raise _WrongCell("groups", _shown(part), right)
        from_date = _date("groups", match["from"]) if match["from"] else None
        to_date = _date("groups", match["to"]) if match["to"] else None
        if from_date and to_date and to_date < from_date:
            raise _WrongCell("groups", f"{part[:60]!r} ends before it starts", right)
        if any(group.name == name and group.from_date == from_date for group in groups):
            raise _WrongCell("groups", f"{name!r} twice", right)
        groups.append(Group(name, from_date, to_date))
    return tuple(groups)
