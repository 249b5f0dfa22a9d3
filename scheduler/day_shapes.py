"""Reading `days:`, the shapes that a day can have: lists of slots and bells, and days that are like another.

A day that is like another is worked out here (`like`, then `drop`, `change` and `add`), so that nothing else knows of
it. What a change makes wrong is noted at the change, what it inherits is noted where it was written.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterator, Mapping
from typing import TypeAlias

from scheduler.fields import FLAG, ID, PATH, TIME, VOLUME, Fields, Problems, clock, nearest, number, one_of, shown
from scheduler.strict_yaml import Entry, ListNode, MapNode, Mark, Node
from scheduler.timetable import CLOSED, BellAt, DayShape, Slot, Zone

_SLOT_KEYS = (
    "slot", "from", "to", "zones", "playlist", "volume", "fade_in", "fade_out", "crossfade", "dj",
)  # fmt: skip
_BELL_KEYS = ("bell", "at", "zones", "sound", "volume", "duck")
_FADE_IN_S = 2.0
_FADE_OUT_S = 5.0
_LONGEST_CHAIN = 16
_SECONDS = number(0, 60, "seconds")
_EXAMPLE_SLOT = "{slot: break, from: 10:30, to: 10:45, zones: [playground], playlist: calm}"
_EXAMPLE_CHANGE = "{like: normal, change: {break: {volume: 35}}}"


@dataclasses.dataclass(frozen=True)
class _Piece:
    """A slot or bell of a shape as written: `own` are the keys that this very shape wrote, not the one it is like."""

    name: str
    node: MapNode
    path: str
    own: frozenset[str]
    value: Slot | BellAt | None

    def mark(self, *keys: str) -> Mark:
        """Where to point: the first of these keys that is this shape's own, else the piece."""
        for key in keys:
            entry = self.node.get(key)
            if entry is not None and key in self.own:
                return entry.value.at
        return self.node.at


_Pieces: TypeAlias = dict[str, _Piece]
_Zones: TypeAlias = Mapping[str, Zone | None] | None
"""Every zone by name, None for one that could not be read itself; None for all when there is no such section."""


def read_days(
    node: Node, path: str, zones: _Zones, playlists: tuple[str, ...] | None, problems: Problems
) -> dict[str, DayShape] | None:
    """The day shapes by name, of what zones and playlists there are; None for a section that could not be read."""
    fields = Fields.of(node, path, problems, example="{normal: [" + _EXAMPLE_SLOT + "]}")
    if fields is None:
        return None
    fields.names()
    return _DaysReader(fields, zones, playlists, problems).shapes()


