"""Answers to requests that changed something, kept so that the same request again has no second effect.

An answer is written in the transaction of its effect: either both are on the disk or neither. A refusal is not kept,
since it has no effect; the request is judged anew.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, TypeVar

from sqlalchemy import delete
from sqlalchemy.orm import Session

from office.models import Answered
from wire.asking import Request
from wire.errors import Refused
from wire.requests import Verb
from wire.values import WireModel

KEPT_FOR = dt.timedelta(days=35)
"""Longer than any request is valid."""

A = TypeVar("A", bound=WireModel)


def earlier_answer(session: Session, verb: Verb[Any, A], request: Request[Any]) -> A | None:
    """The answer that this request has had; raises Refused when its id was used to ask for something else."""
    row = session.get(Answered, (request.who, request.id))
    if row is None:
        return None
    if row.verb != verb.do:
        raise Refused("id-reused", f"{request.id}: the id of another request")
    return verb.answers.model_validate_json(row.answer)


def keep_answer(session: Session, verb: Verb[Any, A], request: Request[Any], answer: A, now: dt.datetime) -> A:
    """Keep an answer with its effect."""
    session.add(Answered(who=request.who, request_id=request.id, verb=verb.do, answer=answer.model_dump_json(), at=now))
    return answer


def forget_old_answers(session: Session, now: dt.datetime) -> None:
    """Delete the answers to requests that nobody can ask again."""
    session.execute(delete(Answered).where(Answered.at < now - KEPT_FOR))
