"""The link: one connection to the broker, over paho, for a program that lives on an asyncio loop.

paho runs in a thread of its own; whatever it reports is stamped there with the time and crosses to the loop in one hop.
Handlers therefore run on the loop, in the order of arrival. What a program *keeps* (its retained state) is remembered
and published again after every connect; what it *publishes* goes now or raises NotConnected: nothing waits unseen.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import logging
import socket
import ssl
import sys
import threading
import time
import uuid
from collections.abc import Callable
from typing import Any, TypeVar

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from wire.address import BrokerAddress, Credentials
from wire.clock import steady_s
from wire.doubles import Doubles
from wire.errors import LinkError, NotConnected
from wire.listeners import Heard, Listeners, guarded
from wire.payload import encode
from wire.reaching import listens, tls_context, why_not
from wire.requests import Answer
from wire.topics import Topics
from wire.values import Message

_log = logging.getLogger(__name__)

KEEPALIVE_S = 15
QUIET_S = 10.0
"""Without a packet for this long the link asks the broker for one."""
DEAD_S = 25.0
"""Without a packet for this long the connection is closed and made anew."""
_NOT_ALLOWED = (134, 135)

__all__ = ["Heard", "Link"]

M = TypeVar("M", bound=Message)


@dataclasses.dataclass(frozen=True)
class _Kept:
    payload: bytes
    expires_unix_s: float | None


class Link:
    """One connection to the broker of one site, as one user and one client of that user."""

    def __init__(
        self,
        *,
        broker: BrokerAddress,
        credentials: Credentials,
        site: str,
        client: str,
        will: tuple[str, Message] | None = None,
        yields: bool = False,
    ) -> None:
        """A link that is not started; raises LinkError when the authority's file of the credentials is no good.

        One that `yields` leaves its identity to another program that has it too, and tries again later; any other gives
        up for ever.
        """
        self.topics = Topics(site)
        self.user = credentials.user
        self.client = client
        self.connected = False
        self.fault: str | None = None
        self._broker = broker
        self._credentials = credentials
        self._will = (will[0], encode(will[1])) if will else None
        self._listeners = Listeners(self.topics)
        self._connect_handlers: list[Callable[[], None]] = []
        self._kept: dict[str, _Kept] = {}
        self._doubles = Doubles()
        self._yields = yields
        self._said_unreached = ""
        self._fences: dict[str, asyncio.Event] = {}
        self._came_up = asyncio.Event()
        self._gave_up = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._watchdog: asyncio.Task[None] | None = None
        self._last_packet_s = steady_s()
        self._stopping = False
        self._paho = self._new_paho()
        self.listen(self.topics.answer(self.user, self.client), Answer, self._hear_fence)

    @property
    def answer_to(self) -> str:
        """Where answers to this client go, as requests name it: without the prefix."""
        return f"answer/{self.user}/{self.client}"

    def listen(self, topic_filter: str, kind: type[M], handler: Callable[[Heard[M]], None]) -> None:
        """Have every message of a topic filter that decodes as `kind` handed to a handler, on the loop."""
        known = topic_filter in self._listeners.filters
        self._listeners.add(topic_filter, kind, handler)
        if self.connected and not known:
            self._subscribe([topic_filter])

    def on_connect(self, handler: Callable[[], None]) -> None:
        """Have a handler called on the loop after every connect, when subscriptions and kept state are out."""
        self._connect_handlers.append(handler)

    async def start(self) -> None:
        """Begin to connect and go on trying; returns at once."""
        self._loop = asyncio.get_running_loop()
        self._start_thread()
        self._watchdog = asyncio.create_task(self._watch(), name="link watchdog")

    async def wait_connected(self, timeout_s: float) -> bool:
        """Whether there is a connection within `timeout_s` seconds."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._came_up.wait()
        except TimeoutError:
            return False
        return True

    async def serve_until(self, stop: asyncio.Event) -> None:
        """Wait for `stop`; raises LinkError when the link will never try again, as another program has its identity."""
        waits = [asyncio.ensure_future(stop.wait()), asyncio.ensure_future(self._gave_up.wait())]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in waits:
                one.cancel()
        if self._gave_up.is_set() and not stop.is_set():
            raise LinkError(self.fault)

    async def stop(self) -> None:
        """Say the last words (the will's message, retained), then disconnect."""
        self._stopping = True
        if self._watchdog:
            self._watchdog.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watchdog
        if self._will and self._paho.is_connected():
            info = self._paho.publish(self._will[0], self._will[1], qos=1, retain=True)
            with contextlib.suppress(RuntimeError, ValueError):  # the connection went meanwhile: the will speaks
                await asyncio.to_thread(info.wait_for_publish, 2.0)
        self._paho.disconnect()
        if self._thread:
            await asyncio.to_thread(self._thread.join, 5.0)
        self.connected = False

    def publish(
        self, topic: str, message: Message, *, retain: bool = False, qos: int = 1, expiry_s: float | None = None
    ) -> None:
        """Send a message now; raises NotConnected when there is no broker, PayloadError when it is too large."""
        self._send(topic, encode(message), retain=retain, qos=qos, expiry_s=expiry_s)

    def keep(self, topic: str, message: Message | None, *, expiry_s: float | None = None) -> None:
        """Make this the retained state of a topic, now and again after every connect; None clears the topic."""
        payload = encode(message) if message is not None else b""
        expires = time.time() + expiry_s if expiry_s is not None else None
        self._kept[topic] = _Kept(payload, expires)
        with contextlib.suppress(NotConnected):
            self._send(topic, payload, retain=True, qos=1, expiry_s=expiry_s)

    async def fence(self, timeout_s: float = 5.0) -> bool:
        """Whether, within `timeout_s`, everything retained that was subscribed to before this call has been handled.

        Only a service may use it: the fence is a message to the own answer topic, which comes back behind all that
        the broker sent before.
        """
        token = f"fence-{uuid.uuid4()}"
        event = self._fences[token] = asyncio.Event()
        try:
            self.publish(self.topics.prefix + self.answer_to, Answer(id=token, ok=True))
            async with asyncio.timeout(timeout_s):
                await event.wait()
        except (NotConnected, TimeoutError):
            return False
        finally:
            del self._fences[token]
        return True

    # What follows up to `_on_…` runs on the loop.

    def _hear_fence(self, heard: Heard[Answer]) -> None:
        if heard.message and heard.message.id in self._fences:
            self._fences[heard.message.id].set()

    def _new_paho(self) -> Client:
        client = Client(
            CallbackAPIVersion.VERSION2,
            client_id=f"{self.user}-{self.client}",
            protocol=MQTTProtocolVersion.MQTTv5,
        )
        client.username_pw_set(self._credentials.user, self._credentials.password)
        if self._broker.tls:
            client.tls_set_context(tls_context(self._credentials))
        if self._will:
            client.will_set(self._will[0], self._will[1], qos=1, retain=True)
        client.reconnect_delay_set(1, 10)
        client.on_connect = self._on_connect
        client.on_connect_fail = self._on_connect_fail
        client.on_disconnect = self._on_disconnect
        client.on_message = self._on_message
        client.on_publish = self._on_acknowledged
        client.on_subscribe = self._on_acknowledged
        client.on_unsubscribe = self._on_acknowledged
        client.on_socket_open = self._on_socket_open
        return client

    def _start_thread(self) -> None:
        self._last_packet_s = steady_s()
        self._paho.connect_async(self._broker.host, self._broker.port, keepalive=KEEPALIVE_S, clean_start=True)
        self._thread = threading.Thread(target=self._run, args=(self._paho,), name="link", daemon=True)
        self._thread.start()

    def _subscribe(self, filters: list[str]) -> None:
        self._paho.subscribe([(one, SubscribeOptions(qos=1)) for one in filters])

    def _send(self, topic: str, payload: bytes, *, retain: bool, qos: int, expiry_s: float | None) -> None:
        if not self.connected or not self._paho.is_connected() or self._stopping:
            raise NotConnected(f"{topic}: not sent, there is no connection to {self._broker}")
        properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
        if expiry_s is not None:
            properties.MessageExpiryInterval = max(1, int(expiry_s))
        info = self._paho.publish(topic, payload, qos=qos, retain=retain, properties=properties)
        if info.rc == MQTTErrorCode.MQTT_ERR_QUEUE_SIZE:
            raise NotConnected(f"{topic}: not sent, too much waits to be sent already")

    def _came_to_life(self) -> None:
        if self._stopping:
            return
        self.connected = True
        self._said_unreached = ""
        if not self._doubles.met:
            self.fault = None
        self._doubles.connected(steady_s())
        self._subscribe(list(self._listeners.filters))
        now = time.time()
        for topic, kept in list(self._kept.items()):
            expiry_s = None if kept.expires_unix_s is None else kept.expires_unix_s - now
            if expiry_s is not None and expiry_s <= 0:
                del self._kept[topic]
                continue
            with contextlib.suppress(NotConnected):
                self._send(topic, kept.payload, retain=True, qos=1, expiry_s=expiry_s)
        self._came_up.set()
        _log.info("connected to %s as %s", self._broker, self.user)
        for handler in self._connect_handlers:
            guarded(handler)

    def _went_down(self, reason: int, why: str, broker_listens: bool) -> None:
        doubled = False
        if self.connected and not self._stopping:
            _log.warning("connection to %s lost: %s", self._broker, why)
            doubled = self._doubles.lost(steady_s(), broker_listens=broker_listens)
        self.connected = False
        self._came_up.clear()
        if doubled:
            self._meet_double()
        elif reason in _NOT_ALLOWED:
            self._complain(f"{self._broker} refuses the user {self.user}: wrong or revoked secret; enrol it again")

    def _complain(self, fault: str) -> None:
        if self.fault != fault:
            _log.error("%s", fault)
        self.fault = fault

    def _say_unreached(self, why: str) -> None:
        # No fault: it goes by itself, and nobody could hear of it.
        if self._said_unreached != why:
            _log.warning("%s", why)
        self._said_unreached = why

    def _meet_double(self) -> None:
        fault = f"another program uses the identity {self.user} (client {self.client}); stop one of them"
        if self._yields:
            self._complain(f"{fault}; this one leaves the school's network to it, and tries again every minute")
            self._doubles.leave(steady_s())
        else:
            self._complain(fault)
            self._stopping = True
            self._gave_up.set()
        self._paho.disconnect()

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(1.0)
            quiet_s = steady_s() - self._last_packet_s
            if self._stopping:
                return
            if self._thread is not None and not self._thread.is_alive():
                if self._doubles.leaves(steady_s()):
                    continue
                if not self._doubles.met:
                    _log.error("the network thread ended; starting it again")
                self._start_thread()
            elif self.connected and self._doubles.is_gone(steady_s()):
                self.fault = None
                _log.info("the other program with the identity %s is gone", self.user)
            elif self._paho.is_connected() and quiet_s > DEAD_S:
                _log.error("no packet from %s for %.0f s; connecting again", self._broker, quiet_s)
                self._last_packet_s = steady_s()
                with contextlib.suppress(OSError, AttributeError):
                    self._paho.socket().shutdown(socket.SHUT_RDWR)  # type: ignore[union-attr]
            elif self._paho.is_connected() and quiet_s > QUIET_S:
                # Any request that the broker must acknowledge and that changes nothing proves the round trip.
                self._paho.unsubscribe(f"{self.topics.prefix}nothing")

    # What follows runs in paho's thread.

    def _run(self, client: Client) -> None:
        try:
            client.loop_forever(retry_first_connection=True)
        except Exception:  # noqa: BLE001 - the edge of a thread: the watchdog starts it again
            _log.exception("the network thread failed")

    def _hop(self, call: Callable[..., None], *arguments: Any) -> None:
        self._last_packet_s = steady_s()
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop is closed: the program is over
                self._loop.call_soon_threadsafe(call, *arguments)

    def _on_connect(
        self, _client: Client, _data: object, _flags: ConnectFlags, reason: ReasonCode, _properties: object
    ) -> None:
        if reason.is_failure:
            self._hop(self._went_down, reason.value, str(reason), True)
        else:
            self._hop(self._came_to_life)

    def _on_connect_fail(self, _client: Client, _data: object) -> None:
        # The library tells no reason, but it calls this while it handles the error.
        wrong = sys.exc_info()[1]
        if isinstance(wrong, OSError):
            lasts = isinstance(wrong, ssl.SSLError)
            self._hop(self._complain if lasts else self._say_unreached, why_not(self._broker, wrong))

    def _on_disconnect(
        self, _client: Client, _data: object, flags: DisconnectFlags, reason: ReasonCode, _properties: object
    ) -> None:
        # A broker that ends closes its listener first; where it still listens, it closed this one connection.
        still = not self._stopping and listens(self._broker)
        why = str(reason) if flags.is_disconnect_packet_from_server else "closed" if still else "the broker is gone"
        self._hop(self._went_down, reason.value, why, still)

    def _on_message(self, _client: Client, _data: object, message: MQTTMessage) -> None:
        self._hop(self._listeners.dispatch, message.topic, message.payload, message.retain, steady_s(), time.time())

    def _on_acknowledged(self, *_arguments: object) -> None:
        self._last_packet_s = steady_s()

    @staticmethod
    def _on_socket_open(_client: Client, _data: object, sock: Any) -> None:
        # Without it a question and its answer wait 40 ms for each other.
        with contextlib.suppress(OSError):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
