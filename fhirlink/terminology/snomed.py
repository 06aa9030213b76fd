"""SNOMED CT as RF2: a snapshot's descriptions and relationships.

References
----------
SNOMED CT Release File Specifications 4.2: description and relationship files.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from core.errors import Invalid
from fhirlink.terminology.content import Content, Term, lines_of, wrong

SYSTEM: Final = "http://snomed.info/sct"
_IS_A: Final = "116680003"
_FULLY_SPECIFIED: Final = "900000000000003001"
_ACTIVE: Final = "1"
_PATTERNS: Final = {
    "descriptions": "sct2_Description_Snapshot*.txt",
    "relationships": "sct2_Relationship_Snapshot*.txt",
}
_DESCRIPTION: Final = ("id", "active", "conceptId", "typeId", "term")
_RELATIONSHIP: Final = ("id", "active", "sourceId", "destinationId", "typeId")


def read_snomed(folder: Path) -> Content:
    """Return the concepts of a release, by the folder that it was unpacked to.

    Raises
    ------
    Invalid
        There is no snapshot in it.
    """
    found = {what: sorted(folder.rglob(name)) for what, name in _PATTERNS.items()}
    for what, paths in found.items():
        if not paths:
            message = (
                f"There are no {what} of a snapshot ({_PATTERNS[what]}) in {folder}."
            )
            raise Invalid(message)
    return Content(SYSTEM, _terms(found["descriptions"], found["relationships"]))


def _terms(descriptions: list[Path], relationships: list[Path]) -> Iterator[Term]:
    for path in descriptions:
        for _, active, concept, kind, term in _rows(path, _DESCRIPTION):
            if active == _ACTIVE and kind == _FULLY_SPECIFIED:
                yield Term(concept, term)
    for path in relationships:
        for _, active, source, target, kind in _rows(path, _RELATIONSHIP):
            if active == _ACTIVE and kind == _IS_A:
                yield Term(source, parents=(target,))


def _rows(path: Path, wanted: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    lines = lines_of(path)
    _, header = next(lines, (0, ""))
    names = header.split("\t")
    if not set(wanted).issubset(names):
        what = f"The first line does not name {', '.join(wanted)}."
        raise wrong(path, 1, what)
    places = [names.index(name) for name in wanted]
    for number, line in lines:
        row = line.split("\t")
        if len(row) != len(names):
            what = f"There are {len(row)} columns, and {len(names)} in the first line."
            raise wrong(path, number, what)
        yield tuple(row[place] for place in places)
