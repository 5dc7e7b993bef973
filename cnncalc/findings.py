"""Every fault cnncalc can find, one function each: its code, its severity and all of its wording.

A function takes the facts of the fault and returns a `Fault`; whoever knows the place makes a
`Finding` of it.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import islice
from math import prod
from typing import Final, NamedTuple

from cnncalc.arithmetic import Window, decimal
from cnncalc.volume import Sided, Volume

ERROR = "error"
WARNING = "warning"
NOTE = "note"
SEVERITIES = (ERROR, WARNING, NOTE)
"""The worst first."""


class Place(NamedTuple):
    """Where something stands in a file. Lines and columns count from 1; line 0 means the file as a whole."""

    file: str
    line: int = 0
    column: int = 0
    end_line: int = 0
    """The line of its last character; 0 where the end is not known."""
    end_column: int = 0
    """The column behind its last character."""


class Places(NamedTuple):
    """Where a layer and what is written of it stand: a value, so that a network needs no text to say so."""

    layer: Place
    words: tuple[str, ...] = ()
    """The attributes that are written, here or in the file's defaults."""
    values: tuple[Place, ...] = ()
    """Where their values stand, one for each of `words`."""

    def of(self, attribute: str | None) -> Place:
        """The place of an attribute's value; of the layer itself for None, or where it is not written."""
        return self.values[self.words.index(attribute)] if attribute in self.words else self.layer


class Fault(NamedTuple):
    """What is wrong, before anyone knows where."""

    code: str
    message: str
    notes: tuple[str, ...] = ()
    """The working: the arithmetic that shows it."""
    help: tuple[str, ...] = ()
    """What would make it right."""
    severity: str = ERROR
    attribute: str | None = None
    """The attribute that is to be underlined."""
    strict: bool = False
    """Whether `--strict` makes an error of it though it is a note."""
    of_claim: bool = False
    """Whether it is what the file claims that does not hold, so that the figures themselves are known."""


class Finding(NamedTuple):
    """A fault and its place."""

    fault: Fault
    place: Place
    path: str | None = None
    """The layer's path, as in `stage3.conv1`, where the fault belongs to one."""
    times: int = 1
    """How many layers have it: a repeated layer's fault is one finding."""

    @property
    def code(self) -> str:
        """A word for the kind of fault, as in `stride-does-not-fit`."""
        return self.fault.code

    @property
    def severity(self) -> str:
        """`error`, `warning` or `note`."""
        return self.fault.severity

    @property
    def message(self) -> str:
        """What is wrong, in a sentence."""
        return self.fault.message

    @property
    def notes(self) -> tuple[str, ...]:
        """The working: the arithmetic that shows it."""
        return self.fault.notes

    @property
    def help(self) -> tuple[str, ...]:
        """What would make it right."""
        return self.fault.help

    @property
    def file(self) -> str:
        """The file that it is in."""
        return self.place.file

    @property
    def line(self) -> int:
        """From 1; 0 where the file as a whole is meant."""
        return self.place.line

    @property
    def column(self) -> int:
        """From 1; 0 where the file as a whole is meant."""
        return self.place.column

    def __str__(self) -> str:
        """As `cnncalc check` prints it, without the excerpt of the file, which is not here."""
        from importlib import import_module  # a higher room, which a value may ask but not be made of

        text: str = import_module("cnncalc.render.report").report([self], {}, color=False)
        return text.rstrip("\n")

    def stricter(self) -> "Finding":
        """As it is under `--strict`: warnings are errors, and so is each misfit that no `rounding` was given for."""
        if self.severity == WARNING or self.fault.strict:
            return self._replace(fault=self.fault._replace(severity=ERROR))
        return self

    def to_dict(self) -> dict[str, object]:
        """The finding as the JSON output has it; keys that do not apply are left out."""
        fault = self.fault
        keys: dict[str, object] = {"code": fault.code, "severity": fault.severity, "message": fault.message}
        keys |= {key: list(texts) for key, texts in (("notes", fault.notes), ("help", fault.help)) if texts}
        keys |= {"path": self.path} if self.path is not None else {}
        keys |= {key: value for key, value in self.place._asdict().items() if value}
        return keys | {"times": self.times} if self.times != 1 else keys


class LayerError(ValueError):
    """A layer that cannot be, by itself or on the volume it was given. `fault` has the facts."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(": ".join((fault.message, *fault.notes)))
        self.fault = fault


# Wording that several faults share

_LISTED: Final = 100
"""The most words that one message lists, or that one fault of many is compared with."""


def plural(count: int, noun: str) -> str:
    """`1 row`, `2 rows`, `3 axes`."""
    if count != 1:
        noun = f"{noun}e" if noun.endswith("ch") else noun
        noun = f"{noun[:-2]}es" if noun.endswith("is") else f"{noun}s"
    return f"{count:,} {noun}"


def either(words: Iterable[object], last: str = "or") -> str:
    """`1, 2 or 4`. Of very many words only the first."""
    *first, final = map(str, words)
    if len(first) > _LISTED:
        first, last, final = first[:_LISTED], "and", f"{len(first) + 1 - _LISTED:,} more"
    return f"{', '.join(first)} {last} {final}" if first else final


def shown(text: str) -> str:
    """A piece of the user's own text, in backquotes, cut where it is long."""
    return f"`{text if len(text) <= 60 else text[:57] + '…'}`" if text else "nothing"


_ALSO: Final = {
    "parameters": "params",
    "weights": "params",
    "flops": "mult_adds",
    "madds": "mult_adds",
    "multadds": "mult_adds",
    **dict.fromkeys(("memory", "peak", "peakmemory", "memorypeak"), "peak_bytes"),
    **dict.fromkeys(("trainingbytes", "trainingmemory", "kept", "keptmemory"), "kept_bytes"),
    "rf": "receptive_field",
    "layer": "path",
    "name": "path",
}
"""What figures and columns are called elsewhere, without what joins words."""


def closest_figure(word: str, known: Collection[str]) -> str | None:
    """The figure or column that `word` was most likely meant to be."""
    meant = _ALSO.get(word.lower().replace("-", "").replace("_", ""))
    return meant if meant in known else closest(word, known, len(known))


def closest(word: str, known: Iterable[str], most: int = _LISTED, cutoff: float = 0.6) -> str | None:
    """The known word that `word` was most likely meant to be, among the first `most`."""
    from difflib import get_close_matches  # costs 2 ms, and only a misspelling needs it

    return next(iter(get_close_matches(word[:60].lower(), islice(known, most), 1, cutoff)), None)


def hint(likely: str | None, known: Collection[str], lead: str) -> str:
    """What was meant by a word, if that is known; otherwise, behind `lead`, what there is."""
    if likely:
        return f"did you mean `{likely}`?"
    return f"{lead} {either(known, 'and') if known else 'none'}"


def _did_you_mean(word: str, known: Collection[str], noun: str, cutoff: float = 0.6) -> tuple[str, ...]:
    return (hint(closest(word, known, cutoff=cutoff), known, f"the {noun} are"),) if known else ()


# Strides and windows

_CELLS = {"height": "row", "width": "column", "depth": "slice", "length": "cell"}


def _are(counts: Sequence[tuple[int, str]], where: str = "") -> str:
    """`1 position is`, `1 row and 2 columns are`; `where` stands before the verb."""
    things = " and ".join(plural(count, noun) for count, noun in counts)
    return f"{things}{where} {'is' if [count for count, _ in counts] == [1] else 'are'}"


def outcome(windows: Sequence[tuple[str, Window]], where: str = "") -> str:
    """What a stride that does not fit makes of the cells, over axes that are alike.

    `where` says at which side cells are left over.
    """
    used = f"{_are([(windows[0][1].positions(), 'position')])} used"
    unread = [(window.unread, _CELLS.get(axis, "cell")) for axis, window in windows if window.unread]
    if not unread:
        return f"{used}; what is left over is padding"
    if any(window.unread > window.skipped for _, window in windows):
        return f"{used} and {_are(unread, where)} never read"
    return f"{used}; {_are(unread, where)} left over, no more than the stride skips between one window and the next"


