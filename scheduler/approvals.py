"""Which music may be played: an adult's word on each content, by its hash, kept beside the files and never in them.

Music that is marked explicit is never approved with the rest: an adult has to name it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path

from scheduler.library_store import FileRow, Judged, LibraryStore, Verdict
from scheduler.music_files import library_path


class Standing(StrEnum):
    """How a file stands: only APPROVED ones are ever in a programme."""

    NEW = "new"
    APPROVED = "approved"
    REFUSED = "refused"
    NEEDS_ADULT = "needs an adult"


@dataclasses.dataclass(frozen=True)
class MusicItem:
    """One playable file with how it stands, and who said so, when."""

    file: FileRow
    standing: Standing
    judged: Judged | None = None


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What a verdict did, as paths: `done` changed, `already` stood so, `needs_name` is explicit and was not named,
    `unknown` is in no scan, `bad` cannot be played."""

    done: tuple[str, ...] = ()
    already: tuple[str, ...] = ()
    needs_name: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    bad: tuple[str, ...] = ()


def music(store: LibraryStore) -> tuple[MusicItem, ...]:
    """Every playable file and how it stands, by path."""
    verdicts = store.verdicts()
    return tuple(
        MusicItem(row, _standing(row, verdicts.get(row.id)), verdicts.get(row.id))
        for row in store.files().values()
        if row.bad is None
    )


def approve(store: LibraryStore, base: Path, files: Iterable[str], by: str, now_unix_s: float) -> Outcome:
    """Approves files by name, explicit ones too; a folder's name stands for the files in it that are not explicit.

    Names are relative to the timetable's folder, or absolute.
    """
    return _judge(store, base, files, Verdict.APPROVED, by, now_unix_s)


def refuse(store: LibraryStore, base: Path, files: Iterable[str], by: str, now_unix_s: float) -> Outcome:
    """Refuses files by name, or all in a folder: they leave the programmes, and every file of the same content too."""
    return _judge(store, base, files, Verdict.REFUSED, by, now_unix_s)


def approve_all(store: LibraryStore, by: str, now_unix_s: float) -> Outcome:
    """Approves whatever is new and not explicit; what was refused stays refused."""
    items = music(store)
    new = [item for item in items if item.standing is Standing.NEW]
    store.judge(sorted({item.file.id for item in new}), Verdict.APPROVED, by, now_unix_s)
    return Outcome(
        done=_paths(new),
        already=_paths(item for item in items if item.standing is Standing.APPROVED),
        needs_name=_paths(item for item in items if item.standing is Standing.NEEDS_ADULT),
    )


def refuse_all(store: LibraryStore, by: str, now_unix_s: float) -> Outcome:
    """Refuses whatever nobody approved yet."""
    items = music(store)
    waiting = [item for item in items if item.standing in (Standing.NEW, Standing.NEEDS_ADULT)]
    store.judge(sorted({item.file.id for item in waiting}), Verdict.REFUSED, by, now_unix_s)
    return Outcome(done=_paths(waiting), already=_paths(item for item in items if item.standing is Standing.REFUSED))


def _standing(row: FileRow, judged: Judged | None) -> Standing:
    if judged is not None:
        return Standing.APPROVED if judged.verdict is Verdict.APPROVED else Standing.REFUSED
    return Standing.NEEDS_ADULT if row.explicit else Standing.NEW


def _paths(items: Iterable[MusicItem]) -> tuple[str, ...]:
    return tuple(item.file.path for item in items)


def _judge(
    store: LibraryStore, base: Path, names: Iterable[str], verdict: Verdict, by: str, now_unix_s: float
) -> Outcome:
    every = {item.file.path: item for item in music(store)}
    unplayable = {path for path, row in store.files().items() if row.bad is not None}
    wanted = Standing.APPROVED if verdict is Verdict.APPROVED else Standing.REFUSED
    chosen: dict[str, MusicItem] = {}
    needs_name: dict[str, None] = {}
    unknown: list[str] = []
    bad: list[str] = []
    for name in names:
        path = library_path(base, Path(name))
        inside = [item for item in every.values() if path == "." or item.file.path.startswith(path + "/")]
        if path in every:
            chosen[path] = every[path]
        elif path in unplayable:
            bad.append(path)
        elif not inside:
            unknown.append(name)
        for item in inside:
            if item.standing is Standing.NEEDS_ADULT and verdict is Verdict.APPROVED:
                needs_name[item.file.path] = None
            elif not (item.standing is Standing.REFUSED and verdict is Verdict.APPROVED):
                chosen.setdefault(item.file.path, item)
    done = [item for item in chosen.values() if item.standing is not wanted]
    store.judge(sorted({item.file.id for item in done}), verdict, by, now_unix_s)
    return Outcome(
        done=_paths(done),
        already=_paths(item for item in chosen.values() if item.standing is wanted),
        needs_name=tuple(path for path in needs_name if path not in chosen),
        unknown=tuple(unknown),
        bad=tuple(bad),
    )
