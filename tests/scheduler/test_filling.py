"""Filling one slot: picks first, then the playlist, without a gap, without tedium."""

from __future__ import annotations

import datetime as dt
import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.filling import MOST_TRACKS, Heard, PlacedTrack, SlotToFill, fill
from scheduler.tracks import LibraryTrack
from tests.scheduler.timetables import MONDAY, MORNING, track

BREAK = SlotToFill(MONDAY, "break", 900)
NOTHING = Heard()


def names(placed: tuple[PlacedTrack, ...]) -> list[str]:
    return [each.track.title for each in placed]


def artists(placed: tuple[PlacedTrack, ...]) -> list[str]:
    return [each.track.artist for each in placed]


def filled(*tracks: LibraryTrack, length_s: float = 900, heard: Heard = NOTHING) -> tuple[PlacedTrack, ...]:
    """A slot filled from a playlist alone."""
    return fill(SlotToFill(MONDAY, "break", length_s), picks=[], playlist=tracks, heard=heard)


def test_picks_come_first_in_their_order_then_the_playlist() -> None:
    picks = [MORNING[7], MORNING[3], MORNING[5]]
    placed = fill(BREAK, picks=picks, playlist=MORNING, heard=NOTHING)
    assert [each.track for each in placed[:3]] == picks
    assert [each.picked for each in placed] == [True] * 3 + [False] * (len(placed) - 3)
    assert len(placed) > 3


def test_a_track_picked_twice_plays_once() -> None:
    placed = fill(BREAK, picks=[MORNING[7], MORNING[3], MORNING[7]], playlist=MORNING, heard=NOTHING)
    assert [each.track for each in placed if each.picked] == [MORNING[7], MORNING[3]]


def test_a_pick_is_not_played_again_by_the_playlist() -> None:
    placed = fill(BREAK, picks=[MORNING[7]], playlist=MORNING, heard=NOTHING)
    assert len({each.track.id for each in placed}) == len(placed)


def test_a_pick_plays_although_it_was_heard_today() -> None:
    heard = Heard(today=[MORNING[7].id])
    assert fill(BREAK, picks=[MORNING[7]], playlist=MORNING, heard=heard)[0].track == MORNING[7]


def test_picks_past_the_slot_are_left_out_and_the_last_track_runs_into_its_end() -> None:
    placed = fill(BREAK, picks=MORNING[:20], playlist=MORNING, heard=NOTHING)
    assert all(each.picked for each in placed)
    assert placed[-1].at_s < 900 <= placed[-1].at_s + placed[-1].track.duration_s


def test_tracks_follow_each_other_without_a_gap() -> None:
    placed = fill(BREAK, picks=[], playlist=MORNING, heard=NOTHING)
    assert placed[0].at_s == 0
    for before, after in itertools.pairwise(placed):
        assert after.at_s == pytest.approx(before.at_s + before.track.duration_s, abs=1e-5)


def test_with_a_crossfade_tracks_overlap_by_it_but_for_those_too_short_to_bear_it() -> None:
    tracks = [track("long"), track("short", duration_s=5), track("other")]
    placed = fill(SlotToFill(MONDAY, "break", 200, crossfade_s=4), picks=tracks, playlist=[], heard=NOTHING)
    assert [each.at_s for each in placed] == [0, 120, 125]
    both_long = fill(SlotToFill(MONDAY, "break", 200, crossfade_s=4), picks=tracks[::2], playlist=[], heard=NOTHING)
    assert [each.at_s for each in both_long] == [0, 116]


def test_never_heard_comes_before_heard_and_longest_ago_before_lately() -> None:
    lately, long_ago, never = (track(name) for name in ("lately", "long-ago", "never"))
    dates = {lately.id: dt.date(2026, 11, 20), long_ago.id: dt.date(2026, 11, 9)}
    assert names(filled(lately, long_ago, never, length_s=360, heard=Heard(dates))) == ["Never", "Long-Ago", "Lately"]


def test_what_was_heard_today_waits_until_all_else_was() -> None:
    tracks = [track(name) for name in "abcd"]
    heard = Heard(today=[tracks[0].id, tracks[1].id])
    placed = filled(*tracks, length_s=480, heard=heard)
    assert set(names(placed[:2])) == {"C", "D"}
    assert names(placed[2:]) == ["A", "B"]