def repair_lines(window: Window) -> list[str]:
    """What would make the stride fit, one remedy a line, shortest first."""
    from cnncalc.repairs import repairs

    found = repairs(window)
    remedies = []
    if found.strides:
        remedies.append(f"stride {either(found.strides)}")
    if found.sizes:
        remedies.append(f"an input of {either(found.sizes)}")
    if found.kernels:
        remedies.append(f"a kernel of {either(found.kernels)}")
    if found.symmetric is not None:
        remedies.append(f"padding {found.symmetric} on both sides" if found.symmetric else "no padding")
    elif found.sides is not None:
        before, after = found.sides
        remedies.append(f"padding {before} before and {after} after")
    return remedies


def yaml(value: object) -> str:
    """A value of an attribute as it is written: `2`, `[1, 2]`, `{bottom: 1, right: 1}`, `same`."""
    if isinstance(value, Sided):
        return f"{{{', '.join(f'{side}: {number}' for side, number in value)}}}"
    return f"[{', '.join(map(str, value))}]" if type(value) is tuple else str(value)


def _proposed(attribute: str, values: Sequence[object]) -> str:
    """`stride: 1`, `2` or `4`, each to be written as it stands."""
    first, *others = map(yaml, values)
    return either((f"`{attribute}: {first}`", *(f"`{other}`" for other in others)))


def would_fit(proposals: Mapping[str, Sequence[object]]) -> str:
    """Values of attributes that fit: "`stride: 1` or `2` fits; so does `kernel: 4`"."""
    first, *others = (_proposed(attribute, values) for attribute, values in proposals.items())
    return f"{first} fits" + (f"; so does {'; or '.join(others)}" if others else "")


def inputs_fit(inputs: Sequence[Volume], whole: bool) -> str:
    """Inputs of the network that fit; `whole` says whether all layers are known."""
    return f"{_proposed('input', inputs)} fits {'every layer' if whole else 'this layer and those before it'}"


def stride_does_not_fit(windows: Sequence[tuple[str, Window]], rounding: str | None) -> Fault | None:
    """(W - F_eff + P_before + P_after)/S + 1 is no whole number on the axes given.

    A warning where real cells are never read; a note where only padding is, or cells that the
    stride skips anyway. A rounding of `floor` was meant, so it is a note at most; `ceil` reads all.
    """
    windows = [(axis, window) for axis, window in windows if window.remainder]
    loses = any(window.unread > window.skipped for _, window in windows)
    if not windows or rounding == "ceil" or (rounding == "floor" and not loses):
        return None
    first = windows[0][1]
    alike: dict[Window, list[tuple[str, Window]]] = {}
    for axis, window in windows:
        alike.setdefault(window, []).append((axis, window))
    fault = Fault(
        "stride-does-not-fit",
        f"stride {first.stride} does not fit a window of {first.span} on {plural(first.size, 'cell')}",
        tuple(f"{window.working()}, so {outcome(group)}" for window, group in alike.items()),
        () if loses else ("`rounding: floor` says that this is meant",),
        severity=WARNING if loses and rounding is None else NOTE,
        attribute="stride",
        strict=True,
    )
    if rounding == "floor":
        meant = (*fault.notes, "`rounding: floor` says that this is meant")
        return fault._replace(code="rounds-down", notes=meant, help=(), strict=False)
    if rounding != "exact":
        return fault
    notes = tuple(window.working() for window in alike)
    return fault._replace(severity=ERROR, notes=(*notes, "`rounding: exact` refuses a fraction"), help=())


def kernel_too_large(axis: str, window: Window) -> Fault:
    padding = f" with padding {window.before} + {window.after}" if window.before + window.after else ""
    dilated = f" (dilated by {window.dilation} it spans {window.span})" if window.dilation > 1 else ""
    return Fault(
        "kernel-too-large",
        f"a kernel of {window.kernel}{dilated} is larger than the {axis} of {window.size}{padding}",
        (f"{window.size} - {window.span} + {window.before} + {window.after} = {window.numerator}: no window fits",),
        attribute="kernel",
    )


def nothing_left(axis: str, working: str, result: int, attribute: str) -> Fault:
    return Fault("nothing-left", f"the {axis} would shrink to nothing", (f"{working} = {result}",), attribute=attribute)


def half_is_a_fraction(span: int) -> Fault:
    return Fault(
        "half-is-a-fraction",
        f"`half` pads (F - 1)/2 on each side, and a window of {span} makes that a fraction",
        (f"({span} - 1)/2 = {decimal(span - 1, 2)}",),
        attribute="padding",
    )


def pool_padding_too_large(side: int, kernel: int) -> Fault:
    return Fault(
        "padding-too-large",
        f"a pool's padding is at most half its kernel: {side} is more than {kernel}/2",
        ("a window may not lie in the padding alone",),
        attribute="padding",
    )


def mean_needs_its_kernel(layer: str, axis: str, window: Window, pads: bool) -> Fault:
    """`pads` says whether padding before the pool would do."""
    return Fault(
        "kernel-too-large",
        f"`{layer}` on three axes wants its kernel of {window.kernel} within the {axis} of {window.size}",
        ("PyTorch's AvgPool3d holds them against each other before it pads or rounds up, unlike those of fewer axes",),
        ("the same padding by a layer of its own before it, `pad`, and none in it",) if pads else (),
        attribute="kernel",
    )


def output_padding_too_large(axis: str, output_padding: int, stride: int, dilation: int) -> Fault:
    return Fault(
        "output-padding-too-large",
        f"output_padding {output_padding} must be smaller than the stride or the dilation of the {axis}",
        (f"stride {stride}, dilation {dilation}",),
        attribute="output_padding",
    )


def word_settles_size(word: str) -> Fault:
    return Fault(
        "bad-value",
        f"`padding: {word}` settles how many cells come out, so that `output_padding` has nothing to add",
        (),
        ("leave `output_padding` away, or write the padding as numbers",),
        attribute="output_padding",
    )


# Volumes and channels


def needs_axes(layer: str, volume: str) -> Fault:
    return Fault(
        "needs-axes",
        f"`{layer}` needs a volume with axes, but a vector of {volume} comes in",
        (),
        ("put it before `fc` and `flatten`, or `reshape` the vector into a volume first",),
    )


def of_vector_input(fault: Fault, extent: int) -> Fault:
    """The fault of what needs axes on the input itself, which has none."""
    remedy = f"an input is its axes, then the channels: `input: {extent}x{extent}x3` is a picture in colour"
    return fault._replace(help=(remedy,))


def wrong_rank(attribute: str, given: int, rank: int, axes: Sequence[str]) -> Fault:
    return Fault(
        "wrong-rank",
        f"`{attribute}` gives {plural(given, 'value')} for {plural(rank, 'axis')}",
        (f"the axes are {either(axes, 'and')}" if rank > 1 else f"the one axis is the {axes[0]}",),
        (f"one number for all axes, or a list of {rank}" if rank > 1 else "one number",),
        attribute=attribute,
    )


def wrong_sides(attribute: str, given: Iterable[str], sides: Sequence[str]) -> Fault:
    return Fault(
        "wrong-rank",
        f"`{attribute}` names {either((f'`{side}`' for side in given), 'and')}, which the volume does not have",
        (),
        (f"its sides are {either(sides, 'and')}",),
        attribute=attribute,
    )


def slice_beyond_the_last(start: int, size: int, channels: int) -> Fault:
    left = channels - start
    remedies = [f"`size: {left}` takes all behind `start`"] if left > 0 else []
    remedies += [f"`start: {channels - size}` takes the last {size}"] if size <= channels else []
    return Fault(
        "bad-slice",
        f"the channels {start} to {start + size - 1} are not all there: {plural(channels, 'channel')} come in",
        (f"{start} + {size} = {start + size}",),
        tuple(remedies) or (f"at most {channels}",),
        attribute="size",
    )


