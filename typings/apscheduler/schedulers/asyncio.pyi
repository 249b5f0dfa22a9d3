from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, tzinfo

from apscheduler.events import JobExecutionEvent

class Job:
    next_run_time: datetime

class AsyncIOScheduler:
    def __init__(self, *, timezone: tzinfo, job_defaults: Mapping[str, object]) -> None: ...
    def start(self) -> None: ...
    def shutdown(self, wait: bool = ...) -> None: ...
    def add_listener(self, callback: Callable[[JobExecutionEvent], None], mask: int) -> None: ...
    def add_job(
        self,
        func: Callable[[], Awaitable[None]],
        trigger: str,
        *,
        id: str,
        replace_existing: bool = ...,
        run_date: datetime = ...,
        seconds: float = ...,
        hour: int = ...,
        minute: int = ...,
        timezone: tzinfo = ...,
    ) -> Job: ...
    def get_job(self, job_id: str) -> Job | None: ...
    def remove_job(self, job_id: str) -> None: ...
