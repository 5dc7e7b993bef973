"""What the code of a layer is made of: its numbers, as they stand in Python, over all times that it is written out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod
from typing import TypeVar

from cnncalc.exports.algebra import Number, Term, combined, literal, source
from cnncalc.layers import Layer
from cnncalc.volume import Volume

T = TypeVar("T")


class DiffersError(Exception):
    """What is written out several times is not alike in what decides its code; `keys` says in what, for each time."""

    def __init__(self, keys: Sequence[object]) -> None:
        super().__init__("not alike")
        self.keys = keys


class Site:
    """One layer in its place, with all times that it is written out: `layers` on `volumes`.

    A maker of code asks it for numbers, which come as Python source: as the file's expression, as a name of an
    argument, or as a plain number, whatever is right each time.
    """

    def __init__(self, layers: Sequence[Layer], volumes: Sequence[Volume], name: str = "") -> None:
        self.layers, self.volumes, self.name = layers, volumes, name
        """`name` is what the layer is called, or that whose weights it has, where its code is run once."""

    @property
    def layer(self) -> Layer:
        """Any of the layers, for what they have in common: the type and what cannot be an expression."""
        return self.layers[0]

    @property
    def rank(self) -> int:
        """The number of axes."""
        return self.alike(lambda _, volume: len(volume.spatial))

    @property
    def channels(self) -> Number:
        """The channels that come in."""
        return self.number("channels", lambda _, volume: volume.channels)

    def each(self, of: Callable[[Layer, Volume], T]) -> tuple[T, ...]:
        """Something of the layer and its volume, each time."""
        return tuple([of(layer, volume) for layer, volume in zip(self.layers, self.volumes, strict=True)])

    def alike(self, of: Callable[[Layer, Volume], T]) -> T:
        """Something of the layer and its volume that decides its code. Raises DiffersError where it is not alike."""
        values = self.each(of)
        if any(value != values[0] for value in values):
            raise DiffersError(values)
        return values[0]

    def attribute(self, name: str) -> Number:
        """The value of an attribute, as it is written."""
        return self.number(name, lambda layer, _: getattr(layer, name))

    def term(self, name: str) -> Term | None:
        """An attribute's value as a term, where it is a whole number that has one."""
        values = self.each(lambda layer, _: getattr(layer, name))
        return values[0] if all(value == values[0] for value in values) and isinstance(values[0], int) else None

    def settle(self, *names: str) -> None:
        """Have the network's arguments not decide these attributes, as its code depends on their values."""

    def number(self, name: str, of: Callable[[Layer, Volume], object], term: Term | None = None) -> Number:
        """A number, or a tuple of them, that follows from the layer and its volume.

        `name` is what an argument for it would be called, `term` how it would be worked out, if that is known.
        """
        return literal(self.alike(lambda layer, volume: plain(of(layer, volume))))

    @property
    def elements(self) -> Number:
        """All numbers that come in: `256 * 6 * 6`, the channels times the extents."""
        channels, extents = self.channels, self.each(lambda _, volume: volume.spatial)
        cells = extents[0]
        if channels.term is None or any(other != cells for other in extents):
            return self.number("features", lambda _, volume: volume.elements)
        count = prod(cells)
        if count == 1:
            return channels
        code = " * ".join([source(channels.term, 2), *map(str, cells)])
        constant = channels.constant * count if isinstance(channels.constant, int) else None
        return Number(code, constant, combined("*", channels.term, count))


def depthwise_filters(site: Site) -> Number:
    """The channels that a depthwise convolution gives."""
    channels, multiplier, term = site.channels, site.term("multiplier"), None
    if channels.term is not None and multiplier is not None:
        term = combined("*", multiplier, channels.term)
    return site.number("filters", lambda layer, volume: volume.channels * layer.multiplier, term)  # type: ignore[attr-defined]


def padding_term(site: Site) -> Term | None:
    """How the padding on each side is worked out, where it is the same on all sides."""
    padding: object = site.layer.padding  # type: ignore[attr-defined]
    if padding != "half":
        return None if isinstance(padding, str) else site.term("padding")
    kernel, dilation = site.term("kernel"), site.term("dilation") if "dilation" in site.layer.attributes else 1
    if kernel is None or dilation is None:
        return None
    return combined("//", kernel if dilation == 1 else combined("*", dilation, combined("-", kernel, 1)), 2)


def plain(value: object) -> object:
    """A value as PyTorch and Keras take it: a tuple that says the same for each axis as that number."""
    if isinstance(value, tuple) and value and all(part == value[0] for part in value):
        return value[0]
    return tuple(value) if isinstance(value, tuple) else value
