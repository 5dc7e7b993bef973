"""`python -m tests.benchmarks`: what a run costs beside what it cannot do without.

Whole processes are started in turn, ours and the other, so that both meet the same machine; the
table has the medians and their ratio. Install cnncalc before (`pip install .`): modules that are
compiled anew at each start would be measured otherwise.
"""

from __future__ import annotations

import gc
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import yaml

import cnncalc
from cnncalc.api import Source, no_collector
from cnncalc.figures.analysis import Summary, analyse
from cnncalc.language.build import build
from cnncalc.language.reader import read
from cnncalc.limits import Limits

ROOT = Path(__file__).resolve().parent.parent.parent
RUNS = int(os.environ.get("CNNCALC_BENCHMARK_RUNS", "40"))
CNNCALC = str(Path(sys.executable).parent / "cnncalc")
IMPORTS = "import click, yaml, json"
TABLE = """
import click, yaml, rich.console, rich.table
table = rich.table.Table("layer", "what it is", "output", "parameters", "mult-adds")
for row in range(25): table.add_row(f"layer{row}", "96 of 11x11, stride 4", "55x55x96", "62,378,344", "1,135,915,368")
rich.console.Console().print(table)
"""


def process(command: list[str]) -> float:
    """Seconds of one run of a command, its output thrown away."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    start = time.perf_counter()
    subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment, check=True)
    return time.perf_counter() - start


def call(function: Callable[[], object]) -> float:
    """Seconds of one call, the collector having run before and not again because of what others left."""
    gc.collect()
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def compare(ours: Callable[[], float], other: Callable[[], float], runs: int) -> tuple[float, float]:
    """The medians of both, measured in turn, the first of each left out."""
    pairs = [(ours(), other()) for _ in range(runs + 1)][1:]
    return statistics.median(a for a, _ in pairs), statistics.median(b for _, b in pairs)


def chain(layers: int) -> str:
    """The text of a chain of so many layers; widths differ, so that not all lines are alike.

    A text of 100,000 keeps to the limit of its size with activations alone.
    """
    if layers == 100_000:
        return "input: 224x224x3\nlayers:\n" + "- relu\n" * layers
    lines = [f"  - conv: {{filters: {64 + i % 50}, kernel: 3, padding: 1}}\n  - relu\n" for i in range(layers // 2)]
    return "input: 224x224x3\nlayers:\n" + "".join(lines)


def row(what: str, against: str, ours: float, other: float, aim: str) -> None:
    print(f"{what:<46} {against:<40} {ours * 1000:>9.1f} ms {other * 1000:>9.1f} ms {ours / other:>7.2f}  {aim}")


def processes() -> None:
    """Whole runs of the command."""
    for name, options, against, other, aim in (
        ("alexnet", ["--json"], "importing click, yaml, json", IMPORTS, "1.2"),
        ("alexnet", [], "importing rich, printing a table", TABLE, "1.2"),
        ("resnet152", ["--json"], "importing click, yaml, json", IMPORTS, "2"),
    ):
        command = [CNNCALC, "summarize", str(ROOT / "specs" / f"{name}.yaml"), *options]
        ours, others = compare(partial(process, command), partial(process, [sys.executable, "-c", other]), RUNS)
        row(" ".join(["summarize", name, *options]), against, ours, others, aim)
    sweep = [CNNCALC, "sweep", "resnet50", "--over"]
    ours, others = compare(
        partial(process, [*sweep, "input=200..299"]), partial(process, [*sweep, "input=200..209"]), RUNS // 4
    )
    row("sweep of resnet50 over 100 sizes", "over 10 sizes", ours, others, "0.5 s")
    specs = sorted(map(str, (ROOT / "specs").glob("*.yaml")))
    ours, others = compare(
        partial(process, [CNNCALC, "check", *specs]), partial(process, [sys.executable, "-c", COMPOSE, *specs]), 5
    )
    row(f"check of all {len(specs)} bundled specifications", "composing the same files", ours, others, "")
    ours, others = compare(
        partial(process, [CNNCALC, "zoo"]), partial(process, [sys.executable, "-c", COMPOSE, *specs]), 5
    )
    row("zoo", "composing the same files", ours, others, "3 s")


def layers() -> None:
    """Long chains, within this process."""
    loader = yaml.CLoader if yaml.__with_libyaml__ else yaml.Loader
    for count in (1_000, 10_000, 100_000):
        text = chain(count)
        compose = partial(call, partial(yaml.compose, text, Loader=loader))
        runs = max(5, 20_000 // count)
        ours, others = compare(partial(call, partial(read, text, "chain", Limits(), _no_other)), compose, runs)
        row(f"reading {count:,} layers", "yaml.compose of the text", ours, others, "")
        ours, others = compare(partial(call, partial(cnncalc.summarize, text)), compose, runs)
        row(f"reading and measuring {count:,} layers", "yaml.compose of the text", ours, others, "1.5")
    for count in (1_000, 10_000, 100_000):
        text = f"input: 64x64x8\nlayers:\n  - conv: {{filters: 8, kernel: 3, padding: 1, repeat: {count}}}\n"
        once = statistics.median(call(partial(cnncalc.summarize, text)) for _ in range(5))
        print(
            f"{f'{count:,} layers by `repeat`':<46} {'':<40} {once * 1e3:>9.1f} ms {once / count * 1e6:>9.2f} us a layer"
        )


def against_torchinfo() -> None:
    """The same networks by torchinfo, where torch is installed (the extra `conformance`)."""
    try:
        from tests.benchmarks.torch_models import counted, resnet
    except ImportError as error:
        print(f"torchinfo is not measured: {error}")
        return
    import torch

    command = [CNNCALC, "summarize", str(ROOT / "specs" / "alexnet.yaml")]
    other = [sys.executable, "-m", "tests.benchmarks.torch_models"]
    ours, others = compare(partial(process, command), partial(process, other), 5)
    row("summarize alexnet", "torchinfo's summary, whole process", ours, others, "0.04 (25 times faster)")
    mine, theirs = peak(command), peak(other)
    print(
        f"{'its peak memory':<46} {'':<40} {mine:>9.1f} MB {theirs:>9.1f} MB {mine / theirs:>7.3f}  0.05 (20 times less)"
    )

    path = str(ROOT / "specs" / "resnet152.yaml")
    with torch.device("meta"):
        model, smaller = resnet(3, 8, 36, 3), resnet(3, 4, 6, 3)
    document = read(Path(path).read_bytes(), path, Limits(), Source(b"", path, Limits()).extended)

    def measured() -> Summary:
        with no_collector():  # as `cnncalc.summarize` does
            return analyse(build(document, Limits()), Limits())

    ours, others = compare(partial(call, measured), partial(call, partial(counted, model)), 10)
    summary = measured()
    assert summary.totals.mult_adds == counted(model), "both count the same network"
    row("resnet152 in process, the file read", "torchinfo on the meta device", ours, others, "0.02 (50 times faster)")

    sizes = range(200, 220)
    rows = partial(cnncalc.sweep, "resnet50", {"input": sizes})
    ours, others = compare(partial(call, rows), partial(call, lambda: [counted(smaller, size) for size in sizes]), 5)
    assert [row["mult_adds"] for row in rows()] == [counted(smaller, size) for size in sizes]
    row(f"resnet50 on {len(sizes)} sizes in process, read once", "torchinfo on the meta device", ours, others, "0.05")


def peak(command: list[str]) -> float:
    """The largest resident memory of a run, in MB."""
    code = (
        "import resource, subprocess, sys; "
        "subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True); "
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    done = subprocess.run([sys.executable, "-c", code, *command], cwd=ROOT, capture_output=True, text=True, check=True)
    return int(done.stdout) / 1000


def main() -> None:
    """Print the table."""
    print(f"{'what':<46} {'against':<40} {'ours':>12} {'other':>12} {'ratio':>7}  aim")
    processes()
    layers()
    against_torchinfo()


COMPOSE = "import sys, yaml\nfor file in sys.argv[1:]: yaml.compose(open(file), Loader=yaml.CLoader)"


def _no_other(target: str, seen_from: str) -> tuple[str, bytes]:
    raise FileNotFoundError(target)


if __name__ == "__main__":
    main()
