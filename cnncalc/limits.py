"""How much a specification may ask for before it is refused, so that memory and time stay bounded."""

from typing import NamedTuple


class Limits(NamedTuple):
    """Each can be raised; the command line has `--max-bytes`, `--max-depth`, `--max-layers`, `--max-count`."""

    bytes: int = 1 << 20
    """Of the file's text, and the texts of all files that it extends."""
    depth: int = 64
    """Levels of nesting in the file."""
    layers: int = 100_000
    """After repeats are written out."""
    largest: int = 1 << 53
    """Of one number: above it, JSON readers that use doubles are no longer exact."""
    parameters: int = 200
    """Of a file, and of a block."""
    findings: int = 500
    """Of reading, of building and of measuring, each."""
    explained: int = 10_000
    """Layers whose working is shown where none is named: of 100,000 it would be 130 MB."""
