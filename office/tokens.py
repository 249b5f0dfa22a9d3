"""Staff sessions as signed tokens, which any program with the school's key can check without asking.

HS256 with one key file: every program that checks runs on the office's machine or is given the file. A key pair (EdDSA)
would let others check without being able to sign; it needs another library, and this module is where it would go.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

import jwt

from office.errors import StaffError
from wire.values import instant_of

KEY_FILE = "token.key"
LASTS = dt.timedelta(minutes=30)
_ISSUER = "unmissable-office"
_ALGORITHM = "HS256"


@dataclass(frozen=True)
class StaffSession:
    """Who is signed in, in which role, at which user of the broker, and until when."""

    id: str
    name: str
    role: str
    who: str
    until: dt.datetime


def load_key(state: Path) -> str:
    """The school's key, made at the first start, readable by its owner alone; raises StaffError."""
    path = state / KEY_FILE
    if not path.exists():
        beside = state / f"{KEY_FILE}.{os.getpid()}"
        try:
            state.mkdir(parents=True, exist_ok=True)
            beside.touch(mode=0o600)
            beside.write_text(secrets.token_hex(32) + "\n", encoding="ascii")
            with contextlib.suppress(FileExistsError):  # another program was first: its key is the school's
                os.link(beside, path)
        except OSError as wrong:
            raise StaffError(f"{path}: {wrong.strerror}; the folder must be writable") from None
        finally:
            with contextlib.suppress(OSError):
                beside.unlink()
    return _read_key(path)


def _read_key(path: Path) -> str:
    try:
        key = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeError) as wrong:
        raise StaffError(f"{path}: cannot be read ({wrong})") from None
    if len(key) < 64:
        raise StaffError(f"{path}: {len(key)} characters, should be 64; delete it, and everybody signs in again")
    return key


def sign(key: str, *, name: str, role: str, who: str, now: dt.datetime) -> tuple[str, StaffSession]:
    """A new session and its token."""
    session = StaffSession(secrets.token_hex(16), name, role, who, now + LASTS)
    claims = {
        "iss": _ISSUER,
        "jti": session.id,
        "sub": name,
        "role": role,
        "who": who,
        "iat": int(now.timestamp()),
        "exp": int(session.until.timestamp()),
    }
    return jwt.encode(claims, key, algorithm=_ALGORITHM), session


def read(key: str, token: str, now: dt.datetime) -> StaffSession | None:
    """The session of a token; None when it is not ours or over. `now` is school time, as is the token's."""
    try:
        claims = jwt.decode(
            token,
            key,
            algorithms=[_ALGORITHM],
            issuer=_ISSUER,
            options={"require": ["jti", "sub", "exp"], "verify_exp": False, "verify_iat": False},
        )
        session = StaffSession(
            str(claims["jti"]), str(claims["sub"]), str(claims["role"]), str(claims["who"]), instant_of(claims["exp"])
        )
    except (jwt.InvalidTokenError, KeyError, TypeError, ValueError, OverflowError):
        return None
    return session if now < session.until else None
