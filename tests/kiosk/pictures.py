"""Pictures of the kiosk for the documentation: run as `python -m tests.kiosk.pictures docs/pictures`.

Each screen is drawn by the real app on an invented class, exported as SVG and turned into PNG by Debian's Chromium.
"""

from __future__ import annotations

import asyncio
import html
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.cells import cell_len

from kiosk.app import KioskApp
from kiosk.half_sprites import HALVES
from kiosk.settings import Pace
from kiosk.sprites import COLOURS, SPRITES
from tests.kiosk.fake_school import FakeSchool

SIZES = ((80, 24, 25), (100, 30, 36), (120, 40, 30))
HINT = "type 1001 Enter: today's DJ · ctrl-C leaves"
CELL = 12.2
"""The width of a cell in the exported SVG."""
SLOW = Pace(greeting_s=60, page_s=60, told_s=60, calm_s=0, typed_pause_s=60)


async def screens(columns: int, rows: int, count: int) -> dict[str, str]:
    """The SVG of each screen at one size."""
    school = FakeSchool(count)
    app = KioskApp(school, SLOW, hint=HINT, typed_cards=True)
    drawn = {}
    async with app.run_test(size=(columns, rows)) as pilot:

        async def scan(code: str) -> None:
            await pilot.press(*code, "enter")
            await app.workers.wait_for_complete()
            await pilot.pause()

        await pilot.pause()
        drawn["wall"] = app.export_screenshot()
        await scan("1001")
        drawn["greeting"] = app.export_screenshot()
        await scan("999")
        drawn["unknown-card"] = app.export_screenshot()
        await scan("1001")
        drawn["own-page"] = app.export_screenshot()
        await pilot.click("#pick-music")
        await app.workers.wait_for_complete()
        await pilot.pause()
        for tile in list(app.screen.query("TrackTile"))[:3]:
            await pilot.click(tile)
        await pilot.pause()
        drawn["dj"] = app.export_screenshot()
        await pilot.click("#done")
        await app.workers.wait_for_complete()
        await pilot.pause()
        drawn["done"] = app.export_screenshot()
    return drawn


def without_emoji_font(svg: str) -> str:
    """The SVG with the kiosk's own drawings in the places of emoji, for a machine that has no font with them."""

    def redraw(found: re.Match[str]) -> str:
        head, x, y, length, tail, text = found.groups()
        plain = html.unescape(text)
        drawn, left = [], plain
        for at, character in enumerate(plain):
            lines = drawing(character)
            if lines is not None:
                left = left.replace(character, "\u00a0\u00a0", 1)
                start = float(x) + CELL * cell_len(plain[:at])
                drawn += points(lines, start, float(y) - 18.5)
        text = html.escape(left).replace("\u00a0", "&#160;")
        return f'{head}x="{x}" y="{y}" textLength="{length}"{tail}>{text}</text>{"".join(drawn)}'

    return re.sub(r'(<text [^>]*?)x="([\d.]+)" y="([\d.]+)" textLength="([\d.]+)"([^>]*)>(.*?)</text>', redraw, svg)


def drawing(character: str) -> tuple[str, ...] | None:
    """The hand-drawn picture for a character, if there is one."""
    if character in HALVES:
        return tuple(half + half[::-1] for half in HALVES[character])
    return SPRITES.get(character)


def points(lines: tuple[str, ...], left: float, top: float) -> list[str]:
    """A picture as squares in two cells."""
    size = 2 * CELL / len(lines)
    return [
        f'<rect x="{left + x * size:.2f}" y="{top + y * size:.2f}" width="{size + 0.1:.2f}" height="{size + 0.1:.2f}" '
        f'fill="{COLOURS[letter]}"/>'
        for y, line in enumerate(lines)
        for x, letter in enumerate(line)
        if letter != "."
    ]


def has_emoji_font() -> bool:
    """Whether the machine can draw emoji by itself."""
    found = subprocess.run(["fc-list", ":lang=und-zsye"], capture_output=True, text=True, check=False)
    return bool(found.stdout.strip())


def png(svg: str, path: Path) -> None:
    """Draw an SVG by Chromium."""
    svg = re.sub(r"@font-face \{.*?\}", "", svg, flags=re.S)  # the export names fonts of an outside host
    svg = svg.replace("Fira Code", "DejaVu Sans Mono")
    if not has_emoji_font():
        svg = without_emoji_font(svg)
    found = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg)
    assert found
    width, height = (round(float(part)) for part in found.groups())
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "page.html"
        page.write_text(f"<meta charset=utf-8><style>*{{margin:0}}svg{{display:block}}</style>{svg}", encoding="utf-8")
        arguments = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
        arguments += [f"--user-data-dir={folder}/profile", f"--window-size={width},{height}", f"--screenshot={path}"]
        subprocess.run(["/usr/bin/chromium", *arguments, page.as_uri()], check=True, capture_output=True, timeout=60)


def main(folder: Path, names: set[str]) -> None:
    """Draw every screen at every size."""
    folder.mkdir(parents=True, exist_ok=True)
    for columns, rows, count in SIZES:
        for name, svg in asyncio.run(screens(columns, rows, count)).items():
            full = f"{name}-{columns}x{rows}"
            if not names or full in names or name in names:
                png(svg, folder / f"{full}.png")


if __name__ == "__main__":
    main(Path(sys.argv[1]), set(sys.argv[2:]))