class _DaysReader:
    """Reads every shape once, the one it is like before it."""

    def __init__(self, fields: Fields, zones: _Zones, playlists: tuple[str, ...] | None, problems: Problems) -> None:
        self._fields = fields
        self._entries = {entry.key: entry for entry in fields.entries}
        self._zones = zones
        self._pieces = _PieceReader(zones, playlists, problems)
        self._problems = problems
        self._read: dict[str, _Pieces] = {}
        self._reading: list[str] = []

    def shapes(self) -> dict[str, DayShape] | None:
        """Every shape, worked out."""
        shapes = {}
        for name, entry in self._entries.items():
            if name == CLOSED:
                self._problems.add(entry.at, self._path(name), "'closed' is the day without school; take another name")
            values = [piece.value for piece in self._shape(name).values()]
            slots = sorted((v for v in values if isinstance(v, Slot)), key=lambda slot: (slot.from_time, slot.name))
            bells = sorted((v for v in values if isinstance(v, BellAt)), key=lambda bell: (bell.at_time, bell.name))
            shapes[name] = DayShape(name, tuple(slots), tuple(bells))
        return shapes

    def _path(self, name: str) -> str:
        return self._fields.at_path(name)

    def _shape(self, name: str) -> _Pieces:
        """The pieces of a shape, read once."""
        if name not in self._read:
            self._reading.append(name)
            pieces = self._pieces_of(self._entries[name], self._path(name))
            self._note_clashes(pieces)
            self._read[name] = pieces
            self._reading.pop()
        return self._read[name]

    def _pieces_of(self, entry: Entry, path: str) -> _Pieces:
        if isinstance(entry.value, ListNode):
            return self._added({}, entry.value, path)
        if isinstance(entry.value, MapNode):
            return self._derived(Fields(entry.value, path, self._problems))
        example = f"a list such as [{_EXAMPLE_SLOT}], or a mapping such as {_EXAMPLE_CHANGE}"
        self._problems.add(entry.value.at, path, f"{shown(entry.value)}; should be {example}")
        return {}

    def _derived(self, fields: Fields) -> _Pieces:
        """The pieces of a day that is like another."""
        fields.only("like", "drop", "change", "add")
        like = fields.need("like", one_of(tuple(self._entries), "day"))
        if like is None:
            return {}
        if like in self._reading:
            circle = " is like ".join([*self._reading[self._reading.index(like) :], like])
            fields.wrong("like", f"{circle}: a circle; one of them should be a list of its own")
            return {}
        if len(self._reading) > _LONGEST_CHAIN:
            fields.wrong("like", f"like a day through more than {_LONGEST_CHAIN} others; should be a list of its own")
            return {}
        pieces = {name: dataclasses.replace(piece, own=frozenset()) for name, piece in self._shape(like).items()}
        dropped = fields.node.get("drop")
        if dropped is not None:
            for name in fields.each("drop", one_of(tuple(pieces), f"slot or bell of {like}")):
                del pieces[name]
        changes = fields.node.get("change")
        if changes is not None:
            self._change(pieces, changes.value, fields.at_path("change"), like)
        additions = fields.node.get("add")
        if additions is not None and isinstance(additions.value, ListNode):
            pieces = self._added(pieces, additions.value, fields.at_path("add"))
        elif additions is not None:
            fields.wrong("add", f"{shown(additions.value)}; should be a list such as [{_EXAMPLE_SLOT}]")
        return pieces

    def _change(self, pieces: _Pieces, node: Node, path: str, like: str) -> None:
        """Put the changes over the pieces of the shape that this one is like."""
        fields = Fields.of(node, path, self._problems, example="{break: {volume: 35}}")
        if fields is None:
            return
        fields.no_repeats()
        for entry in fields.entries:
            where = fields.at_path(entry.key)
            base = pieces.get(entry.key)
            if base is None:
                what = f"no slot or bell kept of {like}; {nearest(entry.key, pieces)}"
                self._problems.add(entry.at, where, f"'{entry.key}' is {what}")
            elif not isinstance(entry.value, MapNode):
                self._problems.add(
                    entry.value.at, where, f"{shown(entry.value)}; should be a mapping such as {{volume: 35}}"
                )
            else:
                pieces[entry.key] = self._pieces.changed(base, entry, entry.value, where)

    def _added(self, pieces: _Pieces, items: ListNode, path: str) -> _Pieces:
        """The pieces with those of a list added to them."""
        pieces = dict(pieces)
        for index, item in enumerate(items.items):
            piece = self._pieces.written(item, f"{path}[{index}]")
            if piece is None:
                continue
            if piece.name in pieces:
                message = f"'{piece.name}' stands in this day already; should have a name of its own"
                self._problems.add(piece.node.at, piece.path, message)
            else:
                pieces[piece.name] = piece
        return pieces

    def _note_clashes(self, pieces: _Pieces) -> None:
        """Note slots that overlap and bells at the same instant, in each zone, where this shape is the cause."""
        for zone in self._zones or ():
            slots = [(p, p.value) for p in pieces.values() if isinstance(p.value, Slot) and zone in p.value.zones]
            bells = [(p, p.value) for p in pieces.values() if isinstance(p.value, BellAt) and zone in p.value.zones]
            self._note_overlaps(sorted(slots, key=lambda each: each[1].from_time), zone)
            rung: dict[dt.time, _Piece] = {}
            for piece, bell in bells:
                other = rung.setdefault(bell.at_time, piece)
                if other is not piece and (piece.own or other.own):
                    cause = piece if piece.own else other
                    message = f"rings with {(other if cause is piece else piece).name} in {zone}; should ring apart"
                    self._problems.add(cause.mark("at", "zones"), cause.path, message)

    def _note_overlaps(self, slots: list[tuple[_Piece, Slot]], zone: str) -> None:
        if not slots:
            return
        longest = slots[0]
        for each in slots[1:]:
            (piece, slot), (before, slot_before) = each, longest
            if slot.from_time < slot_before.to_time and (piece.own or before.own):
                cause, other = (piece, slot_before) if piece.own else (before, slot)
                message = (
                    f"overlaps {other.name}, {clock(other.from_time)} to {clock(other.to_time)}, in {zone}; "
                    "the slots of a zone should follow each other"
                )
                keys = ("from", "to", "zones") if cause is piece else ("to", "from", "zones")
                self._problems.add(cause.mark(*keys), cause.path, message)
            longest = max(longest, each, key=lambda pair: pair[1].to_time)


