"""A list of layers, seen over all times that it is written out, as a program: what runs on what, with which numbers."""

from __future__ import annotations

import re
from collections.abc import Container, Hashable, Sequence
from math import gcd
from typing import Any, Final

from cnncalc.exports.algebra import (
    Number,
    Term,
    combined,
    compares,
    names_in,
    replaced,
    size,
    source,
    value,
)
from cnncalc.exports.calls import Calls
from cnncalc.exports.flat import JOINS
from cnncalc.exports.forms import ROOT, Argument, Form, Forms, UnwritableError
from cnncalc.exports.held import Channels, Edges, Held, Made, Through
from cnncalc.exports.names import identifier, plural, unique
from cnncalc.exports.numbers import LONG, Around
from cnncalc.exports.program import MAIN, Piece, Program, Step
from cnncalc.exports.sites import DiffersError
from cnncalc.exports.tidy import BODY, Branches, merged
from cnncalc.exports.traces import Trace, Turn
from cnncalc.exports.written import Code, assigned, flat
from cnncalc.language.document import CallSpec, ForkSpec, Item, LayerSpec, Spec
from cnncalc.language.expression import Expression
from cnncalc.network import INPUT, Edge

_WORD: Final = re.compile(r"\w+")
_FEW: Final = 3
"""Turns that are written out where only the first one's channels are others."""
_WIDE: Final = 40
"""The characters of a list that stands in the head of a loop."""


