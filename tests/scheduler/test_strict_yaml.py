"""Strict YAML: text stays text, every node knows its place, and nothing hostile is built."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import scheduler.strict_yaml
from scheduler.errors import YamlError
from scheduler.strict_yaml import MAX_BYTES, ListNode, MapNode, Mark, ScalarNode, parse


def scalar(text: str) -> ScalarNode:
    node = parse(f"key: {text}".encode())
    assert isinstance(node, MapNode)
    value = node.entries[0].value
    assert isinstance(value, ScalarNode)
    return value


@pytest.mark.parametrize(
    "text",
    ["08:45", "10:15", "12:15:30", "7:50", "on", "off", "yes", "no", "True", "2026-09-07", "010", "0x10", "1_000",
     "1e3", "+1", ".5", "-.inf", "<<", "="],
)  # fmt: skip
def test_what_yaml_would_turn_into_something_else_stays_text(text: str) -> None:
    assert scalar(text).value == text


@pytest.mark.parametrize(
    ("text", "value"),
    [("70", 70), ("-3", -3), ("0", 0), ("2.5", 2.5), ("true", True), ("false", False), ("null", None), ("~", None),
     ("", None), ("'70'", "70"), ('"true"', "true"), ('""', "")],
)  # fmt: skip
def test_null_flags_and_plain_decimal_numbers_are_known_unless_quoted(text: str, value: object) -> None:
    read = scalar(text).value
    assert read == value
    assert type(read) is type(value)


def test_every_node_knows_its_line_and_column() -> None:
    root = parse(b"# staff\nzones:\n  playground: {volume: 70}\nlist: [a,\n  b]\n")
    assert isinstance(root, MapNode)
    zones, listed = root.entries
    assert (zones.at, zones.value.at) == (Mark(2, 1), Mark(3, 3))
    assert isinstance(listed.value, ListNode)
    assert listed.value.items[1].at == Mark(5, 3)


def test_a_key_that_stands_twice_is_kept_apart_with_its_place() -> None:
    root = parse(b"a: 1\nb: 2\na: 3\n")
    assert isinstance(root, MapNode)
    assert [entry.key for entry in root.entries] == ["a", "b"]
    assert [(entry.key, entry.at) for entry in root.repeated] == [("a", Mark(3, 1))]


def test_a_number_or_a_date_as_a_key_is_text() -> None:
    root = parse(b"{1: a, 2026-12-18: b, true: c}")
    assert isinstance(root, MapNode)
    assert [entry.key for entry in root.entries] == ["1", "2026-12-18", "true"]


def test_nothing_but_comments_is_nothing() -> None:
    assert parse(b"# to be written\n") is None
    assert parse(b"") is None


def test_a_byte_order_mark_is_passed_over() -> None:
    root = parse(b"\xef\xbb\xbfa: 1")
    assert isinstance(root, MapNode)
    assert root.entries[0].key == "a"


def test_an_alias_is_what_its_anchor_is() -> None:
    root = parse(b"a: &same [x]\nb: *same\n")
    assert isinstance(root, MapNode)
    assert root.entries[1].value == root.entries[0].value


DOUBLING = b"a0: &a0 [x, x]\n" + b"".join(f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]\n".encode() for i in range(1, 15))
WIDENING = b"a0: &a0 [" + b"x, " * 400 + b"x]\na1: &a1 [" + b"*a0, " * 150 + b"*a0]\n"


@pytest.mark.parametrize(
    ("content", "line", "col", "words"),
    [
        (b"a: 1\nb: [1, 2\n", 3, 1, "closing bracket"),
        (b"a: 'x\n", 2, 1, "inside a quote"),
        (b"a: b: c", 1, 5, "a colon where none can be"),
        (b"a:\n  - 1\n - 2\n", 3, 2, "indented unlike its neighbours"),
        (b"a: @x", 1, 4, "put the value in quotes"),
        (b"a: *x", 1, 4, "without its anchor"),
        (b"a: !!python/object/apply:os.system [x]", 1, 4, "the tag"),
        (b"a: !x 1", 1, 4, "the tag '!x'"),
        (b"a: 1\nb: \xff\n", 2, 4, "not UTF-8"),
        (b"a:\n\tb: 1\n", 2, 1, "indent with spaces"),
        (b"a: \x1b[2J", 1, 4, "U+001B"),
        (b"a: \x00", 1, 4, "U+0000"),
        (b"a: 1\n---\nb: 2\n", 2, 1, "a second document"),
        (b"{[1, 2]: x}", 1, 2, "as a key"),
        (b"[" * 100_000, 1, 17, "nested deeper than 16"),
        (b"a: &a [*a]", 1, 4, "stands for itself"),
        (DOUBLING, 1, 13, "stands for itself or for far too much"),
        (WIDENING, 1, 451, "for far too much"),
        (b"a: &a 1\nb: [" + b"*a, " * 201 + b"*a]", 2, 805, "more than 200 aliases"),
        (b"a: " + b"x" * MAX_BYTES, 1, 1, "bytes; at most"),
    ],
)  # fmt: skip
def test_what_is_not_plain_yaml_is_refused_where_it_stands(content: bytes, line: int, col: int, words: str) -> None:
    with pytest.raises(YamlError) as refused:
        parse(content)
    assert words in refused.value.message
    assert (refused.value.line, refused.value.col) == (line, col)
    assert "\n" not in refused.value.message


def test_no_other_module_of_the_scheduler_knows_pyyaml() -> None:
    package = Path(scheduler.strict_yaml.__file__).parent
    knowing = [
        file.name for file in package.glob("*.py") if re.search(r"^\s*(import|from) yaml\b", file.read_text(), re.M)
    ]
    assert knowing == ["strict_yaml.py"]
