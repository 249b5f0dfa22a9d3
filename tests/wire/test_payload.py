"""Payloads that the contract refuses, each with its reason and none with another error."""

from __future__ import annotations

import pytest

from wire.errors import PayloadError
from wire.payload import decode
from wire.states import Silence


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"schema": 1, "on": true, "by": "x", "at": "9999-12-31T23:59:59.000-14:00"}',
        b'{"schema": 1, "on": true, "by": "x", "at": "0001-01-01T00:00:00.000+14:00"}',
        b'{"schema": 1, "on": true, "by": "x", "at": "2026-11-23T10:00:00"}',
        b'{"schema": 2, "on": true, "by": "x", "at": "2026-11-23T10:00:00.000Z"}',
        b'{"on": true, "by": "x", "at": "2026-11-23T10:00:00.000Z"}',
        b'{"schema": 1, "on": "perhaps", "by": "x", "at": "2026-11-23T10:00:00.000Z"}',
        b" " * 300_000,
    ],
)
def test_what_the_contract_does_not_allow_is_a_payload_error(payload: bytes) -> None:
    with pytest.raises(PayloadError, match=r"^Silence: "):
        decode(payload, Silence)
