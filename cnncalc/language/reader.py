"""Nodes to a `Document`: layers, forks, blocks, the keys of the file and what it extends; all faults at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Final, TypeAlias, TypeVar

from cnncalc import findings
from cnncalc.arithmetic import ROUNDINGS
from cnncalc.findings import Fault, Finding
from cnncalc.language.document import (
    Block,
    CallSpec,
    Claim,
    Document,
    Extents,
    ForkSpec,
    Item,
    LayerSpec,
    Number,
    Place,
    Spec,
    Template,
)
from cnncalc.language.expression import NAME, Expression
from cnncalc.language.source import Mapping, Mark, Node, Scalar, Sequence, UnreadableError, decode, parse
from cnncalc.language.values import ARGUMENT, ValueReader, awaits, empty, shape
from cnncalc.layers import TYPES, Branching, Head, Layer
from cnncalc.layers.base import ALL_SIDES, COMMON, COUNT, FLAG, FOREIGN, REPEAT, REQUIRED, VOLUME, Kind
from cnncalc.limits import Limits
from cnncalc.volume import AXES

Loader: TypeAlias = Callable[[str, str], tuple[str, bytes]]
"""The file that `extends` names, as seen from another file: its own name and its bytes. Raises OSError."""

KEYS: Final = {
    "name": "what the network is called",
    "source": "where it was published",
    "extends": "another file to start from",
    "input": "the volume that comes in",
    "rounding": f"{', '.join(ROUNDINGS)}: for all layers that do not say",
    "defaults": "attributes for all layers of a type",
    "parameters": "numbers that expressions can name",
    "blocks": "layer types of the file's own",
    "layers": "the layers, in order",
    "expect": "figures that the network must have",
}
"""The keys of a specification."""

FIGURES: Final = ("output", "params", "macs", "mult_adds", "activations", "layers")
"""What `expect` can state: the output volume, and figures of the totals."""

_LONGEST: Final = 100
"""Of a name, in characters: a path has one for each level, and there are many paths."""
_TOO_LONG: Final = f"it has more than {_LONGEST} characters"
_NAME: Final = r"[^\W_][\w+-]*\Z"
_REFERENCE: Final = r"[^\W_][\w+.-]*\Z"
RESERVED: Final = ("previous", "input")
_NOT_PARAMETERS: Final = ("channels", "block", "half", "same", "valid", *RESERVED, *COMMON)
_ALSO: Final = {word: layer.type for layer in TYPES.values() for word in layer.also}

T = TypeVar("T")
Pairs: TypeAlias = list[tuple[Scalar, Node]]


def read(data: str | bytes, file: str, limits: Limits, loader: Loader) -> Document:
    """The document of a text. Never raises for what the text says: faults become its findings."""
    reader = _Reader(file, limits, loader)
    try:
        reader.gather(data, file, (file,))
        return reader.document()
    except UnreadableError:
        return Document(file, None, None, None, None, None, {}, {}, [], [], reader.findings)


class _Reader:
    def __init__(self, file: str, limits: Limits, loader: Loader) -> None:
        self.main, self.file, self.limits, self.loader = file, file, limits, loader
        self.values = ValueReader(self.report, limits)
        self.findings: list[Finding] = []
        self.keys: dict[str, tuple[str, Node]] = {}
        self.named: dict[str, dict[str, tuple[str, Scalar, Node]]] = {"parameters": {}, "blocks": {}}
        """What `extends` merges by name: the file, the key and the value of each."""
        self.defaults: dict[str, LayerSpec] = {}
        """What `defaults` gives the layers of a type, by the type."""
        self.defaults_places: dict[tuple[str, str], Place] = {}
        """Where it does so, by type and attribute."""
        self.blocks: dict[str, Block] = {}
        self.known: dict[object, Spec] = {}
        """The specs of the items read so far where the same names hold, by what they say."""
        self.size = 0
        """Bytes of all files read so far."""
        self.whole = True
        """Whether all files that are extended could be read, so that what is missing is."""
        self.file_names: set[str] = set()
        self.faulty: set[str] = set()
        """Blocks whose parameters have a fault, so that calls to them are not held to them."""

    def report(self, fault: Fault, mark: Mark | None) -> None:
        most = self.limits.findings
        if len(self.findings) == most:
            fault, mark = findings.too_many_findings(most), None
        line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
        self.findings.append(
            Finding(fault.code, fault.severity, fault.message, fault.notes, fault.help, None, self.file, line, column)
        )
        if len(self.findings) > most:
            raise UnreadableError

    @contextmanager
    def within(self, file: str) -> Iterator[None]:
        """Report to this file, the other one being read after it."""
        self.file, outer = file, self.file
        yield
        self.file = outer

    def place(self, mark: Mark) -> Place:
        return Place(self.file, mark.line + 1, mark.column + 1)

    # The file, and those that it extends

    def gather(self, data: str | bytes, file: str, chain: tuple[str, ...]) -> None:
        """Collect the keys of a file over those of the file that it extends."""
        with self.within(file):
            text = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
            self.size += len(text)
            if self.size > self.limits.bytes:
                self.report(findings.too_large(self.limits.bytes, len(chain) > 1), None)
                raise UnreadableError
            root = parse(decode(text, self.report), self.limits, self.report)
            if empty(root):
                self.report(findings.empty_file(), None)
                raise UnreadableError
            if not isinstance(root, Mapping):
                kind = "a list" if isinstance(root, Sequence) else "a single word"
                word = Scalar(root.value.partition(" ")[0], root.start) if isinstance(root, Scalar) else None
                if not (word and self.values.spaceless(word, word, KEYS)):
                    self.report(findings.no_mapping(kind), root.start)
                raise UnreadableError
            for key, node in root.pairs:
                if key.value == "extends":
                    self.extend(node, file, chain)
            for key, node in root.pairs:
                if key.value in self.named:
                    merged = self.named[key.value]
                    merged |= {k.value: (file, k, v) for k, v in self.pairs(f"`{key.value}`", node)}
                elif key.value in KEYS:
                    self.keys[key.value] = (file, node)
                elif not self.values.spaceless(key, node, KEYS):
                    self.report(findings.unknown_key(key.value, list(KEYS)), key.start)

    def extend(self, node: Node, file: str, chain: tuple[str, ...]) -> None:
        target = self.values.text("extends", node)
        if target is None:
            self.whole = False
            return
        try:
            base, data = self.loader(target, file)
        except (OSError, ValueError) as error:
            reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
            self.report(findings.cannot_extend(target, reason), node.start)
            self.whole = False
            return
        if base in chain:
            way = " → ".join((*chain[chain.index(base) :], base))
            self.report(findings.cannot_extend(target, f"that is a cycle, {way}"), node.start)
            self.whole = False
        elif len(chain) >= self.limits.depth:
            self.report(findings.too_deep(self.limits.depth), node.start)
        else:
            self.gather(data, base, (*chain, base))

    def document(self) -> Document:
        rounding = self.key("rounding", lambda node: self.values.word("rounding", node, ROUNDINGS))
        parameters = self.parameters()
        self.declare_blocks()
        with self.naming(("channels", "block.channels")):
            self.key("defaults", self.read_defaults)
        self.read_blocks()
        self.values.names = self.file_names
        volume, place = self.key(
            "input", lambda node: (self.values.volume("`input`", node), self.place(node.start))
        ) or (None, None)
        with self.naming(("channels",)):
            items = self.key("layers", self.layers)
        for key, example in (("input", "input: 224x224x3"), ("layers", "layers: [conv: {filters: 8, kernel: 3}]")):
            if key not in self.keys and self.whole:
                self.report(findings.missing_key(key, example), None)
        return Document(
            self.main,
            self.key("name", lambda node: self.values.text("name", node)),
            self.key("source", lambda node: self.values.text("source", node)),
            volume,
            place,
            rounding,
            parameters,
            self.blocks,
            items or [],
            self.key("expect", self.claims) or [],
            self.findings,
        )

    @contextmanager
    def naming(self, names: Collection[str]) -> Iterator[None]:
        """Let expressions use these names, beside the file's parameters."""
        self.values.names, outer = {*self.file_names, *names}, self.values.names
        self.known = {}
        yield
        self.values.names = outer
        self.known = {}

    def key(self, key: str, read: Callable[[Node], T]) -> T | None:
        if key not in self.keys:
            return None
        file, node = self.keys[key]
        with self.within(file):
            return read(node)

    def pairs(self, what: str, node: Node) -> Pairs:
        if isinstance(node, Mapping):
            return node.pairs
        if not empty(node):
            self.report(findings.wrong_shape(what, "a mapping", shape(node)), node.start)
        return []

    def read_defaults(self, node: Node) -> None:
        for key, attributes in self.pairs("`defaults`", node):
            word = key.value
            if word not in TYPES:
                self.report(findings.unknown_layer(word, _ALSO.get(word.lower()), list(TYPES)), key.start)
                continue
            if issubclass(TYPES[word], Branching):
                self.report(findings.no_defaults(word), key.start)
                continue
            self.defaults[word] = spec = LayerSpec(word, TYPES[word])
            for name, value in self.pairs(f"`defaults` of `{word}`", attributes):
                if name.value in ("name", "repeat", "expect"):
                    own = list(TYPES[word].attributes)
                    self.report(findings.unknown_attribute(f"defaults of {word}", name.value, None, own), name.start)
                elif self.attribute(spec, TYPES[word], name, value):
                    self.defaults_places[word, name.value] = self.place(value.start)
                else:
                    spec.broken = True

    def claims(self, node: Node) -> list[Claim]:
        found = []
        for key, value in self.pairs("`expect`", node):
            if key.value not in FIGURES:
                self.report(findings.unknown_figure(key.value, FIGURES), key.start)
            elif key.value == "output":
                volume = self.values.volume("`output`", value)
                if volume is not None:
                    found.append(Claim("output", "=", volume, self.place(value.start)))
            elif isinstance(value, Scalar):
                claim = self.figure(key.value, value)
                if claim:
                    found.append(claim)
            else:
                self.report(findings.bad_figure(key.value, shape(value)), value.start)
        return found

    def figure(self, key: str, node: Scalar) -> Claim | None:
        if node.value.isascii() and node.value.isdigit():  # most are: spares compiling the patterns
            value = self.values.number(key, REPEAT, node)
            return None if value is None else Claim(key, "=", value, self.place(node.start))
        text = node.value.strip()
        relation = next((sign for sign in ("<=", ">=", "<", ">", "==", "=") if text.startswith(sign)), "")
        text = text.removeprefix(relation).lstrip()
        scaled = re.match(r"(0|[1-9][0-9]{0,15})(?:\.([0-9]+?)0*)?\s*([kMGT])\Z", text)
        if scaled:
            digits = 3 * ("kMGT".index(scaled[3]) + 1)
            decimals = scaled[2] or ""
            if len(decimals) > digits:
                self.report(findings.bad_figure(key, text), node.start)
                return None
            text = str(int(scaled[1] + decimals.ljust(digits, "0")))
        value = self.values.number(key, REPEAT, Scalar(text, node.start))
        return None if value is None else Claim(key, relation.replace("==", "=") or "=", value, self.place(node.start))

    # Parameters and blocks

    def parameter_name(self, key: Scalar) -> bool:
        if not re.match(NAME, key.value):
            self.report(findings.bad_parameter_name(key.value, "use letters, digits and `_`"), key.start)
        elif len(key.value) > _LONGEST:
            self.report(findings.bad_parameter_name(key.value, _TOO_LONG), key.start)
        elif key.value in _NOT_PARAMETERS:
            self.report(findings.bad_parameter_name(key.value, "the word has a meaning of its own"), key.start)
        else:
            return True
        return False

    def parameters(self) -> dict[str, tuple[Number | Extents | None, Place]]:
        """The file's parameters; each may use those before it."""
        found: dict[str, tuple[Number | Extents | None, Place]] = {}
        self.values.names = self.file_names
        for name, (file, key, node) in self.named["parameters"].items():
            with self.within(file):
                if len(found) == self.limits.parameters:
                    self.report(findings.too_many_parameters("the file", len(found)), key.start)
                    break
                if self.parameter_name(key):
                    found[name] = (self.argument(name, node), self.place(node.start))
                    self.file_names.add(name)
        return found

    def argument(self, name: str, node: Node) -> Number | Extents | None:
        value = self.values.value(name, ARGUMENT, node)
        assert value is None or isinstance(value, int | Expression | tuple)
        return value  # type: ignore[return-value]  # of this kind, tuples are extents

    def declare_blocks(self) -> None:
        """Every block's name and parameters, so that layers can be read in any order."""
        for name, (file, key, node) in self.named["blocks"].items():
            with self.within(file):
                if name in TYPES:
                    self.report(findings.block_shadows(name), key.start)
                    continue
                if not self.good_name(key):
                    continue
                before = len(self.findings)
                parameters: dict[str, tuple[Number | Extents | None, Place]] = {}
                for part, value in node.pairs if isinstance(node, Mapping) else ():
                    if part.value == "parameters":
                        self.block_parameters(name, value, parameters)
                self.blocks[name] = Block(name, parameters, [], self.place(key.start))
                if len(self.findings) > before:
                    self.faulty.add(name)

    def block_parameters(self, block: str, node: Node, found: dict[str, tuple[Number | Extents | None, Place]]) -> None:
        self.values.names = names = {*self.file_names, "channels", "block.channels"}
        for key, default in self.pairs(f"`parameters` of `{block}`", node):
            if len(found) == self.limits.parameters:
                self.report(findings.too_many_parameters(f"the block `{block}`", len(found)), key.start)
                break
            if self.parameter_name(key):
                required = isinstance(default, Scalar) and default.value == "required"
                value = None if required else self.argument(key.value, default)
                found[key.value] = value, self.place(default.start)
                names.add(key.value)

    def read_blocks(self) -> None:
        calls: dict[str, list[str]] = {}
        for name, block in list(self.blocks.items()):
            file, key, node = self.named["blocks"][name]
            with self.within(file):
                if not isinstance(node, Mapping):
                    wanted = "a mapping with `layers`, and `parameters` where it has any"
                    self.report(findings.wrong_shape(f"the block `{name}`", wanted, shape(node)), node.start)
                    self.blocks[name] = block._replace(broken=True)
                    continue
                for part, value in node.pairs:
                    if part.value == "layers":
                        with self.naming((*block.parameters, "channels", "block.channels")):
                            block.items.extend(self.layers(value))
                    elif part.value != "parameters":
                        self.report(findings.unknown_key(part.value, ["parameters", "layers"], "block"), part.start)
                if not any(part.value == "layers" for part, _ in node.pairs):
                    self.report(findings.block_without_layers(name), key.start)
                    self.blocks[name] = block._replace(broken=True)
                calls[name] = sorted(_called(block.items))
        for way in _cycles(calls):
            file, key, _ = self.named["blocks"][way[0]]
            with self.within(file):
                self.report(findings.block_calls_itself(way), key.start)
            self.blocks[way[0]] = self.blocks[way[0]]._replace(broken=True)

    # Layers

    def layers(self, node: Node) -> list[Item]:
        if not isinstance(node, Sequence):
            self.report(findings.wrong_shape("`layers`", "a list of layers, each after a `-`", shape(node)), node.start)
            return []
        if len(node.items) > self.limits.layers:
            self.report(findings.too_many_layers(self.limits.layers), node.items[self.limits.layers].start)
            return []
        return [self.item(item) for item in node.items]

    def item(self, node: Node) -> Item:
        if isinstance(node, Scalar):
            key, value = node, Scalar("", node.start)
        elif isinstance(node, Mapping) and len(node.pairs) == 1:
            key, value = node.pairs[0]  # type: ignore[assignment]
        else:
            if isinstance(node, Sequence):
                self.report(findings.wrong_shape("a layer", "a word or a mapping with one key", "a list"), node.start)
            else:
                self.several(node)
            spec: Spec = LayerSpec("?", None)
            spec.broken = True
            return Item(
                spec,
                self.place(node.start),
                partial(_place, self, self.file, Scalar("?", node.start), Scalar("", node.start)),
            )
        fingerprint = _fingerprint(key, value)
        spec = self.known.get(fingerprint) or self.fresh(fingerprint, key, value)
        return Item(spec, self.place(key.start), partial(_place, self, self.file, key, value))

    def several(self, node: Mapping) -> None:
        keys = [key.value for key, _ in node.pairs]
        if not keys:
            self.report(
                findings.wrong_shape("a layer", "a word or a mapping with one key", "an empty mapping"), node.start
            )
            return
        types = [value.value for key, value in node.pairs if key.value == "type" and isinstance(value, Scalar)]
        if types:
            self.report(findings.type_as_attribute(types[0]), node.start)
            return
        value = node.pairs[0][1]
        inside = {*COMMON, *(TYPES[keys[0]].attributes if keys[0] in TYPES else ())}
        inside |= {*(self.blocks[keys[0]].parameters if keys[0] in self.blocks else ())}
        beside = [key for key in keys[1:] if key not in inside and (key in TYPES or key in self.blocks)]
        if empty(value) and not beside:
            self.report(findings.indent_attributes(keys[0], keys[1:]), node.pairs[1][0].start)
        else:
            self.report(findings.several_layers(keys), node.pairs[1][0].start)

    def fresh(self, fingerprint: object, key: Scalar, value: Node) -> Spec:
        """The spec of an item not met before; remembered where nothing is wrong with it."""
        before = len(self.findings)
        cls = TYPES.get(key.value)
        if key.value in self.blocks:
            spec: Spec = self.call(key, value, self.blocks[key.value])
        elif cls is None:
            nameable = len(key.value) <= _LONGEST and re.match(_NAME, key.value)
            spec = LayerSpec(key.value if nameable else "?", None)
            spec.broken = True
            if self.whole and not self.values.spaceless(key, value, TYPES, self.blocks):
                bare = key.value.lower().partition("(")[0].rpartition(".")[2]  # of `nn.Conv2d(3, 8, 3)`
                proper = _ALSO.get(bare) or (bare if bare in TYPES else None)
                self.report(findings.unknown_layer(key.value, proper, [*self.blocks, *TYPES]), key.start)
        elif issubclass(cls, Branching):
            spec = self.fork(key, value, cls)
        else:
            spec = self.layer(key, value, cls)
        inside = spec.inside if isinstance(spec, ForkSpec) else 0
        spec.broken = spec.broken or len(self.findings) > before + inside
        if fingerprint is not None and not spec.broken:
            self.known[fingerprint] = spec
        return spec

    def layer(self, key: Scalar, value: Node, cls: type[Layer]) -> LayerSpec:
        spec = LayerSpec(key.value, cls)
        defaults = self.defaults.get(key.value)
        if defaults:
            spec.values, spec.pending = dict(defaults.values), dict(defaults.pending)
            spec.rounding, spec.broken = defaults.rounding, defaults.broken
        given = not isinstance(value, Scalar) or bool(value.value) or not value.plain
        if isinstance(value, Mapping):
            pairs = _with_parts(cls, value)
            if sum(name.value == cls.main for name, _ in pairs) > 1:
                self.report(findings.given_twice(cls.type, cls.main or ""), value.start)
            for name, node in pairs:
                self.attribute(spec, cls, name, node)
        elif given and cls.main is None:
            self.report(findings.no_main_attribute(cls.type, list(cls.attributes)), value.start)
            return spec
        elif given and cls.main is not None:
            kind = cls.attributes[cls.main].kind
            self.keep(spec, cls.main, kind, self.values.value(cls.main, kind, value))
        missing = []
        for attribute, described in cls.attributes.items():
            if attribute not in spec.values and attribute not in spec.pending:
                if described.default is REQUIRED:
                    missing.append(attribute)
                else:
                    spec.values[attribute] = described.default
        if missing:
            meant = _meant(cls, value)  # what was written wrong has been reported already
            missing = [attribute for attribute in missing if attribute not in meant]
        if missing and not spec.broken:
            self.report(findings.missing_attribute(cls.type, missing, cls.example.removeprefix("- ")), key.start)
        return spec

    def attribute(self, spec: LayerSpec, cls: type[Layer], name: Scalar, node: Node) -> bool:
        """Read one attribute into the spec; whether it was right."""
        word = name.value
        described = cls.attributes.get(word)
        if described is not None:
            return self.keep(spec, word, described.kind, self.values.value(word, described.kind, node))
        if self.common(spec, word, node):
            return True
        if word.isdigit() and empty(node):
            self.report(findings.comma_in_number(word), name.start)
        elif not self.values.spaceless(name, node, cls.attributes, COMMON):
            known = [*cls.attributes, *COMMON]
            proper = _proper(cls, word)
            remedy = f"cnncalc calls it `{proper}`" if proper else FOREIGN.get(word.lower())
            self.report(findings.unknown_attribute(cls.type, word, remedy, known), name.start)
        return False

    def common(self, spec: Spec, word: str, node: Node) -> bool:
        """Read one of the attributes that every layer takes; whether the word is one."""
        if word == "rounding":
            spec.rounding = self.values.word(word, node, ROUNDINGS) or spec.rounding
        elif word == "name":
            spec.name = self.name(node)
        elif word == "repeat":
            repeat = self.values.value(word, REPEAT, node)
            spec.repeat = repeat if isinstance(repeat, int | Expression) else 1
        elif word == "expect":
            spec.expect = self.values.volume("`expect`", node)
        else:
            return False
        return True

    def keep(self, spec: LayerSpec, name: str, kind: Kind, value: Template | None) -> bool:
        if value is None:
            return False
        spec.values.pop(name, None)
        spec.pending.pop(name, None)
        if awaits(value):
            spec.pending[name] = (kind, value)
        else:
            spec.values[name] = value
        return True

    def name(self, node: Node) -> str | None:
        text = self.values.text("name", node)
        if text is None:
            return None
        return text if self.good_name(node) else None

    def good_name(self, node: Node) -> bool:
        assert isinstance(node, Scalar)
        if node.value in (*RESERVED, *COMMON):
            self.report(findings.bad_name(node.value, "the word is reserved"), node.start)
        elif not re.match(_NAME, node.value):
            self.report(findings.bad_name(node.value, "use letters, digits, `_`, `-` and `+`"), node.start)
        elif len(node.value) > _LONGEST:
            self.report(findings.bad_name(node.value, _TOO_LONG), node.start)
        else:
            return True
        return False

    # Blocks called, branches forked

    def call(self, key: Scalar, value: Node, block: Block) -> CallSpec:
        spec = CallSpec(key.value)
        if block.name in self.faulty:
            spec.broken = True
            return spec
        if isinstance(value, Mapping):
            for name, node in value.pairs:
                if name.value in block.parameters:
                    argument = self.argument(name.value, node)
                    if argument is not None:
                        spec.arguments[name.value] = argument
                elif not self.common(spec, name.value, node) and not self.values.spaceless(
                    name, node, block.parameters, COMMON
                ):
                    self.report(findings.unknown_parameter(block.name, name.value, block.parameters), name.start)
        elif not empty(value):
            self.report(findings.no_main_attribute(block.name, list(block.parameters)), value.start)
            return spec
        words = [name.value.partition(":")[0] for name, _ in value.pairs] if isinstance(value, Mapping) else []
        given = {word if word in block.parameters else findings.closest(word, block.parameters) for word in words}
        missing = [name for name, (default, _) in block.parameters.items() if default is None and name not in given]
        if missing:
            self.report(findings.missing_parameter(block.name, missing, block.place.line), key.start)
        return spec

    def fork(self, key: Scalar, value: Node, cls: type[Branching]) -> ForkSpec:
        spec, before = ForkSpec(key.value, cls()), len(self.findings)
        if isinstance(value, Sequence) and cls.one_body and cls is not Head:
            self.way(spec, None, value)
        elif isinstance(value, Sequence) and cls.takes_references:
            self.references(spec, value, cls)
        elif isinstance(value, Mapping):
            for name, node in value.pairs:
                if cls is Head and name.value == "training":
                    spec.training = bool(self.values.value("training", FLAG, node))
                elif isinstance(node, Sequence) and not (
                    name.value == "expect" and all(isinstance(i, Scalar) for i in node.items)
                ):
                    self.branch(spec, name, node, cls)
                elif not self.common(spec, name.value, node) and not self.values.spaceless(
                    name, node, ("layers",), COMMON
                ):
                    self.report(
                        findings.bad_branches(cls.type, f"{shape(node)} as `{name.value}`", _example(cls)), name.start
                    )
            least = 1 if cls.one_body else 2
            if len(spec.branches) < least:
                spec.broken = True
                if len(self.findings) == before:  # otherwise what was meant has a fault of its own
                    what = f"fewer than {least} branches" if least > 1 else "a mapping without `layers`"
                    self.report(findings.bad_branches(cls.type, what, _example(cls)), key.start)
            if cls is Head and spec.name is None:
                self.report(findings.missing_attribute("head", ["name"], _example(cls)), key.start)
        else:
            self.report(findings.bad_branches(cls.type, f"{shape(value)} as its branches", _example(cls)), key.start)
        return spec

    def branch(self, spec: ForkSpec, name: Scalar, node: Sequence, cls: type[Branching]) -> None:
        if cls.one_body:
            if name.value == "layers":
                self.way(spec, None, node)
            else:
                self.report(findings.bad_branches(cls.type, f"a branch `{name.value}`", _example(cls)), name.start)
        elif self.good_name(name):
            self.way(spec, name.value, node)

    def way(self, spec: ForkSpec, name: str | None, node: Sequence) -> None:
        """Read one branch. The faults of its layers are theirs, and not the fork's."""
        before = len(self.findings)
        spec.branches.append((name, self.layers(node)))
        spec.inside += len(self.findings) - before

    def references(self, spec: ForkSpec, node: Sequence, cls: type[Branching]) -> None:
        for item in node.items:
            if isinstance(item, Scalar) and re.match(_REFERENCE, item.value):
                spec.references.append((item.value, self.place(item.start)))
            else:
                self.report(
                    findings.bad_branches(cls.type, f"{shape(item)} in a list of names", _example(cls)), item.start
                )
                return
        if len(node.items) < 2:
            self.report(
                findings.bad_branches(cls.type, "fewer than 2 names", f"{cls.type}: [previous, conv1]"), node.start
            )


