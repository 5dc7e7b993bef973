"""A list of layers, seen over all times that it is written out, as a program: what runs on what, with which numbers."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping, Sequence
from math import gcd, isclose
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
from cnncalc.exports.flat import JOINS
from cnncalc.exports.forms import ROOT, Argument, Form, Forms, UnwritableError
from cnncalc.exports.held import Channels, Edges, Held, Made, Through
from cnncalc.exports.names import identifier, unique
from cnncalc.exports.program import MAIN, Piece, Program, Step
from cnncalc.exports.sites import DiffersError, Site, plain
from cnncalc.exports.traces import Trace, Turn
from cnncalc.exports.written import Code, flat, keyword, listed, statement
from cnncalc.language.document import Block, CallSpec, ForkSpec, Item, LayerSpec, Spec
from cnncalc.language.expression import Expression
from cnncalc.network import INPUT, Edge

_WORD: Final = re.compile(r"\w+")
_WIDE: Final = 40
"""The characters of a list that stands in the head of a loop."""
_LONG: Final = 3
"""The names and numbers in a term that stands in the midst of others."""


class Around:
    """Where an expression stands: what comes in, and the loop."""

    def __init__(self, layout: Layout, raw: Channels, turns: Sequence[Sequence[Any]], looped: bool = False) -> None:
        self.layout, self.raw, self.turns, self.looped = layout, raw, turns, looped
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
        return self.layout.asked(self.raw)


class LayoutSite(Site):
    """A layer in its place in a list."""

    def __init__(self, layout: Layout, spec: LayerSpec, around: Around) -> None:
        nodes = [layout.nodes[turn.node] for _, turn in around.each if turn.node is not None]
        super().__init__([node.layer for node in nodes], [node.edges[0].volume for node in nodes])
        self.layout, self.spec, self.around = layout, spec, around
        self.known: dict[str, Number] = {}

    @property
    def channels(self) -> Number:
        return self.number("channels", lambda _, volume: volume.channels, self.around.channels)

    def attribute(self, name: str) -> Number:
        if name not in self.known:
            template = self.spec.pending[name][1] if name in self.spec.pending else None
            values = [plain(value) for value in self.each(lambda layer, _: getattr(layer, name))]
            self.known[name] = self.layout.attribute(name, values, template, self.around)
        return self.known[name]

    def term(self, name: str) -> Term | None:
        whole = all(isinstance(value, int) for value in self.each(lambda layer, _: getattr(layer, name)))
        return self.attribute(name).term if whole else None

    def number(self, name: str, of: Any, term: Term | None = None) -> Number:
        values = [plain(value) for value in self.each(of)]
        self.known[name] = number = self.layout.number(name, values, term, self.around)
        return number


class Layout:
    """Writes one form."""

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
        self.steps: list[Step] = []
        self.branch: dict[int, str] = {}
        """Of the steps in branches: the branch."""
        self.held: dict[Edges, Held] = {}
        self.made: list[Made] = []
        self.referred: set[int] = set()
        self.variables = 0
        self.ends: set[int] = set()
        """The variables that come out."""

    # The whole

    def write(self) -> None:
        form, block, first = self.form, self.form.block, self.traces[0]
        names = block.inputs if block is not None and len(block.inputs) > 1 else ()
        for index in range(len(first.inputs)):
            edges = tuple([trace.inputs[index] for trace in self.traces])
            self.held.setdefault(edges, Held(index, edges, Through(index)))
        self.variables = len(first.inputs)
        turns = [[trace.turns[index] for trace in self.traces] for index in range(len(first.items))]
        start = self.held[tuple([trace.inputs[0] for trace in self.traces])]
        end = self.chain(first.items, turns, start, "")
        output, more = end.variable, self.requested()
        if form.key == ROOT:
            output, more = next(iter(more.values())), more if len(more) > 1 else {}
        self.ends = {output, *more.values()}
        inputs = tuple(range(len(first.inputs)))
        titles = tuple([identifier(name, self.forms.target.reserved) for name in names]) or (MAIN,) * len(inputs)
        form.channels = self.by_arguments(end.channels)
        steps = self.used(self.merged(), form.channels)
        form.program = Program(inputs, titles, steps, output, more, self.referred)
        self.finish()

    def by_arguments(self, channels: Channels) -> Channels:
        """Channels without local variables; None where a loop works them out."""
        while channels is not None and not isinstance(channels, Through) and names_in(channels) & self.terms.keys():
            channels = replaced(channels, self.terms)
        return channels

    def used(self, steps: list[Step], channels: Channels) -> list[Step]:
        """The steps without local variables that nothing names; arguments that nothing names go, too."""
        words = names_in(channels) if channels is not None and not isinstance(channels, Through) else set()
        for place in range(len(steps) - 1, -1, -1):
            pieces = []
            for piece in reversed(steps[place].pieces):
                after = tuple([line for line in piece.after if line.partition(" ")[0] in words])
                pieces.append(piece._replace(after=after))
                texts = [*map(flat, piece.modules), piece.around, *piece.before, *piece.behind, *after]
                words |= {word for text in texts for word in _WORD.findall(text)}
            steps[place] = steps[place]._replace(pieces=tuple(reversed(pieces)))
        for line in reversed([*self.form.locals]):
            if line.partition(" ")[0] not in words:
                self.form.locals.remove(line)
            else:
                words |= {*_WORD.findall(line)}
        kept = self.form.key == ROOT
        self.form.arguments = [each for each in self.arguments.values() if kept or each.name in words]
        return steps

    def finish(self) -> None:
        """Arguments in their order: the channels, those of the file, those with defaults last."""
        block = self.form.block
        order = {("name", name): place for place, name in enumerate(block.parameters if block else ())}

        def rank(argument: Argument) -> tuple[bool, int, int]:
            origin: Any = argument.origin
            first = {"channels": 0, "name": 1, "extra": 2}[origin[0]]
            return argument.default is not None, first, order.get(origin, 0) if first else origin[1]

        for argument in self.form.arguments:
            argument.default = self.default(argument)
        self.form.arguments.sort(key=rank)

    def default(self, argument: Argument) -> object:
        """The value that an argument has where a call says nothing."""
        origin: Any = argument.origin
        block = self.form.block
        if self.form.key == ROOT:
            return argument.values[0]
        if block is None or origin[0] != "name" or origin[1] not in block.parameters:
            return None
        given = block.parameters[origin[1]][0]
        return given if isinstance(given, int) and given in argument.values else None

    def requested(self) -> dict[str, int]:
        """What is read from within, beside the end."""
        found = {}
        if self.form.key == ROOT:
            return self.outputs()
        for path in self.forms.requests.get(self.form.key, ()):
            nodes = [self.node_at(trace, path) for trace in self.traces]
            if all(node is None for node in nodes):
                continue
            if None in nodes:
                raise DiffersError([node is None for node in nodes])
            edges = tuple([Edge(node, self.nodes[node].output) for node in nodes if node is not None])
            found[path] = self.find(edges).variable
        self.form.more = [*found]
        return found

    def outputs(self) -> dict[str, int]:
        from cnncalc.exports.flat import outputs_of

        return {name: self.find((edge,)).variable for name, edge in outputs_of(self.forms.network).items()}

    def node_at(self, trace: Trace, path: str) -> int | None:
        return self.forms.at.get(trace.prefix + path)

    def new(self) -> int:
        self.variables += 1
        return self.variables - 1

    def asked(self, channels: Channels) -> Term | None:
        """Channels as a term; those of an input become an argument only when they are asked for."""
        return self.input_channels(channels.place) if isinstance(channels, Through) else channels

    def input_channels(self, index: int) -> Term | None:
        volumes = [trace.inputs[index].volume for trace in self.traces]
        values = [volume.channels for volume in volumes if volume is not None]
        block = self.form.block
        prefix = f"{block.inputs[index]}_" if block is not None and len(block.inputs) > 1 else "in_"
        return self.argument(("channels", index), f"{prefix}channels", values).term

    # Names and numbers

    def argument(self, origin: Hashable, name: str, values: Sequence[object]) -> Number:
        """A number that calls hand in: an argument, or itself where it is the same in each and need not follow anything."""
        kept = (self.form.key, origin) in self.forms.kept
        if origin not in self.arguments:
            if all(each == values[0] for each in values) and not kept:
                return literal(values[0])
            python = identifier(name, self.taken)
            self.taken.add(python)
            self.arguments[origin] = Argument(python, origin, values)
            self.know(python, values)
            if kept:
                self.live.add(python)
        python = self.arguments[origin].name
        return Number(python, None, python if isinstance(values[0], int) else None)

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
                return term
        if known in (0, 1) or name in forms.folded or not isinstance(given, int):
            return known
        if self.form.key == ROOT and name not in forms.constants:
            number = self.arguments.get(("name", name))
            if number is None:
                forms.kept.add((ROOT, ("name", name)))
                return self.argument(("name", name), name, [known]).term
            return number.name
        constant = forms.constants.setdefault(name, unique(name.upper(), self.taken))
        self.know(constant, [known] * len(self.traces))
        self.live.add(constant)
        return constant

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
        alive = bool(names_in(term) & self.live)
        if not alive and all(each == values[0] for each in values):
            return literal(values[0])
        if isinstance(term, tuple):
            python = identifier(name, self.taken)
            self.taken.add(python)
            self.form.locals.append(f"{python} = {source(term)}")
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
        if isinstance(template, dict) and any(isinstance(part, Expression) for part in template.values()):
            for part in template.values():
                if isinstance(part, Expression):
                    self.settle(part, around)
        return self.number(name, values, None, around)

    def is_name(self, code: str, values: Sequence[object], around: Around) -> bool:
        if not code.isidentifier():
            return all(written(each) == code for each in values)
        return all(env.get(code) == each for env, each in zip(self.names_at(around), values, strict=True))

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

    # Lists of items

    def chain(self, items: Sequence[Item], turns: Sequence[Sequence[Sequence[Turn]]], start: Held, branch: str) -> Held:
        """The items one behind another; what the last one gives."""
        held = start
        for item, own in zip(items, turns, strict=True):
            before = len(self.steps)
            held = self.item(item, own, held)
            if branch:
                self.branch.update(
                    (index, self.branch.get(index) or branch) for index in range(before, len(self.steps))
                )
        return held

    def item(self, item: Item, turns: Sequence[Sequence[Turn]], held: Held) -> Held:
        counts = [len(own) for own in turns]
        spec = item.spec
        alone = self.form.key == item.places.layer
        alive = not alone and self.alive(item, held, turns)
        if all(count == 1 for count in counts) and (not alive or not isinstance(spec, LayerSpec | CallSpec)):
            if alive:
                self.settle(spec.repeat, Around(self, None, turns))  # type: ignore[arg-type]
            return self.once(item, [own[0] for own in turns], held)
        if max(counts) == 0:
            if alive:
                self.settle(spec.repeat, Around(self, None, turns))  # type: ignore[arg-type]
            return held
        if item.places.layer in self.forms.unrolled or len(spec.reads) > 1 or spec.shares or spec.leaves_chain:
            if any(count != counts[0] for count in counts):
                raise DiffersError(counts)
            for number in range(counts[0]):
                held = self.once(item, [own[number] for own in turns], held)
            return held
        return self.repeated(item, turns, held)

    def alive(self, item: Item, held: Held, turns: Sequence[Sequence[Turn]]) -> bool:
        """Whether how often an item stands follows what the network takes."""
        repeat = item.spec.repeat
        if not isinstance(repeat, Expression):
            return False
        around = Around(self, held.channels, turns)
        if not {"channels", "volume.channels"} & {*repeat.names} and not self.forms.document.parameters:
            return False
        term = self.translated(repeat.tree, self.meaning(around))
        return term is not None and bool(names_in(term) & self.live)

    def once(self, item: Item, turns: Sequence[Turn], held: Held) -> Held:
        """An item that stands once in each list."""
        spec = item.spec
        if isinstance(spec, ForkSpec):
            return self.fork(item, spec, turns, held)
        reads = [
            self.read(tuple([turn.reads[index] for turn in turns]), held, spec) for index in range(len(turns[0].reads))
        ]
        around = Around(self, reads[0].channels, [[turn] for turn in turns])
        gives = self.new()
        step = Step(
            "run",
            self.step_name(item, turns[0]),
            tuple([read.variable for read in reads]),
            (gives,),
            training=self.training([[turn] for turn in turns]),
        )
        if isinstance(spec, LayerSpec):
            piece, channels = self.layer(spec, around)
            return self.add(item, turns, step, *self.shortened(piece, channels))
        assert isinstance(spec, CallSpec)
        key, piece, channels, form = self.call(item, spec, around, reads)
        if form.more:
            names = (step.name, *[path.rpartition(".")[2] for path in form.more])
            step = step._replace(gives=(gives, *[self.new() for _ in form.more]), names=names)
        for path, variable in zip(form.more, step.gives[1:], strict=True):
            nodes = [self.node_at(turn.inner[0], path) for turn in turns]
            edges = tuple([Edge(node, self.nodes[node].output) for node in nodes if node is not None])
            self.held.setdefault(edges, Held(variable, edges, self.constant_channels(edges)))
        return self.add(item, turns, step, *self.shortened(piece, channels), key)

    def constant_channels(self, edges: Edges) -> Term | None:
        volumes = {edge.volume.channels for edge in edges if edge.volume is not None}
        return volumes.pop() if len(volumes) == 1 else None

    def add(
        self,
        item: Item,
        turns: Sequence[Turn],
        step: Step,
        piece: Piece,
        channels: Channels,
        key: Hashable = None,
    ) -> Held:
        """Add a step for an item that stands once, or that runs again what another has made."""
        step = step._replace(pieces=(piece,))
        if item.spec.shares is not None or any(
            turn.node is not None and self.nodes[turn.node].shares is not None for turn in turns
        ):
            step = self.shared(item, turns, step, key)
        self.made.append(Made(item, [[turn] for turn in turns], len(self.steps), key))
        self.steps.append(step)
        edges = tuple([turn.output for turn in turns])
        held = Held(step.gives[0], edges, channels)
        self.held[edges] = held
        return held

    def shared(self, item: Item, turns: Sequence[Turn], step: Step, key: Hashable) -> Step:
        """The step of an item that has the weights of another in the same list."""
        if item.spec.shares is None:
            return step  # within a block that shares as a whole, and whose own weights are not used
        owners = list[int]()
        for turn in turns:
            shares = [each for each in (self.nodes[i].shares for i in range(turn.first, turn.end)) if each is not None]
            if not shares:
                return step
            owners.append(shares[0])
        for made in self.made:
            if all(
                len(own) == 1 and own[0].first <= owner < own[0].end
                for own, owner in zip(made.turns, owners, strict=True)
            ):
                other = self.steps[made.step]
                if made.key == key and other.pieces == step.pieces:
                    return step._replace(attribute=self.first(made.step), pieces=())
        raise UnwritableError("weights of what is made elsewhere")

    def first(self, step: int) -> str:
        """A mark for the name of the step that made it; names are settled in the end."""
        return self.steps[step].attribute or f"#{step}"

    def training(self, turns: Sequence[Sequence[Turn]]) -> bool:
        """Whether only training runs what stands here, in a list that others run too."""
        found = set()
        for trace, own in zip(self.traces, turns, strict=True):
            found |= {turn.training and not trace.training for turn in own}
        if len(found) > 1:
            raise UnwritableError("training runs some of the calls alone")
        return found == {True}

    def step_name(self, item: Item, turn: Turn) -> str:
        """What an item is called in its list."""
        name = turn.path.rpartition(".")[2]
        return f"{item.spec.word}_{name}" if name[0].isdigit() else name

    def read(self, edges: Edges, held: Held, spec: Spec) -> Held:
        if edges == held.edges:
            return held
        found = self.find(edges)
        if spec.reads:
            self.referred.add(found.variable)
        return found

    def find(self, edges: Edges) -> Held:
        """What holds a volume."""
        if edges in self.held:
            return self.held[edges]
        wholes = []
        for edge in edges:
            volume = self.forms.network.input if edge.source == INPUT else self.nodes[edge.source].output
            wholes.append(Edge(edge.source, volume))
        if tuple(wholes) != edges:
            return self.part(edges, self.find(tuple(wholes)))
        self.within(edges)
        raise UnwritableError("nothing holds what is read")

    def part(self, edges: Edges, whole: Held) -> Held:
        """Some of the channels of a volume."""
        firsts = [edge.first for edge in edges]
        ends = [edge.first + edge.volume.channels for edge in edges if edge.volume is not None]
        totals = [edge.volume.channels for edge in whole.edges if edge.volume is not None]
        bounds = self.bound(firsts, totals), self.bound(ends, totals)
        training = {
            self.nodes[edge.source].training and not trace.training
            for edge, trace in zip(edges, self.traces, strict=True)
            if edge.source != INPUT
        }
        self.steps.append(
            Step("part", "part", (whole.variable,), (self.new(),), channels=bounds, training=training == {True})
        )
        held = Held(self.steps[-1].gives[0], edges, self.share(edges, whole))
        self.held[edges] = held
        return held

    def bound(self, values: Sequence[int], totals: Sequence[int]) -> str:
        """A bound of a part: itself, or a share of the channels. Raises DiffersError where it is neither each time."""
        if all(each == values[0] for each in values):
            return str(values[0])
        return source(self.fraction(values, totals, "{}"))

    def fraction(self, values: Sequence[int], totals: Sequence[int], whole: Term) -> Term:
        """Which share of the whole some numbers are. Raises DiffersError where it is not the same each time."""
        common = gcd(values[0], totals[0])
        count, parts = values[0] // common, totals[0] // common
        if any(each * parts != count * total for each, total in zip(values, totals, strict=True)):
            raise DiffersError(values)
        return combined("//", combined("*", count, whole), parts)

    def share(self, edges: Edges, whole: Held) -> Term | None:
        """The channels of a part of a volume."""
        values = [edge.volume.channels for edge in edges if edge.volume is not None]
        if all(each == values[0] for each in values) and len(values) == 1:
            return values[0]
        channels = self.asked(whole.channels)
        totals = [edge.volume.channels for edge in whole.edges if edge.volume is not None]
        return None if channels is None else self.fraction(values, totals, channels)

    def within(self, edges: Edges) -> None:
        """Have the block or the loop give what is read from within it."""
        for made in self.made:
            owners = [
                next((turn for turn in own if turn.first <= edge.source < turn.end), None)
                for own, edge in zip(made.turns, edges, strict=True)
            ]
            if all(owner is not None for owner in owners):
                if (
                    not all(len(own) == 1 for own in made.turns)
                    or made.key is None
                    or self.forms.blocks[made.key] is None
                ):
                    self.forms.unroll(made.item)
                owner, edge = owners[0], edges[0]
                assert owner is not None
                self.forms.request(made.key, self.nodes[edge.source].path.removeprefix(f"{owner.path}."))

    def shortened(self, piece: Piece, channels: Channels) -> tuple[Piece, Channels]:
        """Long terms of channels become a local variable."""
        if channels is None or isinstance(channels, Through) or size(channels) <= _LONG:
            return piece, channels
        name = unique("channels", self.taken)
        self.taken.add(name)
        self.know(name, [value(channels, env) for env in self.env])
        self.terms[name] = channels
        if names_in(channels) & self.live:
            self.live.add(name)
        return piece._replace(after=(f"{name} = {source(channels)}",)), name

    # Layers and calls

    def layer(self, spec: LayerSpec, around: Around) -> tuple[Piece, Channels]:
        site = LayoutSite(self, spec, around)
        modules = self.forms.target.maker(site)
        return Piece(tuple(modules)), self.given(site, around)

    def given(self, site: LayoutSite, around: Around) -> Channels:
        """The channels that a layer gives."""
        outputs = [self.nodes[turn.node].output for _, turn in around.each]
        values = [output.channels for output in outputs if output is not None]
        terms = [site.known[name].term for name in ("filters", "units", "size", "features") if name in site.known]
        factor = site.known["factor"].term if "factor" in site.known else None
        if isinstance(factor, int) and site.layer.type.startswith("pixel"):
            terms += [combined(sign, around.channels, factor**2) for sign in ("/", "*") if around.channels is not None]
        if site.layer.type == "flatten" and any(volume.spatial for volume in site.volumes):
            terms = [site.elements.term]
        for term in terms:
            if term is not None and self.comes_to(term, values, around):
                return term
        return around.raw if values == [volume.channels for volume in site.volumes] else self.constant(values)

    def constant(self, values: Sequence[int]) -> Term | None:
        return values[0] if all(each == values[0] for each in values) else None

    def call(
        self, item: Item, spec: CallSpec | ForkSpec, around: Around, reads: Sequence[Held]
    ) -> tuple[Hashable, Piece, Channels, Form]:
        """What calls a block, or a branching layer that is written by itself."""
        if isinstance(spec, CallSpec):
            forms = [self.forms.written[id(turn.inner[0])] for _, turn in around.each]
        else:
            forms = [self.forms.written[self.forms.alone[id(turn)]] for _, turn in around.each]
        form = forms[0]
        if any(other is not form for other in forms):
            raise DiffersError(self.alike_by_list([id(other) for other in forms], item, around))
        codes: list[Code] = []
        terms: dict[str, Term] = {}
        for argument in form.arguments:
            number = self.handed(form, argument, item, spec, around, reads)
            if number.term is not None:
                terms[argument.name] = number.term
            if isinstance(number.constant, tuple):
                codes.append(listed(number.constant))
            elif argument.default is None:
                codes.append(number.code)
            elif number.constant != argument.default:
                codes.append(keyword(argument.name, number.code))
        self.keep_folded(form, spec, around, reads)
        edges = [turn.output for _, turn in around.each]
        values = [edge.volume.channels for edge in edges if edge.volume is not None]
        channels = self.called_channels(form, terms, reads, around)
        if isinstance(channels, Through):
            return form.key, Piece((self.forms.target.caller(form.name, codes),)), channels, form
        if channels is None or not self.comes_to(channels, values, around):
            channels = self.constant(values)
        return form.key, Piece((self.forms.target.caller(form.name, codes),)), channels, form

    def called_channels(self, form: Form, terms: Mapping[str, Term], reads: Sequence[Held], around: Around) -> Channels:
        """The channels that a form gives, where it is called."""
        channels = form.channels
        if isinstance(channels, Through):
            return around.raw if channels.place == 0 else reads[channels.place].channels
        if channels is None or not names_in(channels) <= {*self.forms.constants.values(), *terms}:
            return None
        self.know_constants(channels)
        return replaced(channels, terms)

    def know_constants(self, term: Term) -> None:
        for name, constant in self.forms.constants.items():
            if constant in names_in(term):
                self.know(constant, [self.forms.values[name]] * len(self.traces))
                self.live.add(constant)

    def alike_by_list(self, keys: Sequence[object], item: Item, around: Around) -> list[object]:
        """What decides the code, once for each list; where the turns of one differ, they are written out."""
        each = self.by_list(keys, around)
        if each is None:
            self.forms.unroll(item)
        assert each is not None
        return each

    def handed(
        self,
        form: Form,
        argument: Argument,
        item: Item,
        spec: CallSpec | ForkSpec,
        around: Around,
        reads: Sequence[Held],
    ) -> Number:
        """What a call hands in for an argument."""
        index = form.places
        inner = [self.trace_of(spec, turn) for _, turn in around.each]
        values = [argument.values[index[trace]] for trace in inner]
        template = self.template(form, argument.origin, spec, around, reads)
        if isinstance(template, Expression) or template is None:
            return self.attribute(argument.name, values, template, around)
        term = template[0]
        return self.number(argument.name, values, term, around)

    def trace_of(self, spec: Spec, turn: Turn) -> int:
        return id(turn.inner[0]) if isinstance(spec, CallSpec) else self.forms.alone[id(turn)]

    def template(self, form: Form, origin: Any, spec: Spec, around: Around, reads: Sequence[Held]) -> Any:
        """How an argument is worked out where the call stands: an expression, or a term as a list of one."""
        if origin[0] == "channels":
            return [around.channels if not origin[1] else self.asked(reads[origin[1]].channels)]
        if origin[0] == "extra":
            return None
        if not isinstance(spec, CallSpec):
            return [self.meaning(around)(origin[1])]
        if origin[1] in spec.arguments:
            given = spec.arguments[origin[1]]
            return given if isinstance(given, Expression) else [given if isinstance(given, int) else None]
        assert form.block is not None
        return [self.by_default(form, origin[1], spec, around)]

    def by_default(self, form: Form, name: str, spec: CallSpec, around: Around) -> Term | None:
        """A parameter's default, worked out where the call stands."""
        assert form.block is not None
        given = form.block.parameters[name][0] if name in form.block.parameters else None
        if not isinstance(given, Expression):
            return given if isinstance(given, int) else None
        earlier = [*form.block.parameters][: [*form.block.parameters].index(name)]

        def meant(other: str) -> Term | None:
            if other in ("channels", "block.channels", "volume.channels"):
                return around.channels
            if other in earlier and other in spec.arguments:
                handed = spec.arguments[other]
                return (
                    self.translated(handed.tree, self.meaning(around))
                    if isinstance(handed, Expression)
                    else handed
                    if isinstance(handed, int)
                    else None
                )
            if other in earlier:
                return self.by_default(form, other, spec, around)
            return self.of_file(other) if other in self.forms.document.parameters else None

        return self.translated(given.tree, meant)

    def keep_folded(self, form: Form, spec: Spec, around: Around, reads: Sequence[Held]) -> None:
        """Have a block take what follows the network's arguments, though it is the same in each call."""
        if form.block is None or not self.forms.document.parameters:
            return
        origins: list[Any] = [("channels", index) for index, _ in enumerate(reads)]
        origins += [("name", name) for name in form.block.parameters]
        for origin in origins:
            raw = around.raw if origin == ("channels", 0) else None
            if (form.key, origin) in self.forms.kept or isinstance(raw, Through):
                continue
            template = self.template(form, origin, spec, around, reads)
            if isinstance(template, Expression):
                template = [self.translated(template.tree, self.meaning(around))]
            term = template[0] if template else None
            if term is not None and names_in(term) & self.live:
                self.forms.keep(form.key, origin)

    # Repeats

    def repeated(self, item: Item, turns: Sequence[Sequence[Turn]], held: Held) -> Held:
        spec = item.spec
        starts = tuple([own[0].reads[0] if own else edge for own, edge in zip(turns, held.edges, strict=True)])
        start = self.read(starts, held, spec)
        count, once = self.count(item, turns, start)
        around = Around(self, start.channels, turns, looped=True)
        if not all(_same_channels(turn, own[0]) for own in turns for turn in own):
            around.carried = around.raw = unique("channels", self.taken)
            self.taken.add(around.carried)
        key: Hashable = None
        if isinstance(spec, LayerSpec):
            try:
                piece, channels = self.layer(spec, around)
            except DiffersError as error:
                raise DiffersError(self.alike_by_list(error.keys, item, around)) from None
        else:
            assert isinstance(spec, CallSpec | ForkSpec)
            key, piece, channels, form = self.call(item, spec, around, [start])
            if form.more:
                self.forms.unroll(item)
        piece, after = self.shortened(*self.around(piece, item, turns, around, (count, once), channels, start))
        name = spec.name or (spec.word if once else f"{spec.word}s")
        training = self.training(turns)
        step = Step("run", name, (start.variable,), (self.new(),), (piece,), training=training)
        self.made.append(Made(item, turns, len(self.steps), key))
        self.steps.append(step)
        edges = tuple([own[-1].output if own else edge for own, edge in zip(turns, start.edges, strict=True)])
        result = Held(step.gives[0], edges, after)
        self.held[edges] = result
        return result

    def count(self, item: Item, turns: Sequence[Sequence[Turn]], start: Held) -> tuple[Number, bool]:
        """How often an item stands, and whether that is a condition."""
        counts = [len(own) for own in turns]
        repeat, spec = item.spec.repeat, item.spec
        around = Around(self, start.channels, [[_Reads(edge)] for edge in start.edges])
        term: Term | None = repeat if isinstance(repeat, int) else None
        if isinstance(repeat, Expression):
            term = self.translated(repeat.tree, self.meaning(around))
            if term is None or not self.comes_to(term, counts):
                self.settle(repeat, around)
                term = None
        flag = term is not None and (compares(term) or self.is_flag(term))
        once = max(counts) <= 1 and (term is None or flag or not names_in(term) & self.live)
        if term is not None and compares(term) and not once:
            term = None
        return self.number(spec.word if once else f"{spec.word}s", counts, term, around), once

    def is_flag(self, term: Term) -> bool:
        """Whether a local variable is a comparison."""
        return isinstance(term, str) and any(
            line.startswith(f"{term} = ") and any(s in line for s in "<>!") for line in self.form.locals
        )

    def around(
        self,
        piece: Piece,
        item: Item,
        turns: Sequence[Sequence[Turn]],
        around: Around,
        count: tuple[Number, bool],
        channels: Channels,
        start: Held,
    ) -> tuple[Piece, Channels]:
        """A piece within its `if` or `for`, and the channels behind that."""
        number, once = count
        carried = around.carried
        before: tuple[str, ...] = ()
        behind: tuple[str, ...] = ()
        ends = [own[-1].output if own else edge for own, edge in zip(turns, start.edges, strict=True)]
        values = [edge.volume.channels for edge in ends if edge.volume is not None]
        if carried is not None:
            first, next_one = self.asked(start.channels), self.asked(channels)
            if first is None or next_one is None:
                self.forms.unroll(item)
            assert first is not None
            assert next_one is not None
            before, behind = (f"{carried} = {source(first)}",), (self.next(carried, next_one),)
        elif max(map(len, turns)) < 2 and not once and channels != start.channels and number.constant is None:
            self.settle(item.spec.repeat, around)  # type: ignore[arg-type]
        before = (*before, *self.lists(around))
        head = f"if {number.code}" if once else self.loop(around, number)
        after = self.behind(values, channels, start, carried, number)
        return piece._replace(around=head, before=before, behind=behind), after

    def next(self, carried: str, term: Term) -> str:
        if isinstance(term, tuple) and term[1] == carried:
            return f"{carried} {term[0]}= {source(term[2])}"
        return f"{carried} = {source(term)}"

    def loop(self, around: Around, number: Number) -> str:
        """The head of a loop over what differs from turn to turn, or over the turns."""
        if not around.sequences:
            return f"for {around.named_turn or '_'} in range({number.code})"
        names, codes = [name for name, _ in around.sequences], [flat(code) for _, code in around.sequences]
        if around.named_turn:
            names, codes = [around.named_turn, *names], [f"range({number.code})", *codes]
        together = codes[0] if len(codes) == 1 else f"zip({', '.join(codes)})"
        return f"for {', '.join(names)} in {together}"

    def lists(self, around: Around) -> tuple[str, ...]:
        """Local variables for the long lists that a loop goes through."""
        lines: list[str] = []
        for place, (name, code) in enumerate(around.sequences):
            if len(flat(code)) > _WIDE:
                local = unique(f"{name}s", self.taken)
                self.taken.add(local)
                lines += [line[8:] for line in statement(code, 2, before=f"{local} = ")]
                around.sequences[place] = name, local
        return tuple(lines)

    def behind(
        self, values: Sequence[int], behind: Channels, start: Held, carried: str | None, number: Number
    ) -> Channels:
        """The channels behind an `if` or a `for`, by a term that is right each time."""
        if isinstance(behind, Through):
            return behind
        if carried is None:
            if behind is not None and behind != start.channels and self.comes_to(behind, values):
                return behind
            unchanged = [edge.volume.channels for edge in start.edges if edge.volume is not None]
            return start.channels if [*values] == unchanged else self.constant(values)
        term: Term | None = behind
        before = self.asked(start.channels)
        if isinstance(term, tuple) and term[0] in "+-" and term[1] == carried and before is not None:
            term = None if number.term is None else combined(term[0], before, combined("*", number.term, term[2]))
        self.know(carried, values)
        if term is not None and not names_in(term) & {carried, "turn"} and self.comes_to(term, values):
            return term
        return carried

    # Branches

    def fork(self, item: Item, spec: ForkSpec, turns: Sequence[Turn], held: Held) -> Held:
        parts: list[Held] = []
        if spec.branches:
            start = self.read(tuple([turn.reads[0] for turn in turns]), held, spec)
            parts = [start] if spec.layer.adds_identity else []
            if spec.layer.divides:
                self.divided(item, spec, turns, start)
            for place, (name, items, _) in enumerate(spec.branches):
                inner = [turn.inner[place] for turn in turns]
                edges = tuple([trace.inputs[0] for trace in inner])
                begin = start if edges == start.edges else self.find(edges)
                own = [[trace.turns[index] for trace in inner] for index in range(len(items))]
                label = name or (spec.name if spec.leaves_chain and spec.name else "body")
                parts.append(self.chain(items, own, begin, f"{len(self.steps)} {label}"))
                ends = tuple([trace.output for trace in inner])
                self.held.setdefault(ends, parts[-1])
        else:
            for index in range(len(turns[0].reads)):
                parts.append(self.read(tuple([turn.reads[index] for turn in turns]), held, spec))
            if any(len(turn.reads) != len(parts) for turn in turns):
                raise DiffersError([len(turn.reads) for turn in turns])
        if spec.leaves_chain:
            return held
        return self.join(item, spec, turns, parts)

    def divided(self, item: Item, spec: ForkSpec, turns: Sequence[Turn], start: Held) -> None:
        """One step that gives each branch its channels."""
        starts = [tuple([turn.inner[place].inputs[0] for turn in turns]) for place in range(len(spec.branches))]
        sizes = [[edge.volume.channels for edge in edges if edge.volume is not None] for edges in starts]
        alike = all(own == sizes[0] for own in sizes)
        if not alike and any(each != own[0] for own in sizes for each in own):
            raise DiffersError([str(own) for own in zip(*sizes, strict=True)])
        gives = tuple([self.new() for _ in starts])
        codes = () if alike else tuple([str(own[0]) for own in sizes])
        names = tuple([name or "part" for name, _, _ in spec.branches])
        training = self.training([[turn] for turn in turns])
        self.steps.append(
            Step("divide", names[0], (start.variable,), gives, names=names, channels=codes, training=training)
        )
        for edges, variable in zip(starts, gives, strict=True):
            self.held[edges] = Held(variable, edges, self.share(edges, start))

    def join(self, item: Item, spec: ForkSpec, turns: Sequence[Turn], parts: Sequence[Held]) -> Held:
        word = JOINS[spec.word]
        outputs = [self.nodes[turn.node].output for turn in turns if turn.node is not None]
        values = [output.channels for output in outputs if output is not None]
        found: Channels = None
        if spec.layer.divides:
            found = self.undivided(turns, values)
        if word == "concat" and found is None:
            found = self.sum([self.asked(part.channels) for part in parts], values)
        for part in parts if word != "concat" else ():
            if values == [edge.volume.channels for edge in part.edges if edge.volume is not None] and found is None:
                found = part.channels
        step = Step(
            word,
            self.step_name(item, turns[0]),
            tuple([part.variable for part in parts]),
            (self.new(),),
            training=self.training([[turn] for turn in turns]),
        )
        self.made.append(Made(item, [[turn] for turn in turns], len(self.steps), None))
        self.steps.append(step)
        edges = tuple([turn.output for turn in turns])
        held = Held(step.gives[0], edges, found if found is not None else self.constant(values))
        self.held[edges] = held
        return held

    def undivided(self, turns: Sequence[Turn], values: Sequence[int]) -> Channels:
        """The channels of what was divided, where as many come out."""
        start = self.held[tuple([turn.reads[0] for turn in turns])]
        same = values == [edge.volume.channels for edge in start.edges if edge.volume is not None]
        return start.channels if same else None

    def sum(self, terms: Sequence[Term | None], values: Sequence[int]) -> Term | None:
        """The channels of several volumes together."""
        total: Term = 0
        for term in terms:
            if term is None:
                return None
            total = combined("+", total, term)
        return total if size(total) <= 6 and self.comes_to(total, values) else None

    # Steps and their names

    def merged(self) -> list[Step]:
        """The steps with their names; what runs one after another in a branch is one."""
        counts: dict[int, int] = {}
        for step in self.steps:
            for variable in step.reads:
                counts[variable] = counts.get(variable, 0) + 1
        owners = {int(step.attribute[1:]) for step in self.steps if step.attribute}
        found: list[Step] = []
        places: dict[int, int] = {}
        last: str | None = None
        for index, step in enumerate(self.steps):
            branch = self.branch.get(index)
            before = found[-1] if found else None
            if (
                before is not None
                and branch is not None
                and branch == last
                and step.word == before.word == "run"
                and not step.attribute
                and not before.attribute
                and len(step.gives) == len(before.gives) == len(step.reads) == len(before.reads) == 1
                and step.reads == before.gives
                and counts.get(before.gives[0]) == 1
                and before.gives[0] not in self.ends
                and index not in owners
                and index - 1 not in owners
            ):
                found[-1] = before._replace(
                    gives=step.gives, pieces=before.pieces + step.pieces, name=branch.partition(" ")[2]
                )
            else:
                found.append(step)
            places[index] = len(found) - 1
            last = branch
        return self.with_names(found, places)

    def with_names(self, steps: Sequence[Step], places: Mapping[int, int]) -> list[Step]:
        only: dict[str, set[int]] = {}
        for index, place in places.items():
            if index in self.branch:
                only.setdefault(self.branch[index], set()).add(place)
        whole = {found.pop(): branch.partition(" ")[2] for branch, found in only.items() if len(found) == 1}
        taken = {*self.forms.target.reserved}
        named = list[Step]()
        for index, step in enumerate(steps):
            name = whole.get(index, step.name) if step.word == "run" else step.name
            name = identifier(name, taken if step.word == "run" and not step.attribute else (), "branch")
            if step.word == "run" and not step.attribute:
                taken.add(name)
            named.append(step._replace(name=name))
        return [
            step._replace(attribute=named[places[int(step.attribute[1:])]].name) if step.attribute else step
            for step in named
        ]


def _kept(number: object) -> object:
    """A parameter's value as an argument has it: a fraction as the float that is nearest."""
    return plain(number) if number is None or isinstance(number, int | tuple) else float(number)  # type: ignore[arg-type]


def _is(found: Any, wanted: object) -> bool:
    """Whether a number is the one that is wanted; a real one, which no count depends on, but for its last digits."""
    return found == wanted or (isinstance(wanted, float) and isclose(found, wanted, rel_tol=1e-12))


class _Reads:
    """What stands for a turn where only the volume that comes in is known."""

    def __init__(self, edge: Edge) -> None:
        self.reads, self.number = (edge,), None


def _same_channels(one: Turn, other: Turn) -> bool:
    first, second = one.reads[0].volume, other.reads[0].volume
    return first is not None and second is not None and first.channels == second.channels
