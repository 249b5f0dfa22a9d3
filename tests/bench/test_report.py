"""The page of a run."""

from __future__ import annotations

import pytest

from bench.report import HEAD, Fact, Table, as_text, page

TABLE = Table("Skew", "How it was measured.", ("player", "median"), (("ours", "0.04"), ("a|b", "0.10")))


def test_the_page_has_the_machine_and_each_table_with_its_words() -> None:
    written = page([Fact("kernel", "Linux 6.1")], [TABLE, TABLE])
    assert written.startswith(HEAD)
    assert "\n- kernel: Linux 6.1\n" in written
    assert (
        written.count("## Skew\n\nHow it was measured.\n\n| player | median |\n| --- | --: |\n| ours | 0.04 |\n") == 2
    )
    assert "| a\\|b | 0.10 |" in written
    assert written.endswith("|\n")


def test_a_part_that_was_not_run_is_not_on_the_page() -> None:
    assert "##" not in page([Fact("kernel", "Linux 6.1")], [])


def test_a_row_with_a_cell_too_few_is_refused() -> None:
    with pytest.raises(ValueError, match="Skew: 1 cells for 2 columns"):
        Table("Skew", "", ("player", "median"), (("ours",),))


def test_a_terminal_gets_the_columns_under_each_other() -> None:
    assert as_text(TABLE).splitlines() == ["== Skew", "player  median", "ours    0.04", "a|b     0.10"]
