"""Fixtures that every folder of tests may use."""

from __future__ import annotations

import pytest

from tests.brokers import broker, enrolment_file, link_for

__all__ = ["broker", "enrolment_file", "link_for"]


@pytest.fixture(autouse=True)
def _kernel_that_keeps_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every machine is as one without NTP: a clock is unknown until the scheduler is heard."""
    monkeypatch.setattr("wire.clock.kernel_keeps_time", lambda: False)
