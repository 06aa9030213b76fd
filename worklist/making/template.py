"""What a rule makes of a subject: a template, compiled once and filled often: pure.

A template is a data set in DICOM JSON. Keys are tags or keywords, ``vr`` may be left
out, and texts of values may hold expressions in braces::

    {"ProcedureStepLabel": {"Value": ["Read {StudyDescription | 'the images'}"]},
     "PatientName": {"Value": ["{PatientName}"]}}

An expression is a path (`worklist.making.paths`) or several alternatives, of which the
first with a value counts; a text in ``'…'`` is one. A value that is nothing but an
expression becomes all values of it, as values of the attribute's representation
(`worklist.making.converting`); in other text the first one is read. ``{{`` and ``}}``
are braces.

An item whose expressions all led to nothing is left out. An attribute whose values did
is left out as well, or empty where the standard wants it to be there.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from core.errors import Invalid
from imaging.part10 import JsonModel
from imaging.query.attributes import resolve
from worklist.making.converting import converted, text_of
from worklist.making.paths import Path, Related, parse, values_at
from worklist.rules import ATTRIBUTES, Attribute
from worklist.rules.attributes import keyword_of, representation

MAXIMUM_ATTRIBUTES: Final = 500
DEEPEST: Final = 8
_TAG: Final = re.compile("[0-9A-F]{8}", re.ASCII)
_PIECE: Final = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]|[^{}]+")
_ALTERNATIVE: Final = re.compile(r"\s*((?:'[^']*'|[^'|])+)\s*(?:\||\Z)")


class Expression(NamedTuple):
    """Alternatives, of which the first that has values counts; texts are themselves."""

    alternatives: tuple[Path | str, ...]


class Text(NamedTuple):
    """Text with expressions in it."""

    pieces: tuple[Expression | str, ...]


@dataclass(frozen=True, slots=True)
class Item:
    """An item of a sequence.

    Attributes
    ----------
    fixed
        Attributes that are the same in each, those without a value among them.
    filled
        Those whose values depend on the subject.
    """

    fixed: JsonModel
    filled: tuple["Filled", ...]


@dataclass(frozen=True, slots=True)
class Filled:
    """An attribute whose values depend on the subject.

    Attributes
    ----------
    values
        Literal values, expressions, texts with such, and items.
    """

    tag: str
    vr: str
    values: tuple[Any, ...]


def compiled(raw: object, *, is_dicom: bool) -> Item:
    """Return a template that can be filled.

    What the standard wants in each item, though it may be empty, is put in.

    Raises
    ------
    Invalid
        It is none; `path` names the attribute.
    """
    return _Compiler(is_dicom=is_dicom).item(raw, "", 0, ATTRIBUTES)


def filled(template: Item, subject: Any, related: Related) -> JsonModel:
    """Return the data set that a template makes of a subject."""
    return _item(template, subject, related)[0]


def _item(item: Item, subject: Any, related: Related) -> tuple[JsonModel, bool]:
    """Return an item, and whether any of its expressions has led to something."""
    model = dict(item.fixed)
    has_any = not item.filled
    for each in item.filled:
        values = list(_values(each, subject, related))
        has_any = has_any or bool(values)
        if values:
            model[each.tag] = {"vr": each.vr, "Value": values}
    return model, has_any


def _values(attribute: Filled, subject: Any, related: Related) -> Iterator[Any]:
    for value in attribute.values:
        match value:
            case Expression():
                found = evaluated(value, subject, related)
                yield from converted(attribute.tag, attribute.vr, found)
            case Text(pieces):
                text = "".join(_read(each, subject, related) for each in pieces)
                yield from converted(attribute.tag, attribute.vr, [text])
            case Item():
                model, has_any = _item(value, subject, related)
                if has_any:
                    yield model
            case _:
                yield value


def evaluated(expression: Expression, subject: Any, related: Related) -> Sequence[Any]:
    """Return the values of an expression."""
    for each in expression.alternatives:
        if isinstance(each, str):
            return [each]
        if values := values_at(each, subject, related):
            return values
    return []


def _read(piece: Expression | str, subject: Any, related: Related) -> str:
    if isinstance(piece, str):
        return piece
    found = evaluated(piece, subject, related)
    return text_of(found[0]) if found else ""


def parse_expression(text: str, *, is_dicom: bool) -> Expression:
    """Return alternatives that are written with bars between them.

    Raises
    ------
    Invalid
        One of them is neither a path nor a text.
    """
    alternatives: list[Path | str] = []
    at = 0
    while at < len(text) or not alternatives:
        found = _ALTERNATIVE.match(text, at)
        if found is None:
            message = f"{text[:60]!r} is no path; a text stands in '…'."
            raise Invalid(message)
        each, at = found[1].strip(), found.end()
        if len(each) > 1 and each[0] == each[-1] == "'":
            alternatives.append(each[1:-1])
        else:
            alternatives.append(parse(each, is_dicom=is_dicom))
    return Expression(tuple(alternatives))


class _Compiler:
    """A template while it is read."""

    def __init__(self, *, is_dicom: bool) -> None:
        self.is_dicom = is_dicom
        self.number = 0

    def item(
        self, raw: object, place: str, depth: int, rows: Mapping[str, Attribute]
    ) -> Item:
        if not isinstance(raw, Mapping):
            message = "A data set is an object: attributes by tag or keyword."
            raise Invalid(message, path=place or None)
        if depth > DEEPEST:
            message = f"Sequences are nested {DEEPEST} levels deep at most."
            raise Invalid(message, path=place)
        fixed, told = empty_attributes(rows, is_data_set=depth == 0), []
        for name, attribute in raw.items():
            each = self._attribute(str(name), attribute, place, depth, rows)
            if any(
                isinstance(value, Expression | Text | Item) for value in each.values
            ):
                told.append(each)
            else:
                values = {"Value": list(each.values)} if each.values else {}
                fixed[each.tag] = {"vr": each.vr, **values}
        return Item(fixed, tuple(told))

    def _attribute(
        self,
        name: str,
        raw: object,
        above: str,
        depth: int,
        rows: Mapping[str, Attribute],
    ) -> Filled:
        tag = resolve(name) or _newer(name.upper())
        if not tag or "." in tag:
            message = f"{name[:64]} is no attribute: write a keyword or 8 digits."
            raise Invalid(message, path=above or None)
        called = keyword_of(tag) or name
        place = f"{above}.{called}" if above else called
        self.number += 1
        if self.number > MAXIMUM_ATTRIBUTES:
            message = f"A template has at most {MAXIMUM_ATTRIBUTES} attributes."
            raise Invalid(message)
        if not isinstance(raw, Mapping) or not isinstance(raw.get("Value", []), list):
            message = 'An attribute is an object with "Value": [ … ].'
            raise Invalid(message, path=place)
        vr = str(raw.get("vr") or representation(tag).partition(" or ")[0])
        if not vr:
            message = 'The dictionary does not know this attribute: say its "vr".'
            raise Invalid(message, path=place)
        below = rows[tag].children if tag in rows else {}
        values = tuple(
            self._value(each, vr, place, depth, below) for each in raw.get("Value", [])
        )
        return Filled(tag, vr, values)

    def _value(
        self,
        value: object,
        vr: str,
        place: str,
        depth: int,
        below: Mapping[str, Attribute],
    ) -> Any:
        if isinstance(value, str):
            return self._text(value, place)
        if vr == "SQ":
            return self.item(value, place, depth + 1, below)
        if vr == "PN" and isinstance(value, Mapping):
            if any("{" in str(each) for each in value.values()):
                message = "A name is filled as a whole: write the path as the value."
                raise Invalid(message, path=place)
            return dict(value)
        return value

    def _text(self, text: str, place: str) -> Expression | Text | str:
        pieces: list[Expression | str] = []
        for found in _PIECE.finditer(text):
            piece, inner = found[0], found[1]
            if piece in {"{", "}"}:
                message = "A brace has no partner; write {{ or }} for a brace."
                raise Invalid(message, path=place)
            if inner is None:
                pieces.append(piece[:1] if piece in {"{{", "}}"} else piece)
                continue
            try:
                pieces.append(parse_expression(inner, is_dicom=self.is_dicom))
            except Invalid as error:
                raise Invalid(error.message, path=place) from error
        if len(pieces) == 1 and isinstance(pieces[0], Expression):
            return pieces[0]
        if any(isinstance(each, Expression) for each in pieces):
            return Text(tuple(pieces))
        return "".join(map(str, pieces))


def _newer(tag: str) -> str:
    """Return a tag that the table of the standard has, and no dictionary yet."""
    return tag if _TAG.fullmatch(tag) and keyword_of(tag) else ""


def empty_attributes(rows: Mapping[str, Attribute], *, is_data_set: bool) -> JsonModel:
    """Return what the standard wants to be there, with or without a value.

    Those of type 2 of table CC.2.5-3, of an item or of the data set itself; and those
    of type 1C of the data set, which may be empty as well.
    """
    wanted = {"2", "1C"} if is_data_set else {"2"}
    return {
        each.tag: {"vr": each.vr}
        for each in rows.values()
        if each.create.scu in wanted and each.create.scp != "1C"
    }