class Layout(Calls):
    """Writes one form."""

    def __init__(self, forms: Forms, form: Form) -> None:
        super().__init__(forms, form)
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
        calls = {made.step: made.item.spec.name or made.item.spec.word for made in self.made if made.key is not None}
        merging = Branches(self.branch, calls, self.ends)
        steps = self.used(merged(self.steps, merging, self.forms.target.reserved), form.channels)
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
            pieces = [self.with_used(piece, words) for piece in reversed(steps[place].pieces)]
            steps[place] = steps[place]._replace(pieces=tuple(reversed(pieces)))
        for line in reversed([*self.form.locals]):
            if not _sets_one_of(line, words):
                self.form.locals.remove(line)
            else:
                words |= {*_WORD.findall(line)}
        kept = self.form.key == ROOT
        self.form.arguments = [each for each in self.arguments.values() if kept or each.name in words]
        return steps

    def with_used(self, piece: Piece, words: set[str]) -> Piece:
        """A piece without what sets variables that nothing names; `words` are the names behind it, and then its own too."""

        def kept(lines: Sequence[Code]) -> tuple[Code, ...]:
            found = [line for line in lines if _sets_one_of(flat(line), words)]
            words.update(word for line in found for word in _WORD.findall(flat(line)))
            return tuple(found)

        after = kept(piece.after)
        words.update(word for text in (*map(flat, piece.modules), piece.around) for word in _WORD.findall(text))
        behind = kept(piece.behind)
        return piece._replace(before=kept(piece.before), behind=behind, after=after)

    def finish(self) -> None:
        """Arguments in their order: the channels, those of the file, those with defaults last."""
        block = self.form.block
        order = {("name", name): place for place, name in enumerate(block.parameters if block else ())}

        def rank(argument: Argument) -> tuple[bool, int, int]:
            origin: Any = argument.origin
            first = {"channels": 0, "name": 1, "extra": 2}[origin[0]]
            return argument.default is not None, first, order.get(origin, 0) if first else origin[1]

        if self.forms.target.reads_channels:
            self.read_channels()
        for argument in self.form.arguments:
            argument.default = self.default(argument)
        self.form.arguments.sort(key=rank)

    def read_channels(self) -> None:
        """Have the channels of the inputs be no arguments."""
        form = self.form
        texts = (text for step in form.program.steps for piece in step.pieces for text in piece.texts())
        named = {word for text in (*texts, *form.locals) for word in _WORD.findall(text)}
        form.channels_read = [each for each in self.arguments.values() if each.origin[0] == "channels"]  # type: ignore[index]
        form.arguments = [each for each in form.arguments if each not in form.channels_read]
        form.reads = {each.name: each.origin[1] for each in form.channels_read if each.name in named}  # type: ignore[index]

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
            self.referred.add(found[path])
        self.form.more = [*found]
        return found

    def outputs(self) -> dict[str, int]:
        from cnncalc.exports.flat import outputs_of

        found = {name: self.find((edge,)).variable for name, edge in outputs_of(self.forms.network).items()}
        self.referred.update(found.values())
        return found

    def node_at(self, trace: Trace, path: str) -> int | None:
        return self.forms.at.get(trace.prefix + path)

    def new(self) -> int:
        self.variables += 1
        return self.variables - 1

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
            piece, channels = self.layer(item, spec, around)
            return self.add(item, turns, step, *self.shortened(piece, channels))
        assert isinstance(spec, CallSpec)
        key, piece, channels, form = self.call(item, spec, around, reads)
        if form.more:
            names = (step.name, *[path.partition(".")[0] for path in form.more])
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
                if made.key == key and _bare(other.pieces) == _bare(step.pieces):
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
        if channels is None or isinstance(channels, Through) or size(channels) <= LONG:
            return piece, channels
        name = unique("channels", self.taken)
        self.taken.add(name)
        self.know(name, [value(channels, env) for env in self.env])
        self.terms[name] = channels
        if names_in(channels) & self.live:
            self.live.add(name)
        return piece._replace(after=(f"{name} = {source(channels)}",)), name

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
                piece, channels = self.layer(item, spec, around)
            except DiffersError as error:
                raise DiffersError(self.alike_by_list(error.keys, item, around)) from None
        else:
            assert isinstance(spec, CallSpec | ForkSpec)
            key, piece, channels, form = self.call(item, spec, around, [start])
            if form.more:
                self.forms.unroll(item)
        piece, after = self.shortened(*self.around(piece, item, turns, around, (count, once), channels, start))
        name = spec.name or (spec.word if once else plural(spec.word))
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
        return self.number(spec.word if once else plural(spec.word), counts, term, around), once

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
        before: tuple[Code, ...] = ()
        behind: tuple[Code, ...] = ()
        ends = [own[-1].output if own else edge for own, edge in zip(turns, start.edges, strict=True)]
        values = [edge.volume.channels for edge in ends if edge.volume is not None]
        if not piece.modules:
            return piece, start.channels
        if carried is not None:
            first, next_one = self.asked(start.channels), self.asked(channels)
            first_alone = isinstance(next_one, int) and number.constant is not None
            few = max(map(len, turns)) <= _FEW and not self.forms.target.reads_channels
            if first is None or next_one is None or (first_alone and few):
                self.forms.unroll(item)
            assert first is not None
            assert next_one is not None
            before, behind = (f"{carried} = {source(first)}",), (self.next(carried, next_one),)
        elif max(map(len, turns)) < 2 and not once and channels != start.channels and number.constant is None:
            self.settle(item.spec.repeat, around)  # type: ignore[arg-type]
        before = (*before, *self.lists(around))
        head = _condition(number) if once else self.loop(around, number)
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

    def lists(self, around: Around) -> tuple[Code, ...]:
        """Local variables for the long lists that a loop goes through."""
        lines: list[Code] = []
        for place, (name, code) in enumerate(around.sequences):
            if len(flat(code)) > _WIDE:
                local = unique(f"{name}s", self.taken)
                self.taken.add(local)
                lines.append(assigned(local, code))
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
                label = name or (spec.name if spec.leaves_chain and spec.name else BODY)
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
            comment=self.remark(item),
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


class _Reads:
    """What stands for a turn where only the volume that comes in is known."""

    def __init__(self, edge: Edge) -> None:
        self.reads, self.number = (edge,), None


def _condition(number: Number) -> str:
    """The head of what stands once or not at all: 1 - x times is where there is no x."""
    term = number.term
    if isinstance(term, tuple) and term[:2] == ("-", 1) and isinstance(term[2], str):
        return f"if not {term[2]}"
    return f"if {number.code}"


def _sets_one_of(line: str, names: Container[str]) -> bool:
    """Whether a statement gives a number to one of these variables."""
    return line.partition(" ")[0] in names


def _bare(pieces: Sequence[Piece]) -> list[Piece]:
    """Pieces without comments."""
    return [piece._replace(modules=tuple(map(flat, piece.modules))) for piece in pieces]


def _same_channels(one: Turn, other: Turn) -> bool:
    first, second = one.reads[0].volume, other.reads[0].volume
    return first is not None and second is not None and first.channels == second.channels
