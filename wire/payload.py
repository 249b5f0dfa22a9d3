"""Bytes to messages and back, with the contract's limits."""

from __future__ import annotations

from typing import TypeVar

from pydantic import ValidationError

from wire.errors import PayloadError
from wire.values import MAX_PAYLOAD_BYTES, SCHEMA, Message

M = TypeVar("M", bound=Message)


def encode(message: Message) -> bytes:
    """UTF-8 JSON of a message; raises PayloadError when it is larger than the contract allows."""
    payload = message.model_dump_json().encode()
    if len(payload) > MAX_PAYLOAD_BYTES:
        raise PayloadError(f"{type(message).__name__}: {len(payload)} bytes, at most {MAX_PAYLOAD_BYTES}")
    return payload


def decode(payload: bytes, kind: type[M]) -> M:
    """The message in a payload; raises PayloadError, with what is wrong, for anything that the contract refuses."""
    if len(payload) > MAX_PAYLOAD_BYTES:
        raise PayloadError(f"{kind.__name__}: {len(payload)} bytes, at most {MAX_PAYLOAD_BYTES}")
    try:
        message = kind.model_validate_json(payload)
    except ValidationError as wrong:
        first = wrong.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "payload"
        raise PayloadError(f"{kind.__name__}: {where}: {first['msg']} ({wrong.error_count()} problems)") from None
    except (ValueError, RecursionError, OverflowError) as wrong:
        raise PayloadError(f"{kind.__name__}: {wrong}") from None
    if "schema_number" not in message.model_fields_set:
        raise PayloadError(f"{kind.__name__}: schema: missing, should be {SCHEMA}")
    return message
