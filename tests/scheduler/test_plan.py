"""The plan: which turn counts, what a day remembers, and what has begun and stays."""

from __future__ import annotations

import datetime as dt

from scheduler.asrun import AsRun
from scheduler.plan import PlannedDay, PlannedSet, Planner, begun_sets, playlist_tracks
from scheduler.programme import compile_programmes
from scheduler.timetable import DayShape, Slot
from scheduler.tracks import Library, LibraryTrack
from tests.scheduler.timetables import (
    CALM,
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
from wire.programme import Programme

TEN_THIRTY = dt.datetime(2026, 11, 23, 10, 30, tzinfo=dt.UTC)
SECOND = dt.timedelta(seconds=1)


def monday(planner: Planner) -> PlannedDay:
    return planner.plan(MONDAY)[0]


def named(day: PlannedDay, slot: str) -> PlannedSet:
    return next(planned for planned in day.sets if planned.slot.name == slot)


def ids(planned: PlannedSet) -> list[str]:
    return [placed.track.id for placed in planned.tracks]


def test_a_turn_s_picks_lead_its_slot_with_the_dj_s_name() -> None:
    day = monday(Planner(timetable(), LIBRARY, turn("break", MORNING[9], MORNING[4])))
    assert ids(named(day, "break"))[:2] == [MORNING[9].id, MORNING[4].id]
    assert named(day, "break").dj == "Bramble"
    assert named(day, "lunch").dj is None


def test_a_turn_without_consent_plays_without_a_name() -> None:
    day = monday(Planner(timetable(), LIBRARY, turn("break", MORNING[9], dj=None)))
    assert named(day, "break").dj is None
    assert named(day, "break").tracks[0].picked


def test_a_turn_without_picks_is_not_announced() -> None:
    assert named(monday(Planner(timetable(), LIBRARY, turn("break"))), "break").dj is None


def test_only_approved_picks_that_the_library_holds_are_played() -> None:
    secret = track("secret", approved=False)
    library = Library.of([*LIBRARY.tracks, secret])
    day = monday(Planner(timetable(), library, turn("break", secret, track("gone"), MORNING[4])))
    assert [placed.track for placed in named(day, "break").tracks if placed.picked] == [MORNING[4]]


def test_a_turn_for_a_slot_that_is_not_the_dj_s_does_not_count() -> None:
    planned = named(monday(Planner(timetable(), LIBRARY, turn("drop-off", MORNING[9]))), "drop-off")
    assert planned.dj is None
    assert not any(placed.picked for placed in planned.tracks)


def test_a_turn_touched_after_its_set_began_does_not_count() -> None:
    in_time = named(monday(Planner(timetable(), LIBRARY, turn("break", MORNING[9], at=TEN_THIRTY))), "break")
    late = named(monday(Planner(timetable(), LIBRARY, turn("break", MORNING[9], at=TEN_THIRTY + SECOND))), "break")
    assert in_time.dj == "Bramble"
    assert late == named(monday(Planner(timetable(), LIBRARY)), "break")


def test_a_turn_changes_nothing_before_its_own_set() -> None:
    plain = monday(Planner(timetable(), LIBRARY))
    turned = monday(Planner(timetable(), LIBRARY, turn("lunch", *MORNING[:10])))
    assert turned.sets[:2] == plain.sets[:2]
    assert turned.sets[2] != plain.sets[2]


def test_no_track_comes_twice_in_a_day_while_there_are_others() -> None:
    day = monday(Planner(timetable(), LIBRARY))
    heard = [track_id for slot in ("drop-off", "break", "lunch") for track_id in ids(named(day, slot))]
    assert len(heard) == len(set(heard))


def test_what_earlier_days_plan_comes_last_on_later_days() -> None:
    first, second = Planner(timetable(), LIBRARY).plan(MONDAY)[:2]
    on_monday = {track_id for slot in ("drop-off", "break", "lunch") for track_id in ids(named(first, slot))}
    assert on_monday.isdisjoint(ids(named(second, "drop-off")))


def test_what_was_played_lately_comes_last() -> None:
    last_week = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)
    played = AsRun({each.id: last_week for each in MORNING[:40]})
    drop_off = named(monday(Planner(timetable(), LIBRARY, played=played)), "drop-off")
    assert set(ids(drop_off)) <= {each.id for each in MORNING[40:]}


def test_tomorrow_is_planned_today_as_it_will_be_planned_tomorrow() -> None:
    today = Planner(timetable(), LIBRARY).plan(MONDAY)
    played = AsRun(
        {
            placed.track.id: planned.start_at + dt.timedelta(seconds=placed.at_s)
            for planned in today[0].sets
            for placed in planned.tracks
        }
    )
    tomorrow = Planner(timetable(), LIBRARY, played=played).plan(MONDAY + dt.timedelta(days=1))
    assert tomorrow[0] == today[1]


def test_a_shape_made_at_the_desk_is_planned() -> None:
    shape = DayShape("snow", (Slot("snow", dt.time(9), dt.time(9, 30), ("classrooms",), "calm"),))
    day = monday(Planner(timetable(), LIBRARY, desk={MONDAY: shape}))
    assert [planned.key for planned in day.sets] == ["2026-11-23/snow"]


def test_a_stream_goes_with_the_tracks_to_fall_back_on() -> None:
    school = timetable(SCHEDULE.replace("to: 15:30, zones: [playground], playlist: calm", "to: 15:30, zones: [playground], playlist: radio"))  # fmt: skip  # noqa: E501
    pick_up = named(monday(Planner(school, LIBRARY)), "pick-up")
    assert pick_up.stream == "http://radio.local:8000/school.mp3"
    assert {placed.track for placed in pick_up.tracks} == set(CALM)
    assert set(playlist_tracks(school, LIBRARY, "radio")) == set(CALM)


