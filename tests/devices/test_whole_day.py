"""With the network gone for a day, the speaker has the day: every track of it can be decoded before its instant."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
from pathlib import Path

from devices.cache import TrackCache
from devices.decoder import PcmStore, Wanted
from devices.due import all_tracks, fetch_order, tracks_to_decode
from devices.fetching import Fetcher
from devices.playhead import track_spans
from devices.saved import Saved
from tests.devices.conftest import NOON, MediaServer, music_set, programme_of, tune
from tests.waiting import until
from wire.programme import Bell, Programme, Track

KINDS = ("mp3", "ogg", "flac", "m4a", "opus", "wav")
SLOTS = {"drop-off": -3.5, "break": -1.5, "lunch": 0.0, "pick-up": 3.0}


async def test_a_day_that_was_fetched_plays_with_the_network_gone(media: MediaServer, tmp_path: Path) -> None:
    tunes = [tune(tmp_path, 60 + number, 4.0, KINDS[number % 6]) for number in range(9)]
    media.add(*tunes)
    sets = [
        music_set(NOON + dt.timedelta(hours=hours), tunes[2 * number : 2 * number + 2], slot)
        for number, (slot, hours) in enumerate(SLOTS.items())
    ]
    chime = Track(id=tunes[8].id, title="chime", duration_s=4.0)
    bells = tuple(
        Bell(bell=f"bell-{number}", at=NOON + dt.timedelta(hours=hours), track=chime)
        for number, hours in enumerate((-1.2, 1.0))
    )
    programme = programme_of(*sets, media=media.address, bells=bells, made_at=NOON - dt.timedelta(hours=7))
    morning_s = (NOON - dt.timedelta(hours=5)).timestamp()
    cache = TrackCache(tmp_path / "tracks")
    Saved(tmp_path / "state").save("programme", programme)

    fetcher = Fetcher(cache, lambda: None)
    fetching = asyncio.create_task(fetcher.run())
    fetcher.want(fetch_order(programme, [], morning_s))
    await until(lambda: all(cache.has(track) for track in all_tracks([programme])), 20.0)
    fetching.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await fetching
    await media.stop()

    remembered = Saved(tmp_path / "state").load("programme", Programme)
    assert remembered is not None
    store = PcmStore(tmp_path / "pcm", lambda: None)
    decoding = asyncio.create_task(store.run())
    spans = [span for music in remembered.sets for span in track_spans(music, 1e12)]
    due = sorted(
        [(span.start_s, span.track.id) for span in spans] + [(b.at.timestamp(), b.track.id) for b in remembered.bells]
    )
    assert len(due) == 10
    for start_s, track in due:
        named = tracks_to_decode(remembered, start_s - 60.0)
        store.want([Wanted(one.id, cache.path(one.id), one.title, one.duration_s) for one in named])
        await until(lambda track=track: store.has(track), 10.0)  # type: ignore[misc]
        pcm = store.get(track)
        assert pcm is not None
        assert pcm.length > 3.8 * 44_100
        assert store.fault is None
        assert len(list((tmp_path / "pcm").iterdir())) <= 5
    decoding.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await decoding
