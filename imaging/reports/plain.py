"""A report as plain text: a line for each content item, indented by its depth."""

from collections.abc import Iterable, Iterator
from typing import Final

from imaging.reports.document import Item, Piece, Report

_INDENT: Final = "  "
_CUT: Final = "The report is longer than what is shown here: retrieve the instance."


def plain(report: Report, address: str) -> str:
    """Return the text of a report; parameters as of `imaging.reports.html`."""
    facts = [f"{label}: {value}" for label, value in report.facts]
    lines = [report.title, "", *facts, "", *_lines(report.items, "", address)]
    if report.is_cut:
        lines += ["", _CUT]
    return "\n".join(lines) + "\n"


def _lines(items: Iterable[Item], indent: str, address: str) -> Iterator[str]:
    for item in items:
        told = " ".join(_piece(each, address) for each in item.value)
        name = item.name or ("Section" if item.is_container else "")
        how = f"{item.how}: " if item.how else ""
        line = how + ": ".join(filter(None, (name, told)))
        yield indent + line.replace("\n", f"\n{indent}{_INDENT}")
        yield from _lines(item.items, indent + _INDENT, address)


def _piece(piece: Piece, address: str) -> str:
    text = f"[{piece.text}]" if piece.is_note else piece.text
    if piece.link and not piece.link.startswith("#"):
        return f"{text} <{address}{piece.link}>"
    return text
