"""``python -m bench.chart``: the figures of runs as a picture, or as tables.

Reads the JSON of `bench`, `bench.growth` and `bench.memory`, one panel for each file.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from bench.panel import Bar, Panel, read_panel
from bench.svg import picture


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the picture to the last path, or print the tables."""
    parser = _parser()
    given = parser.parse_args(arguments)
    if given.markdown:
        print("\n".join(markdown(read_panel(path)) for path in given.files), end="")
        return 0
    *figures, chart = given.files
    if not figures:
        parser.error("name the JSON of a run, and then the picture")
    chart.write_text(picture([read_panel(path) for path in figures]), encoding="utf-8")
    return 0


def markdown(panel: Panel) -> str:
    """Return a panel as a Markdown table, its notes below."""
    head = ["row", *panel.columns, "ratio" if panel.against else "value", "target", ""]
    rule = ["---", *("---:" for _ in head[1:-1]), "---"]
    lines = [head, rule, *(_cells(bar) for bar in panel.bars)]
    text = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    return f"{text}\n\n{' '.join(panel.notes)}\n"


def _cells(bar: Bar) -> list[str]:
    word = {True: "reached", False: "**missed**", None: "no figure"}[bar.reached]
    name = bar.name.replace("*", r"\*")
    value = bar.value_text if bar.value is not None else "-"
    return [name, *bar.cells, value, bar.target_text, word]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.chart", description=__doc__)
    add = parser.add_argument
    add("files", type=Path, nargs="+",
        help="JSON of one run or several, and then the SVG file to write")  # fmt: skip
    add("--markdown", action="store_true", help="print tables instead")
    return parser


if __name__ == "__main__":
    sys.exit(main())