def _example(cls: type[Layer]) -> str:
    return cls.example.removeprefix("- ")


def _called(items: list[Item]) -> set[str]:
    """The blocks that a list of layers calls, also within branches."""
    found: set[str] = set()
    for item in items:
        if isinstance(item.spec, CallSpec):
            found.add(item.spec.word)
        elif isinstance(item.spec, ForkSpec):
            for _, branch in item.spec.branches:
                found |= _called(branch)
    return found


def _cycles(calls: dict[str, list[str]]) -> Iterator[list[str]]:
    """A way round for each block that comes back to itself, in linear time and without recursion."""
    done: set[str] = set()
    for start in calls:
        way: dict[str, None] = {}
        left = [(start, iter(calls[start]))] if start not in done else []
        while left:
            block, following = left[-1]
            if len(way) < len(left):
                way[block] = None
            for called in following:
                if called in way:
                    blocks = list(way)
                    yield [*blocks[blocks.index(called) :], called]
                    done.add(called)
                elif called not in done and called in calls:
                    left.append((called, iter(calls[called])))
                    break
            else:
                done.add(block)
                left.pop()
                way.popitem()


def _proper(cls: type[Layer], word: str) -> str | None:
    """The attribute that other tools call `word`."""
    return next((name for name, described in cls.attributes.items() if word.lower() in described.also), None)


