"""Two machines for tests, in this one: network namespaces with a cable between them, and programs that run in each.

It needs root, and `ip` of Debian's iproute2; a test that uses it where that is not permitted is skipped, and says so.
"""

from __future__ import annotations

import dataclasses
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.programs import COMMAND, Ran
from unmissable.running import CHILD

_HERE = Path(__file__).parents[2]


def ip(*arguments: str) -> None:
    """Run `ip`; raises CalledProcessError with its words."""
    subprocess.run(["ip", *arguments], check=True, capture_output=True, text=True)


class RunsThere:
    """A running `unmissable …` on one of the machines, in a folder of its own; what it says goes to a log."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path) -> None:
        self.process = process
        self._log = log

    @property
    def said(self) -> str:
        """All that it has said so far."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    @property
    def lines(self) -> list[str]:
        """The same in lines."""
        return self.said.splitlines()

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return self.process.poll() is None

    def end(self) -> int:
        """Ask it to end and wait; its exit status."""
        self.process.terminate()
        try:
            return self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(10)
            raise AssertionError(f"{self._log.name}: it did not end:\n{self.said}") from None


@dataclasses.dataclass(frozen=True)
class Machine:
    """One of the two machines: its namespace, its end of the cable, its address."""

    namespace: str
    cable: str
    address: str

    @property
    def _there(self) -> list[str]:
        # `ip` becomes the program: a signal to its process reaches the program itself.
        return ["ip", "netns", "exec", self.namespace, *COMMAND]

    def run(self, *arguments: str, folder: Path) -> Ran:
        """Run a command there to its end."""
        done = subprocess.run(
            [*self._there, *arguments],
            cwd=folder,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    def start(self, log: Path, *arguments: str, folder: Path) -> RunsThere:
        """Start a program there; it ends with the tests, whatever happens to them."""
        with log.open("ab") as out:
            process = subprocess.Popen(
                [*self._there, *arguments],
                cwd=folder,
                env={**_environment(), CHILD: str(os.getpid())},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
            )
        return RunsThere(process, log)

    def plug(self, *, pulled: bool) -> None:
        """Pull this machine's cable, or put it back."""
        ip("-n", self.namespace, "link", "set", self.cable, "down" if pulled else "up")

    def also(self, address: str) -> None:
        """Give it one more address."""
        ip("-n", self.namespace, "address", "add", f"{address}/24", "dev", self.cable)


def _environment() -> dict[str, str]:
    """A folder of its own must not lead Python to another copy of the program."""
    return {**os.environ, "PYTHONPATH": str(_HERE)}


@pytest.fixture(scope="module")
def two_machines() -> Iterator[tuple[Machine, Machine]]:
    """The school's machine and another one, on a network of their own."""
    if os.geteuid() != 0:
        pytest.skip("two machines are network namespaces, and these need root")
    number = os.getpid() % 100_000  # names of network devices are short, and two test runs may go on at once
    machines = [Machine(f"um{number}{end}", f"um{number}{end}", f"10.77.0.{at}") for end, at in (("a", 1), ("b", 2))]
    one, other = machines
    made = []
    try:
        for machine in machines:
            try:
                ip("netns", "add", machine.namespace)
            except (OSError, subprocess.CalledProcessError) as wrong:
                why = wrong.stderr.strip() if isinstance(wrong, subprocess.CalledProcessError) else wrong
                pytest.skip(f"two machines are network namespaces, and these are not permitted here: {why}")
            made.append(machine)
            ip("-n", machine.namespace, "link", "set", "lo", "up")
        ip(
            *("link", "add", one.cable, "netns", one.namespace, "type", "veth"),
            *("peer", "name", other.cable, "netns", other.namespace),
        )
        for machine in machines:
            machine.also(machine.address)
            machine.plug(pulled=False)
        yield one, other
    finally:
        for machine in made:
            ip("netns", "del", machine.namespace)
