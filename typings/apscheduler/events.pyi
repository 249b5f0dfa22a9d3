from datetime import datetime

EVENT_JOB_ERROR: int
EVENT_JOB_MISSED: int

class JobExecutionEvent:
    job_id: str
    scheduled_run_time: datetime
    exception: BaseException | None
