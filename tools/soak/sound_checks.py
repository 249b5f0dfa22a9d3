"""What was heard against the timetable: each slot and bell at its instant, nothing else; what the kills did. Pure."""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
from collections.abc import Iterable, Iterator

from .ears import Sound
from .rehearsal import Lived
from .story import Day, Kind, Span
from .tables import EDGE_S, RECOVERY_REAL_S, Table, kills_of, median_and_worst, was_away


@dataclasses.dataclass(frozen=True)
class _Heard:
    """How one speaker sounded one span: how late it began and ended, and the silences in it."""

    begin_error_s: float
    end_error_s: float
    holes: tuple[tuple[float, float], ...]


def _heard(sounds: Iterable[Sound], span: Span) -> _Heard | None:
    inside = [one for one in sounds if one.begin_s < span.to_s and (one.end_s or 0.0) > span.from_s]
    if not inside:
        return None
    holes = tuple((before.end_s or 0.0, after.begin_s) for before, after in itertools.pairwise(inside))
    return _Heard(inside[0].begin_s - span.from_s, (inside[-1].end_s or 0.0) - span.to_s, holes)


def _sounds(lived: Lived, speaker: str) -> list[Sound]:
    """What a speaker sounded, with an end each: what a kill cut off ended then."""
    cut_s = [kill.at_s for kill in kills_of(lived, speaker)]
    return [
        one
        if one.end_s is not None
        else Sound(one.begin_s, next((at_s for at_s in cut_s if at_s > one.begin_s), one.begin_s))
        for one in lived.sounds.get(speaker, ())
    ]


def slots(lived: Lived) -> Table:
    """Every slot and bell of every speaker: begun and ended at its instant, without a hole, and nothing else."""
    lines = [f"{'day':<12} {'slot':<9} {'heard':>7}   begin median/max ms   end median/max ms   holes"]
    failures: list[str] = []
    for day in lived.story.days:
        by_span: dict[str, list[tuple[str, Span, _Heard | None]]] = {}
        for speaker, zone in lived.school.zones.items():
            for span in lived.story.spans(day, zone):
                heard = _heard(_sounds(lived, speaker), span)
                by_span.setdefault(span.name, []).append((speaker, span, heard))
        for name, found in by_span.items():
            lines.append(_slot_line(day, name, [heard for _, _, heard in found]))
            for speaker, span, heard in found:
                failures += _slot_failures(lived, day, speaker, span, heard)
        if not by_span:
            lines.append(f"{day.date:%a} {day.kind:<8} silent all day")
        failures += _not_asked_for(lived, day)
    return Table(f"Slots (limit {lived.size.limit_s * 1e3:.0f} ms)", tuple(lines), tuple(failures))


def _slot_line(day: Day, name: str, found: list[_Heard | None]) -> str:
    heard = [one for one in found if one is not None]
    begin, end = (
        (median_and_worst(errors) for errors in zip(*map(_errors_ms, heard), strict=True)) if heard else ("-", "-")
    )
    holes = sum(len(one.holes) for one in heard)
    return (
        f"{day.date:%a} {day.kind:<8} {name:<9} {len(heard):>3}/{len(found):<3}   {begin:>19}   {end:>17}   {holes:>5}"
    )


def _errors_ms(heard: _Heard) -> tuple[float, float]:
    return abs(heard.begin_error_s) * 1e3, abs(heard.end_error_s) * 1e3


def _slot_failures(lived: Lived, day: Day, speaker: str, span: Span, heard: _Heard | None) -> Iterator[str]:
    where = f"{speaker}, {day.date:%a} {span.name}"
    if heard is None:
        yield f"{where}: nothing was heard"
        return
    if abs(heard.begin_error_s) > lived.size.limit_s and not was_away(lived, speaker, span.from_s):
        yield f"{where}: began {heard.begin_error_s * 1e3:+.0f} ms off its instant"
    if abs(heard.end_error_s) > lived.size.limit_s and not was_away(lived, speaker, span.to_s):
        yield f"{where}: ended {heard.end_error_s * 1e3:+.0f} ms off its instant"
    for from_s, to_s in heard.holes:
        if not was_away(lived, speaker, from_s + EDGE_S, to_s):
            yield f"{where}: silent for {to_s - from_s:.1f} s, {from_s - span.from_s:.1f} s into it"


def _not_asked_for(lived: Lived, day: Day) -> Iterator[str]:
    for speaker, zone in lived.school.zones.items():
        wanted = lived.story.spans(day, zone)
        for sound in _sounds(lived, speaker):
            end_s = sound.end_s or sound.begin_s
            if dt.datetime.fromtimestamp(sound.begin_s, dt.UTC).date() != day.date:
                continue
            if not any(sound.begin_s < span.to_s + EDGE_S and end_s > span.from_s - EDGE_S for span in wanted):
                yield f"{speaker}, {day.date:%a}: sounded for {end_s - sound.begin_s:.1f} s where nothing should"


def kills(lived: Lived) -> Table:
    """What each kill did to the sound."""
    lines, failures = [], []
    for kill in lived.kills:
        away_s = (kill.back_s - kill.at_s) / lived.size.speed
        when = f"{dt.datetime.fromtimestamp(kill.at_s, dt.UTC):%a %H:%M:%S}"
        if kill.speaker is None:
            lines.append(f"{when} {kill.what:<10} away {away_s:.1f} s (real); holes in the sound: see the slots")
            continue
        back = [one.begin_s for one in lived.sounds[kill.speaker] if one.begin_s > kill.at_s]
        again_s = (min(back) - kill.back_s) / lived.size.speed if back else float("inf")
        lines.append(f"{when} {kill.what:<10} away {away_s:.1f} s, sounds {again_s:.1f} s after its start (real)")
        if again_s > RECOVERY_REAL_S:
            failures.append(f"{kill.speaker} needed {again_s:.1f} s to sound again")
    missed = set(lived.story.kill_slots) - {kill.what for kill in lived.kills}
    if missed and any(day.kind is Kind.TROUBLE for day in lived.story.days):
        failures.append(f"not killed: {', '.join(sorted(missed))}")
    return Table("Kills", tuple(lines), tuple(failures))
