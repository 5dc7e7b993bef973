"""The format that lists every edge: the channels of branches, heads, and what an error leaves unknown."""

from __future__ import annotations

from pathlib import Path

import cnncalc
from cnncalc.render.formats import FORMATS, View


def edges(file: str) -> list[list[str]]:
    """The fields of each line but the header."""
    text = "".join(FORMATS["edges"].render(cnncalc.summarize(file), View()))
    header, *lines = text.removesuffix("\n").split("\n")
    assert header == "source\treader\tfirst\tchannels\tspatial"
    return [line.split("\t") for line in lines]


def test_a_split_unit_of_shufflenet_v2() -> None:
    """Ma et al. 2018: of stage 2's 116 channels over 28x28 (table 5) each branch has one half (figure 3c)."""
    unit, branch = "stage2.unit1.split1", "stage2.unit1.split1.right.body1"
    found = edges("shufflenet_v2_x1_0")
    assert [edge for edge in found if edge[0] == "stage2.down1.channel_shuffle1"] == [
        ["stage2.down1.channel_shuffle1", f"{branch}.conv1", "58", "58", "28x28"],
        ["stage2.down1.channel_shuffle1", unit, "0", "58", "28x28"],
    ]
    assert [edge for edge in found if edge[1] == unit] == [
        ["stage2.down1.channel_shuffle1", unit, "0", "58", "28x28"],
        [f"{branch}.relu2", unit, "0", "58", "28x28"],
    ]
    assert [edge for edge in found if edge[0] == unit] == [
        [unit, "stage2.unit1.channel_shuffle1", "0", "116", "28x28"],
    ]
    assert found[0] == ["input", "conv1", "0", "3", "224x224"]
    assert found[-1] == ["fc1", "output", "0", "1000", ""]


def test_a_head(tmp_path: Path) -> None:
    file = tmp_path / "head.yaml"
    file.write_text("input: 8x8x6\nlayers: [relu, head: {name: aux, layers: [conv: {filters: 2, kernel: 3}]}, relu]\n")
    assert edges(str(file)) == [
        ["input", "relu1", "0", "6", "8x8"],
        ["relu1", "aux.conv1", "0", "6", "8x8"],
        ["relu1", "relu2", "0", "6", "8x8"],
        ["relu2", "output", "0", "6", "8x8"],
        ["aux.conv1", "<aux>", "0", "2", "6x6"],
    ]


def test_what_is_unknown(tmp_path: Path) -> None:
    """Of seven channels no branch has a half: neither how many it reads is known nor where they begin."""
    file = tmp_path / "uneven.yaml"
    file.write_text("input: 8x8x7\nlayers: [relu, split: {left: [relu], right: []}, relu]\n")
    assert edges(str(file)) == [
        ["input", "relu1", "0", "7", "8x8"],
        ["relu1", "split1.left.relu1", "?", "?", "?"],
        ["split1.left.relu1", "split1", "?", "?", "?"],
        ["relu1", "split1", "?", "?", "?"],
        ["split1", "relu2", "?", "?", "?"],
        ["relu2", "output", "?", "?", "?"],
    ]
