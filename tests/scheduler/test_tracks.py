"""The library's look-ups: by path as staff write it, by folder, by content."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from scheduler.tracks import PICTURES, Library, LibraryTrack, pictures_of, plain_path


def track(path: str, content: str = "a", *, approved: bool = True, title: str = "") -> LibraryTrack:
    return LibraryTrack(id=content * 64, path=path, title=title or path, artist="", duration_s=60.0, approved=approved)


LIBRARY = Library.of(
    [
        track("music/morning/b.ogg", "b"),
        track("music/morning/a.ogg", "a"),
        track("music/morning/deep/c.ogg", "c"),
        track("music/morning/new.ogg", "d", approved=False),
        track("music/morning-extra/e.ogg", "e"),
        track("/srv/music/f.ogg", "f"),
    ]
)


def paths(tracks: tuple[LibraryTrack, ...]) -> list[str]:
    return [found.path for found in tracks]


def test_a_folder_gives_its_approved_tracks_by_path_and_not_those_of_a_namesake() -> None:
    expected = ["music/morning/a.ogg", "music/morning/b.ogg", "music/morning/deep/c.ogg"]
    assert paths(LIBRARY.in_folder("music/morning")) == expected


@pytest.mark.parametrize("spelling", ["music/morning/", "./music/morning", "music//morning", "music/x/../morning"])
def test_a_folder_is_found_however_staff_spell_it(spelling: str) -> None:
    assert LIBRARY.in_folder(spelling) == LIBRARY.in_folder("music/morning")


def test_the_whole_folder_of_the_timetable_does_not_reach_music_elsewhere() -> None:
    assert "/srv/music/f.ogg" not in paths(LIBRARY.in_folder("."))
    assert len(LIBRARY.in_folder(".")) == 4


def test_an_absolute_folder_is_found() -> None:
    assert paths(LIBRARY.in_folder("/srv/music")) == ["/srv/music/f.ogg"]


def test_a_track_that_nobody_approved_is_found_by_its_path_but_is_in_no_list() -> None:
    new = LIBRARY.by_path("./music/morning/new.ogg")
    assert new is not None
    assert not new.approved
    assert new not in LIBRARY.approved
    assert new not in LIBRARY.in_folder("music/morning")


def test_the_same_content_in_two_files_is_one_track() -> None:
    twice = Library.of([track("m/1.ogg"), track("m/2.ogg")])
    assert paths(twice.in_folder("m")) == ["m/1.ogg"]
    assert paths(twice.approved) == ["m/1.ogg"]
    found = twice.by_id("a" * 64)
    assert found is not None
    assert found.path == "m/1.ogg"


def test_approved_tracks_come_by_title_without_regard_to_capitals() -> None:
    mixed = Library.of([track("1", "a", title="beta"), track("2", "b", title="Alpha"), track("3", "c", title="Gamma")])
    assert [found.title for found in mixed.approved] == ["Alpha", "beta", "Gamma"]


def test_no_two_tracks_have_one_picture_while_there_are_pictures_left() -> None:
    ids = [f"{number % 3:08x}{number:056x}" for number in range(2 * len(PICTURES))]
    few, many = pictures_of(ids[: len(PICTURES)]), pictures_of(ids)
    assert sorted(few.values()) == sorted(PICTURES)
    assert sorted(many.values()) == sorted([*PICTURES, *PICTURES])
    assert pictures_of(reversed(ids)) == many


def test_a_picture_is_one_wide_code_point() -> None:
    assert len(set(PICTURES)) == len(PICTURES)
    assert all(len(picture) == 1 and cell_len(picture) == 2 for picture in PICTURES)


@pytest.mark.parametrize(
    ("spelling", "kept"),
    [
        ("music/a.ogg", "music/a.ogg"),
        ("./music//a.ogg", "music/a.ogg"),
        ("/school/config/music/a.ogg", "music/a.ogg"),
        ("../shared/a.ogg", "/school/shared/a.ogg"),
        ("/srv/a.ogg", "/srv/a.ogg"),
        ("/school/config-old/a.ogg", "/school/config-old/a.ogg"),
        ("/school/config/", "."),
    ],
)
def test_a_path_is_kept_relative_to_the_timetables_folder_where_it_lies_in_it(spelling: str, kept: str) -> None:
    assert plain_path("/school/config", spelling) == kept
    library = Library.of([track(kept)], base="/school/config")
    assert library.by_path(spelling) == library.tracks[0]
