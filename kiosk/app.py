"""Where the kiosk is started: the school over the link, the app in front of it, the log in a file."""

from __future__ import annotations

import asyncio

from kiosk.kiosk_app import KioskApp
from kiosk.link_school import LinkSchool
from kiosk.log_file import logging_to
from kiosk.settings import KioskSettings

__all__ = ["KioskApp", "KioskSettings", "run"]


def run(settings: KioskSettings) -> int:
    """Run a kiosk until it is ended; its exit status, not 0 after a fault."""
    with logging_to(settings.state / "kiosk.log"):
        return asyncio.run(_run(settings))


async def _run(settings: KioskSettings) -> int:
    school = LinkSchool(settings)
    app = KioskApp(
        school,
        hint=settings.hint,
        leave_with_ctrl_c=settings.leave_with_ctrl_c,
        typed_cards=settings.typed_cards,
    )
    await school.start()
    try:
        await app.run_async()
    finally:
        await school.stop()
    return app.return_code or 0
