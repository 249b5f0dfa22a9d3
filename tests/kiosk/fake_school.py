"""A school without a network, steered by the tests: it answers as the real one does, when and how a test says."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable

from kiosk.errors import Closed, OutboxError, SchoolError
from kiosk.school import Arrival, By, MusicNow, News, OwnThings, TapNews, ZoneMusic
from wire.cards import card_hash
from wire.requests import ApprovedTrack, PointsAnswer, PointsEntry, RosterAnswer, RosterPupil, TurnOffer

SALT = "tests"
NOON = dt.datetime(2026, 11, 23, 8, 45, tzinfo=dt.UTC)
NAMES = (
    "Bramble Clover Pip Juniper Wren Otto Maple Fern Robin Hazel Sorrel Teasel "
    "Rowan Ivy Basil Poppy Linden Marigold Ash Bluebell Cosmo Dandelion Elder Finch "
    "Goldie Heath Indigo Jay Kestrel Lark Moss Nettle Oakley Primrose Quill Reed"
)
PUPILS = tuple(
    zip(NAMES.split(), "🐻🐰🐧🦊🦉🐙🐨🐸🐯🐱🐴🐺🐶🐢🦁🐼🐘🐝🦀🦋🚀🌻🍄🐤⭐🍎💎⚽👑🎈🐞🍓🌲🌷🦄🍪", strict=True)
)
TUNES = (
    ("Sunrise", "Tidal Band", 183.0, "🌞"),
    ("Puddle Jump", "The Wellies", 142.0, "🐸"),
    ("Rocket Bus", "", 96.0, "🚀"),
    ("Honey March", "Hive Five", 121.0, "🐝"),
    ("Moon Boots", "Luna & Co", 205.0, "🌙"),
    ("Kite Day", "Windy", 88.0, "🎈"),
    ("Otter Slide", "River Trio", 154.0, "🐢"),
    ("Biscuit Tin", "The Crumbs", 60.0, "🍪"),
    ("Leaf Dance", "Autumn Kids", 171.0, "🍄"),
    ("Snowy Steps", "", 132.0, "🐧"),
    ("Green Frog Blues", "Pond Life", 190.0, "🐸"),
    ("Long Way Home with a Very Long Title Indeed", "A Band with a Long Name Too", 240.0, "🌲"),
    ("Starlight", "Comet", 118.0, "⭐"),
    ("Big Yellow Digger", "Site Crew", 99.0, "⚽"),
)


def pupils(count: int) -> tuple[RosterPupil, ...]:
    """The first pupils; the cards are 1001, 1002 and so on."""
    return tuple(
        RosterPupil(id=f"p{n}", first_name=name, picture=picture, card_hashes=(card_hash(str(1000 + n), SALT),))
        for n, (name, picture) in enumerate(PUPILS[:count], 1)
    )


def tracks(count: int = len(TUNES)) -> tuple[ApprovedTrack, ...]:
    """The first tunes, with invented ids."""
    return tuple(
        ApprovedTrack(id=f"{n:064x}", title=title, artist=artist, duration_s=duration_s, picture=picture)
        for n, (title, artist, duration_s, picture) in enumerate(TUNES[:count], 1)
    )


def offer(*picks: str, state: str = "open", minutes: int = 15) -> TurnOffer:
    """A turn at today's break."""
    start_at = dt.datetime(2026, 11, 23, 10, 30, tzinfo=dt.UTC)
    return TurnOffer(
        date=start_at.date(),
        slot="break",
        start_at=start_at,
        end_at=start_at + dt.timedelta(minutes=minutes),
        locks_at=start_at - dt.timedelta(minutes=5),
        zones=("playground",),
        picks=picks,
        state="open" if state == "open" else "locked",
    )


class FakeSchool:
    """Pupil p1 is School DJ at break; everything can be changed by a test."""

    def __init__(self, count: int = 25) -> None:
        self.roster: RosterAnswer | None = RosterAnswer(
            classroom="oak", name="Oak Class", salt=SALT, pupils=pupils(count)
        )
        self.tracks = tracks()
        self.connected = True
        self.waiting = 0
        self.new_session = False
        self.clock = NOON
        self.playing = MusicNow(
            (ZoneMusic("playground", "Sunrise", None), ZoneMusic("classrooms", "Rain Song", None)), 40.0
        )
        self.taps: list[tuple[str, By]] = []
        self.opened: list[tuple[str, str]] = []
        self.picked: list[tuple[str, tuple[str, ...]]] = []
        self.djs = {"p1": "break"}
        self.offers: dict[str, tuple[TurnOffer, ...]] = {"p1": (offer(),)}
        self.points = PointsAnswer(
            balance=23,
            earned=61,
            entries=tuple(
                PointsEntry(points=points, reason=reason, picture=picture, at=NOON)
                for points, reason, picture in (
                    (2, "A kind helper", "🐝"), (1, "Great listening", "🐰"), (3, "Brave try", "🦁"),
                    (-5, "A pencil from the shop", "🍪"), (2, "Tidy table", "🦉"), (1, "Good question", "🚀"),
                )
            ),
        )  # fmt: skip
        self.answers_taps = True
        self.fault: SchoolError | None = None
        self.pick_fault: SchoolError | None = None
        self.disk_fault: OutboxError | None = None
        self._handlers: list[Callable[[News], object]] = []

    def on_news(self, handler: Callable[[News], object]) -> None:
        self._handlers.append(handler)

    def tell(self, news: News) -> None:
        """Have the screens hear news."""
        for handler in self._handlers:
            handler(news)

    async def start(self) -> None:
        pass

    async def stop(self) -> None:
        pass

    def now(self) -> dt.datetime:
        return self.clock

    def music(self) -> MusicNow:
        return self.playing

    def pupil_of_card(self, code: str) -> RosterPupil | None:
        everyone = self.roster.pupils if self.roster else ()
        return next((one for one in everyone if card_hash(code, SALT) in one.card_hashes), None)

    def was_in_today(self, pupil: str) -> bool:
        return any(one == pupil for one, _ in self.taps)

    def was_in_this_session(self, pupil: str) -> bool:
        return self.was_in_today(pupil) and not self.new_session

    def check_in(self, pupil: str, by: By) -> Arrival:
        if self.disk_fault is not None:
            raise self.disk_fault
        arrival = Arrival(again=self.was_in_today(pupil))
        self.taps.append((pupil, by))
        if self.answers_taps:
            asyncio.get_running_loop().call_soon(self.tell, TapNews(pupil, self.djs.get(pupil)))
        else:
            self.waiting += 1
        return arrival

    async def open(self, pupil: str, code: str) -> OwnThings:
        if self.fault is not None:
            raise self.fault
        known = self.pupil_of_card(code)
        if known is None or known.id != pupil:
            raise Closed("card")
        self.opened.append((pupil, code))
        return OwnThings("session", self.points, self.offers.get(pupil, ()))

    async def pick(self, session: str, offer: TurnOffer, picks: tuple[str, ...]) -> TurnOffer:
        if self.pick_fault is not None:
            raise self.pick_fault
        self.picked.append((session, picks))
        changed = offer.model_copy(update={"picks": picks})
        self.offers = {
            pupil: tuple(changed if (one.date, one.slot) == (offer.date, offer.slot) else one for one in theirs)
            for pupil, theirs in self.offers.items()
        }
        return changed
