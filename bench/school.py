"""A school for the speakers of a run: a real Mosquitto, the scheduler's own media server, and its clock.

The programme is published as the scheduler would: ahead, retained, for each zone.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from bench.music import Tune
from scheduler.media import MediaFile, MediaServer
from wire.asking import Answerer, Request
from wire.clock import KeptClock
from wire.enrolment import Enrolled, Enrolment
from wire.link import Heard, Link
from wire.mosquitto import PrivateBroker
from wire.programme import MusicSet, Programme, SetTrack
from wire.requests import CLOCK, PLAYED, ClockAnswer, ClockAsk, PlayedAnswer, PlayedAsk, Role, Service
from wire.states import Silence, SpeakerState
from wire.values import instant_of

SITE = "bench"
ZONES = {"east": "playground", "west": "classrooms"}
CROWD = tuple(f"crowd-{number:02}" for number in range(1, 51))
HOUR_S = 3600.0


@dataclasses.dataclass(frozen=True)
class Piece:
    """A stretch of music in a programme: a track, repeated if need be, between two instants in Unix seconds."""

    tune: Tune
    start_unix_s: float
    end_unix_s: float


class School:
    """What the speakers hear; `states` has the newest word of each."""

    def __init__(self, folder: Path, broker: PrivateBroker, link: Link, media: MediaServer) -> None:
        self.folder = folder
        self.broker = broker
        self.states: dict[str, SpeakerState] = {}
        self.files: dict[str, MediaFile] = {}
        self._link = link
        self._media = media
        self._revision = 0
        self._clock = KeptClock()
        self._silent_at_s = 0.0
        link.listen(link.topics.speaker(), SpeakerState, self._hear)
        answerer = Answerer(link, Service.SCHEDULER, enrolment().role_of, self._clock.unix_s)
        answerer.on(CLOCK, self._time, repeatable=True)
        answerer.on(PLAYED, lambda asked: self._keep(asked))

    def credentials(self, user: str) -> Path:
        """The file with a user's secret."""
        self.broker.credentials(user)
        return self.broker.credentials_file(user)

    @property
    def address(self) -> str:
        """Where the broker is."""
        return str(self.broker.address)

    def serve(self, *tunes: Tune) -> None:
        """Give these tracks to who asks."""
        for tune in tunes:
            status = tune.path.stat()
            self.files[tune.id] = MediaFile(tune.path, status.st_size, status.st_mtime_ns)

    def publish(self, pieces: Sequence[Piece]) -> None:
        """Give both zones one programme of these pieces."""
        self._revision += 1
        self.serve(*(piece.tune for piece in pieces))
        sets = tuple(_set(number, piece) for number, piece in enumerate(pieces, 1))
        now_s = time.time()
        for zone in ZONES.values():
            programme = Programme(
                revision=str(self._revision),
                zone=zone,
                made_at=instant_of(now_s),
                valid_until=instant_of(now_s + 2 * HOUR_S),
                media=self._media.url,
                sets=sets,
            )
            self._link.keep(self._link.topics.programme(zone), programme)

    def silence(self, on: bool) -> float:
        """Make the school silent, or lift that; returns the instant at which it was told, in Unix seconds."""
        now_s = max(time.time(), self._silent_at_s + 0.001)
        self._silent_at_s = now_s
        message = Silence(on=on, by="bench", at=instant_of(now_s))
        told_s = time.time()
        self._link.keep(self._link.topics.silence, message)
        return told_s

    def plays(self, *speakers: str) -> bool:
        """Whether all of them say that they play."""
        return all((state := self.states.get(one)) is not None and state.playing is not None for one in speakers)

    def ready(self, *speakers: str) -> bool:
        """Whether all of them follow the newest programme and have all its tracks."""
        states = [self.states.get(one) for one in speakers]
        return all(
            state is not None and state.online and state.revision == str(self._revision) and state.cache.missing == 0
            for state in states
        )

    def _hear(self, heard: Heard[SpeakerState]) -> None:
        if heard.message is not None:
            self.states[heard.tail[-1]] = heard.message

    def _time(self, asked: Request[ClockAsk]) -> ClockAnswer:
        received = self._clock.at_steady(asked.arrived_steady_s)
        return ClockAnswer(sent=asked.body.sent, received=received, answered=self._clock.unix_s())

    @staticmethod
    def _keep(asked: Request[PlayedAsk]) -> PlayedAnswer:
        return PlayedAnswer(kept=len(asked.body.records))


def enrolment() -> Enrolment:
    """The scheduler, the speaker of each room, and a crowd of fifty."""
    speakers = [Enrolled(user=name, role=Role.SPEAKER, zone=zone) for name, zone in ZONES.items()]
    crowd = [Enrolled(user=name, role=Role.SPEAKER, zone=ZONES["east"]) for name in CROWD]
    return Enrolment(site=SITE, users=(Enrolled(user="scheduler", role=Role.SCHEDULER), *speakers, *crowd))


@contextlib.asynccontextmanager
async def school(folder: Path) -> AsyncIterator[School]:
    """A school that runs within the block."""
    async with contextlib.AsyncExitStack() as parts:
        broker = PrivateBroker(folder / "broker", enrolment(), secrets_folder=folder / "credentials")
        address = broker.start()
        parts.callback(broker.stop)
        link = Link(broker=address, credentials=broker.credentials("scheduler"), site=SITE, client="1")
        files: dict[str, MediaFile] = {}
        media = MediaServer(
            lambda track: (files[track],) if track in files else (),
            host="127.0.0.1",
            port=0,
            port_file=folder / "media-port",
        )
        await media.start()
        parts.push_async_callback(media.stop)
        running = School(folder, broker, link, media)
        running.files = files
        await link.start()
        parts.push_async_callback(link.stop)
        if not await link.wait_connected(10.0):
            raise ConnectionError(f"the bench's broker is not reached: {link.fault}")
        yield running


def _set(number: int, piece: Piece) -> MusicSet:
    start_at = instant_of(piece.start_unix_s)
    tune, tracks, at_s = piece.tune, list[SetTrack](), 0.0
    while at_s < piece.end_unix_s - piece.start_unix_s:
        tracks.append(SetTrack(id=tune.id, title=tune.path.name, duration_s=tune.duration_s, at_s=at_s))
        at_s += tune.duration_s
    return MusicSet(
        slot=f"set-{number}",
        date=dt.datetime.fromtimestamp(piece.start_unix_s, dt.UTC).date(),
        start_at=start_at,
        end_at=instant_of(piece.end_unix_s),
        volume=100,
        tracks=tuple(tracks),
    )
