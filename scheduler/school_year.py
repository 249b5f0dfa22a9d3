"""Reading the school year of the timetable: `terms`, `closed`, `bank_holidays` and `dates`."""

from __future__ import annotations

import dataclasses
import datetime as dt

from scheduler.fields import DATE, TEXT, Fields, Kind, Problems, Wrong, one_of, shown
from scheduler.strict_yaml import ListNode, Node, ScalarNode
from scheduler.timetable import BankHolidays, Closure, DateSpan, Term

_EXAMPLE_TERM = "{name: Autumn 2026, from: 2026-09-02, to: 2026-12-18, half_term: [2026-10-26, 2026-10-30]}"
_EXAMPLE_CLOSURE = "{date: 2026-11-27, why: INSET}"


@dataclasses.dataclass(frozen=True)
class SchoolYear:
    """What the file says of dates; `bank_holidays` None where it does not say."""

    terms: tuple[Term, ...]
    closed: tuple[Closure, ...]
    bank_holidays: BankHolidays | None
    dates: dict[dt.date, str]


def read_year(top: Fields, day: Kind[str], problems: Problems) -> SchoolYear:
    """The sections about dates, at the top of the file; `day` reads the name of a day shape."""
    country = top.get("bank_holidays", one_of(tuple(BankHolidays), "country with bank holidays"), None)
    return SchoolYear(
        terms=_terms(top, problems),
        closed=_closed(top, problems),
        bank_holidays=BankHolidays(country) if country is not None else None,
        dates=_dates(top, day, problems),
    )


def _items(top: Fields, key: str, example: str, problems: Problems) -> list[Fields]:
    """The mappings in a list that may be left out."""
    entry = top.node.get(key)
    if entry is None:
        return []
    if not isinstance(entry.value, ListNode):
        top.wrong(key, f"{shown(entry.value)}; should be a list such as [{example}]")
        return []
    items = enumerate(entry.value.items)
    fields = [Fields.of(item, f"{key}[{index}]", problems, example=example) for index, item in items]
    return [each for each in fields if each is not None]


def _terms(top: Fields, problems: Problems) -> tuple[Term, ...]:
    """The terms in the order of time."""
    terms: list[Term] = []
    for fields in _items(top, "terms", _EXAMPLE_TERM, problems):
        fields.only("name", "from", "to", "half_term")
        name = fields.need("name", TEXT)
        first, last = fields.need("from", DATE), fields.need("to", DATE)
        half_term = fields.get("half_term", HALF_TERM, None)
        if name is not None and any(term.name == name for term in terms):
            fields.wrong("name", f"'{name}' is another term's name; should be its own")
        if first is None or last is None:
            continue
        span = DateSpan(first, last)
        if last < first:
            fields.wrong("to", f"{last} is before the term's start on {first}; should be after it")
            continue
        if half_term is not None and not (half_term.first in span and half_term.last in span):
            fields.wrong("half_term", f"{_dates_of(half_term)} is not inside the term, {_dates_of(span)}; should be")
        for term in terms:
            if first <= term.span.last and term.span.first <= last:
                fields.wrong("from", f"overlaps {term.name}, {_dates_of(term.span)}; terms should follow each other")
        terms.append(Term(name or "", span, half_term))
    return tuple(sorted(terms, key=lambda term: term.span.first))


def _closed(top: Fields, problems: Problems) -> tuple[Closure, ...]:
    closed: dict[dt.date, Closure] = {}
    for fields in _items(top, "closed", _EXAMPLE_CLOSURE, problems):
        fields.only("date", "why")
        date, why = fields.need("date", DATE), fields.need("why", TEXT)
        if date is not None and date in closed:
            fields.wrong("date", f"{date} is closed already; should stand here once")
        elif date is not None:
            closed[date] = Closure(date, why or "")
    return tuple(closed[date] for date in sorted(closed))


def _dates(top: Fields, day: Kind[str], problems: Problems) -> dict[dt.date, str]:
    entry = top.node.get("dates")
    fields = Fields.of(entry.value, "dates", problems, example="{2026-12-18: early-finish}") if entry else None
    if fields is None:
        return {}
    fields.no_repeats()
    dates = {}
    for each in fields.entries:
        key = ScalarNode(each.at, each.key, each.key)
        name = fields.get(each.key, day, None)
        try:
            date = DATE.read(key)
        except Wrong as wrong:
            problems.add(each.at, fields.at_path(each.key), DATE.complaint(key, wrong))
            continue
        if name is not None:
            dates[date] = name
    return dates


def _half_term(node: Node) -> DateSpan:
    if not isinstance(node, ListNode) or len(node.items) != 2:
        raise Wrong
    first, last = (DATE.read(item) for item in node.items)
    if last < first:
        raise Wrong(f"{last} is before {first}; should be the first and the last day of the holiday, in this order")
    return DateSpan(first, last)


def _dates_of(span: DateSpan) -> str:
    return f"{span.first} to {span.last}"


HALF_TERM = Kind("the first and the last day of the holiday, such as [2026-10-26, 2026-10-30]", _half_term)
