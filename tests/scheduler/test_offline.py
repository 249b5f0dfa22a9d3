"""The programme without the scheduler: the same plan as the running one publishes, while there is no turn."""

from __future__ import annotations

import datetime as dt

from scheduler.offline import moment_offline
from scheduler.reading import read_timetable
from tests.brokers import LinkFor
from tests.scheduler.schools import Listener, School, tomorrow
from tests.waiting import until


async def test_the_day_worked_out_from_the_files_is_the_one_that_is_published(
    school: School, link_for: LinkFor
) -> None:
    listener = Listener(await link_for("desk"))
    async with school.running():
        programme = (await until(lambda: listener.of("playground")))[-1]
    timetable = read_timetable(school.schedule).timetable
    assert timetable is not None
    day = moment_offline(timetable, school.state, dt.datetime.now(dt.UTC)).explain(tomorrow())
    published = [music.model_dump(mode="json") for music in programme.sets if music.date == tomorrow()]
    assert published
    assert list(day.zones["playground"]) == published
