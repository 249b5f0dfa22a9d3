"""Who is enrolled is looked up in the file as it is now."""

from __future__ import annotations

from pathlib import Path

import pytest

from scheduler.users import Users
from tests.brokers import ENROLMENT
from wire.enrolment import Enrolled
from wire.errors import BrokerError
from wire.requests import Role


def test_a_device_enrolled_later_is_known_and_one_taken_out_is_not(enrolment_file: Path) -> None:
    users = Users(enrolment_file)
    assert users.site == ENROLMENT.site
    assert users.role_of("kiosk-ash") is None
    ENROLMENT.with_user(Enrolled(user="kiosk-ash", role=Role.KIOSK)).save(enrolment_file)
    assert users.role_of("kiosk-ash") is Role.KIOSK
    ENROLMENT.save(enrolment_file)
    assert users.role_of("kiosk-ash") is None


def test_a_file_that_turns_bad_leaves_those_who_were_enrolled(
    enrolment_file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    users = Users(enrolment_file)
    enrolment_file.write_text("{")
    assert users.role_of("east") is Role.SPEAKER
    assert users.role_of("east") is Role.SPEAKER
    assert caplog.text.count("stays so") == 1


def test_without_a_file_there_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(BrokerError, match="cannot read who is enrolled"):
        Users(tmp_path / "none.json")
