"""A report as HTML that is well-formed XML, too: one text for both media types.

No script, no picture, nothing of another address: headings for containers, lists for
what they hold, and links to the rendered form of what the report refers to.
"""

from collections.abc import Callable, Iterable
from html import escape
from typing import Final

from imaging.reports.document import Item, Piece, Report

STYLE: Final = (
    ":root{color-scheme:light dark}"
    "body{font:1rem/1.5 system-ui,sans-serif;max-width:48rem;margin:2rem auto;"
    "padding:0 1rem}"
    "dl{display:grid;grid-template-columns:max-content 1fr;gap:0 1rem}"
    "dd{margin:0}dt,.how,.note{opacity:.75}.note{font-size:.875em}"
    "ul{padding-left:1.25rem}.value{white-space:pre-wrap;overflow-wrap:anywhere}"
    "h1{font-size:1.5rem}h2{font-size:1.25rem}h3,h4,h5,h6{font-size:1rem}"
)
"""The only style of the page; a policy may name it by its hash."""

_DEEPEST_HEADING: Final = 6
_CUT: Final = "The report is longer than what is shown here: retrieve the instance."

Write = Callable[[str], None]


def html(report: Report, address: str) -> str:
    """Return the page of a report.

    Parameters
    ----------
    address
        Of the service, for links.
    """
    pieces: list[str] = []
    write = pieces.append
    title = escape(report.title)
    write(
        '<!DOCTYPE html>\n<html xmlns="http://www.w3.org/1999/xhtml" lang="en">\n<head>'
        f'<meta charset="utf-8"/><title>{title}</title>'
        '<meta name="viewport" content="width=device-width"/>'
        f"<style>{STYLE}</style></head>\n<body><main>"
        f'<h1 id="1"><bdi>{title}</bdi></h1>\n<dl>\n'
    )
    for label, value in report.facts:
        write(f"<dt>{label}</dt><dd><bdi>{escape(value)}</bdi></dd>\n")
    write("</dl>\n")
    _items(report.items, 2, address, write)
    if report.is_cut:
        write(f'<p role="note">{_CUT}</p>\n')
    write("</main></body>\n</html>\n")
    return "".join(pieces)


def _items(items: Iterable[Item], level: int, address: str, write: Write) -> None:
    """Write containers as sections, and what lies between them as lists."""
    is_list = False
    for item in items:
        if item.is_container == is_list:
            write("</ul>\n" if is_list else "<ul>\n")
            is_list = not is_list
        if item.is_container:
            _section(item, level, address, write)
        else:
            write(f'<li id="{item.number}">')
            _told(item, address, write)
            _items(item.items, level, address, write)
            write("</li>\n")
    if is_list:
        write("</ul>\n")


def _section(item: Item, level: int, address: str, write: Write) -> None:
    heading = f"h{min(level, _DEEPEST_HEADING)}"
    write(f'<section id="{item.number}"><{heading}>')
    _told(item, address, write)
    write(f"</{heading}>\n")
    _items(item.items, level + 1, address, write)
    write("</section>\n")


def _told(item: Item, address: str, write: Write) -> None:
    if item.how:
        write(f'<span class="how">{item.how}: </span>')
    name = item.name or ("Section" if item.is_container else "")
    if name:
        write(f"<bdi>{escape(name)}</bdi>")
    if item.value:
        write(": " if name else "")
        write(" ".join(_piece(each, address) for each in item.value))


def _piece(piece: Piece, address: str) -> str:
    text = f"<bdi>{escape(piece.text)}</bdi>"
    if piece.link:
        target = piece.link if piece.link.startswith("#") else address + piece.link
        return f'<a href="{escape(target)}">{text}</a>'
    return f'<span class="{"note" if piece.is_note else "value"}">{text}</span>'
