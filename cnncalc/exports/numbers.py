"""The numbers in the code of a form: names of expressions in Python, and what is right each time."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from math import isclose
from typing import Any, Final

from cnncalc.exports.algebra import (
    InexactError,
    Number,
    Term,
    combined,
    compares,
    literal,
    names_in,
    replaced,
    size,
    source,
    value,
    written,
)
from cnncalc.exports.flat import own_name
from cnncalc.exports.forms import ROOT, Argument, Form, Forms, UnwritableError
from cnncalc.exports.held import Channels, Through
from cnncalc.exports.names import identifier, unique
from cnncalc.exports.program import MAIN
from cnncalc.exports.sites import Site, plain
from cnncalc.exports.written import Code, listed
from cnncalc.language.document import Block, LayerSpec
from cnncalc.language.expression import Expression

LONG: Final = 3
"""The names and numbers in a term that stands in the midst of others."""


class Around:
    """Where an expression stands: what comes in, and the loop."""

    def __init__(self, numbers: Numbers, raw: Channels, turns: Sequence[Sequence[Any]], looped: bool = False) -> None:
        self.numbers, self.raw, self.turns, self.looped = numbers, raw, turns, looped
        self.each: list[tuple[int, Any]] = [(index, turn) for index, own in enumerate(turns) for turn in own]
        """Each time: which list it is in, and the turn."""
        self.carried: str | None = None
        """The local variable that holds the channels from turn to turn."""
        self.named_turn = ""
        """What the turns are counted by, where something names them."""
        self.sequences: list[tuple[str, Code]] = []
        """What the loop goes through beside its turns: the name, and the values."""

    @property
    def channels(self) -> Term | None:
        """The channels that come in; those of an input become an argument when they are asked for."""
        return self.numbers.asked(self.raw)


class PlacedSite(Site):
    """A layer in its place in a list."""

    def __init__(self, numbers: Numbers, spec: LayerSpec, around: Around) -> None:
        nodes = [numbers.nodes[turn.node] for _, turn in around.each if turn.node is not None]
        once = numbers.form.key == ROOT and not around.looped
        name = own_name(numbers.forms.network, around.each[0][1].node) if once else ""
        super().__init__([node.layer for node in nodes], [node.edges[0].volume for node in nodes], name)
        self.numbers, self.spec, self.around = numbers, spec, around
        self.known: dict[str, Number] = {}

    @property
    def channels(self) -> Number:
        return self.number("channels", lambda _, volume: volume.channels, self.around.channels)

    def attribute(self, name: str) -> Number:
        if name not in self.known:
            template = self.spec.pending[name][1] if name in self.spec.pending else None
            values = [plain(value) for value in self.each(lambda layer, _: getattr(layer, name))]
            self.known[name] = self.numbers.attribute(name, values, template, self.around)
        return self.known[name]

    def settle(self, *names: str) -> None:
        for name in names:
            if name in self.spec.pending:
                self.numbers.settle_all(self.spec.pending[name][1], self.around)

    def term(self, name: str) -> Term | None:
        whole = all(isinstance(value, int) for value in self.each(lambda layer, _: getattr(layer, name)))
        return self.attribute(name).term if whole else None

    def number(self, name: str, of: Any, term: Term | None = None) -> Number:
        values = [plain(value) for value in self.each(of)]
        self.known[name] = number = self.numbers.number(name, values, term, self.around)
        return number


class Numbers:
    """What Python's names stand for in one form, each time that it is written out, and numbers by them."""

    def __init__(self, forms: Forms, form: Form) -> None:
        self.forms, self.form, self.nodes = forms, form, forms.network.nodes
        self.traces = form.traces
        self.env: list[dict[str, object]] = [{} for _ in self.traces]
        """What Python's names stand for, each time."""
        self.arguments: dict[Hashable, Argument] = {}
        self.live: set[str] = set()
        """Python's names that depend on what the network takes."""
        self.terms: dict[str, Term] = {}
        """What local variables are."""
        self.local: dict[str, Term] = {}
        """The parameters that are local variables, by their names in expressions."""
        self.taken = {*forms.target.reserved, *(other.name for other in forms.written.values()), MAIN}
        self.taken.update(forms.constants.values())

    def asked(self, channels: Channels) -> Term | None:
        """Channels as a term; those of an input become an argument only when they are asked for."""
        return self.input_channels(channels.place) if isinstance(channels, Through) else channels

    def input_channels(self, index: int) -> Term | None:
        volumes = [trace.inputs[index].volume for trace in self.traces]
        values = [volume.channels for volume in volumes if volume is not None]
        block = self.form.block
        prefix = f"{block.inputs[index]}_" if block is not None and len(block.inputs) > 1 else "in_"
        return self.argument(("channels", index), f"{prefix}channels", values).term

    def argument(self, origin: Hashable, name: str, values: Sequence[object]) -> Number:
        """A number that calls hand in: an argument, or itself where it is the same in each and need not follow anything."""
        kept = (self.form.key, origin) in self.forms.kept
        if origin not in self.arguments:
            if all(each == values[0] for each in values) and not kept:
                self.form.folded[origin] = None
                return literal(values[0])
            python = identifier(name, self.taken)
            self.taken.add(python)
            self.arguments[origin] = Argument(python, origin, values)
            self.note(python, origin)
            self.know(python, values)
            if kept:
                self.live.add(python)
        python = self.arguments[origin].name
        return Number(python, None, python if isinstance(values[0], int) else None)

    def note(self, python: str, origin: Any) -> None:
        """Note what the file says of a parameter, for the variable that holds it."""
        block, (kind, name) = self.form.block, origin
        if kind == "name":
            of_block = block is not None and name in block.parameters
            parameters = block.parameters if block is not None and of_block else self.forms.document.parameters
            if name in parameters:  # and not the turn
                self.form.notes[python] = self.forms.remarks.get(parameters[name][1], "")

    def know(self, name: str, values: Sequence[object]) -> None:
        for env, each in zip(self.env, values, strict=True):
            env[name] = each

    def of_file(self, name: str) -> Term | None:
        """A parameter of the file: a number, an argument of the network, or a constant of the module."""
        forms = self.forms
        given, known = forms.document.parameters[name][0], forms.values[name]
        if not isinstance(known, int):
            return None
        if isinstance(given, Expression) and given.names and name not in forms.folded:
            term = self.translated(given.tree, self.of_file)
            if term is not None and self.comes_to(term, [known] * len(self.traces)):
                return self.derived(name, term, known)
        if known in (0, 1) or name in forms.folded or not isinstance(given, int):
            return known
        if self.handed_down and name not in forms.constants:
            forms.kept.add((self.form.key, ("name", name)))
            return self.argument(("name", name), name, [known]).term
        return self.constant_of(name, known)

    @property
    def handed_down(self) -> bool:
        """Whether the file's parameters are arguments here: in its own list, and in a block that stands there once."""
        return self.form.key == ROOT or (len(self.traces) == 1 and self.traces[0].prefix.count(".") == 1)

    def constant_of(self, name: str, known: int) -> str:
        """A parameter of the file as a constant of the module."""
        constant = self.forms.constants.setdefault(name, identifier(name.upper(), self.taken))
        self.know(constant, [known] * len(self.traces))
        self.live.add(constant)
        return constant

    def derived(self, name: str, term: Term, known: int) -> Term:
        """A parameter of the file that follows from others: its term, or a name for it where that is long."""
        if size(term) <= LONG or not names_in(term) & self.live:
            return term
        if self.form.key != ROOT or name in self.forms.constants:
            constant = self.constant_of(name, known)
            self.forms.derived.setdefault(constant, source(term))
            return constant
        if name not in self.local:
            python = identifier(name, self.taken)
            self.taken.add(python)
            self.form.locals.append(f"{python} = {source(term)}")
            self.note(python, ("name", name))
            self.know(python, [known])
            self.live.add(python)
            self.terms[python], self.local[name] = term, python
        return self.local[name]

    def parameter(self, name: str) -> Number | None:
        """What a name of an expression is in Python: one of the block's parameters or of the file's."""
        block, values = self.form.block, [_kept(trace.names.get(name)) for trace in self.traces]
        own = block is not None and name in block.parameters
        if (not own and name in self.forms.document.parameters and self.form.key != ROOT and block is not None) or (
            not own and name in self.forms.document.parameters and self.is_of_file(name, values)
        ):
            term = self.of_file(name)
        else:
            return self.own_parameter(name, values)
        if term is None:
            return literal(values[0]) if isinstance(values[0], tuple | float) else None
        return Number(source(term), term if isinstance(term, int) else None, term)

    def is_of_file(self, name: str, values: Sequence[object]) -> bool:
        """Whether a name in a branching layer that is written by itself is one of the file, and not of the block around."""
        return all(each == plain(self.forms.values[name]) for each in values)

    def own_parameter(self, name: str, values: Sequence[Any]) -> Number | None:
        if any(each is None for each in values):
            return None
        block = self.form.block
        if name in self.local:
            known = self.local[name]
            return Number(source(known), None, known)
        if block is not None and (block.name, name) not in self.forms.passed and name in block.parameters:
            given = block.parameters[name][0]
            term = self.translated(given.tree, self.before(block, name)) if isinstance(given, Expression) else None
            if term is not None and self.comes_to(term, values) and not isinstance(term, int):
                return self.own_local(name, term, values)
        return self.argument(("name", name), name, values)

    def before(self, block: Block, name: str) -> Any:
        """What the names in a parameter's default are: the parameters before it, the file's, and what comes in."""
        earlier = [*block.parameters][: [*block.parameters].index(name)]

        def meant(other: str) -> Term | None:
            if other in ("channels", "volume.channels"):
                return self.input_channels(0)
            if other.endswith(".channels"):
                return self.channels_of(other.removesuffix(".channels"))
            if other in earlier:
                return self.parameter_term(other)
            return self.of_file(other) if other in self.forms.document.parameters else None

        return meant

    def own_local(self, name: str, term: Term, values: Sequence[object]) -> Number:
        """A parameter that no call gives: a local variable, or its term itself where that is short."""
        constants: dict[str, Any] = {name: self.forms.values[of] for of, name in self.forms.constants.items()}
        if isinstance(simple := replaced(term, constants), str):  # `width * GROUP // 64` where that constant is 64
            term = simple
        alive = bool(names_in(term) & self.live) and not compares(term)
        if not alive and all(each == values[0] for each in values):
            return literal(values[0])
        if isinstance(term, tuple):
            python = identifier(name, self.taken)
            self.taken.add(python)
            self.form.locals.append(f"{python} = {source(term)}")
            self.note(python, ("name", name))
            self.know(python, values)
            self.terms[python] = term
            if alive:
                self.live.add(python)
            term = python
        self.local[name] = term
        return Number(source(term), None, term)

    def parameter_term(self, name: str) -> Term | None:
        number = self.parameter(name)
        return number.term if number is not None else None

    def translated(self, tree: Any, meaning: Any, real: bool = False) -> Term | None:
        """The tree of an expression as a term; None where Python could not work it out alike.

        What is `real` need not come to a whole number.
        """
        if isinstance(tree, int):
            return tree
        if isinstance(tree, str):
            return meaning(tree)  # type: ignore[no-any-return]
        if isinstance(tree, tuple):
            left, right = (self.translated(part, meaning, real) for part in tree[1:])
            sign = "÷" if real and tree[0] == "/" else tree[0]
            return None if left is None or right is None else combined(sign, left, right)
        if hasattr(tree, "arguments"):
            return self.called(tree, [self.translated(argument, meaning) for argument in tree.arguments])
        return float(tree) if real else None

    def called(self, tree: Any, arguments: Sequence[Term | None]) -> Term | None:
        """A function of plain numbers, worked out."""
        if not all(isinstance(argument, int) for argument in arguments):
            return None
        result = tree.function(*arguments)
        return result if isinstance(result, int) else None

    def meaning(self, around: Around) -> Any:
        """What the names of an expression are at a place."""

        def meant(name: str) -> Term | None:
            if name in ("channels", "volume.channels"):
                return around.channels
            if name.endswith(".channels") and name != "volume.channels" and self.form.block is not None:
                return self.channels_of(name.removesuffix(".channels"))
            if name.startswith("volume."):
                return self.extent(name.removeprefix("volume."), around)
            if name == "turn" and not self.is_parameter(name):
                return self.turn(around)
            return self.parameter_term(name)

        return meant

    def real(self, around: Around) -> Any:
        """What the names of an expression are where it need not come to a whole number: fractions are floats."""
        meant = self.meaning(around)

        def meant_or_fraction(name: str) -> Term | None:
            term = meant(name)
            if term is not None or "." in name:
                return term  # type: ignore[no-any-return]
            number = self.parameter(name)
            if number is not None and isinstance(number.constant, float):
                return number.constant
            return None

        return meant_or_fraction

    def channels_of(self, name: str) -> Term | None:
        """The channels of an input of the block; of `block` the first one's."""
        block = self.form.block
        assert block is not None
        return self.input_channels(0 if name == "block" else block.inputs.index(name))

    def extent(self, part: str, around: Around) -> Term | None:
        from cnncalc.volume import AXES

        found = set()
        for _, turn in around.each:
            volume = turn.reads[0].volume
            assert volume is not None
            found.add(dict(zip(AXES[len(volume.spatial)], volume.spatial, strict=True)).get(part))
        return found.pop() if len(found) == 1 else None

    def is_parameter(self, name: str) -> bool:
        """Whether a parameter of the block or the file has this name, and hides what it means otherwise."""
        block = self.form.block
        return name in self.forms.document.parameters or (block is not None and name in block.parameters)

    def turn(self, around: Around) -> Term | None:
        numbers: set[int | None] = {turn.number for _, turn in around.each}
        if len(numbers) == 1:
            (number,) = numbers
            return number
        if not around.looped:
            return self.parameter_term("turn")  # handed in, where a branching layer is written by itself
        around.named_turn = around.named_turn or unique("turn", self.taken)
        self.taken.add(around.named_turn)
        return around.named_turn

    def names_at(self, around: Around) -> list[Mapping[str, object]]:
        """What Python's names stand for, each time at a place."""
        found = list[Mapping[str, object]]()
        for index, turn in around.each:
            env: Mapping[str, object] = self.env[index]
            if around.named_turn:
                env = {**env, around.named_turn: turn.number}
            if around.carried is not None:
                volume = turn.reads[0].volume
                assert volume is not None
                env = {**env, around.carried: volume.channels}
            found.append(env)
        return found

    def comes_to(self, term: Term, values: Sequence[object], around: Around | None = None) -> bool:
        """Whether a term is the right number each time."""
        envs: Sequence[Mapping[str, object]] = self.env if around is None else self.names_at(around)
        try:
            return all(_is(value(term, env), each) for env, each in zip(envs, values, strict=True))
        except InexactError:
            return False

    def attribute(self, name: str, values: Sequence[Any], template: object, around: Around) -> Number:
        """The value of an attribute or an argument, as the file says it."""
        if isinstance(template, Expression):
            real = any(isinstance(each, float) for each in values)
            if isinstance(template.tree, str) and (real or any(isinstance(each, tuple) for each in values)):
                number = self.parameter(template.tree)
                if number is not None and self.is_name(number.code, values, around):
                    return number
            term = self.translated(template.tree, self.real(around) if real else self.meaning(around), real)
            if term is None or not self.comes_to(term, values, around):
                self.settle(template, around)
                term = None
            return self.number(name, values, term, around)
        if isinstance(template, tuple) and all(isinstance(each, tuple) for each in values):
            parts = [
                self.attribute(
                    name, [each[place] for each in values], part if isinstance(part, Expression) else None, around
                )
                for place, part in enumerate(template)
            ]
            return Number(f"({', '.join(part.code for part in parts)})")
        self.settle_all(template, around)
        return self.number(name, values, None, around)

    def is_name(self, code: str, values: Sequence[object], around: Around) -> bool:
        if not code.isidentifier():
            return all(written(each) == code for each in values)
        return all(env.get(code) == each for env, each in zip(self.names_at(around), values, strict=True))

    def settle_all(self, template: object, around: Around) -> None:
        """As `settle`, for all expressions in a template."""
        parts = (
            template.values() if isinstance(template, dict) else template if isinstance(template, tuple) else [template]
        )
        for part in parts:
            if isinstance(part, Expression):
                self.settle(part, around)

    def settle(self, template: Expression, around: Around) -> None:
        """Where an expression cannot stay one: work out the parameters of the network that it depends on."""
        for name in template.names:
            term = self.meaning(around)(name)
            alive = names_in(term) & self.live if term is not None else set()
            if alive:
                self.forms.fold(self.forms.origins(alive))
            own = self.form.block is not None and name in self.form.block.parameters
            if not own and name in self.forms.document.parameters and name not in self.forms.folded:
                self.forms.fold([name])

    def number(self, name: str, values: Sequence[Any], term: Term | None, around: Around) -> Number:
        """A number as it stands in the code: a term, itself, or an argument."""
        if term is not None and self.comes_to(term, values, around):
            return Number(source(term), term if isinstance(term, int) else None, term)
        if all(each == values[0] for each in values):
            return literal(values[0])
        telling = len({*values}) > 2
        for env_name in self.env[0]:
            if (telling or env_name == name) and env_name not in self.live and self.is_name(env_name, values, around):
                return Number(env_name, None, env_name if isinstance(values[0], int) else None)
        each = self.by_list(values, around)
        if each is None:
            return self.sequence(name, values, around)
        if len(self.traces) == 1:
            raise UnwritableError("a number that is none")
        return self.argument(("extra", self.beside(name, each)), name, each)

    def beside(self, name: str, values: Sequence[object]) -> int:
        """The number of the argument beside those of the file that has these values; they are numbered in order."""
        for origin, argument in self.arguments.items():
            if isinstance(origin, tuple) and origin[0] == "extra" and argument.values == values:
                return int(origin[1])
        return len(self.arguments)

    def by_list(self, values: Sequence[object], around: Around) -> list[object] | None:
        """The value for each list; None where the turns of one have several."""
        found: dict[int, object] = {}
        for (index, _), each in zip(around.each, values, strict=True):
            if found.setdefault(index, each) != each:
                return None
        other = next(iter(found.values()), None)  # for those that do not have it
        return [found.get(index, other) for index in range(len(self.traces))]

    def sequence(self, name: str, values: Sequence[object], around: Around) -> Number:
        """A number that the loop takes from a list, turn by turn."""
        lists: list[tuple[object, ...]] = [() for _ in self.traces]
        for (index, _), each in zip(around.each, values, strict=True):
            lists[index] += (each,)
        if not around.looped:
            raise UnwritableError("turns that differ, and no loop")
        python = identifier(name, self.taken)
        self.taken.add(python)
        code: Code
        if all(each == lists[0] for each in lists):
            code = listed(lists[0])
        else:
            code = self.argument(("extra", self.beside(name, lists)), f"{name}s", lists).code
        around.sequences.append((python, code))
        return Number(python)


def _kept(number: object) -> object:
    """A parameter's value as an argument has it: a fraction as the float that is nearest."""
    return plain(number) if number is None or isinstance(number, int | tuple) else float(number)  # type: ignore[arg-type]


def _is(found: Any, wanted: object) -> bool:
    """Whether a number is the one that is wanted; a real one, which no count depends on, but for its last digits."""
    return found == wanted or (isinstance(wanted, float) and isclose(found, wanted, rel_tol=1e-12))
