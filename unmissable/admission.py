"""What a running school takes over while it runs: who was enrolled, replaced or revoked, and where it is reached.

`unmissable enrol` writes files; `up` looks at them here, tells the broker, and puts right what the broker holds of a
speaker that may speak for itself no more. Starting and keeping the programs is the house's.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import datetime as dt
from collections.abc import Callable, Mapping
from pathlib import Path

from unmissable.enrolling import DESK
from unmissable.errors import UnmissableError, WrongUse
from unmissable.network import Network
from unmissable.places import Places
from wire.authority import RENEW_DAYS, Authority, ServerFiles
from wire.enrolment import Enrolled, Enrolment
from wire.errors import WireError
from wire.link import Heard, Link
from wire.mosquitto import NetworkListener, PrivateBroker, is_free
from wire.requests import Role
from wire.states import SpeakerState

DAILY_S = 86_400.0
"""So often the certificate's end is looked at, though no file changed."""
AGAIN_S = 30.0
"""After so long it is tried again to open the school, when that failed."""
_REACH_S = 5.0
_CLEAR_TRIES = 10
_CLEAR_S = 0.5

Stamp = tuple[tuple[int, ...], ...]


@dataclasses.dataclass(frozen=True)
class Change:
    """What is other than before; `listens_elsewhere` says that the broker must be started again for it."""

    new: tuple[Enrolled, ...] = ()
    replaced: tuple[Enrolled, ...] = ()
    revoked: tuple[str, ...] = ()
    listens_elsewhere: bool = False

    @property
    def of_users(self) -> bool:
        """Whether the broker's users are others, or have other secrets."""
        return bool(self.new or self.replaced or self.revoked)


