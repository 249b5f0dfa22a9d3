"""A child process knows its parent, also where that is process 1 of a container."""

from __future__ import annotations

import os
import subprocess
import sys

from devices.children import environment, is_orphan

ASK = "from devices.children import is_orphan; print(is_orphan())"


def asked(child_environment: dict[str, str]) -> str:
    command = [sys.executable, "-c", ASK]
    return subprocess.run(command, env=child_environment, capture_output=True, text=True, check=True).stdout.strip()


def test_a_child_of_this_process_is_no_orphan() -> None:
    assert asked(environment()) == "False"
    assert not is_orphan(), "and neither is one whose parent did not name itself"


def test_a_child_whose_parent_is_another_is_an_orphan() -> None:
    assert asked({**environment(), "UNMISSABLE_PARENT": str(os.getpid() + 1)}) == "True"
