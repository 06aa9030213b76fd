"""Panels as one SVG picture: horizontal bars, each with its target as a tick.

It has a ground of its own in light and in dark, so that it can be read on either.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, floor, log10
from textwrap import wrap
from typing import Final

from bench.panel import Bar, Panel

_WIDTH: Final = 960
_MARGIN: Final = 24
_LETTER: Final = 6.7  # width of one at 13 px, on average
_ROW: Final = 22
_BAR: Final = 12
_NARROWEST: Final = 400  # room of the bars
_LABEL: Final = 190  # for value and target, right of the bars
_LINE: Final = 18
_NOTE_LETTERS: Final = 135
_HIGHEST: Final = 2.0  # times the target, where values stand for themselves
_STYLE: Final = """
text { font: 13px system-ui, "Segoe UI", Helvetica, Arial, sans-serif; fill: #1b2733 }
.title { font-size: 17px; font-weight: 600 }
.soft { fill: #566675; font-size: 12px }
.ground { fill: #ffffff }
.grid { stroke: #d6dde3 }
.tick { stroke: #1b2733; stroke-width: 2 }
.yes { fill: #1f7a8c }
.no { fill: #c8434f }
@media (prefers-color-scheme: dark) {
text { fill: #e8edf2 }
.soft { fill: #a3b1be }
.ground { fill: #14191f }
.grid { stroke: #33404c }
.tick { stroke: #e8edf2 }
.yes { fill: #4fb3c8 }
.no { fill: #ff7b89 }
}
"""


@dataclass(frozen=True, slots=True)
class _Scale:
    """Where bars begin and end, and the lines behind them with their labels."""

    start: float
    place: Callable[[float, float], float]
    grid: tuple[tuple[float, str], ...]


def picture(panels: Sequence[Panel]) -> str:
    """Return the panels below each other."""
    left = (
        _MARGIN
        + 12
        + _LETTER * max(len(bar.name) for panel in panels for bar in panel.bars)
    )
    right = max(_WIDTH - _MARGIN - _LABEL, left + _NARROWEST)
    width = ceil(right + _LABEL + _MARGIN)
    body: list[str] = []
    top = float(_MARGIN)
    for panel in panels:
        body += _panel(panel, left, right, top)
        top += _height(panel) + _MARGIN
    ground = '<rect class="ground" width="100%" height="100%" rx="8"/>'
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {top:.0f}"'
            f' width="{width}" height="{top:.0f}" role="img">',
            f"<title>{escape('; '.join(panel.title for panel in panels))}</title>",
            f"<style>{_STYLE}</style>",
            ground,
            *body,
            "</svg>\n",
        ]
    )


def _height(panel: Panel) -> float:
    notes = len(list(_notes(panel)))
    return 3 * _LINE + len(panel.bars) * _ROW + notes * _LINE + 8


def _panel(panel: Panel, left: float, right: float, top: float) -> Iterator[str]:
    scale = _logarithmic(panel, left, right) if panel.against else _linear(left, right)
    yield _text(_MARGIN, top + 14, panel.title, "title")
    yield from _legend(right, top + 12)
    first = top + 3 * _LINE
    last = first + len(panel.bars) * _ROW
    for place, label in scale.grid:
        yield _line(place, first - 4, last, "grid")
        yield _text(place, first - 9, label, "soft", "middle")
    for number, bar in enumerate(panel.bars):
        yield from _bar(bar, scale, left, right, first + number * _ROW)
    for number, note in enumerate(_notes(panel), 1):
        yield _text(_MARGIN, last + number * _LINE + 4, note, "soft")


def _bar(
    bar: Bar, scale: _Scale, left: float, right: float, top: float
) -> Iterator[str]:
    middle = top + _ROW / 2
    baseline = middle + 4.5
    yield _text(left - 10, baseline, bar.name, "", "end")
    if bar.value:
        end = scale.place(bar.value, bar.target)
        begin, length = min(scale.start, end), max(1.5, abs(end - scale.start))
        kind = "yes" if bar.reached else "no"
        yield (
            f'<rect class="{kind}" x="{begin:.1f}" y="{middle - _BAR / 2:.1f}"'
            f' width="{length:.1f}" height="{_BAR}" rx="2"/>'
        )
    tick = scale.place(bar.target, bar.target)
    yield _line(tick, middle - _BAR / 2 - 3, middle + _BAR / 2 + 3, "tick")
    missed = ", missed" if bar.reached is False else ""
    yield _text(right + 12, baseline, f"{bar.value_text}{missed}", "")
    yield _text(right + _LABEL, baseline, bar.target_text, "soft", "end")


def _logarithmic(panel: Panel, left: float, right: float) -> _Scale:
    """Return a scale of ratios, by powers of ten."""
    known = [each for bar in panel.bars for each in (bar.value, bar.target) if each]
    low = min(0, *(floor(log10(each)) for each in known))
    high = max(1, *(ceil(log10(each)) for each in known))

    def at(power: float) -> float:
        return left + (power - low) / (high - low) * (right - left)

    grid = tuple((at(power), f"{10.0**power:g} x") for power in range(low, high + 1))
    return _Scale(at(0), lambda value, _target: at(log10(value)), grid)


def _linear(left: float, right: float) -> _Scale:
    """Return a scale of shares of the target, which lies in the middle."""

    def place(value: float, target: float) -> float:
        return left + min(value / target, _HIGHEST) / _HIGHEST * (right - left)

    grid = ((left, "0"), (place(1, 1), "target"), (right, "twice"))
    return _Scale(left, place, grid)


def _legend(right: float, baseline: float) -> Iterator[str]:
    left = right - 130
    yield _line(left, baseline - 12, baseline + 3, "tick")
    yield _text(left + 8, baseline, "target", "soft")
    for place, kind, word in (
        (left + 65, "yes", "reached"),
        (left + 145, "no", "missed"),
    ):
        yield (
            f'<rect class="{kind}" x="{place:.1f}" y="{baseline - 9:.1f}" width="10"'
            ' height="10" rx="2"/>'
        )
        yield _text(place + 15, baseline, word, "soft")


def _notes(panel: Panel) -> Iterator[str]:
    for note in panel.notes:
        yield from wrap(note, _NOTE_LETTERS)


def _line(place: float, top: float, bottom: float, kind: str) -> str:
    return (
        f'<line class="{kind}" x1="{place:.1f}" x2="{place:.1f}" y1="{top:.1f}"'
        f' y2="{bottom:.1f}"/>'
    )


def _text(x: float, y: float, words: str, kind: str, anchor: str = "start") -> str:
    return (
        f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">'
        f"{escape(words)}</text>"
    )
