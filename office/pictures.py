"""The pictures that stand for pupils: one emoji each, unique in a class, and the same for as long as the class is.

Each is a single code point that terminals draw two cells wide since Unicode 9 or earlier: no variation selector,
joiner, flag or skin tone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection

FIRST: tuple[str, ...] = tuple("🐙🐢🐝🐞🐧🐤🐨🐼🐰🐱🐶🐴🐺🐻🐯🦁🦊🦄🦉🦋🐘🦀🐸🍎🍓🍄🍪🌻🌷🌲🌙⭐🚀🎈💎👑⚽")
"""Those that a kiosk can draw large, so that every child of an ordinary class is greeted alike."""
PICTURES: tuple[str, ...] = FIRST + tuple(
    "🐟🐠🐡🐬🐳🐌🐫🐊🦆🍊🍋🍌🍉🍇🍒🍑🍍🥝🥑🥕🌽🥐🧀🥞🍩🍦🥜"
    "🌹🌵🌴🍁🍀🌈🌊🔥⚡🚂🚜🚲⛵🎨🎸🥁🎺🎻🎹🔭🔔🔑🎩🏀🎾🏰🎡🎠🎪⏰📚🌂"
)


def picture_for(pupil_id: str, taken: Collection[str]) -> str:
    """A picture that nobody else in the class has, of the first ones while there are; when all are taken, one again."""

    def shuffled(pictures: tuple[str, ...]) -> list[str]:
        return sorted(pictures, key=lambda picture: hashlib.sha256(f"{pupil_id} {picture}".encode()).digest())

    order = shuffled(FIRST) + shuffled(PICTURES[len(FIRST) :])
    return next((picture for picture in order if picture not in taken), order[0])
