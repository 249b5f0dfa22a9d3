"""The link's watchdog: a broker that is there and says nothing."""

from __future__ import annotations

import asyncio
import signal

import pytest

from tests.brokers import LinkFor
from tests.waiting import until
from wire.mosquitto import PrivateBroker


@pytest.fixture
def short_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """The watchdog's times, shortened."""
    monkeypatch.setattr("wire.link.QUIET_S", 0.5)
    monkeypatch.setattr("wire.link.DEAD_S", 3.0)


@pytest.mark.usefixtures("short_patience")
async def test_a_frozen_broker_is_noticed_and_joined_again_when_it_wakes(
    link_for: LinkFor, broker: PrivateBroker, caplog: pytest.LogCaptureFixture
) -> None:
    east = await link_for("east")
    assert broker.process is not None
    broker.process.send_signal(signal.SIGSTOP)
    try:
        await until(lambda: not east.connected, 20)
        assert "no packet from" in caplog.text
    finally:
        broker.process.send_signal(signal.SIGCONT)
    await until(lambda: east.connected, 20)


@pytest.mark.usefixtures("short_patience")
async def test_a_quiet_but_healthy_broker_is_left_alone(link_for: LinkFor, caplog: pytest.LogCaptureFixture) -> None:
    east = await link_for("east")
    connects: list[bool] = []
    east.on_connect(lambda: connects.append(True))
    await asyncio.sleep(5.0)  # nothing is said for longer than the link's patience: that is what is tested
    assert east.connected
    assert connects == []
    assert "no packet from" not in caplog.text
