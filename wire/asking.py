"""Requests and answers over the link: the side that asks and the side that answers.

A request carries an id and an expiry in its body. The asker sends it again, under the same id, after a reconnect or
when no answer comes; the answerer does each id once and gives the same answer again.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import datetime as dt
import inspect
import logging
import re
import uuid
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Any, Generic

from pydantic import ValidationError

from wire.clock import steady_s
from wire.errors import NoAnswer, NotConnected, PayloadError, Refused
from wire.link import Heard, Link
from wire.requests import Answer, AnswerBody, Ask, AskBody, Role, Service, Verb
from wire.values import WireModel, instant_of

_log = logging.getLogger(__name__)

RESEND_S = 1.5
REMEMBERED = 10_000
"""How many answers an answerer can give again."""


@dataclasses.dataclass(frozen=True)
class Exchange(Generic[AnswerBody]):
    """An answer's body and when it arrived, by this machine's steady clock."""

    body: AnswerBody
    arrived_steady_s: float


class Asker:
    """The side that asks; `now` gives school time in Unix seconds, for the requests' expiry."""

    def __init__(self, link: Link, now: Callable[[], float]) -> None:
        self._link = link
        self._now = now
        self._waiting: dict[str, asyncio.Future[Heard[Answer]]] = {}
        self._connected_again = asyncio.Event()
        link.listen(link.topics.answer(link.user, link.client), Answer, self._hear)
        link.on_connect(self._connected_again.set)

    async def ask(
        self,
        verb: Verb[AskBody, AnswerBody],
        body: AskBody,
        *,
        session: str | None = None,
        request_id: str | None = None,
        wait_s: float = 5.0,
    ) -> AnswerBody:
        """The answer's body; raises Refused when the service says no, NoAnswer when nothing came in `wait_s`."""
        exchange = await self.exchange(verb, body, session=session, request_id=request_id, wait_s=wait_s)
        return exchange.body

    async def exchange(
        self,
        verb: Verb[AskBody, AnswerBody],
        body: AskBody,
        *,
        session: str | None = None,
        request_id: str | None = None,
        wait_s: float = 5.0,
        resend: bool = True,
        qos: int = 1,
    ) -> Exchange[AnswerBody]:
        """As `ask`, with the instant of the answer's arrival; `resend=False` sends the request once only."""
        ask = Ask(
            id=request_id or str(uuid.uuid4()),
            do=verb.do,
            answer_to=self._link.answer_to,
            valid_until=instant_of(self._now() + verb.valid_s),
            session=session,
            body=body.model_dump(mode="json"),
        )
        topic = self._link.topics.ask(verb.service, self._link.user)
        future: asyncio.Future[Heard[Answer]] = asyncio.get_running_loop().create_future()
        self._waiting[ask.id] = future
        deadline = steady_s() + wait_s
        try:
            while True:
                self._connected_again.clear()
                with contextlib.suppress(NotConnected):
                    self._link.publish(topic, ask, qos=qos, expiry_s=verb.valid_s)
                left_s = deadline - steady_s()
                await self._answer_or_reason_to_resend(future, min(left_s, RESEND_S) if resend else left_s)
                if future.done():
                    return self._read(verb, future.result())
                if steady_s() >= deadline:
                    raise NoAnswer(f"{verb.service} did not answer {verb.do} within {wait_s:g} s")
        finally:
            del self._waiting[ask.id]

    async def _answer_or_reason_to_resend(self, future: asyncio.Future[Heard[Answer]], timeout_s: float) -> None:
        again = asyncio.ensure_future(self._connected_again.wait())
        either: set[asyncio.Future[Any]] = {future, again}
        try:
            await asyncio.wait(either, timeout=max(0.0, timeout_s), return_when=asyncio.FIRST_COMPLETED)
        finally:
            again.cancel()

    def _hear(self, heard: Heard[Answer]) -> None:
        if heard.message is None or heard.retained:
            return
        future = self._waiting.get(heard.message.id)
        if future is not None and not future.done():
            future.set_result(heard)

    @staticmethod
    def _read(verb: Verb[AskBody, AnswerBody], heard: Heard[Answer]) -> Exchange[AnswerBody]:
        answer = heard.message
        if answer is None or not answer.ok:
            reason = answer.refused if answer is not None else None
            raise Refused(reason or "refused", str(answer.body.get("message", "")) if answer is not None else "")
        try:
            return Exchange(verb.answers.model_validate(answer.body), heard.arrived_steady_s)
        except ValidationError as wrong:
            raise PayloadError(f"the answer to {verb.do} is malformed: {wrong.error_count()} problems") from None


@dataclasses.dataclass(frozen=True)
class Request(Generic[AskBody]):
    """A request as its handler sees it; `who` is the broker's user that asks, `client` its running program."""

    who: str
    client: str
    id: str
    session: str | None
    body: AskBody
    arrived_unix_s: float
    arrived_steady_s: float
    valid_until: dt.datetime


Handler = Callable[[Request[Any]], WireModel | Awaitable[WireModel]]


