"""A speaker: makes one zone sound as its programme says, with or without the rest of the school's network.

This module joins the parts: what is heard on the wire and saved, what must be fetched and decoded, the plan that the
output plays, and the state and the as-run records that go back. Each part is a module of its own.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import datetime as dt
import importlib.metadata
import logging
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from devices.cache import TrackCache
from devices.decoder import PcmStore, Shelf, Wanted
from devices.due import all_tracks, fetch_order, tracks_to_decode
from devices.fetching import Fetcher
from devices.heard_school import HeardSchool
from devices.keyboard import Keyboard
from devices.mixer import Mixer
from devices.output import Output
from devices.outputs import open_output
from devices.plan import SILENT, Label, build_plan, label_of
from devices.player import Player, Sounding
from devices.playhead import Playhead, Why, playhead
from devices.playlog import PlayLog
from devices.radio import Radio
from devices.saved import Saved
from devices.spool import Spool
from devices.telling import Seen, Telling
from devices.timebase import Timebase
from wire.address import BrokerAddress, Credentials
from wire.asking import Asker
from wire.clock import HeardClock, follow
from wire.errors import NotConnected
from wire.link import Link
from wire.states import Cache, Silence, SpeakerState
from wire.topics import Topics
from wire.values import instant_of

_log = logging.getLogger(__name__)

TICK_S = 0.2
REPLAN_S = 60.0
WANT_AGAIN_S = 10.0
PRUNE_S = 3600.0
PART_AGAIN_S = 5.0
LAST_FADE_S = 0.6
"""The last fade, and what the output holds ahead, are heard before the output is closed."""
STALE_S = 1.0
"""What an output sounded longer ago than this, it no longer sounds."""
SHARE_AFTER_S = 1.0
"""So long after a connect what is retained has come: a silence lifted meanwhile must not be put on again."""


@dataclasses.dataclass(frozen=True)
class SpeakerSettings:
    """What one speaker is told at its start; `output` is `default`, `null` or the name of a device.

    Tracks may take `disk_bytes`; None leaves it to the size of the disk.
    """

    id: str
    zone: str
    site: str
    state: Path
    broker: BrokerAddress
    credentials: Credentials
    output: str = "default"
    delay_ms: float = 0.0
    disk_bytes: int | None = None
    client: str = "1"


@dataclasses.dataclass(frozen=True)
class Parts:
    """What makes the two parts of a speaker that touch its machine: the output, and the store of decoded tracks."""

    output: Callable[[str, Player, Timebase, str], Output] = open_output
    decoded: Callable[[Path, Callable[[], None]], PcmStore] = PcmStore


USUAL = Parts()


async def serve(
    settings: SpeakerSettings,
    stop: asyncio.Event,
    ready: Callable[[], None],
    alive: Callable[[], None] = lambda: None,
    parts: Parts = USUAL,
) -> None:
    """Run a speaker until `stop` is set; `ready` is called when it plays or would.

    `alive` is called several times a second while its parts work: a watchdog may end a speaker that no longer calls it.
    """
    await _Speaker(settings, alive, parts).run(stop, ready)


class _Speaker:
    def __init__(self, settings: SpeakerSettings, alive: Callable[[], None], parts: Parts) -> None:
        self._settings = settings
        self._alive = alive
        self._version = importlib.metadata.version("unmissable")
        self._clock = HeardClock(settings.state / "clock.json")
        self._timebase = Timebase()
        self._mixer = Mixer()
        self._player = Player(self._mixer, settings.delay_ms / 1e3)
        self._output = parts.output(settings.output, self._player, self._timebase, settings.zone)
        self._saved = Saved(settings.state)
        self._heard = HeardSchool(
            settings.zone,
            self._saved,
            lambda: instant_of(self._timebase.unix_s()),
            on_urgent=self._obey,
            on_change=self._new_programme,
        )
        self._cache = TrackCache(settings.state / "tracks", settings.disk_bytes)
        self._pcm = parts.decoded(settings.state / "pcm", self._look_again)
        self._urgent: frozenset[str] = frozenset()
        self._pcm.lean_on(Shelf(lambda count: self._cache.free(count, self._urgent), self._cache.intact))
        self._fetcher = Fetcher(self._cache, self._new_file)
        self._radio = Radio(self._look_again)
        self._spool = Spool(settings.state / "as-run.jsonl")
        self._playlog = PlayLog(settings.zone, settings.id)
        self._keyboard = Keyboard(self._silence_the_school)
        self._own_silence: Silence | None = None
        self._changed = asyncio.Event()
        self._cached = Cache()
        self._change_at_s = 0.0
        self._wants_at_s = 0.0
        self._pruned_at_s = float("-inf")
        self._link = self._new_link()
        self._asker = Asker(self._link, self._clock.unix_s)
        self._telling = Telling(
            self._link, settings.id, settings.zone, self._version, self._clock, self._timebase
        )  # fmt: skip

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
            yields=True,
        )
        self._heard.listen(link)
        link.on_connect(self._share_silence_soon)
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
                self._radio.run,
                lambda: self._spool.run(self._asker),
            ):
                parts.push_async_callback(_end, asyncio.create_task(_keep_running(part)))
            self._keyboard.start()
            parts.callback(self._keyboard.stop)
            ready()
            while not stop.is_set():
                self._look_guarded()
                if self._output.alive:
                    self._alive()
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
        if self._player.sounding is not None:
            self._mixer.play(SILENT)
            await asyncio.sleep(LAST_FADE_S)

    # What is heard.

    def _obey(self) -> None:
        """The word of staff is heard at once: before it is saved, planned or told."""
        self._mixer.mute(self._head(self._timebase.unix_s()).why in (Why.SILENCE, Why.MUTE))
        self._look_again()

    def _new_programme(self) -> None:
        self._wants_at_s = 0.0
        self._look_again()

    def _look_again(self) -> None:
        self._change_at_s = 0.0
        self._changed.set()

    def _new_file(self) -> None:
        self._wants_at_s = 0.0
        self._pcm.poke()
        self._look_again()

    # The speaker's own keyboard.

    def _silence_the_school(self) -> None:
        at, before = instant_of(self._timebase.unix_s()), self._heard.silence
        if before is not None and before.at >= at:
            at = before.at + dt.timedelta(milliseconds=1)
        by = self._settings.id
        silence = Silence(on=True, reason=f"a key was pressed at speaker {by}", by=by, at=at)
        if self._heard.hush(silence):
            self._own_silence = silence
            self._share_silence()

    def _share_silence_soon(self) -> None:
        asyncio.get_running_loop().call_later(SHARE_AFTER_S, self._share_silence)

    def _share_silence(self) -> None:
        """Have the rest of the school hear the own silence, unless somebody has said something newer."""
        if self._own_silence is None or self._heard.silence != self._own_silence:
            self._own_silence = None
            return
        # Not QoS 1: what a dying connection takes up so is sent by the next one, over what staff have said meanwhile.
        with contextlib.suppress(NotConnected):
            self._link.publish(self._link.topics.silence, self._own_silence, retain=True, qos=0)

    # One look: everything is derived anew from what is known.

    def _head(self, now_s: float) -> Playhead:
        heard = self._heard
        return playhead(heard.programme, heard.hold, heard.silence, instant_of(now_s), heard.calls)

    def _look_guarded(self) -> None:
        try:
            self._look()
        except Exception:  # noqa: BLE001 - the edge of the loop: what sounds goes on, and the next look tries again
            _log.exception("a look at the speaker's parts failed")
            self._change_at_s = self._timebase.unix_s() + PART_AGAIN_S

    def _look(self, *, at_start: bool = False) -> None:
        self._changed.clear()
        if self._player.sounding is None:
            self._clock.settle()
        if self._timebase.refresh(self._clock):
            self._change_at_s = self._wants_at_s = 0.0
            self._telling.hurry()
        now_s = self._timebase.unix_s()
        self._heard.forget_old_calls()
        head = self._head(now_s)
        # Frames are made by the output's own time, which the delay shifts.
        self._radio.look(self._heard.programme, now_s - self._settings.delay_ms / 1e3)
        if now_s >= self._change_at_s:
            self._plan(head, now_s)
        if now_s >= self._wants_at_s:
            self._want(now_s)
        if not at_start:
            sounding = self._sounding(now_s)
            self._log_what_sounds(sounding, head, now_s)
            self._tell(sounding, head, now_s)

    def _want(self, now_s: float) -> None:
        self._wants_at_s = now_s + WANT_AGAIN_S
        self._pcm.spare_memory()
        own = self._heard.programme
        tracks = all_tracks([own] if own else [])
        here = sum(1 for track in tracks if self._cache.has(track))
        self._cached = Cache(ready=here, missing=len(tracks) - here)
        sources = fetch_order(own, self._heard.others.values(), now_s)
        self._urgent = frozenset(one.track for one in sources if one.urgent)
        self._fetcher.want(sources)
        self._saved.save_again()
        self._pcm.want(
            [
                Wanted(track.id, self._cache.path(track.id), track.title, track.duration_s)
                for track in tracks_to_decode(own, now_s, self._heard.calls)
            ]
        )
        programmes = self._heard.programmes
        if programmes and now_s - self._pruned_at_s > PRUNE_S and self._timebase.known:
            self._pruned_at_s = now_s
            self._cache.prune(all_tracks(programmes))

    def _plan(self, head: Playhead, now_s: float) -> None:
        self._change_at_s = now_s + REPLAN_S
        if head.next_change is not None:
            self._change_at_s = min(self._change_at_s, head.next_change.timestamp())
        self._mixer.mute(head.why in (Why.SILENCE, Why.MUTE))
        plan, heard = SILENT, self._heard
        if self._timebase.known:
            plan = build_plan(
                heard.programme, heard.hold, heard.silence, now_s, self._pcm.get, heard.calls, self._radio.live_of
            )
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
            if (record := self._playlog.so_far()) is not None:
                self._spool.running(record)  # before anybody is told of it: a kill must not come in between
            label = step.began.label
            _log.info("track sounds: %s, from second %.1f, set %s", label.title, step.began.from_s, label.set)

    def _lacking(self, head: Playhead) -> Label | None:
        if head.music is None or head.track is None or self._pcm.get(head.track.id) is not None:
            return None
        if self._radio.sounds(head.music):
            return None
        start_s = head.music.start_at.timestamp() + head.track.at_s
        return label_of(head.track, head.music.key, start_s)

    def _tell(self, sounding: Sounding | None, head: Playhead, now_s: float) -> None:
        programme = self._heard.programme
        own = (self._link, self._output, self._heard, self._spool, self._saved)
        parts = (*own, self._pcm, self._fetcher, self._radio)
        seen = Seen(
            sounding=sounding,
            head=head,
            revision=programme.revision if programme else None,
            cache=self._cached,
            start_error_ms=self._player.start_error_ms,
            output=self._output.name,
            faults=tuple(dict.fromkeys(part.fault for part in parts)),
        )
        if self._telling.tell(seen, now_s) and (record := self._playlog.so_far()) is not None:
            self._spool.running(record)


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
