"""What the banner says when: invitations, greetings, help. Pure."""

from __future__ import annotations

import datetime as dt

from kiosk.safe_text import clean, cut
from kiosk.widgets.banner import Saying
from kiosk.words import AGAIN_LINE, class_words, hello, kind_line, slot_words
from wire.requests import RosterPupil

NAME_CELLS = 24
THANKS = "Thank you, School DJ!"


def invitation(now: dt.datetime, class_name: str) -> Saying:
    """What the banner says while nobody is there."""
    picture = "🌞" if 6 <= now.hour < 18 else "🌙"
    return Saying(
        picture, cut(class_words(class_name), NAME_CELLS), "Hello!", (f"{hello(now)}! Touch your picture 👇",)
    )


def waiting(now: dt.datetime) -> Saying:
    """What the banner says while no class is known: there is no picture to touch yet."""
    return Saying(
        "🌞" if 6 <= now.hour < 18 else "🌙", "", "Hello!", (f"{hello(now)}! Your pictures will be here soon.",)
    )


def greeting(pupil: RosterPupil, now: dt.datetime, again: bool, by_card: bool, dj_slot: str | None = None) -> Saying:
    """The greeting of a child, the same for early and late; a second one in a session is a friendly success too."""
    name = cut(pupil.first_name, NAME_CELLS)
    above = f"Hello again! {AGAIN_LINE}" if again else f"{hello(now)}! {kind_line(pupil.id, now)}"
    lines = []
    if dj_slot is not None:
        lines.append(f"You are School DJ at {slot_words(clean(dj_slot))} 🎧")
    if by_card:
        lines.append("💳 Your card again ➜ ⭐ your own page")
    return Saying(pupil.picture, above, f"{name}!", tuple(lines), "greet")


def unknown_card() -> Saying:
    """A card that belongs to nobody in this class."""
    return Saying("💛", "This card is new to me.", "Hello!", ("Please ask a grown-up. They can help!",), "help")


def not_awake() -> Saying:
    """A card came before the class was heard of."""
    return Saying("💤", "Your class is on its way here.", "Hello!", ("Try your card again in a moment.",), "help")


def not_written() -> Saying:
    """The disk refused the tap."""
    return Saying("💛", "This screen needs a little help.", "Hello!", ("Please tell a grown-up. Thank you!",), "help")


def not_now() -> Saying:
    """The office cannot be reached for what a child wanted to see."""
    return Saying("💤", "Your page is having a rest.", "Shhh...", ("Try again in a little while ⭐",), "help")


def time_is_up() -> Saying:
    """The office closed the page that was open."""
    return Saying("🌟", "Your page is closed now.", "See you!", ("Hold your card here to come back.",), "help")


def music_set(slot: str) -> Saying:
    """A School DJ's picks are with the office."""
    return Saying("🎧", f"Your music plays at {slot_words(clean(slot))}! 🎧", "Hooray!", (THANKS,), "greet")


def music_open(slot: str) -> Saying:
    """A School DJ picked nothing."""
    come = f"Come back before {slot_words(clean(slot))} 🎧"
    return Saying("🎧", "You can still choose your music.", "See you!", (come,), "greet")


def music_locked(slot: str) -> Saying:
    """It is too late to change this turn."""
    is_set = f"The music for {slot_words(clean(slot))} is all set now."
    return Saying("🎧", is_set, "Soon!", ("It plays just as it is 🎧",), "help")


def music_not_saved() -> Saying:
    """The picks could not reach the office."""
    return Saying("💤", "Your music is having a rest.", "Shhh...", ("Choose again in a little while 🎧",), "help")