def does_not_divide(what: str, total: int, groups: int, also: int = 0, most: int | None = None) -> Fault:
    """`also` is what the groups must divide beside it, `most` how many there can be."""
    end = min(groups + 63, total if most is None else most) + 1
    near = [n for n in range(max(1, groups - 64), end) if total % n == also % n == 0 and n != groups]
    nearest = sorted(sorted(near, key=lambda n: abs(n - groups))[:2])
    return Fault(
        "groups-do-not-divide",
        f"{groups} groups do not divide {total} {what}",
        (f"{total}/{groups} = {decimal(total, groups)}",),
        (would_fit({"groups": nearest}),) if nearest else (),
        attribute="groups",
    )


_NO_DEVIATION: Final = "of a single number x - mean is 0, whatever it is, and PyTorch refuses it"


def needs_two_axes(layer: str, volume: str) -> Fault:
    return Fault(
        "wrong-rank",
        f"`{layer}` needs a height and a width, and {volume} comes in",
        (),
        ("`reshape` gives a volume other axes",),
    )


def no_squares_of_channels(factor: int, channels: int) -> Fault:
    each = factor * factor
    near = [n for n in (channels // each * each, -(-channels // each) * each) if n]
    return Fault(
        "factor-does-not-divide",
        f"`pixel_shuffle` by {factor} makes one channel of {each}, and {channels} do not divide by that",
        (f"{channels}/({factor}·{factor}) = {decimal(channels, each)}",),
        (f"{either(near)} channels would",),
        attribute="factor",
    )


def no_squares_of_cells(axis: str, size: int, factor: int) -> Fault:
    near = [n for n in (size // factor * factor, -(-size // factor) * factor) if n]
    return Fault(
        "factor-does-not-divide",
        f"`pixel_unshuffle` by {factor} makes one cell of {factor}, and a {axis} of {size} does not divide by that",
        (f"{size}/{factor} = {decimal(size, factor)}",),
        (f"a {axis} of {either(near)} would",),
        attribute="factor",
    )


def norm_of_one_cell(layer: str, volume: str) -> Fault:
    return Fault(
        "norm-of-one-number",
        f"`{layer}` normalises each channel over its cells, and {volume} has one",
        (_NO_DEVIATION,),
        ("leave it away, or put it where there is more than one cell",),
    )


def groups_of_one_number(groups: int, volume: str) -> Fault:
    return Fault(
        "norm-of-one-number",
        f"{plural(groups, 'group')} of {volume} {'hold one number each' if groups > 1 else 'holds one number'}",
        (f"{_NO_DEVIATION} in a batch of one",),
        ("`groups: 1` takes all channels together" if groups > 1 else "leave it away",),
        attribute="groups",
    )


def unequal_volumes(layer: str, volumes: Sequence[Volume], names: Sequence[str], channels_too: bool) -> Fault:
    wanted = "equal volumes" if channels_too else "equal spatial extents"
    origins = tuple(f"{volume} comes from `{name}`" for volume, name in zip(volumes, names, strict=True))
    message = f"`{layer}` wants {wanted}, and these are not: {either(dict.fromkeys(volumes), 'and')}"
    remedies = tuple(islice(_equalizers(volumes, names, channels_too), _LISTED))
    return Fault("unequal-volumes", message, origins[:_LISTED], remedies)


def _equalizers(volumes: Sequence[Volume], names: Sequence[str], channels_too: bool) -> Iterable[str]:
    """What would make the volumes go together, as far as it is plain."""
    if len({len(volume.spatial) for volume in volumes}) > 1:
        yield "give both the same axes: `flatten`, `fc` and `reshape` change them"
        return
    most = max(volumes, key=lambda volume: volume.spatial)
    for name, volume in zip(names, volumes, strict=True):
        if volume.spatial == most.spatial:
            continue
        factors = {divmod(big, small) for big, small in zip(most.spatial, volume.spatial, strict=True)}
        gaps = {big - small for big, small in zip(most.spatial, volume.spatial, strict=True)}
        (factor, rest), *_ = factors
        if len(factors) == 1 and rest == 0:
            yield f"`{name}` is {factor} times smaller: the same strides on both, or an `upsample` of it by {factor}"
        elif len(gaps) == 1:
            (gap,) = gaps
            yield f"`{name}` is {plural(gap, 'cell')} smaller: the same strides and paddings on both, or crop the other"
        else:
            yield f"the same strides and paddings on the branch of `{name}`"
    channels = {volume.channels for volume in volumes}
    if channels_too and len(channels) > 1:
        yield "as many channels on each branch, for example by a `conv` of kernel 1"


def on_a_layer(attribute: str, value: object, path: str, line: int) -> str:
    """A change of a layer that is not the one at fault."""
    return f"`{attribute}: {yaml(value)}` on `{path}`, line {line}, makes them go together"


def instead_of_a_layer(text: str, path: str, line: int) -> str:
    """Another layer in the place of one that is not at fault."""
    return f"`{text}` in the place of `{path}`, line {line}, makes them go together"


def with_all_padded(padding: str) -> str:
    return f"`padding: {padding}` on every layer with a window, on all of the branches, makes them go together"


def with_crop(branch: str, amount: object) -> str:
    return f"`- crop: {yaml(amount)}` at the end of the branch `{branch}` makes them go together"


def with_projection(branch: str | None, filters: int, stride: int) -> str:
    """A convolution on a branch; None stands for the volume that `residual` adds, which has no branch of its own."""
    conv = f"conv: {{filters: {filters}, kernel: 1{f', stride: {stride}' if stride > 1 else ''}}}"
    if branch is None:
        return f"`add: {{body: […], shortcut: [{conv}]}}` in its place makes them go together"
    return f"`- {conv}` at the end of the branch `{branch}` makes them go together"


def uneven_split(channels: int, branches: int, giver: tuple[str, int] | Volume | None) -> Fault:
    """`giver` is the path and the line of the layer whose `filters` the channels are, or the input that has them."""
    even = [n for n in (channels - channels % branches, channels - channels % branches + branches) if n]
    mends: tuple[str, ...] = ()
    if isinstance(giver, Volume):
        mends = (f"{_proposed('input', [giver._replace(channels=n) for n in even])} would be even",)
    elif giver:
        path, line = giver
        mends = (f"{_proposed('filters', even)} on `{path}`, line {line}, would be even",)
    near = [n for n in range(2, branches + 8) if channels % n == 0]
    return Fault(
        "uneven-split",
        f"{channels} channels do not split evenly into {plural(branches, 'branch')}",
        (f"{channels}/{branches} = {decimal(channels, branches)}",),
        (*mends, *([f"{either(near)} branches would be even"] if near else [])),
    )


def other_count(before: Volume, after: Volume) -> Fault:
    cells = prod(after.spatial)
    channels, rest = divmod(before.elements, cells)
    counts = f"{before} holds {before.elements:,} numbers, {after} holds {after.elements:,}"
    share = f"over its cells that would be {before.elements:,}/{cells:,} = {decimal(before.elements, cells)} channels"
    return Fault(
        "reshape-changes-count",
        f"{before} cannot be reshaped to {after}",
        (counts, share) if rest else (counts,),
        () if rest else (f"write `{after._replace(channels=channels)}`",),
        attribute="volume",
    )


def held_to(fault: Fault, place: Place, file: str) -> Fault:
    """The fault of an expectation; where that is of a file which this one extends, with how to be rid of it."""
    if place.file == file:
        return fault
    return fault._replace(help=(f"`expect: {{}}` in {shown(file)} drops all that {shown(place.file)} expects",))


def expected_volume(expected: str, actual: str) -> Fault:
    return Fault(
        "expectation",
        f"expected {expected}, but the output volume is {actual}",
        attribute="expect",
        of_claim=True,
    )


def expected_unknown(key: str, relation: str, expected: int, why: str) -> Fault:
    sign = "" if relation == "=" else f"{relation} "
    return Fault("expectation", f"expected {key} {sign}{expected:,}, but it is not known: {why}", of_claim=True)


def expected_figure(key: str, relation: str, expected: int, actual: int) -> Fault:
    more = "more" if actual > expected else "fewer"
    notes = (f"that is {abs(actual - expected):,} {more}",) if actual != expected else ()
    sign = "" if relation == "=" else f"{relation} "
    return Fault("expectation", f"expected {key} {sign}{expected:,}, but it is {actual:,}", notes, of_claim=True)


def channels_first(volume: str, proper: str, shape: Sequence[int]) -> Fault:
    return Fault(
        "input-looks-channels-first",
        f"{volume} reads as height x width x channels; this looks like channels first",
        (),
        (f"write {proper}, or a list, {list(shape)}, which is channels first",),
        NOTE,
    )


def channels_last(shape: Sequence[int], proper: str) -> Fault:
    return Fault(
        "input-looks-channels-last",
        f"a list has the channels first, so {list(shape)} reads as {shape[0]} channels; this looks like channels last",
        (),
        (f"write {proper}, height x width x channels, or a list with the channels first",),
        NOTE,
    )


def channels_missing(volume: str, proper: str) -> Fault:
    return Fault(
        "input-looks-without-channels",
        f"{volume} reads as a length and its channels; this looks like a picture without channels",
        (),
        (f"write {proper} for one channel",),
        NOTE,
    )


def batch_in_front(written: str, channels: int, batch: int, proper: str) -> Fault:
    return Fault(
        "input-looks-like-a-batch",
        f"{written} reads as {plural(channels, 'channel')} over three axes; this looks like a batch of pictures",
        (),
        (f"write {proper}: one example, without the batch; `--batch {batch}` counts for {batch}",),
        NOTE,
    )


def input_of_other_rank(given: Volume, rank: int, channels: object) -> Fault:
    """The input of a run has other axes than the file's, which has `rank` of them, and `channels`."""
    message = f"the file is written for {plural(rank, 'axis')}, and {given} has {plural(len(given.spatial), 'axis')}"
    axes = (given.channels,) * 2 if rank == 2 and not given.spatial else (*given.spatial, given.channels)
    meant = "x".join(map(str, (*axes, channels)))
    help = (f"did you mean `--input {meant}`?",) if len(axes) == rank and isinstance(channels, int) else ()
    return Fault("input-of-other-rank", message, ("an input is its axes, then the channels",), help, WARNING)


def input_in_other_order(given: Volume, meant: Volume) -> Fault:
    """The input of a run has the channels of the file's along an axis."""
    message = f"{given} has {plural(given.channels, 'channel')}, and the file's input has {meant.channels}"
    note = "of a text the channels are the last number, of numbers from Python the first"
    return Fault("input-in-other-order", message, (note,), (f"did you mean `--input {meant}`?",), WARNING)


def parameters_depend_on_input(layers: Sequence[str], before: int, after: int, as_convolution: bool) -> Fault:
    """On another input fully connected layers, the first few of which are named, have other parameters.

    `as_convolution` says whether they can be convolutions there.
    """
    named = either((f"`{path}`" for path in layers), "and")
    slides = "`--fc-as-conv` (`fc_as_conv=True`) keeps them: each as the convolution that it is on the file's own input"
    return Fault(
        "parameters-depend-on-input",
        f"{named} read{'s' if len(layers) == 1 else ''} the whole volume, so another input changes the parameters",
        (f"{before:,} there on the file's own input, {after:,} on this one",),
        (
            *((slides,) if as_convolution else ()),
            "a `global_avg_pool`, or an `adaptive_avg_pool` of a fixed size before it, would keep them",
        ),
        NOTE,
    )


def own_input_has_errors() -> Fault:
    help = ("without `--fc-as-conv` and `--input` they are reported",)
    return Fault("fc-as-conv", "kernels are what layers meet on the file's own input, which has errors", (), help)


def fc_of_vector(reshape: str | None, vector: str) -> Fault:
    """`reshape` is the layer that makes the vector of a volume, if one does."""
    message = f"a fully connected layer on a vector of {vector} is no convolution: it has no axes to slide along"
    help = (f"`flatten` in the place of `{reshape}`",) if reshape else ()
    return Fault("fc-as-conv", message, (), help)


def fc_not_on_own_input() -> Fault:
    message = "on the file's own input there is no such layer, whose kernel this could be"
    return Fault("fc-as-conv", message)


def other_behind_fc(type: str, before: str, after: str) -> Fault:
    """What stands between a `flatten` and a fully connected layer cannot stay there once the flatten is gone."""
    message = f"without the `flatten` before it `{type}` is another layer, so the fully connected one behind it stays"
    return Fault("fc-as-conv", message, (f"it reads {before}, and would read {after}",))


def too_small_for_fc(kernel: str, volume: str) -> Fault:
    message = f"the kernel of {kernel}, what it meets on the file's own input, does not go on {volume}"
    return Fault("fc-as-conv", message, (), ("take an `--input` of at least the file's own size",))


def unknown_figure(word: str, figures: Sequence[str]) -> Fault:
    likely = closest_figure(word, figures)
    help = f"did you mean `{likely}`?" if likely else f"the figures are {either(figures, 'and')}"
    return Fault("unknown-key", f"`expect` knows no figure {shown(word)}", (), (help,))


FLOPS: Final = "FLOPs are no multiply-adds: where two of them make one, write half of that"
"""What to say beside a number of multiply-adds that was written in FLOPs."""


def bad_figure(key: str, text: str, in_bytes: bool, meant: str | None = None) -> Fault:
    """`meant` is what it comes to as it is written here."""
    flops = meant is not None and "flop" in text.lower()
    return Fault(
        "bad-value",
        f"`{key}` is a figure to hold to, not {shown(text)}",
        (),
        (
            f"write `{quoted_relation(meant)}`"
            if meant
            else f"write `{key}: <= 512 KiB`, or `{key}: <= 1.2 GB`; kB, MB and GB are powers of 1000, KiB, MiB and GiB of 1024"
            if in_bytes
            else f"write `{key}: 61100840`, or `{key}: <= 1.2G`; k, M, G and T are powers of 1000",
            *((FLOPS,) if flops else ()),
        ),
    )


def quoted_relation(claim: str) -> str:
    """A claim as YAML takes it: it folds what stands behind a bare `>`."""
    return f"'{claim}'" if claim.startswith(">") else claim


# Values


def bad_value(attribute: str, wanted: str, text: str, help: tuple[str, ...] = ()) -> Fault:
    return Fault("bad-value", f"`{attribute}` is {wanted}, not {shown(text)}", (), help, attribute=attribute)


def plain_decimal(text: str, plain: str, why: str) -> Fault:
    return Fault(
        "plain-decimal", f"{shown(text)} is not a plain decimal number", (why,) if why else (), (f"write {plain}",)
    )


def product_for_axes(attribute: str, text: str, factors: Sequence[int]) -> Fault:
    product = prod(factors)
    return Fault(
        "product-for-axes",
        f"{shown(text)} is {product:,}, so `{attribute}` is {'x'.join([str(product)] * len(factors))}",
        (),
        (f"write `{'x'.join(map(str, factors))}` for a number along each axis",),
        NOTE,
        attribute,
    )


def count_too_large(text: str, limit: int) -> Fault:
    return Fault(
        "count-too-large",
        f"{shown(text)} is over the limit of {limit:,} for one count",
        (),
        ("`--max-count` raises it",),
    )


def bad_expression(text: str, reason: str, help: tuple[str, ...] = ()) -> Fault:
    return Fault("bad-expression", f"{shown(text)} is no number and no expression: {reason}", (), help)


def expression_failed(text: str, reason: str, help: tuple[str, ...] = ()) -> Fault:
    return Fault("bad-expression", f"{shown(text)} cannot be worked out: {reason}", (), help)


def not_a_count(attribute: str, text: str, value: str, wanted: str, meant: Sequence[str] = ()) -> Fault:
    """`meant` are expressions that come to what is wanted."""
    message = f"`{attribute}` is {wanted}, but {shown(text)} comes to {value}"
    remedy = (f"write {either(f'`{each}`' for each in meant)}",) if meant else ()
    return Fault("not-a-count", message, (), remedy, attribute=attribute)


def names_are(known: Collection[str]) -> str:
    return f"the names are {either(known, 'and')}" if known else ""


def unknown_name(text: str, name: str, known: Sequence[str]) -> Fault:
    bare = f"the name {shown(name)} is unknown here"
    message = bare if text == name else f"{shown(text)} names {shown(name)}, which is unknown here"
    parts = [other for other in known if other.startswith(f"{name}.")]
    help = (names_are(parts),) if parts else _did_you_mean(name, known, "names")
    return Fault("unknown-name", message, (), help)


def names_known(names: Sequence[str]) -> tuple[str, ...]:
    """What an expression can name, if there is anything; `turn` and the extents of the volume aside, which few mean."""
    names = [name for name in names if name != "turn" and not name.startswith("volume.")]
    return (f"an expression can name {either((f'`{name}`' for name in names), 'and')}",) if names else ()


def not_words(attribute: str, text: str, words: Sequence[str]) -> Fault:
    likely = closest(text, words)
    return Fault(
        "bad-value",
        f"`{attribute}` is {either(words)}, not {shown(text)}",
        (),
        (f"did you mean `{likely}`?",) if likely else (),
        attribute=attribute,
    )


# Layers and attributes


def foreign_layer(word: str, proper: str, beside: str | None) -> Fault:
    """`beside` is in what it means another thing."""
    fault = layer_not_here(word, f"cnncalc calls it `{proper}`")
    return fault._replace(help=(*fault.help, beside)) if beside else fault


def layer_not_here(word: str, remedy: str) -> Fault:
    return Fault("unknown-layer", f"{shown(word)} is no layer here", (), (remedy,))


def one_name_to_join(word: str, proper: str, example: str) -> Fault:
    """A word for a join, of one volume."""
    remedy = f"`{proper}` joins two volumes or more, as in `{example}`"
    further = "to go on from an earlier layer, name it in the next one, as in `- relu: {from: conv1}`"
    return Fault("unknown-layer", f"{shown(word)} is no layer here", (), (remedy, further))


def name_for_layer(word: str, proper: str, inside: str) -> Fault:
    remedy = f"did you mean `{proper}`? its name stands inside, as in {shown(f'- {proper}: {{{inside}}}')}"
    return Fault("unknown-layer", f"{shown(word)} is no layer", (), (remedy,))


def name_of_layer(word: str, layer: str, written: str | None) -> Fault:
    """A name that stands in the place of a layer's type, and the type inside it."""
    remedy = f"write `{written}`" if written else f"write {shown(f'{layer}: {{name: {word}, …}}')}"
    return Fault("unknown-layer", f"{shown(word)} is no layer, and as a name it stands inside its layer", (), (remedy,))


def misspelt_layer(word: str, likely: str) -> Fault:
    return Fault("unknown-layer", f"{shown(word)} is no layer", (), (f"did you mean `{likely}`?",))


def unknown_layer(word: str, known: Sequence[str], line: int | None) -> Fault:
    """`line` says where the layers are listed already."""
    remedy = f"the layers are {either(known, 'and')}" if line is None else f"the layers are listed with line {line}"
    return Fault("unknown-layer", f"{shown(word)} is no layer", (), (remedy,))


def unknown_attribute(layer: str, word: str, remedy: str | None, known: Sequence[str]) -> Fault:
    message = f"`{layer}` has no attribute {shown(word)}"
    if remedy:
        return Fault("unknown-attribute", message, (), (remedy,))
    return Fault("unknown-attribute", message, (), _did_you_mean(word, known, f"attributes of `{layer}`", 0.7))


def missing_attribute(layer: str, missing: Sequence[str], example: str) -> Fault:
    return Fault(
        "missing-attribute",
        f"`{layer}` needs {either((f'`{word}`' for word in missing), 'and')}",
        (),
        (f"for example `{example}`",),
    )


def either_attribute(layer: str, first: str, second: str, both: bool) -> Fault:
    if both:
        message = f"`{layer}` takes `{first}` or `{second}`, and has both"
        return Fault("duplicate-key", message, (), ("keep one of them; `defaults` may give the other",))
    message = f"`{layer}` needs `{first}` or `{second}`"
    return Fault("missing-attribute", message, (), (f"for example `{layer}: 2`",))


def mode_of_other_rank(mode: str, rank: int, modes: Sequence[str]) -> Fault:
    return Fault(
        "bad-value",
        f"`{mode}` is no mode of upsampling {plural(rank, 'axis')}",
        (),
        (f"{either(modes)} is",),
        attribute="mode",
    )


def divides_by_zero(attribute: str) -> Fault:
    return Fault("bad-value", f"`{attribute}` cannot be 0, as x is divided by it", (), (), attribute=attribute)


def nearest_has_no_corners(mode: str) -> Fault:
    return Fault(
        "bad-value",
        "`align_corners` goes with a mode that interpolates, and `nearest` copies cells",
        (),
        (f"`mode: {mode}`, or leave `align_corners` away",),
        attribute="align_corners",
    )


def too_few_to_repeat(mode: str, axis: str, size: int, amount: int, most: int) -> Fault:
    return Fault(
        "padding-too-large",
        f"`{mode}` can repeat {plural(most, 'cell')} of the {axis} of {size}, and {amount} is more",
        ("the outermost is not repeated",) if mode == "reflect" else (),
        (f"an amount of at most {most}, or `mode: replicate`" if most else "`mode: replicate` repeats a single cell",),
        attribute="amount",
    )


def names_to_join(layer: str, names: Sequence[str]) -> Fault:
    """Names in the place of the layers of a branch."""
    message = f"a branch of `{layer}` is a list of layers, and {either(map(shown, names), 'and')} are names"
    return Fault("bad-branches", message, (), (f"write `{layer}: [{', '.join(names)}]`",))


def no_main_attribute(
    layer: str,
    attributes: Sequence[str],
    meant: str | None = None,
    *,
    chosen: Sequence[str] = (),
    counts_channels: bool = False,
    takes_no_number: bool = False,
) -> Fault:
    """`meant` is the mapping that the value was meant to be, with examples of those that are `chosen`."""
    if meant:
        remedy = f"write `{meant}`" + (f", or another {either(chosen, 'and')}" if chosen else "")
    elif counts_channels:
        remedy = f"write `- {layer}` alone: how many channels there are says the volume that comes in"
    elif takes_no_number:
        remedy = f"write `- {layer}` alone: it takes no number"
    elif attributes:
        remedy = f"name the attributes: `{layer}: {{{attributes[0]}: …}}`"
    else:
        remedy = f"write `- {layer}` alone: it has no attributes of its own"
    return Fault("no-main-attribute", f"`{layer}` does not take a bare value", (), (remedy,))


def indent_attributes(layer: str, keys: Sequence[str], written: str | None = None) -> Fault:
    """`written` is the layer with them inside it, where there is something inside it already."""
    listed = either((f"`{key}`" for key in keys), "and")
    more = f"write `{written}`" if written else f"write `{layer}: {{{keys[0]}: …}}`"
    return Fault(
        "indent-attributes",
        f"{listed} stand{'s' if len(keys) == 1 else ''} beside `{layer}`, not inside it",
        (),
        (more if written else f"indent {'it' if len(keys) == 1 else 'them'} by two more spaces, or {more}",),
    )


def indent_alike(layer: str, keys: Sequence[str], spaces: int) -> Fault:
    """Attributes that stand less deep than those before them, which stand so many spaces deeper."""
    whom = "it" if len(keys) == 1 else "them"
    remedy = f"indent {whom} by {plural(spaces, 'more space')}, like what stands inside `{layer}` already"
    return indent_attributes(layer, keys)._replace(help=(remedy,))


def repeat_of_layers() -> Fault:
    """`repeat: 3` and beside it the layers that it is to repeat."""
    return Fault(
        "several-layers-in-one",
        "`repeat` stands inside what it repeats, a layer or a block, not beside it",
        (),
        ("give the layers a name under `blocks`, as in `blocks: {unit: {layers: [relu]}}`, and call it with `repeat`, "
         "as in `unit: {repeat: 3}`",),
    )  # fmt: skip


def type_as_attribute(word: str, proper: str | None, more: bool) -> Fault:
    """`more` says whether there are attributes beside it."""
    message = f"a layer's type is its key, not an attribute `type` of {shown(word)}"
    remedy = (
        f"write {shown(f'- {proper}: {{…}}' if more else f'- {proper}')}"
        if proper
        else "write the type as the key, as in `- relu`"
    )
    return Fault("several-layers-in-one", message, (), (remedy,))


def several_layers(keys: Sequence[str]) -> Fault:
    return Fault(
        "several-layers-in-one",
        f"one item of `layers` holds {plural(len(keys), 'key')}: {either((shown(key) for key in keys), 'and')}",
        (),
        ("give each layer a line with its own `-`",),
    )


def given_twice(layer: str, attribute: str) -> Fault:
    message = f"`{layer}` has `{attribute}` and parts of it beside it"
    return Fault("duplicate-key", message, (), ("keep one of them",))


def comma_in_number(rest: str) -> Fault:
    return Fault(
        "plain-decimal",
        f"a comma ends the number before {shown(rest)}",
        (),
        ("write large numbers without commas, as in 1000",),
    )


def cut_call(call: str, key: str) -> Fault:
    """`key` is what stands before the call, with its colon, where something does."""
    return Fault(
        "cut-call",
        f"YAML cuts {shown(call)} at its comma, as brackets are around it",
        (),
        (f'write `{key}"{call}"`',),
    )


def missing_space(word: str, value: str) -> Fault:
    return Fault(
        "missing-space",
        f"a space is missing after the colon in {shown(f'{word}:{value}')}",
        (),
        (f"write `{word}: {value}`",),
    )


def bad_name(name: str, reason: str, likely: str = "") -> Fault:
    help = (f"write `{likely}`",) if likely else ()
    return Fault("bad-name", f"{shown(name)} cannot be a name: {reason}", (), help, attribute="name")


def name_taken(name: str, line: int) -> Fault:
    notes = (f"the layer on line {line} has it",)
    return Fault("name-taken", f"the name {shown(name)} is taken", notes, attribute="name")


def no_defaults(layer: str) -> Fault:
    return Fault("unknown-attribute", f"`{layer}` takes no defaults: its layers have their own")


def bad_branches(layer: str, given: str, example: str) -> Fault:
    return Fault("bad-branches", f"`{layer}` does not take {given}", (), (f"for example `{example}`",))


def bad_reference(given: str) -> Fault:
    return Fault(
        "bad-value",
        f"{shown(given)} is no path of a layer",
        (),
        ("name one layer, as in `from: conv1`, or several in a list, as in `from: [conv1, stage1.conv2]`",),
    )


def both_branches_and_names(layer: str) -> Fault:
    return Fault(
        "bad-branches",
        f"`{layer}` takes branches or a list of names, not both",
        (),
        ("name in `from` the one volume where the branches start, or leave them away",),
        attribute="from",
    )


def other_number_of_inputs(layer: str, names: Sequence[str], given: int, wanted: int) -> Fault:
    said = (
        f"{', '.join(f'`{name}`' for name in names)} {'are' if given > 1 else 'is'} {given}" if names else "it gets 1"
    )
    remedy = "`concat` or `add` makes one of several" if wanted == 1 else f"name {wanted} in `from`, in a list"
    return Fault(
        "wrong-inputs", f"`{layer}` reads {plural(wanted, 'volume')}, and {said}", (), (remedy,), attribute="from"
    )


def inputs_missing(block: str, inputs: Sequence[str]) -> Fault:
    example = f"- {block}: {{from: [{', '.join(['previous', *inputs[1:]])}]}}"
    return Fault(
        "wrong-inputs",
        f"`{block}` reads {plural(len(inputs), 'volume')}: {', '.join(f'`{name}`' for name in inputs)}",
        (),
        (f"name them in `from`, as in `{example}`",),
    )


def input_named_like(name: str, other: str) -> Fault:
    return Fault(
        "bad-name", f"{shown(name)} is an input of the block and {other} in it", (), ("give one of them another name",)
    )


def reference_to_itself(name: str) -> Fault:
    message = f"{shown(name)} is this layer itself"
    return Fault("unknown-reference", message, (), ("name one that stands before it",))


def reference_to_nothing(name: str) -> Fault:
    message = f"{shown(name)} has `repeat: 0`, so there is no such layer"
    return Fault("unknown-reference", message, (), ("name what stands before it",))


def reference_to_turns(name: str) -> Fault:
    message = f"{shown(name)} is not repeated, so it has no turns"
    return Fault("unknown-reference", message, (), (f"write `{name}`",))


def output_twice(name: str) -> Fault:
    return Fault("bad-value", f"the output {shown(name)} is there twice", (), ("leave one of them away",))


def bad_output(given: str, meant: str | None = None) -> Fault:
    return Fault(
        "bad-value",
        f"`outputs` is a list of names of layers, not {given}",
        (),
        (f"write `{meant}`" if meant else "for example `outputs: [conv1, stage2.conv3]`",),
    )


def output_of_no_layer(name: str, known: Sequence[str]) -> Fault:
    return Fault("unknown-reference", f"no layer is called {shown(name)}", (), _did_you_mean(name, known, "names"))


def unknown_output(name: str, known: Sequence[str]) -> Fault:
    return Fault("unknown-key", f"no output is called {shown(name)}", (), _did_you_mean(name, known, "outputs"))


def sizes_do_not_add_up(sizes: Sequence[int], channels: int) -> Fault:
    total = sum(sizes)
    last = sizes[-1] + channels - total
    remedy = f"`sizes: [{', '.join(map(str, (*sizes[:-1], last)))}]`" if last > 0 else f"sizes that make {channels:,}"
    return Fault(
        "groups-do-not-divide",
        f"the sizes make {total:,} channels, and {channels:,} come in",
        (f"{' + '.join(map(str, sizes[:_LISTED]))}{' + …' if len(sizes) > _LISTED else ''} = {total:,}",),
        (remedy,),
        attribute="sizes",
    )


def other_number_of_sizes(sizes: int, branches: int) -> Fault:
    return Fault(
        "bad-branches",
        f"{plural(sizes, 'size')} for {plural(branches, 'branch')}",
        (),
        ("give each branch one, in their order",),
        attribute="sizes",
    )


def shares_no_layer(name: str) -> Fault:
    message = f"{shown(name)} is neither a layer nor a block, so there are no weights to share"
    return Fault("cannot-share", message, (), ("name a layer or a block",), attribute="shares")


def shares_of_branches(layer: str) -> Fault:
    return Fault(
        "cannot-share",
        f"`{layer}` has no weights of its own to share",
        (),
        ("say `shares` at the layers in its branches, or make a block of it and share that",),
        attribute="shares",
    )


def shares_other_turns(name: str, owners: int, turns: int) -> Fault:
    return Fault(
        "cannot-share",
        f"{shown(name)} stands there {owners} times, and this {turns} {'times' if turns != 1 else 'time'}",
        ("each turn has the weights of the turn of its number",),
        (f"`repeat: {owners}`, or name one of its turns, as in `shares: {name}_1`",),
        attribute="shares",
    )


def shares_other_layers(layers: int, owners: int) -> Fault:
    return Fault(
        "cannot-share",
        f"it has {plural(layers, 'layer')}, and the one whose weights it is to have {owners}",
        ("weights are shared layer by layer",),
        ("share the weights of single layers",),
        attribute="shares",
    )


def shares_unlike(layer: str, owner: str, word: str, one: object, other: object) -> Fault:
    return Fault(
        "cannot-share",
        f"`{layer}` cannot have the weights of `{owner}`",
        (f"{word}: {one} here, {other} there",),
        ("make them alike, or leave `shares` away",),
        attribute="shares",
    )


def unknown_reference(name: str, known: Sequence[str]) -> Fault:
    remedy = _did_you_mean(name, known, "names")
    return Fault("unknown-reference", f"no layer before this one is called {shown(name)}", (), remedy)


def reference_to_later(name: str) -> Fault:
    message = f"{shown(name)} comes later: references go backwards only"
    return Fault("unknown-reference", message, (), ("join where both volumes exist already",))


def reference_to_training(name: str) -> Fault:
    message = f"{shown(name)} belongs to a head that only training runs, so nothing else can read it"
    return Fault(
        "unknown-reference", message, (), ("leave `training: true` away, or put the layer outside of the head",)
    )


def reference_out_of_block(name: str) -> Fault:
    message = f"{shown(name)} stands outside of this block, which sees its own layers only"
    return Fault(
        "unknown-reference", message, (), ("join outside, or take `input`, the volume that comes into the block",)
    )


def misaligned(layer: str, names: Sequence[str], evidence: Sequence[tuple[str, tuple[str, int] | None]]) -> Fault:
    """`evidence` has the jump of each branch, and where its first fields are centred, with how many these are."""
    notes = [
        f"`{name}`: its cells lie {jump} apart" + (f", {_centred(*centre)}" if centre else "")
        for name, (jump, centre) in zip(names, evidence, strict=False)
    ]
    message = f"the branches of `{layer}` do not lie over the same cells of the input"
    return Fault("misaligned", message, tuple(notes[:_LISTED]), severity=NOTE)


def _centred(middle: str, fields: int) -> str:
    whose = "its first field is centred" if fields == 1 else f"its first {fields} fields are centred, on average,"
    if middle == "0":
        return f"{whose} on the input's first cell"
    side = "before" if middle.startswith("-") else "after"
    distance = middle.removeprefix("-")
    return f"{whose} {distance} {'cell' if distance == '1' else 'cells'} {side} the input's first"


# Blocks, parameters, extends


def block_shadows(name: str) -> Fault:
    return Fault(
        "bad-block", f"a block cannot be called {shown(name)}: that is a layer type", (), ("give it another name",)
    )


def block_with_arguments(name: str, word: str, arguments: str) -> Fault:
    """`unit(filters)` as the name of a block."""
    parameters = [each.partition("=")[0].strip() for each in arguments.rstrip(") ").split(",")]
    example = f"parameters: {{{', '.join(f'{each}: required' for each in parameters if each)}}}"
    remedy = f"write `{word}:`, and its parameters inside it, as in {shown(example)}"
    return Fault("bad-name", f"{shown(name)} cannot be the name of a block", (), (remedy,))


def block_without_layers(name: str) -> Fault:
    return Fault(
        "missing-key", f"the block `{name}` has no `layers`", (), (f"for example `{name}: {{layers: [relu]}}`",)
    )


def block_calls_itself(cycle: Sequence[str]) -> Fault:
    shown = (*cycle[:_LISTED], "…", cycle[-1]) if len(cycle) > _LISTED else cycle
    return Fault(
        "block-calls-itself",
        f"the block `{cycle[0]}` calls itself",
        (" → ".join(shown),),
        ("blocks cannot recurse; use `repeat`",),
    )


def unknown_parameter(block: str, word: str, known: Collection[str]) -> Fault:
    if word.lower() in ("repeats", "repetitions", "times", "num_repeats"):
        remedy = ("did you mean `repeat`?",)
        return Fault("unknown-parameter", f"the block `{block}` has no parameter {shown(word)}", (), remedy)
    if not known:
        return Fault(
            "unknown-parameter", f"the block `{block}` has no parameters, so {shown(word)} means nothing to it"
        )
    return Fault(
        "unknown-parameter",
        f"the block `{block}` has no parameter {shown(word)}",
        (),
        _did_you_mean(word, known, "parameters"),
    )


def missing_parameter(block: str, missing: Sequence[str], line: int) -> Fault:
    return Fault(
        "missing-parameter",
        f"the block `{block}` needs {either((f'`{word}`' for word in missing), 'and')}",
        (f"it is described on line {line}",),
        (f"write `{block}: {{{missing[0]}: …}}`",),
    )


def bad_parameter_name(name: str, reason: str) -> Fault:
    return Fault("bad-name", f"{shown(name)} cannot name a parameter: {reason}")


def unused_layer(path: str, layers: int, params: int, macs: int) -> Fault:
    way = f", nor anything of the {layers:,} layers that lead to it" if layers > 1 else ""
    return Fault(
        "unused",
        f"nothing reads `{path}`{way}, and it is no output",
        (f"{params:,} parameters and {macs:,} macs are counted with the others",),
        ("name it in `outputs`, or leave it away",),
        NOTE,
    )


def first_of_turns(path: str, turns: int) -> str:
    """How the last turn of a repeated item is named, of which the first one is read."""
    return f"`{path}` is the first of {turns} turns: a `name` of the repeated item stands for the last"


def unused_definition(kind: str, name: str) -> Fault:
    return Fault("unused", f"nothing uses the {kind} {shown(name)}", (), ("leave it away, or use it",), NOTE)


def unused_default(type: str, attribute: str, added: bool) -> Fault:
    """Nothing takes it; `added` where the file extends another, whose layers were meant to."""
    message = f"no layer takes the default `{attribute}` of `{type}`"
    note = f"every `{type}` says its own, or there is none"
    return Fault("unused", message, (note,), ("leave it away",), WARNING if added else NOTE)


def unused_addition(kind: str, name: str, known: Collection[str]) -> Fault:
    """What a file adds to the one that it extends, and nothing uses; `known` are the other's own."""
    likely = closest(name, known)
    return Fault(
        "unused",
        f"nothing uses {shown(name)}, and the file that is extended has no such {kind}",
        (),
        (f"did you mean `{likely}`?" if likely else "leave it away, or use it",),
        WARNING,
    )


def cannot_extend(target: str, reason: str, likely: str | None = None) -> Fault:
    help = (f"did you mean `{likely}`?" if likely else "name a file beside this one, or a bundled specification",)
    return Fault("cannot-extend", f"{shown(target)} cannot be extended: {reason}", (), help)


def extends_no_specification(target: str) -> Fault:
    help = ("a specification has keys like `input`, `layers` or `parameters`, each at the start of a line",)
    return Fault("cannot-extend", f"{shown(target)} cannot be extended: it is no specification", (), help)


# Matrices


def not_a_number(word: str) -> Fault:
    message = f"{shown(word)} is no number" if word else "a number is missing"
    help = (
        "write rows without brackets: `1 0; 0 1`" if "[" in word or "]" in word else "a number is like -1, 0.5 or 1/3"
    )
    return Fault("bad-value", message, (), (help,))


def semicolon_within_line() -> Fault:
    help = ("between numbers write spaces or commas",)
    return Fault("bad-value", "where each row has a line, `;` can only end it", (), help)


def ragged_row(number: int, count: int, usual: int) -> Fault:
    """A row of another length than most."""
    message = f"row {number:,} has {plural(count, 'number')}, where the others have {usual:,}"
    return Fault("ragged-row", message, (), ("a matrix has as many numbers in each row",))


def no_numbers() -> Fault:
    return Fault("bad-value", "there are no numbers", (), ("write a matrix like `1 1 0; 0 1 1`",))


def matrix_too_large(most: int) -> Fault:
    return Fault("too-large", f"that is more than {most:,} numbers, the limit of a matrix")


def fractions_too_unlike(digits: int) -> Fault:
    """The numbers of a matrix have no common denominator of so many digits."""
    message = f"these fractions have no common denominator of up to {digits} digits"
    return Fault("too-large", message, (), ("round them to decimals",))


def too_many_products(count: int, most: int) -> Fault:
    return Fault("too-large", f"that takes {count:,} products, more than the limit of {most:,}")


def window_of_padding(row: int, column: int) -> Fault:
    """A window that has no maximum."""
    message = f"the window at row {row:,}, column {column:,} lies in the padding alone, and so has no maximum"
    return Fault("padding-too-large", message, attribute="padding")


# The file as a whole


def foreign_key(word: str, proper: str) -> Fault:
    return Fault("unknown-key", f"{shown(word)} is no key of a specification", (), (f"cnncalc calls it `{proper}`",))


def keys_inside(word: str) -> Fault:
    message = f"{shown(word)} is no key of a specification"
    return Fault("unknown-key", message, (), ("leave it away, and put the keys inside it at the start of a line",))


def layer_as_key(word: str) -> Fault:
    """A layer that stands where the file's keys do."""
    remedy = f"{shown(word)} is a layer: write `- ` before it, and indent it like the items of `layers`"
    return Fault("unknown-key", f"{shown(word)} is no key of a specification", (), (remedy,))


def misspelt_key(word: str, proper: str, owner: str) -> Fault:
    return Fault("unknown-key", f"{shown(word)} is no key of a {owner}", (), (f"did you mean `{proper}`?",))


def unknown_key(word: str, known: Sequence[str], owner: str = "specification") -> Fault:
    return Fault("unknown-key", f"{shown(word)} is no key of a {owner}", (), _did_you_mean(word, known, "keys"))


def missing_key(key: str, example: str) -> Fault:
    return Fault("missing-key", f"the file has no `{key}`", (), (f"for example `{example}`",))


def wrong_shape(what: str, wanted: str, given: str, help: tuple[str, ...] = ()) -> Fault:
    return Fault("bad-value", f"{what} is {wanted}, not {given}", (), help)


def bad_extents(attribute: str, given: Sequence[str], meant: str | None, lacks_channels: bool) -> Fault:
    """A mapping that has not the extents of a volume; `meant` is one that has."""
    names = either(map(shown, given), "and") if given else "nothing"
    if meant and lacks_channels:
        message = f"`{attribute}` says {names}, and not how many channels there are"
        return Fault("bad-value", message, (), (f"write the channels too, as in `{attribute}: {meant}`",))
    message = f"`{attribute}` names its `channels` and its axes, not {names}"
    remedy = f"write `{meant}`" if meant else f"for example `{attribute}: {{channels: 3, height: 224, width: 224}}`"
    note = "one axis is `length`; two are `height` and `width`, three have `depth` too"
    return Fault("bad-value", message, () if meant else (note,), (remedy,))


def bad_volume(what: str, text: str, meant: str | None = None) -> Fault:
    return Fault(
        "bad-volume",
        f"{what} is a volume, not {shown(text)}",
        (),
        (f"write `{meant}`",)
        if meant
        else ("write height x width x channels, like 224x224x3, or a list with the channels first, [3, 224, 224]",),
    )


def duplicate_key(key: str, first: int, second: int) -> Fault:
    return Fault(
        "duplicate-key",
        f"the key {shown(key)} stands twice, on lines {first} and {second}"
        if first != second
        else f"the key {shown(key)} stands twice on line {first}",
        (),
        ("keep one of them",),
    )


def not_plain_yaml(what: str, instead: str) -> Fault:
    return Fault("not-plain-yaml", f"{what} are not part of the language", (), (instead,))


def key_is_no_word() -> Fault:
    return Fault("bad-key", "a key is a plain word, not a list or a mapping")


def bad_yaml(problem: str, help: tuple[str, ...] = ()) -> Fault:
    return Fault("yaml-syntax", problem, (), help)


def missing_colon(word: str, value: str, help: tuple[str, ...] = ()) -> Fault:
    remedy = f"write {shown(f'{word}: {value}'.strip())}"
    return bad_yaml(f"a `:` is missing after {shown(word)}", (remedy, *help))


def missing_space_after_dash(item: str) -> Fault:
    return bad_yaml("a space is missing after `-`", (f"write {shown(f'- {item[1:]}')}",))


def tab_indentation() -> Fault:
    return Fault("tab-indentation", "a tab stands in the indentation", (), ("YAML indents with spaces only",))


def not_utf8(detail: str) -> Fault:
    return Fault("not-utf8", f"the file is not UTF-8 text: {detail}", (), ("save it as UTF-8",))


def empty_file() -> Fault:
    return Fault("empty-file", "the file is empty", (), ("a network starts with `input: 224x224x3` and `layers:`",))


def no_mapping(given: str) -> Fault:
    return Fault(
        "not-a-mapping",
        f"the file is {given}, not a mapping",
        (),
        ("a network starts with `input: 224x224x3` and `layers:`",),
    )


def too_large(limit: int, extends: bool) -> Fault:
    what = "the file and what it extends have" if extends else "the file has"
    return Fault("too-large", f"{what} more than the limit of {limit:,} bytes", (), ("`--max-bytes` raises it",))


def too_deep(limit: int) -> Fault:
    return Fault(
        "too-deep", f"the nesting is deeper than the limit of {limit} levels", (), ("`--max-depth` raises it",)
    )


def too_many_layers(limit: int) -> Fault:
    return Fault(
        "too-many-layers", f"the network has more than the limit of {limit:,} layers", (), ("`--max-layers` raises it",)
    )


def too_much_work(limit: int) -> Fault:
    return Fault(
        "too-much-work",
        f"the expressions, the calls of blocks and the layers' paths take more than the limit of {limit:,} steps",
        (),
        ("`--max-layers` raises it",),
    )


def too_many_parameters(owner: str, limit: int) -> Fault:
    return Fault("too-many-parameters", f"{owner} has more than the limit of {limit} parameters")


def volume_too_large(volume: str, elements: int, limit: int) -> Fault:
    return Fault(
        "count-too-large",
        f"a volume of {shown(volume)} holds {elements:,} numbers, over the limit of {limit:,} for one count",
        (),
        ("`--max-count` raises it",),
    )


def too_many_findings(limit: int, severity: str = ERROR) -> Fault:
    message = f"there is more to say than the limit of {limit:,} findings, and it is left out"
    return Fault("too-many-findings", message, (), ("mend what has been found first",), severity, strict=True)


def total_too_large(key: str, total: int, limit: int) -> Fault:
    return Fault(
        "count-too-large",
        f"{key} come to {total:,}, over the limit of {limit:,} for one count",
        (),
        ("`--max-count` raises it",),
    )


# Exports


def cannot_export(target: str, what: str, help: str | None = None, attribute: str | None = None) -> Fault:
    """`what` is written to follow "has no"."""
    return Fault("cannot-export", f"{target} has no {what}", (), (help,) if help else (), attribute=attribute)


def exported_as(target: str, what: str, instead: str, attribute: str | None = None) -> Fault:
    """What a target has no word for, and what stands there in its place."""
    message = f"{target} has no {what}: what is written is {instead}"
    return Fault("exported-as", message, severity=NOTE, attribute=attribute)


def left_out(target: str, what: str) -> Fault:
    return Fault("left-out", f"{target} has nothing for {what}: it is left out", severity=NOTE)
