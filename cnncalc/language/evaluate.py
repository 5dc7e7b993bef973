"""Expressions worked out: the values of one item's attributes, where its names and its place are known."""

from __future__ import annotations

from cnncalc import findings
from cnncalc.findings import Fault, Place, Places
from cnncalc.language.document import Extents, Number, Template
from cnncalc.language.expression import Expression, ExpressionError, Lacking, Names, UnknownNameError, UnknownValueError
from cnncalc.language.expression import Number as Exact
from cnncalc.layers.kinds import COUNT, Kind
from cnncalc.network import Graph
from cnncalc.volume import AXES, PARTS, Sided, Volume


def extents(prefix: str, volume: Volume | None) -> dict[str, int | Lacking | None]:
    """What the names of a volume's extents stand for, as `volume.height`."""
    if volume is None:
        return dict.fromkeys([f"{prefix}.{part}" for part in PARTS])
    axes = AXES[len(volume.spatial)]
    own = {f"{prefix}.{axis}": extent for axis, extent in zip(("channels", *axes), volume.shape, strict=True)}
    lacking = Lacking(
        f"{volume} has rank {len(axes)} ({findings.either(axes, 'and') if axes else 'no axes'})",
        (findings.names_are(list(own)),),
    )
    return {f"{prefix}.{part}": own.get(f"{prefix}.{part}", lacking) for part in PARTS}


class Account:
    """What has been spent on what is no layer by itself, so that no file takes long; and where faults go."""

    def __init__(self, graph: Graph) -> None:
        self.graph, self.limits = graph, graph.limits
        self.steps, self.most = 0, 10 * graph.limits.layers

    def spend(self, steps: int, place: Place | None) -> None:
        """Refuse what would take long. Raises TooManyError."""
        self.steps += steps
        if self.steps > self.most:
            self.refuse(place)

    def afford(self, steps: int, place: Place | None) -> None:
        """Refuse steps to come before any of them is made. Raises TooManyError."""
        if self.steps + steps > self.most:
            self.refuse(place)

    def ends_before(self, steps: int, layers: int) -> bool:
        """Whether that again and again comes to the limit of steps before it comes to that of layers."""
        return steps * self.limits.layers > layers * self.most

    def refuse(self, place: Place | None) -> None:
        """Take down that it would take too long. Raises TooManyError."""
        self.graph.refuse(findings.too_much_work(self.most), place)


class Evaluator:
    """Works out the values of one item. Every method gives None after a report, or where a name's value is unknown."""

    __slots__ = ("account", "names", "path", "places")

    def __init__(self, account: Account, names: Names, path: str | None, places: Places) -> None:
        self.account, self.names, self.path, self.places = account, names, path, places

    def value(self, attribute: str, kind: Kind, template: Template) -> object:
        """The value of an attribute of this kind."""
        return kind.worked_out(self, attribute, template)

    def numbers(self, attribute: str, kind: Kind, template: Template) -> object:
        """A number, a list of numbers, or numbers for sides."""
        if isinstance(template, Expression) and kind.per_axis:
            listed = template.listed(self.names)
            if listed is not None:
                self.spend(len(listed), attribute)
                return self.listed(attribute, kind, template.text, listed)
        if isinstance(template, tuple) and not isinstance(template, Volume | Sided):
            self.spend(len(template), attribute)
            parts = [self.number(attribute, kind, part) for part in template]
            return None if None in parts else tuple(parts)
        if isinstance(template, dict):
            sides = {side: self.number(attribute, kind, number) for side, number in template.items()}
            return None if None in sides.values() else Sided.of(sides)  # type: ignore[arg-type]
        assert isinstance(template, int | Expression)
        return self.number(attribute, kind, template)

    def listed(self, attribute: str, kind: Kind, text: str, values: tuple[Exact, ...]) -> tuple[Exact, ...] | None:
        """The list that a parameter stands for."""
        if all(map(kind.holds, values)):
            return values
        self.report(findings.not_a_count(attribute, text, "x".join(map(str, values)), kind.says), attribute)
        return None

    def number(self, attribute: str, kind: Kind, number: Number) -> int | None:
        """A number of the kind."""
        if isinstance(number, int):
            return number
        value = self.exact(attribute, number)
        if value is None or kind.holds(value):
            return None if value is None else kind.kept(value)
        meant = self.whole(kind, number, value)
        self.report(findings.not_a_count(attribute, number.text, str(value), kind.says, meant), attribute)
        return None

    def whole(self, kind: Kind, number: Expression, value: Exact) -> list[str]:
        """What comes to a whole number in the place of a fraction: a division rounded down, a number."""
        nearest = max(kind.least, value.numerator // value.denominator)
        if value <= 0 or value.denominator == 1 or not kind.holds(nearest):
            return []
        divided = self.divided(kind, number)
        return divided if divided and number.names else [str(nearest), *divided]

    def divided(self, kind: Kind, number: Expression) -> list[str]:
        """The expression with its one division rounded down, where that makes it one of the kind."""
        if number.text.count("/") != 1:
            return []
        rounded = Expression(number.text.replace("/", "//"))
        try:
            value = rounded.evaluate(self.names, self.account.limits.largest)
        except ExpressionError:
            return []
        return [rounded.text] if kind.holds(value) else []

    def exact(self, attribute: str, number: Number) -> Exact | None:
        """The value of an expression, whole or not."""
        if isinstance(number, int):
            return number
        self.spend(number.size, attribute)
        try:
            return number.evaluate(self.names, self.account.limits.largest)
        except UnknownValueError:
            return None
        except UnknownNameError as error:
            self.report(findings.unknown_name(number.text, error.name, list(self.names)), attribute)
        except ExpressionError as error:
            self.report(findings.expression_failed(number.text, str(error), error.help), attribute)
        return None

    def argument(self, name: str, template: Number | Extents) -> Exact | tuple[Exact, ...] | None:
        """The value of a parameter: a number of any kind, or a list of them."""
        if isinstance(template, tuple):
            self.spend(len(template), name)
            parts = [self.exact(name, part) for part in template]
            return tuple(part for part in parts if part is not None) if None not in parts else None
        if isinstance(template, Expression):
            listed = template.listed(self.names)
            if listed is not None:
                return listed
        return self.exact(name, template)

    def volume(self, attribute: str, template: Volume | Extents) -> Volume | None:
        """A volume, its extents worked out."""
        if isinstance(template, Volume):
            return template
        extents = [self.number(attribute, COUNT, extent) for extent in template]
        known = [extent for extent in extents if extent is not None]
        return Volume(known[0], tuple(known[1:])) if len(known) == len(extents) else None

    def spend(self, steps: int, attribute: str) -> None:
        self.account.spend(steps, self.places.of(attribute))

    def report(self, fault: Fault, attribute: str) -> None:
        self.account.graph.report(fault, self.path, self.places.of(attribute))
