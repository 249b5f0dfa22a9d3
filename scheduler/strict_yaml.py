"""Plain YAML, read strictly, with the line and column of every node; the only module that knows PyYAML.

What a person writes is what is read: `10:15`, `2026-09-02`, `on` and `010` stay text, only `null`, `true`, `false` and
plain decimal numbers are more than that. Tags, a second document, and nesting or aliases beyond all reason are refused
on the stream of events, before any tree is built. What the nodes mean is `reading`'s matter.
"""

from __future__ import annotations

import dataclasses
import re
from typing import TypeAlias

import yaml

from scheduler.errors import YamlError

MAX_BYTES = 512 * 1024
MAX_DEPTH = 16
MAX_ALIASES = 200
MAX_NODES = 50_000
"""With aliases followed; a year of a large school is under 5,000."""


@dataclasses.dataclass(frozen=True, order=True)
class Mark:
    """A place in a file; both count from 1."""

    line: int = 1
    col: int = 1


@dataclasses.dataclass(frozen=True)
class ScalarNode:
    """A single value; `text` is as written, without quotes."""

    at: Mark
    value: str | int | float | bool | None
    text: str


@dataclasses.dataclass(frozen=True)
class ListNode:
    """A list."""

    at: Mark
    items: tuple[Node, ...]


@dataclasses.dataclass(frozen=True)
class Entry:
    """One key of a mapping with its value; a key is text, whatever it looks like."""

    key: str
    at: Mark
    value: Node


@dataclasses.dataclass(frozen=True)
class MapNode:
    """A mapping, in the order of the file; `repeated` are entries whose key stood before."""

    at: Mark
    entries: tuple[Entry, ...]
    repeated: tuple[Entry, ...] = ()

    def get(self, key: str) -> Entry | None:
        """The entry of a key, or None."""
        return next((entry for entry in self.entries if entry.key == key), None)


Node: TypeAlias = ScalarNode | ListNode | MapNode


def parse(content: bytes) -> Node | None:
    """The tree of a file's content, None when there is nothing in it; raises YamlError at the first thing not plain."""
    if len(content) > MAX_BYTES:
        raise YamlError(1, 1, f"{len(content)} bytes; at most {MAX_BYTES}")
    text = _decoded(content)
    try:
        _check_events(text)
        root = yaml.compose(text, Loader=_PlainLoader)
    except yaml.MarkedYAMLError as wrong:
        mark = wrong.problem_mark or wrong.context_mark
        line, col = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise YamlError(line, col, _in_plain_words(wrong)) from None
    return None if root is None else _TreeBuilder().build(root, depth=0)


class _PlainLoader(yaml.SafeLoader):
    """A loader that resolves null, true, false and plain decimal numbers, and leaves the rest text."""


_PlainLoader.yaml_implicit_resolvers = {}
_PlainLoader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"(?:~|null|)\Z"), ["~", "n", ""])
_PlainLoader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"(?:true|false)\Z"), ["t", "f"])
_PlainLoader.add_implicit_resolver(
    "tag:yaml.org,2002:int", re.compile(r"-?(?:0|[1-9][0-9]{0,15})\Z"), list("-0123456789")
)
_PlainLoader.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"-?(?:0|[1-9][0-9]{0,15})\.[0-9]{1,15}\Z"), list("-0123456789")
)