def test_a_playlist_too_short_repeats_rather_than_falls_silent() -> None:
    assert names(filled(track("only"), length_s=480)) == ["Only"] * 4
    placed = filled(track("a"), track("b"), track("c"), length_s=1200)
    assert len(placed) == 10
    assert names(placed[3:]) == names(placed)[:7]


def test_one_artist_is_not_heard_twice_in_a_row_where_that_can_be_avoided() -> None:
    ours = [track(f"otter-{i}", "Otters") for i in range(5)]
    others = [track(f"heron-{i}", "Herons") for i in range(4)]
    placed = filled(*ours, *others, length_s=9 * 120)
    assert artists(placed) == ["Otters", "Herons"] * 4 + ["Otters"]
    assert len({each.track.id for each in placed}) == 9


def test_artists_are_told_apart_whatever_their_case_and_no_artist_is_like_no_other() -> None:
    placed = filled(track("a", "The Otters"), track("b", "the otters "), track("c", "Herons"), length_s=360)
    assert artists(placed)[1] == "Herons"
    assert len(filled(*(track(f"nameless-{i}") for i in range(4)), length_s=480)) == 4


def test_the_order_is_another_on_another_date_and_in_another_slot() -> None:
    orders = {
        tuple(names(fill(SlotToFill(date, slot, 3600), picks=[], playlist=MORNING, heard=NOTHING)))
        for date in (MONDAY, MONDAY + dt.timedelta(days=1))
        for slot in ("break", "lunch")
    }
    assert len(orders) == 4


def test_a_new_track_moves_no_other_out_of_its_order() -> None:
    nameless = [LibraryTrack(t.id, t.path, t.title, "", t.duration_s, approved=True) for t in MORNING[:31]]
    before = names(filled(*nameless[:30], length_s=100_000)[:30])
    after = names(filled(*nameless, length_s=100_000)[:31])
    assert [name for name in after if name != nameless[30].title] == before


def test_nothing_to_play_is_nothing() -> None:
    assert filled() == ()
    assert filled(track("click", duration_s=0.2)) == ()


def test_a_slot_of_tiny_tracks_stays_bounded() -> None:
    assert len(filled(track("blip", duration_s=1.0), track("blop", duration_s=1.0), length_s=86_400)) == MOST_TRACKS


TRACKS = st.lists(
    st.builds(
        track,
        name=st.integers(0, 60).map(lambda n: f"t{n}"),
        artist=st.sampled_from(["", "Otters", "Herons", "Newts"]),
        duration_s=st.floats(0.1, 600, allow_nan=False),
    ),
    max_size=12,
    unique_by=lambda track: track.id,
)


@settings(deadline=None)
@given(
    picks=TRACKS,
    playlist=TRACKS,
    length_s=st.floats(1, 2000),
    crossfade_s=st.sampled_from([0.0, 3.0, 8.0]),
    today=st.lists(st.integers(0, 60).map(lambda n: track(f"t{n}").id), max_size=10),
)
def test_any_slot_is_filled_in_order_to_its_end(
    picks: list[LibraryTrack],
    playlist: list[LibraryTrack],
    length_s: float,
    crossfade_s: float,
    today: list[str],
) -> None:
    slot = SlotToFill(MONDAY, "break", length_s, crossfade_s)
    placed = fill(slot, picks=picks, playlist=playlist, heard=Heard(today=today))
    assert fill(slot, picks=picks, playlist=list(playlist), heard=Heard(today=today)) == placed
    playable = [pick for pick in picks if pick.duration_s >= 1]
    picked = [each.track for each in placed if each.picked]
    assert [each.track for each in placed[: len(picked)]] == picked == playable[: len(picked)]
    if not placed:
        assert not playable
        assert not [each for each in playlist if each.duration_s >= 1]
        return
    assert placed[0].at_s == 0
    for before, after in itertools.pairwise(placed):
        overlap = before.at_s + before.track.duration_s - after.at_s
        assert min(abs(overlap), abs(overlap - crossfade_s)) < 1e-4
        assert after.at_s > before.at_s
    assert placed[-1].at_s < length_s
    fresh = {each.id for each in [*playlist, *picks] if each.duration_s >= 1} - set(today)
    repeats = len(placed) - len({each.track.id for each in placed})
    if repeats:
        assert fresh <= {each.track.id for each in placed} | {each.id for each in picks}
    if any(each.duration_s >= 1 for each in playlist) and len(placed) < MOST_TRACKS:
        assert placed[-1].at_s + placed[-1].track.duration_s >= length_s
