"""Programmes and the calendar as they go on the wire: tables for days of every kind, and what always holds."""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.asrun import AsRun
from scheduler.calendar import resolve
from scheduler.instants import instant_at
from scheduler.plan import Turns
from scheduler.programme import compile_calendar, compile_programmes
from scheduler.timetable import Timetable
from scheduler.tracks import Library, LibraryTrack
from tests.scheduler.timetables import (
    CALM,
    CHIME,
    LIBRARY,
    MADE_AT,
    MEDIA,
    MONDAY,
    MORNING,
    SCHEDULE,
    timetable,
    track,
    turn,
)
from wire.payload import decode, encode
from wire.programme import Programme
from wire.values import MAX_PAYLOAD_BYTES, instant_text


def programmes(
    on: dt.date = MONDAY,
    *,
    school: Timetable | None = None,
    library: Library = LIBRARY,
    turns: Turns | None = None,
    made_at: dt.datetime = MADE_AT,
) -> dict[str, Programme]:
    return compile_programmes(
        school or timetable(), library, turns or {}, AsRun(), from_date=on, media=MEDIA, made_at=made_at
    )


def sets_on(programme: Programme, on: dt.date) -> dict[str, str]:
    """Each set of a date with its start and end, in UTC."""
    return {music.slot: f"{music.start_at:%H:%M}-{music.end_at:%H:%M}" for music in programme.sets if music.date == on}


NORMAL = {"drop-off": "08:35-08:55", "break": "10:30-10:45", "lunch": "12:00-13:00", "pick-up": "15:10-15:30"}
SUMMER_TIME = {"drop-off": "07:35-07:55", "break": "09:30-09:45", "lunch": "11:00-12:00", "pick-up": "14:10-14:30"}


@pytest.mark.parametrize(
    ("on", "sets"),
    [
        ("2026-11-23", NORMAL),
        ("2026-11-21", {}),  # a Saturday
        ("2026-11-27", {}),  # INSET
        ("2026-10-26", {}),  # half-term
        ("2026-10-23", SUMMER_TIME),  # the Friday before the clocks go back
        ("2026-11-02", NORMAL),  # the first school day after it
        ("2026-05-04", {}),  # a bank holiday in term
        ("2026-05-05", SUMMER_TIME),
        ("2026-08-31", {}),  # a bank holiday out of term
        ("2026-09-02", SUMMER_TIME),  # the first day of term
        ("2026-12-17", NORMAL),
        ("2026-12-18", NORMAL | {"pick-up": "13:10-13:30"}),  # early finish on the last day
        ("2026-12-21", {}),  # outside term
    ],
)
def test_each_kind_of_day_has_its_sets(on: str, sets: dict[str, str]) -> None:
    date = dt.date.fromisoformat(on)
    assert sets_on(programmes(date)["playground"], date) == sets


def test_the_spring_change_moves_the_sets_with_the_clock() -> None:
    school = timetable(
        SCHEDULE.replace("terms:\n", "terms:\n  - {name: Spring 2026, from: 2026-01-05, to: 2026-04-01}\n")
    )
    playground = programmes(dt.date(2026, 3, 27), school=school)["playground"]
    assert sets_on(playground, dt.date(2026, 3, 27)) == NORMAL
    assert sets_on(playground, dt.date(2026, 3, 30)) == SUMMER_TIME


def test_a_set_is_the_same_in_all_its_zones_but_for_the_volume() -> None:
    both = programmes(turns=turn("lunch", MORNING[3]))
    lunches = [
        next(music for music in both[zone].sets if music.slot == "lunch") for zone in ("playground", "classrooms")
    ]
    assert [lunch.volume for lunch in lunches] == [70, 40]
    assert lunches[0].model_copy(update={"volume": 40}) == lunches[1]
    assert lunches[0].dj == "Bramble"


def test_no_volume_passes_the_zone_s_limit_even_in_a_timetable_that_was_not_read_from_a_file() -> None:
    school = timetable()
    loud = {name: dataclasses.replace(zone, volume=100) for name, zone in school.zones.items()}
    for zone, programme in programmes(school=dataclasses.replace(school, zones=loud)).items():
        assert {music.volume for music in programme.sets} == {school.zones[zone].limit}
        assert {bell.volume for bell in programme.bells} <= {school.zones[zone].limit}
        assert programme.limit == school.zones[zone].limit


