"""The layers and calls in the code of a form: their modules, what is handed in, and the channels that they give."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

from cnncalc.exports.algebra import (
    Number,
    Term,
    combined,
    names_in,
    replaced,
)
from cnncalc.exports.forms import Argument, Form
from cnncalc.exports.held import Channels, Held, Through
from cnncalc.exports.numbers import Around, Numbers, PlacedSite
from cnncalc.exports.program import Piece
from cnncalc.exports.sites import DiffersError
from cnncalc.exports.traces import Turn
from cnncalc.exports.written import Code, keyword, listed, with_comment
from cnncalc.language.document import CallSpec, ForkSpec, Item, LayerSpec, Spec
from cnncalc.language.expression import Expression


class Calls(Numbers):
    """Numbers, and what layers and blocks make of them."""

    def layer(self, item: Item, spec: LayerSpec, around: Around) -> tuple[Piece, Channels]:
        site = PlacedSite(self, spec, around)
        modules = [*self.forms.target.maker(site)]
        if modules:
            modules[0] = with_comment(modules[0], self.remark(item, around))
        for name, (_, template) in spec.pending.items():
            if name not in site.known:  # it stands as plain numbers
                self.settle_all(template, around)
        return Piece(tuple(modules)), self.given(site, around)

    def given(self, site: PlacedSite, around: Around) -> Channels:
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
        for argument in (*form.channels_read, *form.arguments):
            number = self.handed(form, argument, item, spec, around, reads)
            if number.term is not None:
                terms[argument.name] = number.term
            if argument in form.channels_read:
                continue
            code = listed(number.constant) if isinstance(number.constant, tuple) else number.code
            if argument.default is None:
                codes.append(code)
            elif number.constant != argument.default:
                codes.append(keyword(argument.name, code))
        self.keep_folded(form, spec, around, reads)
        edges = [turn.output for _, turn in around.each]
        values = [edge.volume.channels for edge in edges if edge.volume is not None]
        channels = self.called_channels(form, terms, reads, around)
        code = with_comment(self.forms.target.caller(form.name, codes), self.remark(item, around))
        if not isinstance(channels, Through) and (channels is None or not self.comes_to(channels, values, around)):
            channels = self.constant(values)
        return form.key, Piece((code,)), channels, form

    def remark(self, item: Item, around: Around | None = None) -> str:
        """What the file says of an item, once where its turns are written out."""
        again = around is not None and bool(around.each[0][1].number)
        return "" if again else self.forms.remarks.get(item.places.layer, "")

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
        handed_down = form.block is not None and origin[1] not in form.block.parameters
        if handed_down or not isinstance(spec, CallSpec):
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
        for origin in form.folded if self.forms.document.parameters else ():
            template = self.template(form, origin, spec, around, reads)
            if isinstance(template, Expression):
                template = [self.translated(template.tree, self.meaning(around))]
            term = template[0] if template else None
            if term is not None and names_in(term) & self.live:
                self.forms.keep(form.key, origin)