def _decoded(content: bytes) -> str:
    """The text of a file; raises YamlError where it is not UTF-8, is not text, or is indented with a tab."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        before = content[: wrong.start]
        line = before.count(b"\n") + 1
        col = len(before.rpartition(b"\n")[2].decode("utf-8", "replace")) + 1
        raise YamlError(line, col, "this is not UTF-8 text; save the file as UTF-8") from None
    for number, line_text in enumerate(text.split("\n"), start=1):
        indent = len(line_text) - len(line_text.lstrip(" \t"))
        if "\t" in line_text[:indent] and line_text.strip():
            raise YamlError(number, line_text.index("\t") + 1, "a tab before the text; indent with spaces")
        odd = yaml.reader.Reader.NON_PRINTABLE.search(line_text)
        if odd:
            raise YamlError(
                number, odd.start() + 1, f"the control character U+{ord(odd.group()):04X}; this should be plain text"
            )
    return text


def _check_events(text: str) -> None:
    """Refuse tags, a second document, and nesting and aliases past the bounds, without building anything."""
    depth = aliases = documents = 0
    for event in yaml.parse(text, Loader=_PlainLoader):
        start = event.start_mark
        line, col = (start.line + 1, start.column + 1) if start else (1, 1)
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if documents > 1:
                raise YamlError(line, col, "a second document begins; a file holds one, without '---' inside")
        elif isinstance(event, yaml.AliasEvent):
            aliases += 1
            if aliases > MAX_ALIASES:
                raise YamlError(line, col, f"more than {MAX_ALIASES} aliases; write the parts out")
        elif isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                raise YamlError(line, col, f"nested deeper than {MAX_DEPTH}; a timetable needs far less")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        tag = getattr(event, "tag", None)
        if tag is not None:
            raise YamlError(line, col, f"the tag {tag!r}; leave it out, and quote what must be text")


class _TreeBuilder:
    """Turns PyYAML's nodes into ours; aliases are followed, so what they multiply to is counted."""

    def __init__(self) -> None:
        self._count = 0

    def build(self, node: yaml.Node, depth: int) -> Node:
        """The tree under a node; raises YamlError when aliases make it too deep or too large."""
        at = Mark(node.start_mark.line + 1, node.start_mark.column + 1)
        self._count += 1
        if depth > MAX_DEPTH or self._count > MAX_NODES:
            raise YamlError(at.line, at.col, "an alias that stands for itself or for far too much; write the part out")
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, at, depth)
        if isinstance(node, yaml.SequenceNode):
            return ListNode(at, tuple(self.build(item, depth + 1) for item in node.value))
        text = str(node.value)
        return ScalarNode(at, _value(node.tag, text), text)

    def _mapping(self, node: yaml.MappingNode, at: Mark, depth: int) -> MapNode:
        entries: dict[str, Entry] = {}
        repeated: list[Entry] = []
        for key_node, value_node in node.value:
            key = self.build(key_node, depth + 1)
            if not isinstance(key, ScalarNode):
                raise YamlError(key.at.line, key.at.col, "a list or mapping as a key; a key is a word, then a colon")
            entry = Entry(key.text, key.at, self.build(value_node, depth + 1))
            if key.text in entries:
                repeated.append(entry)
            else:
                entries[key.text] = entry
        return MapNode(at, tuple(entries.values()), tuple(repeated))


def _value(tag: str, text: str) -> str | int | float | bool | None:
    """What the text of a scalar stands for, by the tag that the resolvers gave it."""
    kind = tag.rpartition(":")[2]
    if kind == "null":
        return None
    if kind == "bool":
        return text == "true"
    if kind == "int":
        return int(text)
    return float(text) if kind == "float" else text


_PLAIN_WORDS = (
    ("mapping values are not allowed", "a colon where none can be; quote the text, or check the indentation above"),
    ("could not find expected ':'", "a line that is neither 'key: value' nor '- item'"),
    ("expected <block end>", "this line is indented unlike its neighbours, or a bracket or quote above is not closed"),
    ("expected ',' or", "a comma or the closing bracket is missing before this"),
    ("found unexpected end of stream", "the file ends inside a quote; close it"),
    ("expected the node content", "a value is missing here, or a bracket is not closed"),
    ("found undefined alias", "an alias (*name) without its anchor (&name)"),
    ("found character", "a character that cannot begin a value; put the value in quotes"),
)


def _in_plain_words(wrong: yaml.MarkedYAMLError) -> str:
    """What the parser complains of, said for a person who writes a timetable."""
    problem = str(wrong.problem or wrong.context or "this is not YAML")
    plain = next((words for start, words in _PLAIN_WORDS if problem.startswith(start)), None)
    return plain or f"this is not YAML: {problem}"
