"""`python -m tests.fuzz --seconds 600 --seed 1`: the long run, in processes of bounded memory.

Prints what it did, and stores each input that breaks a property, shortened where that is quick.
`python -m tests.fuzz FILE...` examines stored inputs again.
"""

from __future__ import annotations

import argparse
import faulthandler
import gc
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from random import Random
from typing import Any, Final, NamedTuple

from tests.fuzz import BASE, Case, Failure, examine, resident
from tests.fuzz.hostile import HOSTILE, LENGTHY, LONG, long_scalar
from tests.fuzz.mutations import ROOT, any_case

ADDRESSES: Final = 3 << 30
"""What a process may have of memory before it is refused more, in bytes."""
GROWN: Final = BASE + (60 << 20)
"""What a process may keep from one input to the next before a fresh one takes its place."""
PATIENCE: Final = 120
"""Seconds for one input, until the process is ended."""


class Told(NamedTuple):
    """What became of an input."""

    number: int
    family: str
    size: int
    seconds: float
    failures: list[Failure]


def case_of(seed: int, index: int) -> Case:
    """The input of that number: hostile ones in an order by the seed, with random ones in between."""
    draw = Random(f"{seed}/{index}")
    if index % 10:
        return any_case(draw)
    fixed = [(row, size) for row in HOSTILE.values() for size in (row.short, row.full)]
    Random(seed).shuffle(fixed)
    number = index // 10
    if number % 2 and number // 2 < len(fixed):
        row, size = fixed[number // 2]
        return row.case(size)
    size = draw.choice((5_000, 50_000, (1 << 20) - 300))
    return long_scalar(draw.choice(list(LONG)), draw.choice(list(LENGTHY)), size)


# The processes that do the work, and the threads that listen to them


def work(seed: int, start: int, step: int) -> None:
    """Examine every `step`-th input from `start` on, a line of JSON for each, until too much memory is kept."""
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESSES, ADDRESSES))
    for index in count(start, step):
        faulthandler.dump_traceback_later(PATIENCE, exit=True)
        case, begin = case_of(seed, index), time.perf_counter()
        failures = examine(case)
        told = Told(index, case.family, len(case.data), time.perf_counter() - begin, failures)
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()
        del case, failures, told
        gc.collect()
        if resident() > GROWN:
            return


def listen(seed: int, start: int, step: int, end: float) -> list[Told]:
    """What processes say of every `step`-th input until the time is up. One that breaks down is a failure too."""
    heard: list[Told] = []
    while time.monotonic() < end:
        index = start + step * len(heard)
        command = [sys.executable, "-m", "tests.fuzz", "--seed", str(seed), "--worker", str(index), str(step)]
        with (
            tempfile.TemporaryFile("w+", errors="replace") as said,
            subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=said, text=True) as process,
        ):
            assert process.stdout is not None
            for line in process.stdout:
                told = Told(*json.loads(line))
                heard.append(told._replace(failures=[Failure(*each) for each in told.failures]))
                if time.monotonic() > end:
                    process.kill()
                    return heard
            if process.wait():
                said.seek(0)
                index = start + step * len(heard)
                case = case_of(seed, index)
                failure = Failure("the process ends", case.family, "", said.read()[-2000:])
                heard.append(Told(index, case.family, len(case.data), 0, [failure]))
    return heard


# What was found


def summary(heard: list[Told]) -> str:
    families = Counter(re.split("[:,]", told.family)[0] for told in heard)
    lines = [f"{len(heard):,} inputs: {', '.join(f'{n:,} {family}' for family, n in families.most_common(12))}"]
    lines += ["slowest, all renderings together:"]
    for told in sorted(heard, key=lambda told: -told.seconds)[:10]:
        lines.append(f"  {told.seconds:6.1f} s  {told.family} ({told.size:,} bytes)")
    return "\n".join(lines) + "\n"


def stored(seed: int, heard: list[Told], into: Path) -> int:
    """Print each fault, and keep its shortest input and its story in files; how many there are."""
    found: dict[str, list[tuple[Told, Failure]]] = defaultdict(list)
    for told in heard:
        for failure in told.failures:
            found[failure.signature(told.family)].append((told, failure))
    for signature, all_of_it in sorted(found.items()):
        told, failure = min(all_of_it, key=lambda pair: pair[0].size)
        sys.stdout.write(f"FAILED {len(all_of_it):>4} x  {signature}  [{told.family}, {told.size:,} bytes]\n")
        case = case_of(seed, told.number)
        path = into / f"{re.sub('[^a-zA-Z0-9]+', '-', signature).strip('-')[:100]}.yaml"
        store(case if failure.costs else shortened(case, failure), path)
        story = f"{signature}\n{told.family}, seed {seed}, number {told.number}\n\n{failure.detail}\n"
        path.with_suffix(".txt").write_text(story, encoding="utf-8", errors="backslashreplace")
    return len(found)


def shortened(case: Case, failure: Failure, seconds: float = 10) -> Case:
    """The input with what the failure does not need taken away, as far as that goes in the time."""
    end, wanted = time.monotonic() + seconds, failure.signature(case.family)
    data: Any = case.data
    size = len(data) // 2
    while size:
        at = 0
        while at < len(data) and time.monotonic() < end:
            fewer = data[:at] + data[at + size :]
            if any(each.signature(case.family) == wanted for each in examine(case._replace(data=fewer))):
                data = fewer
            else:
                at += size
        size //= 2
    return case._replace(data=data)


def store(case: Case, path: Path) -> None:
    """The input as a file, with the folder of its neighbours where it has any."""
    path.write_bytes(case.data if isinstance(case.data, bytes) else case.data.encode("utf-8", "surrogatepass"))
    for name, other in case.beside.items():
        path.with_suffix(".files").mkdir(exist_ok=True)
        (path.with_suffix(".files") / name).write_bytes(other or b"")


def again(files: list[str]) -> int:
    """Examine stored inputs; how many break a property."""
    bad = 0
    for file in files:
        path = Path(file)
        folder = path.with_suffix(".files")
        beside = {each.name: each.read_bytes() for each in folder.iterdir()} if folder.is_dir() else {}
        failures = examine(Case(file, path.read_bytes(), beside, path.name if beside else file))
        bad += bool(failures)
        told = "".join(f"{file}: {each.signature(file)}\n{each.detail}\n" for each in failures)
        sys.stdout.write(told or f"{file}: holds\n")
    return bad


def main() -> int:
    """Run, print, store; 1 where a property does not hold."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("files", nargs="*")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--into", type=Path, default=Path(tempfile.gettempdir(), "cnncalc-fuzz"))
    parser.add_argument("--worker", type=int, nargs=2, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.files:
        return min(1, again(given.files))
    if given.worker:
        work(given.seed, *given.worker)
        return 0
    given.into.mkdir(parents=True, exist_ok=True)
    end = time.monotonic() + given.seconds
    with ThreadPoolExecutor(given.jobs) as threads:
        parts = threads.map(lambda start: listen(given.seed, start, given.jobs, end), range(given.jobs))
        heard = [told for part in parts for told in part]
    sys.stdout.write(summary(heard))
    found = stored(given.seed, heard, given.into)
    sys.stdout.write(f"{found} kinds of failure\n" + (f"the inputs are in {given.into}\n" if found else ""))
    return min(1, found)


if __name__ == "__main__":
    sys.exit(main())
