"""`make bench`: one line for each measure, each against a bare program in the same run. `--quick`: fewer of each."""

import argparse
import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from benchmarks import alarms, deadlines, heartbeat, invokes, records, requests, start, teams
from benchmarks.measure import HEAD, Measure

Run = Callable[[Path], Awaitable[Sequence[Measure]]]


def runs(*, quick: bool) -> tuple[Run, ...]:
    return (
        lambda _folder: deadlines.run(),
        lambda folder: requests.run(folder, pairs=100 if quick else 1000),
        lambda folder: heartbeat.run(folder, closed=100_000 if quick else 1_000_000),
        lambda folder: records.run(folder, 10_000 if quick else 100_000, times=50 if quick else 200),
        lambda folder: alarms.run(folder, times=50 if quick else 200),
        lambda folder: invokes.run(folder, pairs=100 if quick else 1000),
        lambda folder: teams.run(folder, posts=300 if quick else 2000),
        lambda folder: start.run(folder, times=3 if quick else 7),
    )


def main() -> None:
    """Prints as it goes; an aim that is missed is said in words, and fails nothing."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="under 90 seconds")
    begun = time.monotonic()
    print(HEAD, flush=True)
    for run in runs(quick=parser.parse_args().quick):
        with tempfile.TemporaryDirectory(prefix="smbot-bench-") as folder:
            for measure in asyncio.run(run(Path(folder))):  # type: ignore[arg-type]
                print(measure.line(), flush=True)
    print(f"{time.monotonic() - begun:.0f} seconds in all")


if __name__ == "__main__":
    main()
