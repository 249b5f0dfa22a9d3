"""A speaker: makes one zone sound as its programme says, with or without the rest of the school's network.

This module joins the parts: what is heard on the wire and saved, what must be fetched and decoded, the plan that the
output plays, and the state and the as-run records that go back. Each part is a module of its own.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import importlib.metadata
import logging
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from devices.cache import TrackCache
from devices.decoder import PcmStore, Wanted
from devices.due import all_tracks, fetch_order, tracks_to_decode
from devices.fetching import Fetcher
from devices.mixer import Mixer
from devices.plan import SILENT, Label, build_plan, label_of
from devices.player import Player, Sounding
from devices.playhead import Playhead, Why, playhead
from devices.playlog import PlayLog
from devices.saved import Saved
from devices.sound_output import open_output
from devices.spool import Spool
from devices.timebase import Timebase
from wire.address import BrokerAddress, Credentials
from wire.asking import Asker
from wire.clock import HeardClock, follow
from wire.link import Heard, Link
from wire.programme import Programme
from wire.states import Cache, Hold, Playing, Silence, SpeakerState
from wire.topics import Topics
from wire.values import instant_of

_log = logging.getLogger(__name__)

TICK_S = 0.2
REPLAN_S = 60.0
WANT_AGAIN_S = 10.0
STATE_PLAYING_S = 5.0
STATE_IDLE_S = 30.0
PRUNE_S = 3600.0
PART_AGAIN_S = 5.0
LAST_FADE_S = 0.6
"""The last fade, and what the output holds ahead, are heard before the output is closed."""
STALE_S = 1.0
"""What an output sounded longer ago than this, it no longer sounds."""


@dataclasses.dataclass(frozen=True)
class SpeakerSettings:
    """What one speaker is told at its start; `output` is `default`, `null` or the name of a device."""

    id: str
    zone: str
    site: str
    state: Path
    broker: BrokerAddress
    credentials: Credentials
    output: str = "default"
    delay_ms: float = 0.0
    client: str = "1"


async def serve(settings: SpeakerSettings, stop: asyncio.Event, ready: Callable[[], None]) -> None:
    """Run a speaker until `stop` is set; `ready` is called when it plays or would."""
    await _Speaker(settings).run(stop, ready)


class _Speaker:
    def __init__(self, settings: SpeakerSettings) -> None:
        self._settings = settings
        self._version = importlib.metadata.version("unmissable")
        self._saved = Saved(settings.state)
        # Named by the zone: a speaker that is moved to another one must not play what it remembers of the last.
        self._programme = self._saved.load(f"programme-{settings.zone}", Programme)
        self._hold = self._saved.load(f"hold-{settings.zone}", Hold)
        self._silence = self._saved.load("silence", Silence)
        self._others: dict[str, Programme] = {}
        self._clock = HeardClock(settings.state / "clock.json")
        self._timebase = Timebase()
        self._mixer = Mixer()
        self._player = Player(self._mixer, settings.delay_ms / 1e3)
        self._output = open_output(settings.output, self._player, self._timebase)
        self._cache = TrackCache(settings.state / "tracks")
        self._pcm = PcmStore(settings.state / "pcm", self._look_again)
        self._fetcher = Fetcher(self._cache, self._new_file)
        self._spool = Spool(settings.state / "as-run.jsonl")
        self._playlog = PlayLog(settings.zone, settings.id)
        self._changed = asyncio.Event()
        self._cached = Cache()
        self._change_at_s = 0.0
        self._wants_at_s = 0.0
        self._pruned_at_s = float("-inf")
        self._told: SpeakerState | None = None
        self._told_at_s = float("-inf")
        self._link = self._new_link()
        self._asker = Asker(self._link, self._clock.unix_s)

    def _new_link(self) -> Link:
        settings = self._settings
        topic = Topics(settings.site).speaker(settings.id)
        gone = SpeakerState(online=False, zone=settings.zone, version=self._version)
        link = Link(
            broker=settings.broker,
            credentials=settings.credentials,
            site=settings.site,
            client=settings.client,
            will=(topic, gone),
        )
        link.listen(link.topics.programme(), Programme, self._hear_programme)
        link.listen(link.topics.silence, Silence, self._hear_silence)
        link.listen(link.topics.hold(settings.zone), Hold, self._hear_hold)
        return link

    async def run(self, stop: asyncio.Event, ready: Callable[[], None]) -> None:
        """Start the parts, look at them until told to stop, stop them in reverse."""
        _log.info("speaker %s of zone %s starts", self._settings.id, self._settings.zone)
        async with contextlib.AsyncExitStack() as parts:
            self._timebase.refresh(self._clock)
            self._look(at_start=True)
            await self._output.start()
            parts.push_async_callback(self._output.stop)
            await self._link.start()
            parts.push_async_callback(self._link.stop)
            for part in (
                lambda: follow(self._clock, self._asker),
                self._pcm.run,
                self._fetcher.run,
                lambda: self._spool.run(self._asker),
            ):
                parts.push_async_callback(_end, asyncio.create_task(_keep_running(part)))
            ready()
            while not stop.is_set():
                self._look()
                await self._pause(stop)
            await self._fade_out()
        _log.info("speaker %s has stopped", self._settings.id)

    async def _pause(self, stop: asyncio.Event) -> None:
        waits = [asyncio.ensure_future(stop.wait()), asyncio.ensure_future(self._changed.wait())]
        await asyncio.wait(waits, timeout=TICK_S, return_when=asyncio.FIRST_COMPLETED)
        for wait in waits:
            wait.cancel()

    async def _fade_out(self) -> None:
        if (record := self._playlog.so_far()) is not None:
            self._spool.add(record)
            self._mixer.play(SILENT)
            await asyncio.sleep(LAST_FADE_S)

    # What is heard on the wire.

    def _hear_programme(self, heard: Heard[Programme]) -> None:
        zone = heard.tail[-1]
        if heard.message is not None and heard.message.zone != zone:
            _log.warning("a programme for %s came on the topic of %s: ignored", heard.message.zone, zone)
            return
        if zone == self._settings.zone:
            if heard.message == self._programme:
                return
            if heard.message is None or self._programme is None or heard.message.revision != self._programme.revision:
                _log.info("programme %s", "withdrawn" if heard.message is None else heard.message.revision)
            self._programme = heard.message
            self._saved.save(f"programme-{zone}", heard.message)
        elif heard.message is None:
            self._others.pop(zone, None)
        else:
            self._others[zone] = heard.message
        self._wants_at_s = 0.0
        self._look_again()

    def _hear_silence(self, heard: Heard[Silence]) -> None:
        # A topic that was cleared lifts nothing: only a newer word of staff does.
        if heard.message is not None and (self._silence is None or heard.message.at >= self._silence.at):
            if self._silence is None or heard.message.on != self._silence.on:
                _log.info("silence %s", "on" if heard.message.on else "lifted")
            self._silence = heard.message
            self._saved.save("silence", heard.message)
            self._look_again()

    def _hear_hold(self, heard: Heard[Hold]) -> None:
        self._hold = heard.message
        self._saved.save(f"hold-{self._settings.zone}", heard.message)
        self._look_again()

    def _look_again(self) -> None:
        self._change_at_s = 0.0
        self._changed.set()

    def _new_file(self) -> None:
        self._wants_at_s = 0.0
        self._pcm.poke()
        self._look_again()

    # One look: everything is derived anew from what is known.

    def _look(self, *, at_start: bool = False) -> None:
        self._changed.clear()
        if self._timebase.refresh(self._clock):
            self._change_at_s = self._wants_at_s = 0.0
            self._told_at_s = float("-inf")
        now_s = self._timebase.unix_s()
        head = playhead(self._programme, self._hold, self._silence, instant_of(now_s))
        if now_s >= self._wants_at_s:
            self._want(now_s)
        if now_s >= self._change_at_s:
            self._plan(head, now_s)
        if not at_start:
            sounding = self._sounding(now_s)
            self._log_what_sounds(sounding, head, now_s)
            self._tell(sounding, head, now_s)

    def _want(self, now_s: float) -> None:
        self._wants_at_s = now_s + WANT_AGAIN_S
        self._pcm.spare_memory()
        tracks = all_tracks([self._programme] if self._programme else [])
        here = sum(1 for track in tracks if self._cache.has(track))
        self._cached = Cache(ready=here, missing=len(tracks) - here)
        programmes = [*([self._programme] if self._programme else []), *self._others.values()]
        self._fetcher.want(fetch_order(self._programme, self._others.values(), now_s))
        self._pcm.want(
            [
                Wanted(track.id, self._cache.path(track.id), track.title, track.duration_s)
                for track in tracks_to_decode(self._programme, now_s)
            ]
        )
        if programmes and now_s - self._pruned_at_s > PRUNE_S and self._timebase.known:
            self._pruned_at_s = now_s
            self._cache.prune(all_tracks(programmes))

    def _plan(self, head: Playhead, now_s: float) -> None:
        self._change_at_s = now_s + REPLAN_S
        if head.next_change is not None:
            self._change_at_s = min(self._change_at_s, head.next_change.timestamp())
        plan = SILENT
        if self._timebase.known:
            plan = build_plan(self._programme, self._hold, self._silence, now_s, self._pcm.get)
        self._mixer.play(plan)

    def _sounding(self, now_s: float) -> Sounding | None:
        sounding = self._player.sounding
        return None if sounding is None or now_s - sounding.at_unix_s > STALE_S else sounding

    def _log_what_sounds(self, sounding: Sounding | None, head: Playhead, now_s: float) -> None:
        step = self._playlog.look(sounding, now_s)
        lacked = self._playlog.lack(self._lacking(head), now_s)
        for record in (step.ended, lacked):
            if record is not None:
                _log.info("track over (%s): %s", record.why, record.title)
                self._spool.add(record)
        if step.began is not None:
            self._wants_at_s = 0.0  # one track less is ahead: short ones would run out before the next look at them
            label = step.began.label
            _log.info("track sounds: %s, from second %.1f, set %s", label.title, step.began.from_s, label.set)

    def _lacking(self, head: Playhead) -> Label | None:
        if head.music is None or head.track is None or self._pcm.get(head.track.id) is not None:
            return None
        start_s = head.music.start_at.timestamp() + head.track.at_s
        return label_of(head.track, head.music.key, start_s)

    # What is told.

    def _tell(self, sounding: Sounding | None, head: Playhead, now_s: float) -> None:
        state = self._state(sounding, head, now_s)
        age_s = now_s - self._told_at_s
        due = age_s >= (STATE_PLAYING_S if state.playing else STATE_IDLE_S) or age_s < 0
        if not due and self._told is not None and _essence(state) == _essence(self._told):
            return
        self._told, self._told_at_s = state, now_s
        if (record := self._playlog.so_far()) is not None:
            self._spool.running(record)
        self._link.keep(self._link.topics.speaker(self._settings.id), state)

    def _state(self, sounding: Sounding | None, head: Playhead, now_s: float) -> SpeakerState:
        playing = None
        if sounding is not None and sounding.label.set:
            playing = Playing(
                set=sounding.label.set,
                track=sounding.label.track,
                title=sounding.label.title,
                position_s=round(max(0.0, sounding.position_at(now_s)), 3),
                at=instant_of(now_s),
            )
        offset_ms = self._clock.offset_ms
        return SpeakerState(
            online=True,
            zone=self._settings.zone,
            playing=playing,
            volume=head.volume,
            revision=self._programme.revision if self._programme else None,
            cache=self._cached,
            clock_offset_ms=None if offset_ms is None else round(offset_ms, 2),
            start_error_ms=self._player.start_error_ms,
            output=self._output.name,
            silent=head.why in (Why.SILENCE, Why.MUTE),
            fault=self._fault(head),
            version=self._version,
        )

    def _fault(self, head: Playhead) -> str | None:
        faults = [self._output.fault]
        if not self._timebase.known:
            faults.append("waits for school time from the scheduler")
        if head.why is Why.NO_PROGRAMME:
            faults.append("waits for its first programme")
        elif head.why is Why.OUT_OF_DATE:
            faults.append("its programme is out of date, so it is silent")
        faults += [self._pcm.fault, self._fetcher.fault]
        return "; ".join(fault for fault in faults if fault)[:300] or None


def _essence(state: SpeakerState) -> SpeakerState:
    """What of a state is worth telling at once when it changes: all but what always moves."""
    playing = state.playing
    if playing is not None:
        playing = playing.model_copy(update={"position_s": 0.0, "at": instant_of(0.0)})
    return state.model_copy(update={"playing": playing, "clock_offset_ms": None})


async def _keep_running(part: Callable[[], Coroutine[Any, Any, None]]) -> None:
    while True:
        try:
            await part()
        except Exception:  # noqa: BLE001 - the edge of a task: the room must not fall silent for one part's fault
            _log.exception("a part of the speaker failed and starts again")
            await asyncio.sleep(PART_AGAIN_S)


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
