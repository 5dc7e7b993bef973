"""`python -m tests.fuzz --seconds 600 --seed 1`: the long run, in processes of bounded memory.

Prints what it did, and stores each input that breaks a property, shortened where that is quick.
`python -m tests.fuzz FILE...` examines stored inputs again.
"""

from __future__ import annotations

import argparse
import collections
import gc
import json
import os
import re
import resource
import select
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from random import Random
from typing import IO, Any, Final

from tests.fuzz import BASE, Case, Failure, examine, resident
from tests.fuzz.hostile import HOSTILE
from tests.fuzz.mutations import LENGTHY, LONG, ROOT, any_case, long_scalar

ADDRESSES: Final = 3 << 30
"""What a process may have of memory before it is refused more, in bytes."""
GROWN: Final = BASE + (60 << 20)
"""What a process may keep from one input to the next before a fresh one takes its place."""
PATIENCE: Final = 120
"""Seconds without a word from a process, until it is ended."""


def case_of(seed: int, index: int) -> Case:
    """The input of that number: hostile ones in an order by the seed, with random ones in between."""
    draw = Random(f"{seed}/{index}")
    if index % 10:
        return any_case(draw)
    fixed = [(name, size) for name, each in HOSTILE.items() for size in (each.short, each.full)]
    Random(seed).shuffle(fixed)
    number = index // 10
    if number % 2 and number // 2 < len(fixed):
        name, size = fixed[number // 2]
        return HOSTILE[name].case(name, size)
    return long_scalar(
        draw.choice(list(LONG)), draw.choice(list(LENGTHY)), draw.choice((5_000, 50_000, (1 << 20) - 300))
    )


# The processes that do the work


def work(seed: int, start: int, step: int, into: Path) -> None:
    """Examine every `step`-th input from `start` on, a line of JSON for each, until too much memory is kept."""
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESSES, ADDRESSES))
    index = start
    while resident() < GROWN:
        case = case_of(seed, index)
        store(case, into / f"current-{start % step}")
        begin = time.perf_counter()
        failures = examine(case)
        told = {
            "index": index,
            "family": case.family,
            "bytes": len(case.data),
            "seconds": time.perf_counter() - begin,
            "failures": [failure._asdict() for failure in failures],
        }
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()
        index += step
        del case, failures, told
        gc.collect()