class Admission:
    """Who may come in, as the files said when last looked at; `say` gets a line for what is wrong with them."""

    def __init__(self, places: Places, broker: PrivateBroker, enrolment: Enrolment, say: Callable[[str], None]) -> None:
        self.enrolment = enrolment
        self.network: Network | None = None
        self._places = places
        self._broker = broker
        self._say = say
        self._secrets: Mapping[str, str] = {}
        self._stamp: Stamp | None = None
        self._again_at_s = 0.0
        self._wrong = ""

    def begin(self) -> None:
        """Give the broker, which is not started yet, its listener; what is wrong with that closes no school."""
        self._stamp, self._again_at_s = self._stamp_now(), _now_s() + DAILY_S
        try:
            self._open(Network.load(self._places.network))
        except (WireError, UnmissableError, OSError) as wrong:
            self._fail(f"{wrong}; until then no speaker of another machine can connect")

    def began(self) -> None:
        """Note the secrets that the broker started with."""
        self._secrets = self._secrets_now()

    def look(self) -> Change:
        """Take over what the files say now; what is wrong with them is said, and what was in force stays so."""
        stamp, now_s = self._stamp_now(), _now_s()
        if stamp == self._stamp and now_s < self._again_at_s:
            return Change()
        self._stamp, self._again_at_s = stamp, now_s + DAILY_S
        change = Change()
        try:
            change = self._take_over(Enrolment.load(self._places.enrolment))
            change = dataclasses.replace(change, listens_elsewhere=self._open(Network.load(self._places.network)))
            self._wrong = ""
        except (WireError, UnmissableError, OSError) as wrong:
            self._fail(f"{wrong}; what was in force before stays so")
        return change

    def _take_over(self, enrolment: Enrolment) -> Change:
        change = self._change_to(enrolment)
        if change.of_users or enrolment != self.enrolment:
            self._broker.take_over(enrolment)
            self.enrolment, self._secrets = enrolment, self._secrets_now()
            self._stamp = self._stamp_now()  # a secret that was missing was made by the broker
        return change

    async def put_states_right(self, change: Change) -> None:
        """Say for speakers that were cut off what they cannot say: Mosquitto sends no will for them."""
        if change.revoked:
            await self._clear_states(change.revoked)
        for one in change.replaced:
            await self._tell_away(one)

    def _fail(self, wrong: str) -> None:
        """Say once what is wrong, and have it tried again."""
        self._again_at_s = _now_s() + AGAIN_S
        if wrong != self._wrong:
            self._say(wrong)
        self._wrong = wrong

    def _change_to(self, enrolment: Enrolment) -> Change:
        before = {one.user for one in self.enrolment.users}
        now = {one.user for one in enrolment.users}
        secrets = self._secrets_now()
        return Change(
            new=tuple(one for one in enrolment.users if one.user not in before),
            replaced=tuple(
                one
                for one in enrolment.users
                if one.user in before and secrets.get(one.user) not in (None, self._secrets.get(one.user))
            ),
            revoked=tuple(sorted(before - now)),
        )

    def _secrets_now(self) -> dict[str, str]:
        """Each user's secrets file, by what a replaced one differs in."""
        found = {}
        for path in self._places.credentials.glob("*.json"):
            with contextlib.suppress(OSError):
                found[path.stem] = path.read_text(encoding="utf-8")
        return found

    def _stamp_now(self) -> Stamp:
        # A secret is replaced by a rename, which changes its folder.
        return tuple(map(_stamp_of, (self._places.enrolment, self._places.network, self._places.credentials)))

    def _open(self, network: Network | None) -> bool:
        """Give the broker its listener; whether it must be started again for it."""
        listener, new_certificate = None, False
        if network is not None:
            files = self._certificate(network)
            listener = NetworkListener(network.port, files.certificate, files.key, network.listen)
            new_certificate = files.new
            self._check_port(listener)
        moved = listener != self._broker.listener
        self._broker.listener, self.network = listener, network
        return moved or new_certificate

    def _certificate(self, network: Network) -> ServerFiles:
        now = dt.datetime.now(dt.UTC)
        authority = Authority.open(self._places.authority, self.enrolment.site)
        if authority.ends_at - now < dt.timedelta(days=RENEW_DAYS):
            self._say(
                f"the school's certificate authority ends on {authority.ends_at:%Y-%m-%d}: remove the folder "
                f"{self._places.authority} and enrol every speaker again"
            )
        return authority.server_files(network.addresses, now)

    def _check_port(self, listener: NetworkListener) -> None:
        """Raise WrongUse where the broker could not listen: it would start for nobody, the school itself neither."""
        now = self._broker.listener
        ours = now is not None and (now.host, now.port) == (listener.host, listener.port)
        if not ours and not is_free(listener.port, listener.host or "0.0.0.0"):  # noqa: S104 - only looked at
            where = f"port {listener.port}{f' of {listener.host}' if listener.host else ''}"
            raise WrongUse(f"{where} cannot be used, or another program has it; it is set in {self._places.network}")

    async def _clear_states(self, users: tuple[str, ...]) -> None:
        assert self._broker.address is not None
        desk = Link(
            broker=self._broker.address,
            credentials=self._broker.credentials(DESK),
            site=self.enrolment.site,
            client="clears",
        )
        left, changed = set(users), asyncio.Event()

        def hear(heard: Heard[SpeakerState]) -> None:
            if heard.message is None:
                left.discard(heard.tail[-1])
                changed.set()

        desk.listen(desk.topics.speaker(), SpeakerState, hear)
        await desk.start()
        try:
            await desk.wait_connected(_REACH_S)
            for _ in range(_CLEAR_TRIES):  # a broker that did not read its access list yet refuses it without a word
                for user in left:
                    desk.keep(desk.topics.speaker(user), None)
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(_CLEAR_S):
                        while left:
                            changed.clear()
                            await changed.wait()
                if not left:
                    return
            names = ", ".join(sorted(left))
            self._say(f"what the broker holds of {names} could not be cleared; it is tried again at the next start")
        finally:
            await desk.stop()

    async def _tell_away(self, one: Enrolled) -> None:
        if one.role is not Role.SPEAKER or one.zone is None:
            return
        assert self._broker.address is not None
        away = SpeakerState(online=False, zone=one.zone)
        link = Link(
            broker=self._broker.address,
            credentials=self._broker.credentials(one.user),
            site=self.enrolment.site,
            client="up",
            will=(f"unmissable/{self.enrolment.site}/v1/speaker/{one.user}", away),
        )
        await link.start()
        await link.wait_connected(_REACH_S)
        await link.stop()  # its last words are what it came for


def _stamp_of(path: Path) -> tuple[int, ...]:
    try:
        status = path.stat()
    except OSError:
        return ()
    return status.st_mtime_ns, status.st_size, status.st_ino


def _now_s() -> float:
    return dt.datetime.now(dt.UTC).timestamp()
