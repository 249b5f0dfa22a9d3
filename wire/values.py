"""The kinds of value that messages are made of: instants, ids, volumes, and the models' common root.

An instant on the wire is UTC, ISO 8601, with milliseconds and a Z; in the program it is an aware `datetime` in UTC.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
)

SCHEMA = 1
"""The number of this contract; a body of another number is ignored."""

MAX_PAYLOAD_BYTES = 256 * 1024
"""A larger payload is logged once and ignored."""


def as_utc(instant: dt.datetime) -> dt.datetime:
    """The same instant in UTC."""
    return instant.astimezone(dt.UTC)


def instant_text(instant: dt.datetime) -> str:
    """ISO 8601 in UTC with milliseconds and Z, as it stands on the wire."""
    return as_utc(instant).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def instant_of(unix_s: float) -> dt.datetime:
    """The instant of a number of Unix seconds."""
    return dt.datetime.fromtimestamp(unix_s, dt.UTC)


Instant = Annotated[
    AwareDatetime,
    AfterValidator(as_utc),
    PlainSerializer(instant_text, return_type=str, when_used="json"),
]
Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,32}$")]
"""A zone, slot, pupil, class, speaker or user: `[a-z0-9-]{1,32}`."""
TrackId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
"""The SHA-256 of the track's file, in hex."""
Volume = Annotated[int, Field(ge=0, le=100)]
"""0 is silent, else 0.5 dB a step below 0 dB at 100."""
ShortText = Annotated[str, StringConstraints(max_length=300)]
Seconds = Annotated[float, Field(ge=0, le=7 * 86_400, allow_inf_nan=False)]
Decibels = Annotated[float, Field(ge=-120, le=30, allow_inf_nan=False)]


def volume_gain_db(volume: int) -> float | None:
    """The gain of a volume of 0..100 in dB; None is silence."""
    return None if volume <= 0 else (volume - 100) * 0.5


class WireModel(BaseModel):
    """A part of a message: immutable, tolerant of fields that it does not know."""

    model_config = ConfigDict(
        frozen=True, extra="ignore", serialize_by_alias=True, validate_by_name=True, validate_by_alias=True
    )


class Message(WireModel):
    """A whole payload: it carries the contract's number as `schema`."""

    schema_number: Literal[1] = Field(default=1, alias="schema")
