"""LOINC as Regenstrief publishes it: its table, and the hierarchy of components.

References
----------
LOINC Users' Guide, ``Loinc.csv`` and ``ComponentHierarchyBySystem.csv``.
"""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from core.errors import Invalid
from fhirlink.terminology.content import Content, Term

SYSTEM: Final = "http://loinc.org"
_TABLE: Final = ("LOINC_NUM", "LONG_COMMON_NAME")
_HIERARCHY: Final = ("IMMEDIATE_PARENT", "CODE", "CODE_TEXT")


def read_loinc(*paths: Path) -> Content:
    """Return the codes of a table, and what is above them where the hierarchy is given.

    Raises
    ------
    Invalid
        One of the files is neither.
    """
    return Content(SYSTEM, (term for path in paths for term in _terms(path)))


def _terms(path: Path) -> Iterator[Term]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        try:
            rows = csv.DictReader(file)
            columns = set(rows.fieldnames or ())
            if columns.issuperset(_TABLE):
                yield from map(_named, rows)
            elif columns.issuperset(_HIERARCHY):
                yield from map(_below, rows)
            else:
                message = (
                    f"{path.name} is neither Loinc.csv nor a hierarchy of it: its first"
                    f" line names neither {_TABLE[0]} nor {_HIERARCHY[0]}."
                )
                raise Invalid(message)
        except (UnicodeDecodeError, csv.Error) as error:
            message = f"{path.name} is no table in UTF-8: {error}."
            raise Invalid(message) from error


def _named(row: dict[str, str]) -> Term:
    return Term(row["LOINC_NUM"] or "", row["LONG_COMMON_NAME"] or "")


def _below(row: dict[str, str]) -> Term:
    parent = row["IMMEDIATE_PARENT"] or ""
    return Term(row["CODE"], row["CODE_TEXT"] or "", (parent,) if parent else ())