def test_a_dj_s_picks_on_a_stream_take_its_place() -> None:
    school = timetable(SCHEDULE.replace("playlist: morning, dj: true", "playlist: radio, dj: true"))
    planned = named(monday(Planner(school, LIBRARY, turn("break", MORNING[0]))), "break")
    assert planned.stream is None
    assert planned.tracks[0].track == MORNING[0]
    assert {placed.track for placed in planned.tracks[1:]} <= set(CALM)


def test_a_bell_s_sound_needs_no_approval_unless_it_is_marked_explicit() -> None:
    school = timetable()
    assert monday(Planner(school, LIBRARY)).bells[0].sound is not None
    assert monday(Planner(school, Library())).bells[0].sound is None
    rude = LibraryTrack("0" * 64, "bells/chime.ogg", "chime", "", 2.0, explicit=True)
    assert monday(Planner(school, Library.of([rude]))).bells[0].sound is None


def test_a_slot_that_the_spring_change_swallows_is_left_out_and_one_around_it_is_shorter() -> None:
    text = SCHEDULE.replace("dates: {", "dates: {2026-03-29: night, 2026-10-25: night, ").replace(
        "days:\n",
        "days:\n  night:\n"
        "    - {slot: lost, from: 01:10, to: 01:50, zones: [playground], playlist: calm}\n"
        "    - {slot: around, from: 00:30, to: 02:30, zones: [classrooms], playlist: calm}\n",
    )
    planner = Planner(timetable(text), LIBRARY)
    spring, autumn = (planner.plan(dt.date(2026, month, day))[0] for month, day in ((3, 29), (10, 25)))
    lengths = [
        {s.slot.name: (s.end_at - s.start_at) / dt.timedelta(minutes=1) for s in d.sets} for d in (spring, autumn)
    ]
    assert lengths == [{"around": 60}, {"lost": 40, "around": 180}]


# --- what has begun ---


def published(library: Library = LIBRARY) -> dict[str, Programme]:
    picks = turn("break", MORNING[9])
    return compile_programmes(timetable(), library, picks, AsRun(), from_date=MONDAY, media=MEDIA, made_at=MADE_AT)


def test_sets_have_begun_from_one_second_before_their_start() -> None:
    programmes = published().values()
    at = {offset: set(begun_sets(programmes, TEN_THIRTY + offset * SECOND)) for offset in (-2, -1, 0, 3600)}
    drop_off, both = {"2026-11-23/drop-off"}, {"2026-11-23/drop-off", "2026-11-23/break"}
    assert at == {-2: drop_off, -1: both, 0: both, 3600: both}


def test_a_set_that_is_over_stays_what_was_heard_and_the_day_goes_on_from_it() -> None:
    begun = begun_sets(published().values(), TEN_THIRTY + dt.timedelta(hours=1))
    library = Library.of([*LIBRARY.tracks, *(track(f"new-{i}") for i in range(20))])
    day = monday(Planner(timetable(), library, turn("break", MORNING[9]), begun=begun))
    heard = ids(named(day, "drop-off")) + ids(named(day, "break"))
    assert heard == [each.id for music in begun.values() for each in music.tracks]
    assert set(heard).isdisjoint(ids(named(day, "lunch")))


def test_a_set_that_has_begun_stays_when_the_library_grows_and_the_turn_changes() -> None:
    begun = begun_sets(published().values(), TEN_THIRTY + 60 * SECOND)
    library = Library.of([*LIBRARY.tracks, *(track(f"new-{i}") for i in range(20))])
    late = turn("break", MORNING[11], at=TEN_THIRTY + 30 * SECOND)
    kept = named(monday(Planner(timetable(), library, late, begun=begun)), "break")
    assert ids(kept) == [each.id for each in begun["2026-11-23/break"].tracks]
    assert kept.dj == "Bramble"


def test_a_set_that_has_begun_keeps_the_crossfade_that_its_tracks_were_laid_out_with() -> None:
    begun = begun_sets(published().values(), TEN_THIRTY + 60 * SECOND)
    school = timetable(SCHEDULE.replace("playlist: morning, dj: true", "playlist: morning, dj: true, crossfade: 5"))
    day = monday(Planner(school, LIBRARY, turn("break", MORNING[9]), begun=begun))
    assert (named(day, "break").slot.crossfade_s, named(day, "lunch").slot.crossfade_s) == (0.0, 5.0)


def test_a_set_that_has_begun_goes_when_a_track_of_it_is_refused() -> None:
    begun = begun_sets(published().values(), TEN_THIRTY + 60 * SECOND)
    library = Library.of(each for each in LIBRARY.tracks if each != MORNING[9])
    kept = named(monday(Planner(timetable(), library, turn("break", MORNING[9]), begun=begun)), "break")
    assert MORNING[9].id not in ids(kept)


def test_a_set_that_has_begun_goes_when_staff_change_its_times() -> None:
    begun = begun_sets(published().values(), TEN_THIRTY + 60 * SECOND)
    school = timetable(SCHEDULE.replace("from: 10:30, to: 10:45", "from: 10:30, to: 11:15"))
    longer = named(monday(Planner(school, LIBRARY, turn("break", MORNING[9]), begun=begun)), "break")
    last = longer.tracks[-1]
    assert last.at_s + last.track.duration_s >= 45 * 60