def _meant(cls: type[Layer], value: Node) -> Collection[str | None]:
    """The attributes that the user tried to write, under whatever name."""
    if not isinstance(value, Mapping):
        return set() if empty(value) else {cls.main}
    words = [key.value.partition(":")[0] for key, _ in _with_parts(cls, value)]
    likely = [findings.closest(word, cls.attributes) for word in words if word not in cls.attributes]
    return {*words, *likely, *(_proper(cls, word) for word in words)}


def _with_parts(cls: type[Layer], value: Mapping) -> Pairs:
    """The attributes; `pad: {top: 1}` and `reshape: {channels: 8, ...}` write the main one's parts."""
    kind = cls.attributes[cls.main].kind if cls.main else COUNT
    words = ALL_SIDES if kind.sided else ("channels", *AXES[1], *AXES[3]) if kind is VOLUME else ()
    parts = Mapping(value.start)
    parts.pairs = [(key, node) for key, node in value.pairs if key.value in words]
    if cls.main is None or not parts.pairs:
        return value.pairs
    others = [(key, node) for key, node in value.pairs if key.value not in words]
    return [*others, (Scalar(cls.main, value.start), parts)]


def _fingerprint(key: Scalar, value: Node) -> object:
    """What the item says, for comparing; None where it nests deeper than attributes with plain values."""
    if isinstance(value, Scalar):
        return key.value, value.value, value.plain
    if isinstance(value, Mapping):
        try:
            return key.value, tuple([(k.value, v.value) for k, v in value.pairs])  # type: ignore[union-attr]
        except AttributeError:
            return None
    return None


def _place(reader: _Reader, file: str, key: Scalar, value: Node, attribute: str | None) -> Place:
    mark = key.start
    if attribute is not None:
        cls = TYPES.get(key.value)
        if isinstance(value, Mapping):
            written = {name.value: node for name, node in (_with_parts(cls, value) if cls else value.pairs)}
        else:
            written = {cls.main: value} if cls and cls.main and not empty(value) else {}
        if attribute in written:
            mark = written[attribute].start
        elif (key.value, attribute) in reader.defaults_places:
            return reader.defaults_places[key.value, attribute]
    return Place(file, mark.line + 1, mark.column + 1)