class _PieceReader:
    """Reads single slots and bells."""

    def __init__(self, zones: _Zones, playlists: tuple[str, ...] | None, problems: Problems) -> None:
        self._zones = zones
        self._zone = one_of(tuple(zones) if zones is not None else None, "zone")
        self._playlists = playlists
        self._playlist = one_of(playlists, "playlist")
        self._problems = problems

    def written(self, node: Node, path: str) -> _Piece | None:
        """A slot or bell as an item of a list."""
        fields = Fields.of(node, path, self._problems, example=_EXAMPLE_SLOT)
        if fields is None:
            return None
        kind = "bell" if fields.node.get("bell") is not None else "slot"
        name = fields.need(kind, ID)
        own = frozenset(entry.key for entry in fields.entries)
        piece = _Piece(name or "", fields.node, path, own, None)
        value = self._value(piece)
        return None if name is None else dataclasses.replace(piece, value=value)

    def changed(self, base: _Piece, entry: Entry, changes: MapNode, path: str) -> _Piece:
        """A slot or bell of another shape with some of its keys changed."""
        over = {change.key: change for change in changes.entries}
        for key in ("slot", "bell"):
            if key in over:
                self._problems.add(over.pop(key).at, f"{path}.{key}", "a change keeps the name; should be left out")
        kept = tuple(entry for entry in base.node.entries if entry.key not in over)
        node = MapNode(entry.at, (*kept, *over.values()), changes.repeated)
        piece = _Piece(base.name, node, path, frozenset(over), None)
        if base.value is not None:
            return dataclasses.replace(piece, value=self._value(piece))
        # What is wrong with the base is told there; here only what is wrong with the change itself.
        reader = _PieceReader(self._zones, self._playlists, self._problems.apart())
        value = reader._value(piece)
        own = tuple(f"{path}.{key}" for key in over)
        self._problems.add_all(problem for problem in reader._problems.found if problem.path.startswith(own))
        return dataclasses.replace(piece, value=value)

    def _value(self, piece: _Piece) -> Slot | BellAt | None:
        fields = Fields(piece.node, piece.path, self._problems)
        return self._bell(piece, fields) if piece.node.get("bell") is not None else self._slot(piece, fields)

    def _slot(self, piece: _Piece, fields: Fields) -> Slot | None:
        fields.only(*_SLOT_KEYS)
        from_time, to_time = fields.need("from", TIME), fields.need("to", TIME)
        zones = fields.each("zones", self._zone)
        playlist = fields.need("playlist", self._playlist)
        volume = fields.get("volume", VOLUME, None)
        fade_in_s = fields.get("fade_in", _SECONDS, None)
        fade_out_s = fields.get("fade_out", _SECONDS, None)
        crossfade_s = fields.get("crossfade", number(0, 20, "seconds"), 0.0)
        dj = fields.get("dj", FLAG, False)
        self._note_too_loud(piece, zones, volume)
        if from_time is None or to_time is None:
            return None
        if to_time <= from_time:
            message = f"ends at {clock(to_time)}, not after its start at {clock(from_time)}; should end later"
            self._problems.add(piece.mark("to", "from"), f"{piece.path}.to", message)
            return None
        length_s = _seconds(to_time) - _seconds(from_time)
        fades_own = not piece.own.isdisjoint({"fade_in", "fade_out", "from", "to"})
        if fades_own and (fade_in_s or 0) + (fade_out_s or 0) > length_s:
            message = f"the fades take longer than the slot's {length_s:g} seconds; should fit into it"
            self._problems.add(piece.mark("fade_out", "fade_in", "to", "from"), piece.path, message)
        if playlist is None or not zones:
            return None
        return Slot(
            name=piece.name,
            from_time=from_time,
            to_time=to_time,
            zones=zones,
            playlist=playlist,
            volume=volume,
            fade_in_s=min(_FADE_IN_S, length_s / 4) if fade_in_s is None else fade_in_s,
            fade_out_s=min(_FADE_OUT_S, length_s / 4) if fade_out_s is None else fade_out_s,
            crossfade_s=crossfade_s,
            dj=dj,
        )

    def _bell(self, piece: _Piece, fields: Fields) -> BellAt | None:
        fields.only(*_BELL_KEYS)
        at_time = fields.need("at", TIME)
        zones = fields.each("zones", self._zone)
        sound = fields.need("sound", PATH)
        volume = fields.get("volume", VOLUME, None)
        duck_db = fields.get("duck", number(-60, 0, "decibels"), -18.0)
        self._note_too_loud(piece, zones, volume)
        if at_time is None or sound is None or not zones:
            return None
        return BellAt(piece.name, at_time, zones, sound, volume, duck_db)

    def _note_too_loud(self, piece: _Piece, zones: tuple[str, ...], volume: int | None) -> None:
        if piece.own.isdisjoint({"volume", "zones"}):
            return
        for zone in self._limits_passed(zones, volume):
            message = (
                f"the volume {volume} is above {zone.limit}, the limit of {zone.name}; should be {zone.limit} or less, "
                "or left out for each zone's own"
            )
            self._problems.add(piece.mark("volume", "zones"), f"{piece.path}.volume", message)

    def _limits_passed(self, zones: tuple[str, ...], volume: int | None) -> Iterator[Zone]:
        """The zones whose limit a volume passes."""
        for name in zones:
            zone = self._zones.get(name) if self._zones is not None else None
            if zone is not None and volume is not None and volume > zone.limit:
                yield zone


def _seconds(time: dt.time) -> float:
    return time.hour * 3600 + time.minute * 60 + time.second