class Answerer:
    """The side that answers for one service; `role_of` tells a user's role, `now` school time in Unix seconds."""

    def __init__(
        self, link: Link, service: Service, role_of: Callable[[str], Role | None], now: Callable[[], float]
    ) -> None:
        self._link = link
        self._role_of = role_of
        self._now = now
        self._handlers: dict[str, tuple[Verb[Any, Any], Handler, bool]] = {}
        self._answers: OrderedDict[tuple[str, str], Answer | None] = OrderedDict()
        self._tasks: set[asyncio.Task[None]] = set()
        self._answer_to = re.compile(r"answer/([a-z0-9-]{1,32})/[A-Za-z0-9-]{1,64}")
        link.listen(link.topics.ask(service), Ask, self._hear)

    def on(
        self,
        verb: Verb[AskBody, AnswerBody],
        handler: Callable[[Request[AskBody]], AnswerBody | Awaitable[AnswerBody]],
        *,
        repeatable: bool = False,
    ) -> None:
        """Answer a verb by a handler, which raises Refused to say no.

        A `repeatable` verb is answered anew each time and has no expiry: only a question without effect may be.
        """
        self._handlers[verb.do] = (verb, handler, repeatable)

    async def stop(self) -> None:
        """Wait for the handlers that are at work."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=5.0)

    def _hear(self, heard: Heard[Ask]) -> None:
        ask = heard.message
        if ask is None or heard.retained or len(heard.tail) != 3:
            return
        who = heard.tail[2]
        place = self._answer_to.fullmatch(ask.answer_to)
        if place is None or place.group(1) != who:
            _log.warning("%s asked for an answer outside its own topics: not answered", who)
            return
        handled = self._handlers.get(ask.do)
        key = (who, ask.id)
        if (handled is None or not handled[2]) and key in self._answers:
            remembered = self._answers[key]
            if remembered is not None:
                self._give(ask, remembered)
            return
        answer = self._refusal_before_work(who, ask, handled)
        if answer is not None or handled is None:
            self._give(ask, answer or self._no(ask, "unknown", ""))
            return
        verb, handler, repeatable = handled
        try:
            request: Request[Any] = Request(
                who=who,
                client=ask.answer_to.rsplit("/", 1)[1],
                id=ask.id,
                session=ask.session,
                body=verb.asks.model_validate(ask.body),
                arrived_unix_s=heard.arrived_unix_s,
                arrived_steady_s=heard.arrived_steady_s,
                valid_until=ask.valid_until,
            )
        except ValidationError as wrong:
            first = wrong.errors(include_url=False, include_input=False)[0]
            where = ".".join(str(part) for part in first["loc"])
            self._give(ask, self._no(ask, "malformed", f"{ask.do}: {where}: {first['msg']}"))
            return
        if not repeatable:
            self._remember(key, None)
        self._work(ask, key, handler, request, repeatable)

    def _refusal_before_work(
        self, who: str, ask: Ask, handled: tuple[Verb[Any, Any], Handler, bool] | None
    ) -> Answer | None:
        if handled is None:
            return self._no(ask, "unknown", f"{ask.do}: not something that can be asked here")
        verb, _, repeatable = handled
        role = self._role_of(who)
        if role is None or role not in verb.roles:
            return self._no(ask, "role", f"{who} may not ask for {ask.do}")
        if not repeatable and ask.valid_until.timestamp() < self._now():
            return self._no(ask, "expired", f"{ask.do}: asked too long ago")
        return None

    def _work(self, ask: Ask, key: tuple[str, str], handler: Handler, request: Request[Any], repeatable: bool) -> None:
        try:
            result = handler(request)
        except Exception as wrong:  # noqa: BLE001 - the edge of a callback
            self._finish(ask, key, self._fault(ask, wrong), repeatable, failed=not isinstance(wrong, Refused))
            return
        if inspect.isawaitable(result):
            task = asyncio.ensure_future(self._work_later(ask, key, result, repeatable))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        else:
            self._finish(ask, key, self._yes(ask, result), repeatable)

    async def _work_later(self, ask: Ask, key: tuple[str, str], work: Awaitable[WireModel], repeatable: bool) -> None:
        try:
            answer = self._yes(ask, await work)
        except Exception as wrong:  # noqa: BLE001 - the edge of a task
            self._finish(ask, key, self._fault(ask, wrong), repeatable, failed=not isinstance(wrong, Refused))
        else:
            self._finish(ask, key, answer, repeatable)

    def _finish(
        self, ask: Ask, key: tuple[str, str], answer: Answer, repeatable: bool, *, failed: bool = False
    ) -> None:
        if failed:
            self._answers.pop(key, None)
        elif not repeatable:
            self._remember(key, answer)
        self._give(ask, answer)

    def _remember(self, key: tuple[str, str], answer: Answer | None) -> None:
        self._answers[key] = answer
        self._answers.move_to_end(key)
        while len(self._answers) > REMEMBERED:
            self._answers.popitem(last=False)

    def _give(self, ask: Ask, answer: Answer) -> None:
        try:
            self._link.publish(self._link.topics.prefix + ask.answer_to, answer, qos=0 if ask.do == "clock" else 1)
        except NotConnected:
            _log.info("an answer to %s waits for its question to be asked again", ask.do)
        except PayloadError:
            _log.exception("the answer to %s is too large", ask.do)

    def _fault(self, ask: Ask, wrong: Exception) -> Answer:
        if isinstance(wrong, Refused):
            return self._no(ask, wrong.reason, wrong.message)
        _log.error("the answer to %s failed", ask.do, exc_info=wrong)
        return self._no(ask, "failed", "something went wrong here; it was written to the log")

    @staticmethod
    def _yes(ask: Ask, body: WireModel) -> Answer:
        return Answer(id=ask.id, ok=True, body=body.model_dump(mode="json"))

    @staticmethod
    def _no(ask: Ask, reason: str, message: str) -> Answer:
        return Answer(id=ask.id, ok=False, refused=reason, body={"message": message[:300]})
