"""Who is enrolled: added, replaced, revoked, and enrolled again."""

from __future__ import annotations

from pathlib import Path

from tests.brokers import ENROLMENT
from wire.enrolment import Enrolled, Enrolment
from wire.requests import Role

HALL = Enrolled(user="hall", role=Role.SPEAKER, zone="hall")


def test_a_revoked_user_is_known_as_revoked_until_enrolled_again(tmp_path: Path) -> None:
    path = tmp_path / "enrolment.json"
    ENROLMENT.with_user(HALL).without_user("hall").save(path)
    revoked = Enrolment.load(path)
    assert revoked.users == ENROLMENT.users
    assert revoked.revoked == ("hall",)
    assert revoked.role_of("hall") is None
    again = revoked.with_user(HALL)
    assert again.revoked == ()
    assert again.role_of("hall") is Role.SPEAKER


def test_an_enrolment_of_before_there_were_revoked_ones_is_read(tmp_path: Path) -> None:
    path = tmp_path / "enrolment.json"
    path.write_text('{"site": "test", "users": [{"user": "desk", "role": "staff"}]}')
    assert Enrolment.load(path).revoked == ()
