"""The alarm clock: APScheduler wakes the scheduler, and decides nothing.

What should be is a pure function of the timetable and the time, so every ring means "look again", may come twice or
late, and a ring that is lost is made good by the tick. The library's clock is the machine's wall clock, and when that
is set back its jobs wait as much longer; so the tick is none of its jobs and goes by the loop's own steady clock.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import logging
from collections.abc import Callable
from zoneinfo import ZoneInfo

from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MISSED, JobExecutionEvent
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from scheduler.asrun import DAY_TURNS_AT

_log = logging.getLogger(__name__)

TICK_S = 1.0
_NEXT, _DAILY = "next change", "daily"


class Alarm:
    """Two jobs, one at the next change and one at 03:00 of the school's day, and a tick each second.

    `on_change`, `on_tick` and `on_day` are called on the event loop; `now` is school time.
    """

    def __init__(
        self,
        *,
        now: Callable[[], dt.datetime],
        on_change: Callable[[], None],
        on_tick: Callable[[], None],
        on_day: Callable[[], None],
        tick_s: float = TICK_S,
    ) -> None:
        self._now = now
        self._on_change = on_change
        self._on_tick = on_tick
        self._on_day = on_day
        self._tick_s = tick_s
        self._timezone: ZoneInfo | None = None
        self._ticking: asyncio.Task[None] | None = None
        # Without these a job that is more than a second late is dropped with no more than a line in the log.
        defaults = {"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        self._jobs = AsyncIOScheduler(timezone=dt.UTC, job_defaults=defaults)
        self._jobs.add_listener(_complain, EVENT_JOB_ERROR | EVENT_JOB_MISSED)

    def start(self) -> None:
        """Begin to ring, on the running event loop."""
        self._jobs.start()
        self._ticking = asyncio.create_task(self._tick(), name="tick")

    async def stop(self) -> None:
        """Ring no more; the library stops in the loop's next round."""
        if self._ticking is not None:
            self._ticking.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._ticking
        self._jobs.shutdown(wait=False)
        await asyncio.sleep(0)

    def ring_at(self, instant: dt.datetime) -> None:
        """Ring once at an instant of school time, instead of at the one named before."""
        wait = instant - self._now()
        run_date = dt.datetime.now(dt.UTC) + max(wait, dt.timedelta())
        self._jobs.add_job(self._ring_change, "date", run_date=run_date, id=_NEXT, replace_existing=True)

    def ring_daily(self, timezone: ZoneInfo) -> None:
        """Ring each day at 03:00 of a time zone; the same zone again changes nothing."""
        if timezone != self._timezone:
            self._timezone = timezone
            hour, minute = DAY_TURNS_AT.hour, DAY_TURNS_AT.minute
            self._jobs.add_job(
                self._ring_day, "cron", hour=hour, minute=minute, timezone=timezone, id=_DAILY, replace_existing=True
            )

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(self._tick_s)
            try:
                self._on_tick()
            except Exception:  # noqa: BLE001 - the edge of a callback: the next tick tries again
                _log.exception("the tick failed")

    # Coroutines, because the library runs plain functions in a thread.

    async def _ring_change(self) -> None:
        self._on_change()

    async def _ring_day(self) -> None:
        self._on_day()


def _complain(event: JobExecutionEvent) -> None:
    """Every job that was missed or failed is in the log; the next tick makes it good."""
    if event.exception is not None:
        _log.error("alarm %r failed", event.job_id, exc_info=event.exception)
    else:
        _log.warning("alarm %r of %s was missed", event.job_id, event.scheduled_run_time)
