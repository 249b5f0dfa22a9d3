"""The live streams of a zone's programme: which are fetched now, where each is placed, and whose turn it is.

Looked at a few times a second by the speaker's loop. A stream is fetched from shortly before its set to the set's end.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import logging
from collections.abc import Callable, Sequence

from devices.live_voice import Live, LiveSound
from devices.pcm import RATE
from devices.plan import frame_at
from devices.stream import Feed
from devices.stream_turns import CROSSFADE_S, TARGET_S, Do, Heard, Turns, decide
from wire.programme import MusicSet, Programme

_log = logging.getLogger(__name__)

OPEN_AHEAD_S = 15.0
"""So long before its set a stream is fetched: enough for a slow server and for the seconds that are held."""
CHANGE_AHEAD_S = 0.8
"""A change is made so far ahead of now that no output has taken the frames from there on."""
MOST_FEEDS = 2
"""The set that sounds and the one that comes: a zone's sets do not overlap."""


@dataclasses.dataclass
class _Tuned:
    """A stream that is fetched."""

    feed: Feed
    sound: LiveSound
    task: asyncio.Task[None]


class Radio:
    """The streams of one speaker; `on_change` is called when another one sounds than before."""

    def __init__(self, on_change: Callable[[], None], command: Sequence[str] | None = None) -> None:
        self._on_change = on_change
        self._command = command
        self._tuned: dict[str, _Tuned] = {}
        self._turns: dict[tuple[str, str], Turns] = {}
        self._leaving: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Wait to be cancelled, and then end every stream."""
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            for url in list(self._tuned):
                self._leave(url)
            for task in list(self._leaving):
                with contextlib.suppress(asyncio.CancelledError):
                    await task

    @property
    def fault(self) -> str | None:
        """Which stream is away."""
        return next((tuned.feed.fault for tuned in self._tuned.values() if tuned.feed.fault), None)

    def live_of(self, music: MusicSet) -> Live | None:
        """The stream of a set that is near; None for a set of tracks, or one that is not fetched."""
        tuned = None if music.stream is None else self._tuned.get(music.stream.url)
        if music.stream is None or tuned is None:
            return None
        return Live(tuned.sound, self._turns.get((music.key, music.stream.url), Turns()))

    def sounds(self, music: MusicSet | None) -> bool:
        """Whether it is the stream that sounds in a set."""
        live = None if music is None else self.live_of(music)
        return live is not None and live.turns.stream_sounds

    def look(self, programme: Programme | None, now_s: float) -> None:
        """Fetch what is near, and decide whose turn it is, at an instant in Unix seconds."""
        near = [music for music in _with_streams(programme) if _is_near(music, now_s)][:MOST_FEEDS]
        urls = {music.stream.url for music in near if music.stream is not None}
        for url in [url for url, tuned in self._tuned.items() if url not in urls or tuned.task.done()]:
            self._leave(url)
        for url in urls - self._tuned.keys():
            self._tune(url)
        keys = {(music.key, music.stream.url) for music in near if music.stream is not None}
        self._turns = {key: self._turns.get(key, Turns()) for key in keys}
        for tuned in self._tuned.values():
            tuned.feed.look()
            tuned.sound.title = tuned.feed.title
        for key in keys:
            self._decide(key, now_s)

    def _tune(self, url: str) -> None:
        _log.info("tunes in to %s", url)
        feed = Feed(url, self._command)
        task = asyncio.create_task(feed.run(), name=f"stream {url}")
        self._tuned[url] = _Tuned(feed, LiveSound(feed.ring), task)

    def _leave(self, url: str) -> None:
        task = self._tuned.pop(url).task
        task.cancel()
        self._leaving.add(task)
        task.add_done_callback(self._left)
        _log.info("leaves %s", url)

    def _left(self, task: asyncio.Task[None]) -> None:
        self._leaving.discard(task)
        if not task.cancelled() and (wrong := task.exception()) is not None:
            _log.error("a stream ended badly", exc_info=wrong)

    def _decide(self, key: tuple[str, str], now_s: float) -> None:
        tuned, turns = self._tuned[key[1]], self._turns[key]
        frame = frame_at(now_s)
        feed = tuned.feed
        heard = Heard(feed.held_s, tuned.sound.ahead_s(frame), feed.silent_s, feed.steady_s)
        if turns.changes and now_s < turns.changes[-1] + CROSSFADE_S:
            return
        doing = decide(turns.stream_sounds, heard)
        if doing is Do.STAY:
            return
        from_s = now_s + CHANGE_AHEAD_S
        if doing is Do.PLACE and (turns.stream_sounds or not self._sounds_elsewhere(key)):
            tuned.sound.place(frame_at(from_s), frame - (feed.ring.written - round(TARGET_S * RATE)))
        if doing is Do.FALL_BACK or not turns.stream_sounds:
            self._turns[key] = turns.changed(from_s)
            _log.info("%s: %s", key[0], "the stream sounds" if doing is Do.PLACE else "the playlist for the stream")
            self._on_change()

    def _sounds_elsewhere(self, key: tuple[str, str]) -> bool:
        """Whether the set before, on the same stream, still sounds: the stream then goes on where it is."""
        return any(turns.stream_sounds for other, turns in self._turns.items() if other != key and other[1] == key[1])


def _with_streams(programme: Programme | None) -> list[MusicSet]:
    sets = programme.sets if programme is not None else ()
    return sorted((one for one in sets if one.stream is not None), key=lambda one: one.start_at)


def _is_near(music: MusicSet, now_s: float) -> bool:
    return music.start_at.timestamp() - OPEN_AHEAD_S <= now_s < music.end_at.timestamp() + 1.0
