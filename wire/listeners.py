"""Who hears what: one list of subscriptions and one dispatcher, since overlapping ones in paho call back several times.

Everything here runs on the loop. A payload that the contract refuses is said once for its topic, and a handler that
fails ends neither the link nor the other handlers.
"""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from paho.mqtt.client import topic_matches_sub

from wire.errors import PayloadError
from wire.payload import decode
from wire.topics import Topics
from wire.values import Message

_log = logging.getLogger(__name__)

MOST_COMPLAINTS = 1_000

M = TypeVar("M", bound=Message)


@dataclasses.dataclass(frozen=True)
class Heard(Generic[M]):
    """A message that arrived: `tail` are the topic's levels behind the prefix, `message` is None where a retained
    one was cleared; `arrived_steady_s` and `arrived_unix_s` are this machine's clocks, read in the network thread."""

    topic: str
    tail: tuple[str, ...]
    message: M | None
    retained: bool
    arrived_steady_s: float
    arrived_unix_s: float


@dataclasses.dataclass(frozen=True)
class _Listener:
    topic_filter: str
    kind: type[Message]
    handler: Callable[[Heard[Any]], None]


class Listeners:
    """The listeners of one link."""

    def __init__(self, topics: Topics) -> None:
        self._topics = topics
        self._listeners: list[_Listener] = []
        self._complained: set[str] = set()

    @property
    def filters(self) -> tuple[str, ...]:
        """The topic filters, each once."""
        return tuple(dict.fromkeys(one.topic_filter for one in self._listeners))

    def add(self, topic_filter: str, kind: type[M], handler: Callable[[Heard[M]], None]) -> None:
        """Have every message of a topic filter that decodes as `kind` handed to a handler."""
        self._listeners.append(_Listener(topic_filter, kind, handler))

    def dispatch(self, topic: str, payload: bytes, retained: bool, steady: float, unix: float) -> None:
        """Hand a payload to those who listen to its topic."""
        tail = self._topics.tail(topic)
        for listener in self._listeners:
            if not topic_matches_sub(listener.topic_filter, topic):
                continue
            try:
                message = decode(payload, listener.kind) if payload else None
            except PayloadError as wrong:
                self._complain_once(topic, wrong)
                continue
            heard: Heard[Any] = Heard(topic, tail, message, retained, steady, unix)
            guarded(lambda listener=listener, heard=heard: listener.handler(heard))  # type: ignore[misc]

    def _complain_once(self, topic: str, wrong: PayloadError) -> None:
        if topic not in self._complained and len(self._complained) < MOST_COMPLAINTS:
            self._complained.add(topic)
            _log.warning("%s: ignored (said once for this topic): %s", topic, wrong)


def guarded(call: Callable[[], None]) -> None:
    """Make a call whose failure is logged and goes no further."""
    try:
        call()
    except Exception:  # noqa: BLE001 - the edge of a callback: one handler's fault must not end the link
        _log.exception("a handler failed")
