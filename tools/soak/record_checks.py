"""What the as-run log has against what `unmissable day` told, and the School DJ's picks. Pure."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator

from wire.programme import MusicSet
from wire.requests import PlayedRecord

from .rehearsal import Lived
from .story import Day
from .tables import Table, median_and_worst, was_away

RECORD_LIMIT_S = 0.5


@dataclasses.dataclass(frozen=True)
class _Due:
    """A track of a set as `unmissable day` tells it."""

    key: str
    title: str
    from_s: float
    to_s: float


def as_run(lived: Lived) -> Table:
    """The as-run log against what `unmissable day` said in the morning."""
    lines = [f"{'day':<12} {'due':>6} {'played':>7} {'the same':>9}   start median/max ms"]
    failures: list[str] = []
    for day in lived.story.days:
        due_count = same = 0
        errors: list[float] = []
        for speaker, zone in lived.school.zones.items():
            found = _joined(one for one in lived.played[day.date] if one.speaker == speaker)
            due = [
                one
                for one in _due(lived, day, zone)
                if not was_away(lived, speaker, one.from_s, one.to_s) or _is_logged(one, found)
            ]
            due_count += len(due)
            if [(one.key, one.title) for one in due] != [(one.set, one.title) for one in found]:
                failures.append(f"{speaker}, {day.date:%a}: {_difference(due, found)}")
                continue
            same += len(due)
            for one, record in zip(due, found, strict=True):
                error_s = record.started_at.timestamp() - record.from_s - one.from_s
                errors.append(abs(error_s) * 1e3)
                if abs(error_s) > RECORD_LIMIT_S:
                    failures.append(f"{speaker}, {day.date:%a}: {one.title} is logged {error_s:+.2f} s off its instant")
        worst = median_and_worst(errors) if errors else "-"
        lines.append(f"{day.date:%a} {day.kind:<8} {due_count:>6} {len(lived.played[day.date]):>7} {same:>9}   {worst}")
    return Table("As-run records against `unmissable day`", tuple(lines), tuple(failures))


def _sets(lived: Lived, day: Day, zone: str) -> Iterator[MusicSet]:
    for one in lived.told[day.date].zones[zone]:
        yield MusicSet.model_validate(one)


def _due(lived: Lived, day: Day, zone: str) -> Iterator[_Due]:
    for music in _sets(lived, day, zone):
        start_s, end_s = music.start_at.timestamp(), music.end_at.timestamp()
        for track in music.tracks:
            from_s = start_s + track.at_s
            if from_s < end_s:
                yield _Due(music.key, track.title, from_s, min(end_s, from_s + track.duration_s))


def _is_logged(due: _Due, found: Iterable[PlayedRecord]) -> bool:
    return any(
        (one.set, one.title) == (due.key, due.title) and due.from_s - 1 < one.started_at.timestamp() < due.to_s
        for one in found
    )


def _joined(records: Iterable[PlayedRecord]) -> list[PlayedRecord]:
    """What was heard, in order; a track that a killed speaker took up again counts once."""
    found: list[PlayedRecord] = []
    heard = [one for one in records if one.why != "missing"]
    for one in sorted(heard, key=lambda record: record.started_at):
        last = found[-1] if found else None
        if last is not None and last.why == "stopped" and (last.set, last.track) == (one.set, one.track):
            found[-1] = last.model_copy(update={"why": one.why})
        else:
            found.append(one)
    return found


def _difference(due: list[_Due], found: list[PlayedRecord]) -> str:
    for place, one in enumerate(due):
        if place >= len(found):
            return f"{one.title} of {one.key} is not in the log ({len(found)} of {len(due)} are)"
        record = found[place]
        if (one.key, one.title) != (record.set, record.title):
            return (
                f"{one.title} of {one.key} was due as number {place + 1}, the log has {record.title} of {record.set} "
                f"({record.why}, {record.started_at:%H:%M:%S}, from second {record.from_s:.1f})"
            )
    extra = found[len(due)]
    return f"{extra.title} of {extra.set} is in the log and was not due ({extra.why}, from second {extra.from_s:.1f})"


def turns(lived: Lived) -> Table:
    """Whether each School DJ's set begins with the picks and names the DJ."""
    lines, failures = [], []
    for day in lived.story.days:
        slot = lived.story.turn_slot(day)
        if slot is None:
            continue
        music = next(one for one in _sets(lived, day, slot.zones[-1]) if one.slot == slot.name)
        right = tuple(track.id for track in music.tracks)[: len(lived.picked[day.date])] == lived.picked[day.date]
        titles = ", ".join(track.title for track in music.tracks[: len(lived.picked[day.date])])
        lines.append(f"{day.date:%a} {slot.name}: {music.dj} picked {titles}")
        if not right or music.dj != "Bramble":
            failures.append(f"{day.date:%a} {slot.name}: the picks are not what it begins with")
    return Table("School DJ", tuple(lines), tuple(failures))
