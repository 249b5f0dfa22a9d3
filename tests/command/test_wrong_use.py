"""Wrong use of the command is one clear line and status 2."""

from __future__ import annotations

from tests.end_to_end.programs import run


def test_a_demo_that_is_too_short_to_show_anything_is_wrong_use() -> None:
    ran = run("demo", "--headless", "--for", "3")
    assert (ran.status, ran.out) == (2, "")
    assert ran.err == "unmissable: --for 3: should be 30 s or more, so that everything can happen\n"
