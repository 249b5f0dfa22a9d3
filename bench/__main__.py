"""`python -m bench`: the whole of docs/benchmarks.md from one command; `make bench` sets up what it needs."""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import click

from bench import cost, drift, joining, machine, silencing, skew
from bench.calibrating import BadMeter, Calibration, calibrate
from bench.children import PROJECT, children
from bench.figures import number
from bench.meter import can_hurry
from bench.music import make_tunes
from bench.report import Fact, Table, as_text, page
from bench.run import Run
from tests.sound import private_pulse

PARTS: dict[str, Callable[[Run], Awaitable[list[Table]]]] = {
    "quiet": skew.measure_quiet,
    "busy": skew.measure_busy,
    "drift": drift.measure,
    "join": joining.measure,
    "cost": cost.measure,
    "silence": silencing.measure,
}
PAGE = PROJECT / "docs" / "benchmarks.md"
QUICK_STARTS = 3
FAILURES = (AssertionError, ConnectionError, ValueError)
"""What a part raises when a player does not do as it is told."""
Measured = tuple[list[Fact], list[Table], bool]
"""The facts of the run, the tables of its parts, and whether a part failed."""


@click.command()
@click.argument("parts", nargs=-1, type=click.Choice(list(PARTS)))
@click.option("--starts", type=click.IntRange(1, 200), default=20, show_default=True, help="Starts of each player.")
@click.option("--quick", is_flag=True, help=f"{QUICK_STARTS} starts, to try it out; the page says so.")
@click.option("--page", "target", type=click.Path(path_type=Path), default=PAGE, help="Where the tables go.")
@click.option("--keep", type=click.Path(path_type=Path), help="Keep logs and raw figures in this folder.")
def main(parts: tuple[str, ...], starts: int, quick: bool, target: Path, keep: Path | None) -> None:
    """Measure PARTS (all by default) and write the page."""
    missing = [name for name in machine.NEEDED if shutil.which(name) is None]
    if missing:
        raise click.ClickException(f"missing: {', '.join(missing)}; set up with: tools/setup.sh bench")
    chosen = [name for name in PARTS if name in parts or not parts]
    folder = Path(tempfile.mkdtemp(prefix="unmissable-bench-"))
    try:
        facts, tables, failed = asyncio.run(_measure(folder, chosen, QUICK_STARTS if quick else starts, keep))
    except (BadMeter, *FAILURES) as wrong:
        raise click.ClickException(f"nothing is written: {wrong}") from None
    except (KeyboardInterrupt, asyncio.CancelledError):
        raise click.ClickException("broken off: nothing is written") from None
    finally:
        if keep is not None:
            shutil.copytree(folder / "logs", keep / "logs", dirs_exist_ok=True)
        shutil.rmtree(folder, ignore_errors=True)
    if not tables:
        raise click.ClickException("nothing is written: no part was measured")
    target.write_text(page(facts, tables), encoding="utf-8")
    click.echo("\n\n".join(as_text(table) for table in tables))
    click.echo(f"\nwritten: {target}")
    sys.exit(1 if failed else 0)


async def _measure(folder: Path, chosen: list[str], starts: int, keep: Path | None) -> Measured:
    task = asyncio.current_task()
    assert task is not None
    for one in (signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(one, task.cancel)
    with contextlib.ExitStack() as parts:
        started = parts.enter_context(children(folder / "logs"))
        pulse = parts.enter_context(private_pulse(folder / "pa"))
        run = Run(folder, started, pulse, await asyncio.to_thread(make_tunes, folder / "music"), starts)
        run.say("the meter is checked with a known player")
        wav = run.tunes.short["wav"]
        seen = await calibrate(pulse, started, wav.path, wav.sound)
        run.say(f"the meter is good: {number(seen.skew_ms.median)} ms between the rooms")
        measured: dict[str, list[Table]] = {}
        idle: dict[str, float] = {}
        for name in chosen:
            idle[name] = await machine.idle_share()
            run.say(f"{name}: the machine is {idle[name]:.0%} idle")
            try:
                measured[name] = await PARTS[name](run)
            except FAILURES as wrong:
                click.echo(f"{name} failed and is left out: {wrong}", err=True)
        took_s = time.time() - run.begun_unix_s
        if keep is not None:
            await asyncio.to_thread(_keep, keep, run.notes)
    facts = [*machine.facts(), *_run_facts(seen, starts, took_s, {name: idle[name] for name in measured})]
    return facts, [table for tables in measured.values() for table in tables], len(measured) < len(chosen)


def _keep(folder: Path, notes: dict[str, object]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "figures.json").write_text(json.dumps(notes), encoding="utf-8")


def _run_facts(seen: Calibration, starts: int, took_s: float, idle: dict[str, float]) -> list[Fact]:
    tries = ", ".join(number(one) for one in seen.medians_ms)
    return [
        Fact("run", f"parts {', '.join(idle)}; {starts} starts of each player; {took_s / 60:.0f} minutes"),
        Fact("idle before each part", ", ".join(f"{name} {share:.0%}" for name, share in idle.items())),
        Fact(
            "meter",
            f"a known player (pasimple) in both rooms reads a skew of {number(seen.skew_ms.median)} ms median, "
            f"{number(seen.skew_ms.p95)} p95, and an error of {number(seen.error_ms.median)} ms (medians of the tries: "
            f"{tries}); blocks of {seen.blocks_ms[0]:.1f} and {seen.blocks_ms[1]:.1f} ms; the recorder "
            f"{'goes before other programs' if can_hurry() else 'has no priority on this system'}",
        ),
    ]


if __name__ == "__main__":
    sys.exit(main())
