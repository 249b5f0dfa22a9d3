"""Who may read and write which topic: Mosquitto's access list, made from the contract.

One user for each role and device; a user may ask only under its own name and read only its own answers. Staff may
also clear the retained state of a revoked speaker, which can do it no more.
"""

from __future__ import annotations

from wire.enrolment import Enrolled, Enrolment
from wire.requests import Role, Service
from wire.topics import Topics

_Rule = tuple[str, str]


def _everyone(user: str, topics: Topics) -> list[_Rule]:
    return [
        *(("write", topics.ask(service, user)) for service in Service),
        ("read", topics.answer(user)),
    ]


def _of_role(one: Enrolled, topics: Topics) -> list[_Rule]:
    school_day = [("read", topics.programme()), ("read", topics.calendar), ("read", topics.silence)]
    live = [("read", topics.hold()), ("read", topics.speaker()), ("read", topics.program())]
    match one.role:
        case Role.SPEAKER:
            return [
                *school_day,
                *live[:1],
                ("read", topics.call()),
                ("write", topics.speaker(one.user)),
                ("write", topics.silence),  # a speaker's own keyboard silences the school
            ]
        case Role.KIOSK:
            return [*school_day, *live, ("read", topics.turns), ("write", topics.kiosk(one.user))]
        case Role.STAFF:
            return [
                *school_day,
                *live,
                ("read", topics.turns),
                ("read", topics.kiosk()),
                ("write", topics.silence),
            ]
        case Role.SCHEDULER:
            return [
                *(("readwrite", topic) for topic in (topics.programme(), topics.hold(), topics.silence)),
                ("write", topics.call()),
                ("readwrite", topics.calendar),
                ("readwrite", topics.program("scheduler")),
                ("read", topics.program()),
                ("read", topics.turns),
                ("read", topics.speaker()),
                ("read", topics.ask(Service.SCHEDULER)),
                ("write", topics.prefix + "answer/+/+"),
            ]
        case Role.OFFICE:
            return [
                *school_day,
                ("readwrite", topics.turns),
                ("readwrite", topics.program("office")),
                ("read", topics.program()),
                ("read", topics.kiosk()),
                ("read", topics.ask(Service.OFFICE)),
                ("write", topics.prefix + "answer/+/+"),
            ]


def access_list(enrolment: Enrolment) -> str:
    """The text of Mosquitto's `acl_file` for the users of one site."""
    topics = Topics(enrolment.site)
    blocks = []
    for one in enrolment.users:
        rules = [*_everyone(one.user, topics), *_of_role(one, topics)]
        if one.role is Role.STAFF:
            rules += [("write", topics.speaker(speaker)) for speaker in enrolment.revoked]
        blocks.append("\n".join([f"user {one.user}", *(f"topic {access} {topic}" for access, topic in rules)]))
    return "\n\n".join(blocks) + "\n"
