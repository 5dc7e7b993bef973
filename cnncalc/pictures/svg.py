"""A `Drawing` as SVG, in one piece: no style, script or font from elsewhere, and the same bytes for the same drawing.

What has a look says so in attributes, which every program that draws SVG knows. Only the colours of
text and paper in the light and in the dark are a style.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final
from zlib import crc32

from cnncalc.pictures.drawing import (
    COLOURS,
    START,
    Drawing,
    Group,
    Label,
    Line,
    Mark,
    Number,
    Point,
    Polygon,
    Rectangle,
)
from cnncalc.render.plain import printable

_LIGHT, _DARK = "color:#1f2328;background:#fff", "color:#e6edf3;background:#0d1117"
_HEAD: Final = (6, 3)
"""An arrow's head: its length, and half its width."""


def svg(drawing: Drawing, inline: bool = False, name: str = "") -> str:
    """The drawing as SVG; `inline` for within a page of HTML, whose colours of text and paper it then has.

    `name` tells it from the same drawing elsewhere on the page: a hatch that is hidden there would be none here.
    """
    parts = list(_marks(drawing.marks))
    own = f"c{crc32(''.join(parts).encode()):08x}{name}"  # no other picture on the page has its names
    hatched = any(isinstance(mark, Polygon | Rectangle) and mark.hatched for mark in drawing.flat())
    width, height = number(drawing.width), number(drawing.height)
    return "".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" class="{own}" role="img" width="{width}" height="{height}" ',
            # A line of one pixel along the axes then covers whole pixels, also where it is drawn twice.
            f'viewBox="-.5 -.5 {width} {height}" font-family="system-ui, sans-serif" font-size="10" ',
            'fill="currentColor" stroke-linejoin="round">\n',
            f"<title>{escaped(drawing.title)}</title>\n<desc>{escaped(drawing.says)}</desc>\n",
            ""
            if inline
            else f"<style>.{own}{{{_LIGHT}}}@media(prefers-color-scheme:dark){{.{own}{{{_DARK}}}}}</style>\n",
            _hatch(own) if hatched else "",
            *[part.replace(_HATCH, f"#{own}-hatch") if _HATCH in part else part for part in parts],
            "</svg>\n",
        ]
    )


_HATCH: Final = "#\ue000"  # for the name of the hatch, until it is known: a character that no escaped text has


def _hatch(own: str) -> str:
    return (
        f'<pattern id="{own}-hatch" width="6" height="6" patternUnits="userSpaceOnUse">'
        '<path d="M-1 1L1 -1M0 6L6 0M5 7L7 5" fill="none" stroke="currentColor" stroke-opacity=".4"/></pattern>\n'
    )


def number(exact: Number) -> str:
    """To a hundredth of a pixel, without zeros that say nothing."""
    hundredths = (200 * exact + 1) // 2
    sign, (whole, rest) = "-" if hundredths < 0 else "", divmod(abs(hundredths), 100)
    return f"{sign}{whole}.{rest:02}".rstrip("0").rstrip(".")


def escaped(text: str) -> str:
    """Any text as XML holds it in every encoding; what no reader of XML takes, or what would hide, as an escape."""
    return printable(text).translate(_ESCAPES).encode("ascii", "xmlcharrefreplace").decode()


def _escaped_lines(text: str) -> str:
    return "\n".join(map(escaped, text.split("\n")))


_ESCAPES: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"})


def _marks(marks: Sequence[Mark]) -> Iterator[str]:
    """Each mark on a line of its own. Groups are as deep as the blocks of a file, whose nesting is bounded."""
    for mark in marks:
        if isinstance(mark, Group):
            path = f' data-path="{escaped(mark.path)}"' if mark.path else ""
            title = f"<title>{_escaped_lines(mark.says)}</title>" if mark.says else ""
            yield f"<g{path}>{title}\n"
            yield from _marks(mark.marks)
            yield "</g>\n"
        else:
            yield _PRINTED[type(mark)](mark)