def test_a_bell_goes_out_with_its_sound_and_volume_to_its_zones() -> None:
    both = programmes()
    bell = both["playground"].bells[0]
    assert (bell.bell, instant_text(bell.at), bell.volume) == ("end-of-break", "2026-11-23T10:45:00.000Z", 70)
    assert (bell.track.id, bell.track.duration_s, bell.duck_db) == (CHIME.id, 2.0, -18.0)
    assert both["classrooms"].bells == ()


def test_a_bell_without_its_sound_is_left_out() -> None:
    assert programmes(library=Library.of(MORNING))["playground"].bells == ()


CALLS = "calls: {in: bells/chime.ogg, out: {sound: bells/chime.ogg, volume: 60}, gone: calls/gone.ogg}\n"


def test_every_zone_carries_the_sounds_of_the_calls_each_once_but_for_those_that_are_missing() -> None:
    for programme in programmes(school=timetable(SCHEDULE + CALLS)).values():
        assert [call.id for call in programme.calls] == [CHIME.id]
    assert all(programme.calls == () for programme in programmes().values())


def test_the_sound_of_a_call_that_is_marked_explicit_goes_out_only_approved() -> None:
    marked = dataclasses.replace(CHIME, explicit=True)
    for approved, count in ((False, 0), (True, 1)):
        library = Library.of([*MORNING, dataclasses.replace(marked, approved=approved)])
        made = programmes(school=timetable(SCHEDULE + CALLS), library=library)
        assert [len(programme.calls) for programme in made.values()] == [count, count]


def test_another_sound_to_call_is_another_revision() -> None:
    first = programmes(school=timetable(SCHEDULE + CALLS))["classrooms"]
    assert first.revision != programmes()["classrooms"].revision


def test_a_playlist_without_an_approved_track_is_a_silent_set() -> None:
    pick_up = next(m for m in programmes(library=Library.of(MORNING))["playground"].sets if m.slot == "pick-up")
    assert pick_up.tracks == ()


def test_a_stream_goes_out_with_what_to_fall_back_on() -> None:
    school = timetable(SCHEDULE.replace("zones: [playground], playlist: calm", "zones: [playground], playlist: radio"))
    pick_up = next(music for music in programmes(school=school)["playground"].sets if music.slot == "pick-up")
    assert pick_up.stream is not None
    assert pick_up.stream.url == "http://radio.local:8000/school.mp3"
    assert {each.id for each in pick_up.tracks} == {each.id for each in CALM}


@pytest.mark.parametrize(
    ("on", "first", "last", "valid_until"),
    [
        ("2026-11-09", "2026-11-09", "2026-11-13", "2026-11-16T00:00:00.000Z"),
        ("2026-11-23", "2026-11-23", "2026-11-30", "2026-12-01T00:00:00.000Z"),
        ("2026-06-01", "2026-06-01", "2026-06-05", "2026-06-07T23:00:00.000Z"),
        ("2026-12-18", "2026-12-18", "2026-12-18", "2027-01-08T00:00:00.000Z"),
    ],
)
def test_a_programme_covers_five_school_days_and_holds_until_the_sixth(
    on: str, first: str, last: str, valid_until: str
) -> None:
    programme = programmes(dt.date.fromisoformat(on))["playground"]
    dates = [music.date.isoformat() for music in programme.sets]
    assert (min(dates), max(dates)) == (first, last)
    assert instant_text(programme.valid_until) == valid_until


def test_without_school_a_programme_is_silent_and_valid_for_21_days() -> None:
    programme = programmes(dt.date(2026, 8, 1))["playground"]
    assert (programme.sets, programme.bells) == ((), ())
    assert instant_text(programme.valid_until) == "2026-08-21T23:00:00.000Z"


def test_the_revision_is_the_content_s_and_not_the_hour_s() -> None:
    later = MADE_AT + dt.timedelta(hours=5)
    first, again = programmes()["playground"], programmes(made_at=later)["playground"]
    assert first.revision == again.revision
    assert first.revision.startswith("2026-11-23-")
    assert again.made_at == later
    assert programmes(turns=turn("break", MORNING[3]))["playground"].revision != first.revision
    assert programmes(MONDAY + dt.timedelta(days=1))["playground"].revision != first.revision


