"""What is shown of a report, before it is HTML or plain text."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a value.

    Attributes
    ----------
    is_note
        Whether it explains the value: a code, a number of frames.
    link
        Where it leads: below the address of the service, or ``#`` and the number of
        an item; empty where it does not.
    """

    text: str
    is_note: bool = False
    link: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """A content item with those below it.

    Attributes
    ----------
    number
        Its place in the tree, as by-reference relationships name it: ``1.2.1``.
    how
        What it is to the item above it; empty where it is just contained.
    """

    number: str
    how: str
    name: str
    value: tuple[Piece, ...]
    items: tuple["Item", ...]
    is_container: bool


@dataclass(frozen=True, slots=True)
class Report:
    """A whole report.

    Attributes
    ----------
    facts
        Labels and values: of whom it is, and how far it is done.
    is_cut
        Whether there is more than is shown.
    """

    title: str
    facts: tuple[tuple[str, str], ...]
    items: tuple[Item, ...]
    is_cut: bool
