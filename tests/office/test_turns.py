"""School DJ turns in the database: offered to who is in, kept for who is not, closed in time."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import select

from office.database import Database
from office.days import remember_calendar
from office.models import DjTurn, Pupil
from office.rota import rota
from office.taps import record_tap
from office.turns import bring_forward, give_turns, offers, pick, turns_to_publish
from tests.office.schools import MONDAY, at, calendar, dj_slot, pupil_ids, school_day
from wire.errors import Refused

TUESDAY = MONDAY + dt.timedelta(days=1)
ONE, TWO = "aa" * 32, "bb" * 32


@pytest.fixture
def monday(school: Database) -> Database:
    """A school on Monday, with DJ slots at break (locks 10:25) and lunch (locks 12:05)."""
    with school.write() as session:
        remember_calendar(session, calendar(school_day(), school_day(TUESDAY)))
    return school


def tap(database: Database, pupil: str, clock: str = "08:40", date: dt.date = MONDAY) -> None:
    with database.write() as session:
        record_tap(
            session, pupil_id=pupil, at=at(clock, date), means="touch", kiosk="kiosk-oak", received_at=at(clock, date)
        )
        give_turns(session, at(clock, date))


def tick(database: Database, clock: str, date: dt.date = MONDAY) -> dict[str, str]:
    """Let the rota work at a local time; whose each slot is."""
    with database.write() as session:
        give_turns(session, at(clock, date))
        session.flush()
        return {turn.slot: turn.pupil_id for turn in session.scalars(select(DjTurn).where(DjTurn.date == date))}


def order(database: Database) -> tuple[str, ...]:
    return rota(tuple(pupil_ids(database).values()), [], seed="Autumn")


def test_the_first_two_of_the_rota_get_the_days_two_slots_when_they_tap_in(monday: Database) -> None:
    first, second, third, *_ = order(monday)
    tap(monday, third)
    assert tick(monday, "08:41") == {}
    tap(monday, first, "08:42")
    tap(monday, second, "08:43")
    assert tick(monday, "08:44") == {"break": first, "lunch": second}


def test_a_turn_moves_on_when_the_register_closes_and_is_kept_for_the_childs_return(monday: Database) -> None:
    first, second, third, fourth, _ = order(monday)
    tap(monday, third)
    tap(monday, fourth, "08:41")
    assert tick(monday, "09:14:59") == {}
    assert tick(monday, "09:15") == {"break": third, "lunch": fourth}
    tap(monday, first, "09:30")  # late, greeted like any other, and next in line tomorrow
    assert tick(monday, "09:31") == {"break": third, "lunch": fourth}
    for late in (third, fourth, second, first):
        tap(monday, late, "08:40", TUESDAY)
    assert set(tick(monday, "09:20", TUESDAY).values()) <= {first, second, order(monday)[4]}
    assert tick(monday, "09:20", TUESDAY)["break"] == first


def test_a_slot_that_is_moved_and_then_cancelled_before_it_begins_is_no_turn(monday: Database) -> None:
    first, second, *_ = order(monday)
    tap(monday, first)
    tap(monday, second, "08:41")
    assert tick(monday, "08:42") == {"break": first, "lunch": second}
    lunch = dj_slot("lunch", "12:10")
    with monday.write() as session:
        remember_calendar(session, calendar(school_day(slots=[dj_slot("break", "11:00"), lunch])))
    assert tick(monday, "09:00") == {"break": first, "lunch": second}
    with monday.write() as session:
        remember_calendar(session, calendar(school_day(slots=[lunch])))
    assert tick(monday, "10:45") == {"lunch": second}


def test_nobody_is_dj_twice_on_one_day(monday: Database) -> None:
    _, _, third, *_ = order(monday)
    tap(monday, third)
    assert tick(monday, "09:20") == {"break": third}


def test_a_turn_is_offered_only_to_its_pupil_and_only_when_in(monday: Database) -> None:
    first, second, *_ = order(monday)
    with monday.write() as session:
        assert offers(session, first, at("08:30")) == ()
    tap(monday, first)
    with monday.write() as session:
        (offer,) = offers(session, first, at("08:41"))
        assert (offer.slot, offer.state, offer.locks_at) == ("break", "open", at("10:25"))
        assert offers(session, second, at("08:41")) == ()
        assert offers(session, first, at("10:25"))[0].state == "locked"


def test_an_afternoon_tap_alone_counts_as_in(monday: Database) -> None:
    with monday.write() as session:
        remember_calendar(session, calendar(school_day(slots=[dj_slot("home-time", "15:00")])))
    _, second, *_ = order(monday)
    tap(monday, second, "13:05")
    assert tick(monday, "13:06") == {"home-time": second}


def test_picks_replace_the_list_before_until_they_lock(monday: Database) -> None:
    first, second, *_ = order(monday)
    tap(monday, first)
    tap(monday, second)
    with monday.write() as session:
        pick(session, first, date=MONDAY, slot="break", picks=(ONE, TWO, ONE), now=at("10:00"))
        assert pick(session, first, date=MONDAY, slot="break", picks=(TWO,), now=at("10:24:59")).picks == (TWO,)
        with pytest.raises(Refused) as locked:
            pick(session, first, date=MONDAY, slot="break", picks=(ONE,), now=at("10:25"))
        assert locked.value.reason == "locked"
        for slot, date in (("lunch", MONDAY), ("break", TUESDAY), ("assembly", MONDAY)):
            with pytest.raises(Refused) as other:
                pick(session, first, date=date, slot=slot, picks=(ONE,), now=at("10:00"))
            assert other.value.reason == "not-your-turn"
        with pytest.raises(Refused) as away:
            pick(session, order(monday)[4], date=MONDAY, slot="break", picks=(ONE,), now=at("10:00"))
        assert away.value.reason == "not-in"
        assert session.get_one(DjTurn, (MONDAY, "break")).picks == [TWO]


def test_the_published_turn_names_the_dj_only_with_the_familys_consent(monday: Database) -> None:
    ids = pupil_ids(monday)
    with monday.write() as session:
        bring_forward(session, ids["Wren"], date=MONDAY, slot="break", by="desk", now=at("08:00"))
        bring_forward(session, ids["Clem"], date=MONDAY, slot="lunch", by="desk", now=at("08:00"))
    tap(monday, ids["Wren"])
    tap(monday, ids["Clem"])
    with monday.write() as session:
        turns = {turn.slot: turn for turn in turns_to_publish(session, at("08:41"))}
        assert (turns["break"].dj, turns["break"].picks) == ("Wren", ())
        assert turns["lunch"].dj is None
        assert turns["lunch"].picture == session.get_one(Pupil, ids["Clem"]).picture
        assert turns_to_publish(session, at("08:41", TUESDAY)) == ()


def test_a_turn_brought_forward_waits_for_the_pupil_and_is_kept_when_missed(monday: Database) -> None:
    last = order(monday)[4]
    others = order(monday)[:4]
    with monday.write() as session:
        bring_forward(session, last, date=MONDAY, slot="break", by="desk", now=at("08:00"))
    for other in others:
        tap(monday, other)
    assert "break" not in tick(monday, "10:24")
    tick(monday, "10:25")  # locked: nobody's
    tap(monday, last, "11:00")
    assert tick(monday, "11:01")["lunch"] == others[0]
    for pupil in (*others, last):
        tap(monday, pupil, "08:40", TUESDAY)
    assert tick(monday, "08:41", TUESDAY)["break"] == last


def test_a_slot_that_is_given_cannot_be_brought_forward_to_another(monday: Database) -> None:
    first, second, *_ = order(monday)
    tap(monday, first)
    with monday.write() as session:
        bring_forward(session, first, date=MONDAY, slot="break", by="desk", now=at("08:45"))
        with pytest.raises(Refused) as taken:
            bring_forward(session, second, date=MONDAY, slot="break", by="desk", now=at("08:45"))
        with pytest.raises(Refused) as unknown:
            bring_forward(session, "p-nobody00", date=MONDAY, slot="lunch", by="desk", now=at("08:45"))
    assert (taken.value.reason, unknown.value.reason) == ("taken", "unknown")


def test_the_turn_of_a_cancelled_slot_is_taken_back_and_kept(monday: Database) -> None:
    first, *_ = order(monday)
    tap(monday, first)
    assert tick(monday, "08:41")["break"] == first
    with monday.write() as session:
        remember_calendar(session, calendar(school_day(slots=[dj_slot("lunch", "12:10")])))
    assert tick(monday, "08:42") == {"lunch": first}


def test_a_day_that_the_calendar_never_told_has_no_turns(school: Database) -> None:
    tap(school, pupil_ids(school)["Wren"])
    assert tick(school, "09:30") == {}
