"""The kiosk in a real terminal, against a real Mosquitto with a small office behind it."""

from __future__ import annotations

import asyncio
import datetime as dt
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import pytest

from kiosk.big_letters import big_text
from tests.brokers import LinkFor
from tests.kiosk.fake_office import FakeOffice, FakeScheduler
from tests.kiosk.terminal import Terminal
from tests.waiting import until
from wire.mosquitto import PrivateBroker


class Kiosks(Protocol):
    """Starts a kiosk in a terminal."""

    def __call__(self, *flags: str) -> Terminal: ...


@pytest.fixture
def kiosk(broker: PrivateBroker, tmp_path: Path) -> Iterator[Kiosks]:
    opened: list[Terminal] = []
    credentials = tmp_path / "kiosk.json"
    broker.credentials("kiosk-oak").save(credentials)

    def start(*flags: str) -> Terminal:
        place = (str(tmp_path / "state"), str(broker.address), str(credentials))
        terminal = Terminal(tmp_path, sys.executable, "-m", "tests.kiosk.terminal_kiosk", *place, *flags)
        opened.append(terminal)
        return terminal

    yield start
    for terminal in opened:
        terminal.close()


def large(words: str) -> str:
    """The second row of some words in large letters."""
    rows = big_text(words)
    assert rows is not None
    return rows[1]


async def shows(terminal: Terminal, words: str, timeout_s: float = 10.0) -> None:
    """Wait until words stand on the screen."""
    try:
        await until(lambda: words in terminal.text, timeout_s)
    except AssertionError:
        raise AssertionError(f"{words!r} never came:\n{terminal.text}") from None


async def test_a_child_checks_in_sees_the_stars_and_picks_the_music(kiosk: Kiosks, link_for: LinkFor) -> None:
    office = FakeOffice(await link_for("office"))
    FakeScheduler(await link_for("scheduler"))
    terminal = kiosk("typed")
    await shows(terminal, "Bramble")

    terminal.touch("Clover")
    await shows(terminal, large("Clover!"))
    await until(lambda: [tap.pupil for _, tap in office.taps] == ["p2"])

    terminal.keys("1", "0", "0", "1")
    await shows(terminal, "Card: 1001")
    terminal.keys("Enter")
    await shows(terminal, large("Bramble!"))
    await shows(terminal, "You are School DJ at break")
    await until(lambda: [tap.by for _, tap in office.taps] == ["touch", "card"])

    terminal.send("1001\r")
    await shows(terminal, "stars to spend")
    await shows(terminal, "A kind helper")
    await asyncio.sleep(0.4)  # a touch at once after the page came would be taken for one of the wall
    terminal.touch("You are School DJ")
    await shows(terminal, "0 of 15 minutes")
    await asyncio.sleep(0.4)
    terminal.touch("Puddle Jump")
    await shows(terminal, "✔ 1")
    terminal.touch("Sunrise")
    await shows(terminal, "✔ 2")
    await shows(terminal, "5 of 15 minutes")
    terminal.touch("Done")
    await shows(terminal, "Your music plays at break!")
    await until(lambda: office.picks[-1:] == [(office.school.tracks[1].id, office.school.tracks[0].id)])


async def test_a_tap_without_a_network_survives_kill_9_and_arrives_once_with_its_own_instant(
    kiosk: Kiosks, broker: PrivateBroker, link_for: LinkFor
) -> None:
    office = FakeOffice(await link_for("office"))
    FakeScheduler(await link_for("scheduler"))
    terminal = kiosk()
    await shows(terminal, "Bramble")
    broker.kill()
    await shows(terminal, "◌ not connected")
    terminal.touch("Clover")
    await shows(terminal, large("Clover!"))
    tapped_at = dt.datetime.now(dt.UTC)
    os.kill(terminal.process_id(), signal.SIGKILL)
    await until(lambda: terminal.status == 128 + signal.SIGKILL)
    terminal.close()
    await asyncio.to_thread(broker.start)
    await shows(kiosk(), "Clover")
    await until(lambda: office.taps, timeout_s=20)
    await asyncio.sleep(0.5)  # long enough for a second one
    assert [tap.pupil for _, tap in office.taps] == ["p2"]
    assert abs((office.taps[0][1].at - tapped_at).total_seconds()) < 3


async def test_ctrl_c_leaves_in_a_demonstration_only(kiosk: Kiosks, link_for: LinkFor) -> None:
    FakeOffice(await link_for("office"))
    terminal = kiosk("leave")
    await shows(terminal, "Bramble")
    terminal.keys("C-c")
    await until(lambda: terminal.status == 0, 10)
    assert not terminal.in_full_screen()


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGHUP])
async def test_a_signal_ends_it_and_leaves_the_terminal_clean(
    kiosk: Kiosks, link_for: LinkFor, tmp_path: Path, ending: signal.Signals
) -> None:
    FakeOffice(await link_for("office"))
    terminal = kiosk()
    await shows(terminal, "Bramble")
    assert terminal.in_full_screen()
    terminal.keys("C-c", "C-q", "C-z", "C-\\", "C-d")
    os.kill(terminal.process_id(), ending)
    await until(lambda: terminal.status is not None, 10)
    assert terminal.status == 0
    assert not terminal.in_full_screen()
    settings = (tmp_path / "stty").read_text()
    assert " icanon" in settings
    assert " echo " in settings
    assert terminal.text.strip() == ""
