"""The whole house on one machine: the broker and the programs as children.

They are started in order, kept running, and ended in reverse.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from unmissable.admission import Admission, Change
from unmissable.places import Places
from unmissable.running import CHILD
from wire.enrolment import Enrolment
from wire.errors import BrokerError, WireError
from wire.mosquitto import PrivateBroker
from wire.requests import Role

FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 30.0
STEADY_S = 20.0
"""A program that ran for this long before it ended is started again at once."""
END_S = 8.0

T = TypeVar("T")


@dataclasses.dataclass(frozen=True)
class Program:
    """A program of the house: its name, and the arguments of `unmissable` that run it."""

    name: str
    arguments: tuple[str, ...]


class _Keeper:
    """Keeps one program running: starts it again when it ends, after a pause that grows while it keeps failing."""

    def __init__(self, program: Program, log: Path, say: Callable[[str], None]) -> None:
        self._program = program
        self._log = log
        self._say = say
        self.process: asyncio.subprocess.Process | None = None
        self._task: asyncio.Task[None] | None = None
        self._replaced = False

    @property
    def name(self) -> str:
        """The program's name."""
        return self._program.name

    def replace(self, program: Program) -> None:
        """Run it with other arguments from now on: one that runs is ended, and started again at once."""
        if program == self._program:
            return
        self._program = program
        if self.process is not None and self.process.returncode is None:
            self._replaced = True
            self.process.terminate()

    def start(self) -> None:
        """Start and keep running."""
        self._task = asyncio.create_task(self._keep(), name=f"keep {self._program.name}")

    async def stop(self) -> None:
        """End it and wait."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
        process = self.process
        if process is None or process.returncode is not None:
            return
        process.terminate()
        try:
            async with asyncio.timeout(END_S):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()

    async def _keep(self) -> None:
        pause_s = FIRST_PAUSE_S
        loop = asyncio.get_running_loop()
        while True:
            began, logged = loop.time(), _size(self._log)
            try:
                what = f"ended ({_how(await self._run_once())}){_last_words(self._log, logged)}"
                if self._replaced:
                    self._replaced = False
                    continue
            except OSError as wrong:
                what = f"cannot be started: {wrong.filename}: {wrong.strerror}"
            pause_s = FIRST_PAUSE_S if loop.time() - began > STEADY_S else min(pause_s * 2, LONGEST_PAUSE_S)
            self._say(f"{self._program.name} {what}; it starts again in {pause_s:g} s; see {self._log}")
            await asyncio.sleep(pause_s)

    async def _run_once(self) -> int:
        environment = {**os.environ, CHILD: str(os.getpid())}
        with self._log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "unmissable",
                *self._program.arguments,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=environment,
                start_new_session=True,
            )
        return await self.process.wait()


def _how(status: int) -> str:
    return f"status {status}" if status >= 0 else f"signal {signal.Signals(-status).name}"


def _size(log: Path) -> int:
    return log.stat().st_size if log.exists() else 0


def _last_words(log: Path, logged: int) -> str:
    """The line with which a program said why it ended, in what it logged behind the first `logged` bytes."""
    with contextlib.suppress(OSError), log.open("rb") as file:
        file.seek(logged)
        lines = file.read().decode(errors="replace").splitlines()
        words = [line.removeprefix("unmissable: ") for line in lines if line.startswith("unmissable: ")]
        return f": {words[-1]}" if words else ""
    return ""


async def _whole(work: Callable[[], T]) -> T:
    """Do something in a thread, to its end also when this is cancelled: a broker half started would be left behind."""
    doing = asyncio.ensure_future(asyncio.to_thread(work))
    try:
        return await asyncio.shield(doing)
    except asyncio.CancelledError:
        await asyncio.wait([doing])
        raise


class House:
    """Broker, office, scheduler and the speakers of this machine, from one config folder."""

    def __init__(self, places: Places, *, output: str, say: Callable[[str], None]) -> None:
        self._places = places
        self._say = say
        enrolment = places.enrolled()
        self.broker = PrivateBroker(places.broker, enrolment, secrets_folder=places.credentials)
        self._speakers = [one for one in enrolment.users if one.role is Role.SPEAKER and one.here]
        self._output = output
        self._site = enrolment.site
        self._admission = Admission(places, self.broker, enrolment, say)
        self._keepers: list[_Keeper] = []
        self._watch: asyncio.Task[None] | None = None

    @property
    def enrolment(self) -> Enrolment:
        """Who is enrolled now."""
        return self._admission.enrolment

    @property
    def where_open(self) -> str | None:
        """Where speakers of other machines are let in, as a line; None while the school is closed to its network."""
        network = self._admission.network
        if network is None:
            return None
        places = ", ".join(str(network.broker_at(one)) for one in network.addresses)
        return f"the school is open to its network at {places}"

    async def start(self) -> None:
        """Start the broker, then every program; raises BrokerError when the broker cannot be started."""
        self._places.logs.mkdir(parents=True, exist_ok=True)
        self._admission.begin()
        self.broker.start()
        self._admission.began()
        self._watch = asyncio.create_task(self._keep_watch(), name="keep broker")
        for program in self._programs():
            keeper = _Keeper(program, self._places.logs / f"{program.name}.log", self._say)
            self._keepers.append(keeper)
            keeper.start()

    async def stop(self) -> None:
        """End every program in reverse order, then the broker."""
        for keeper in reversed(self._keepers):
            await keeper.stop()
        self._keepers.clear()
        if self._watch is not None:
            self._watch.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watch
        await asyncio.to_thread(self.broker.stop)

    def _programs(self) -> list[Program]:
        def program(name: str, command: str, *more: str) -> Program:
            credentials = self._places.credentials_file(name)
            talk = ("--broker", str(self.broker.address), "--credentials", str(credentials))
            return Program(name, (command, *more, *talk))

        config = ("--config", str(self._places.config))
        return [
            program("office", "office", *config),
            program("scheduler", "scheduler", *config, *self._media()),
            *(
                program(
                    one.user,
                    "speaker",
                    "--id",
                    one.user,
                    "--zone",
                    one.zone or "",
                    "--site",
                    self._site,
                    "--state",
                    str(self._places.state_of(one.user)),
                    "--output",
                    self._output,
                )
                for one in self._speakers
            ),
        ]

    def _media(self) -> tuple[str, ...]:
        """Where the scheduler serves tracks to other machines, as arguments; nothing while the school is closed."""
        network = self._admission.network
        if network is None:
            return ()
        port, host, address = str(network.media_port), network.media_host, network.address
        return ("--media-port", port, "--media-listen", host, "--media-address", address)

    async def _keep_watch(self) -> None:
        await self._put_states_right(Change(revoked=self._admission.enrolment.revoked))
        while True:
            await asyncio.sleep(0.5)
            if not self.broker.running:
                self._say("the broker ended; it starts again")
                await self._start_broker()
            await self._take_over(await _whole(self._admission.look))

    async def _take_over(self, change: Change) -> None:
        """Say what changed, and start again what must know of it."""
        for one in change.new:
            self._say(f"enrolled: {one.user}{f' ({one.zone})' if one.zone else ''}")
        for one in change.replaced:
            self._say(f"enrolled again: {one.user}; its old secret no longer works")
        for user in change.revoked:
            self._say(f"revoked: {user}")
        if change.listens_elsewhere:
            where = self.where_open or "the school is closed to its network"
            self._say(f"{where}; the broker starts again for it")
            await _whole(self.broker.stop)
            await self._start_broker()
        self._replace_programs()
        await self._put_states_right(change)

    async def _put_states_right(self, change: Change) -> None:
        try:
            await self._admission.put_states_right(change)
        except (WireError, OSError) as wrong:  # a secret that cannot be read or made
            self._say(f"what the broker holds of speakers that were cut off is not put right: {wrong}")

    def _replace_programs(self) -> None:
        now = {program.name: program for program in self._programs()}
        for keeper in self._keepers:
            keeper.replace(now[keeper.name])

    async def _start_broker(self) -> None:
        """Start the broker, and go on trying while it does not start."""
        pause_s = FIRST_PAUSE_S
        while not self.broker.running:
            try:
                await _whole(self.broker.start)
            except (BrokerError, OSError) as wrong:
                pause_s = min(pause_s * 2, LONGEST_PAUSE_S)
                self._say(f"the broker does not start: {wrong}; the next try is in {pause_s:g} s")
                await asyncio.sleep(pause_s)
