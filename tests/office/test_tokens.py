"""Staff tokens: ours, in time and unchanged, or nothing."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import jwt
import pytest

from office import tokens
from office.errors import StaffError
from tests.office.schools import at

NOW = at("08:00")


def signed(key: str, now: dt.datetime = NOW) -> str:
    return tokens.sign(key, name="s-okoro", role="teacher", who="desk", now=now)[0]


def test_a_token_tells_who_in_which_role_where_and_until_when(tmp_path: Path) -> None:
    key = tokens.load_key(tmp_path)
    session = tokens.read(key, signed(key), NOW)
    assert session is not None
    assert (session.name, session.role, session.who) == ("s-okoro", "teacher", "desk")
    assert session.until == NOW + tokens.LASTS
    assert tokens.read(key, signed(key), NOW + tokens.LASTS) is None


def test_school_time_counts_not_the_machines(tmp_path: Path) -> None:
    key = tokens.load_key(tmp_path)
    for year in (2001, 2050):
        then = NOW.replace(year=year)
        assert tokens.read(key, signed(key, then), then) is not None


def test_a_token_of_another_key_or_none_or_changed_is_nothing(tmp_path: Path) -> None:
    key = tokens.load_key(tmp_path)
    token = signed(key)
    claims = jwt.decode(token, options={"verify_signature": False})
    unsigned = jwt.encode(claims, "", algorithm="none")
    other = jwt.encode({"sub": "s-okoro"}, key, algorithm="HS256")
    for wrong in (signed("f" * 64), unsigned, other, token[:-2], "", "made up"):
        assert tokens.read(key, wrong, NOW) is None


def test_the_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    key = tokens.load_key(tmp_path / "state")
    assert tokens.load_key(tmp_path / "state") == key
    assert (tmp_path / "state" / tokens.KEY_FILE).stat().st_mode & 0o077 == 0


def test_a_key_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / tokens.KEY_FILE).write_text("short\n", encoding="ascii")
    with pytest.raises(StaffError, match=r"token\.key: 5 characters, should be 64"):
        tokens.load_key(tmp_path)
    (tmp_path / "file").write_text("", encoding="ascii")
    with pytest.raises(StaffError, match="must be writable"):
        tokens.load_key(tmp_path / "file")