def test_a_turn_leaves_the_zones_that_it_does_not_concern_as_they_are() -> None:
    plain, turned = programmes(), programmes(turns=turn("break", MORNING[3]))
    today = [[m for m in each["classrooms"].sets if m.date == MONDAY] for each in (plain, turned)]
    assert [m.slot for m in today[0]] == [m.slot for m in today[1]] == ["lunch"]


# --- size ---

ALL_DAY = SCHEDULE.replace(
    "  normal:\n",
    "  long:\n"
    + "".join(
        f"    - {{slot: hour-{hour}, from: {hour:02}:00, to: {hour:02}:59, zones: [playground], playlist: morning}}\n"
        for hour in range(24)
    )
    + "  normal:\n",
).replace("monday: normal, tuesday: normal, wednesday: normal", "monday: long, tuesday: long, wednesday: long")


def of_length(duration_s: float, title: str = "") -> Library:
    return Library.of(
        dataclasses.replace(track(f"short-{i}", f"Band {i % 9}", duration_s=duration_s), title=title or f"Short {i}")
        for i in range(60)
    )


def dates_of(programme: Programme) -> list[dt.date]:
    return sorted({music.date for music in programme.sets})


def test_five_long_days_of_short_tracks_fit_by_fewer_days() -> None:
    programme = programmes(school=timetable(ALL_DAY), library=of_length(150))["playground"]
    assert len(encode(programme)) <= MAX_PAYLOAD_BYTES
    assert dates_of(programme) == [MONDAY, MONDAY + dt.timedelta(days=1)]
    assert instant_text(programme.valid_until) == "2026-11-25T00:00:00.000Z"
    assert sets_on(programme, MONDAY).keys() == {f"hour-{hour}" for hour in range(24)}


def test_one_day_that_does_not_fit_keeps_its_first_sets_with_shorter_titles(caplog: pytest.LogCaptureFixture) -> None:
    library = of_length(20, title="🎵" * 300)
    programme = programmes(school=timetable(ALL_DAY), library=library)["playground"]
    assert len(encode(programme)) <= MAX_PAYLOAD_BYTES
    assert dates_of(programme) == [MONDAY]
    hours = [f"hour-{hour}" for hour in range(24)]
    kept = [music.slot for music in programme.sets]
    assert 0 < len(kept) < 24
    assert kept == hours[: len(kept)]
    assert "is too long for a message" in caplog.text


def test_a_hundred_calls_stay_where_a_day_does_not_fit() -> None:
    sounds = [track(f"call-{i}", "🎺" * 300, folder="calls", approved=False) for i in range(100)]
    library = Library.of(
        [*of_length(20, title="🎵" * 300).tracks, *(dataclasses.replace(one, title="🎺" * 300) for one in sounds)]
    )
    calls = "calls: {" + ", ".join(f"call-{i}: calls/call-{i}.ogg" for i in range(100)) + "}\n"
    programme = programmes(school=timetable(ALL_DAY + calls), library=library)["playground"]
    assert len(encode(programme)) <= MAX_PAYLOAD_BYTES
    assert [call.id for call in programme.calls] == [sound.id for sound in sounds]
    assert programme.sets


def test_what_is_compiled_can_be_decoded_as_it_was() -> None:
    programme = programmes(turns=turn("break", MORNING[3]))["playground"]
    assert decode(encode(programme), Programme) == programme


# --- the calendar ---


def test_the_calendar_has_every_day_with_its_registers_and_slots() -> None:
    calendar = compile_calendar(timetable(), from_date=MONDAY, made_at=MADE_AT)
    assert (calendar.school, calendar.timezone) == ("Bramble Primary", "Europe/London")
    assert [(day.date.day, day.day, day.open) for day in calendar.days] == [
        (23, "normal", True), (24, "normal", True), (25, "normal", True), (26, "normal", True),
        (27, "closed", False), (28, "closed", False), (29, "closed", False), (30, "normal", True),
    ]  # fmt: skip
    monday, inset = calendar.days[0], calendar.days[4]
    assert monday.am is not None
    assert monday.pm is not None
    assert [f"{t:%H:%M}" for t in (monday.am.start, monday.am.close, monday.am.end)] == ["08:55", "09:15", "12:00"]
    assert [f"{t:%H:%M}" for t in (monday.pm.start, monday.pm.close, monday.pm.end)] == ["13:00", "13:15", "15:15"]
    assert monday.term == inset.term == "Autumn 2026"
    assert (inset.am, inset.pm, inset.slots, inset.rule) == (None, None, (), "closed 2026-11-27: INSET")


