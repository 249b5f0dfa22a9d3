"""Bank holidays of the United Kingdom's countries, offline; the only module that knows the holidays library."""

from __future__ import annotations

import datetime as dt
import functools

import holidays

from scheduler.timetable import BankHolidays

_SUBDIVISIONS = {
    BankHolidays.ENGLAND: "ENG",
    BankHolidays.WALES: "WLS",
    BankHolidays.SCOTLAND: "SCT",
    BankHolidays.NORTHERN_IRELAND: "NIR",
}


def bank_holiday(date: dt.date, country: BankHolidays) -> str | None:
    """The name of the bank holiday on a date, or None on every other date."""
    if country is BankHolidays.NONE:
        return None
    return _year(country, date.year).get(date)


@functools.lru_cache(maxsize=16)
def _year(country: BankHolidays, year: int) -> dict[dt.date, str]:
    """One year's bank holidays; without the country's own subdivision the library leaves the summer one out."""
    return dict(holidays.country_holidays("GB", subdiv=_SUBDIVISIONS[country], years=year))
