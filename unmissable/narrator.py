"""Tells what happens in a school, a line for each thing, from what can be heard on the wire.

Slots that start, tracks that start on each speaker, School DJ turns, programmes that are revised, programs that come
and go. It names no pupil but a School DJ whose family agreed.
"""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Callable

from wire.link import Heard, Link
from wire.programme import Programme, Turn
from wire.states import ProgramState, Silence, SpeakerState

Say = Callable[[str], None]
LASTS_S = 4.0
UNHEARD = "null: "
"""So begins the output of a speaker that found none, with the reason."""


@dataclasses.dataclass
class Happened:
    """What has happened so far, counted; `played` are (speaker, set, track id)."""

    slots: set[str] = dataclasses.field(default_factory=set)
    played: set[tuple[str, str, str | None]] = dataclasses.field(default_factory=set)
    tracks: int = 0
    turns: int = 0
    revisions: int = 0
    programs: set[str] = dataclasses.field(default_factory=set)
    speakers: set[str] = dataclasses.field(default_factory=set)


class Narrator:
    """Listens on a link of the desk's user and says what happens; `happened` counts it."""

    def __init__(self, link: Link, say: Say) -> None:
        self.happened = Happened()
        self._say = say
        self._programmes: dict[str, Programme] = {}
        self._speakers: dict[str, SpeakerState] = {}
        self._turns: dict[tuple[str, ...], Turn] = {}
        self._programs: dict[str, ProgramState] = {}
        self._faulty: set[str] = set()
        link.listen(link.topics.programme(), Programme, self._programme)
        link.listen(link.topics.speaker(), SpeakerState, self._speaker)
        link.listen(link.topics.turns, Turn, self._turn)
        link.listen(link.topics.program(), ProgramState, self._program)
        link.listen(link.topics.silence, Silence, self._silence)

    def _programme(self, heard: Heard[Programme]) -> None:
        programme = heard.message
        if programme is None:
            return
        before = self._programmes.get(programme.zone)
        self._programmes[programme.zone] = programme
        if before is None:
            self._say(f"programme for {programme.zone}: {len(programme.sets)} sets ahead")
        elif before.revision != programme.revision:
            self.happened.revisions += 1
            self._say(f"programme for {programme.zone} revised")

    def _speaker(self, heard: Heard[SpeakerState]) -> None:
        state, name = heard.message, heard.tail[-1]
        if state is None:
            return
        before = self._speakers.get(name)
        self._speakers[name] = state
        self._coming_and_going(name, before, state)
        if state.playing is None or not state.online:
            return
        was = before.playing if before is not None else None
        if state.playing.set not in self.happened.slots:
            self.happened.slots.add(state.playing.set)
            self._say(f"{_slot(state.playing.set)} starts")
        if was is None or (was.set, was.track) != (state.playing.set, state.playing.track):
            self.happened.tracks += 1
            self.happened.played.add((name, state.playing.set, state.playing.track))
            self._say(f"{name} plays {state.playing.called}")

    def _coming_and_going(self, name: str, before: SpeakerState | None, state: SpeakerState) -> None:
        if before is None or before.online != state.online:
            if state.online:
                self.happened.speakers.add(name)
            if state.online or before is not None:
                self._say(f"speaker {name} ({state.zone}) is {'there' if state.online else 'away'}")
        unheard = state.output.removeprefix(UNHEARD) if state.output.startswith(UNHEARD) else ""
        if state.online and unheard and (before is None or before.output != state.output):
            self._say(f"speaker {name} is not heard: {unheard}")
        if state.online and (before is None or before.fault != state.fault):
            self._fault(f"speaker {name}", state.fault, lambda: self._speakers[name].fault == state.fault)

    def _turn(self, heard: Heard[Turn]) -> None:
        key, turn = heard.tail[1:], heard.message
        if turn is None or self._turns.get(key) == turn:
            return
        before = self._turns.get(key)
        self._turns[key] = turn
        if before is None or len(before.picks) != len(turn.picks):
            self.happened.turns += bool(turn.picks)
            picks = f"{len(turn.picks)} picked" if turn.picks else "no pick yet"
            self._say(f"School DJ for {turn.slot}: {turn.dj or 'a pupil'}, {picks}")

    def _program(self, heard: Heard[ProgramState]) -> None:
        state, name = heard.message, heard.tail[-1]
        if state is None:
            return
        before = self._programs.get(name)
        self._programs[name] = state
        if before is None or before.online != state.online:
            if state.online:
                self.happened.programs.add(name)
            if state.online or before is not None:
                self._say(f"the {name} is {'there' if state.online else 'away'}")
        if state.online and (before is None or before.error != state.error):
            self._fault(f"the {name}", state.error, lambda: self._programs[name].error == state.error)

    def _fault(self, who: str, fault: str | None, lasts: Callable[[], bool]) -> None:
        """Say a fault that lasts, as programs that start wait for each other for a moment; and say its end."""

        def say() -> None:
            if lasts():
                self._faulty.add(who)
                self._say(f"{who}: {fault}")

        if fault:
            asyncio.get_running_loop().call_later(LASTS_S, say)
        elif who in self._faulty:
            self._faulty.remove(who)
            self._say(f"{who}: that is put right")

    def _silence(self, heard: Heard[Silence]) -> None:
        if heard.message is not None and (heard.message.on or not heard.retained):
            self._say(f"silence is {'on' if heard.message.on else 'off'}, by {heard.message.by}")


def _slot(key: str) -> str:
    """The slot of a set's key."""
    return key.split("/")[-1]