def test_a_dj_s_slot_locks_before_it_begins_and_another_slot_does_not() -> None:
    drop_off, morning_break, *_ = compile_calendar(timetable(), from_date=MONDAY, made_at=MADE_AT).days[0].slots
    assert (drop_off.dj_slot, drop_off.locks_at) == (False, None)
    assert morning_break.dj_slot
    assert morning_break.locks_at is not None
    assert instant_text(morning_break.locks_at) == "2026-11-23T10:25:00.000Z"
    assert morning_break.zones == ("playground",)


# --- what always holds ---

TIMES = st.integers(0, 24 * 60 - 1)


@st.composite
def schools(draw: st.DrawFn) -> Timetable:
    """A timetable whose Mondays have any slots that a zone can have one after the other."""
    cuts = sorted(draw(st.sets(TIMES, min_size=2, max_size=12)))
    lines = []
    for number, (begin, end) in enumerate(itertools.pairwise(cuts)):
        zones = draw(st.sampled_from(["playground", "classrooms", "playground, classrooms"]))
        playlist = draw(st.sampled_from(["morning", "calm", "radio"]))
        volume = draw(st.sampled_from(["", ", volume: 0", ", volume: 60"]))
        crossfade = draw(st.sampled_from([0, 4]))
        dj = draw(st.sampled_from(["true", "false"]))
        lines.append(
            f"    - {{slot: s{number}, from: {begin // 60:02}:{begin % 60:02}, to: {end // 60:02}:{end % 60:02}, "
            f"zones: [{zones}], playlist: {playlist}, dj: {dj}, crossfade: {crossfade}{volume}}}\n"
        )
    text = SCHEDULE.replace("  normal:\n", "  any:\n" + "".join(lines) + "  normal:\n")
    return timetable(text.replace("monday: normal", "monday: any"))


def check_zone(school: Timetable, programme: Programme) -> None:
    """What holds of every programme: one track at a time, inside slots, never too loud."""
    sets = sorted(programme.sets, key=lambda music: music.start_at)
    for before, after in itertools.pairwise(sets):
        assert before.end_at <= after.start_at
    for music in sets:
        length_s = (music.end_at - music.start_at).total_seconds()
        shape = resolve(school, music.date).shape
        assert shape is not None
        slot = next(slot for slot in shape.slots if slot.name == music.slot)
        assert programme.zone in slot.zones
        assert music.start_at == instant_at(music.date, slot.from_time, school.timezone)
        assert music.end_at == instant_at(music.date, slot.to_time, school.timezone)
        assert music.end_at <= programme.valid_until
        assert music.volume <= school.zones[programme.zone].limit
        assert music.fade_in_s + music.fade_out_s <= length_s
        assert all(0 <= placed.at_s < length_s for placed in music.tracks)
        for before_track, after_track in itertools.pairwise(music.tracks):
            overlap = before_track.at_s + before_track.duration_s - after_track.at_s
            assert min(abs(overlap), abs(overlap - music.crossfade_s)) < 1e-4
        if music.tracks:
            last = music.tracks[-1]
            assert music.tracks[0].at_s == 0
            assert last.at_s + last.duration_s >= length_s - 1e-4


@settings(deadline=None, max_examples=40)
@given(
    school=schools(),
    on=st.dates(dt.date(2026, 9, 1), dt.date(2026, 12, 31)),
    picks=st.lists(st.sampled_from([*MORNING, *CALM, CHIME]), max_size=6),
    slot=st.integers(0, 11).map(lambda n: f"s{n}"),
)
def test_one_track_at_a_time_inside_slots_below_the_limit_and_always_the_same(
    school: Timetable, on: dt.date, picks: list[LibraryTrack], slot: str
) -> None:
    turns = turn(slot, *picks, date=on, at=MADE_AT - dt.timedelta(days=99))
    made = programmes(on, school=school, turns=turns)
    assert programmes(on, school=school, turns=turns) == made
    wanted = list(dict.fromkeys(pick.id for pick in picks if pick is not CHIME))
    for programme in made.values():
        check_zone(school, programme)
        for music in programme.sets:
            played = [placed.id for placed in music.tracks]
            assert CHIME.id not in played
            if (music.date, music.slot) in turns and music.dj is not None:
                assert played[: len(wanted)] == wanted[: len(played)]
