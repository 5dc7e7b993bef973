"""The blocks of a document as classes or functions to be written, each seen over all of its calls.

What a block's code says must be right in every call. So each number in it is checked against all of them: the file's
expression stays where it comes to the right number each time, a number stays where it is the same each time, and what
is neither becomes an argument. Where calls differ in more than numbers, as in the number of axes, a block is written
more than once.

Writing a list of layers may show that it has to be written otherwise; that is noted, and all is written again.
"""

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from cnncalc.exports.algebra import written
from cnncalc.exports.held import Channels
from cnncalc.exports.names import class_name
from cnncalc.exports.program import Program
from cnncalc.exports.remarks import remarks
from cnncalc.exports.sites import DiffersError, Site
from cnncalc.exports.traces import Trace, Tracer, Turn
from cnncalc.exports.written import Code, with_comment
from cnncalc.language.document import Block, CallSpec, Document, ForkSpec, Item
from cnncalc.network import Network

ROOT: Final = ""
"""The key of the file's own list."""
_MOST: Final = 400
"""Times that all is written again; each time something is settled."""


class AgainError(Exception):
    """Something was noted under which all is to be written again."""


class UnwritableError(Exception):
    """What cannot be kept in blocks: the network is written out flat."""


class Argument:
    """An argument of a block's code."""

    __slots__ = ("default", "name", "origin", "values")

    def __init__(self, name: str, origin: Hashable, values: Sequence[object]) -> None:
        self.name, self.origin, self.values = name, origin, values
        """`origin` is (`channels`, the number of the input), (`name`, what an expression calls it), or (`extra`, its name)."""
        self.default: object = None


class Form:
    """What is written once: the file's own list, a block, or a branching layer that is repeated."""

    def __init__(self, key: Hashable, name: str, traces: Sequence[Trace], block: Block | None) -> None:
        self.key, self.name, self.traces, self.block = key, name, traces, block
        self.places = {id(trace): place for place, trace in enumerate(traces)}
        self.arguments: list[Argument] = []
        self.channels_read: list[Argument] = []
        """Channels that its code reads off what comes in."""
        self.reads: dict[str, int] = {}
        """The variables of those that it names, and the numbers of the inputs."""
        self.folded: dict[Hashable, None] = {}
        """What calls hand in that is the same in each, so that it stands as a number."""
        self.locals: list[str] = []
        self.program: Program
        self.notes: dict[str, str] = {}
        """What the file's comments say of arguments and local variables."""
        self.channels: Channels = None
        """Those of what it gives, by its arguments."""
        self.more: list[str] = []
        """What it gives beside that, by the paths within it."""
        self.says = ""
        """What the file says of the block."""

    def declared(self) -> tuple[Code, ...]:
        """The arguments as they are declared, defaults included."""
        found = list[Code]()
        for argument in self.arguments:
            default = "" if argument.default is None else f"={written(argument.default)}"
            found.append(with_comment(f"{argument.name}{default}", self.notes.get(argument.name, "")))
        return tuple(found)

    def assigned(self) -> tuple[Code, ...]:
        """The statements that give local variables their numbers."""
        return tuple([with_comment(line, self.notes.get(line.partition(" ")[0], "")) for line in self.locals])


class Target(NamedTuple):
    """How a target writes layers and calls."""

    maker: Callable[[Site], Sequence[Code]]
    """Makes the code of a layer."""
    caller: Callable[[str, Sequence[Code]], Code]
    """Makes the call of a block, from its name and its arguments."""
    named: Callable[[str, Collection[str]], str]
    """Makes the name of a block's code, beside those that are taken."""
    reserved: Collection[str]
    """The names that the code itself uses."""
    reads_channels: bool = False
    """Whether a block reads its channels off what comes in. Otherwise they are arguments."""