def shortened(case: Case, failure: Failure, seconds: float = 10) -> Case:
    """The input with what the failure does not need taken away, as far as that goes in the time."""
    end, wanted = time.monotonic() + seconds, failure.signature(case.family)

    def still(data: str) -> bool:
        return any(f.signature(case.family) == wanted for f in examine(case._replace(data=encoded(data))))

    def encoded(text: str) -> str | bytes:
        return text if isinstance(case.data, str) else text.encode("utf-8", "surrogateescape")

    text = case.data if isinstance(case.data, str) else case.data.decode("utf-8", "surrogateescape")
    if not still(text):
        return case
    for pattern in (r".*\n|.+", r"[\w.]+|\s+|.", r"."):
        parts = re.findall(pattern, text, re.DOTALL if pattern == "." else 0) if "\r" not in text else list(text)
        size = max(1, len(parts) // 2)
        while size and time.monotonic() < end:
            at, before = 0, len(parts)
            while at < len(parts) and time.monotonic() < end:
                fewer = parts[:at] + parts[at + size :]
                if still("".join(fewer)):
                    parts = fewer
                else:
                    at += size
            size = size if size == 1 and len(parts) < before else size // 2
        text = "".join(parts)
    return case._replace(data=encoded(text))


def store(case: Case, path: Path) -> None:
    """The input as a file, with the folder of its neighbours where it has any."""
    data = case.data if isinstance(case.data, bytes) else case.data.encode("utf-8", "surrogatepass")
    path.write_bytes(data)
    folder = path.with_suffix(".files")
    if case.beside:
        folder.mkdir(exist_ok=True)
    for name, other in case.beside.items():
        (folder / name).write_bytes(other or b"")


# The process that watches


class _Worker:
    def __init__(self, seed: int, start: int, step: int, into: Path) -> None:
        command = [sys.executable, "-m", "tests.fuzz", "--worker", str(start), str(step)]
        self.process = subprocess.Popen(
            [*command, "--seed", str(seed), "--into", str(into)],
            cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert self.process.stdout is not None
        self.lines: IO[str] = self.process.stdout
        self.next, self.heard = start, time.monotonic()

    def end(self) -> str:
        self.process.kill()
        return self.process.communicate()[1]


class _Tally:
    """What was found: how often, and of each fault the shortest input."""

    def __init__(self, seed: int, into: Path) -> None:
        self.seed, self.into = seed, into
        self.families = collections.Counter[str]()
        self.slowest: list[tuple[float, str, int]] = []
        self.found: dict[str, tuple[int, int, str, Failure]] = {}
        """By signature: how often, and of the shortest input its bytes, family and failure."""
        self.indices: dict[str, int] = {}

    def take(self, told: dict[str, Any]) -> None:
        self.families[re.split(r"[:,]", told["family"])[0]] += 1
        self.slowest = sorted([*self.slowest, (told["seconds"], told["family"], told["bytes"])], reverse=True)[:10]
        for each in told["failures"]:
            self.fail(Failure(**each), told["family"], told["index"], told["bytes"])

    def fail(self, failure: Failure, family: str, index: int, size: int) -> None:
        signature = failure.signature(family)
        count, least, *_ = self.found.get(signature, (0, 1 << 60))
        if size < least:
            self.found[signature] = (count + 1, size, family, failure)
            self.indices[signature] = index
        else:
            self.found[signature] = (count + 1, *self.found[signature][1:])

    def summary(self) -> str:
        lines = [f"{sum(self.families.values()):,} inputs: "]
        lines[0] += ", ".join(f"{count:,} {family}" for family, count in self.families.most_common(12))
        lines += ["slowest, all renderings together:"]
        lines += [f"  {seconds:6.1f} s  {family} ({size:,} bytes)" for seconds, family, size in self.slowest]
        for signature, (count, size, family, _) in sorted(self.found.items()):
            lines.append(f"FAILED {count:>4} x  {signature}  [{family}, {size:,} bytes]")
        return "\n".join(lines) + f"\n{len(self.found)} kinds of failure\n"

    def stored(self) -> None:
        """Each fault's input and its story in a file of its own."""
        for signature, (_, _, family, failure) in self.found.items():
            case = case_of(self.seed, self.indices[signature])
            if not failure.costs:
                case = shortened(case, failure)
            path = self.into / f"{re.sub('[^a-zA-Z0-9]+', '-', signature).strip('-')[:100]}.yaml"
            store(case, path)
            story = f"{signature}\n{family}, seed {self.seed}, number {self.indices[signature]}\n\n{failure.detail}\n"
            path.with_suffix(".txt").write_text(story, encoding="utf-8", errors="backslashreplace")


def watch(seconds: float, seed: int, jobs: int, into: Path) -> _Tally:
    """Run the processes for so long, and take down what they say."""
    tally = _Tally(seed, into)
    end = time.monotonic() + seconds
    workers = [_Worker(seed, start, jobs, into) for start in range(jobs)]
    try:
        while time.monotonic() < end:
            ready, _, _ = select.select([worker.lines for worker in workers], [], [], 1)
            for number, worker in enumerate(workers):
                late = time.monotonic() - worker.heard > PATIENCE
                line = worker.lines.readline() if worker.lines in ready else ""
                if line:
                    told = json.loads(line)
                    tally.take(told)
                    worker.next, worker.heard = told["index"] + jobs, time.monotonic()
                elif late or worker.lines in ready:
                    said, status = worker.end(), worker.process.returncode
                    if late or status != 0:
                        case = case_of(seed, worker.next)
                        what = "the process hangs" if late else "the process ends"
                        tally.fail(
                            Failure(what, case.family, "", said[-2000:]), case.family, worker.next, len(case.data)
                        )
                        worker.next += jobs
                    workers[number] = _Worker(seed, worker.next, jobs, into)
    finally:
        for worker in workers:
            worker.end()
    return tally


def again(files: list[str]) -> int:
    """Examine stored inputs; how many break a property."""
    bad = 0
    for file in files:
        path = Path(file)
        folder = path.with_suffix(".files")
        beside = {each.name: each.read_bytes() for each in folder.iterdir()} if folder.is_dir() else {}
        failures = examine(Case(file, path.read_bytes(), beside, path.name if beside else file))
        bad += bool(failures)
        sys.stdout.write(
            "".join(f"{file}: {each.signature(file)}\n{each.detail}\n" for each in failures) or f"{file}: holds\n"
        )
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
    given.into.mkdir(parents=True, exist_ok=True)
    if given.worker:
        start, step = given.worker
        work(given.seed, start, step, given.into)
        return 0
    tally = watch(given.seconds, given.seed, given.jobs, given.into)
    sys.stdout.write(tally.summary())
    sys.stdout.flush()
    tally.stored()
    for left in given.into.glob("current-*"):
        shutil.rmtree(left) if left.is_dir() else left.unlink()
    if tally.found:
        sys.stdout.write(f"the inputs are in {given.into}\n")
    return 1 if tally.found else 0


if __name__ == "__main__":
    sys.exit(main())