def _points(points: Sequence[Point]) -> str:
    return " ".join(f"{number(x)},{number(y)}" for x, y in points)


def _look(mark: Polygon | Rectangle) -> str:
    """The attributes of a shape's face and outline."""
    code = "none" if mark.fill is None else COLOURS[mark.fill].code
    face = f' fill="{code}"' + (f' fill-opacity=".{mark.shade:02}"' if code != "none" and mark.shade < 100 else "")
    if not mark.weight:
        return face
    weight = f' stroke-width="{number(mark.weight)}"' if mark.weight != 1 else ""
    return f'{face} stroke="currentColor"{weight}'


def _twice(mark: Polygon | Rectangle, element: str) -> str:
    """The element with the mark's look, and where it is hatched once more with that."""
    shape = f"<{element}{_look(mark)}/>\n"
    return f'{shape}<{element} fill="url({_HATCH})"/>\n' if mark.hatched else shape


def _polygon(mark: Polygon) -> str:
    return _twice(mark, f'polygon points="{_points(mark.points)}"')


def _rectangle(mark: Rectangle) -> str:
    place = (
        f'x="{number(mark.left)}" y="{number(mark.top)}" width="{number(mark.width)}" height="{number(mark.height)}"'
    )
    radius = f' rx="{number(mark.radius)}"' if mark.radius else ""
    return _twice(mark, f"rect {place}{radius}")


def _line(mark: Line) -> str:
    look = 'fill="none" stroke="currentColor"'
    look += f' stroke-width="{number(mark.weight)}"' if mark.weight != 1 else ""
    look += ' stroke-opacity=".5"' if mark.faint else ""
    look += ' stroke-dasharray="3 3"' if mark.dashed else ""
    head = f'<polygon points="{_points(_head(mark.points))}"/>\n' if mark.arrow else ""
    if mark.radius and len(mark.points) > 2:
        return f'<path d="{_rounded(mark.points, mark.radius)}" {look}/>\n{head}'
    return f'<polyline points="{_points(mark.points)}" {look}/>\n{head}'


def _toward(here: Point, there: Point) -> tuple[int, int]:
    """The direction of one axis from a point to another."""
    (x, y), (to_x, to_y) = here, there
    return (to_x > x) - (to_x < x), (to_y > y) - (to_y < y)


def _length(here: Point, there: Point) -> Number:
    """How far it is from a point to another along an axis."""
    length = here[0] - there[0] + here[1] - there[1]
    return -length if length < 0 else length


def _head(points: Sequence[Point]) -> Sequence[Point]:
    length, half = _HEAD
    (x, y), (back_x, back_y) = points[-1], _toward(points[-1], points[-2])
    base_x, base_y = x + length * back_x, y + length * back_y
    return (x, y), (base_x + half * back_y, base_y + half * back_x), (base_x - half * back_y, base_y - half * back_x)


def _rounded(points: Sequence[Point], radius: Number) -> str:
    """A path through the points with round corners, smaller ones where the next corner is near."""
    parts = [f"M{_points(points[:1])}"]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        room = min(radius, _length(corner, before) // 2, _length(corner, after) // 2)
        toward = _toward(corner, before), _toward(corner, after)
        ends = [(corner[0] + room * x, corner[1] + room * y) for x, y in toward]
        parts.append(f"L{_points(ends[:1])}Q{_points([corner, ends[1]])}")
    return "".join(parts) + f"L{_points(points[-1:])}"


def _label(mark: Label) -> str:
    look = f' font-size="{mark.size}"' if mark.size != 10 else ""
    look += ' font-weight="bold"' if mark.bold else ""
    look += f' text-anchor="{mark.anchor}"' if mark.anchor != START else ""
    look += ' fill-opacity=".7"' if mark.faint else ""
    return f'<text x="{number(mark.x)}" y="{number(mark.y)}"{look}>{escaped(mark.text)}</text>\n'


_PRINTED: Final[dict[type, Callable[[Any], str]]] = {
    Polygon: _polygon,
    Rectangle: _rectangle,
    Line: _line,
    Label: _label,
}
