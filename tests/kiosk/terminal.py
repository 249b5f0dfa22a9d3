"""A real terminal for tests: tmux on a socket of its own, with keys, touches and what stands on the screen."""

from __future__ import annotations

import shlex
import subprocess
from pathlib import Path


class Terminal:
    """One command in one tmux session; `status` is its exit status once it has ended."""

    def __init__(self, folder: Path, *command: str, columns: int = 100, rows: int = 30) -> None:
        self._socket = folder / "tmux"
        self._status = folder / "status"
        script = f"{shlex.join(command)}; code=$?; stty -a >{folder}/stty; echo $code >{self._status}; exec cat"
        size = ("-x", str(columns), "-y", str(rows))
        self._tmux("-f", "/dev/null", "new-session", "-d", *size, "-s", "kiosk", "sh", "-c", script)

    def _tmux(self, *arguments: str) -> str:
        ran = subprocess.run(
            ["tmux", "-S", str(self._socket), *arguments], capture_output=True, text=True, timeout=10, check=True
        )
        return ran.stdout

    @property
    def text(self) -> str:
        """What stands on the screen."""
        return self._tmux("capture-pane", "-p", "-t", "kiosk")

    @property
    def status(self) -> int | None:
        """The command's exit status, or None while it runs."""
        written = self._status.read_text() if self._status.exists() else ""
        return int(written) if written.strip() else None

    def in_full_screen(self) -> bool:
        """Whether a program has the alternate screen or the mouse."""
        return self._tmux("display", "-p", "-t", "kiosk", "#{alternate_on}#{mouse_any_flag}").strip() != "00"

    def keys(self, *names: str) -> None:
        """Press keys by tmux's names."""
        self._tmux("send-keys", "-t", "kiosk", *names)

    def send(self, text: str) -> None:
        """Send bytes as they are."""
        self._tmux("send-keys", "-t", "kiosk", "-l", text)

    def touch(self, words: str) -> None:
        """Touch the first place where some words stand."""
        for row, line in enumerate(self.text.splitlines()):
            if words in line:
                column = line.index(words)
                self.send(f"\x1b[<0;{column + 2};{row + 1}M")
                self.send(f"\x1b[<0;{column + 2};{row + 1}m")
                return
        raise AssertionError(f"{words!r} is not on the screen:\n{self.text}")

    def resize(self, columns: int, rows: int) -> None:
        """Change the terminal's size."""
        self._tmux("resize-window", "-t", "kiosk", "-x", str(columns), "-y", str(rows))

    def process_id(self) -> int:
        """The process of the command itself, the child of the shell."""
        shell = self._tmux("display", "-p", "-t", "kiosk", "#{pane_pid}").strip()
        return int(subprocess.run(["pgrep", "-P", shell], capture_output=True, text=True, check=True).stdout.split()[0])

    def close(self) -> None:
        """End the session."""
        subprocess.run(["tmux", "-S", str(self._socket), "kill-server"], capture_output=True, timeout=10, check=False)