class Forms:
    """All that is to be written of a document. Raises UnwritableError where the network is not what that says."""

    def __init__(self, document: Document, network: Network, target: Target) -> None:
        if network.changed:
            raise UnwritableError("other layers than the document's")
        self.document, self.network, self.target = document, network, target
        tracer = Tracer(document, network)
        self.root = tracer.root()
        self.values = network.root.parameters
        self.remarks = remarks(document)
        self.parts: dict[Hashable, list[list[Trace]]] = {}
        """The traces of each block, apart where they are not alike."""
        self.blocks: dict[Hashable, Block | None] = {}
        self.names: dict[Hashable, str] = {}
        self.folded: set[str] = set()
        """The file's parameters that are worked out."""
        self.constants: dict[str, str] = {}
        """Those that blocks name, as constants of the module."""
        self.derived: dict[str, str] = {}
        """What constants are that follow from others."""
        self.kept: set[tuple[Hashable, Hashable]] = set()
        """The arguments that stay ones, though they are the same in each call, as they depend on the network's."""
        self.unrolled: set[Hashable] = set()
        """The repeated items that are written out turn by turn."""
        self.requests: dict[Hashable, list[str]] = {}
        """What is read from within a block, by the path in it."""
        self.written: dict[int, Form] = {}
        """The form of each trace."""
        self.passed = {
            (item.spec.word, name)
            for item in _items(document)
            if isinstance(item.spec, CallSpec)
            for name in item.spec.arguments
        }
        self.alone: dict[int, int] = {}
        """The trace, by its id, of each turn, by its own, of a branching layer that is written by itself."""
        self.at = {node.path: index for index, node in enumerate(network.nodes)}
        self.gather(tracer.calls)

    def gather(self, calls: Mapping[str, Sequence[Trace]]) -> None:
        """What is to be written, each behind what it calls."""
        done = set[str]()

        def visit(items: Sequence[Item], traces: Sequence[Trace]) -> None:
            for index, item in enumerate(items):
                turns = [turn for trace in traces for turn in trace.turns[index]]
                spec = item.spec
                if isinstance(spec, CallSpec):
                    block(spec.word)
                elif isinstance(spec, ForkSpec):
                    for place, (_, inner, _) in enumerate(spec.branches):
                        visit(inner, [turn.inner[place] for turn in turns])
                    if any(len(trace.turns[index]) != 1 for trace in traces) and turns and not spec.leaves_chain:
                        self.by_itself(item, [(trace, turn) for trace in traces for turn in trace.turns[index]])

        def block(word: str) -> None:
            if word not in done and word in calls:
                done.add(word)
                visit(self.document.blocks[word].items, calls[word])
                self.parts[word], self.blocks[word] = [[*calls[word]]], self.document.blocks[word]
                self.names[word] = word

        visit(self.document.items, [self.root])
        self.parts[ROOT], self.blocks[ROOT] = [[self.root]], None
        self.names[ROOT] = self.network.name or ""

    def by_itself(self, item: Item, times: Sequence[tuple[Trace, Turn]]) -> None:
        """Write a branching layer that is repeated by itself."""
        key, alone = item.places.layer, [_alone(item, turn, trace) for trace, turn in times]
        self.alone.update((id(turn), id(trace)) for (_, turn), trace in zip(times, alone, strict=True))
        self.parts[key], self.blocks[key] = [alone], None
        self.names[key] = item.spec.name or item.spec.word

    def write(self) -> list[Form]:
        """All forms, each behind those that it calls. Raises UnwritableError where blocks cannot be kept."""
        for _ in range(_MOST):
            try:
                return self.once()
            except AgainError:
                continue
        raise UnwritableError("it does not settle")

    def once(self) -> list[Form]:
        from cnncalc.exports.layout import Layout  # which needs what is defined here

        self.constants, self.derived, self.written = {}, {}, {}
        taken = {*self.target.reserved}
        whole = class_name(self.names[ROOT], taken)
        taken.add(whole)
        forms = []
        for key, parts in self.parts.items():
            block = self.blocks[key]
            for number, traces in enumerate(parts):
                name = whole if key == ROOT else self.target.named(self.names[key], taken)
                taken.add(name)
                form = Form(key, name, traces, block)
                form.says = self.remarks.get(block.place, "") if block is not None else ""
                self.written.update((id(trace), form) for trace in traces)
                try:
                    Layout(self, form).write()
                except DiffersError as error:
                    self.divide(key, number, error.keys)
                forms.append(form)
        return forms

    def divide(self, key: Hashable, number: int, keys: Sequence[object]) -> None:
        """Write the calls apart that are not alike."""
        traces = self.parts[key][number]
        if len(keys) != len(traces) or len({*map(repr, keys)}) < 2:
            raise UnwritableError("one call is not alike in itself")
        groups: dict[str, list[Trace]] = {}
        for trace, each in zip(traces, keys, strict=True):
            groups.setdefault(repr(each), []).append(trace)
        self.parts[key][number : number + 1] = groups.values()
        raise AgainError

    def remark(self, name: str) -> str:
        """What the file says of one of its parameters."""
        return self.remarks.get(self.document.parameters[name][1], "")

    def definitions(self) -> dict[str, Code]:
        """The constants of the module, in the order of the file, and what each is in Python."""
        names = [name for name in self.document.parameters if name in self.constants]
        python = [self.constants[name] for name in names]
        return {
            constant: with_comment(self.derived.get(constant, written(self.values[name])), self.remark(name))
            for name, constant in zip(names, python, strict=True)
        }

    # What is noted on the way

    def fold(self, names: Iterable[str]) -> None:
        """Work these parameters of the file out."""
        new = {*names} - self.folded
        if not new:
            raise UnwritableError("a parameter cannot be worked out")
        self.folded |= new
        self.kept.clear()
        raise AgainError

    def origins(self, names: Iterable[str]) -> set[str]:
        """The file's parameters that Python's names depend on: all, where it is not known which."""
        known = {constant: name for name, constant in self.constants.items()}
        if all(name in known for name in names):
            return {known[name] for name in names}
        return {*self.document.parameters}

    def keep(self, key: Hashable, origin: Hashable) -> None:
        """Keep an argument, though it is the same in each call."""
        self.kept.add((key, origin))
        raise AgainError

    def unroll(self, item: Item) -> None:
        """Write the turns of an item out."""
        if item.places.layer in self.unrolled:
            raise UnwritableError("turns that are not alike")
        self.unrolled.add(item.places.layer)
        raise AgainError

    def request(self, key: Hashable, path: str) -> None:
        """Have a block give what it has at a path within."""
        asked = self.requests.setdefault(key, [])
        if path in asked:
            raise UnwritableError("a block cannot give what is read from within it")
        asked.append(path)
        raise AgainError


def _alone(item: Item, turn: Turn, trace: Trace) -> Trace:
    """A turn of a branching layer, as a list of its own."""
    alone = Trace([item], trace.prefix, {"turn": turn.number, **trace.names}, turn.reads)
    alone.turns, alone.output, alone.training = [[turn]], turn.output, trace.training
    return alone


def _items(document: Document) -> Iterable[Item]:
    from cnncalc.exports.traces import items_of

    return items_of(document)
