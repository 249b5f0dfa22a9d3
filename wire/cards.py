"""How a card's code is turned into what a kiosk may keep."""

from __future__ import annotations

import hashlib
import hmac
import re

CARD_CODE = re.compile(r"[0-9]{3,20}")
"""What a whole code looks like: a reader types digits, then Enter."""


def card_hash(code: str, salt: str) -> str:
    """HMAC-SHA-256 of a card's digits under the school's salt, in hex; kiosk and office compare these, never codes."""
    return hmac.new(salt.encode(), code.strip().encode(), hashlib.sha256).hexdigest()
